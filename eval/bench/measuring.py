"""What the benchmark measures, in what order, and the figures that come of it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import mean, median
from tempfile import TemporaryDirectory
from typing import Any

from rich.console import Console

from corpus.errors import EvaluationError
from eval import comparison, extras, flag_measures, labels, shipped
from eval.bench import blocks, machine, plain
from eval.bench.targets import verdicts
from eval.intervals import of_means
from eval.measures.latency import percentile
from eval.measures.places import Place
from eval.questions import Question
from eval.report.plots import write as write_plots
from eval.result import Result, Row
from eval.result import load as load_result
from eval.scoring import ranked
from eval.session import read
from eval.summary import Estimates, Summary, estimates, pair_parity
from index.paths import HOME_VARIABLE

OURS, DENSE, FUSED = "Bijsluiter", "plain, dense", "plain, fused"
# What was found for a question: for every rank, all places of the passage.
Ranks = list[list[Place]]
_K = 10
_MEGA = 1_000_000
_COMMAND_RUNS = 5
_SERVED = 1_000
_READ = (10, 20)  # passages read for a question
_ENCODED = 128  # passages: enough batches for a steady rate
_QUESTION = "Welke vorm van magnesium passeert de bloed-hersenbarrière?"
_STARTING = [_QUESTION, "Is magnesium safe with kidney disease?"]


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the phases work: one folder a stack, and what all of them get.

    Ours is the index of the shipped articles that the first phase builds. Every process has it for
    its own, so that none can open the user's, which may be of other articles or of an older format.
    """

    folder: Path
    texts: Mapping[str, str]
    console: Console

    @property
    def home(self) -> Path:
        """The home of our index."""
        return self.folder / "ours"

    def phase(self, name: str, stack: str, **job: Any) -> dict[str, Any]:
        """Run one phase in a process of its own and give its figures."""
        self.console.print(f"{name} …", style="dim")
        home = self.folder / stack
        home.mkdir(exist_ok=True)
        file = self.folder / "job.json"
        job = {"folder": str(home), "k": _K, **job, "started": time.time()}
        file.write_text(json.dumps(job), "utf-8")
        return json.loads(self.run("-m", "eval.bench.work", name, str(file)).splitlines()[-1])  # type: ignore[no-any-return]

    def run(self, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        """Run Python on something and give what it printed."""
        done = subprocess.run(
            [sys.executable, *arguments],
            capture_output=True,
            text=True,
            check=False,
            env={**os.environ, HOME_VARIABLE: str(self.home)},
        )
        if done.returncode not in codes:
            last = (done.stderr.strip().splitlines() or ["no message"])[-1]
            raise EvaluationError(f"{' '.join(arguments[:3])} failed: {last}")
        return done.stdout


def measure(seed: int, images: Path) -> dict[str, str]:
    """Measure everything; gives the blocks of the page by name, and draws into ``images``.

    Raises EvaluationError where a package of the plain stack is missing or a part fails.
    """
    extras.require("bm25s", "The comparison")
    articles = shipped.articles()
    questions = read(shipped.QUESTIONS, articles)
    with TemporaryDirectory(prefix="bijsluiter-bench-") as folder:
        bench = Bench(Path(folder), articles, Console(stderr=True))
        figures: dict[str, float] = {}
        alone = [question for question in questions if not question.history]
        judged = [question for question in alone if question.answerable]
        found, speeds = _stacks(bench, alone)
        vectors = _vectors(bench, judged, seed)
        signals = _signals(bench, judged, seed)
        figures["speed.vectors_lost"] = vectors.before - vectors.after
        start = bench.phase("ours_start", "ours", questions=_STARTING)["steps"]
        result = _evaluation(bench, seed)
        write_plots(result.rows, images)
        summary = Summary.of(result, seed)
        figures |= _speeds(bench, speeds, result, questions)
        read_by = _read_by(bench, alone)
        figures["speed.ask_20_p50_ms"] = read_by[_READ[-1]][0]
        by_article = _flags_by_article(bench)
    figures |= _qualities(result, seed)
    figures["questions.own"] = sum(q.origin == shipped.QUESTIONS[1].stem for q in questions)
    score = flag_measures.FlagScore.from_dict(result.flags or {})
    return {
        "machine": blocks.machine(machine.describe()),
        "targets": blocks.targets(verdicts(figures)),
        "finding": _finding(judged, found, seed),
        "signals": blocks.signals(signals),
        "vectors": blocks.vectors(vectors),
        "speed": blocks.speed(speeds),
        "read": blocks.read(read_by),
        "start": blocks.start(start),
        "answers": blocks.answers(summary.overall, summary.stages),
        "slices": blocks.sliced(summary.slices),
        "flags": blocks.flags(score, by_article),
    }


def _stacks(
    bench: Bench, questions: Sequence[Question]
) -> tuple[dict[str, list[Ranks]], dict[str, dict[str, float]]]:
    """What every stack finds for every question, and how fast."""
    asked = [question.question for question in questions]
    chunks = [bench.texts[p.file][p.start : p.end] for p in plain.split(bench.texts)]
    ours = bench.phase("ours_index", "ours")
    other = bench.phase("plain_index", "plain", texts=dict(bench.texts))
    encoded = [
        bench.phase(phase, "ours", passages=chunks[:_ENCODED])["passages_per_second"]
        for phase in ("ours_encode", "plain_encode")
    ]
    found: dict[str, list[Ranks]] = {}
    speeds: dict[str, dict[str, float]] = {}
    for stack, phase, home, built, rate in (
        (OURS, "ours_search", "ours", ours, encoded[0]),
        (DENSE, "plain_dense", "plain", other, encoded[1]),
        (FUSED, "plain_fused", "plain", other, encoded[1]),
    ):
        searched = bench.phase(phase, home, questions=asked)
        found[stack] = _ranks(searched["found"])
        speeds[stack] = {
            "index_s": built["seconds"],
            "passages": built["passages"],
            "ready_s": searched["ready"],
            "first_s": searched["first"],
            "p50_ms": _percentile(searched["milliseconds"], 50),
            "p95_ms": _percentile(searched["milliseconds"], 95),
            "peak_mb": searched["peak_bytes"] / _MEGA,
            "encoded": rate,
        }
    by_id = {question.id: number for number, question in enumerate(questions)}
    judged = [by_id[q.id] for q in questions if q.answerable]
    return {stack: [each[n] for n in judged] for stack, each in found.items()}, speeds


def _evaluation(bench: Bench, seed: int) -> Result:
    """The whole evaluation in a process of its own, on the index that was just built."""
    bench.console.print("evaluation …", style="dim")
    save = bench.folder / "result.json"
    bench.run("-m", "eval", "--save", str(save), "--seed", str(seed))
    return load_result(save)


def _speeds(
    bench: Bench,
    stacks: Mapping[str, Mapping[str, float]],
    result: Result,
    questions: Sequence[Question],
) -> dict[str, float]:
    """The figures of time and memory that targets are held against."""
    alone = [question.question for question in questions if not question.history]
    served = bench.phase("ours_serve", "ours", questions=alone, asked=_SERVED)
    flagged = bench.phase("ours_flags", "ours")
    asked = [row.timings["ask"] for row in result.rows if row.timings]
    development = [
        row.timings["ask"] for row in result.rows if row.timings and _is_development(row)
    ]
    return {
        "speed.command_s": _command(bench),
        "speed.search_p50_ms": stacks[OURS]["p50_ms"],
        "speed.search_ratio": stacks[DENSE]["p50_ms"] / stacks[OURS]["p50_ms"],
        "speed.encode_ratio": stacks[OURS]["encoded"] / stacks[DENSE]["encoded"],
        "speed.index_s": stacks[OURS]["index_s"],
        "speed.ask_p50_ms": _percentile(asked, 50),
        "speed.ask_p95_ms": _percentile(asked, 95),
        "speed.development_s": sum(development) / 1000,
        "speed.resident_mb": served["resident_bytes"] / _MEGA,
        "speed.flags_s": flagged["seconds"],
    }


def _read_by(bench: Bench, questions: Sequence[Question]) -> dict[int, tuple[float, float]]:
    """A whole answer's p50 and p95 in milliseconds, by how many passages are read for it."""
    asked = [question.question for question in questions]
    times = bench.phase("ours_read", "ours", questions=asked, candidates=_READ)["milliseconds"]
    return {
        number: (_percentile(each, 50), _percentile(each, 95))
        for number, each in zip(_READ, times, strict=True)
    }


def _command(bench: Bench) -> float:
    """The median time in seconds of ``bijsluiter ask``, from process start to answer."""
    bench.console.print("command line …", style="dim")
    arguments = ("-m", "cli.main", "ask", _QUESTION)
    times = []
    for _ in range(_COMMAND_RUNS):
        start = time.perf_counter()
        bench.run(*arguments, codes=(0, 1))  # 1 is silence: an answer as well
        times.append(time.perf_counter() - start)
    return median(times)


def _qualities(result: Result, seed: int) -> dict[str, float]:
    """The figures of quality that targets are held against, on the development questions."""
    rows = [row for row in result.rows if _is_development(row)]
    score = flag_measures.FlagScore.from_dict(result.flags or {})
    found: dict[str, float | None] = {
        **{f"dev.{name}": each.value for name, each in estimates(rows, seed, "all").items()},
        **{f"dev.pairs.{name}": abs(e.value) for name, e in pair_parity(rows, seed).items()},
        **score.figures(),
    }
    return {name: value for name, value in found.items() if value is not None}


def _finding(questions: Sequence[Question], found: Mapping[str, Sequence[Ranks]], seed: int) -> str:
    results = {stack: _result(questions, places) for stack, places in found.items()}
    measured: dict[str, Estimates] = {}
    lengths: dict[str, float] = {}
    for stack, result in results.items():
        names = result.rows[0].measures
        columns = {name: [row.measures[name] for row in result.rows] for name in names}
        measured[stack] = of_means(columns, seed, "bench")
        firsts = [rank[0] for ranks in found[stack] for rank in ranks]
        lengths[stack] = mean(place.end - place.start for place in firsts)
    pairs = {
        stack: comparison.compare(results[stack], results[OURS], seed) for stack in (DENSE, FUSED)
    }
    return blocks.finding(measured, lengths, pairs)


def _signals(bench: Bench, questions: Sequence[Question], seed: int) -> dict[str, Estimates]:
    """How well each signal of the ranking finds, alone and together with the others."""
    found = bench.phase("ours_signals", "ours", questions=[q.question for q in questions])
    measured: dict[str, Estimates] = {}
    for name, ranked_places in found["found"].items():
        result = _result(
            questions, [[[Place(*p) for p in rank] for rank in ranks] for ranks in ranked_places]
        )
        names = result.rows[0].measures
        columns = {each: [row.measures[each] for row in result.rows] for each in names}
        measured[name] = of_means(columns, seed, "bench")
    return measured


def _vectors(bench: Bench, questions: Sequence[Question], seed: int) -> comparison.Difference:
    """nDCG@10 of the vectors as served against those of torch, by meaning alone."""
    found = bench.phase("ours_vectors", "ours", questions=[q.question for q in questions])
    torch, served = (_result(questions, _ranks(found[name])) for name in ("torch", "served"))
    differences = comparison.compare(torch, served, seed).differences
    return next(each for each in differences if each.measure == "search.ndcg@10")


def _ranks(found: Sequence[Sequence[Sequence[Sequence[Any]]]]) -> list[Ranks]:
    """Places as JSON holds them, read back."""
    return [[[Place(*place) for place in rank] for rank in ranks] for ranks in found]


def _result(questions: Sequence[Question], found: Sequence[Ranks]) -> Result:
    """A result that holds nothing but the ranking measures."""
    rows = []
    for question, ranks in zip(questions, found, strict=True):
        values = ranked(question, ranks, _K)
        rows.append(
            Row(
                id=question.id,
                lang=question.lang,
                type=question.type,
                expected=question.expected,
                question=question.question,
                measures={f"search.{n}": v for n, v in values.items() if v is not None},
                outcome="",
                confidence=0.0,
                right=False,
            )
        )
    return Result({}, tuple(rows))


def _flags_by_article(bench: Bench) -> dict[str, flag_measures.FlagScore]:
    """The flags' score apart for every labelled source."""
    from qa import Retriever
    from qa.flags import find_in

    documents = Retriever.open(bench.home).documents
    labelled = labels.load(shipped.LABELS, bench.texts)
    return {
        file: flag_measures.score(
            {file: find_in(documents[file])}, [each for each in labelled if each.file == file]
        )
        for file in sorted({label.file for label in labelled})
    }


def _is_development(row: Row) -> bool:
    return row.origin == shipped.QUESTIONS[0].stem


def _percentile(values: Sequence[float], percent: float) -> float:
    found = percentile(values, percent)
    if found is None:
        raise EvaluationError("Nothing was timed; the questions file holds no question to ask.")
    return found
