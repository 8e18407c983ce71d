"""The small language in which the data files write words and phrases, and its matcher.

A pattern is words parted by spaces; each is matched against one folded word of a sentence:

``slaap``       this word
``slaap*``      a word that begins so (``*slaap``: ends so; ``*slaap*``: holds it)
``van|over``    one or the other
``[de]``        may be absent
``~4``          up to four words in between, of any kind
``{nutrient}``  a stretch that the class ``nutrient`` matches
``^``, ``$``    only at the beginning (before the first word) or the end of the sentence

A reference may be one of several: ``{nutrient}|mineralen``. Hyphens and apostrophes part words
in a text, and so they do in a pattern.

A class is a named list of patterns. A word of a text is compared with all patterns at once and
the result kept, so matching takes time linear in the number of words.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from qa.flags.tokens import Token, fold

_PARTED = re.compile(r"[-'’]")
_ROUNDS = 3  # how deep classes may refer to classes


@dataclass(frozen=True, slots=True)
class Span:
    """Words ``first`` up to, not including, ``last`` of a sentence."""

    first: int
    last: int


@dataclass(frozen=True, slots=True)
class _Element:
    words: frozenset[str] = frozenset()
    classes: tuple[str, ...] = ()
    optional: bool = False
    gap: int = 0
    at_end: bool = False


@dataclass(frozen=True, slots=True)
class _Pattern:
    name: str
    elements: tuple[_Element, ...]
    at_start: bool
    refers: bool


Marks = Mapping[str, Sequence[Span]]
# class -> first word -> where the stretches that begin there end
_Found = dict[str, dict[int, set[int]]]


@dataclass
class _WordTable:
    """All words of all patterns, by the way they match."""

    whole: set[str] = field(default_factory=set)
    begins: set[str] = field(default_factory=set)
    ends: set[str] = field(default_factory=set)
    holds: set[str] = field(default_factory=set)

    def add(self, written: str) -> None:
        stem = written.strip("*")
        if written.startswith("*") and written.endswith("*"):
            self.holds.add(stem)
        elif written.endswith("*"):
            self.begins.add(stem)
        elif written.startswith("*"):
            self.ends.add(stem)
        else:
            self.whole.add(stem)

    def match(self, word: str) -> frozenset[str]:
        """The written words (``slaap*``) that match a folded word."""
        found = {word} if word in self.whole else set()
        for length in range(1, len(word) + 1):
            if word[:length] in self.begins:
                found.add(word[:length] + "*")
            if word[-length:] in self.ends:
                found.add("*" + word[-length:])
        found.update(f"*{stem}*" for stem in self.holds if stem in word)
        return frozenset(found)


class PatternBook:
    """Classes of patterns, compiled; ``marks`` finds them all in a sentence."""

    def __init__(self, classes: Mapping[str, Iterable[str]]) -> None:
        self._table = _WordTable()
        self._by_word: dict[str, list[_Pattern]] = {}
        self._by_class: dict[str, list[_Pattern]] = {}
        self._referred: set[str] = set()
        for name, patterns in classes.items():
            for written in patterns:
                self._add(name, written)
        unknown = sorted(self._referred - set(classes))
        if unknown:
            raise ValueError(f"patterns refer to classes that do not exist: {', '.join(unknown)}")
        self._match_word = lru_cache(maxsize=50_000)(self._table.match)
        self._starting = lru_cache(maxsize=50_000)(self._patterns_at)

    def _add(self, name: str, written: str) -> None:
        pattern = _parsed(name, written)
        elements = pattern.elements
        for element in elements:
            self._referred.update(element.classes)
            for word in element.words:
                self._table.add(word)
        for reference in elements[0].classes:
            self._by_class.setdefault(reference, []).append(pattern)
        for word in elements[0].words:
            self._by_word.setdefault(word, []).append(pattern)

    def _patterns_at(self, word: str) -> tuple[_Pattern, ...]:
        found = [p for key in self._match_word(word) for p in self._by_word.get(key, ())]
        return tuple(dict.fromkeys(found))

    def marks(self, tokens: Sequence[Token]) -> dict[str, tuple[Span, ...]]:
        """Every class's stretches in a sentence, in order of place; absent classes are absent."""
        found: _Found = {}
        matched = [self._match_word(token.word) for token in tokens]
        waiting = [
            (index, pattern)
            for index, token in enumerate(tokens)
            for pattern in self._starting(token.word)
        ]
        for _ in range(_ROUNDS):
            size = sum(map(len, found.values()))
            for index, pattern in waiting:
                _try(pattern, index, matched, found)
            for name, patterns in self._by_class.items():
                for index in tuple(found.get(name, ())):
                    for pattern in patterns:
                        _try(pattern, index, matched, found)
            if sum(map(len, found.values())) == size:
                break
            waiting = [(index, pattern) for index, pattern in waiting if pattern.refers]
        return {
            name: tuple(Span(first, max(places[first])) for first in sorted(places))
            for name, places in found.items()
        }


def _try(pattern: _Pattern, index: int, matched: Sequence[frozenset[str]], found: _Found) -> None:
    if pattern.at_start and index > 0:
        return
    last = _end(pattern.elements, 0, index, matched, found)
    if last is not None:
        found.setdefault(pattern.name, {}).setdefault(index, set()).add(last)


def _end(
    elements: Sequence[_Element],
    which: int,
    index: int,
    matched: Sequence[frozenset[str]],
    found: _Found,
) -> int | None:
    """Where the shortest match of ``elements[which:]`` from word ``index`` on ends, or None."""
    if which == len(elements):
        return index
    for after in _steps(elements[which], index, matched, found):
        last = _end(elements, which + 1, after, matched, found)
        if last is not None:
            return last
    return None


def _steps(
    element: _Element, index: int, matched: Sequence[frozenset[str]], found: _Found
) -> Iterator[int]:
    if element.gap:
        yield from range(index, min(index + element.gap, len(matched)) + 1)
    elif element.at_end:
        if index == len(matched):
            yield index
    else:
        for name in element.classes:
            yield from sorted(found.get(name, {}).get(index, ()))
        if index < len(matched) and not element.words.isdisjoint(matched[index]):
            yield index + 1
        if element.optional:
            yield index


@lru_cache(maxsize=20_000)  # books for other brands hold mostly the same patterns
def _parsed(name: str, written: str) -> _Pattern:
    parts = _PARTED.sub(" ", written.removeprefix("^")).split()
    elements = tuple(_element(part) for part in parts)
    if not elements or not (elements[0].words or elements[0].classes) or elements[0].optional:
        raise ValueError(f"{name}: a pattern must begin with a word or class: {written!r}")
    refers = any(element.classes for element in elements)
    return _Pattern(name, elements, written.startswith("^"), refers)


@lru_cache(maxsize=20_000)
def _element(part: str) -> _Element:
    if part == "$":
        return _Element(at_end=True)
    if part.startswith("~"):
        return _Element(gap=int(part[1:]))
    optional = part.startswith("[") and part.endswith("]")
    choices = part.strip("[]").split("|")
    classes = tuple(choice.strip("{}") for choice in choices if choice.startswith("{"))
    words = frozenset(_written(choice) for choice in choices if not choice.startswith("{"))
    return _Element(words, classes, optional)


def _written(word: str) -> str:
    return "*" * word.startswith("*") + fold(word.strip("*")) + "*" * word.endswith("*")
