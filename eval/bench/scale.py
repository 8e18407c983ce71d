"""How time, recall and memory go with the number of passages: ``make bench-scale``.

``python -m eval.bench.scale --out docs/benchmarks.md`` writes the page's *scale* block and the
plot beside the page. A million passages take minutes and 6 GB of disk, so ``make bench`` leaves
the block as it is.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from tempfile import TemporaryDirectory
from typing import Annotated, Any

import typer
from rich.console import Console

from corpus.errors import EvaluationError, as_exit_code
from eval import shipped
from eval.bench import machine
from eval.bench.blocks import table
from eval.bench.page import write
from eval.measures.latency import percentile
from eval.report import svg
from eval.result import write_whole
from eval.session import read

_SIZES = "1000,3000,10000,30000,100000,300000,1000000"
_BUILT = 500  # passages that are built from text files, encoded for real
_ASKED = 160  # questions, of all over the files
_JUDGED = 100  # questions whose ten best passages are looked for exactly
_ANSWERED = 30  # questions that threads share
_MEGA = 1_000_000
_PLOT = "images/scale.svg"


@dataclass(frozen=True, slots=True)
class Size:
    """What was measured with so many passages; times of a search in milliseconds."""

    passages: int
    made: Mapping[str, Any]
    found: Mapping[str, Any]
    recall: float

    def at(self, percent: float, name: str = "milliseconds") -> float:
        """A percentile of the times of searches."""
        value = percentile(self.found[name], percent)
        assert value is not None
        return value

    @property
    def build(self) -> float:
        """Seconds that the index took, the vectors not counted."""
        return sum(float(self.made[part]) for part in ("texts", "words", "vectors", "publishing"))


Rates = Mapping[str, float]  # answers a second, by number of threads


@dataclass(frozen=True, slots=True)
class _Runs:
    folder: Path
    work: Path  # where indexes are made
    keep: bool
    console: Console

    def phase(self, name: str, home: str, threads: int | None = None, **job: Any) -> dict[str, Any]:
        """Run one phase in a process of its own and give its figures. ``threads``: of a model."""
        self.console.print(f"{name} {job.get('passages', '')} …", style="dim")
        file = self.folder / "job.json"
        cache = self.work / "real.npz"
        job = {"folder": str(self.work / home), "cache": str(cache), **job}
        file.write_text(json.dumps(job), "utf-8")
        command = [sys.executable, "-m", "eval.bench.scale_work", name, str(file)]
        bound = {} if threads is None else {"OMP_NUM_THREADS": str(threads)}
        done = subprocess.run(
            command, capture_output=True, text=True, check=False, env=os.environ | bound
        )
        if done.returncode:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise EvaluationError(f"The phase {name} failed: {last}")
        figures: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return figures


def bench(
    out: Annotated[Path, typer.Option("--out", help="The page to bring up to date.")],
    sizes: Annotated[str, typer.Option("--sizes", help="Passages, with commas.")] = _SIZES,
    work: Annotated[
        Path | None,
        typer.Option("--work", help="A folder for 9 GB; what is made there is used again."),
    ] = None,
) -> None:
    """Measure how search goes with the number of passages and write it into the page."""
    counts = [int(size) for size in sizes.split(",")]
    every = [q.question for q in read(shipped.QUESTIONS, shipped.articles()) if not q.history]
    questions = every[:: max(1, len(every) // _ASKED)]
    with TemporaryDirectory(prefix="bijsluiter-scale-") as folder:
        if work is not None:
            work.mkdir(parents=True, exist_ok=True)
        runs = _Runs(Path(folder), work or Path(folder), work is not None, Console(stderr=True))
        rmtree(runs.work / "built", ignore_errors=True)  # nothing of it is to be reused
        whole = runs.phase("build", "built", passages=_BUILT)
        rates = _rates(runs, questions)
        measured: list[Size] = []
        for count in counts:
            measured.append(_size(runs, count, questions))
            # what was measured stays if a larger one does not fit
            write_whole(out.parent / _PLOT, _plot(measured))
            write(out, {"scale": _block(measured, whole, rates)})
    typer.echo(f"Wrote {out} and {out.parent / _PLOT}")


def _rates(runs: _Runs, questions: Sequence[str]) -> Mapping[str, Rates]:
    """Answers a second over the shipped articles by askers, with one core and with all."""
    from index.build import build

    build(home=runs.work / "shipped")
    asked = questions[:_ANSWERED]
    return {
        "one core": runs.phase("threads", "shipped", threads=1, questions=asked)["rates"],
        "all cores": runs.phase("threads", "shipped", questions=asked)["rates"],
    }


def _size(runs: _Runs, count: int, questions: Sequence[str]) -> Size:
    home = f"of-{count}"
    made = _made(runs, home, count)
    found = runs.phase("search", home, questions=questions, passages=count)
    judged = runs.phase("recall", home, questions=questions[-_JUDGED:], passages=count)
    if not runs.keep:
        rmtree(runs.work / home)
    return Size(count, made, found, judged["recall"])


def _made(runs: _Runs, home: str, count: int) -> Mapping[str, Any]:
    """The figures of making an index, made now or when the same folder was given before."""
    file = runs.work / f"{home}.json"
    if not runs.keep or not file.exists():
        rmtree(runs.work / home, ignore_errors=True)
        write_whole(file, json.dumps(runs.phase("make", home, passages=count)))
    figures: Mapping[str, Any] = json.loads(file.read_text("utf-8"))
    return figures


def _block(sizes: Sequence[Size], whole: Mapping[str, Any], rates: Mapping[str, Rates]) -> str:
    facts = machine.describe()
    heads = (
        *("passages", "sentences", "method", "search p50 (ms)", "p95", "without encoding p50"),
        *("p95", "recall@10", "trial at build", "resident (MB)", "of it mapped files"),
        *("open (s)", "index (MB)", "build (s)", "its peak (MB)"),
    )
    rows = [
        (
            f"{size.passages:,}",
            f"{size.made['units']:,}",
            _method(size.made),
            *(f"{size.at(percent):.1f}" for percent in (50, 95)),
            *(f"{size.at(percent, 'encoded_milliseconds'):.1f}" for percent in (50, 95)),
            f"{size.recall:.3f}",
            f"{size.made['trial']:.3f}" if size.made["method"] != "exact" else "",
            f"{size.found['resident_bytes'] / _MEGA:.0f}",
            f"{size.found['mapped_bytes'] / _MEGA:.0f}",
            f"{size.found['open']:.2f}",
            f"{size.made['bytes'] / _MEGA:.0f}",
            f"{size.build:.1f}",
            f"{size.made['peak_bytes'] / _MEGA:.0f}",
        )
        for size in sizes
    ]
    first = whole["texts"] / whole["seconds"]
    one = rates["one core"]["1"]
    askers = [
        (cores, *(f"{rate:.2f} ({rate / one:.2f})" for rate in by_thread.values()))
        for cores, by_thread in rates.items()
    ]
    asking = [f"{count} asking" for count in next(iter(rates.values()))]
    return "\n\n".join(
        (
            f"Measured on {facts['day']}: {facts['processor']}, {facts['cores']} cores, "
            f"{facts['memory']}.",
            f"![Search time by number of passages]({_PLOT})",
            table(heads, rows),
            f"A whole build of {whole['passages']:,} passages from text files, with real "
            f"encoding: {whole['seconds']:.0f} s, {first:.0f} texts a second, "
            f"{whole['peak_bytes'] / _MEGA:.0f} MB at most.",
            "Answers a second over the five articles by threads that ask one open assistant, in "
            "brackets as many times one on one core (`OMP_NUM_THREADS=1`); vectors of the "
            "questions remembered. An answer is read by all cores at once, so one asker already "
            "keeps them busy:",
            table(("", *asking), askers),
        )
    )


def _method(made: Mapping[str, Any]) -> str:
    return str(made["method"]) + (f", {made['probes']:,} looked at again" if made["probes"] else "")


def _plot(sizes: Sequence[Size]) -> str:
    lines = {
        "p95": [(size.passages, size.at(95)) for size in sizes],
        "p50": [(size.passages, size.at(50)) for size in sizes],
        "p50 without encoding": [(s.passages, s.at(50, "encoded_milliseconds")) for s in sizes],
    }
    return svg.curves("Search time by number of passages", "passages", "ms a search", lines)


if __name__ == "__main__":
    with as_exit_code():
        typer.run(bench)
