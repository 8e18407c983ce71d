"""What passes out of the answering room: the answer, and its JSON contract (docs/architecture.md).

Offsets are Python ``str`` offsets into the source's text: ``text[start:end] == quote``.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from enum import StrEnum
from typing import Any


class Outcome(StrEnum):
    """How a question ended."""

    ANSWERED = "answered"
    NOT_IN_SOURCES = "not_in_sources"
    SEE_A_PROFESSIONAL = "see_a_professional"


@dataclass(frozen=True, slots=True)
class Flag:
    """A marketing flag on a slice of the text; ``cue`` is the shortest words that trigger it.

    ``label`` and ``why`` are in the language that was asked for; ``note`` may add a finding of
    this very sentence (the nearest authorised claim, a dose that was read).
    """

    type: str
    start: int
    end: int
    cue_start: int
    cue_end: int
    severity: str
    label: str
    why: str
    basis: tuple[str, ...]
    note: str = ""


@dataclass(frozen=True, slots=True)
class SentenceSpan:
    """Where the sentence, list item or row around a quote stands."""

    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Quote:
    """An answer: exact words of a source."""

    quote: str
    source: str
    start: int
    end: int
    sentence: SentenceSpan
    confidence: float


@dataclass(frozen=True, slots=True)
class PlaceOf:
    """Another place where the same words stand (a repeated reference or disclaimer)."""

    source: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class CitedPassage:
    """A passage as shown with an answer. ``rank`` counts from 1 without gaps.

    ``publisher_kind`` and ``sells`` say who speaks; ``display`` is ``text`` tidied for the eye
    (white space, table cells apart) and is never to be cited; ``also`` lists the other places
    where the same words stand.
    """

    rank: int
    source: str
    publisher: str
    article: str
    section: tuple[str, ...]
    start: int
    end: int
    text: str
    score: float
    flags: tuple[Flag, ...] = ()
    publisher_kind: str = "unknown"
    sells: tuple[str, ...] = ()
    display: str = ""
    also: tuple[PlaceOf, ...] = ()


@dataclass(frozen=True, slots=True)
class Group:
    """Publishers that say the same; ``value`` is what they say (600, 's avonds)."""

    value: str
    publishers: tuple[str, ...]
    quotes: tuple[Quote, ...]


@dataclass(frozen=True, slots=True)
class Agreement:
    """How many independent publishers support the answer, and whether they differ."""

    publishers: int = 0
    conflict: bool = False
    groups: tuple[Group, ...] = ()


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to one question. ``timings_ms`` in milliseconds."""

    question: str
    language: str
    standalone_question: str
    outcome: Outcome
    confidence: float
    answers: tuple[Quote, ...]
    passages: tuple[CitedPassage, ...]
    agreement: Agreement
    timings_ms: dict[str, float]
    notes: tuple[str, ...] = ()

    def to_dict(self) -> dict[str, Any]:
        """The JSON contract, ready for ``json.dumps``."""
        return asdict(self)
