"""Find the passages nearest to a question: meaning first, words where they tell.

Three signals are added: the passage's vector, the best vector of a unit in it (a sentence, item or
row), and the share of the question's word weight that the passage meets (``index.likeness``).
Their weights stand in ``data/ranking.toml`` with how they were chosen.
"""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.model import Document
from index.embedding import Embedder, Vectors, open_embedder
from index.likeness import QuestionWord, met, question_words
from index.model import Passage
from index.store import Manifest, Stored, open_stored
from index.words import Words

_CANDIDATES = 200  # passages scored in full; the first ten never came from beyond


@dataclass(frozen=True, slots=True)
class Found:
    """A passage found for a question. Of every score, more is better.

    ``number`` is the passage's place in the index; ``meaning`` and ``unit_meaning`` (of its best
    unit) are cosines; ``words`` is the met share of the question's word weight, 0 to 1;
    ``unit_meanings`` holds the cosine of each unit of the passage; ``score`` ranks.
    """

    passage: Passage
    number: int
    score: float
    meaning: float
    unit_meaning: float
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
    def passages(self) -> tuple[Passage, ...]:
        """All passages, in index order."""
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
        return question_words(question, self.words)

    def search(
        self, question: str, k: int, allowed: NDArray[np.bool_] | None = None
    ) -> list[Found]:
        """The ``k`` best passages, best first.

        ``allowed``: which passages may be found, shape (passages,); all where None.
        """
        vector = self.embedder.embed_queries([question])[0]
        words = met(self.question_words(question), self.words)
        candidates = self._candidates(vector, words, allowed)
        found = [self._found(number, vector, float(words[number])) for number in candidates]
        found.sort(key=lambda one: (-one.score, one.number))
        return found[:k]

    def _candidates(
        self, vector: Vectors, words: Vectors, allowed: NDArray[np.bool_] | None
    ) -> list[int]:
        """Passages that any of the three signals puts forward."""
        stored = self._stored
        # with few passages allowed, the nearest of all may hold none of them
        wide = _CANDIDATES if allowed is None else len(stored.passages)
        _, passages = stored.passage_vectors.search(vector[None], wide)
        _, units = stored.unit_vectors.search(vector[None], wide)
        worded = np.argsort(-words, kind="stable")[:_CANDIDATES]
        numbers = np.unique(
            np.concatenate([passages[0], stored.unit_passages[units[0]], worded[words[worded] > 0]])
        )
        if allowed is not None:
            numbers = numbers[allowed[numbers]]
        return [int(number) for number in numbers]

    def _found(self, number: int, vector: Vectors, words: float) -> Found:
        stored, weights = self._stored, self._weights
        meaning = float(stored.passage_vectors.rows(number, number + 1)[0] @ vector)
        first, last = int(stored.unit_starts[number]), int(stored.unit_starts[number + 1])
        units = stored.unit_vectors.rows(first, last) @ vector
        best = float(units.max())
        return Found(
            passage=stored.passages[number],
            number=number,
            score=weights.meaning * meaning + weights.unit * best + weights.words * words,
            meaning=meaning,
            unit_meaning=best,
            words=words,
            unit_meanings=tuple(float(value) for value in units),
        )
