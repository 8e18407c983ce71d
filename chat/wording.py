"""The words of the page: two TOML files with the same keys, one a language."""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

LANGUAGES = ("nl", "en")
_FOLDER = Path(__file__).parent / "texts"


@dataclass(frozen=True)
class Wording:
    """The texts of one language. Call it with a dotted key: ``wording("answer.says")``.

    What comes back is plain text, never HTML: escape it where it is shown.
    """

    language: str
    tables: dict[str, Any]

    def __call__(self, key: str, **values: object) -> str:
        table, _, name = key.partition(".")
        return str(self.tables[table][name]).format(**values)

    def name(self, table: str, key: str) -> str:
        """The word for a value from the data (a kind of publisher); the value itself if unknown."""
        return str(self.tables[table].get(key, key))

    def listing(self, things: Sequence[str]) -> str:
        """``a, b and c``, each translated where the page has a word for it."""
        words = [self.name("things", thing) for thing in things]
        if len(words) < 2:
            return "".join(words)
        return f"{', '.join(words[:-1])} {self('answer.and')} {words[-1]}"

    def number(self, value: float) -> str:
        """One decimal, with the comma or point of the language."""
        return f"{value:.1f}".replace(".", self("profile.decimal"))

    def whole(self, value: int) -> str:
        """A whole number, its thousands set apart as the language does."""
        return f"{value:,}".replace(",", self("profile.thousands"))


@cache
def wording(language: str) -> Wording:
    """The texts for ``language``; Dutch for any language the page does not have."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    return Wording(known, tomllib.loads((_FOLDER / f"{known}.toml").read_text(encoding="utf-8")))
