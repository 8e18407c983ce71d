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
from functools import cache, cached_property
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
_REACHED = 60_000  # passages gone through for those that lead, in a large index


@dataclass(frozen=True, eq=False)
class QuestionWord:
    """A telling word of a question: the index terms that meet it, each with how well, 0 to 1.

    ``weight`` is its idf over the passages; a word that nothing meets weighs most. ``numbers`` are
    the terms' in ``words``, ascending, ``likes`` how well each meets the word. There may be
    thousands of them in a large index: all compounds.
    """

    word: str
    weight: float
    numbers: NDArray[np.int32]
    likes: NDArray[np.float64]
    words: Words
    holding: int  # passages that hold its terms, one that holds two of them counted twice

    @cached_property
    def terms(self) -> dict[str, float]:
        """The terms that meet the word, with how well."""
        pairs = zip(self.numbers.tolist(), self.likes.tolist(), strict=True)
        return {self.words.term(number): like for number, like in pairs}


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
    numbers, likes = _terms(word, words)
    # the commonest of its terms: "magnesium" tells nothing because "magnesiumspray" is rare
    weight, holding = words.least_weight(numbers), words.holding(numbers)
    return QuestionWord(word, weight, numbers, likes, words, holding)


def met(questioned: Sequence[QuestionWord], words: Words) -> NDArray[np.float32]:
    """The share, 0 to 1, of the question's word weight that a passage meets, shape (passages,)."""
    total = sum(word.weight for word in questioned)
    score = np.zeros(words.passages, dtype=np.float32)
    if not total:
        return score
    for word in _rarest_first(questioned):
        best = np.zeros(words.passages, dtype=np.float32)
        for number, like in zip(word.numbers.tolist(), word.likes.tolist(), strict=True):
            rows, held = words.held_by(number)
            best[rows] = np.maximum(best[rows], held * np.float32(like))
        score += best * np.float32(word.weight)
    return score / np.float32(total)


def _rarest_first(questioned: Sequence[QuestionWord]) -> list[QuestionWord]:
    """In the order in which what they are worth is added up: common ones last."""
    return sorted(questioned, key=lambda word: word.holding)


class MetByMany:
    """How far passages meet a question's words, where there are too many to work it out for all.

    The passages of the rarest words are put forward until there are many; what common words are
    worth is looked up only for what is put forward.
    """

    def __init__(self, questioned: Sequence[QuestionWord], words: Words) -> None:
        self._questioned = questioned
        self._words = words
        self._total = sum(word.weight for word in questioned)

    def reached(self) -> NDArray[np.int64]:
        """The passages of the question's rarest words, ascending."""
        runs: list[NDArray[np.int32]] = []
        room = _REACHED
        for word in sorted(self._questioned, key=lambda word: -word.weight):
            if room > 0:
                found = self._words.reached(word.numbers, room)
                room -= sum(map(len, found))
                runs += found
        if not runs or not self._total:
            return np.empty(0, dtype=np.int64)
        every = np.sort(np.concatenate(runs))
        rows: NDArray[np.int64] = every[np.append(True, every[1:] != every[:-1])].astype(np.int64)
        return rows

    def at(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """``met`` of some passages, shape (rows,)."""
        shares: NDArray[np.float32] = self._rare.take(rows)  # much faster than []
        for best, weight in self._common:
            shares += best.take(rows) * weight
        if self._total:
            shares /= np.float32(self._total)
        return shares

    @cached_property
    def _rare(self) -> NDArray[np.float32]:
        """What the words that are not common are worth together to every passage: only those that
        hold one are touched."""
        score = np.zeros(self._words.passages, dtype=np.float32)
        best = np.zeros_like(score)  # of one word, at the passages that hold it; zero between words
        for word in _rarest_first(self._questioned):
            if self._words.common(word.holding):
                continue
            holding, held = self._words.all_held(word.numbers, word.likes)
            rows = holding.astype(np.intp)  # to be looked up more than once
            if len(word.numbers) > 1:  # a passage that holds two terms stands there twice
                np.maximum.at(best, rows, held)
                held = best.take(rows)
                best[rows] = 0
            score[rows] = score.take(rows) + held * np.float32(word.weight)
        return score

    @cached_property
    def _common(self) -> list[tuple[NDArray[np.float32], np.float32]]:
        """What each common word is worth to every passage, and how much it weighs."""
        return [
            (self._words.best_held(word.numbers, word.likes), np.float32(word.weight))
            for word in _rarest_first(self._questioned)
            if self._words.common(word.holding)
        ]


def met_in(questioned: Sequence[QuestionWord], terms: frozenset[str]) -> dict[str, float]:
    """How well each question word is met by a set of index terms, 0 to 1, by word."""
    return {
        word.word: max((word.terms[term] for term in terms if term in word.terms), default=0.0)
        for word in questioned
    }


def _terms(word: str, words: Words) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """The numbers of the terms that meet a word, ascending, and how well each does."""
    found: list[tuple[NDArray[np.int32], float]] = []

    def add(term: str, like: float) -> None:
        number = words.number(term)
        if number is not None:
            found.append((np.array([number], dtype=np.int32), like))

    for one in dict.fromkeys((stem(word), stem(plain(word)))):
        add(one, 1.0)
        for other in _meanings().get(one, ()):
            add(other, _SAME)
        for base in (one, *_meanings().get(one, ())):
            if len(base) >= _SHORTEST_CONTAINED:
                found.append((words.containing(base), _CONTAINED))
    if not any(len(numbers) for numbers, _ in found):
        for part in words.parts(stem(word)):
            add(part, _CONTAINED)
    met_already = any(len(numbers) for numbers, _ in found)
    if not met_already and len(word) >= _SHORTEST_SPELT and not word.isdigit():
        for term, score in words.alike(plain(stem(word)), _SPELT_ALIKE, _MOST_ALIKE):
            add(term, score / 100)
    return _best_of_each(found)


def _best_of_each(
    found: Sequence[tuple[NDArray[np.int32], float]],
) -> tuple[NDArray[np.int32], NDArray[np.float64]]:
    """Terms, each once, ascending, with the most that each is liked."""
    if not found:
        return np.empty(0, dtype=np.int32), np.empty(0)
    numbers = np.concatenate([some for some, _ in found])
    likes = np.repeat([like for _, like in found], [len(some) for some, _ in found])
    order = np.lexsort((likes, numbers))
    numbers, likes = numbers[order], likes[order]
    last = np.concatenate([numbers[1:] != numbers[:-1], np.ones(min(len(numbers), 1), np.bool_)])
    return numbers[last], likes[last]
