"""Words of a sentence with their offsets, folded so that one spelling stands for many.

Folding is one character for one character, so an offset in folded text is an offset in the text.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

# Letters and digits; "Mg²⁺" and "D3" are one word, a hyphen or an apostrophe parts two.
_WORD = re.compile(r"[^\W_]+")
# What parts clauses: a negation does not reach over these.
_BREAK = re.compile(r"[;:—–!?()]|\s-\s")
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Token:
    """A word: folded, with its offsets in the whole text, and the clause it stands in."""

    word: str
    start: int
    end: int
    clause: int


def fold(word: str) -> str:
    """Lower case without accents; a word keeps its first 60 characters."""
    return _fold(word[:_LONGEST])


@lru_cache(maxsize=50_000)
def _fold(word: str) -> str:
    if word.isascii():
        return word.lower()
    bare = unicodedata.normalize("NFKD", word.lower())
    return "".join(character for character in bare if not unicodedata.combining(character))


def tokenise(text: str, start: int, end: int) -> tuple[Token, ...]:
    """The words of ``text[start:end]`` in order; linear in ``end - start``."""
    breaks = [match.start() for match in _BREAK.finditer(text, start, end)]
    tokens = []
    clause = 0
    for match in _WORD.finditer(text, start, end):
        while clause < len(breaks) and breaks[clause] < match.start():
            clause += 1
        tokens.append(Token(fold(match.group()), match.start(), match.end(), clause))
    return tuple(tokens)
