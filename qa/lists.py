"""Questions that want several things, and the list that answers them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

from corpus.model import Kind
from index.model import Passage, Unit
from qa.language import Language

_LISTED = frozenset({Kind.LIST_ITEM, Kind.TABLE_ROW})


@cache
def _patterns(language: Language) -> re.Pattern[str]:
    table = tomllib.loads(files("qa").joinpath("data/lists.toml").read_text("utf-8"))
    return re.compile("|".join(table[language]))


def wants_list(question: str, language: Language) -> bool:
    """True where the question asks for several things ("Which foods …?")."""
    return _patterns(language).search(question.lower()) is not None


def introduces(passage: Passage, number: int) -> bool:
    """True where a unit only announces the list after it: "Goede bronnen zijn:"."""
    text = passage.text[passage.units[number].start : passage.units[number].end]
    following = passage.units[number + 1 : number + 2]
    return text.rstrip().endswith(":") and bool(following) and following[0].kind in _LISTED


def whole_list(passage: Passage, number: int) -> tuple[int, ...]:
    """The numbers of the units of the list that unit ``number`` belongs to or announces."""
    first = number + 1 if introduces(passage, number) else number
    units = passage.units
    if first >= len(units) or units[first].kind not in _LISTED:
        return (number,)
    like = units[first]
    low = high = first
    while low > 0 and _same_list(units[low - 1], like):
        low -= 1
    while high + 1 < len(units) and _same_list(units[high + 1], like):
        high += 1
    return tuple(range(low, high + 1))


def _same_list(unit: Unit, like: Unit) -> bool:
    if unit.kind is not like.kind:
        return False
    return unit.kind is Kind.TABLE_ROW or unit.context == like.context


def asked_column(
    passage: Passage, numbers: Sequence[int], names: Callable[[str], float]
) -> int | None:
    """Which column of a table's rows answers: the cells are quoted, for fused rows are no language.

    The column whose header the question names ("which medicines": Medicatie), else the one whose
    cells it names least, the first of equals: that one names the things. None where the units are
    no rows. ``names``: how much of the question a text names.
    """
    rows = [passage.units[number] for number in numbers if passage.units[number].cells]
    width = min((len(row.cells) for row in rows), default=0)
    if not width:
        return None
    headers = [names(_header(passage, rows[0], column)) for column in range(width)]
    if max(headers) > 0:
        return headers.index(max(headers))
    named = [
        sum(names(passage.text[slice(*row.cells[column])]) for row in rows)
        for column in range(width)
    ]
    return named.index(min(named))


def _header(passage: Passage, row: Unit, column: int) -> str:
    """A column's name as the row's context gives it ("Medicatie: Metformine | …"), or ""."""
    cell = passage.text[slice(*row.cells[column])]
    for piece in row.context.split(" | "):
        if piece.endswith(f": {cell}"):
            return piece[: -len(cell) - 2]
    return ""
