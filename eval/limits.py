"""Lines that a result must hold, given as ``measure=value`` on the command line."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import isfinite

from corpus.errors import EvaluationError
from eval.summary import ALL_MEASURES

# Figures are rounded when stored; a line must not be missed by a rounding.
_SLACK = 1e-9


def parse(option: str, given: Sequence[str]) -> dict[str, float]:
    """The limits by measure. Raises EvaluationError for an unknown measure or no number."""
    limits: dict[str, float] = {}
    for each in given:
        name, _, number = each.partition("=")
        if name not in ALL_MEASURES:
            raise EvaluationError(
                f"{option} {each}: unknown measure; choose from {', '.join(ALL_MEASURES)}."
            )
        try:
            limits[name] = float(number)
        except ValueError:
            raise EvaluationError(f"{option} {each}: give measure=number, as in mrr=0.7.") from None
        if not isfinite(limits[name]):
            raise EvaluationError(f"{option} {each}: the limit must be a finite number.")
    return limits


def missed(values: Mapping[str, float], limits: Mapping[str, float]) -> list[str]:
    """What falls short of its limit, in words; where less is better the limit is a ceiling.

    A measure that was not judged falls short: nobody knows that it holds.
    """
    found = []
    for name, limit in limits.items():
        value = values.get(name)
        if value is None:
            found.append(f"{name} was not measured; it must be {_side(name)} {limit:g}")
        elif _worse_by(name, value, limit) > _SLACK:
            found.append(f"{name} is {value:.4f}; it must be {_side(name)} {limit:g}")
    return found


def worsened(
    before: Mapping[str, float], after: Mapping[str, float], margins: Mapping[str, float]
) -> list[str]:
    """What became worse by more than its margin, in words."""
    found = []
    for name, margin in margins.items():
        if name not in before or name not in after:
            found.append(f"{name} was not measured on both sides")
        elif _worse_by(name, after[name], before[name]) > margin + _SLACK:
            found.append(
                f"{name} went from {before[name]:.4f} to {after[name]:.4f}; "
                f"it may worsen by at most {margin:g}"
            )
    return found


def _worse_by(name: str, value: float, reference: float) -> float:
    return reference - value if ALL_MEASURES[name].higher_is_better else value - reference


def _side(name: str) -> str:
    return "at least" if ALL_MEASURES[name].higher_is_better else "at most"
