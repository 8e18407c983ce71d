"""Running questions: ask, search, score; keep what is finished when interrupted."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock
from time import perf_counter
from typing import Any, TextIO

from corpus.errors import BijsluiterError, EvaluationError
from eval.observation import FAILED, Observation, everywhere, of_answer
from eval.questions import Question
from eval.result import Row, row_from_dict, row_to_dict
from eval.scoring import is_right, score
from eval.subject import Subject

_FULL = 2
_WANTED = 3
# Enough for every comparison, and few enough that the last bit of a sum does not show.
_DECIMALS = 9


def observe(question: Question, subject: Subject, k: int) -> Observation:
    """Ask the question, and search for it as the assistant understood it.

    Only asking is timed: the search may find the question's vector still remembered. An error of
    ours becomes an observation that failed; anything else is a defect and rises.
    """
    try:
        start = perf_counter()
        answer = subject.assistant.ask(question.question, history=question.history)
        milliseconds = (perf_counter() - start) * 1000
        # A follow-up is searched as it was completed: the search itself knows no history.
        found = subject.retriever.search(answer.standalone_question, k=k)
    except BijsluiterError as error:
        return Observation(outcome=FAILED, error=str(error))
    seen = of_answer(answer, subject.same)
    return replace(
        seen,
        found=everywhere(found, subject.same),
        timings={**seen.timings, "ask": milliseconds},
    )


def row(question: Question, seen: Observation, texts: Mapping[str, str], k: int) -> Row:
    """The result of one question."""
    wanted = [texts[a.file][a.start : a.end] for a in question.answers if a.rel == _FULL]
    return Row(
        id=question.id,
        lang=question.lang,
        type=question.type,
        expected=question.expected,
        question=question.question,
        measures={
            name: round(value, _DECIMALS)
            for name, value in score(question, seen, texts, k).items()
            if value is not None
        },
        outcome=seen.outcome,
        confidence=round(seen.confidence, _DECIMALS),
        right=is_right(question, seen),
        tags=question.tags,
        sources=question.sources,
        pair=question.pair,
        origin=question.origin,
        wanted=tuple(dict.fromkeys(wanted))[:_WANTED],
        got=tuple(texts.get(q.file, "")[q.start : q.end] for q in seen.quotes[:_WANTED]),
        error=seen.error,
        timings={stage: round(value, 3) for stage, value in seen.timings.items()},
    )


def run(
    questions: Sequence[Question],
    subject: Subject,
    *,
    k: int = 10,
    jobs: int = 1,
    finished: Mapping[str, Row] | None = None,
    on_row: Callable[[Row], None] = lambda _: None,
) -> tuple[Row, ...]:
    """The rows of all questions, in the order of the questions whatever the number of ``jobs``.

    ``finished`` holds rows of an earlier, interrupted run, which are taken over. ``on_row`` is
    called once for every other row as it comes.
    """
    finished = finished or {}
    waiting = [question for question in questions if question.id not in finished]
    lock = Lock()

    def one(question: Question) -> Row:
        done = row(question, observe(question, subject, k), subject.texts, k)
        with lock:
            on_row(done)
        return done

    with ThreadPoolExecutor(max_workers=jobs) as pool:
        futures = [pool.submit(one, question) for question in waiting]
        try:
            new = {future_row.id: future_row for future_row in (f.result() for f in futures)}
        except BaseException:
            pool.shutdown(cancel_futures=True)
            raise
    return tuple(new.get(q.id) or finished[q.id] for q in questions)


@dataclass(frozen=True, slots=True)
class Journal:
    """The finished part of a run, kept beside its result until that is whole."""

    path: Path

    @classmethod
    def beside(cls, result: Path) -> Journal:
        """The journal that belongs to a result file."""
        return cls(result.with_name(f"{result.name}.part"))

    def read(self, setup: Mapping[str, Any]) -> dict[str, Row]:
        """The rows of an interrupted run with this very setup, by id; none without a journal.

        A last line that was cut off by the interrupt is left out. Raises EvaluationError when
        the journal is of another setup.
        """
        if not self.path.exists():
            return {}
        values = []
        for line in self.path.read_text("utf-8").splitlines():
            try:
                values.append(json.loads(line))
            except ValueError:
                break
        if not values or values[0] != json.loads(json.dumps(setup)):
            raise EvaluationError(
                f"{self.path}: belongs to a run with other settings, questions or index; "
                "repeat those, or delete the file to begin anew."
            )
        return {value["id"]: row_from_dict(value) for value in values[1:]}

    @contextmanager
    def open(self, setup: Mapping[str, Any], rows: Mapping[str, Row]) -> Iterator[_Writer]:
        """Write the journal anew with the rows taken over, and hand out its writer."""
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with self.path.open("w", encoding="utf-8", newline="\n") as file:
                writer = _Writer(file)
                writer.line(setup)
                for each in rows.values():
                    writer.row(each)
                yield writer
        except OSError as error:
            raise EvaluationError(f"{self.path}: cannot be written ({error.strerror}).") from error

    def remove(self) -> None:
        """Forget the journal once the result is whole."""
        self.path.unlink(missing_ok=True)


@dataclass(frozen=True, slots=True)
class _Writer:
    file: TextIO

    def line(self, value: Mapping[str, Any]) -> None:
        self.file.write(json.dumps(value, ensure_ascii=False) + "\n")
        self.file.flush()

    def row(self, done: Row) -> None:
        self.line(row_to_dict(done))
