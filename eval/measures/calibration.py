"""Whether a confidence of 0.8 is right 8 times in 10."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple


class Bin(NamedTuple):
    """Answers whose confidence lies in one interval: how many, how sure, how often right."""

    low: float
    high: float
    answers: int
    confidence: float
    accuracy: float


def reliability(confidences: Sequence[float], correct: Sequence[bool], bins: int = 10) -> list[Bin]:
    """The filled bins of a reliability diagram: equal widths over [0, 1], 1.0 in the last.

    Niculescu-Mizil and Caruana (2005).
    """
    filled: dict[int, list[tuple[float, bool]]] = {}
    for confidence, is_correct in zip(confidences, correct, strict=True):
        number = min(bins - 1, max(0, int(confidence * bins)))
        filled.setdefault(number, []).append((confidence, is_correct))
    return [
        Bin(
            low=number / bins,
            high=(number + 1) / bins,
            answers=len(members),
            confidence=sum(confidence for confidence, _ in members) / len(members),
            accuracy=sum(is_correct for _, is_correct in members) / len(members),
        )
        for number, members in sorted(filled.items())
    ]


def expected_calibration_error(
    confidences: Sequence[float], correct: Sequence[bool], bins: int = 10
) -> float | None:
    """The mean distance of confidence and accuracy over the bins, weighed by the number of answers.

    Guo et al., On calibration of modern neural networks (2017). None when there are no answers.
    """
    if not confidences:
        return None
    return sum(
        bin_.answers / len(confidences) * abs(bin_.confidence - bin_.accuracy)
        for bin_ in reliability(confidences, correct, bins)
    )
