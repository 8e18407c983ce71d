"""From a passage that was found to a passage that is cited."""

from __future__ import annotations

from collections.abc import Mapping

from corpus.model import Source
from index.model import Passage
from index.passages import display_text
from qa.answer import CitedPassage, Flag, PlaceOf


def cited(
    passage: Passage,
    rank: int,
    score: float,
    sources: Mapping[str, Source],
    flags: tuple[Flag, ...] = (),
) -> CitedPassage:
    """The passage at its first place, with who published it."""
    place, *others = passage.places
    source = sources[place.source]
    return CitedPassage(
        rank=rank,
        source=place.source,
        publisher=source.publisher or place.source,
        article=passage.article,
        section=passage.headings,
        start=place.start,
        end=place.end,
        text=passage.text,
        score=round(score, 4),
        flags=flags,
        publisher_kind=source.publisher_kind,
        sells=source.sells,
        display=display_text(passage),
        also=tuple(PlaceOf(other.source, other.start, other.end) for other in others),
    )
