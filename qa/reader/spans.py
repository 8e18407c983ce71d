"""From the marks of a reader to spans of the passage: whole words, within one sentence."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from corpus.sentences import split

LONGEST_TOKENS = 80
_KEPT_SENTENCES = 1024  # passages whose sentences are remembered
_JOINERS = "-‐‑'’.,"
_EDGE = ".,;:!?…\"'“”‘’„«»*•·|"
_PAIRS = {"(": ")", "[": "]", "{": "}", "“": "”", "«": "»"}
_CLOSING = {closing: opening for opening, closing in _PAIRS.items()}
_EITHER = '"'  # opens and closes
_MARK = re.compile(r'[()\[\]{}“”«»"]')
_DASHES = " -–—"
_WORD = re.compile(r"\w")
_ELISION = re.compile(r"(?<!\w)['’‘][snmt](?=\s)")  # 's avonds, 't
_BEFORE = re.compile(r"(?<!\w)['’‘]s\s+$")  # what "avonds" is said with


@dataclass(frozen=True, slots=True)
class Span:
    """A piece ``passage[start:end]`` that may answer; ``score`` is the sum of its two logits."""

    start: int
    end: int
    score: float


@dataclass(frozen=True, slots=True)
class Window:
    """Part of a passage as the reader saw it.

    ``offsets`` (tokens x 2) are offsets of its tokens in the passage; ``starts`` and ``ends``
    their logits; ``null`` the score of no answer: the sum of the first token's two logits, less
    what the chance of all other tokens together is above that of the likeliest.
    """

    offsets: NDArray[np.int64]
    starts: NDArray[np.float32]
    ends: NDArray[np.float32]
    null: float


def whole_words(passage: str, start: int, end: int, low: int, high: int) -> tuple[int, int]:
    """The span grown to word boundaries within ``[low, high)`` and rid of loose punctuation.

    A hyphen, apostrophe, point or comma between two word characters is inside a word (vitamine
    B6-tekort, 1,5, 's). Gives (start, start) where nothing but punctuation is left.
    """
    start, end = _trim(passage, start, end)
    if start == end:
        return start, start
    while start > low and _inside_word(passage, start):
        start -= 1
    while end < high and _inside_word(passage, end):
        end += 1
    start, end = balanced(passage, *_trim(passage, start, end), low, high)
    if start > low and _ELISION.match(passage, start - 1):
        start -= 1
    elif before := _BEFORE.search(passage, low, start):
        start = before.start()
    return start, end


def balanced(passage: str, start: int, end: int, low: int, high: int) -> tuple[int, int]:
    """The span with both of every bracket or quotation mark, or neither, within ``[low, high)``.

    Grown to the partner or cut at the mark that stands alone, whichever changes less.
    """
    while start < end and (stray := _stray(passage, start, end, low)) is not None:
        at, opens = stray
        partner = _partner(passage, at, opens, low, high)
        wider = (min(start, partner), max(end, partner + 1)) if partner >= 0 else (start, end)
        grown = wider[1] - wider[0] - (end - start)
        kept = max(((start, at), (at + 1, end)), key=lambda cut: cut[1] - cut[0])
        if 0 < grown < end - start - (kept[1] - kept[0]):
            start, end = wider
        else:
            start, end = _trim(passage, *_without_dashes(passage, *kept))
            low, high = (at + 1, high) if kept[0] > at else (low, at)  # it does not come back
    return start, end


def _stray(passage: str, start: int, end: int, low: int) -> tuple[int, bool] | None:
    """A mark in the span without its partner there, and whether it opens; None where all have."""
    opened: dict[str, list[int]] = {}
    for match in _MARK.finditer(passage, start, end):
        at, mark = match.start(), match.group()
        opening = _CLOSING.get(mark)
        if mark == _EITHER and passage.count(_EITHER, low, at) % 2:
            opening = _EITHER
        if opening is None:
            opened.setdefault(mark, []).append(at)
        elif opened.get(opening):
            opened[opening].pop()
        else:
            return at, False
    return next(((places[-1], True) for places in opened.values() if places), None)


def _partner(passage: str, at: int, opens: bool, low: int, high: int) -> int:
    """Where the partner of the mark at ``at`` stands, -1 where it has none."""
    mark = passage[at]
    partner = _PAIRS.get(mark) or _CLOSING.get(mark) or mark
    depth = 0
    for place in range(at + 1, high) if opens else range(at - 1, low - 1, -1):
        if passage[place] == partner:
            if not depth:
                return place
            depth -= 1
        elif passage[place] == mark:
            depth += 1
    return -1


def _without_dashes(passage: str, start: int, end: int) -> tuple[int, int]:
    while start < end and passage[start] in _DASHES:
        start += 1
    while end > start and passage[end - 1] in _DASHES:
        end -= 1
    return start, end


def _trim(passage: str, start: int, end: int) -> tuple[int, int]:
    """The span without white space and punctuation at its edges, but for that of 's and 't."""
    while start < end and _loose(passage[start]) and not _ELISION.match(passage, start):
        start += 1
    while end > start and _loose(passage[end - 1]):
        end -= 1
    return start, end


def _loose(character: str) -> bool:
    return character in _EDGE or character.isspace()


def _inside_word(passage: str, at: int) -> bool:
    """Is the boundary ``at`` in the middle of a word?"""
    before, after = passage[at - 1], passage[at]
    if _is_word(before) and _is_word(after):
        return True
    if before in _JOINERS and at >= 2:
        return _is_word(passage[at - 2]) and _is_word(after)
    if after in _JOINERS and at + 1 < len(passage):
        return _is_word(before) and _is_word(passage[at + 1])
    return False


def _is_word(character: str) -> bool:
    return _WORD.match(character) is not None


def best_spans(passage: str, windows: Sequence[Window], count: int) -> tuple[Span, ...]:
    """The ``count`` best spans that do not overlap, best first.

    No span crosses a sentence end (``corpus.sentences``) and none is empty.
    """
    sentences = _sentences(passage)
    if not sentences:
        return ()
    begins = np.array([start for start, _ in sentences])
    candidates: list[tuple[float, int, int, int]] = []
    for window in windows:
        candidates += _candidates(window, begins, 6 * count)
    candidates.sort(reverse=True)
    chosen: list[Span] = []
    for score, first, last, sentence in candidates:
        low, high = sentences[sentence]
        start, end = max(first, low), min(last, high)
        if any(_shares_word(passage, start, end, span) for span in chosen):
            continue  # whole words only grow from here, and would overlap
        a, b = whole_words(passage, start, end, low, high)
        if a < b and not any(a < span.end and b > span.start for span in chosen):
            chosen.append(Span(a, b, score))
            if len(chosen) == count:
                break
    return tuple(chosen)


@lru_cache(_KEPT_SENTENCES)
def _sentences(passage: str) -> tuple[tuple[int, int], ...]:
    return tuple(split(passage))


def _shares_word(passage: str, start: int, end: int, span: Span) -> bool:
    """Is a character of a word in both?"""
    return _WORD.search(passage, max(start, span.start), min(end, span.end)) is not None


def _candidates(
    window: Window, begins: NDArray[np.int64], count: int
) -> list[tuple[float, int, int, int]]:
    """Score, start, end and sentence number of a window's best pairs of marks."""
    size = len(window.offsets)
    if not size:
        return []
    # A token may hold the space before its word, so its last character says where it stands.
    sentence = np.searchsorted(begins, window.offsets[:, 1] - 1, side="right") - 1
    sentence = np.maximum(sentence, 0)
    scores = window.starts[:, None] + window.ends[None, :]
    apart = np.subtract.outer(np.arange(size), np.arange(size))
    barred = (apart > 0) | (apart <= -LONGEST_TOKENS)
    barred |= sentence[:, None] != sentence[None, :]
    flat = np.where(barred, -np.inf, scores).ravel()
    top = np.argpartition(-flat, min(count, flat.size - 1))[:count]
    return [
        (
            float(flat[i]),
            int(window.offsets[i // size, 0]),
            int(window.offsets[i % size, 1]),
            int(sentence[i // size]),
        )
        for i in top
        if np.isfinite(flat[i])
    ]
