"""``bijsluiter sources``: who wrote the articles, what they sell, and how their texts sell."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer
from rich.console import Console
from rich.table import Table

from corpus import load

if TYPE_CHECKING:  # commands are registered for every call, so what they need they load themselves
    from qa.profile import SourceProfile

_WIDTH = 24  # characters of the longest bar


def sources(
    folder: Annotated[
        Path | None,
        typer.Argument(help="Folder of articles with a sources.toml (default: the shipped ones)."),
    ] = None,
    json_: Annotated[bool, typer.Option("--json", help="Print JSON for programs.")] = False,
    lang: Annotated[
        Literal["nl", "en"], typer.Option("--lang", help="Language of the words shown.")
    ] = "nl",
) -> None:
    """Show each publisher: what it sells, its references, and flags per 1,000 words.

    Example: bijsluiter sources --lang en
    """
    from qa.profile import profiles

    found = profiles(load(folder), lang)
    if json_:
        print(json.dumps([profile.to_dict() for profile in found], ensure_ascii=False))
        return
    console = Console(highlight=False)
    longest = max(max(profile.per_thousand.values()) for profile in found)
    for profile in found:
        console.print(_facts(profile, lang))
        console.print(_bars(profile, longest, lang))
        console.print()


def _facts(profile: SourceProfile, language: str) -> Table:
    from qa.profile import words

    said = words(language)
    table = Table(title=profile.publisher, title_justify="left", show_header=False)
    table.add_column()
    table.add_column(overflow="fold")
    table.add_column(style="dim")
    for fact in profile.facts:
        table.add_row(
            said.get(fact.name, fact.name),
            said.get(fact.value, fact.value),
            said.get(fact.origin, fact.origin),
        )
    for name in (
        "words",
        "articles",
        "brand_mentions",
        "calls_to_action",
        "marked_unevaluated",
        "references_listed",
        "citations",
        "disclaimers",
    ):
        table.add_row(said[name], str(getattr(profile, name)), said["counted"])
    return table


def _bars(profile: SourceProfile, longest: float, language: str) -> Table:
    from qa.flags.lexicon import flag_texts
    from qa.profile import words

    table = Table(title=words(language)["per_thousand"], title_justify="left", show_header=False)
    table.add_column()
    table.add_column(justify="right")
    table.add_column(no_wrap=True)
    for kind, text in flag_texts().items():
        value = profile.per_thousand[kind]
        if value:
            table.add_row(text.label[language], f"{value:.1f}", bar(value, longest))
    return table


def bar(value: float, longest: float, width: int = _WIDTH) -> str:
    """A bar of ``value`` where ``longest`` fills ``width``; anything above nothing shows."""
    return "█" * max(1, round(width * value / longest)) if value and longest else ""
