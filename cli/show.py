"""Answers and passages on a terminal, for people."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from itertools import pairwise
from typing import Any

from rich.console import Console, Group, RenderableType
from rich.markup import escape
from rich.padding import Padding
from rich.rule import Rule
from rich.text import Text

from corpus.model import Document
from index.passages import tidy
from qa.answer import Answer, CitedPassage, Outcome, Quote


@cache
def _texts(language: str) -> Mapping[str, Any]:
    table = tomllib.loads(files("cli").joinpath("texts.toml").read_text("utf-8"))[language]
    return {str(key): value for key, value in table.items()}


def print_answer(answer: Answer, documents: Mapping[str, Document]) -> None:
    """The outcome, the quotes in their sentences with who says so, then the passages."""
    console = Console(highlight=False)
    texts = _texts(answer.language)
    if answer.standalone_question != answer.question:
        console.print(f"[dim]{texts['understood']} {escape(answer.standalone_question)}[/dim]")
    if answer.outcome is not Outcome.ANSWERED:
        console.print(texts[answer.outcome.value])
    if answer.agreement.conflict:
        console.print(f"[bold]{texts['conflict']}[/bold]")
        for group in answer.agreement.groups:
            console.print(f"  {escape(group.value)}: {escape(', '.join(group.publishers))}")
    for quote in answer.answers:
        console.print(_quote(quote, documents, texts))
    if answer.passages:
        title = "passages" if answer.answers else "nearest"
        console.print(Rule(texts[title], align="left", style="dim"))
        for passage in answer.passages:
            console.print(_passage(passage, texts))


def print_passages(passages: Sequence[CitedPassage], language: str) -> None:
    """Passages found, best first."""
    console = Console(highlight=False)
    for passage in passages:
        console.print(_passage(passage, _texts(language)))


def _quote(
    quote: Quote, documents: Mapping[str, Document], texts: Mapping[str, Any]
) -> RenderableType:
    document = documents[quote.source]
    sentence = quote.sentence
    line = Text("“")
    gaps = document.cell_gaps(sentence.start, sentence.end)
    edges = sorted({sentence.start, quote.start, quote.end, sentence.end, *gaps})
    for left, right in pairwise(edges):
        if left in gaps:
            line.append(" | ", style="dim")
        quoted = quote.start <= left and right <= quote.end
        line.append(_flat(document.text[left:right]), style="bold reverse" if quoted else "")
    line.append("”")
    source = document.source
    who = f"— {source.publisher or document.name} ({_kind(source.publisher_kind, texts)}"
    if source.sells:
        who += f"; {texts['sells']} {', '.join(source.sells)}"
    who += f"), {document.name} {quote.start}–{quote.end}"
    return Group(Text(), line, Text(who, style="dim"))


def _passage(passage: CitedPassage, texts: Mapping[str, Any]) -> RenderableType:
    kind = _kind(passage.publisher_kind, texts)
    head = Text(f"{passage.rank}. {passage.publisher} ({kind}) · {passage.article}", style="bold")
    section = [part for part in passage.section if part != passage.article]
    if section:
        head.append(f" › {' › '.join(section)}", style="not bold")
    body: list[RenderableType] = [head, Padding(Text(tidy(passage.display)), (0, 0, 0, 3))]
    labels = dict.fromkeys(flag.label for flag in passage.flags)
    if labels:
        body.append(Padding(Text(f"⚑ {' · '.join(labels)}", style="yellow"), (0, 0, 0, 3)))
    return Group(*body)


def _kind(kind: str, texts: Mapping[str, Any]) -> str:
    return str(texts["kinds"].get(kind, kind))


def _flat(text: str) -> str:
    """Line breaks shown as spaces; what is cited keeps them."""
    return " ".join(text.split("\n"))
