"""Whether a question fares the same in both languages."""

from __future__ import annotations

from collections.abc import Mapping, Sequence


def differences(
    values: Mapping[str, float | None], pairs: Sequence[tuple[str, str]]
) -> list[float]:
    """Dutch minus English for every pair ``(Dutch id, English id)`` that is judged twice."""
    found = []
    for dutch, english in pairs:
        left, right = values.get(dutch), values.get(english)
        if left is not None and right is not None:
            found.append(left - right)
    return found


def parity(values: Mapping[str, float | None], pairs: Sequence[tuple[str, str]]) -> float | None:
    """The mean difference, Dutch minus English, over exact translation pairs.

    0 is parity; the project's FORMAT.md asks for the pairs as a difference. None without pairs.
    """
    found = differences(values, pairs)
    return sum(found) / len(found) if found else None
