"""The targets beside the measured figures."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files

# A figure that rests on a sum of many must not miss its target in the last bit.
_SLACK = 1e-9


@dataclass(frozen=True, slots=True)
class Verdict:
    """A target and what was measured; ``value`` and ``holds`` are None where nothing was."""

    group: str
    what: str
    target: str
    value: float | None
    holds: bool | None


def verdicts(figures: Mapping[str, float]) -> list[Verdict]:
    """Every target of ``targets.toml`` against the figures."""
    data = tomllib.loads(files("eval.bench").joinpath("targets.toml").read_text("utf-8"))
    return [_verdict(each, figures.get(each["figure"])) for each in data["target"]]


def _verdict(target: Mapping[str, str | float], value: float | None) -> Verdict:
    floor = "at_least" in target
    limit = float(target["at_least" if floor else "at_most"])
    holds = None
    if value is not None:
        holds = value >= limit - _SLACK if floor else value <= limit + _SLACK
    return Verdict(
        group=str(target["group"]),
        what=str(target["what"]),
        target=f"{'at least' if floor else 'at most'} {limit:g}",
        value=value,
        holds=holds,
    )
