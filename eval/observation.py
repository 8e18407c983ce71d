"""What came out for one question, in a form that can be scored, stored and read back."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from eval.measures.places import Place
from qa.answer import Answer, CitedPassage

# What an outcome is called when the question raised an error; the others are qa.answer.Outcome.
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Observation:
    """What came out for one question.

    ``quotes`` are the answers, best first; ``sides`` the quotes of both sides where sources differ;
    ``shown`` the passages with the answer; ``found`` what the search found, each rank with every
    place where its passage stands, and None when nothing was searched. ``citations`` is every slice
    that was cited, with the text given for it. ``timings`` in milliseconds by stage.
    """

    outcome: str
    confidence: float = 0.0
    quotes: tuple[Place, ...] = ()
    sides: tuple[Place, ...] = ()
    shown: tuple[tuple[Place, ...], ...] = ()
    found: tuple[tuple[Place, ...], ...] | None = None
    citations: tuple[tuple[Place, str], ...] = ()
    timings: Mapping[str, float] = field(default_factory=dict)
    error: str = ""


def of_answer(answer: Answer, same: Mapping[Place, tuple[Place, ...]]) -> Observation:
    """An observation of an answer, without a search of its own.

    ``same`` maps a place to every place where the same passage stands.
    """
    citations: list[tuple[Place, str]] = []
    for quote in (*answer.answers, *(q for g in answer.agreement.groups for q in g.quotes)):
        citations.append((Place(quote.source, quote.start, quote.end), quote.quote))
    citations += [(place_of(passage), passage.text) for passage in answer.passages]
    return Observation(
        outcome=str(answer.outcome),
        confidence=answer.confidence,
        quotes=tuple(Place(q.source, q.start, q.end) for q in answer.answers),
        sides=tuple(
            Place(q.source, q.start, q.end)
            for group in answer.agreement.groups
            for q in group.quotes
        ),
        shown=everywhere(answer.passages, same),
        citations=tuple(citations),
        timings=dict(answer.timings_ms),
    )


def everywhere(
    passages: Sequence[CitedPassage], same: Mapping[Place, tuple[Place, ...]]
) -> tuple[tuple[Place, ...], ...]:
    """For every passage in its rank, all places where it stands."""
    cited = (place_of(passage) for passage in passages)
    return tuple(same.get(place, (place,)) for place in cited)


def place_of(passage: CitedPassage) -> Place:
    """Where a passage is cited."""
    return Place(passage.source, passage.start, passage.end)
