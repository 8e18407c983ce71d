"""The report as one HTML file that needs no network: tables, plots, worst questions."""

from __future__ import annotations

from collections.abc import Mapping
from math import sqrt

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from eval.report import svg
from eval.result import Result
from eval.summary import ALL_MEASURES, Estimates, Summary

# The measures that are drawn for every slice.
_DRAWN = ("search.hit@5", "shown.hit@1", "answer.in_passage", "answer.f1", "silence.outcome")


def page(result: Result, summary: Summary) -> str:
    """The report of a result as the text of an HTML file; everything in it is escaped."""
    environment = Environment(
        loader=PackageLoader("eval.report", "."), autoescape=True, undefined=StrictUndefined
    )
    return environment.get_template("report.html").render(
        result=result,
        measures=ALL_MEASURES,
        summary=summary,
        plots=_slice_plots(summary.slices),
        reliability=_reliability(summary),
        risk=_risk(summary),
        latency=_latency(summary.stages),
    )


def _slice_plots(slices: dict[str, Estimates]) -> list[tuple[str, Markup]]:
    plots = []
    for measure in _DRAWN:
        rows = [
            svg.Whisker(f"{name} ({found[measure].questions})", *found[measure][:3])
            for name, found in slices.items()
            if measure in found
        ]
        if rows:
            title = f"{measure}: {ALL_MEASURES[measure].label}"
            plots.append((title, _safe(svg.whiskers(title, rows))))
    return plots


def _reliability(summary: Summary) -> Markup | None:
    bins = summary.reliability
    if not bins:
        return None
    points = [(each.confidence, each.accuracy) for each in bins]
    dots = [(each.confidence, each.accuracy, 2 + sqrt(each.answers)) for each in bins]
    return _safe(
        svg.square("Reliability", "confidence", "how often right", points, dots, diagonal=True)
    )


def _risk(summary: Summary) -> Markup | None:
    points = [(each.coverage, each.risk) for each in summary.risk_coverage]
    if not points:
        return None
    return _safe(svg.square("Risk and coverage", "share of answers given", "share wrong", points))


def _latency(stages: Mapping[str, Mapping[str, float]]) -> Markup | None:
    rows = [svg.Bar(stage, each["p50"], each["p95"]) for stage, each in stages.items()]
    return _safe(svg.bars("Time by stage: p50 and p95", "ms", rows)) if rows else None


def _safe(drawn: str) -> Markup:
    # ElementTree has escaped every text in the drawing.
    return Markup(drawn)
