"""Questions that ask what a thing is, and text that says so: by its form, not by naming it.

"Wat is hypertensie?" is not answered by a list that has hypertension in it. The forms are in
``data/defining.toml``.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Sequence
from functools import cache
from importlib.resources import files

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from index.likeness import QuestionWord
from index.words import content_words, plain, stem, words

_ITSELF = 0.8  # how well a word must be met, and more: a compound with it is another thing …
_SPELT = 80.0  # … unless it is spelt nearly the same, for so the other language's word is
_WORD = re.compile(r"\w+(?:[-‑’']\w+)*")
_END = re.compile(r"[,;:()\[\]\n—–]|\s-\s|[.!?](?:\s|$)")  # of a clause


def to_define(question: str, questioned: Sequence[QuestionWord]) -> list[QuestionWord]:
    """The words of the thing that a question asks to be defined; none where it asks for no such."""
    asked = _first(form.search(question.strip()) for form in _forms("asks"))
    named = set(content_words(asked["what"])) if asked else set()
    return [word for word in questioned if word.word in named]


def definition(text: str, thing: Sequence[QuestionWord]) -> tuple[int, int] | None:
    """Where a text says of a thing that it names what that is: by an apposition, "is a".

    ``thing``: its words; of two or more, those that weigh half of it name it. None where the text
    says no such thing.
    """
    named = _named(text, thing)
    for start, end in named:
        if said := _first(form.match(text[end:]) for form in _forms("after")):
            inside = text.startswith(")", end)  # "… (ATP), the energy of cells"
            rest = text[end:].lstrip("), ") if inside else text[start:]
            begin = len(text) - len(rest)
            return begin, _clause_end(text, begin, end + said.end())
    for start, end in named:
        if said := _first(form.search(text[:start]) for form in _forms("before")):
            return said.start(), end
        if (long := _long_form(text, start, end)) is not None:
            return long, end
    return None


def _clause_end(text: str, start: int, at: int) -> int:
    """Where the clause from ``start`` ends, not before ``at``; a bracket opened in it is closed."""
    ended = _END.search(text, at - 1)
    end = ended.start() if ended else len(text)
    return end + (text.startswith(")", end) and "(" in text[start:end])


def _named(text: str, thing: Sequence[QuestionWord]) -> list[tuple[int, int]]:
    """Where a text names a thing: runs of words that each meet one of its words."""
    total = sum(word.weight for word in thing)
    runs: list[tuple[int, int, set[str]]] = []
    for match in _WORD.finditer(text):
        met = {one.word for one in thing for part in words(match.group()) if _is(part, one)}
        if not met:
            continue
        start, end = match.span()
        if runs and not text[runs[-1][1] : start].strip(" -"):
            start, met = runs[-1][0], runs.pop()[2] | met
        runs.append((start, end, met))
    return [
        (start, end)
        for start, end, met in runs
        if 2 * sum(one.weight for one in thing if one.word in met) >= total
    ]


def _is(word: str, questioned: QuestionWord) -> bool:
    like = max(questioned.terms.get(one, 0.0) for one in (stem(word), stem(plain(word))))
    spelt = like and fuzz.ratio(plain(word), plain(questioned.word)) >= _SPELT
    return like > _ITSELF or bool(spelt)


def _long_form(text: str, start: int, end: int) -> int | None:
    """Where the words begin that ``text[start:end]``, in brackets behind them, is short for."""
    short = text[start:end].lower()
    if not text[start:end].isupper() or not text[:start].endswith("("):
        return None
    words_before = list(_WORD.finditer(text, 0, start))[-1:-3:-1]
    for word in words_before:
        long = text[word.start() : start].lower()
        # of an English abbreviation one letter may be missing in the Dutch words
        if long[0] == short[0] and LCSseq.similarity(short, long) >= len(short) - 1:
            return word.start()
    return None


def _first(matches: Iterable[re.Match[str] | None]) -> re.Match[str] | None:
    return next((match for match in matches if match), None)


@cache
def _forms(name: str) -> tuple[re.Pattern[str], ...]:
    table = tomllib.loads(files("qa").joinpath("data/defining.toml").read_text("utf-8"))
    return tuple(re.compile(row, re.IGNORECASE) for row in table[name])
