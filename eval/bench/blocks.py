"""The generated blocks of the benchmarks page, as Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eval.bench.targets import Verdict
from eval.comparison import Comparison, Difference
from eval.flag_measures import FlagScore
from eval.intervals import Estimate
from eval.summary import ALL_MEASURES, Estimates

_MEGA = 1_000_000
_FOUND = ("search.hit@1", "search.hit@5", "search.recall@10", "search.mrr", "search.ndcg@10")
_SLICED = ("search.hit@5", "shown.hit@1", "answer.in_passage", "answer.f1", "silence.outcome")
_SHOWN_SLICES = ("lang", "type", "origin")
_LIKELY = 0.05


def machine(facts: Mapping[str, str]) -> str:
    """The machine, one fact a row."""
    return table(("", ""), [(name, value) for name, value in facts.items()])


def targets(verdicts: Sequence[Verdict]) -> str:
    """Targets beside what was measured."""
    signs = {True: "yes", False: "**no**", None: ""}
    rows = [
        (
            each.group,
            each.what,
            each.target,
            "not measured by this command" if each.value is None else _figure(each.value),
            signs[each.holds],
        )
        for each in verdicts
    ]
    return table(("", "what", "target", "measured", "holds"), rows)


def finding(
    stacks: Mapping[str, Estimates], lengths: Mapping[str, float], pairs: Mapping[str, Comparison]
) -> str:
    """Quality of the stacks, and the paired difference of ours with each other one."""
    names = [name.removeprefix("search.") for name in _FOUND]
    rows = [
        (stack, f"{lengths[stack]:.0f}", *(_interval(found.get(name)) for name in _FOUND))
        for stack, found in stacks.items()
    ]
    parts = [table(("stack", "mean length", *names), rows)]
    for stack, comparison in pairs.items():
        rows = [
            (
                each.measure.removeprefix("search."),
                f"{each.after - each.before:+.3f}",
                _range(each),
                "" if each.p is None else f"{each.p:.4f}",
                f"{each.won} / {each.lost}",
            )
            for each in comparison.differences
            if each.measure in _FOUND
        ]
        parts.append(f"Bijsluiter minus *{stack}*, paired over the same questions:")
        parts.append(table(("measure", "difference", "95 %", "p", "won / lost"), rows))
    return "\n\n".join(parts)


def signals(rankings: Mapping[str, Estimates]) -> str:
    """Quality of the ranking by signal."""
    names = [name.removeprefix("search.") for name in _FOUND]
    rows = [
        (ranking, *(_interval(found.get(name)) for name in _FOUND))
        for ranking, found in rankings.items()
    ]
    return table(("ranked by", *names), rows)


def vectors(difference: Difference) -> str:
    """What serving costs in rank quality, beside the same encoder in single precision on torch."""
    row = (
        f"{difference.before:.4f}",
        f"{difference.after:.4f}",
        f"{difference.after - difference.before:+.4f}",
        _range(difference),
        str(difference.questions),
    )
    return table(("torch, fp32", "as served", "difference", "95 %", "questions"), [row])


def speed(stacks: Mapping[str, Mapping[str, float]]) -> str:
    """Times and memory of the stacks, one a column."""
    rows = [
        ("index of the five articles (s)", "index_s", 1),
        ("passages in the index", "passages", 0),
        ("ready for a question (s)", "ready_s", 2),
        ("first passages (s)", "first_s", 2),
        ("search, p50 (ms)", "p50_ms", 1),
        ("search, p95 (ms)", "p95_ms", 1),
        ("peak memory while searching (MB)", "peak_mb", 0),
        ("passages encoded a second", "encoded", 1),
    ]
    body = [
        (label, *(f"{values[key]:.{digits}f}" for values in stacks.values()))
        for label, key, digits in rows
    ]
    return table(("", *stacks), body)


def read(times: Mapping[int, tuple[float, float]]) -> str:
    """A whole answer's p50 and p95, by how many passages are read for it."""
    rows = [(str(number), *(f"{each:.0f}" for each in both)) for number, both in times.items()]
    return table(("passages read", "p50 (ms)", "p95 (ms)"), rows)


def start(steps: Sequence[Mapping[str, Any]]) -> str:
    """Where a process that answers one question spends its start."""
    rows = [
        (step["step"], *(f"{step[key]:.2f}" for key in ("cpu", "wall")), f"{step['megabytes']:.0f}")
        for step in steps
    ]
    total = [f"{sum(step[key] for step in steps[:-1]):.2f}" for key in ("cpu", "wall")]
    rows.insert(-1, ("**all of it**", *total, ""))
    return table(("step", "processor (s)", "clock (s)", "then resident (MB)"), rows)


def answers(overall: Estimates, stages: Mapping[str, Mapping[str, float]]) -> str:
    """Every measure over all shipped questions, then the time by stage."""
    rows = [
        (
            ALL_MEASURES[name].label + ("" if ALL_MEASURES[name].higher_is_better else " ↓"),
            f"{each.value:.3f}",
            f"{each.low:.3f} to {each.high:.3f}",
            str(each.questions),
        )
        for name, each in overall.items()
    ]
    times = [
        (stage, *(f"{values[name]:.1f}" for name in ("p50", "p95", "p99")))
        for stage, values in stages.items()
    ]
    return "\n\n".join(
        (
            "↓ marks a measure of which less is better.",
            table(("measure", "value", "95 %", "questions"), rows),
            table(("stage (ms, warm)", "p50", "p95", "p99"), times),
        )
    )


def sliced(slices: Mapping[str, Estimates]) -> str:
    """The main measures by slice."""
    rows = [
        (name, *(_interval(found.get(measure)) for measure in _SLICED))
        for name, found in slices.items()
        if name.partition("=")[0] in _SHOWN_SLICES
    ]
    return table(("slice", *_SLICED), rows)


def flags(score: FlagScore, by_article: Mapping[str, FlagScore]) -> str:
    """The flags' score by kind, the sums, and by labelled source."""
    counted = [
        *score.by_kind.items(),
        ("all (micro)", score.micro),
        *((f"all in {name}", each.micro) for name, each in by_article.items()),
    ]
    rows = [
        (kind, _ratio(each.precision), _ratio(each.recall), _ratio(each.f1), str(each.support))
        for kind, each in counted
    ]
    plain = (
        f"Plain sentences that got any flag: {score.plain_flagged} of {score.plain}; "
        f"near misses: {score.near_misses_flagged} of {score.near_misses}. "
        f"Macro F1 {_ratio(score.macro_f1())}, of flags with ten or more labelled sentences "
        f"{_ratio(score.macro_f1(10))}."
    )
    return table(("flag", "precision", "recall", "F1", "labelled"), rows) + "\n\n" + plain


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table."""
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _range(each: Difference) -> str:
    if each.low is None or each.high is None:
        return ""
    return f"{each.low:+.3f} to {each.high:+.3f}"


def _interval(each: Estimate | None) -> str:
    return "" if each is None else f"{each.value:.3f} ({each.low:.2f} to {each.high:.2f})"


def _figure(value: float) -> str:
    return f"{value:.3g}" if value < 1000 else f"{value:.0f}"


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"
