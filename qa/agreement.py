"""Do the publishers agree? One publisher is one voice, however many pages it wrote.

Publishers differ when their quotes give other figures for the same thing (300 or 600 enzymatic
reactions), or name other things of a kind that the question asks for (a moment of the day). What
cannot be compared that way is not called a conflict.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass

from qa.answer import Agreement, Group, Quote
from qa.figures import asks_figure, figures
from qa.naming import Kind, asked_kind

Quoted = tuple[Quote, str, str]


@dataclass(frozen=True, slots=True)
class _Side:
    """What a quote says, to compare and to show."""

    key: Hashable
    shown: str


def agreement(question: str, quotes: Sequence[Quoted]) -> Agreement:
    """How many publishers support the answer, and who says what where they differ.

    ``quotes``: each quote with its publisher and the sentence around it, best first.
    """
    publishers = tuple(dict.fromkeys(publisher for _, publisher, _ in quotes))
    kind = asked_kind(question)
    groups: tuple[Group, ...] = ()
    if asks_figure(question):
        groups = _grouped(quotes, _figures(quotes))
    elif kind is not None and kind.differ:
        groups = _grouped(quotes, _named(quotes, kind))
    conflict = len(groups) > 1 and len({p for g in groups for p in g.publishers}) > 1
    return Agreement(len(publishers), conflict, groups if conflict else ())


def _figures(quotes: Sequence[Quoted]) -> list[_Side | None]:
    """The figure that each quote gives for what the first quote with a figure counts."""
    counted = next((f.counted for _, _, s in quotes for f in figures(s)), None)
    return [
        next(
            (_Side((f.low, f.high), f.text) for f in figures(s) if f.counted == counted),
            None,
        )
        for _, _, s in quotes
    ]


def _named(quotes: Sequence[Quoted], kind: Kind) -> list[_Side | None]:
    """What each quote names of the kind; none at all unless another publisher names otherwise."""
    named = [kind.named(quote.quote) or kind.named(sentence) for quote, _, sentence in quotes]
    differ = any(
        one.keys() != other.keys()
        for number, one in enumerate(named)
        for second, other in enumerate(named)
        if one and other and quotes[number][1] != quotes[second][1]
    )
    if not differ:
        return [None] * len(quotes)
    return [_Side(frozenset(n), ", ".join(n.values())) if n else None for n in named]


def _grouped(quotes: Sequence[Quoted], sides: Sequence[_Side | None]) -> tuple[Group, ...]:
    groups: dict[Hashable, list[tuple[Quote, str]]] = {}
    shown: dict[Hashable, str] = {}
    for (quote, publisher, _), side in zip(quotes, sides, strict=True):
        if side is not None:
            groups.setdefault(side.key, []).append((quote, publisher))
            shown.setdefault(side.key, side.shown)
    return tuple(
        Group(
            value=shown[key],
            publishers=tuple(dict.fromkeys(publisher for _, publisher in rows)),
            quotes=tuple(quote for quote, _ in rows),
        )
        for key, rows in groups.items()
    )
