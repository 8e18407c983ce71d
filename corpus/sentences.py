"""Where sentences stand in a Dutch or English text, by rule and in linear time.

No model and no list of this corpus's sentences: a run of stops ends a sentence unless what stands
before it (an abbreviation, an initial, an item's number) or after it (a small letter) says
otherwise. What trails a stop goes with the sentence it closes: quotes and brackets, footnote
asterisks, superscripts, and citation numbers, spaced or not ("... pijn. 12 De ...").
The words are in ``sentences.toml``.
"""

from __future__ import annotations

import re
import tomllib
from functools import cache
from pathlib import Path

# One class and a greedy star, no look-ahead: a run of a million stops is matched once.
_STOPS = re.compile(r"[.!?…][.!?…\"'”’»›)\]}*†‡§®™⁰¹²³⁴⁵⁶⁷⁸⁹⁻⁺]*")
_SPACE = re.compile(r"\s*")
_BLANK_LINE = re.compile(r"\n[^\S\n]*\n")
_NUMBERS = r"\d{1,3}(?:[^\S\n]?[,–-][^\S\n]?\d{1,3}){0,20}"
# Citation numbers behind a stop, up to the next sentence or the end of the line.
_CITED = re.compile(
    rf"(?:[^\S\n]{{1,3}}(?:\[{_NUMBERS}\]|{_NUMBERS})(?![\w:%°])[.*]?){{1,8}}"
    r"(?=\s*\Z|[^\S\n]*\n|\s{1,8}[\"'“‘„«(\[]{0,3}[^\W\d_a-zß-öø-ÿ])"
)
_GLUED = re.compile(rf"(?:\[{_NUMBERS}\]|{_NUMBERS})(?=\s|\Z)")
_OPENERS = "\"'“”‘’„«‹([{*_¿¡–—-•·"
_ELISION = re.compile(r"['’‘‛`][stnm]\s{1,3}([^\W\d_])")  # 's Avonds, 't Is
_FUSED = re.compile(r"[^\W\d_][^\W\d_A-Z]+(?=[\s,;:])")  # the next sentence, without a space
_MARKER = re.compile(r"[^\S\n]*(?:[•◦▪‣●○–—*-]|\d{1,3}[.)])[^\S\n]+\S")
_NUMBERED_ITEM = re.compile(r"(?:\d{1,3}|[A-Za-z]|[ivxIVX]{2,4})\Z")
_STARTS_NUMBER = re.compile(r"\d[\d.,]*(?:\s|[-–]\d|[-–%°][^\S\n]?\w|[^\W\d_])")
_LONGEST_WORD = 40
_SHORT_LINE = 60


@cache
def _words() -> dict[str, frozenset[str]]:
    with Path(__file__).with_suffix(".toml").open("rb") as file:
        return {name: frozenset(words) for name, words in tomllib.load(file).items()}


def split(text: str, start: int = 0, end: int | None = None) -> list[tuple[int, int]]:
    """Offsets ``[start, end)`` in ``text`` of the sentences of ``text[start:end]``, in order.

    The spans do not overlap, have no white space at their edges and together hold every character
    that is not white space. Takes time linear in ``end - start``.
    """
    end = len(text) if end is None else end
    spans: list[tuple[int, int]] = []
    begin = start
    for stop in _boundaries(text, start, end):
        begin = _add(spans, text, begin, stop)
    _add(spans, text, begin, end)
    return spans


def _add(spans: list[tuple[int, int]], text: str, begin: int, stop: int) -> int:
    space = _SPACE.match(text, begin, stop)
    first = space.end() if space else begin
    last = first + len(text[first:stop].rstrip())
    if last > first:
        spans.append((first, last))
    return stop


def _boundaries(text: str, start: int, end: int) -> list[int]:
    """Ends of sentences before ``end``: after stops and what trails them, and at line breaks."""
    lines = _line_ends(text, start, end)
    found: list[int] = []
    begin = start  # where the running sentence begins
    position = start
    while match := _STOPS.search(text, position, end):
        while lines and lines[-1] <= match.start():
            begin = lines.pop()
            found.append(begin)
        position = match.end()
        stop = _sentence_end(text, begin, match, end)
        if stop is not None:
            found.append(stop)
            begin = position = stop
    found.extend(reversed(lines))
    return sorted(set(found))


def _line_ends(text: str, start: int, end: int) -> list[int]:
    """Line breaks that end a sentence without a stop, last first: blank lines and title lines."""
    ends = []
    newline = text.find("\n", start, end)
    line = start
    while newline != -1:
        space = _SPACE.match(text, newline, end)
        after = space.end() if space else newline + 1
        before = text[line:newline].strip()
        if _BLANK_LINE.match(text, newline, end) or _MARKER.match(text, newline + 1, end):
            ends.append(newline)
        elif (
            after < end
            and 0 < len(before) < _SHORT_LINE
            and before[-1] not in ",;-–&/("
            and _begins(text, after, end)
        ):
            # A short line and then a capital: a title or an item of its own, not a wrapped line.
            ends.append(newline)
        line = after
        newline = text.find("\n", max(after, newline + 1), end)
    return ends[::-1]


def _begins(text: str, position: int, end: int) -> bool:
    """Whether a sentence can begin here: a capital, a caseless letter, or a number of something."""
    if elided := _ELISION.match(text, position, end):
        return elided.group(1).isupper()
    for index in range(position, min(position + 5, end)):
        character = text[index]
        if character in _OPENERS:
            continue
        if character.isdigit():
            return _STARTS_NUMBER.match(text, index, end) is not None
        if character.islower():
            # pH, mRNA: small letter first and still the beginning of a sentence
            return text[index + 1 : min(index + 3, end)].strip().isupper()
        return True
    return position < end


def _sentence_end(text: str, begin: int, match: re.Match[str], end: int) -> int | None:
    """The end of the sentence closed by this run of stops, or None where it closes none."""
    stop = match.end()
    if stop < end and not text[stop].isspace():
        if not text[max(begin, match.start() - 2) : match.start()].isalpha():
            return None
        if (
            _FUSED.match(text, stop, end)
            and text[stop].isupper()
            and text[match.start() - 1].islower()
        ):
            return stop
        glued = _GLUED.match(text, stop, end)
        if not glued:
            return None
        stop = glued.end()
    space = _SPACE.match(text, stop, end)
    after = space.end() if space else stop
    begins = after == end or _begins(text, after, end)
    numbered = after < end and (text[after].isdigit() or text[after] == "[")
    if not begins and not numbered:
        return None
    if match.group() == "." and _abbreviated(text, begin, match.start(), end):
        return None
    if numbered and (cited := _CITED.match(text, stop, end)):
        return cited.end()
    return stop if begins else None


def _abbreviated(text: str, begin: int, stop: int, end: int) -> bool:
    """Whether the single full stop at ``stop`` belongs to the word before it."""
    window = text[max(begin, stop - _LONGEST_WORD) : stop]
    if stop - begin < _LONGEST_WORD and _NUMBERED_ITEM.match(window.strip()):
        return stop + 1 < end
    parts = window.split()
    if not parts or window[-1:].isspace():
        return False
    word = parts[-1].lstrip(_OPENERS)
    if len(word) > 1 and word.isupper() and "." not in word:  # MS, CA: a name in capitals
        return False
    folded = word.lower()
    words = _words()
    if " ".join(parts[-2:]).lower() in words["never_final"]:  # et al.
        return stop + 1 < end
    space = _SPACE.match(text, stop + 1, end)
    after = space.end() if space else stop + 1
    if folded in words["never_final"]:
        return after < end
    initial = len(word) == 1 and word.isupper()
    if folded in words["before_number"] and not initial:  # "p. 12", but Samuel P. Huntington
        return text[after : min(after + 1, end)].isdigit()
    if folded in words["may_end"]:
        return after < end and not _begins(text, after, end)
    if initial:
        before = parts[-2].lstrip(_OPENERS).lower() if len(parts) > 1 else ""
        if before in words["joining"]:  # "vitamine B en C."
            return after < end and not (len(parts) > 2 and len(parts[-3]) == 1)
        return after < end and before not in words["letter_follows"]
    return False
