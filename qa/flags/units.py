"""What the flags are looked for in: sentences, list items, headings, captions and table rows.

Every unit knows what a reader has just read: its lead-in, its heading, the sentence before. A
stretch without a sentence's end is cut at about 1,200 characters, so that no rule ever sees more
and the work stays linear in the length of the text.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from corpus.model import Block, Document, Kind
from corpus.sentences import split
from qa.flags.tokens import Token, tokenise

# Small print and site furniture is never flagged; in navigation only the call to a shop is.
_SILENT = {Kind.REFERENCE, Kind.DISCLAIMER, Kind.BYLINE, Kind.KEYWORDS}
_TABLE = {Kind.TABLE_HEADER, Kind.TABLE_ROW}
_ONE_UNIT = {Kind.HEADING, *_TABLE}
_LONGEST = 1200
_SPACE = re.compile(r"\s")


@dataclass(frozen=True, slots=True)
class Unit:
    """A sentence or what stands for one. ``lead``, ``heading`` and ``before`` index the units.

    The lead of a table's row is the table's header, where it has one; that of a list without a
    lead-in the heading right above it.
    """

    kind: Kind
    start: int
    end: int
    tokens: tuple[Token, ...]
    article: int
    lead: int | None
    heading: int | None
    before: int | None


def units(document: Document) -> list[Unit]:
    """The units of a document in reading order; silent kinds of block give none."""
    found: list[Unit] = []
    ends: dict[int, int] = {}  # block -> its last unit
    heading: int | None = None
    previous: int | None = None
    header: int | None = None
    titled: int | None = None  # the heading that a list stands right under
    article = 0
    for index, block in enumerate(document.blocks):
        if block.article != article:
            article = block.article
            heading = previous = header = titled = None
        if block.kind in _SILENT:
            continue
        lead = ends.get(block.lead) if block.lead is not None else None
        if block.kind is Kind.TABLE_ROW and header is not None:
            lead = header
        if block.kind is Kind.LIST_ITEM and lead is None and block.lead is None:
            lead = titled
        for start, end in _stretches(document.text, block):
            tokens = _tokens(document.text, block, start, end)
            if not tokens:
                continue
            before = None if block.kind is Kind.HEADING else previous
            found.append(Unit(block.kind, start, end, tokens, article, lead, heading, before))
            previous = len(found) - 1
            ends[index] = previous
        if block.kind is Kind.HEADING and index in ends:
            heading = previous = ends[index]
        if block.kind is not Kind.LIST_ITEM:
            titled = heading if block.kind is Kind.HEADING else None
        if block.kind is not Kind.TABLE_ROW:
            header = ends.get(index) if block.kind is Kind.TABLE_HEADER else None
    return found


def _stretches(text: str, block: Block) -> Iterator[tuple[int, int]]:
    start = block.start + block.marker
    whole: Sequence[tuple[int, int]]
    whole = [(start, block.end)] if block.kind in _ONE_UNIT else split(text, start, block.end)
    for first, last in whole:
        yield from _cut(text, first, last)


def _tokens(text: str, block: Block, start: int, end: int) -> tuple[Token, ...]:
    """The words of a stretch; cells of a row are parted even where the text has them fused."""
    if block.kind in _TABLE and block.cells:
        return tuple(
            Token(token.word, token.start, token.end, column)
            for column, cell in enumerate(block.cells)
            for token in tokenise(text, cell.start, cell.end)
        )
    return tokenise(text, start, end)


def _cut(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while end - start > _LONGEST:
        stop = start + _LONGEST
        space = _SPACE.search(text, stop, min(stop + 80, end))
        stop = space.start() if space else stop
        yield start, stop
        start = stop
    while start < end and text[start].isspace():
        start += 1
    if start < end:
        yield start, end
