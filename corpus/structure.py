"""Second pass: articles, heading paths, lead-ins and depths, from the pieces of a text."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass

from corpus.cursor import Piece
from corpus.lines import one_sentence, section_kind
from corpus.model import Article, Block, Kind
from corpus.pieces import read_pieces

_LONGEST_LEAD = 240
_DEEPEST = 3  # headings without markup go no deeper
_CONTENT = frozenset({Kind.PARAGRAPH, Kind.LIST_ITEM, Kind.TABLE_HEADER, Kind.TABLE_ROW})


def segment(text: str, title: str = "") -> tuple[tuple[Article, ...], tuple[Block, ...]]:
    """The articles of ``text`` and its blocks, which cover all but white space, in order.

    ``title`` names a text that has no heading above its first paragraph. A page with several
    articles is one where headings with a byline below recur. Takes time linear in ``len(text)``.
    """
    pieces = read_pieces(text)
    titles = _titles(pieces)
    articles = _articles(text, pieces, titles, title)
    return articles, _blocks(text, pieces, titles, articles)


def _titles(pieces: list[Piece]) -> list[int]:
    """Indices of the pieces that are titles of articles: one, several, or none."""
    bylined: list[tuple[str, int]] = []
    heading: int | None = None
    for index, piece in enumerate(pieces):
        if piece.kind is Kind.HEADING:
            heading = index
        elif piece.byline and heading is not None:
            bylined.append((piece.byline.shape, heading))
            heading = None
        elif piece.kind is not Kind.NAVIGATION:
            heading = None
    shapes = Counter(shape for shape, _ in bylined)
    if shapes:
        shape, times = shapes.most_common(1)[0]
        if times > 1:
            return [index for found, index in bylined if found == shape]
        first = next(index for found, index in bylined if found == shape)
        if not any(piece.kind in _CONTENT for piece in pieces[:first]):
            return [first]
    for index, piece in enumerate(pieces):
        if piece.kind is Kind.HEADING and not piece.asked:
            return [index]
        if piece.kind in _CONTENT:
            break
    return []


def _articles(text: str, pieces: list[Piece], titles: list[int], title: str) -> tuple[Article, ...]:
    """Articles that together hold the whole text; what is above the first title is in the first."""
    names = [pieces[index].label for index in titles] or [title]
    starts = [0, *(pieces[index].start for index in titles[1:])]
    found = deque((piece.start, piece.byline) for piece in pieces if piece.byline)
    articles = []
    for name, start, end in zip(names, starts, [*starts[1:], len(text)], strict=True):
        bylines = []
        while found and found[0][0] < end:
            bylines.append(found.popleft()[1])
        articles.append(
            Article(
                name,
                start,
                end,
                author=next((line.author for line in bylines if line.author), None),
                date=next((line.date for line in bylines if line.date), None),
            )
        )
    return tuple(articles)


@dataclass(slots=True)
class _Path:
    """The headings that are open, each with its level: 0 title, 1 section, 2 below it, ..."""

    open: list[tuple[int, str]]
    direct: bool = False  # nothing stands between the last heading and here
    numbered_level: int = 0
    asked_level: int = 0

    def texts(self) -> tuple[str, ...]:
        return tuple(text for _, text in self.open)

    def level_of(self, piece: Piece) -> int:
        """The level of a heading that comes now. Where nothing tells, a section of its own."""
        last = self.open[-1][0] if self.open else 0
        if piece.depth is not None:
            return max(1, piece.depth - 1)
        if section_kind(piece.label):
            return 1
        section = next((text for level, text in self.open if level == 1), "")
        if piece.asked:
            self.asked_level = self.asked_level or (2 if section else 1)
            return self.asked_level
        self.asked_level = 0
        if piece.label.endswith("?") and section_kind(section) == "questions":
            return 2
        if piece.numbered:
            self.numbered_level = self.numbered_level or min(last + 1, _DEEPEST)
            return self.numbered_level
        self.numbered_level = 0
        return min(last + 1, _DEEPEST) if self.direct else 1

    def enter(self, level: int, text: str) -> None:
        while self.open and self.open[-1][0] >= level:
            self.open.pop()
        self.open.append((level, text))
        self.direct = level > 0


def _blocks(
    text: str, pieces: list[Piece], titles: list[int], articles: tuple[Article, ...]
) -> tuple[Block, ...]:
    blocks: list[Block] = []
    path = _Path([(0, articles[0].title)] if not titles and articles[0].title else [])
    starts = set(titles)
    article = 0
    lead: int | None = None  # what introduces the list or table that is running
    items: list[tuple[int, int]] = []  # indent and block of the items that are open
    for index, piece in enumerate(pieces):
        if article + 1 < len(articles) and piece.start >= articles[article + 1].start:
            article += 1
        level = 0
        mine: int | None = None
        if piece.kind is Kind.HEADING:
            if index in starts:
                path.open.clear()
                path.numbered_level = 0
            else:
                level = path.level_of(piece)
                while path.open and path.open[-1][0] >= level:
                    path.open.pop()
        elif piece.kind in (Kind.LIST_ITEM, Kind.REFERENCE):
            while items and items[-1][0] >= piece.indent:
                items.pop()
            level = len(items)
            if piece.kind is Kind.LIST_ITEM:
                mine = items[-1][1] if items else lead
            items.append((piece.indent, index))
        elif piece.kind in (Kind.TABLE_HEADER, Kind.TABLE_ROW):
            mine = lead
        block = Block(
            kind=piece.kind,
            start=piece.start,
            end=piece.end,
            headings=path.texts()[: 1 if piece.kind is Kind.DISCLAIMER else None],
            article=article,
            lead=mine,
            level=level,
            marker=piece.marker,
            cells=piece.cells,
        )
        blocks.append(block)
        if piece.kind is Kind.HEADING:
            path.enter(level, piece.label)
            lead, items = None, []
        elif piece.kind is Kind.PARAGRAPH:
            lead = index if _introduces(text[piece.start : piece.end]) else None
            path.direct, items = False, []
        elif piece.kind in (Kind.LIST_ITEM, Kind.TABLE_HEADER, Kind.TABLE_ROW):
            path.direct = False
            if index + 1 < len(pieces) and not _same_run(piece, pieces[index + 1]):
                lead, items = None, []
        elif piece.kind is not Kind.NAVIGATION:
            items = []
    return tuple(blocks)


def _same_run(piece: Piece, after: Piece) -> bool:
    """Whether what comes next belongs to the same list or table."""
    if piece.kind is Kind.LIST_ITEM:
        return after.kind is Kind.LIST_ITEM
    return after.kind is Kind.TABLE_ROW


def _introduces(text: str) -> bool:
    """Whether a paragraph can introduce the list or table below it."""
    return text.rstrip().endswith(":") or one_sentence(text, _LONGEST_LEAD)
