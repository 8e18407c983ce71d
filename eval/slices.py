"""Parts of a set of questions: by type, language, source, tag, and what is expected."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol, TypeVar

from corpus.errors import EvaluationError


class Sliceable(Protocol):
    """What is read of a question or a row to slice it."""

    @property
    def lang(self) -> str: ...
    @property
    def type(self) -> str: ...
    @property
    def expected(self) -> str: ...
    @property
    def origin(self) -> str: ...
    @property
    def sources(self) -> tuple[str, ...]: ...
    @property
    def tags(self) -> tuple[str, ...]: ...


KEYS = ("type", "lang", "source", "tag", "expected", "origin")
S = TypeVar("S", bound=Sliceable)


def values_of(item: Sliceable, key: str) -> tuple[str, ...]:
    """The values that an item has for a key; a question may have several sources and tags."""
    if key == "source":
        return item.sources
    if key == "tag":
        return item.tags
    value: str = getattr(item, key)
    return (value,) if value else ()


def slices(items: Sequence[S]) -> dict[str, list[S]]:
    """All slices by name (``type=table``), in the order of ``KEYS`` and then of their values.

    Not by what is expected: the measures of silence tell those apart already.
    """
    found: dict[str, list[S]] = {}
    for key in KEYS:
        if key == "expected":
            continue
        names = sorted({value for item in items for value in values_of(item, key)})
        for name in names:
            found[f"{key}={name}"] = [item for item in items if name in values_of(item, key)]
    return found


def select(items: Sequence[S], wanted: Sequence[str]) -> list[S]:
    """The items that lie in every wanted slice, each given as ``key=value``.

    Raises EvaluationError for an unknown key or when nothing is left.
    """
    left = list(items)
    for each in wanted:
        key, _, value = each.partition("=")
        if key not in KEYS or not value:
            raise EvaluationError(
                f"--slice {each}: give key=value, with a key of {', '.join(KEYS)}."
            )
        known = sorted({name for item in items for name in values_of(item, key)})
        if value not in known:
            raise EvaluationError(f"--slice {each}: no question has it; there are {known}.")
        left = [item for item in left if value in values_of(item, key)]
    if not left:
        raise EvaluationError(f"--slice {' '.join(wanted)}: together they leave no question.")
    return left
