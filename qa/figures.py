"""Figures in texts, and questions that ask for one."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any

from index.words import content_words, stem

_FIGURE = re.compile(
    r"(?P<low>\d+(?:[.,]\d+)*)(?:\s*(?:-|–|tot|to)\s*(?P<high>\d+(?:[.,]\d+)*))?\s*\+?\s*"
    r"(?P<percent>%)?(?P<after>(?:\s*[^\W\d_]+){0,3})"
)
_NOTES = re.compile(r"(?<=[.!?*)])\s*\d{1,3}(?:\s?[.,]\s?\d{1,3})*\.?\s*$")

_ALIKE = 5  # letters: enzymen and enzymatische reacties count the same thing


@dataclass(frozen=True, slots=True)
class Figure:
    """A figure and what it counts: (300, 300, "enzym"). A range has ``low`` < ``high``."""

    low: float
    high: float
    counted: str
    text: str


@dataclass(frozen=True, slots=True)
class _Form:
    """A form that an answer must have: what asks for it, and what it looks like."""

    asks: re.Pattern[str]
    has: re.Pattern[str]


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(files("qa").joinpath("data/quantities.toml").read_text("utf-8"))


@cache
def _forms() -> tuple[_Form, ...]:
    return tuple(
        _Form(re.compile("|".join(form["asks"])), re.compile("|".join(form["has"])))
        for form in _table()["form"].values()
    )


@cache
def _groups(name: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(rf"\b(?:{'|'.join(g)})\b") for g in _table()[name].values())


@cache
def _pattern(name: str) -> re.Pattern[str]:
    return re.compile("|".join(_table()[name]))


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


def with_measure(text: str, start: int, end: int, low: int, high: int) -> tuple[int, int]:
    """The edges of ``text[start:end]``, widened in ``[low, high)`` where it is or ends a figure.

    By what belongs to it: "300" is said as "meer dan 300", "300-420" as "300-420 mg per dag", "220"
    as "220 van de 250".
    """
    marked = text[start:end]
    if text[start].isdigit() and (before := _measures()[0].search(text, low, start)):
        start = before.start()
    if re.search(r"(?<!\w)\d[\d.,–-]*\s*\S*$", marked) and (
        after := _measures()[1].match(text, end, high)
    ):
        end = after.end()
    return start, end


@cache
def _measures() -> tuple[re.Pattern[str], re.Pattern[str]]:
    table = _table()
    before, after = "|".join(table["before"]), "|".join(table["after"])
    return (
        re.compile(rf"(?<!\w)(?:{before})\s+$", re.IGNORECASE),
        re.compile(rf"(?:\s?(?:{after})(?!\w))?{table['per']}(?!\w)", re.IGNORECASE),
    )


def without_notes(text: str) -> str:
    """A sentence without the numbers of the notes behind it ("… een beroerte. 19,20")."""
    return _NOTES.sub("", text)


def asks_figure(question: str) -> bool:
    """True where the question asks how much, how many, how often, how long, what share or dose."""
    table = _table()
    text = question.lower()
    for word in table["not_asked"]:
        text = text.replace(word, "")
    return any(phrase in text for phrase in (*table["asks_nl"], *table["asks_en"]))


def has_figure(text: str) -> bool:
    """True where the text has a digit or a word that stands for a figure (half, two, drie).

    The numbers of notes behind a sentence are none.
    """
    said = without_notes(text).lower()
    words = frozenset(re.findall(r"[^\W\d_]+", said))
    return (
        any(c.isdecimal() for c in said)
        or not words.isdisjoint(_table()["figure_words"])
        or _pattern("figure_phrases").search(said) is not None
    )


def lacks_figure(question: str, text: str) -> bool:
    """True where the question asks for a figure and the text has none."""
    return asks_figure(question) and not has_figure(text)


def lacks_form(question: str, text: str) -> bool:
    """True where the question asks for a form of answer that the text has not.

    What costs money is answered with money: "300 mg" says how much, not what it costs. So it is
    with years, who found or founded something, and what is so tomorrow.
    """
    asked, said = question.lower(), text.lower()
    return any(form.asks.search(asked) and not form.has.search(said) for form in _forms())


def lacks_group(question: str, text: str) -> bool:
    """True where a figure, or what is safe, is asked for people that the text does not name, or
    anything for animals that it does not: a dose for babies is not the one for everyone.
    """
    asked, said = question.lower(), text.lower()
    groups = _groups("stranger")
    if asks_figure(question) or _pattern("safety").search(asked):
        groups += _groups("group")
    return any(group.search(asked) and not group.search(said) for group in groups)


def lacks_mark(things: tuple[str, str] | None, text: str) -> bool:
    """True where only a figure or a letter tells two things apart ("type 1", "vitamin D"), and the
    text does not name both: words are compared without these, so that one is like the other.
    """
    if things is None:
        return False
    one, other = (frozenset(_words(thing)) for thing in things)
    own = one - other, other - one
    marks = [{word for word in words if len(word) == 1 or word.isdecimal()} for words in own]
    told_by_words = all(words - mark for words, mark in zip(own, marks, strict=True))
    return all(marks) and not told_by_words and not set().union(*marks).issubset(_words(text))


def _words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


def uncounted(question: str, text: str, met: Mapping[str, float]) -> float:
    """How far a text fails to name what the question wants counted, 0 to 1.

    "How many weeks" is not answered by 300 mg, nor a dose of vitamin D by that of magnesium.
    ``met``: how well the text meets the question's words, 0 to 1 by word.
    """
    if _pattern("percent").search(question.lower()):
        return float(_pattern("shares").search(text.lower()) is None)
    asks = _pattern("counts").search(question.lower())
    counted = content_words(asks["counted"])[:1] if asks else []
    return 1.0 - met[counted[0]] if counted and counted[0] in met else 0.0
