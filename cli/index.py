"""``bijsluiter index``: build, update, check and list the index."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from cli.options import IndexPath, Json

app = typer.Typer(
    no_args_is_help=True,
    help="Build, update, check and list the index of articles.\n\nExample: bijsluiter index build",
)

Folder = Annotated[
    Path | None,
    typer.Argument(
        help="Folder of UTF-8 .txt articles, with or without a sources.toml; by default the "
        "articles that come with Bijsluiter."
    ),
]
Model = Annotated[
    str | None,
    typer.Option(
        "--model",
        help="A sentence-transformers name or folder; by default the packaged "
        "multilingual-e5-small.",
    ),
]


@app.command()
def build(
    folder: Folder = None, index: IndexPath = None, model: Model = None, json_: Json = False
) -> None:
    """Index a folder of articles and publish it, whole or not at all.

    Example: bijsluiter index build ~/articles --index ~/my-index

    Exit code 0: published. 2: something is wrong; the index that was there still answers.
    """
    from index import build as building
    from index._progress import StderrProgress

    report = building.build(folder, index, model, StderrProgress())
    _show_report(report, json_)


@app.command()
def update(
    folder: Folder = None, index: IndexPath = None, model: Model = None, json_: Json = False
) -> None:
    """Bring the index up to date with its articles; only what changed is embedded.

    Folder and model are those that the index was built with, unless given.

    Example: bijsluiter index update
    """
    from index import build as building
    from index._progress import StderrProgress

    report = building.update(folder, index, model, StderrProgress())
    _show_report(report, json_)


@app.command()
def check(index: IndexPath = None, json_: Json = False) -> None:
    """Work out every checksum of the index and say which file is damaged.

    Example: bijsluiter index check

    Exit code 0: sound. 2: damaged, or there is no index.
    """
    from index import build as building
    from index.paths import home_dir

    problems = building.check(index)
    if json_:
        found = [asdict(problem) for problem in problems]
        print(json.dumps({"index": str(home_dir(index)), "problems": found}, ensure_ascii=False))
    elif problems:
        console = Console()
        for problem in problems:
            console.print(Text(f"{problem.file}: {problem.what}", style="red"))
        console.print("Mend it with: bijsluiter index build")
    else:
        Console().print(Text(f"The index in {home_dir(index)} is sound."))
    raise typer.Exit(2 if problems else 0)


@app.command("list")
def list_(index: IndexPath = None, json_: Json = False) -> None:
    """List the documents in the index.

    Example: bijsluiter index list --json
    """
    from index import build as building

    documents = building.list_documents(index)
    if json_:
        print(json.dumps([asdict(document) for document in documents], ensure_ascii=False))
        return
    name = Column("document", overflow="fold")
    table = Table(name, "publisher", "kind", "articles", "passages", "characters")
    for one in documents:
        numbers = (one.articles, one.passages, one.characters)
        # Text, not str: rich would read a file name's [brackets] as markup.
        table.add_row(
            *(Text(cell) for cell in (one.name, one.publisher, one.publisher_kind)),
            *(f"{number:,}" for number in numbers),
        )
    Console().print(table)


def _show_report(report: object, as_json: bool) -> None:
    from index.build import BuildReport

    assert isinstance(report, BuildReport)
    if as_json:
        print(json.dumps(asdict(report), ensure_ascii=False))
        return
    console = Console()
    done = "Published" if report.published else "Nothing has changed since"
    console.print(
        Text(
            f"{done} version {report.version}: {_count(report.documents, 'document')}, "
            f"{_count(report.passages, 'passage')}, {_count(report.units, 'unit')}; "
            f"{report.embedded:,} texts embedded and {report.reused:,} kept, "
            f"with {report.model_name} in {report.seconds:.1f} s."
        )
    )
    if report.search != "exact":
        found = f"found {report.recall:.1%} of the ten nearest passages in a trial"
        console.print(Text(f"Search is approximate ({report.search}): it {found}."))
    for what in ("added", "changed", "removed"):
        names: Sequence[str] = getattr(report, what)
        if names:
            console.print(Text(f"{what}: {', '.join(names)}"))


def _count(number: int, noun: str) -> str:
    return f"{number:,} {noun}{'' if number == 1 else 's'}"
