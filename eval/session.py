"""One evaluation from settings to report: what the commands do, without the command line."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from rich.console import Console

from corpus.errors import EvaluationError
from eval import comparison, flag_measures, labels, limits, shipped
from eval.questions import Question, load
from eval.report import table
from eval.report.page import page
from eval.report.plots import write as write_plots
from eval.report.progress import progress
from eval.result import Result, Row, to_json, write_whole
from eval.result import load as load_result
from eval.run import Journal, run
from eval.slices import select
from eval.subject import Subject, open_subject
from eval.summary import Summary


@dataclass(frozen=True, slots=True)
class Settings:
    """What to run: on which questions, with what. No ``questions`` means those shipped."""

    questions: tuple[Path, ...] = ()
    index: Path | None = None
    model: str | None = None
    reader: str | None = None
    k: int = 10
    slices: tuple[str, ...] = ()
    jobs: int = 1
    seed: int = 0
    save: Path | None = None
    resume: bool = False


def measure(
    settings: Settings,
    *,
    html: Path | None,
    plots: Path | None = None,
    as_json: bool,
    fail_under: Sequence[str],
) -> list[str]:
    """Run, report and store; gives the lines that were not held, in words."""
    wanted = limits.parse("--fail-under", fail_under)
    if settings.resume and settings.save is None:
        raise EvaluationError("--resume goes on with the run of a --save; give that file too.")
    with open_subject(settings.index, settings.model, settings.reader) as subject:
        try:
            result = evaluate(settings, subject)
        except KeyboardInterrupt:
            if settings.save is not None:
                _say_interrupted(settings.save)
            raise
    summary = Summary.of(result, settings.seed)
    text = to_json(result, summary.to_dict())
    if settings.save is not None:
        write_whole(settings.save, text)
        Journal.beside(settings.save).remove()
    if html is not None:
        write_whole(html, page(result, summary))
    if plots is not None:
        write_plots(result.rows, plots)
    if as_json:
        print(text, end="")
    else:
        table.show(result, summary, Console())
    return _say(limits.missed(summary.values(), wanted))


def evaluate(settings: Settings, subject: Subject) -> Result:
    """The result of the questions and, on the shipped articles and unless sliced, of the flags."""
    paths = settings.questions or shipped.QUESTIONS
    questions = select(read(paths, subject.texts), settings.slices)
    setup = describe(settings, paths, subject)
    finished: dict[str, Row] = {}
    if settings.save is None:
        rows = _rows(questions, subject, settings, finished)
    else:
        journal = Journal.beside(settings.save)
        finished = journal.read(setup) if settings.resume else {}
        with journal.open(setup, finished) as write:
            rows = _rows(questions, subject, settings, finished, write.row)
    labelled = not settings.slices and shipped.are_within(subject.texts)
    return Result(setup, rows, flags=score_flags(subject) if labelled else None)


def read(paths: Iterable[Path], texts: Mapping[str, str]) -> list[Question]:
    """The questions of several files; one without an origin gets its file's name for it.

    Raises EvaluationError when an id stands in two files.
    """
    found: list[Question] = []
    for path in paths:
        for question in load(path, texts):
            found.append(replace(question, origin=question.origin or path.stem))
    ids = [question.id for question in found]
    twice = sorted({name for name in ids if ids.count(name) > 1})
    if twice:
        raise EvaluationError(f"These ids stand in two files: {', '.join(twice)}; rename them.")
    return found


def describe(settings: Settings, paths: Sequence[Path], subject: Subject) -> dict[str, Any]:
    """What was measured with what: the same for a repeat, and free of this machine's paths."""
    return {
        "questions": [
            {"file": path.name, "sha256": hashlib.sha256(path.read_bytes()).hexdigest()}
            for path in paths
        ],
        "texts": {
            name: hashlib.sha256(text.encode()).hexdigest()
            for name, text in sorted(subject.texts.items())
        },
        **subject.about,
        "k": settings.k,
        "slices": list(settings.slices),
        "seed": settings.seed,
    }


def score_flags(subject: Subject) -> dict[str, Any]:
    """The score of the flags on the shipped labels."""
    labelled = labels.load(shipped.LABELS, subject.texts)
    files = sorted({label.file for label in labelled})
    predicted = {name: subject.find_flags(name) for name in files}
    return flag_measures.score(predicted, labelled).to_dict()


def compare_files(
    before: Path,
    after: Path,
    seed: int,
    as_json: bool,
    fail_under: Sequence[str],
    no_worse_than: Sequence[str],
) -> list[str]:
    """Compare two stored results and report; gives the lines that were not held, in words."""
    floors = limits.parse("--fail-under", fail_under)
    margins = limits.parse("--no-worse-than", no_worse_than)
    found = comparison.compare(load_result(before), load_result(after), seed)
    if as_json:
        print(json.dumps(comparison.to_dict(found), ensure_ascii=False, indent=1))
    else:
        table.show_comparison(found, Console())
    old = {each.measure: each.before for each in found.differences}
    new = {each.measure: each.after for each in found.differences}
    return _say([*limits.missed(new, floors), *limits.worsened(old, new, margins)])


def _rows(
    questions: Sequence[Question],
    subject: Subject,
    settings: Settings,
    finished: Mapping[str, Row],
    store: Any = None,
) -> tuple[Row, ...]:
    with progress("questions", sum(q.id not in finished for q in questions)) as advance:

        def on_row(row: Row) -> None:
            if store is not None:
                store(row)
            advance()

        return run(
            questions, subject, k=settings.k, jobs=settings.jobs, finished=finished, on_row=on_row
        )


def _say_interrupted(save: Path) -> None:
    console = Console(stderr=True, highlight=False)
    console.print(
        f"Interrupted; what is finished stands in {Journal.beside(save).path}. "
        "Give the same options and --resume to go on.",
        markup=False,
    )


def _say(missed: list[str]) -> list[str]:
    console = Console(stderr=True, highlight=False)
    for line in missed:
        console.print(f"Not held: {line}", style="red", markup=False)
    return missed
