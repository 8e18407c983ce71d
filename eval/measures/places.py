"""Measures over places: spans ``(file, start, end)`` in the texts."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from eval.measures.words import fold

_HALF = 0.5
# Where a quoted list falls apart into items: lines, bullets, commas, and the last "en" or "and".
_BETWEEN_ITEMS = re.compile(r"[\n;,•·()]|^\s*[-*–]\s|\s(?:en|of|and|or|&)\s", re.MULTILINE)


class Place(NamedTuple):
    """A slice of a file, ``start`` and ``end`` in characters of its text."""

    file: str
    start: int
    end: int

    def overlap(self, other: Place) -> int:
        """The number of characters that both places hold."""
        if self.file != other.file:
            return 0
        return max(0, min(self.end, other.end) - max(self.start, other.start))

    def covers(self, other: Place) -> bool:
        """Whether ``other`` lies wholly within this place."""
        return self.file == other.file and self.start <= other.start and other.end <= self.end


def passage_hit(passage: Place, gold: Place, answers: Iterable[Place]) -> bool:
    """Whether a retrieved passage hits a gold passage.

    It does when it covers an answer span that lies in the gold passage, or at least half of the
    gold passage (the project's FORMAT.md). ``answers`` are the gold answer spans that may count.
    """
    if any(gold.covers(answer) and passage.covers(answer) for answer in answers):
        return True
    return passage.overlap(gold) >= _HALF * (gold.end - gold.start)


def answer_in_passage(quote: Place | None, passages: Sequence[Place]) -> float | None:
    """1.0 when at least half of the quote's characters lie in the gold passages, else 0.0.

    Half, because a quote may be the whole sentence where the gold is one clause, or a list of
    which each bullet is a gold passage. No quote counts 0.0; None when there is no gold.
    """
    if not passages:
        return None
    if quote is None:
        return 0.0
    return float(_covered(quote, passages) >= _HALF * (quote.end - quote.start))


def groups_covered(quotes: Sequence[Place], groups: Mapping[str, Sequence[Place]]) -> float | None:
    """The share of the sides of a disagreement that the answer shows.

    A side is shown when a quote holds at least half of one of its gold spans. None when there are
    no sides.
    """
    if not groups:
        return None
    shown = sum(
        any(
            quote.overlap(gold) >= _HALF * (gold.end - gold.start)
            for quote in quotes
            for gold in golds
        )
        for golds in groups.values()
    )
    return shown / len(groups)


def pieces(place: Place, text: str) -> list[Place]:
    """A quoted list taken apart into its items: at line ends, bullets, commas, "en" and "and"."""
    found: list[Place] = []
    quote = text[place.start : place.end]
    ends = [match.span() for match in _BETWEEN_ITEMS.finditer(quote)]
    starts = [0, *(end for _, end in ends)]
    for start, end in zip(starts, [*(start for start, _ in ends), len(quote)], strict=True):
        piece = quote[start:end]
        if fold(piece):
            left = start + len(piece) - len(piece.lstrip())
            right = start + len(piece.rstrip())
            found.append(Place(place.file, place.start + left, place.start + right))
    return found


def item_precision(
    quotes: Sequence[Place],
    items: Sequence[Place],
    partial: Sequence[Place],
    text: Mapping[str, str],
) -> float | None:
    """The share of the quoted items that are gold.

    Quotes are taken apart with ``pieces``; a piece is right when it and a gold item hold at least
    half of one another's characters either way. Pieces that only meet ``partial`` items (rel 1)
    are left out. None when nothing was quoted, or nothing that can be judged.
    """
    judged = right = 0
    for piece in {p for quote in quotes for p in pieces(quote, text[quote.file])}:
        if any(_meet(piece, item) for item in items):
            judged, right = judged + 1, right + 1
        elif not any(_meet(piece, item) for item in partial):
            judged += 1
    return right / judged if judged else None


def item_recall(
    quotes: Sequence[Place], items: Sequence[Place], text: Mapping[str, str]
) -> float | None:
    """The share of the different gold items that the answer quotes, whichever source says them.

    Items with the same words are one item; it is found when a quote covers it in any place. None
    when there are no items.
    """
    wanted = {_words(item, text) for item in items}
    return len(_found(quotes, items, text) & wanted) / len(wanted) if wanted else None


def item_recall_one_source(
    quotes: Sequence[Place], items: Sequence[Place], text: Mapping[str, str]
) -> float | None:
    """The best share, over the sources, of one source's different gold items that are quoted.

    A full list from one publisher answers a list question; ``item_recall`` asks for the union of
    all publishers' lists. None when there are no items.
    """
    found = _found(quotes, items, text)
    shares = []
    for file in {item.file for item in items}:
        wanted = {_words(item, text) for item in items if item.file == file}
        shares.append(len(found & wanted) / len(wanted))
    return max(shares, default=None)


def citation_exactness(
    citations: Sequence[tuple[Place, str]], text: Mapping[str, str]
) -> float | None:
    """The share of citations whose text is the slice that they cite; promise 1 wants exactly 1.0.

    None when nothing is cited.
    """
    if not citations:
        return None
    exact = sum(
        # A slice past the end would be clamped by Python and look right.
        0 <= place.start < place.end <= len(text.get(place.file, ""))
        and text[place.file][place.start : place.end] == quote
        for place, quote in citations
    )
    return exact / len(citations)


def _covered(quote: Place, passages: Sequence[Place]) -> int:
    """How many of the quote's characters lie in any of the passages."""
    total, reached = 0, quote.start
    for passage in sorted(p for p in passages if p.file == quote.file):
        start, end = max(passage.start, reached), min(passage.end, quote.end)
        if end > start:
            total += end - start
            reached = end
    return total


def _meet(piece: Place, item: Place) -> bool:
    shorter = min(piece.end - piece.start, item.end - item.start)
    return piece.overlap(item) >= max(1, _HALF * shorter)


def _words(item: Place, text: Mapping[str, str]) -> str:
    return fold(text[item.file][item.start : item.end])


def _found(quotes: Sequence[Place], items: Sequence[Place], text: Mapping[str, str]) -> set[str]:
    return {_words(item, text) for item in items if any(quote.covers(item) for quote in quotes)}
