"""Slices of an article as HTML: quotes highlighted, flags underlined, table cells apart.

Marks are placed by offset, never by looking for the words again, so a sentence that occurs twice
is marked where it was quoted. Everything that comes from an article is escaped here; the marks
themselves add no characters, so the text content of a ``<mark>`` is the quote to the character
(cell gaps and note letters are drawn by the style sheet).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from html import escape
from itertools import pairwise

from corpus.model import Block, Document, Kind
from qa.answer import Flag

Span = tuple[int, int]

_SEVERITIES = ("low", "medium", "high")
_TAGS = {
    Kind.HEADING: "h4",
    Kind.LIST_ITEM: "div",
    Kind.TABLE_HEADER: "div",
    Kind.TABLE_ROW: "div",
}


@dataclass(frozen=True, slots=True)
class Marks:
    """What to mark in a slice: ``quotes`` and ``flags`` in document offsets.

    ``notes`` gives each type of flag its note letter; a type without one is underlined without
    a letter.
    """

    quotes: Sequence[Span] = ()
    flags: Sequence[Flag] = ()
    notes: Mapping[str, str] | None = None


def note_letters(flags: Iterable[Flag]) -> dict[str, str]:
    """A note letter for each type of flag, in order of first appearance: a, b, ... z, aa."""
    letters: dict[str, str] = {}
    for flag in sorted(flags, key=lambda flag: (flag.start, flag.type)):
        if flag.type not in letters:
            count = len(letters)
            letters[flag.type] = chr(97 + count % 26) * (count // 26 + 1)
    return letters


def inline(document: Document, start: int, end: int, marks: Marks) -> str:
    """The slice ``[start, end)`` as phrasing content."""
    quotes = _clip(marks.quotes, start, end)
    flags = [f for f in marks.flags if f.start < end and f.end > start]
    gaps = document.cell_gaps(start, end)  # fused cells are shown apart
    cuts = {start, end, *gaps}
    cues = [(f.cue_start, f.cue_end) for f in flags]
    for left, right in [*quotes, *((f.start, f.end) for f in flags), *cues]:
        cuts.update((min(max(left, start), end), min(max(right, start), end)))
    edges = sorted(cuts)
    parts: list[str] = []
    in_mark = False
    for left, right in pairwise(edges):
        quoted = any(a <= left and right <= b for a, b in quotes)
        opens_here = any(a == left for a, _ in quotes)
        if in_mark and (not quoted or opens_here):
            parts.append("</mark>")
            in_mark = False
        if left in gaps:
            parts.append('<i class="gap"></i>')
        if quoted and not in_mark:
            parts.append('<mark class="quote">')
            in_mark = True
        here = [f for f in flags if f.start <= left and right <= f.end]
        struck = [f for f in here if f.cue_start <= left and right <= f.cue_end]
        parts.append(_underlined(document.text[left:right], struck or here, cue=bool(struck)))
        parts.extend(_note(f, marks) for f in here if f.end == right)
    if in_mark:
        parts.append("</mark>")
    return "".join(parts)


def blocks(document: Document, start: int, end: int, marks: Marks) -> str:
    """The slice ``[start, end)`` block by block: headings, paragraphs, list items, table rows."""
    found = [b for b in document.blocks if b.start < end and b.end > start]
    if not found:
        return f"<p>{inline(document, start, end, marks)}</p>"
    return "".join(
        _block(document, block, max(block.start, start), min(block.end, end), marks)
        for block in found
    )


def _block(document: Document, block: Block, start: int, end: int, marks: Marks) -> str:
    tag = _TAGS.get(block.kind, "p")
    kind = f"b-{block.kind.value.replace('_', '-')}"
    return f'<{tag} class="{kind}">{inline(document, start, end, marks)}</{tag}>'


def _underlined(text: str, flags: Sequence[Flag], *, cue: bool) -> str:
    """Flagged words; those that set a flag off (its cue) stand out and bear that flag's line."""
    if not flags:
        return escape(text)
    worst = max(flags, key=lambda flag: severity_rank(flag.severity)).severity
    css = f"flag cue sev-{severity(worst)}" if cue else f"flag sev-{severity(worst)}"
    return f'<span class="{css}">{escape(text)}</span>'


def _note(flag: Flag, marks: Marks) -> str:
    letter = (marks.notes or {}).get(flag.type)
    return f'<sup class="note" data-note="{letter}"></sup>' if letter else ""


def severity(name: str) -> str:
    """One of the three known severities, ``low`` for anything else (it becomes a class name)."""
    return name if name in _SEVERITIES else _SEVERITIES[0]


def severity_rank(name: str) -> int:
    """0 for low, 2 for high."""
    return _SEVERITIES.index(severity(name))


def _clip(spans: Sequence[Span], start: int, end: int) -> list[Span]:
    """The parts of ``spans`` inside the slice, sorted, overlapping ones joined."""
    joined: list[Span] = []
    for left, right in sorted((max(a, start), min(b, end)) for a, b in spans):
        if left >= right:
            continue
        if joined and left < joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], right))
        else:
            joined.append((left, right))
    return joined
