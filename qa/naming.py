"""Things of a kind that a question wants named and a text names, such as moments of the day.

The kinds and their words are in ``data/naming.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of thing, what asks for one, and each thing's words.

    ``differ``: whether who names another one says something else.
    """

    asks: re.Pattern[str]
    names: Mapping[str, re.Pattern[str]]
    differ: bool

    def named(self, text: str) -> dict[str, str]:
        """The things that a text names, in order, each with the words as they stand there."""
        found = {
            name: match
            for name, pattern in self.names.items()
            if (match := pattern.search(text.lower()))
        }
        order = sorted(found, key=lambda name: found[name].start())
        return {name: _word_around(text, *found[name].span()) for name in order}


def asked_kind(question: str) -> Kind | None:
    """The kind of thing that the question wants named, if it is one that we know."""
    text = question.lower()
    return next((kind for kind in _kinds() if kind.asks.search(text)), None)


@cache
def _kinds() -> tuple[Kind, ...]:
    table = tomllib.loads(files("qa").joinpath("data/naming.toml").read_text("utf-8"))
    return tuple(
        Kind(
            re.compile("|".join(kind["asks"])),
            {name: re.compile("|".join(words)) for name, words in kind["names"].items()},
            kind["differ"],
        )
        for kind in table.values()
    )


def _word_around(text: str, start: int, end: int) -> str:
    """The whole word that a match stands in: oxide in Magnesiumoxide."""
    while start > 0 and (text[start - 1].isalnum() or text[start - 1] in "-‑"):
        start -= 1
    while end < len(text) and text[end].isalnum():
        end += 1
    return text[start:end]
