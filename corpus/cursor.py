"""Where the reading of a text stands, and what its layout is like as a whole."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from itertools import pairwise

from corpus import lines as looks
from corpus.bylines import Byline
from corpus.lines import Line
from corpus.model import Cell, Kind
from corpus.tables import vocabulary

LONGEST_CAPTION_BELOW = 260
_MOST_LINES = 1000


@dataclass(slots=True)
class Piece:
    """A block in the making. ``label`` is a heading's text as it goes into heading paths."""

    kind: Kind
    start: int
    end: int
    marker: int = 0
    indent: int = 0
    cells: tuple[Cell, ...] = ()
    label: str = ""
    depth: int | None = None
    numbered: bool = False
    asked: bool = False
    byline: Byline | None = None


class Cursor:
    """The lines, where the reading stands, and what the whole text's layout is like."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.lines = looks.read_lines(text)
        self.known: Counter[str] = vocabulary(self.lines)
        self.pieces: list[Piece] = []
        self.position = 0
        self.section: str | None = None  # the kind of section a heading opened
        self.ends = self._group_ends()
        self.width = self._width()
        self.headings_apart = self._headings_apart()

    @property
    def line(self) -> Line:
        return self.lines[self.position]

    def at(self, offset: int = 0) -> Line | None:
        """The line ``offset`` lines from here, None past the edges of the text."""
        index = self.position + offset
        return self.lines[index] if 0 <= index < len(self.lines) else None

    def alone(self, offset: int = 0) -> bool:
        """Whether that line has white lines (or the edge) on both sides."""
        index = self.position + offset
        return self.lines[index].spaced and self.ends[index] == index + 1

    @property
    def left(self) -> int:
        """How many lines, this one included, remain before the next blank line."""
        return self.ends[self.position] - self.position

    def take(self, kind: Kind, count: int = 1) -> Piece:
        """A piece of the next ``count`` lines; moves past them."""
        first, last = self.line, self.lines[self.position + count - 1]
        self.position += count
        return Piece(kind, first.start, last.end, marker=first.marker, indent=first.indent)

    def _group_ends(self) -> list[int]:
        ends = [0] * len(self.lines)
        end = len(self.lines)
        for index in range(len(self.lines) - 1, -1, -1):
            ends[index] = end
            if self.lines[index].spaced:
                end = index
        return ends

    def _width(self) -> int:
        """The width at which the text was wrapped by hand, 0 where lines are whole paragraphs."""
        broken = [
            (line, below)
            for line, below in pairwise(self.lines)
            if not below.spaced and not below.marker
        ]
        wrapped = [
            line
            for line, below in broken
            if looks.begins_small(below.text) and 40 <= len(line.text) <= 120
        ]
        longest = max((len(line.text) for line in self.lines), default=0)
        if len(wrapped) < 3 or longest > 140 or len(wrapped) < 0.3 * len(broken):
            return 0
        return max(len(line.text) for line in wrapped)

    def _headings_apart(self) -> bool:
        """Whether headings have blank lines around them, never their text right below."""
        apart = touching = 0
        for index, line in enumerate(self.lines):
            if not line.spaced or line.marker or not looks.is_heading_like(line.text):
                continue
            if self.ends[index] == index + 1:
                apart += 1
            elif not self.lines[index + 1].marker and not looks.one_sentence(
                self.lines[index + 1].text, LONGEST_CAPTION_BELOW
            ):
                touching += 1
        return apart >= 2 and touching == 0

    def paragraph_lines(self) -> int:
        """How many lines from here on are one paragraph."""
        count = 1
        while count < min(self.left, _MOST_LINES):
            above, below = self.lines[self.position + count - 1 : self.position + count + 1]
            if below.marker or looks.is_navigation(below):
                break
            open_end = not looks.ends_sentence(above.text)
            if self.width:
                if len(above.text) < 0.6 * self.width and not looks.begins_small(below.text):
                    break
            elif not (open_end and looks.begins_small(below.text)):
                break
            count += 1
        return count
