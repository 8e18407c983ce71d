"""The plots of confidence: how often it is right, and what silence buys, as SVG text."""

from __future__ import annotations

from collections.abc import Sequence
from math import sqrt
from pathlib import Path

from eval import shipped
from eval.measures import calibration, silence
from eval.report import svg
from eval.result import Row, write_whole
from eval.summary import answers


def reliability(bins: Sequence[calibration.Bin]) -> str | None:
    """Confidence against how often it was right, a dot's size by its answers; None without any."""
    if not bins:
        return None
    points = [(each.confidence, each.accuracy) for each in bins]
    dots = [(each.confidence, each.accuracy, 2 + sqrt(each.answers)) for each in bins]
    return svg.square("Reliability", "confidence", "how often right", points, dots, diagonal=True)


def coverage(curve: Sequence[silence.RiskPoint]) -> str | None:
    """The share of wrong answers against the share of answers given; None without any."""
    if not curve:
        return None
    points = [(each.coverage, each.risk) for each in curve]
    return svg.square("Risk and coverage", "share of answers given", "share wrong", points)


def write(rows: Sequence[Row], folder: Path) -> None:
    """Write ``reliability.svg`` and ``coverage.svg``, of answers to questions that fitted nothing.

    Of all answers where every question was fitted on. Raises EvaluationError where the folder
    cannot be written.
    """
    given = answers([row for row in rows if row.origin not in shipped.FITTED] or rows)
    drawn = {
        "reliability": reliability(calibration.reliability(*given)),
        "coverage": coverage(silence.risk_coverage(*given)),
    }
    for name, each in drawn.items():
        if each is not None:
            write_whole(folder / f"{name}.svg", svg.alone(each))
