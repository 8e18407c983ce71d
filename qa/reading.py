"""Read what was found: which words of which sentence, item or row answer best.

The reader looks for a span in every candidate passage and says how it stands against "no answer";
that margin is added to what retrieval knows of the sentence. The same sentence in two overlapping
passages counts once. Weights: ``data/reading.toml``.
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from typing import Protocol

from corpus.model import Kind
from index.likeness import QuestionWord, met_in
from index.model import Passage, Unit
from index.search import Found
from index.words import Words, content_words, stem
from qa.defining import definition
from qa.enumerating import enumeration
from qa.figures import with_measure, without_notes
from qa.language import Language, likelier
from qa.lists import introduces
from qa.naming import asked_kind
from qa.phrasing import (
    asks_why,
    gives_reason,
    is_condition,
    is_yes_no,
    says_yes_or_no,
    without_link,
)
from qa.reader import Reading, Span

_KEPT_LANGUAGES = 4096  # passages whose language is remembered
_BREAK = re.compile(r"[,;:()\[\]\n—–]\s*|[.!?](?:\s+|$)|\s-\s")  # between clauses
_BRACKETS = re.compile(r"\([^()]*\)")
_DEFINE_NOT = frozenset({Kind.REFERENCE, Kind.TABLE_ROW})
_LITTLE = 3  # content words of a clause that says little
_NAME = 2  # content words; what is longer says something of what it names


class Reads(Protocol):
    """The door of ``qa.Reader`` that the assistant uses."""

    def read(
        self, question: str, passages: Sequence[str], contexts: Sequence[str] | None = None
    ) -> list[Reading]:
        """One reading for each passage, in their order."""
        ...


@dataclass(frozen=True, slots=True)
class Weights:
    """How the signals are added up; see ``data/reading.toml``."""

    passage: float
    unit: float
    words: float
    margin: float
    margin_bound: float
    answers: float
    announces: float
    reference: float
    defines: float
    undefined: float
    unnamed: float
    foreign: float
    unreasoned: float
    another: float
    same: float
    retrieval: float


@dataclass(frozen=True, slots=True)
class Read:
    """A unit that may answer. ``start``/``end`` are offsets of the answering words in the passage.

    ``score`` ranks within one question; ``margin`` is how far the reader's best span in the unit
    stands above no answer, in logits.
    """

    found: Found
    number: int
    start: int
    end: int
    score: float
    margin: float

    @property
    def passage(self) -> Passage:
        """The passage that the unit is of."""
        return self.found.passage

    @property
    def unit(self) -> Unit:
        """The unit: a sentence, list item, table row or reference."""
        return self.passage.units[self.number]

    @property
    def text(self) -> str:
        """The unit's words."""
        return self.passage.text[self.unit.start : self.unit.end]

    @property
    def key(self) -> tuple[str, int]:
        """Where the unit stands, the same for overlapping passages."""
        place = self.passage.places[0]
        return place.source, place.start + self.unit.start


@cache
def weights() -> Weights:
    """The weights in ``data/reading.toml``."""
    return Weights(**tomllib.loads(files("qa").joinpath("data/reading.toml").read_text("utf-8")))


def read(
    question: str,
    found: Sequence[Found],
    questioned: Sequence[QuestionWord],
    words: Words,
    reader: Reads,
    language: Language,
    *,
    explained: bool = False,
    defined: bool = False,
    thing: Sequence[QuestionWord] = (),
) -> list[Read]:
    """All units of the passages found, the best first, each place once.

    ``language``: the question's, for what is told in the other one is farther from it in meaning.
    ``explained``: it asks what something is or does, which a name alone does not say; ``defined``:
    what a thing is, which neither a table's row nor a title says; ``thing``: the words of it.
    """
    texts = [one.passage.text for one in found]
    contexts = [" | ".join(one.passage.headings[-2:]) for one in found]
    kind, why = asked_kind(question), asks_why(question, language)
    whether = is_yes_no(question, language)
    best: dict[tuple[str, int], Read] = {}
    for one, reading in zip(found, reader.read(question, texts, contexts), strict=True):
        foreign = told_in(one.passage) != language
        for number in range(len(one.passage.units)):
            unit = _read(one, number, reading, questioned, words, explained, defined, foreign)
            if thing:
                unit = _defining(unit, thing, language)
            if kind is not None and not kind.named(unit.text):
                unit = replace(unit, score=unit.score - weights().unnamed)
            if why and not gives_reason(unit.text):
                unit = replace(unit, score=unit.score - weights().unreasoned)
            if whether and says_yes_or_no(unit.text):
                same = _named(" ".join(one.passage.headings[-1:]), questioned, words)
                fits = weights().same * same - weights().another * (1 - same)
                unit = replace(unit, score=unit.score + fits)
            if unit.key not in best or unit.score > best[unit.key].score:
                best[unit.key] = unit
    return sorted(best.values(), key=lambda unit: (-unit.score, unit.key))


def says_what(
    read: Read, thing: Sequence[QuestionWord], language: Language
) -> tuple[int, int] | None:
    """Where in its passage a unit says what a thing is, None where it does not.

    ``language``: the question's. In the other one, words that nobody can translate are not
    expected.
    """
    known = [word for word in thing if word.terms] if told_in(read.passage) != language else thing
    said = definition(read.text, known) if known else None
    return (read.unit.start + said[0], read.unit.start + said[1]) if said else None


def _defining(read: Read, thing: Sequence[QuestionWord], language: Language) -> Read:
    """What was read where it is asked what a thing is: less worth where the unit does not say.

    Where it does, the words that say so are quoted, if the reader marked others.
    """
    said = says_what(read, thing, language)
    if said is None:
        return replace(read, score=read.score - weights().undefined)
    if read.start < said[1] and said[0] < read.end:
        return read
    return replace(read, start=said[0], end=said[1])


def by_best_unit(found: Sequence[Found], reads: Sequence[Read]) -> list[tuple[Found, float]]:
    """The passages with the scores that they are shown by, best first."""
    own = weights()
    best: dict[tuple[str, int], Read] = {read.key: read for read in reads}
    scored = []
    for one in found:
        place = one.passage.places[0]
        units = [
            best[key]
            for unit in one.passage.units
            if (key := (place.source, place.start + unit.start)) in best
        ]
        top = max((u.score for u in units), default=one.score)
        margin = max((bounded(u.margin) for u in units), default=0.0)
        score = own.retrieval * (one.score + own.margin * margin) + (1 - own.retrieval) * top
        scored.append((one, score))
    return sorted(scored, key=lambda pair: (-pair[1], pair[0].number))


def _read(
    found: Found,
    number: int,
    reading: Reading,
    questioned: Sequence[QuestionWord],
    words: Words,
    explained: bool,
    defined: bool,
    foreign: bool,
) -> Read:
    own, passage = weights(), found.passage
    unit = passage.units[number]
    around = " ".join([*passage.headings[-1:], unit.context, passage.text[unit.start : unit.end]])
    share = _named(around, questioned, words)
    span = _span_in(passage.text, unit, reading, explained)
    margin = (span.score if span else _below(reading)) - reading.null
    score = (
        own.passage * found.meaning
        + own.unit * found.unit_meanings[number]
        + own.words * share
        + own.margin * bounded(margin)
        + own.answers * (_chance(margin) - 0.5)
        - own.announces * introduces(passage, number)
        - own.reference * (unit.kind is Kind.REFERENCE)
        - own.defines * (defined and unit.kind in _DEFINE_NOT)
        + own.foreign * foreign
    )
    start, end = _answering(passage, unit, span, questioned, words, explained)
    return Read(found, number, start, end, score, margin)


def names(text: str, questioned: Sequence[QuestionWord], words: Words) -> float:
    """How much of the question's word weight a text meets."""
    met = met_in(questioned, words.terms_in(text))
    return sum(word.weight * met[word.word] for word in questioned)


def _named(text: str, questioned: Sequence[QuestionWord], words: Words) -> float:
    """The share of the question's word weight that a text meets; 0 of none."""
    total = sum(word.weight for word in questioned)
    return names(text, questioned, words) / total if total else 0.0


def told_in(passage: Passage) -> Language:
    """The language, Dutch or English, that a passage is in."""
    return _language(passage.text)


@lru_cache(_KEPT_LANGUAGES)
def _language(text: str) -> Language:
    return likelier(text)


def tells_of(text: str, questioned: Sequence[QuestionWord], words: Words) -> bool:
    """Whether a text names at least half of some words by weight."""
    total = sum(word.weight for word in questioned)
    return names(text, questioned, words) >= total / 2


def bounded(margin: float) -> float:
    """A margin in logits, beyond which the reader cannot be surer."""
    bound = weights().margin_bound
    return max(-bound, min(bound, margin))


def _chance(margin: float) -> float:
    """A margin as a chance, 0 to 1, that the span answers; half where it equals no answer."""
    return 1 / (1 + math.exp(-bounded(margin)))


def _span_in(text: str, unit: Unit, reading: Reading, explained: bool) -> Span | None:
    """The reader's best span that lies in the unit; one that is more than a name, if need be."""
    end = unit.start + len(without_notes(text[unit.start : unit.end]))  # a note answers nothing
    inside = [s for s in reading.spans if unit.start <= s.start < end and s.end <= unit.end]
    if explained:
        inside = [_clause(text, unit, span) for span in inside]
        inside = [span for span in inside if not _names(text[span.start : span.end])]
    return max(inside, key=lambda span: span.score, default=None)


def _clause(text: str, unit: Unit, span: Span) -> Span:
    """A span that only names something, widened to the clause in which it stands.

    And to the next one where that says little more: "LTP, the strengthening of synapses". A clause
    that only tells when something holds is no answer: there the name stays.
    """
    if not _names(text[span.start : span.end]):
        return span
    start = max(
        (m.end() for m in _BREAK.finditer(text, unit.start, span.start)), default=unit.start
    )
    for end in (*(m.start() for m in _BREAK.finditer(text, span.end, unit.end)), unit.end):
        plain = _BRACKETS.sub(" ", text[start:end])
        if "(" not in plain and len(content_words(plain)) > _LITTLE:
            break
    if is_condition(text[start:end]):
        return span
    if text[end : end + 1] == ",":  # not after the first thing of several that it names
        last = end - len(text[start:end].rsplit(maxsplit=1)[-1])
        _, wider, items = enumeration(text, last, end)
        end = wider if items > 1 and end < wider <= unit.end else end
    return replace(span, start=start, end=start + len(text[start:end].rstrip(" \n.!?")))


def _names(text: str) -> bool:
    return len(content_words(text)) <= _NAME


def _below(reading: Reading) -> float:
    """The score of a unit in which the reader marked nothing: under the worst that it marked.

    Never better than no answer, however well its neighbours do.
    """
    return min(min((span.score for span in reading.spans), default=reading.null) - 1, reading.null)


def _answering(
    passage: Passage,
    unit: Unit,
    span: Span | None,
    questioned: Sequence[QuestionWord],
    words: Words,
    explained: bool,
) -> tuple[int, int]:
    """The answering words: the reader's span, the telling cell of a row, or the whole unit.

    A row's first cell is its name, which does not say what is to be ``explained``.
    """
    if len(unit.cells) >= 2:
        cells = unit.cells[1:] if explained else unit.cells
        return _cell(cells, span, lambda cell: names(passage.text[slice(*cell)], questioned, words))
    quote = without_link(passage.text[span.start : span.end]) if span else ""
    if span is None or _says_nothing(quote, questioned):
        return unit.start, unit.end
    end = span.start + len(quote)
    return with_measure(passage.text, span.start, end, unit.start, unit.end)


def _cell(
    cells: Sequence[tuple[int, int]], span: Span | None, named: Callable[[tuple[int, int]], float]
) -> tuple[int, int]:
    """The cell of a row that holds most of the reader's span, which may run over fused cells.

    Where it marked none, the last of those that are ``named`` least by the question: a row's first
    cell is mostly its name.
    """

    def marked(cell: tuple[int, int]) -> int:
        return max(0, min(cell[1], span.end) - max(cell[0], span.start)) if span else 0

    most = max(cells, key=marked)
    return most if marked(most) else min(reversed(cells), key=named)


def _says_nothing(quote: str, questioned: Sequence[QuestionWord]) -> bool:
    """True where the quote says only what the question said, or no word and no figure at all.

    "Magnesium" is no answer to what magnesium does, nor is the D of "Vitamine D" one.
    """
    asked = {stem(word.word) for word in questioned}
    if any(c.isdecimal() for c in quote):
        return False
    return all(stem(word) in asked for word in content_words(quote))
