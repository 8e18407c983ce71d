"""The assistant: a question in, an answer out. The steps, in order, a module each:

language, follow-up, personal medical question, retrieval, reading, decision, agreement, flags,
citation.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import QuestionError
from corpus.model import Document
from index.kept import Kept
from index.likeness import QuestionWord
from index.model import Passage
from index.search import Found
from qa.agreement import agreement
from qa.answer import Agreement, Answer, CitedPassage, Flag, Outcome, Quote, SentenceSpan
from qa.choosing import choose, each_is_told, told_together
from qa.cite import cited
from qa.decision import default_decision, estranging, features
from qa.defining import to_define
from qa.flags import find_in
from qa.follow_up import standalone
from qa.language import Language, detect, likelier
from qa.medical import is_personal
from qa.phrasing import compared, in_full, is_defined, is_explained
from qa.question import checked
from qa.reader import Reader
from qa.reading import Read, Reads, by_best_unit, names, read, tells_of
from qa.retriever import Filters, Retriever
from qa.sourcing import Names, asks_source, sourced

_CANDIDATES = 10  # passages that are read
_KEPT_FLAGS = 1024  # documents and articles, by language, whose flags are kept
_EQUALLY_WELL = 0.02  # passages whose scores differ less answer equally well


@dataclass(frozen=True, slots=True)
class _Asked:
    """A question as it was understood.

    ``sought``: what is looked for, without the name of whose words are wanted; ``allowed``: which
    passages are theirs, shape (passages,), None for all; ``sides``: of two things compared, whether
    a text tells of the one, and of the other.
    """

    question: str
    standalone: str
    sought: str
    language: Language
    personal: bool
    words: list[QuestionWord]
    allowed: NDArray[np.bool_] | None
    sides: list[Callable[[str], bool]]


class Assistant:
    """Answers questions from an index. Safe to share between threads.

    >>> from qa import Assistant
    >>> answer = Assistant.open().ask("Which form of magnesium crosses the blood-brain barrier?")
    >>> answer.answers[0].quote
    """

    def __init__(
        self,
        retriever: Retriever,
        reader: Reads,
        *,
        prefer_less_commercial: bool = False,
        candidates: int = _CANDIDATES,
    ) -> None:
        if candidates < 1:
            raise QuestionError(f"candidates is {candidates}; read at least 1 passage.")
        self.retriever = retriever
        self.reader = reader
        self._candidates = candidates
        self._prefer_less_commercial = prefer_less_commercial
        self._flags: Kept[tuple[str, str, int | None], tuple[Flag, ...]] = Kept(_KEPT_FLAGS)

    @classmethod
    def open(
        cls,
        path: Path | str | None = None,
        *,
        model: str | None = None,
        reader: str | None = None,
        prefer_less_commercial: bool = False,
        candidates: int = _CANDIDATES,
    ) -> Assistant:
        """Open the index in ``path``; the user's own, made of the shipped articles if absent.

        ``reader``: a question-answering model by name or directory, instead of our own.
        ``candidates``: how many passages are read for a question, and put in order by that.

        Raises:
            StoreError: ``path`` was given and holds no index, or the index is damaged.
            ModelError: the encoder or the reader cannot be had.
            QuestionError: ``candidates`` is below 1.
        """
        retriever = Retriever.open(path, model=model)
        return cls(
            retriever,
            Reader.open(reader),
            prefer_less_commercial=prefer_less_commercial,
            candidates=candidates,
        )

    @property
    def documents(self) -> tuple[Document, ...]:
        """The documents that can be cited, in index order."""
        return tuple(self.retriever.documents.values())

    def flags(self, document: Document, language: str) -> tuple[Flag, ...]:
        """All marketing flags of a document, with labels in ``language``; found once, then kept."""
        return self._flags.get(
            (document.sha256, language, None), lambda: find_in(document, language)
        )

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        k: int = 5,
        on_stage: Callable[[str], None] | None = None,
    ) -> Answer:
        """Answer a question; ``history`` holds the reader's earlier questions, oldest first.

        ``k``: how many passages to show. ``on_stage`` is told ``found``, ``read`` and ``weighed``
        as these steps are done, for whoever shows progress.

        Raises:
            QuestionError: the question is empty, too long, not text, or in another language.
        """
        began = time.perf_counter()
        asked = self._understood(question, history)
        self._encode(asked)
        found = self._found(asked, max(k, self._candidates))
        retrieved = time.perf_counter()
        told = on_stage or _untold
        told("found")
        reads, confidence = self._weighed(asked, found)
        told("read")
        outcome = _outcome(asked, confidence)
        chosen = self._chosen(asked, reads) if outcome is Outcome.ANSWERED else []
        quotes = tuple(self._quote(one, confidence, reads[0]) for one in chosen)
        read_at = time.perf_counter()
        told("weighed")
        return Answer(
            question=asked.question,
            language=asked.language,
            standalone_question=asked.standalone,
            outcome=outcome,
            confidence=round(confidence, 4),
            answers=quotes,
            passages=self._passages(asked, found, reads, chosen, k),
            agreement=self._agreement(asked.sought, quotes, chosen),
            timings_ms={
                "retrieve": _milliseconds(began, retrieved),
                "read": _milliseconds(retrieved, read_at),
                "total": _milliseconds(began, time.perf_counter()),
            },
        )

    async def ask_async(self, question: str, history: Sequence[str] = (), *, k: int = 5) -> Answer:
        """``ask`` for a server's event loop, which goes on meanwhile.

        As many questions at once as there are cores; the others wait their turn.
        """
        import asyncio  # no terminal needs it

        asking = partial(self.ask, question, history, k=k)
        return await asyncio.get_running_loop().run_in_executor(self._threads, asking)

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        return ThreadPoolExecutor(os.cpu_count() or 1, "bijsluiter-ask")

    def weigh(
        self, question: str, history: Sequence[str] = ()
    ) -> tuple[dict[str, float], tuple[Quote, ...]]:
        """What the decision weighs for a question, and what is quoted where it answers.

        For fitting the decision (see ``qa.decision``): the quotes come with no confidence.
        """
        asked = self._understood(question, history)
        self._encode(asked)
        found = self._found(asked, self._candidates)
        reads = self._read(asked, found)
        quotes = tuple(self._quote(one, 0.0, reads[0]) for one in self._chosen(asked, reads))
        return self._features(asked, found, reads), quotes

    def _understood(self, question: str, history: Sequence[str]) -> _Asked:
        text = checked(question)
        language = detect(text, likelier(history[-1]) if history else "nl")
        encode = self.retriever.index.embedder.embed_queries
        whole = standalone(text, history, language, encode)
        sought, sources = sourced(whole, self._names) if asks_source(whole) else (whole, None)
        sought = in_full(sought)
        return _Asked(
            question=text,
            standalone=whole if sources else sought,
            sought=sought,
            language=language,
            personal=is_personal(sought, language),
            words=self.retriever.index.question_words(sought),
            allowed=self.retriever.allowed(Filters(sources=sources)) if sources else None,
            sides=self._sides(sought, language),
        )

    @cached_property
    def _names(self) -> Names:
        return Names.of(self.retriever.index.sources.all())

    def _found(self, asked: _Asked, count: int) -> list[Found]:
        return self.retriever.index.search(asked.sought, count, asked.allowed)

    def _read(self, asked: _Asked, found: Sequence[Found]) -> list[Read]:
        index = self.retriever.index
        return read(
            asked.sought,
            found[: self._candidates],
            asked.words,
            index.words,
            self.reader,
            asked.language,
            explained=is_explained(asked.sought, asked.language),
            defined=is_defined(asked.sought, asked.language),
            thing=to_define(asked.sought, asked.words),
        )

    def _encode(self, asked: _Asked) -> None:
        """Encode the question and those that the decision compares in one go: from here on their
        vectors are remembered."""
        without = estranging(asked.sought, asked.words, asked.language)
        self.retriever.index.embedder.embed_queries([asked.sought, *without.values()])

    def _features(
        self, asked: _Asked, found: Sequence[Found], reads: Sequence[Read]
    ) -> dict[str, float]:
        index = self.retriever.index
        return features(
            found,
            reads,
            asked.sought,
            asked.words,
            index.words,
            asked.language,
            index.unit_meanings,
            apart=each_is_told(reads, asked.sides),
        )

    def _weighed(self, asked: _Asked, found: Sequence[Found]) -> tuple[list[Read], float]:
        """What was read, best first, and the confidence that it answers."""
        reads = self._read(asked, found)
        if not reads:
            return reads, 0.0
        return reads, default_decision().confidence(self._features(asked, found, reads))

    def _chosen(self, asked: _Asked, reads: Sequence[Read]) -> list[Read]:
        words = self.retriever.index.words
        return choose(
            reads,
            asked.sought,
            asked.language,
            self._publisher,
            lambda text: names(text, asked.words, words),
            asked.sides,
        )

    def _sides(self, sought: str, language: Language) -> list[Callable[[str], bool]]:
        """Whether a text tells of the one, and of the other, of two things that are compared."""
        things = compared(sought, language)
        if things is None:
            return []
        index = self.retriever.index
        named = [index.question_words(thing) for thing in things]
        both = {word.word for word in named[0]} & {word.word for word in named[1]}
        own = [[word for word in words if word.word not in both] for words in named]
        if not all(own):
            return []
        return [partial(tells_of, questioned=one, words=index.words) for one in own]

    def _quote(self, one: Read, confidence: float, best: Read) -> Quote:
        place, unit = one.passage.places[0], one.unit
        return Quote(
            quote=one.passage.text[one.start : one.end],
            source=place.source,
            start=place.start + one.start,
            end=place.start + one.end,
            sentence=SentenceSpan(place.start + unit.start, place.start + unit.end),
            confidence=round(max(confidence - (best.score - one.score), 0.0), 4),
        )

    def _publisher(self, one: Read) -> str:
        source = self.retriever.index.sources[one.passage.places[0].source]
        return source.publisher or source.file

    def _agreement(
        self, question: str, quotes: Sequence[Quote], chosen: Sequence[Read]
    ) -> Agreement:
        sentences = [one.passage.text[one.unit.start : one.unit.end] for one in chosen]
        publishers = [self._publisher(one) for one in chosen]
        return agreement(question, list(zip(quotes, publishers, sentences, strict=True)))

    def _passages(
        self,
        asked: _Asked,
        found: Sequence[Found],
        reads: Sequence[Read],
        chosen: Sequence[Read],
        k: int,
    ) -> tuple[CitedPassage, ...]:
        """The passages to show, those of the answers among them, with their flags.

        One that tells of each of two things compared comes first: it answers by itself.
        """
        ranked = by_best_unit(found, reads)
        quoted = list(dict.fromkeys(one.found.number for one in chosen))[:k]
        order = [pair for pair in ranked if pair[0].number in quoted]
        order += [pair for pair in ranked if pair[0].number not in quoted]
        shown = sorted(order[:k], key=lambda pair: (-pair[1], pair[0].number))
        if self._prefer_less_commercial:
            shown = self._less_commercial_first(shown, asked.language)
        together = told_together(chosen, asked.sides)
        shown.sort(key=lambda pair: pair[0].number not in together)
        return tuple(
            cited(
                one.passage,
                rank,
                score,
                self.retriever.index.sources,
                self._flags_in(one.passage, asked.language),
            )
            for rank, (one, score) in enumerate(shown, start=1)
        )

    def _flags_in(self, passage: Passage, language: Language) -> tuple[Flag, ...]:
        """The flags that stand in a passage at its first place."""
        place = passage.places[0]
        document = self.retriever.documents[place.source]
        flags = self._flags.get(
            (document.sha256, language, place.article),
            lambda: find_in(document, language, article=place.article),
        )
        return tuple(f for f in flags if f.start < place.end and f.end > place.start)

    def _less_commercial_first(
        self, shown: Sequence[tuple[Found, float]], language: Language
    ) -> list[tuple[Found, float]]:
        """Passages that answer about equally well, the less commercial first."""

        from qa.flags.commercial import commercial_weight

        def weight(one: Found) -> float:
            source = self.retriever.index.sources[one.passage.places[0].source]
            return commercial_weight(self._flags_in(one.passage, language), source)

        return sorted(shown, key=lambda pair: (round(-pair[1] / _EQUALLY_WELL), weight(pair[0])))


def _outcome(asked: _Asked, confidence: float) -> Outcome:
    if asked.personal:
        return Outcome.SEE_A_PROFESSIONAL
    if confidence >= default_decision().threshold:
        return Outcome.ANSWERED
    return Outcome.NOT_IN_SOURCES


def _untold(stage: str) -> None:
    """Nobody wants to know."""


def _milliseconds(began: float, ended: float) -> float:
    return round((ended - began) * 1000, 2)
