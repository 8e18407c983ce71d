"""How long the stages take."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

PERCENTILES = (50, 95, 99)


def percentile(values: Sequence[float], percent: float) -> float | None:
    """The percentile with linear interpolation (definition 7 of Hyndman and Fan, 1996).

    In the unit of the values. None when there are none.
    """
    if not values:
        return None
    ordered = sorted(values)
    place = (len(ordered) - 1) * percent / 100
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (place - low) * (ordered[high] - ordered[low])


def by_stage(timings: Sequence[Mapping[str, float]]) -> dict[str, dict[str, float]]:
    """For every stage its percentiles ``p50``, ``p95``, ``p99`` and ``max``, in milliseconds."""
    stages = {stage: [t[stage] for t in timings if stage in t] for t in timings for stage in t}
    return {
        stage: {
            **{f"p{p}": value for p in PERCENTILES if (value := percentile(values, p)) is not None},
            "max": max(values),
        }
        for stage, values in sorted(stages.items())
    }
