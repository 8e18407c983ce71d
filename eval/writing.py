"""Questions added to a file: whole or not at all, and never beside a faulty line."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from corpus.errors import EvaluationError
from eval.questions import load
from eval.result import write_whole


def ids(path: Path, texts: Mapping[str, str]) -> set[str]:
    """The ids of a file's questions; none when there is no file yet.

    Raises EvaluationError when the file has faults: mend them before adding to it.
    """
    return {question.id for question in load(path, texts)} if path.exists() else set()


def new_id(path: Path, taken: set[str]) -> str:
    """The first free id named after the file."""
    number = 1
    while (name := f"{path.stem}-{number:03d}") in taken:
        number += 1
    return name


def append(path: Path, questions: Sequence[Mapping[str, Any]], texts: Mapping[str, str]) -> None:
    """Add questions to a file that stays valid.

    Raises EvaluationError, with the file as it was, when the whole would not be valid.
    """
    old = path.read_text("utf-8") if path.exists() else ""
    if old and not old.endswith("\n"):
        old += "\n"
    lines = (json.dumps(question, ensure_ascii=False) + "\n" for question in questions)
    draft = path.with_name(f".{path.name}.draft")
    write_whole(draft, old + "".join(lines))
    try:
        load(draft, texts)
        draft.replace(path)
    except OSError as error:
        raise EvaluationError(f"{path}: cannot be written ({error.strerror}).") from error
    finally:
        draft.unlink(missing_ok=True)
