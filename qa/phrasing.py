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


def _asks(name: str, question: str, language: Language) -> bool:
    return _form(name, language).search(question.strip().lower()) is not None


def _says(name: str, text: str) -> bool:
    """Whether a text has a form in either language."""
    lowered = text.lower()
    return any(_form(name, language).search(lowered) for language in _table()[name])


@cache
def _idioms() -> tuple[tuple[re.Pattern[str], str], ...]:
    rows = _table()["means"]
    return tuple((re.compile(row["says"], re.IGNORECASE), row["means"]) for row in rows)


def is_yes_no(question: str, language: Language) -> bool:
    """True where a question can be answered by yes or no: its verb comes first."""
    return _asks("yes_no", question, language)


def asks_why(question: str, language: Language) -> bool:
    """True where a question asks for a reason."""
    return _asks("why", question, language)


def gives_reason(text: str) -> bool:
    """True for text of either language that says by what something comes."""
    return _says("reasons", text)


def says_yes_or_no(text: str) -> bool:
    """True for a sentence of either language that begins by saying yes or no."""
    return _says("says_yes_no", text)


def is_explained(question: str, language: Language) -> bool:
    """True where a question asks what something is or does, or compares two things: a name alone
    does not say it."""
    asks = _asks("explains", question, language) or is_defined(question, language)
    return asks or compared(question, language) is not None


def is_defined(question: str, language: Language) -> bool:
    """True where a question asks what a thing is."""
    return _asks("defines", question, language)


def compared(question: str, language: Language) -> tuple[str, str] | None:
    """The two things that a question compares, as it names them."""
    patterns = _table()["compares"][language]
    if _asks("prefers", question, language):
        patterns = [*patterns, *_table()["chooses"][language]]
    for pattern in patterns:
        match = re.search(pattern, question.strip(), re.IGNORECASE)
        if match:
            return match["one"], match["other"]
    return None


def sets_apart(text: str) -> bool:
    """True for text of either language that sets one thing against another."""
    return _says("contrasts", text)


def is_condition(text: str) -> bool:
    """True for a clause of either language that only tells when something holds."""
    return _says("conditions", text)


def without_link(text: str) -> str:
    """A quote of either language without the word at its end that links it to the sentence before.

    "Magtein daarentegen" is Magtein. A quote that is nothing else stays as it is.
    """
    kept = text
    for language in _table()["links"]:
        kept = _form("links", language).sub("", kept)
    return kept or text


def in_full(question: str) -> str:
    """The question with its idiom said in full: "Waar zit ijzer in?" asks for foods."""
    for pattern, means in _idioms():
        match = pattern.match(question.strip())
        if match:
            return means.format(what=match["what"])
    return question
