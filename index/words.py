"""Word search: BM25 over Dutch and English stems, with Dutch compounds opened.

Every passage has "magnesium" in it, so words help only where the question's rare words occur:
``Words.held`` gives the passages that hold a term and how much each is about it, ``Words.weight``
how telling a term is. What ``index.counting`` wrote is read here::

    terms.txt     every term, sorted, a line each: term i is line i
    backward.npy  the terms' numbers, sorted by the term read backwards
    lengths.npy   the terms' numbers, sorted by how many letters the term has, without accents
    shorter.npy   how many terms have fewer letters than 0, 1, 2, …
    letters.npy   how often each letter occurs in a term, a row a letter, terms by length
    starts.npy    where a term's passages begin in the next two
    rows.npy      passages that hold a term, ascending, term after term
    held.npy      how much each is about it: BM25's saturated frequency (Lucene's variant)
    long.npy      the terms that very many passages hold
    leading.npy   of each of those, the passages that are most about it

All but the terms stays on disk and is mapped. Opened, words never change; threads may share them.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from bisect import bisect_left
from collections.abc import Callable, Container, Sequence
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path
from typing import Any

import numpy as np
import Stemmer
from numpy.typing import NDArray
from rapidfuzz import fuzz, process

from corpus.errors import StoreError
from index._arrays import open_array
from index.kept import Kept

Numbers = NDArray[np.int32]
Shares = NDArray[np.float32]

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_SHORTEST_PART = 4  # letters; shorter parts of a compound are mostly endings
LETTERS = 32  # classes of letters that are counted apart
_KEPT_TEXTS = 4096  # whose terms are remembered, a few kilobytes each
_COMMON = 8  # terms are common that are held by more than one passage in so many, added up …
_KEPT_COMMON = 6  # … of which the latest are remembered with their passages, 4 bytes for each
LEADING = 1000  # passages kept apart of a term that more than LONG hold
LONG = 5000
_ARRAYS = (
    *("backward", "lengths", "shorter", "letters"),
    *("starts", "rows", "held", "long", "leading"),
)
TERMS = "terms.txt"
_LINKS = ("", "s", "en", "e")  # what joins a Dutch compound: slaap-s-toornis, hersen-en-mist


@cache
def _stemmers() -> tuple[Stemmer.Stemmer, Stemmer.Stemmer]:
    return Stemmer.Stemmer("dutch"), Stemmer.Stemmer("english")


@cache
def stopwords() -> frozenset[str]:
    """Dutch and English function words, lower case."""
    table = tomllib.loads(files("index").joinpath("data/stopwords.toml").read_text("utf-8"))
    return frozenset(word for words in table.values() for word in words.split())


def words(text: str) -> list[str]:
    """The words of a text in lower case, hyphenated ones whole and in parts."""
    found: list[str] = []
    for match in _WORD.finditer(text.lower()):
        word = match.group()
        found.append(word)
        if not word.isalnum():
            found.extend(_PART.findall(word))
    return found


@cache
def stem(word: str) -> str:
    """One stem for Dutch and English inflection: the shorter of both stemmers' (Snowball)."""
    dutch, english = _stemmers()
    if word.isdigit():
        return word
    return str(min(dutch.stemWord(word), english.stemWord(word), key=len))


def plain(word: str) -> str:
    """The word without accents: cafeïne and cafeine are spelt the same."""
    if word.isascii():
        return word
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def letters(word: str) -> NDArray[np.uint8]:
    """How often each letter occurs, shape (LETTERS,); letters that are far apart share a class."""
    classes = np.frombuffer(word.encode("utf-32-le"), dtype=np.uint32) % LETTERS
    return np.bincount(classes, minlength=LETTERS).clip(max=255).astype(np.uint8)


class Words:
    """A word index of passages, opened. A term's number is its place among the sorted terms."""

    def __init__(
        self, terms: Sequence[str], arrays: dict[str, NDArray[Any]], passages: int
    ) -> None:
        self.passages = passages
        self._terms = terms
        self._numbers = {term: number for number, term in enumerate(terms)}
        self._arrays = arrays
        self._starts, self._rows, self._held = (arrays[n] for n in ("starts", "rows", "held"))
        # the sentences that are read for one question are read for the next
        self._terms_in = lru_cache(_KEPT_TEXTS)(self._work_out_terms)
        self._common: Kept[tuple[bytes, bytes], Shares] = Kept(_KEPT_COMMON)

    @classmethod
    def load(cls, folder: Path, passages: int) -> Words:
        """Open what ``index.counting`` wrote of so many passages; StoreError if it cannot be."""
        try:
            terms = (folder / TERMS).read_text("utf-8").split("\n")[:-1]
            arrays = {name: open_array(folder / f"{name}.npy") for name in _ARRAYS}
        except (OSError, ValueError) as error:
            raise StoreError(_damaged(folder, error)) from error
        if len(terms) + 1 != len(arrays["starts"]):
            raise StoreError(_damaged(folder, f"{len(terms)} terms"))
        return cls(terms, arrays, passages)

    def __contains__(self, term: object) -> bool:
        """Whether any passage holds a term."""
        return term in self._numbers

    def number(self, term: str) -> int | None:
        """A term's number, None where no passage holds it."""
        return self._numbers.get(term)

    def term(self, number: int) -> str:
        """The term of a number."""
        return self._terms[number]

    def frequency(self, term: str) -> int:
        """How many passages hold a term."""
        number = self._numbers.get(term)
        return 0 if number is None else int(self._starts[number + 1] - self._starts[number])

    def weight(self, term: str) -> float:
        """How telling a term is: Lucene's idf over the passages, 0 for one never met."""
        return self._idf(self.frequency(term))

    def least_weight(self, numbers: Numbers) -> float:
        """The weight of the commonest of some terms; of a word that no passage holds if none."""
        if not len(numbers):
            return self.most_telling()
        return self._idf(int(self._sizes(numbers).max()))

    def _sizes(self, numbers: Numbers) -> NDArray[np.int64]:
        sizes: NDArray[np.int64] = self._starts[numbers + 1] - self._starts[numbers]
        return sizes

    def _idf(self, known: int) -> float:
        if not known:
            return 0.0
        return float(np.log(1 + (self.passages - known + 0.5) / (known + 0.5)))

    def most_telling(self) -> float:
        """The weight of a word that no passage holds."""
        return float(np.log(1 + (self.passages + 0.5) / 0.5))

    def held(self, term: str) -> tuple[Numbers, Shares]:
        """The passages that hold a term, ascending, and how much each is about it, 0 to 1."""
        number = self._numbers.get(term)
        return self._held_from(0, 0) if number is None else self.held_by(number)

    def held_by(self, number: int) -> tuple[Numbers, Shares]:
        """``held`` of the term of a number."""
        return self._held_from(self._starts[number], self._starts[number + 1])

    def _held_from(self, first: int, last: int) -> tuple[Numbers, Shares]:
        return self._rows[first:last], self._held[first:last]

    def leading(self, term: str) -> tuple[Numbers, Shares]:
        """``held`` of the passages that are most about a term that is ``long``."""
        rows = self._leading(self._numbers[term])
        every, held = self.held(term)
        return rows, held[np.searchsorted(every, rows)]

    def _leading(self, number: int) -> Numbers:
        rows: Numbers = self._arrays["leading"][np.searchsorted(self._arrays["long"], number)]
        return rows

    def reached(self, numbers: Numbers, most: int) -> list[Numbers]:
        """About ``most`` passages, at most, that hold some terms, as runs of them: where there are
        more, of ``long`` terms only those most about it. A passage may be in two runs."""
        sizes = self._sizes(numbers)
        if sizes.sum() <= most:
            return [self._rows[first:last] for first, last, _ in self._runs(numbers, None)]
        runs = [self._leading(number) for number in numbers[sizes > LONG].tolist()]
        short = numbers[sizes <= LONG]
        within = np.cumsum(sizes[sizes <= LONG]) <= most - LEADING * len(runs)
        return runs + [self._rows[a:b] for a, b, _ in self._runs(short[within], None)]

    def holding(self, numbers: Numbers) -> int:
        """How many passages hold some terms, one that holds two of them counted twice."""
        return int(self._sizes(numbers).sum())

    def common(self, holding: int) -> bool:
        """Whether terms are common that so many passages hold."""
        return holding * _COMMON > self.passages

    def best_held(self, numbers: Numbers, likes: NDArray[np.float64]) -> Shares:
        """For every passage how much it is about the one of some ``common`` terms that counts most,
        times how well that term is liked; 0 where it holds none. The latest are kept: what the
        index is about is in most questions, and is half of what there would be to go through.
        """
        key = numbers.tobytes(), likes.tobytes()
        return self._common.get(key, lambda: self._work_out_best(numbers, likes))

    def _work_out_best(self, numbers: Numbers, likes: NDArray[np.float64]) -> Shares:
        best = np.zeros(self.passages, dtype=np.float32)
        # in one go, for nearly all of it is of a few terms
        np.maximum.at(best, *self.all_held(numbers, likes))
        return best

    def all_held(self, numbers: Numbers, likes: NDArray[np.float64]) -> tuple[Numbers, Shares]:
        """The passages that hold some terms, ascending numbers, and how much each is about one
        times how well that term is liked. A passage may come more than once."""
        runs = self._runs(numbers, likes)
        if not runs:
            return self._held_from(0, 0)
        held = np.concatenate([self._held[first:last] for first, last, _ in runs])
        liked = np.array([like for _, _, like in runs], dtype=np.float32)
        held *= np.repeat(liked, [last - first for first, last, _ in runs])
        return np.concatenate([self._rows[first:last] for first, last, _ in runs]), held

    def _runs(
        self, numbers: Numbers, likes: NDArray[np.float64] | None
    ) -> list[tuple[int, int, float]]:
        """Where terms that are neighbours and liked the same have their passages: in one piece.
        All compounds with one head are neighbours."""
        if not len(numbers):
            return []
        cut = np.diff(numbers) != 1
        if likes is not None:
            cut |= np.diff(likes) != 0
        firsts = np.concatenate([[0], np.flatnonzero(cut) + 1])
        lasts = np.concatenate([firsts[1:], [len(numbers)]]) - 1
        begin, end = self._starts[numbers[firsts]], self._starts[numbers[lasts] + 1]
        liked = np.ones(len(firsts)) if likes is None else likes[firsts]
        return list(zip(begin.tolist(), end.tolist(), liked.tolist(), strict=True))

    def terms_in(self, text: str) -> frozenset[str]:
        """The terms of this index that a text holds, opened compounds included."""
        return self._terms_in(text)

    def _work_out_terms(self, text: str) -> frozenset[str]:
        stems = {stem(word) for word in words(text)}
        return frozenset(term for s in stems for term in (s, *self.parts(s)))

    def containing(self, base: str) -> Numbers:
        """The numbers of the terms with ``base`` at their head or tail, ascending: nier in
        nierfalen."""
        terms, backward = self._terms, self._arrays["backward"]
        first, last = _starting(terms, base)
        heads = np.arange(first, last, dtype=np.int32)
        tails = np.sort(
            backward[slice(*_starting(backward, base[::-1], lambda number: terms[number][::-1]))]
        )
        before, behind = np.searchsorted(tails, (first, last))
        every = np.concatenate([tails[:before], heads, tails[behind:]])
        numbers: Numbers = every[every != self._numbers.get(base, -1)]
        return numbers

    def parts(self, s: str) -> tuple[str, ...]:
        """The two known parts of a compound's stem, or nothing."""
        return parts(s, self._numbers.keys())

    def alike(self, word: str, least: float, most: int) -> list[tuple[str, float]]:
        """The terms spelt most like a word, but for accents, with how much, ``least`` to 100."""
        # What is inserted or deleted to make one word of the other is at least the difference of
        # their letters; rapidfuzz's ratio allows so much of it for the length of both.
        sought, shorter = letters(word), self._arrays["shorter"]
        length, long = np.arange(len(shorter) - 1), int(sought.sum())
        allowed = np.floor((1 - least / 100) * (length + len(word)) + 1e-9)
        # of terms of each length, how many letters must be common
        needed = np.ceil((length + long - allowed) / 2).clip(0, 255).astype(np.uint8)
        able = np.flatnonzero(needed <= np.minimum(length, long))
        if not len(able):
            return []
        first, last = int(shorter[able[0]]), int(shorter[able[-1] + 1])
        common = np.zeros(last - first, dtype=np.uint8)
        for letter in np.flatnonzero(sought):
            common += np.minimum(self._arrays["letters"][letter, first:last], sought[letter])
        lengths = slice(able[0], able[-1] + 1)
        enough = common >= np.repeat(needed[lengths], np.diff(shorter)[lengths])
        numbers = np.sort(self._arrays["lengths"][first:last][enough])
        near = [self._terms[number] for number in numbers.tolist()]
        spellings = {term: plain(term) for term in near if not term.isdigit()}
        found = process.extract(word, spellings, scorer=fuzz.ratio, score_cutoff=least, limit=most)
        return [(term, score) for _, score, term in found]


def _starting(sorted_: Any, head: str, word: Callable[[Any], str] | None = None) -> tuple[int, int]:
    """Where in a sequence that is sorted by ``word`` those begin and end whose words start with
    ``head``."""
    first = bisect_left(sorted_, head, key=word)
    return first, bisect_left(sorted_, head + chr(0x10FFFF), first, key=word)


def _damaged(folder: Path, what: object) -> str:
    return (
        f"The word index in {folder} cannot be read ({what}); "
        "run 'bijsluiter index build' to make it anew."
    )


def content_words(question: str) -> list[str]:
    """The words of a question that say what it is about, in order, each once."""
    drop = stopwords()
    return list(dict.fromkeys(w for w in words(question) if w not in drop and len(w) > 1))


def parts(s: str, known: Container[str]) -> tuple[str, ...]:
    """The two known parts of a Dutch compound's stem, or nothing: slaap and kwaliteit."""
    for cut in range(len(s) - _SHORTEST_PART, _SHORTEST_PART - 1, -1):
        tail = _known(s[cut:], known)
        if tail is None:
            continue
        for link in _LINKS:
            if s[:cut].endswith(link):
                head = _known(s[: cut - len(link)], known)
                if head is not None and len(head) >= _SHORTEST_PART:
                    return head, tail
    return ()


def _known(part: str, known: Container[str]) -> str | None:
    """The part as it stands in the vocabulary, by itself or by its stem."""
    if part in known:
        return part
    s = stem(part)
    return s if s in known else None
