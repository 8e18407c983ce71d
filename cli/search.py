"""``bijsluiter search``: the passages nearest to a question, without an answer."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import Annotated

import typer

from cli.options import IndexPath, Json, Passages


def search(
    question: Annotated[str, typer.Argument(help="The question, in Dutch or English.")],
    k: Passages = 5,
    json_: Json = False,
    publisher: Annotated[
        list[str] | None, typer.Option(help="Only this publisher; may be given more than once.")
    ] = None,
    source: Annotated[
        list[str] | None, typer.Option(help="Only this file; may be given more than once.")
    ] = None,
    index: IndexPath = None,
) -> None:
    """Find the passages nearest to a question.

    Example: bijsluiter search "magnesium en slaap" --k 3

    Exit code 0: found. 1: nothing found. 2: wrong use or bad input.
    """
    from qa import Filters, Retriever
    from qa.language import detect
    from qa.question import checked

    language = detect(checked(question))
    filters = Filters(sources=frozenset(source or ()), publishers=frozenset(publisher or ()))
    found = Retriever.open(index).search(question, k, filters)
    if json_:
        print(json.dumps([asdict(passage) for passage in found], ensure_ascii=False))
    else:
        from cli.show import print_passages

        print_passages(found, language)
    raise typer.Exit(0 if found else 1)
