"""First pass over a text: what each line or run of lines is, from its looks and its neighbours.

Rules are tried in a fixed order, from the surest (a menu line, a byline) to the last resort (a
paragraph); see :func:`read_pieces`. Each takes whole lines, so the pieces cover every character
that is not white space, in order and without overlap.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

from corpus import lines as looks
from corpus.bylines import read_byline
from corpus.cursor import LONGEST_CAPTION_BELOW, Cursor, Piece
from corpus.lines import Line
from corpus.model import Cell, Kind
from corpus.tables import find

_LONGEST_TIGHT_HEADING = 90
_LONGEST_LABEL = 60
_LONGEST_MENU = 40
_SITE_SUFFIX = re.compile(r"\s[-–|]\s([A-Z][^-–|.!?]{1,39})\Z")
_IN_SECTION = {
    "references": Kind.REFERENCE,
    "keywords": Kind.KEYWORDS,
    "disclaimers": Kind.DISCLAIMER,
}


def read_pieces(text: str) -> list[Piece]:
    """The pieces of ``text`` in order, covering all but white space."""
    cursor = Cursor(text)
    while cursor.position < len(cursor.lines):
        for rule in _RULES:
            if found := rule(cursor):
                cursor.pieces.extend(found)
                break
    return cursor.pieces


def _site_title(cursor: Cursor) -> list[Piece]:
    """The browser's title of the page, above the article's own: "Title - Publisher"."""
    line, below = cursor.line, cursor.at(1)
    if len(cursor.pieces) >= _LONGEST_MENU or len(line.text) > looks.LONGEST_QUESTION:
        return []
    suffix = _SITE_SUFFIX.search(line.text)
    if not suffix or line.marker or not below or not looks.is_heading_like(below.text):
        return []
    if any(piece.kind is not Kind.NAVIGATION for piece in cursor.pieces):
        return []
    # The site names itself again somewhere, or the title comes again without its name.
    repeated = below.text == line.text[: suffix.start()].strip()
    if not repeated and cursor.text.count(suffix.group(1)) < 2:
        return []
    return [cursor.take(Kind.NAVIGATION)]


def _navigation(cursor: Cursor) -> list[Piece]:
    if not looks.is_navigation(cursor.line):
        return []
    labels = cursor.line.text.endswith(":")
    pieces = [cursor.take(Kind.NAVIGATION)]
    value, after = cursor.at(), cursor.at(1)
    if (
        labels
        and value
        and len(value.text) <= _LONGEST_LABEL
        and not value.marker
        and not looks.ends_sentence(value.text)
        and not (after and read_byline(after.text))
    ):
        pieces.append(cursor.take(Kind.NAVIGATION))  # "Berichten getagd :" and the tag below it
    return pieces


def _byline(cursor: Cursor) -> list[Piece]:
    found = read_byline(cursor.line.text)
    if not found:
        return []
    piece = cursor.take(Kind.BYLINE)
    piece.byline = found
    return [piece]


def _disclaimer(cursor: Cursor) -> list[Piece]:
    count = 1 if cursor.line.marker else cursor.paragraph_lines()
    text = cursor.text[cursor.line.start : cursor.lines[cursor.position + count - 1].end]
    if not looks.is_disclaimer(text):
        return []
    cursor.section = None
    return [cursor.take(Kind.DISCLAIMER, count)]


def _keywords(cursor: Cursor) -> list[Piece]:
    return [cursor.take(Kind.KEYWORDS)] if looks.is_keywords(cursor.line.text) else []


def _dialogue(cursor: Cursor) -> list[Piece]:
    """Questions and answers that announce themselves, run together or each on its line."""
    asked, answered, either = _speakers()
    opening = asked.match(cursor.line.text)
    if not opening and not (
        answered.match(cursor.line.text) and cursor.pieces and cursor.pieces[-1].asked
    ):
        return []
    if opening and "?" not in either.sub("\n", cursor.line.text, count=2).lstrip().split("\n")[0]:
        return []
    count = 1
    while count < cursor.left and not cursor.lines[cursor.position + count].marker:
        count += 1
    start = cursor.line.start
    end = cursor.lines[cursor.position + count - 1].end
    text = cursor.text[start:end]
    turns = [found.start() for found in either.finditer(text)]
    pieces = []
    for begin, stop in zip(turns, [*turns[1:], len(text)], strict=True):
        turn = text[begin:stop].rstrip()
        question = asked.match(turn)
        marker = question or answered.match(turn)
        piece = Piece(
            Kind.HEADING if question else Kind.PARAGRAPH,
            start + begin,
            start + begin + len(turn),
            marker=marker.end() if marker else 0,
            asked=bool(question),
        )
        piece.label = looks.plain(turn[piece.marker :]) if question else ""
        pieces.append(piece)
    cursor.position += count
    return pieces


@cache
def _speakers() -> tuple[re.Pattern[str], re.Pattern[str], re.Pattern[str]]:
    """Patterns of a question's marker, an answer's marker, and either behind a sentence's end."""
    lists = looks.words()["questions"]
    asked = "|".join(map(re.escape, lists["asked"]))
    answered = "|".join(map(re.escape, lists["answered"]))
    return (
        re.compile(rf"(?:{asked})\s?:\s{{0,3}}(?=\S)", re.IGNORECASE),
        re.compile(rf"(?:{answered})\s?:\s{{0,3}}(?=\S)", re.IGNORECASE),
        re.compile(
            rf"(?:(?<![^\n])|(?<=[.?!*)\"”’]\s)|(?<=[.?!*)\"”’]\s\s))"
            rf"(?:{asked}|{answered})\s?:\s{{0,3}}(?=\S)",
            re.IGNORECASE,
        ),
    )


def _listed(cursor: Cursor) -> list[Piece]:
    """A list item with what belongs to it, or a numbered heading."""
    line = cursor.line
    if not line.marker:
        return []
    if looks.is_markdown_heading(line):
        piece = _heading_piece(cursor)
        piece.depth = len(line.text) - len(line.text.lstrip("#"))
        return [piece]
    if _is_numbered_heading(cursor):
        piece = _heading_piece(cursor)
        piece.numbered = True
        return [piece]
    count = 1
    while count < cursor.left:
        above, below = cursor.lines[cursor.position + count - 1 : cursor.position + count + 1]
        deeper = below.indent > line.indent and not looks.is_navigation(below)
        runs_on = looks.begins_small(below.text) and not looks.ends_sentence(above.text)
        if below.marker or not (deeper or runs_on):
            break
        count += 1
    return [cursor.take(_IN_SECTION.get(cursor.section or "", Kind.LIST_ITEM), count)]


def _is_numbered_heading(cursor: Cursor) -> bool:
    """Whether "3. Something" stands alone above a text, rather than in a list."""
    line, below = cursor.line, cursor.at(1)
    if line.number is None or not below or below.marker or cursor.section == "references":
        return False
    before = cursor.pieces[-1] if cursor.pieces else None
    if before and before.kind is Kind.LIST_ITEM and line.number > 1:
        return False
    closed = line.body.endswith((".", ":", "!")) and len(line.body) > _LONGEST_LABEL
    if closed or len(line.body) > looks.LONGEST_HEADING or looks.begins_small(line.body):
        return False
    if cursor.alone():
        return looks.one_sentence(line.body, looks.LONGEST_HEADING)
    return (
        not below.spaced
        and below.indent <= line.indent
        and looks.is_heading_like(line.body)
        and looks.ends_sentence(below.text)
    )


def _heading_piece(cursor: Cursor) -> Piece:
    piece = cursor.take(Kind.HEADING)
    piece.label = looks.plain(cursor.text[piece.start + piece.marker : piece.end])
    cursor.section = looks.section_kind(piece.label)
    return piece


def _table(cursor: Cursor) -> list[Piece]:
    table = find(cursor.lines, cursor.position, cursor.ends[cursor.position], cursor.known)
    if not table:
        return []
    names = [cursor.text[start:end].strip() for start, end in table.header.cells]
    pieces = []
    for kind, row in (
        (Kind.TABLE_HEADER, table.header),
        *((Kind.TABLE_ROW, row) for row in table.rows),
    ):
        columns = [*names, *[""] * len(row.cells)]
        cells = tuple(
            Cell(start, end, column)
            for (start, end), column in zip(row.cells, columns, strict=False)
        )
        pieces.append(Piece(kind, row.start, row.end, cells=cells))
        cursor.position += row.lines
    return pieces


def _caption(cursor: Cursor) -> list[Piece]:
    """The text that describes a picture, with the caption below it."""
    line, before = cursor.line, cursor.pieces[-1] if cursor.pieces else None
    if len(line.text) > looks.LONGEST_CAPTION:
        return []
    below = _lines_of_caption_below(cursor)
    if looks.is_alternative_text(line.text):
        sure = True
    elif looks.begins_small(line.text):
        # A phrase without a capital that continues nothing: what a picture's file was called.
        goes_on = (
            before
            and before.kind is Kind.PARAGRAPH
            and not looks.ends_sentence(cursor.text[before.start : before.end])
        )
        sure = (
            line.spaced
            and cursor.left <= 2
            and not goes_on
            and not looks.ends_sentence(line.text)
            and len(line.text) <= looks.LONGEST_HEADING
            and line.text[-1] not in ":,;"
            and cursor.section is None
        )
    else:
        sure = below > 0 and (
            looks.names_subject(line.text, apart=cursor.alone()) or _is_banner(cursor)
        )
    if not sure:
        return []
    return [cursor.take(Kind.CAPTION) for _ in range(1 + below)]


def _is_banner(cursor: Cursor) -> bool:
    """Whether a phrase has a sentence right below where headings stand apart: it is a caption."""
    below = cursor.at(1)
    return (
        cursor.headings_apart
        and cursor.line.spaced
        and bool(below)
        and below is not None
        and not below.spaced
        and looks.is_heading_like(cursor.line.text)
        and not looks.is_question(cursor.line.text)
        and len(cursor.line.text.split()) >= 6
    )


def _lines_of_caption_below(cursor: Cursor) -> int:
    """1 where the next line reads as the caption of a picture described here, else 0."""
    below, after = cursor.at(1), cursor.at(2)
    if not below or below.marker or not looks.one_sentence(below.text, LONGEST_CAPTION_BELOW):
        return 0
    if not below.spaced:  # right below, and the last of its lines
        ends = after is None or after.spaced or looks.is_navigation(after) or bool(after.marker)
        return int(ends and not looks.is_navigation(below))
    if not cursor.alone(1) or not looks.ends_sentence(below.text) or below.text.endswith("?"):
        return 0
    return int(
        after is not None
        and cursor.alone(2)
        and looks.is_heading_like(after.body)
        and not looks.is_navigation(after)
    )


def _heading(cursor: Cursor) -> list[Piece]:
    line, below = cursor.line, cursor.at(1)
    if not below or not looks.is_heading_like(line.text):
        return []
    cited = cursor.section == "references" and looks.is_citing(line.text)
    if cited and not read_byline(below.text):
        return []
    if cursor.alone():
        return [_heading_piece(cursor)]
    if len(line.text) > _LONGEST_TIGHT_HEADING and not looks.is_question(line.text):
        return []
    if cursor.width and len(line.text) >= 0.6 * cursor.width:
        return []
    before = cursor.pieces[-1] if cursor.pieces else None
    closed = line.spaced or (
        before is not None
        and (
            before.kind is not Kind.PARAGRAPH
            or looks.ends_sentence(cursor.text[before.start : before.end])
        )
    )
    goes_on = not below.spaced and not below.marker and looks.begins_small(below.text)
    if not closed or goes_on or (below.spaced and looks.is_heading_like(below.text)):
        return []
    return [_heading_piece(cursor)]


def _bare_list(cursor: Cursor) -> list[Piece]:
    """Three or more short phrases under one another: a list that lost its bullets."""
    if cursor.width and len(cursor.line.text) >= 0.6 * cursor.width:
        return []
    count = 0
    while count < cursor.left and _is_phrase(cursor.lines[cursor.position + count]):
        count += 1
    if count < cursor.left and _can_have_heading(cursor.lines[cursor.position + count]):
        count -= 1  # the last phrase is the heading of what is below it
    if count < 3:
        return []
    before = cursor.pieces[-1] if cursor.pieces else None
    introduced = before is None or before.kind is Kind.HEADING or cursor.text[before.end - 1] == ":"
    pieces = [] if introduced or cursor.section else [_heading_piece(cursor)]
    kind = _IN_SECTION.get(cursor.section or "", Kind.LIST_ITEM)
    return [*pieces, *(cursor.take(kind) for _ in range(count - len(pieces)))]


def _can_have_heading(line: Line) -> bool:
    return not (
        looks.is_navigation(line)
        or looks.is_keywords(line.text)
        or looks.is_question(line.text)
        or looks.section_kind(line.text)
    )


def _is_phrase(line: Line) -> bool:
    """Whether a line could be an item of a list without bullets."""
    return (
        not line.marker
        and len(line.text) <= _LONGEST_TIGHT_HEADING
        and looks.is_heading_like(line.text)
        and not looks.is_question(line.text)
        and not looks.is_navigation(line)
        and not looks.is_keywords(line.text)
        and looks.section_kind(line.text) is None
        and read_byline(line.text) is None
    )


def _section(cursor: Cursor) -> list[Piece]:
    """A heading that says what kind of section follows, whatever stands around it."""
    line = cursor.line
    if line.marker or not looks.section_kind(line.text) or cursor.at(1) is None:
        return []
    return [_heading_piece(cursor)]


def _paragraph(cursor: Cursor) -> list[Piece]:
    count = cursor.paragraph_lines()
    text = cursor.text[cursor.line.start : cursor.lines[cursor.position + count - 1].end]
    kind = Kind.PARAGRAPH
    if looks.is_bibliographic(text):
        kind = Kind.REFERENCE
    elif cursor.section == "references":
        if looks.is_citing(text):
            kind = Kind.REFERENCE
        else:
            cursor.section = None
    elif cursor.section:
        kind = _IN_SECTION.get(cursor.section, Kind.PARAGRAPH)
    return [cursor.take(kind, count)]


_RULES: tuple[Callable[[Cursor], list[Piece]], ...] = (
    _site_title,
    _section,
    _navigation,
    _byline,
    _disclaimer,
    _keywords,
    _dialogue,
    _listed,
    _table,
    _caption,
    _bare_list,
    _heading,
    _paragraph,
)
