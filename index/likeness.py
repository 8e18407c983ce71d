"""How far a passage meets the words of a question, in either language.

A question's word is met by its stem, by a part of a compound, by a word of the same meaning
(``data/terms.toml``, the field's words in Dutch and English), or by one spelt nearly the same:
cognates (caffeine, cafeïne) and slips of the pen. What no passage meets tells most: a question
about zinc is not answered by a page on magnesium.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from index.words import Words, content_words, plain, stem

_SAME = 0.9  # how much a word of the same meaning counts beside the word itself
_CONTAINED = 0.8  # and a compound that holds the word at its head or tail
_SHORTEST_CONTAINED = 4  # letters
_SHORTEST_SPELT = 5
_SPELT_ALIKE = 82.0  # rapidfuzz ratio, of 100
_MOST_ALIKE = 5  # terms


@dataclass(frozen=True, slots=True)
class QuestionWord:
    """A telling word of a question: the index terms that meet it, each with how well, 0 to 1.

    ``weight`` is its idf over the passages; a word that nothing meets weighs most.
    """

    word: str
    weight: float
    terms: tuple[tuple[str, float], ...]


@cache
def _meanings() -> dict[str, tuple[str, ...]]:
    """Every stem of the term list with the stems that mean the same."""
    table = tomllib.loads(files("index").joinpath("data/terms.toml").read_text("utf-8"))
    same: dict[str, dict[str, None]] = {}
    for row in table["same"]:
        stems = list(dict.fromkeys(stem(word) for word in row))
        for one in stems:
            same.setdefault(one, {}).update(dict.fromkeys(s for s in stems if s != one))
    return {one: tuple(others) for one, others in same.items()}


def question_words(question: str, words: Words) -> list[QuestionWord]:
    """The telling words of a question, in order, with the terms of the index that meet them."""
    return [question_word(word, words) for word in content_words(question)]


def question_word(word: str, words: Words) -> QuestionWord:
    """A telling word with the terms of the index that meet it."""
    terms = _terms(word, words)
    # the commonest of its terms: "magnesium" tells nothing because "magnesiumspray" is rare
    weight = min((words.weight(term) for term, _ in terms), default=words.most_telling())
    return QuestionWord(word, weight, terms)


def met(questioned: Sequence[QuestionWord], words: Words) -> NDArray[np.float32]:
    """The share, 0 to 1, of the question's word weight that a passage meets, shape (passages,)."""
    total = sum(word.weight for word in questioned)
    score = np.zeros(words.passages, dtype=np.float32)
    if not total:
        return score
    for word in questioned:
        best = np.zeros(words.passages, dtype=np.float32)
        for term, like in word.terms:
            rows, held = words.held(term)
            best[rows] = np.maximum(best[rows], held * np.float32(like))
        score += best * np.float32(word.weight)
    return score / np.float32(total)


class MetByMany:
    """How far passages meet a question's words, where there are too many to work it out for all.

    Of a term that very many passages hold, only the leading ones are looked at at first; what a
    candidate meets is then worked out in full.
    """

    def __init__(self, questioned: Sequence[QuestionWord], words: Words) -> None:
        self._questioned = questioned
        self._words = words
        self._total = sum(word.weight for word in questioned)
        self._long = [[one for one in word.terms if words.long(one[0])] for word in questioned]
        self._best = []
        self._reached = []
        for word, long in zip(questioned, self._long, strict=True):
            best = np.zeros(words.passages, dtype=np.float32)
            short: dict[float, list[str]] = {}
            for term, like in word.terms:
                if (term, like) not in long:
                    short.setdefault(like, []).append(term)
            pieces = [(like, piece) for like, some in short.items() for piece in words.runs(some)]
            pieces += [(like, words.leading(term)) for term, like in long]
            for like, (rows, held) in pieces:
                np.maximum.at(best, rows, held * np.float32(like))
                self._reached.append(rows)
            self._best.append(best)

    def leading(self, most: int) -> NDArray[np.int64]:
        """About the ``most`` passages that meet the words best, ascending."""
        if not self._reached or not self._total:
            return np.empty(0, dtype=np.int64)
        rows = np.unique(np.concatenate(self._reached)).astype(np.int64)
        if len(rows) > most:
            score = np.zeros(len(rows), dtype=np.float32)
            for word, best in zip(self._questioned, self._best, strict=True):
                score += best[rows] * np.float32(word.weight)
            rows = np.sort(rows[np.argpartition(-score, most)[:most]])
        return rows

    def at(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """``met`` of some passages, given ascending, shape (rows,)."""
        score = np.zeros(len(rows), dtype=np.float32)
        if not self._total or not len(rows):
            return score
        for word, long, dense in zip(self._questioned, self._long, self._best, strict=True):
            best = dense[rows]
            for term, like in long:
                holding, held = self._words.held(term)
                at = np.searchsorted(holding, rows).clip(max=len(holding) - 1)
                there = holding[at] == rows
                np.maximum(best, np.where(there, held[at] * np.float32(like), 0), out=best)
            score += best * np.float32(word.weight)
        return score / np.float32(self._total)


def met_in(questioned: Sequence[QuestionWord], terms: frozenset[str]) -> dict[str, float]:
    """How well each question word is met by a set of index terms, 0 to 1, by word."""
    return {
        word.word: max((like for term, like in word.terms if term in terms), default=0.0)
        for word in questioned
    }


def _terms(word: str, words: Words) -> tuple[tuple[str, float], ...]:
    wanted: dict[str, float] = {}

    def add(term: str, like: float) -> None:
        if like > wanted.get(term, 0.0):
            wanted[term] = like

    for one in dict.fromkeys((stem(word), stem(plain(word)))):
        if one in words:
            add(one, 1.0)
        for other in _meanings().get(one, ()):
            if other in words:
                add(other, _SAME)
        for base in (one, *_meanings().get(one, ())):
            if len(base) >= _SHORTEST_CONTAINED:
                for term in words.containing(base):
                    add(term, _CONTAINED)
    if not wanted:
        for part in words.parts(stem(word)):
            add(part, _CONTAINED)
    if not wanted and len(word) >= _SHORTEST_SPELT and not word.isdigit():
        for term, score in words.alike(plain(stem(word)), _SPELT_ALIKE, _MOST_ALIKE):
            add(term, score / 100)
    return tuple(wanted.items())
