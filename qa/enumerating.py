"""Lists in running text: "bladgroenten, noten en zaden" is one answer of three items.

A reader often marks only the last item. What it marked is widened to the whole enumeration, by
rule: items stand between commas, the last after "en", "of", "and" or "or"; the first begins and
the last ends at a function word, a bracket or another break. Brackets within an item stay with it.
"""

from __future__ import annotations

import re

from index.words import stopwords

_BREAK = re.compile(r"[:;!?()\[\]\n—–]|\s-\s|\.(?:\s|$)|[“”\"]")
_BRACKETS = re.compile(r"\([^()]*\)")
_COMMA = r"\s*,\s+(?:(?:en|of|and|or)\s+(?:zelfs\s+|even\s+)?)?"
_LAST = r"\s+(?:en|of|and|or)\s+(?:zelfs\s+|even\s+)?"
_BETWEEN = re.compile(f"{_COMMA}|{_LAST}")
_WORD = re.compile(r"\S+")
_LONGEST = 4  # words of an item in the middle
_LONGEST_EDGE = 2  # words of the first item that the reader left out, or the last


def enumeration(text: str, start: int, end: int) -> tuple[int, int, int]:
    """The enumeration that ``text[start:end]`` is part of, widened: its edges and its items.

    The edges as given and 1 where it is part of none.
    """
    plain = _hidden(text, start, end)
    low, high = _segment(plain, start, end)
    joints = [m.span() for m in _BETWEEN.finditer(plain, low, high)]
    inside = [joint for joint in joints if start < joint[1] and joint[0] < end]
    if not _listing(plain, start, end, inside):
        return start, end, 1
    items = len(inside) + 1
    before = [joint for joint in joints if joint[1] <= start]
    after = [joint for joint in joints if joint[0] >= end]
    ended = (bool(inside) and _is_last(plain, inside[-1])) or _begins_last(plain, before, start)
    left = start
    while before and _adjoins(plain, before[-1][1], left):
        joint = before.pop()
        item = _item_before(plain, before[-1][1] if before else low, joint[0], first=not before)
        if item is None:
            break
        left, items = item, items + 1
        if before and left > before[-1][1]:
            break
    right = end
    while after and not ended and _adjoins(plain, right, after[0][0]):
        joint = after.pop(0)
        ended = _is_last(plain, joint)
        item = _item_after(plain, joint[1], after[0][0] if after else high, ended)
        if item is None:
            break
        right, items = item, items + 1
        if after and after[0][0] == right and not _is_last(plain, after[0]):
            ended = False  # "cashewnoten en paranoten, pure cacao, avocado": two in one item
    return (left, right, items) if items > 1 else (start, end, 1)


def _listing(text: str, start: int, end: int, joints: list[tuple[int, int]]) -> bool:
    """Whether what stands between joints within the span are items and no clauses.

    The first may have a clause before it and the last one behind it, where there is one between.
    """
    if not joints:
        return True
    edges = [start, *(edge for joint in joints for edge in joint), end]
    pieces = [text[low:high].split() for low, high in zip(edges[::2], edges[1::2], strict=True)]
    if len(pieces) > 2:
        pieces = pieces[1:-1]
    return all(
        len(words) <= _LONGEST and not any(_stops(word) for word in words) for words in pieces
    )


def _hidden(text: str, start: int, end: int) -> str:
    """The text with brackets that lie outside the span made one unbroken word of their length."""

    def hide(match: re.Match[str]) -> str:
        within = match.start() < start and end < match.end()
        return match.group() if within else "\x01" * len(match.group())

    return _BRACKETS.sub(hide, text)


def _segment(text: str, start: int, end: int) -> tuple[int, int]:
    """The stretch around the span without a break."""
    low = max((m.end() for m in _BREAK.finditer(text, 0, start)), default=0)
    high = next((m.start() for m in _BREAK.finditer(text, end)), len(text))
    return low, high


def _is_last(text: str, joint: tuple[int, int]) -> bool:
    return text[joint[0] : joint[1]].strip(" ,") != ""


def _begins_last(text: str, before: list[tuple[int, int]], start: int) -> bool:
    return bool(before) and before[-1][1] == start and _is_last(text, before[-1])


def _adjoins(text: str, start: int, end: int) -> bool:
    """Whether between the span and a joint stands no more than an item's other words."""
    rest = text[start:end].split()
    return len(rest) < _LONGEST and not any(_stops(word) for word in rest)


def _item_before(text: str, low: int, end: int, first: bool) -> int | None:
    """Where the item that ends at ``end`` begins, None where none does."""
    begin = None
    longest = _LONGEST_EDGE if first else _LONGEST
    for count, word in enumerate(reversed(list(_WORD.finditer(text, low, end)))):
        if _stops(word.group()) or count >= longest:
            break
        begin = word.start()
    return begin


def _item_after(text: str, start: int, high: int, last: bool) -> int | None:
    """Where the item that begins at ``start`` ends; one in the middle must be an item whole."""
    words = list(_WORD.finditer(text, start, high))
    if not words or _stops(words[0].group()):
        return None
    if not last:
        whole = len(words) <= _LONGEST and not any(_stops(word.group()) for word in words)
        return words[-1].end() if whole else None
    end = words[0].start()
    for count, word in enumerate(words):
        if _stops(word.group()) or count >= _LONGEST_EDGE:
            break
        end = word.end()
        if word.group()[-1] in ".,*\x01":
            break
    return start + len(text[start:end].rstrip(".,*")) if end > start else None


def _stops(word: str) -> bool:
    return word.strip(".,'’*").lower() in stopwords()
