"""Answering or staying silent: rates, and how well confidence tells the two apart."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from typing import NamedTuple


def rate(events: Sequence[bool]) -> float | None:
    """The share of questions for which something happened; None when there are no questions.

    Coverage is the rate of answering over the answerable, false silence the rate of not answering
    over the same, false answers the rate of answering over what the sources do not answer.
    """
    return sum(events) / len(events) if events else None


def auroc(scores: Sequence[float], positive: Sequence[bool]) -> float | None:
    """The chance that a positive scores above a negative, ties counting half.

    The area under the receiver operating characteristic as the Mann-Whitney statistic: Hanley and
    McNeil (1982). None unless there are positives and negatives.
    """
    ups = [score for score, is_positive in zip(scores, positive, strict=True) if is_positive]
    downs = sorted(s for s, is_positive in zip(scores, positive, strict=True) if not is_positive)
    if not ups or not downs:
        return None
    # Twice the wins: those below count in both terms, ties in one.
    wins = sum(bisect_left(downs, up) + bisect_right(downs, up) for up in ups)
    return wins / 2 / (len(ups) * len(downs))


def false_answers_at_coverage(
    scores: Sequence[float], positive: Sequence[bool], coverage: float = 0.9
) -> float | None:
    """The share of negatives that pass the strictest threshold keeping ``coverage`` of positives.

    The false positive rate at a fixed true positive rate (Fawcett 2006). None unless there are
    positives and negatives.
    """
    ups = sorted(
        (score for score, is_up in zip(scores, positive, strict=True) if is_up), reverse=True
    )
    downs = [score for score, is_up in zip(scores, positive, strict=True) if not is_up]
    if not ups or not downs:
        return None
    # The smallest number of positives that is at least the coverage; the slack is for 0.9 * 10.
    keep = max(1, -int(-(coverage * len(ups) - 1e-9) // 1))
    threshold = ups[min(keep, len(ups)) - 1]
    return sum(down >= threshold for down in downs) / len(downs)


class RiskPoint(NamedTuple):
    """At ``threshold`` and above, ``coverage`` of all is answered, ``risk`` of that wrongly."""

    threshold: float
    coverage: float
    risk: float


def risk_coverage(scores: Sequence[float], correct: Sequence[bool]) -> list[RiskPoint]:
    """The risk-coverage curve, one point for every different score, highest first.

    El-Yaniv and Wiener, On the foundations of noise-free selective classification (2010).
    """
    ranked = sorted(zip(scores, correct, strict=True), key=lambda pair: -pair[0])
    points: list[RiskPoint] = []
    wrong = 0
    for count, (score, is_correct) in enumerate(ranked, start=1):
        wrong += not is_correct
        if count == len(ranked) or ranked[count][0] != score:
            points.append(RiskPoint(score, count / len(ranked), wrong / count))
    return points


def area_under_risk_coverage(scores: Sequence[float], correct: Sequence[bool]) -> float | None:
    """The mean risk along the curve, each point weighed by the coverage it adds; lower is better.

    AURC of Geifman and El-Yaniv (2019), with equal scores taken together so that their order
    cannot matter. None when there are no questions.
    """
    points = risk_coverage(scores, correct)
    if not points:
        return None
    before = [0.0, *(point.coverage for point in points)]
    return sum(
        point.risk * (point.coverage - start) for point, start in zip(points, before, strict=False)
    )
