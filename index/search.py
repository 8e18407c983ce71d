"""Find the passages nearest to a question: meaning first, words where they tell.

Three signals are added: the passage's vector, the best vector of a unit in it (a sentence, item or
row), and the share of the question's word weight that the passage meets (``index.likeness``).
Their weights stand in ``data/ranking.toml`` with how they were chosen.

In a small index any of the three puts passages forward, and all of them are compared. In a large
one (``index.vectors``) the nearest passages and those that lead for the question's words are put
forward; the units' vectors are looked up for those only.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.model import Document
from index.embedding import Embedder, Vectors, open_embedder
from index.likeness import MetByMany, QuestionWord, met, question_word
from index.model import Passage
from index.store import Manifest, Sources, Stored, open_stored
from index.vectors import Method
from index.words import Words, content_words

_CANDIDATES = 200  # passages scored in full; the first ten never came from beyond
_CANDIDATES_OF_MANY = 2000  # by meaning, and as many by words, of a large index …
_COMPARED_OF_MANY = 500  # … of which so many are scored with their units
_KEPT_WORDS = 4096  # words of questions whose terms are remembered


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
        vector = self.embedder.embed_queries([question])[0]
        questioned = self.question_words(question)
        if self.manifest.passage_search is Method.EXACT:
            words = met(questioned, self.words)
            numbers = self._candidates(vector, words, allowed)
            return self._best(numbers, vector, words[numbers], k)
        by_words = MetByMany(questioned, self.words)
        numbers = self._candidates_of_many(vector, by_words, k, allowed)
        return self._best(numbers, vector, by_words.at(numbers), k)

    def unit_meanings(self, questions: Sequence[str], found: Sequence[Found]) -> Vectors:
        """The cosines of questions with all units of the passages found, in their order.

        Shape (questions, units).
        """
        starts = self._stored.unit_starts
        rows = np.concatenate([np.arange(*starts[one.number : one.number + 2]) for one in found])
        return self.embedder.embed_queries(list(questions)) @ self._stored.unit_vectors.at(rows).T

    def _candidates(
        self, vector: Vectors, words: Vectors, allowed: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        """Passages that any of the three signals puts forward, ascending."""
        stored = self._stored
        # with few passages allowed, the nearest of all may hold none of them
        wide = _CANDIDATES if allowed is None else len(stored.passages)
        _, passages = stored.passage_vectors.search(vector[None], wide)
        _, units = stored.unit_vectors.search(vector[None], wide)
        worded = np.argsort(-words, kind="stable")[:_CANDIDATES]
        numbers = np.unique(
            np.concatenate([passages[0], stored.unit_passages[units[0]], worded[words[worded] > 0]])
        )
        return numbers if allowed is None else numbers[allowed[numbers]]

    def _candidates_of_many(
        self, vector: Vectors, by_words: MetByMany, k: int, allowed: NDArray[np.bool_] | None
    ) -> NDArray[np.int64]:
        """The best by meaning and words of those that either puts forward, ascending."""
        stored, weights = self._stored, self._weights
        most = max(k, _CANDIDATES_OF_MANY)
        scores, near = (
            one[0] for one in stored.passage_vectors.search(vector[None], most, allowed)
        )
        worded = by_words.leading(most)
        if allowed is not None:
            worded = worded[allowed[worded]]
        worded = np.setdiff1d(worded, near, assume_unique=True)
        meanings = np.concatenate([scores, stored.passage_vectors.at(worded) @ vector])
        numbers = np.concatenate([near, worded])
        order = np.argsort(numbers)
        numbers, meanings = numbers[order], meanings[order]
        # a passage's best unit is about as near as the passage
        score = (weights.meaning + weights.unit) * meanings + weights.words * by_words.at(numbers)
        compared = max(k, _COMPARED_OF_MANY)
        if len(numbers) > compared:
            numbers = np.sort(numbers[np.argpartition(-score, compared)[:compared]])
        return numbers

    def _best(
        self, numbers: NDArray[np.int64], vector: Vectors, words: Vectors, k: int
    ) -> list[Found]:
        """The ``k`` best of some passages, best first; of equals the first in the index.

        ``words``: the share of the question's word weight that each meets, shape (numbers,).
        """
        if not len(numbers):
            return []
        stored, weights = self._stored, self._weights
        meanings = (stored.passage_vectors.at(numbers) @ vector).astype(np.float64)
        firsts = stored.unit_starts[numbers]
        sizes = stored.unit_starts[numbers + 1] - firsts
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])
        rows = np.repeat(firsts - starts[:-1], sizes) + np.arange(starts[-1])
        units = (stored.unit_vectors.at(rows) @ vector).astype(np.float64)
        best = np.maximum.reduceat(units, starts[:-1])
        shares = words.astype(np.float64)
        scores = weights.meaning * meanings + weights.unit * best + weights.words * shares
        return [
            Found(
                passage=stored.passages[numbers[at]],
                number=int(numbers[at]),
                score=float(scores[at]),
                meaning=float(meanings[at]),
                words=float(shares[at]),
                unit_meanings=tuple(units[starts[at] : starts[at + 1]].tolist()),
            )
            for at in np.lexsort((numbers, -scores))[:k]
        ]
