"""Tables for the terminal."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

from eval.comparison import Change, Comparison, Difference
from eval.flag_measures import FlagScore
from eval.intervals import Estimate
from eval.result import Result, Row
from eval.summary import ALL_MEASURES, Estimates, Summary

# The columns of the table of slices; the rest is in --json and --html.
KEY = (
    "search.hit@5",
    "search.recall@10",
    "shown.hit@1",
    "answer.in_passage",
    "answer.f1",
    "silence.outcome",
)
_BAR = 20
_WIDE = 120
_SHORT = 160
_CHANGES = 10
_LIKELY = 0.05
_RARE = 0.001


def show(result: Result, summary: Summary, console: Console) -> None:
    """The whole report of a result."""
    console.print(_setup(result))
    wide = console.width >= _WIDE
    console.print(_overall(summary.overall, wide))
    console.print(_slices(summary.slices, wide))
    if summary.pairs:
        console.print(_parity(summary.pairs))
    if summary.flags:
        console.print(_flags(summary.flags))
    console.print(_latency(summary.stages))
    for text in _worst(summary.worst):
        console.print(text)
    for row in result.rows:
        if row.error:
            console.print(Text(f"{row.id} failed: {row.error}", style="red"))


def show_comparison(comparison: Comparison, console: Console) -> None:
    """The differences and the questions won and lost."""
    changed = [each for each in comparison.differences if _is_change(each)]
    same = [each.measure for each in comparison.differences if not _is_change(each)]
    console.print(_differences(changed) if changed else "Nothing changed.")
    if same:
        console.print(Text(f"The same: {' '.join(same)}", style="dim"))
    console.print(
        f"Of {len(comparison.differences)} measures one in twenty has p < 0.05 by chance alone.",
        style="dim",
    )
    for title, changes in (("Won", comparison.won), ("Lost", comparison.lost)):
        console.print(Text(f"{title}: {len(changes)} questions", style="bold"))
        for change in changes[:_CHANGES]:
            console.print(_change(change))
        if len(changes) > _CHANGES:
            rest = " ".join(change.after.id for change in changes[_CHANGES:])
            console.print(Text(f"  and {rest}", style="dim"))
    for title, ids in (("A", comparison.only_before), ("B", comparison.only_after)):
        if ids:
            console.print(Text(f"Only in {title}, not compared: {' '.join(ids)}", style="yellow"))


def _setup(result: Result) -> Text:
    parts = [f"{len(result.rows)} questions"]
    # What was read is in the saved result; here a name and the start of a digest are enough.
    parts += [
        f"{name} {_cut(str(value), 24)}"
        for name, value in result.setup.items()
        if isinstance(value, str | int)
    ]
    return Text(" · ".join(parts), style="dim")


def _overall(found: Estimates, wide: bool) -> Table:
    table = Table(box=SIMPLE_HEAD, title="All questions", title_justify="left")
    table.add_column("measure", no_wrap=True, min_width=max(map(len, found), default=0))
    for name, width in (("value", 5), ("95 %", 11), ("n", 3)):
        table.add_column(name, justify="right", no_wrap=True, min_width=width)
    table.add_column("↓ less is better", min_width=_BAR)
    if wide:
        table.add_column("what it says", no_wrap=True, style="dim")
    for name, each in found.items():
        meaning = ALL_MEASURES[name]
        shown = name + ("" if meaning.higher_is_better else " ↓")
        cells: list[str | Text] = [shown, f"{each.value:.3f}", _interval(each), str(each.questions)]
        table.add_row(*cells, _bar(each.value), *([meaning.label] if wide else []))
    return table


def _slices(found: Mapping[str, Estimates], wide: bool) -> Table:
    table = Table(box=SIMPLE_HEAD, title="By slice", title_justify="left", collapse_padding=True)
    table.add_column("slice", no_wrap=True, max_width=None if wide else 20)
    for name in KEY:
        room, _, measure = name.partition(".")
        table.add_column(
            f"{room}\n{measure}",
            justify="right",
            no_wrap=True,
            min_width=max(len(room), len(measure)),
        )
    for slice_, values in found.items():
        table.add_row(Text(slice_), *(_short(values.get(name), wide) for name in KEY))
    if wide:
        table.caption = "value ± half of its 95 % interval"
    return table


def _parity(found: Estimates) -> Table:
    table = Table(
        box=SIMPLE_HEAD, title="Translation pairs: Dutch minus English", title_justify="left"
    )
    table.add_column("measure")
    for name in ("difference", "95 %", "pairs"):
        table.add_column(name, justify="right")
    for name, each in found.items():
        table.add_row(name, f"{each.value:+.3f}", _interval(each), str(each.questions))
    return table


def _flags(score: FlagScore) -> Table:
    table = Table(box=SIMPLE_HEAD, title="Flags (sentences)", title_justify="left")
    table.add_column("flag")
    for name in ("precision", "recall", "F1", "labelled"):
        table.add_column(name, justify="right")
    for name, each in score.by_kind.items():
        ratios = (each.precision, each.recall, each.f1)
        table.add_row(name, *(_ratio(value) for value in ratios), str(each.support))
    micro = score.micro
    table.add_section()
    ratios = (micro.precision, micro.recall, micro.f1)
    table.add_row("micro", *(_ratio(value) for value in ratios), str(micro.support))
    table.add_row("macro", "", "", _ratio(score.macro_f1()), "")
    table.add_row("macro (10 or more)", "", "", _ratio(score.macro_f1(10)), "")
    table.add_row("plain sentences flagged ↓", "", "", _ratio(score.plain_rate), str(score.plain))
    table.add_row(
        "near misses flagged ↓", "", "", _ratio(score.near_miss_rate), str(score.near_misses)
    )
    return table


def _latency(found: Mapping[str, Mapping[str, float]]) -> Table:
    table = Table(box=SIMPLE_HEAD, title="Time by stage (ms)", title_justify="left")
    table.add_column("stage")
    names = list(next(iter(found.values()), {}))
    for name in names:
        table.add_column(name, justify="right")
    for stage, values in found.items():
        table.add_row(Text(stage), *(f"{values[name]:.1f}" for name in names))
    return table


def _worst(rows: Sequence[Row]) -> list[Text]:
    lines = [Text("Worst questions", style="bold")] if rows else []
    for row in rows:
        text = Text(f"{row.id} {row.lang} {row.type}  {row.question}\n", style="bold")
        wanted = " | ".join(row.wanted) or row.expected
        got = " | ".join(row.got) if row.got and row.outcome == "answered" else row.outcome
        text.append(f"  expected  {_cut(wanted)}\n", style="not bold green")
        text.append(f"  came      {_cut(got)}  ({row.confidence:.2f})", style="not bold red")
        lines.append(text)
    return lines


def _differences(found: Sequence[Difference]) -> Table:
    table = Table(
        box=SIMPLE_HEAD,
        title="B against A, paired by question",
        title_justify="left",
        collapse_padding=True,
    )
    table.add_column("measure", no_wrap=True)
    widths = {"A": 5, "B": 5, "B - A, 95 %": 13, "p": 5, "+/-": 5, "n": 3}
    for name, width in widths.items():
        table.add_column(name, justify="right", no_wrap=True, min_width=width)
    for each in found:
        gain = each.after - each.before
        higher = ALL_MEASURES[each.measure].higher_is_better
        better = gain > 0 if higher else gain < 0
        likely = each.p is not None and each.p < _LIKELY
        table.add_row(
            each.measure + ("" if higher else " ↓"),
            f"{each.before:.3f}",
            f"{each.after:.3f}",
            _range(each),
            _chance(each.p),
            f"{each.won}/{each.lost}",
            str(each.questions),
            style=("green" if better else "red") if likely else "",
        )
    return table


def _is_change(each: Difference) -> bool:
    return each.before != each.after or bool(each.won or each.lost)


def _change(change: Change) -> Text:
    before, after = (_cut(" | ".join(row.got) or row.outcome) for row in change[:2])
    text = Text(f"  {change.after.id} {change.gain:+.2f}  {change.after.question}\n")
    text.append(f"    A {before}\n    B {after}", style="dim")
    return text


def _bar(value: float) -> Text:
    filled = round(max(0.0, min(1.0, value)) * _BAR)
    return Text("━" * filled, style="cyan") + Text("━" * (_BAR - filled), style="dim")


def _range(each: Difference) -> str:
    if each.low is None or each.high is None:
        return ""
    return f"{each.low:+.3f} {each.high:+.3f}"


def _chance(p: float | None) -> str:
    if p is None:
        return ""
    return "<.001" if p < _RARE else f"{p:.3f}"


def _interval(each: Estimate) -> str:
    return f"{each.low:.3f} {each.high:.3f}"


def _short(each: Estimate | None, wide: bool) -> str:
    if each is None:
        return ""
    return f"{each.value:.2f}" + (f" ±{(each.high - each.low) / 2:.2f}" if wide else "")


def _ratio(value: float | None) -> str:
    return "" if value is None else f"{value:.3f}"


def _cut(text: str, most: int = _SHORT) -> str:
    joined = " ".join(text.split())
    return joined if len(joined) <= most else f"{joined[: most - 1]}…"
