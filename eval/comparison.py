"""Whether a change made it better: two results over the same questions, paired."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from corpus.errors import EvaluationError
from eval.flag_measures import FlagScore
from eval.intervals import LEVEL, RESAMPLES, generator
from eval.result import Result, Row
from eval.scoring import MEASURES
from eval.summary import quality, set_statistics

SHUFFLES = 10_000


class Difference(NamedTuple):
    """B minus A of one measure over the questions that both judge.

    ``low`` and ``high`` bound the 95 % interval of the paired bootstrap, None for flags; ``p`` is
    the two-sided chance of a difference this large if A and B were interchangeable, None for a
    measure of the whole set. ``won`` and ``lost`` count the questions whose value rose and fell.
    """

    measure: str
    before: float
    after: float
    low: float | None
    high: float | None
    p: float | None
    won: int
    lost: int
    questions: int


class Change(NamedTuple):
    """A question that fared better or worse, by how much (the mean of what a reader notices)."""

    before: Row
    after: Row
    gain: float


@dataclass(frozen=True, slots=True)
class Comparison:
    """All differences; the questions won and lost, greatest change first; and those left out."""

    differences: tuple[Difference, ...]
    won: tuple[Change, ...]
    lost: tuple[Change, ...]
    only_before: tuple[str, ...]
    only_after: tuple[str, ...]


def compare(before: Result, after: Result, seed: int = 0) -> Comparison:
    """The paired comparison of two results; order and number of the rest do not matter.

    Raises EvaluationError when they share no question, or when an id stands for two questions.
    """
    left, right = before.by_id(), after.by_id()
    shared = [name for name in left if name in right]
    if not shared:
        raise EvaluationError("The two results share no question; compare runs of the same file.")
    for name in shared:
        if left[name].question != right[name].question:
            raise EvaluationError(
                f"'{name}' is another question in each result; compare runs of the same file."
            )
    pairs = [(left[name], right[name]) for name in shared]
    found = [_of_mean(pairs, measure, seed) for measure in MEASURES]
    found += _of_set(pairs, seed)
    found += _of_flags(before, after)
    changes = sorted(
        (Change(a, b, quality(b) - quality(a)) for a, b in pairs),
        key=lambda change: (-abs(change.gain), change.after.id),
    )
    return Comparison(
        differences=tuple(difference for difference in found if difference is not None),
        won=tuple(change for change in changes if change.gain > 0),
        lost=tuple(change for change in changes if change.gain < 0),
        only_before=tuple(sorted(left.keys() - right.keys())),
        only_after=tuple(sorted(right.keys() - left.keys())),
    )


def to_dict(found: Comparison) -> dict[str, Any]:
    """A comparison as JSON, the changed questions by id."""
    return {
        "differences": [each._asdict() for each in found.differences],
        "won": {change.after.id: round(change.gain, 9) for change in found.won},
        "lost": {change.after.id: round(change.gain, 9) for change in found.lost},
        "only_before": found.only_before,
        "only_after": found.only_after,
    }


def randomisation_p(differences: Sequence[float], seed: int, *names: str) -> float:
    """Two-sided p of the mean difference under random signs, seeded.

    Fisher's randomisation test; Smucker, Allan and Carterette, A comparison of statistical
    significance tests for information retrieval evaluation (2007). The observed arrangement counts
    as one of the arrangements, so p is never 0.
    """
    values = np.array([each for each in differences if each != 0], dtype=np.float64)
    if values.size == 0:
        return 1.0
    signs = generator(seed, "signs", *names).choice((-1.0, 1.0), (SHUFFLES, values.size))
    # The slack keeps a sum that differs only in its last bit on the side of "as large".
    reached = np.abs(signs @ values) >= abs(values.sum()) - 1e-9
    return float((1 + np.count_nonzero(reached)) / (1 + SHUFFLES))


def _of_mean(pairs: Sequence[tuple[Row, Row]], measure: str, seed: int) -> Difference | None:
    judged = []
    for a, b in pairs:
        left, right = a.measures.get(measure), b.measures.get(measure)
        if left is not None and right is not None:
            judged.append((left, right))
    if not judged:
        return None
    left_values, right_values = np.array(judged, dtype=np.float64).T
    gains = right_values - left_values
    draws = generator(seed, "paired", measure).integers(0, gains.size, (RESAMPLES, gains.size))
    low, high = _bounds(gains[draws].mean(axis=1).tolist())
    return Difference(
        measure=measure,
        before=float(left_values.mean()),
        after=float(right_values.mean()),
        low=low,
        high=high,
        p=randomisation_p(gains.tolist(), seed, measure),
        won=int(np.count_nonzero(gains > 0)),
        lost=int(np.count_nonzero(gains < 0)),
        questions=gains.size,
    )


def _of_set(pairs: Sequence[tuple[Row, Row]], seed: int) -> list[Difference | None]:
    """Measures of the whole set: the same questions are drawn on both sides."""
    left = set_statistics([a for a, _ in pairs])
    right = set_statistics([b for _, b in pairs])
    found: list[Difference | None] = []
    for measure, before in left.items():
        whole = range(len(pairs))
        old, new = before(whole), right[measure](whole)
        if old is None or new is None:
            continue
        draws = generator(seed, "paired", measure).integers(
            0, len(pairs), (RESAMPLES // 4, len(pairs))
        )
        gains = []
        for draw in draws.tolist():
            a, b = before(draw), right[measure](draw)
            if a is not None and b is not None:
                gains.append(b - a)
        low, high = _bounds(gains)
        found.append(Difference(measure, old, new, low, high, None, 0, 0, len(pairs)))
    return found


def _of_flags(before: Result, after: Result) -> list[Difference]:
    """The flags' figures side by side; labelled sentences are not drawn, so without interval."""
    if not before.flags or not after.flags:
        return []
    old, new = (FlagScore.from_dict(each.flags or {}).figures() for each in (before, after))
    return [
        Difference(name, old[name], new[name], None, None, None, 0, 0, 0)
        for name in old
        if name in new
    ]


def _bounds(gains: Sequence[float]) -> tuple[float, float]:
    tail = (1 - LEVEL) / 2 * 100
    low, high = np.percentile(gains, [tail, 100 - tail])
    return float(low), float(high)
