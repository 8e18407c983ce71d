"""A result: every question's measures and what came out, stored as JSON and read back.

Everything but ``timings`` is the same, byte for byte, for the same questions, index and seed.
"""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import EvaluationError

SCHEMA = "bijsluiter-eval/1"


@dataclass(frozen=True, slots=True)
class Row:
    """One question's result.

    ``measures`` holds those that could judge the question, ``wanted`` the gold answers in words,
    ``got`` the quotes; ``right`` says whether the top answer lies in a passage that answers.
    ``timings`` in milliseconds by stage.
    """

    id: str
    lang: str
    type: str
    expected: str
    question: str
    measures: dict[str, float]
    outcome: str
    confidence: float
    right: bool
    tags: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    pair: str = ""
    origin: str = ""
    wanted: tuple[str, ...] = ()
    got: tuple[str, ...] = ()
    error: str = ""
    timings: dict[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Result:
    """A run over a questions file. ``setup`` says what was measured with what."""

    setup: dict[str, Any]
    rows: tuple[Row, ...]
    flags: dict[str, Any] | None = None
    timings: dict[str, Any] = field(default_factory=dict)

    def by_id(self) -> dict[str, Row]:
        """The rows by question id."""
        return {row.id: row for row in self.rows}


def row_to_dict(row: Row) -> dict[str, Any]:
    """A row as JSON holds it."""
    return asdict(row)


def row_from_dict(value: Mapping[str, Any]) -> Row:
    """A row from JSON; raises EvaluationError when it is not one."""
    try:
        row = Row(**value)
        measures = {str(name): float(each) for name, each in row.measures.items()}
    except (TypeError, ValueError, AttributeError) as error:
        raise EvaluationError(f"a stored question is malformed ({error}); run it again.") from error
    lists = ("tags", "sources", "wanted", "got")
    return Row(**{**value, "measures": measures, **{name: tuple(value[name]) for name in lists}})


def to_json(result: Result, summary: Mapping[str, Any]) -> str:
    """The result as JSON text, timings apart from everything that a repeat must reproduce."""
    rows, timings = [], {}
    for row in result.rows:
        value = row_to_dict(row)
        timings[row.id] = value.pop("timings")
        rows.append(value)
    body = {
        "schema": SCHEMA,
        "setup": result.setup,
        "summary": summary,
        "flags": result.flags,
        "questions": rows,
        "timings": {**result.timings, "questions": timings},
    }
    return json.dumps(body, ensure_ascii=False, indent=1, allow_nan=False) + "\n"


def load(path: Path) -> Result:
    """A stored result; EvaluationError when the file is none, with the mend."""
    try:
        body = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError) as error:
        raise EvaluationError(f"{path}: is no readable result ({error}).") from error
    if not isinstance(body, dict) or body.get("schema") != SCHEMA:
        raise EvaluationError(f"{path}: is no result of {SCHEMA}; make one with --save.")
    try:
        timings = dict(body["timings"])
        stages = timings.pop("questions")
        rows = tuple(
            row_from_dict({**value, "timings": stages.get(value["id"], {})})
            for value in body["questions"]
        )
        return Result(dict(body["setup"]), rows, body["flags"], timings)
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise EvaluationError(f"{path}: the result is damaged ({error!r}); run again.") from error


def write_whole(path: Path, text: str) -> None:
    """Write a file whole or not at all; EvaluationError when it cannot be written."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
                file.flush()
                os.fsync(file.fileno())
            Path(name).chmod(0o644)
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        reason = error.strerror or str(error)
        raise EvaluationError(f"{path}: cannot be written ({reason}).") from error
