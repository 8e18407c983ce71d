"""What a figure says to a reader of a report."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a measure says, and whether more is better."""

    label: str
    higher_is_better: bool = True
