"""How sure a figure is: percentile bootstrap intervals, seeded.

Efron and Tibshirani, An Introduction to the Bootstrap (1993), chapter 13. Questions are drawn with
replacement; the interval says how the figure would move with other questions of the same kind.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 2_000
LEVEL = 0.95


class Estimate(NamedTuple):
    """A figure over so many ``questions`` with its 95 % interval."""

    value: float
    low: float
    high: float
    questions: int


def generator(seed: int, *names: str) -> np.random.Generator:
    """A random generator that depends on the seed and the names alone, not on what ran before."""
    return np.random.default_rng([seed, *(zlib.crc32(name.encode()) for name in names)])


def of_means(
    values: Mapping[str, Sequence[float | None]], seed: int, *names: str
) -> dict[str, Estimate]:
    """The means of several measures over the same questions, each with its interval.

    A value of None is a question that the measure declines; a measure without any judged question
    is left out. All measures share the draws.
    """
    matrix = np.array(
        [[np.nan if each is None else each for each in column] for column in values.values()],
        dtype=np.float64,
    ).T
    if matrix.size == 0:
        return {}
    judged = (~np.isnan(matrix)).astype(np.float64)
    filled = np.nan_to_num(matrix)
    count = len(matrix)
    # How often each question is drawn, one row a draw: drawing with replacement, counted.
    weights = generator(seed, *names).multinomial(count, np.full(count, 1 / count), RESAMPLES)
    with np.errstate(invalid="ignore"):  # a draw may hold no judged question: left out below
        drawn = (weights @ filled) / (weights @ judged)
    found = {}
    for number, name in enumerate(values):
        questions = int(judged[:, number].sum())
        if questions:
            means = drawn[:, number]
            value = float(filled[:, number].sum() / questions)
            found[name] = _estimate(value, means[~np.isnan(means)], questions)
    return found


def of_mean(values: Sequence[float | None], seed: int, *names: str) -> Estimate | None:
    """The mean of the judged values with its interval; None when none is judged."""
    return of_means({"": values}, seed, *names).get("")


def of_statistic(
    statistic: Callable[[Sequence[int]], float | None], count: int, seed: int, *names: str
) -> Estimate | None:
    """Any statistic of ``count`` questions, called with the indices drawn, with its interval.

    Draws for which the statistic declines are left out. None when it declines for all questions.
    """
    value = statistic(range(count))
    if value is None:
        return None
    draws = generator(seed, *names).integers(0, count, (RESAMPLES // 4, count))
    found = [statistic(draw.tolist()) for draw in draws]
    drawn = np.array([each for each in found if each is not None], dtype=np.float64)
    return _estimate(value, drawn if drawn.size else np.array([value]), count)


def _estimate(value: float, drawn: NDArray[np.float64], count: int) -> Estimate:
    tail = (1 - LEVEL) / 2 * 100
    low, high = np.percentile(drawn, [tail, 100 - tail])
    return Estimate(value, float(low), float(high), count)
