"""The report as one HTML file that needs no network: tables, plots, worst questions."""

from __future__ import annotations

from collections.abc import Mapping

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from eval.report import plots, svg
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
        reliability=_safe(plots.reliability(summary.reliability)),
        risk=_safe(plots.coverage(summary.risk_coverage)),
        latency=_latency(summary.stages),
    )


def _slice_plots(slices: dict[str, Estimates]) -> list[tuple[str, Markup]]:
    drawn = []
    for measure in _DRAWN:
        rows = [
            svg.Whisker(f"{name} ({found[measure].questions})", *found[measure][:3])
            for name, found in slices.items()
            if measure in found
        ]
        if rows:
            title = f"{measure}: {ALL_MEASURES[measure].label}"
            drawn.append((title, svg.whiskers(title, rows)))
    return [(title, Markup(each)) for title, each in drawn]


def _latency(stages: Mapping[str, Mapping[str, float]]) -> Markup | None:
    rows = [svg.Bar(stage, each["p50"], each["p95"]) for stage, each in stages.items()]
    return _safe(svg.bars("Time by stage: p50 and p95", "ms", rows) if rows else None)


def _safe(drawn: str | None) -> Markup | None:
    # ElementTree has escaped every text in the drawing.
    return None if drawn is None else Markup(drawn)
