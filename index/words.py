"""Word search: BM25 over Dutch and English stems, with Dutch compounds opened.

Every passage has "magnesium" in it, so words help only where the question's rare words occur:
``Words.scores`` gives, a passage, the share of the question's word weight that it holds, and
``Words.weights`` says how telling each word of a question is.
"""

from __future__ import annotations

import json
import re
import tomllib
import unicodedata
from bisect import bisect_left
from collections.abc import Container, Sequence
from functools import cache
from importlib.resources import files
from pathlib import Path

import bm25s
import numpy as np
import Stemmer
from numpy.typing import NDArray

from corpus.errors import StoreError
from index.model import Passage
from index.passages import embedding_text

_WORD = re.compile(r"[^\W_]+(?:['’.-][^\W_]+)*")
_PART = re.compile(r"[^\W_]+")
_SHORTEST_PART = 4  # letters; shorter parts of a compound are mostly endings
_K1, _B = 1.2, 0.5  # BM25's usual saturation; half its length normalisation: passages are alike
_PRESENT = 0.6  # of a term's worth lies in its being there at all, the rest in how much
_FREQUENCY = "frequency.json"
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
    decomposed = unicodedata.normalize("NFKD", word)
    return "".join(c for c in decomposed if not unicodedata.combining(c))


class Words:
    """A BM25 index of passages (Lucene's variant), read from and saved to a folder.

    ``frequency`` maps every term to the number of passages that hold it, ``spellings`` every term
    that is no number to its letters without accents.
    """

    def __init__(self, engine: bm25s.BM25, frequency: dict[str, int], passages: int) -> None:
        self._engine = engine
        self.frequency = frequency
        self.passages = passages
        self.spellings = {term: plain(term) for term in frequency if not term.isdigit()}
        self._places = {term: place for place, term in enumerate(frequency)}
        self._forward = sorted(frequency)
        self._backward = sorted(term[::-1] for term in frequency)

    @classmethod
    def build(cls, passages: Sequence[Passage]) -> Words:
        """Count the words of the passages' text and headings."""
        stems = [[stem(word) for word in words(embedding_text(p))] for p in passages]
        vocabulary = frozenset(s for row in stems for s in row)
        rows = [[term for s in row for term in (s, *_parts(s, vocabulary))] for row in stems]
        frequency: dict[str, int] = {}
        for row in rows:
            for term in set(row):
                frequency[term] = frequency.get(term, 0) + 1
        engine = bm25s.BM25(k1=_K1, b=_B)
        engine.index(rows or [["-"]], show_progress=False)
        return cls(engine, frequency, len(rows))

    def save(self, folder: Path) -> None:
        """Write into ``folder`` (made if absent); no pickle."""
        folder.mkdir(parents=True, exist_ok=True)
        self._engine.save(folder, allow_pickle=False, show_progress=False)
        record = {"passages": self.passages, "frequency": self.frequency}
        (folder / _FREQUENCY).write_text(json.dumps(record, ensure_ascii=False), encoding="utf-8")

    @classmethod
    def load(cls, folder: Path) -> Words:
        """Open what ``save`` wrote; StoreError where it cannot be read."""
        try:
            engine = bm25s.BM25.load(folder, mmap=True, allow_pickle=False, show_progress=False)
            record = json.loads((folder / _FREQUENCY).read_text("utf-8"))
            return cls(engine, record["frequency"], record["passages"])
        except (OSError, ValueError, KeyError) as error:
            raise StoreError(
                f"The word index in {folder} cannot be read ({error}); "
                "run 'bijsluiter index build' to make it anew."
            ) from error

    def weight(self, term: str) -> float:
        """How telling a term is: Lucene's idf over the passages, 0 for one never met."""
        known = self.frequency.get(term, 0)
        if not known:
            return 0.0
        return float(np.log(1 + (self.passages - known + 0.5) / (known + 0.5)))

    def most_telling(self) -> float:
        """The weight of a word that no passage holds."""
        return float(np.log(1 + (self.passages + 0.5) / 0.5))

    def held(self, term: str) -> tuple[NDArray[np.int32], NDArray[np.float32]]:
        """The passages that hold a term, ascending, and how much each is about it, 0 to 1."""
        token = self._engine.vocab_dict.get(term)
        if token is None or not self.frequency.get(term):
            return np.empty(0, dtype=np.int32), np.empty(0, dtype=np.float32)
        columns = self._engine.scores
        first, last = columns["indptr"][token], columns["indptr"][token + 1]
        rows = np.asarray(columns["indices"][first:last])
        scores = np.asarray(columns["data"][first:last]) / np.float32(self.weight(term))
        return rows, (_PRESENT + (1 - _PRESENT) * scores).astype(np.float32)

    def terms_in(self, text: str) -> frozenset[str]:
        """The terms of this index that a text holds, opened compounds included."""
        stems = {stem(word) for word in words(text)}
        return frozenset(term for s in stems for term in (s, *self.parts(s)))

    def containing(self, base: str) -> list[str]:
        """The terms with ``base`` at their head or tail: nier in nierfalen."""
        heads = _starting(self._forward, base)
        tails = (term[::-1] for term in _starting(self._backward, base[::-1]))
        return sorted({*heads, *tails} - {base}, key=self._places.__getitem__)

    def parts(self, s: str) -> tuple[str, ...]:
        """The two known parts of a compound's stem, or nothing."""
        return _parts(s, self.frequency.keys())


def _starting(ordered: Sequence[str], head: str) -> Sequence[str]:
    """The words of a sorted list that start with ``head``."""
    first = bisect_left(ordered, head)
    return ordered[first : bisect_left(ordered, head + chr(0x10FFFF), first)]


def content_words(question: str) -> list[str]:
    """The words of a question that say what it is about, in order, each once."""
    drop = stopwords()
    return list(dict.fromkeys(w for w in words(question) if w not in drop and len(w) > 1))


def _parts(s: str, known: Container[str]) -> tuple[str, ...]:
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
