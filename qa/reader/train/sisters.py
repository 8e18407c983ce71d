"""Words of one kind, for questions about something else: magnesium and zinc, king and emperor.

Read from the database files of WordNet (Fellbaum 1998; Debian ``wordnet-base``) as they are laid
out in its ``wndb(5WN)``. Sisters of a word are the other words right below what it is a kind or
an instance of, and its contraries.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_KINDS = ("noun", "verb", "adj", "adv")
_ABOVE = {"@", "@i"}  # kind of, instance of
_CONTRARY = "!"
_LIKE = "&"  # an adjective near in meaning, which has the contrary
_SENSES = 2  # the most usual ones of a word
_MOST = 400  # words right below one meaning: more are no kind ("person")
_ENDINGS = (("ies", "y"), ("s", ""), ("es", ""), ("ied", "y"), ("d", ""), ("ed", ""), ("ing", ""))

_Key = tuple[str, str]  # part of speech, place in its file


@dataclass(frozen=True, slots=True)
class _Meaning:
    words: tuple[str, ...]
    pointers: tuple[tuple[str, _Key], ...]


class Sisters:
    """The words of the same kind as a word, among ``known`` ones; none without the files.

    ``folder`` holds WordNet's ``data.noun``, ``index.noun`` and so on; other words than ``known``
    (lower case) are never given, so that no rare or wrongly formed word gets into a question.
    """

    def __init__(self, folder: Path, known: Container[str]) -> None:
        self._known = known
        self._meanings: dict[_Key, _Meaning] = {}
        self._of_word: dict[str, list[_Key]] = defaultdict(list)
        self._below: dict[_Key, list[_Key]] = defaultdict(list)
        for kind in _KINDS:
            if (folder / f"data.{kind}").exists():
                self._meanings.update(_meanings(folder, kind))
                for word, keys in _senses(folder, kind):
                    self._of_word[word] += keys
        for key, meaning in self._meanings.items():
            for relation, other in meaning.pointers:
                if relation in _ABOVE:
                    self._below[other].append(key)
        self.of = lru_cache(maxsize=50_000)(self._of)

    def _of(self, word: str) -> tuple[str, ...]:
        """Lower-case words of the kind of ``word`` (lower case), in the same form; sorted."""
        found = self._of_base(word, "")
        for ending, instead in _ENDINGS:
            if word.endswith(ending) and len(word) > len(ending) + 2:
                base = word[: -len(ending)] + instead
                found |= {_formed(one, ending, instead) for one in self._of_base(base, instead)}
        return tuple(sorted(one for one in found if one in self._known and one != word))

    def _of_base(self, word: str, ending: str) -> set[str]:
        keys = self._of_word.get(word, [])
        own = {one for key in keys for one in self._meanings[key].words}
        found: set[str] = set()
        for key in keys[:_SENSES]:
            meaning = self._meanings[key]
            for relation, other in meaning.pointers:
                if relation in _ABOVE and len(self._below[other]) <= _MOST:
                    found.update(w for one in self._below[other] for w in self._meanings[one].words)
                elif relation == _CONTRARY:
                    found.update(self._meanings[other].words)
                elif relation == _LIKE:
                    found.update(
                        w
                        for r, far in self._meanings[other].pointers
                        if r == _CONTRARY
                        for w in self._meanings[far].words
                    )
        return {one for one in found - own if one.isalpha() and one.endswith(ending)}


def _formed(word: str, ending: str, instead: str) -> str:
    return word[: len(word) - len(instead)] + ending


def _meanings(folder: Path, kind: str) -> Iterator[tuple[_Key, _Meaning]]:
    for line in (folder / f"data.{kind}").read_text("utf-8").splitlines():
        if not line.startswith(" "):
            fields = line.split(" | ")[0].split()
            count = int(fields[3], 16)
            words = tuple(re.sub(r"\(.*", "", one).lower() for one in fields[4 : 4 + 2 * count : 2])
            rest = fields[5 + 2 * count :]
            pointers = tuple(
                (rest[at], (_part(rest[at + 2]), rest[at + 1]))
                for at in range(0, 4 * int(fields[4 + 2 * count]), 4)
            )
            yield (kind, fields[0]), _Meaning(words, pointers)


def _part(letter: str) -> str:
    return {"n": "noun", "v": "verb", "a": "adj", "s": "adj", "r": "adv"}[letter]


def _senses(folder: Path, kind: str) -> Iterator[tuple[str, list[_Key]]]:
    for line in (folder / f"index.{kind}").read_text("utf-8").splitlines():
        if not line.startswith(" "):
            fields = line.split()
            yield fields[0], [(kind, place) for place in fields[-int(fields[2]) :]]
