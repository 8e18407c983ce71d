"""What the form of a question says of the answer that it wants, and idioms said in full."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib.resources import files
from typing import Any

from qa.language import Language


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(files("qa").joinpath("data/phrasing.toml").read_text("utf-8"))


@cache
def _form(name: str, language: Language) -> re.Pattern[str]:
    return re.compile("|".join(_table()[name][language]))


@cache
def _idioms() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = _table()["means"]
    return tuple((re.compile(row["says"], re.IGNORECASE), row["means"]) for row in rows)


def is_yes_no(question: str, language: Language) -> bool:
    """True where a question can be answered by yes or no: its verb comes first."""
    return _form("yes_no", language).search(question.strip().lower()) is not None


def asks_why(question: str, language: Language) -> bool:
    """True where a question asks for a reason."""
    return _form("why", language).search(question.strip().lower()) is not None


def gives_reason(text: str) -> bool:
    """True for text of either language that says by what something comes."""
    lowered = text.lower()
    return any(_form("reasons", one).search(lowered) for one in _table()["reasons"])


def says_yes_or_no(text: str) -> bool:
    """True for a sentence of either language that begins by saying yes or no."""
    lowered = text.lower()
    return any(_form("says_yes_no", one).match(lowered) for one in _table()["says_yes_no"])


def is_explained(question: str, language: Language) -> bool:
    """True where a question asks what something is or does, which a name alone does not say."""
    explains = _form("explains", language).search(question.strip().lower()) is not None
    return explains or is_defined(question, language)


def is_defined(question: str, language: Language) -> bool:
    """True where a question asks what a thing is."""
    return _form("defines", language).search(question.strip().lower()) is not None


def compared(question: str, language: Language) -> tuple[str, str] | None:
    """The two things that a question compares, as it names them."""
    for pattern in _table()["compares"][language]:
        match = re.search(pattern, question.strip(), re.IGNORECASE)
        if match:
            return match["one"], match["other"]
    return None


def sets_apart(text: str) -> bool:
    """True for text of either language that sets one thing against another."""
    lowered = text.lower()
    return any(_form("contrasts", one).search(lowered) for one in _table()["contrasts"])


def is_condition(text: str) -> bool:
    """True for a clause of either language that only tells when something holds."""
    lowered = text.lower()
    return any(_form("conditions", one).search(lowered) for one in _table()["conditions"])


def in_full(question: str) -> str:
    """The question with its idiom said in full: "Waar zit ijzer in?" asks for foods."""
    for pattern, means in _idioms():
        match = pattern.match(question.strip())
        if match:
            return means.format(what=match["what"])
    return question
