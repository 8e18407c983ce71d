"""What passes out of the corpus room: documents, their articles and their blocks.

All offsets are Python ``str`` offsets into ``Document.text``, which is the file decoded as
UTF-8 with nothing stripped and no line ending changed.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from itertools import pairwise


class Kind(StrEnum):
    """What a block is for a reader. Only some kinds can hold an answer."""

    HEADING = "heading"
    PARAGRAPH = "paragraph"
    LIST_ITEM = "list_item"
    TABLE_HEADER = "table_header"
    TABLE_ROW = "table_row"
    CAPTION = "caption"
    REFERENCE = "reference"
    DISCLAIMER = "disclaimer"
    BYLINE = "byline"
    NAVIGATION = "navigation"
    KEYWORDS = "keywords"


ANSWERING = frozenset(
    {Kind.PARAGRAPH, Kind.LIST_ITEM, Kind.TABLE_ROW, Kind.REFERENCE, Kind.DISCLAIMER}
)
"""Kinds that can hold an answer. A reference or disclaimer can be what a question asks for; a
heading (often a question itself), caption, byline, menu, keyword list or table header cannot."""


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a table row: a slice of the text, and its column's name (may be empty)."""

    start: int
    end: int
    column: str = ""


@dataclass(frozen=True, slots=True)
class Block:
    """A piece of an article that a reader sees as one thing.

    ``headings`` is the path of headings above the block, outermost first (the article's title
    included); a FAQ question is a heading above its answer. ``article`` indexes
    ``Document.articles``. ``lead`` indexes the block in ``Document.blocks`` that introduces this
    list item or table row (None where there is none). ``level`` is the depth of a list item or
    heading, from 0. ``marker`` is the length of what announces the block's words: the bullet or
    number of a list item or heading, "V: " of a question, "A: " of its answer.
    """

    kind: Kind
    start: int
    end: int
    headings: tuple[str, ...] = ()
    article: int = 0
    lead: int | None = None
    level: int = 0
    marker: int = 0
    cells: tuple[Cell, ...] = ()


@dataclass(frozen=True, slots=True)
class Article:
    """One article in a document: a tag page holds several. Absent facts are None."""

    title: str
    start: int
    end: int
    author: str | None = None
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """Who published a file, from ``sources.toml``; ``provenance`` says where each fact is from."""

    file: str
    title: str = ""
    publisher: str = ""
    publisher_kind: str = "unknown"
    sells: tuple[str, ...] = ()
    promotes: tuple[str, ...] = ()
    author: str | None = None
    date: str | None = None
    url: str | None = None
    language: str = "nl"
    articles: int | None = None
    provenance: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Document:
    """A source's file: its text, and the structure found in it."""

    name: str
    text: str
    sha256: str
    source: Source
    articles: tuple[Article, ...]
    blocks: tuple[Block, ...]

    def cell_gaps(self, start: int, end: int) -> list[int]:
        """Where in ``[start, end)`` a table cell follows another with no mark between the two.

        Sorted offsets of the later cells. To show them apart; the text itself stays as it is.
        """
        return [
            right.start
            for block in self.blocks
            if block.cells and block.start < end and block.end > start
            for left, right in pairwise(block.cells)
            if start < right.start < end and not self.text[left.end : right.start].strip()
        ]
