"""``bijsluiter flags``: the marketing in a text, with what each mark is measured against."""

from __future__ import annotations

import json
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer
from rich.console import Console
from rich.text import Text

from corpus import load
from corpus.errors import CorpusError
from corpus.model import Document, Source
from corpus.readers import read

if TYPE_CHECKING:  # commands are registered for every call, so what they need they load themselves
    from qa.answer import Flag
    from qa.flags.publisher_marks import MarkedClaim

_STYLE = {"high": "bold red", "medium": "yellow", "low": "cyan"}


def flags(
    file: Annotated[str, typer.Argument(help="A text file; - reads standard input.")],
    json_: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    lang: Annotated[
        Literal["nl", "en"], typer.Option("--lang", help="Language of labels and explanations.")
    ] = "nl",
    html: Annotated[
        Path | None,
        typer.Option("--html", help="Write a printable page of the text with its flags marked."),
    ] = None,
) -> None:
    """Show which words of a text are marketing, of what kind, and measured against what.

    Example: bijsluiter flags article.txt --lang en --html article.html

    Exit code 0: something flagged. 1: nothing flagged. 2: wrong use or bad input.
    """
    from qa.flags.find import find_in
    from qa.flags.page import article_page
    from qa.flags.publisher_marks import marked_claims

    document = _document(file)
    found = find_in(document, lang)
    marked = marked_claims(document, lang)
    if html is not None:
        _write(html, article_page(document, found, lang, marked))
    if json_:
        print(json.dumps(_as_json(document, found, marked), ensure_ascii=False))
    else:
        _print(document, found, marked)
    raise typer.Exit(0 if found else 1)


def _document(file: str) -> Document:
    from qa.flags.find import document_of

    if file == "-":
        try:
            text = sys.stdin.buffer.read().decode("utf-8")
        except UnicodeDecodeError as error:
            raise CorpusError(
                f"Standard input is not UTF-8 (byte {error.start}): convert it to UTF-8 text."
            ) from error
        return document_of(text, Source(file="-"))
    return read(Path(file), _known(Path(file).name))


def _known(name: str) -> Source | None:
    """What is known of a shipped article's publisher, by its file name."""
    return next((d.source for d in load() if d.name == name), None)


def _write(path: Path, page: str) -> None:
    try:
        path.write_text(page, encoding="utf-8")
    except OSError as error:
        raise CorpusError(f"{path} cannot be written ({error.strerror}): name another.") from error


def _as_json(
    document: Document, found: tuple[Flag, ...], marked: tuple[MarkedClaim, ...]
) -> dict[str, Any]:
    return {
        "source": document.name,
        "flags": [asdict(flag) for flag in found],
        "marked_unevaluated": [asdict(claim) for claim in marked],
    }


def _print(document: Document, found: tuple[Flag, ...], marked: tuple[MarkedClaim, ...]) -> None:
    console = Console(highlight=False)
    notes = {claim.start: claim.note for claim in marked}
    for start, end in sorted({(flag.start, flag.end) for flag in found}):
        here = [flag for flag in found if (flag.start, flag.end) == (start, end)]
        console.print(_sentence(document.text, here))
        for flag in here:
            console.print(Text(f"  {flag.label}: {flag.why}", style=_STYLE[flag.severity]))
            console.print(Text(f"    {'; '.join(flag.basis)}", style="dim"))
            if flag.note:
                console.print(Text(f"    {flag.note}"))
        if start in notes:
            console.print(Text(f"  {notes[start]}", style="dim"))
        console.print()


def _sentence(text: str, here: list[Flag]) -> Text:
    start, end = here[0].start, here[0].end
    shown = Text(text[start:end])
    for flag in here:
        shown.stylize(_STYLE[flag.severity], flag.cue_start - start, flag.cue_end - start)
    return shown
