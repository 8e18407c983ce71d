"""Find the passages nearest to a question: meaning first, words where they tell.

Three signals are added: the passage's vector, the best vector of a unit in it (a sentence, item or
row), and the share of the question's word weight that the passage meets (``index.likeness``).
Their weights stand in ``data/ranking.toml`` with how they were chosen.

In a small index all passages and units are compared. In a large one (``index.vectors``) the nearest
passages and those that lead for the question's words are put forward; the units' vectors are looked
up for those only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib.resources import files
from pathlib import Path
from typing import NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from corpus.model import Document
from index.embedding import Embedder, Vectors, open_embedder
from index.likeness import MetByMany, QuestionWord, met, question_word
from index.model import Passage
from index.store import Manifest, Sources, Stored, open_stored
from index.vectors import PARTS, CodedVectors, ExactVectors, Method, StoredVectors
from index.words import Words, content_words

# Of a large index: so many by a rough look at meaning, with words, and so many by words alone …
_NEAR_OF_MANY, _WORDED_OF_MANY = 8000, 3000
_UNITS_OF_MANY = 4000  # … of which so many by a better look have their units looked at as well …
_MEASURED_OF_MANY = 64  # … and so many of those are measured: what is read for it is what costs
_BESIDE = 8  # questions whose vectors are sought at once, in threads beside their askers'
_KEPT_WORDS = 4096  # words of questions whose terms are remembered
_OWN, _OTHER = range(PARTS)  # of a large index: the asking thread's, and that of one beside it

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Found:
    """A passage found for a question. Of every score, more is better.

    ``number`` is the passage's place in the index; ``meaning`` is its cosine, ``unit_meanings``
    holds that of each of its units; ``words`` is the met share of the question's word weight, 0 to
    1; ``score`` ranks.
    """

    passage: Passage
    number: int
    score: float
    meaning: float
    words: float
    unit_meanings: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Weights:
    """How the signals are added up to the score."""

    meaning: float
    unit: float
    words: float


class _Worded(NamedTuple):
    """The passages of a large index that lead for a question's words, with the share of the word
    weight that each meets; ``met_by`` gives that of others."""

    met_by: MetByMany
    numbers: NDArray[np.int64]
    shares: Vectors


@cache
def default_weights() -> Weights:
    """The weights in ``data/ranking.toml``."""
    return Weights(**tomllib.loads(files("index").joinpath("data/ranking.toml").read_text("utf-8")))


class Index:
    """An opened index: its documents, its passages, and search over them. Threads may share it."""

    def __init__(self, stored: Stored, embedder: Embedder, weights: Weights) -> None:
        self._stored = stored
        self._weights = weights
        self.embedder = embedder
        self._beside = ThreadPoolExecutor(_BESIDE, "search")  # makes its threads when asked to
        self._word = lru_cache(_KEPT_WORDS)(partial(question_word, words=stored.words))

    @classmethod
    def open(cls, path: Path | None = None, model: str | None = None) -> Index:
        """Open the index in ``path`` (default: the user's) with the encoder that made it.

        Raises:
            StoreError: there is no index, it is damaged, or ``model`` is not what made it.
            ModelError: the encoder cannot be had.
        """
        stored = open_stored(path)
        embedder = open_embedder(model or stored.manifest.model)
        stored.require_model(embedder)
        return cls(stored, embedder, default_weights())

    def reweighed(self, weights: Weights) -> Index:
        """The same index, searched with other weights."""
        return Index(self._stored, self.embedder, weights)

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents that were indexed, by file name."""
        return self._stored.documents

    @property
    def sources(self) -> Sources:
        """Who published each document, by file name."""
        return self._stored.sources

    @property
    def source_numbers(self) -> NDArray[np.int32]:
        """The document of each passage's first place, counted as in ``documents``."""
        return self._stored.source_numbers

    @property
    def passages(self) -> Sequence[Passage]:
        """All passages, in index order; read from disk as they are asked for."""
        return self._stored.passages

    @property
    def words(self) -> Words:
        """The word index."""
        return self._stored.words

    @property
    def manifest(self) -> Manifest:
        """What the index is made of."""
        return self._stored.manifest

    def question_words(self, question: str) -> list[QuestionWord]:
        """The telling words of a question, with the terms of this index that meet them."""
        return [self._word(word) for word in content_words(question)]

    def search(
        self, question: str, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> list[Found]:
        """The ``k`` best passages, best first.

        ``allowed``: which passages may be found, shape (passages,); all where None.
        """
        if self.manifest.passage_search is not Method.EXACT:
            return self._search_many(question, k, allowed)
        stored = self._stored
        assert isinstance(stored.passage_vectors, ExactVectors)
        assert isinstance(stored.unit_vectors, ExactVectors)
        worded = met(self.question_words(question), self.words)
        vector = self.embedder.embed_queries([question])[0]
        meanings = stored.passage_vectors.products(vector)
        units = stored.unit_vectors.products(vector)
        numbers = np.arange(len(meanings)) if allowed is None else np.flatnonzero(allowed)
        rows, starts = self._units(numbers)
        return self._ranked(numbers, meanings[numbers], units[rows], starts, worded[numbers], k)

    def _search_many(self, question: str, k: int, allowed: NDArray[np.bool_] | None) -> list[Found]:
        """``search`` in a large index by two threads: one encodes the question while the other goes
        through its words, and then each looks through a part of the passages."""
        vector: Future[Vectors] = Future()
        words: Future[_Worded] = Future()

        def beside() -> tuple[NDArray[np.int64], Vectors, Vectors]:
            _settle(words, lambda: self._worded(question, allowed))
            return self._led(_OTHER, vector.result(), words, k, allowed)

        other = self._beside.submit(beside)  # waits for this thread only
        _settle(vector, lambda: self.embedder.embed_queries([question])[0])
        led = [self._led(_OWN, vector.result(), words, k, allowed), other.result()]
        numbers, shares, scores = (np.concatenate(each) for each in zip(*led, strict=True))
        kept = _most(scores, max(2 * k, _MEASURED_OF_MANY))
        kept = kept[np.argsort(numbers[kept])]
        return self._best(numbers[kept], vector.result(), shares[kept], k)

    def _worded(self, question: str, allowed: NDArray[np.bool_] | None) -> _Worded:
        """The passages that lead for a question's words."""
        met_by = MetByMany(self.question_words(question), self.words)
        numbers = met_by.reached()
        if allowed is not None:
            numbers = numbers[allowed[numbers]]
        shares = met_by.at(numbers)
        best = _most(shares, _WORDED_OF_MANY)
        return _Worded(met_by, numbers[best], shares[best])

    def _led(
        self,
        part: int,
        vector: Vectors,
        words: Future[_Worded],
        k: int,
        allowed: NDArray[np.bool_] | None,
    ) -> tuple[NDArray[np.int64], Vectors, Vectors]:
        """``_candidates_of_many`` in one part of the passages."""
        vectors = self._stored.passage_vectors
        assert isinstance(vectors, CodedVectors)
        rough, near = vectors.roughly_in(part, vector, max(k, _NEAR_OF_MANY), allowed)
        worded = words.result()
        own = worded.numbers % PARTS == part
        shares = np.concatenate([worded.met_by.at(near), worded.shares[own]])
        every = np.concatenate([near, worded.numbers[own]])
        return self._candidates_of_many(vector, rough, shares, every, k)

    def unit_meanings(self, questions: Sequence[str], found: Sequence[Found]) -> Vectors:
        """The cosines of questions with all units of the passages found, in their order.

        Shape (questions, units).
        """
        starts = self._stored.unit_starts
        rows = np.concatenate([np.arange(*starts[one.number : one.number + 2]) for one in found])
        return self.embedder.embed_queries(list(questions)) @ self._stored.unit_vectors.at(rows).T

    def _candidates_of_many(
        self, vector: Vectors, rough: Vectors, shares: Vectors, every: NDArray[np.int64], k: int
    ) -> tuple[NDArray[np.int64], Vectors, Vectors]:
        """The best of those in a part that meaning or words put forward, ascending, with the share
        of the question's word weight that each meets, and about its score.

        ``every``: passages by meaning, whose products are about ``rough``, then those by words;
        ``shares`` of them all.
        """
        stored, weights = self._stored, self._weights
        assert isinstance(stored.passage_vectors, CodedVectors)
        assert isinstance(stored.unit_vectors, StoredVectors)
        # a passage's best unit is about as near as it is
        meaning = weights.meaning + weights.unit
        score = meaning * rough + weights.words * shares[: len(rough)]
        forward = np.append(
            _most(score, _of_a_part(k, _NEAR_OF_MANY)), np.arange(len(rough), len(every))
        )
        if not len(forward):
            return every, shares, shares
        numbers, first = _unique(every[forward])
        shares = shares[forward[first]]
        meanings = stored.passage_vectors.products(numbers, vector)
        kept = _most(meaning * meanings + weights.words * shares, _of_a_part(k, _UNITS_OF_MANY))
        numbers, meanings, shares = numbers[kept], meanings[kept], shares[kept]
        rows, starts = self._units(numbers)
        best = np.maximum.reduceat(stored.unit_vectors.products(rows, vector), starts)
        score = weights.meaning * meanings + weights.unit * best + weights.words * shares
        kept = _most(score, max(2 * k, _MEASURED_OF_MANY))
        return numbers[kept], shares[kept], score[kept]

    def _units(self, numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """The rows of the passages' units, and where among them those of each passage start."""
        firsts = self._stored.unit_starts[numbers]
        sizes = self._stored.unit_starts[numbers + 1] - firsts
        starts = np.cumsum(sizes) - sizes
        return np.repeat(firsts - starts, sizes) + np.arange(sizes.sum()), starts

    def _best(
        self, numbers: NDArray[np.int64], vector: Vectors, words: Vectors, k: int
    ) -> list[Found]:
        """The ``k`` best of some passages, best first; of equals the first in the index.

        ``words``: the share of the question's word weight that each meets, shape (numbers,).
        """
        meanings = self._stored.passage_vectors.at(numbers) @ vector
        rows, starts = self._units(numbers)
        units = self._stored.unit_vectors.at(rows) @ vector
        return self._ranked(numbers, meanings, units, starts, words, k)

    def _ranked(
        self,
        numbers: NDArray[np.int64],
        meanings: Vectors,
        units: Vectors,
        starts: NDArray[np.int64],
        words: Vectors,
        k: int,
    ) -> list[Found]:
        """``_best`` of passages whose cosines, and those of their units from ``starts`` on, are
        known; ``numbers`` ascending."""
        if not len(numbers):
            return []
        weights = self._weights
        meaning, unit, shares = (each.astype(np.float64) for each in (meanings, units, words))
        best = np.maximum.reduceat(unit, starts)
        scores = weights.meaning * meaning + weights.unit * best + weights.words * shares
        ends = np.append(starts[1:], len(unit))
        first = np.arange(len(scores))
        if k < len(scores):
            first = np.flatnonzero(scores >= np.partition(scores, -k)[-k])
        return [
            Found(
                passage=self._stored.passages[numbers[at]],
                number=int(numbers[at]),
                score=float(scores[at]),
                meaning=float(meaning[at]),
                words=float(shares[at]),
                unit_meanings=tuple(unit[starts[at] : ends[at]].tolist()),
            )
            for at in first[np.argsort(-scores[first], kind="stable")][:k].tolist()
        ]


def _unique(numbers: NDArray[np.int64]) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Numbers ascending, each once, and where each stands first: ``np.unique`` in a tenth of its
    time, for numbers that leave room for a place beside them."""
    count = max(len(numbers), 1)
    sorted_, places = np.divmod(np.sort(numbers * count + np.arange(len(numbers))), count)
    new = np.append(True, sorted_[1:] != sorted_[:-1])[: len(numbers)]
    return sorted_[new], places[new]


def _settle(future: Future[T], work: Callable[[], T]) -> None:
    """Do some work here for who waits for it, errors included."""
    try:
        future.set_result(work())
    except BaseException as error:
        future.set_exception(error)


def _of_a_part(k: int, many: int) -> int:
    """How many a part keeps where ``many`` are kept, enough that it alone may have the ``k``."""
    return max(k, -(-many // PARTS))


def _most(scores: Vectors, most: int) -> NDArray[np.int64]:
    """Where the ``most`` highest of some scores are, ascending."""
    if len(scores) <= most:
        return np.arange(len(scores))
    return np.sort(np.argpartition(-scores, most)[:most])
