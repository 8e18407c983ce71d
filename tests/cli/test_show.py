"""What a person reads at the terminal: fused table cells apart, the quote marked to the letter."""

from __future__ import annotations

import pytest
from rich.console import Console

from cli import show
from corpus.model import Block, Cell, Document, Kind, Source
from qa.answer import Quote, SentenceSpan

ROW = "MetformineRenale verliezen"


def _row(text: str, *cells: tuple[int, int]) -> Document:
    block = Block(Kind.TABLE_ROW, 0, len(text), cells=tuple(Cell(*cell) for cell in cells))
    return Document("a.txt", text, "", Source("a.txt"), (), (block,))


def _printed(document: Document, start: int, end: int) -> tuple[str, str]:
    """The line as printed, without colour, and the words of it that are marked as the quote."""
    text = document.text
    quote = Quote(text[start:end], "a.txt", start, end, SentenceSpan(0, len(text)), 1.0)
    shown = show._quote(quote, {"a.txt": document}, show._texts("nl"))
    marked = [each for each in _segments(shown) if each[1]]
    return "".join(words for words, _ in _segments(shown)), "".join(words for words, _ in marked)


def _segments(shown: object) -> list[tuple[str, bool]]:
    console = Console(width=100, force_terminal=True, color_system="standard", legacy_windows=False)
    found = [(each.text, bool(each.style and each.style.reverse)) for each in console.render(shown)]  # type: ignore[call-overload]
    return found


def test_the_cell_that_is_quoted_stands_apart_from_the_one_before_it() -> None:
    line, marked = _printed(_row(ROW, (0, 10), (10, len(ROW))), 10, len(ROW))
    assert "“Metformine | Renale verliezen”" in line
    assert marked == ROW[10:]


def test_a_quote_over_both_cells_is_marked_without_what_parts_them() -> None:
    line, marked = _printed(_row(ROW, (0, 10), (10, len(ROW))), 0, len(ROW))
    assert "“Metformine | Renale verliezen”" in line
    assert marked == ROW


@pytest.mark.parametrize("between", [" | ", "|"])
def test_cells_that_the_text_parts_are_parted_once(between: str) -> None:
    text = f"Metformine{between}Renale verliezen"
    second = len("Metformine") + len(between)
    line, marked = _printed(_row(text, (0, 10), (second, len(text))), second, len(text))
    assert f"“{text}”" in line
    assert marked == text[second:]


def test_a_quote_in_a_sentence_is_as_it_was() -> None:
    text = "Metformine geeft\nrenale verliezen."
    document = Document("a.txt", text, "", Source("a.txt"), (), ())
    line, marked = _printed(document, 17, 33)
    assert "“Metformine geeft renale verliezen.”" in line
    assert marked == "renale verliezen"
