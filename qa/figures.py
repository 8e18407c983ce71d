"""Figures in texts, and questions that ask for one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from index.words import stem

_FIGURE = re.compile(
    r"(?P<low>\d+(?:[.,]\d+)*)(?:\s*(?:-|–|tot|to)\s*(?P<high>\d+(?:[.,]\d+)*))?\s*\+?\s*"
    r"(?P<percent>%)?(?P<after>(?:\s*[^\W\d_]+){0,3})"
)


_ALIKE = 5  # letters: enzymen and enzymatische reacties count the same thing


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and what it counts: (300, 300, "enzym"). A range has ``low`` < ``high``."""

    low: float
    high: float
    counted: str
    text: str


@cache
def _table() -> Mapping[str, list[str]]:
    return tomllib.loads(files("qa").joinpath("data/quantities.toml").read_text("utf-8"))


def figures(text: str) -> list[Figure]:
    """The figures in a text with the beginning of the word that they count."""
    fillers = frozenset(_table()["fillers"])
    found = []
    for match in _FIGURE.finditer(text):
        after = [w for w in match["after"].lower().split() if w not in fillers]
        counted = "%" if match["percent"] else (stem(after[0])[:_ALIKE] if after else "")
        low = _number(match["low"])
        high = _number(match["high"]) if match["high"] else low
        if counted:
            shown = text[match.start() : match.end("high") if match["high"] else match.end("low")]
            found.append(Figure(low, high, counted, shown.strip()))
    return found


def _number(text: str) -> float:
    """Dutch and English figures: 1.000 and 1,000 are a thousand, 0,5 and 0.5 a half."""
    whole = re.fullmatch(r"\d{1,3}(?:[.,]\d{3})+", text)
    if whole:
        return float(re.sub(r"[.,]", "", text))
    parts = re.split(r"[.,]", text)
    return float(parts[0] + ("." + parts[1] if len(parts) > 1 else ""))


def asks_figure(question: str) -> bool:
    """True where the question asks how much, how many, how often, how long, what share or dose."""
    table = _table()
    text = question.lower()
    return any(phrase in text for phrase in (*table["asks_nl"], *table["asks_en"]))


def has_figure(text: str) -> bool:
    """True where the text has a digit or a word that stands for a figure (half, two, drie)."""
    words = frozenset(re.findall(r"[^\W\d_]+", text.lower()))
    return any(c.isdigit() for c in text) or not words.isdisjoint(_table()["figure_words"])
