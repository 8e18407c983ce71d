"""Tables that became plain lines: cells apart by tabs or bars, or fused with nothing between.

A fused cell boundary has no white space, so the text must tell it: "MetformineRenale verliezen"
goes from a small letter to a capital inside a word. Many words do that by nature (HbA1c), so
every such place is weighed, the header says how many columns there are, and a row is cut at its
heaviest places. No row is known by name.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from corpus.lines import Line, ends_sentence, word_set

_LONGEST_ROW = 160
_LONGEST_HEADER = 80
_SHARE_OF_ROWS = 0.6
_ROWS_TO_JUDGE = 12  # a table is told from other lines by its first rows
_SURE = 3.0
_CLOSING = ")]}’”\"'%®™"
_BOUNDARY = re.compile(r"(?<=[^\s\W_]|[)\]}’”\"'%®™*])(?=[^\W\d_a-zß-öø-ÿ]|\d)")
_BARS = re.compile(r"\s*\|\s*")
_TABS = re.compile(r"[ ]*\t[ \t]*")
_BAR_RULE = re.compile(r"[\s|:+=-]+")
_AMOUNT = re.compile(r"[\d.,]{1,12}(?:\s?[-–]\s?[\d.,]{1,12})?\s?([^\W\d_]{1,5}|%)")
_WORD = re.compile(r"[^\W_]+")


@dataclass(frozen=True, slots=True)
class Row:
    """A table's row: its cells as offsets into the document; ``lines`` is how many it takes."""

    start: int
    end: int
    cells: tuple[tuple[int, int], ...]
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Table:
    """A header and the rows below it."""

    header: Row
    rows: tuple[Row, ...]


def vocabulary(lines: Sequence[Line]) -> Counter[str]:
    """How often each run of letters and digits stands in sentences, case kept: no fused words."""
    known: Counter[str] = Counter()
    for line in lines:
        if ends_sentence(line.text):
            known.update(_WORD.findall(line.text))
    return known


def find(lines: Sequence[Line], first: int, last: int, known: Counter[str]) -> Table | None:
    """The table that begins at line ``first`` and ends before line ``last`` at the latest."""
    return _delimited(lines, first, last) or _fused(lines, first, last, known)


def _delimited(lines: Sequence[Line], first: int, last: int) -> Table | None:
    for pattern in (_BARS, _TABS):
        header = _parts(lines[first], pattern)
        if len(header) < 2:
            continue
        rows = []
        index = first + 1
        ruled = 0
        if index < last and pattern is _BARS and _BAR_RULE.fullmatch(lines[index].text):
            ruled = 1
            index += 1
        while index < last and len(cells := _parts(lines[index], pattern)) >= 2:
            rows.append(Row(lines[index].start, lines[index].end, tuple(cells)))
            index += 1
        if rows and (ruled or len(rows) > 1):
            top = lines[first]
            head = Row(top.start, lines[first + ruled].end, tuple(header), 1 + ruled)
            return Table(head, tuple(rows))
    return None


def _parts(line: Line, pattern: re.Pattern[str]) -> list[tuple[int, int]]:
    """Cells between delimiters; a bar at the line's edge opens or closes no cell."""
    cells = []
    position = 0
    if len(line.text) > 8 * _LONGEST_ROW:
        return []
    for found in pattern.finditer(line.text):
        if found.start() > 0:
            cells.append((line.start + position, line.start + found.start()))
        position = found.end()
    if position and position < len(line.text):
        cells.append((line.start + position, line.end))
    return cells


def _fused(lines: Sequence[Line], first: int, last: int, known: Counter[str]) -> Table | None:
    top = lines[first]
    cuts = [place for place, weight in _weigh(top.text, known) if weight >= _SURE]
    if not cuts or len(top.text) > _LONGEST_HEADER or not top.text[0].isalpha():
        return None
    weighed: list[list[tuple[int, float]]] = []
    sure = 0
    for line in lines[first + 1 : last]:
        if not _could_be_row(line):
            break
        places = _weigh(line.text, known)
        weighed.append(places)
        sure += any(weight >= _SURE for _, weight in places)
        if len(weighed) == _ROWS_TO_JUDGE and sure < _SHARE_OF_ROWS * len(weighed):
            return None
    while weighed and not weighed[-1]:  # what follows a table is not of it
        weighed.pop()
    if len(weighed) < 2 or sure < _SHARE_OF_ROWS * min(len(weighed), _ROWS_TO_JUDGE):
        return None
    rows = []
    for line, places in zip(lines[first + 1 : last], weighed, strict=False):
        heaviest = sorted(places, key=lambda place: (-place[1], place[0]))[: len(cuts)]
        rows.append(_row(line, sorted(place for place, _ in heaviest)))
    return Table(_row(top, cuts), tuple(rows))


def _could_be_row(line: Line) -> bool:
    return not line.marker and len(line.text) <= _LONGEST_ROW and not ends_sentence(line.text)


def _row(line: Line, cuts: Sequence[int]) -> Row:
    edges = [0, *cuts, len(line.text)]
    cells = tuple((line.start + left, line.start + right) for left, right in pairwise(edges))
    return Row(line.start, line.end, cells)


def _weigh(text: str, known: Counter[str]) -> list[tuple[int, float]]:
    """Places where two cells may have been fused, with how likely each is (3 and up: surely)."""
    if len(text) > _LONGEST_ROW:
        return []
    places = []
    for found in _BOUNDARY.finditer(text):
        place = found.start()
        weight = _weight(text, place, known)
        if weight > 0:
            places.append((place, weight))
    return places


def _weight(text: str, place: int, known: Counter[str]) -> float:
    before = _letters_before(text, place)
    right = _WORD.match(text, place)
    after = right.group() if right else ""
    last = text[place - 1]
    if text[place].isdigit():
        # "Amandelen270 mg": a word, then an amount; never inside a number or after one capital
        if last not in _CLOSING and not (len(before) >= 3 and before[-1].islower()):
            return 0.0
        found = _AMOUNT.match(text, place)
        return _SURE if found and found.group(1) in word_set("tables", "units") else 1.5
    if last.isupper():
        # "ATPEnergie", "vitamine CSinaasappel": the last of the capitals begins the next cell
        return 0.5 if len(after) >= 3 and after[1].islower() and len(before) < 6 else 0.0
    weight = 0.0
    if last in _CLOSING:
        weight = 3.5
    elif last.isdigit():
        weight = 1.0
    elif last.islower():
        amount = text[: place - len(before)].rstrip()[-1:].isdigit()
        unit = amount and before in word_set("tables", "units")
        weight = _SURE if len(before) >= 3 or unit else 0.5
    if known[before + after]:
        weight -= 2.5  # the document writes it so elsewhere: a name (HbA1c), not two cells
    if not (after[1:2].islower() or after[:2].isupper() or not after[1:]):
        weight -= 1.5
    right_known = len(after) > 2 and (known[after] or known[after.lower()])
    if right_known or (before and known[before]):
        weight += 0.5
    return weight


def _letters_before(text: str, place: int) -> str:
    start = place
    while start > 0 and text[start - 1].isalpha():
        start -= 1
    return text[start:place]
