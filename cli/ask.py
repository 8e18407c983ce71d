"""``bijsluiter ask``: one question, many from a file, or one from standard input."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import IndexPath, Json, Passages
from corpus.errors import BijsluiterError, QuestionError

if TYPE_CHECKING:  # commands are registered for every call, so what they need they load themselves
    from qa.answer import Answer

_FIELDS = {"id": (str, int), "question": str, "history": list, "k": int}


@dataclass(frozen=True, slots=True)
class Asked:
    """One line of a questions file."""

    id: str | int | None
    question: str
    history: tuple[str, ...]
    k: int


def ask(
    question: Annotated[
        str | None, typer.Argument(help="The question; - or nothing reads it from standard input.")
    ] = None,
    json_: Json = False,
    questions: Annotated[
        Path | None,
        typer.Option(
            "--questions",
            help="JSON Lines with id, question and, if wanted, history and k; - for standard "
            "input. One answer a line, in order.",
        ),
    ] = None,
    k: Passages = 5,
    index: IndexPath = None,
    plain_first: Annotated[
        bool,
        typer.Option(
            "--prefer-less-commercial",
            help="Among passages that answer equally well, show the less commercial first.",
        ),
    ] = False,
) -> None:
    """Answer a question with exact quotes from the articles.

    Example: bijsluiter ask "Which form of magnesium crosses the blood-brain barrier?"

    Exit code 0: answered. 1: the articles do not say. 2: wrong use or bad input.
    """
    if questions is not None and question is not None:
        raise QuestionError("Give a question or --questions FILE, not both.")
    if questions is not None:
        asked = list(_read(questions, k))  # the whole file is checked before anything is answered
        code = _ask_many(asked, index, plain_first)
    else:
        code = _ask_one(_from_input(question), json_, k, index, plain_first)
    raise typer.Exit(code)


def _from_input(question: str | None) -> str:
    if question is None or question == "-":
        if question is None and sys.stdin.isatty():
            raise QuestionError('Give a question: bijsluiter ask "Wat doet magnesium?"')
        return sys.stdin.read()
    return question


def _ask_one(question: str, as_json: bool, k: int, index: Path | None, plain_first: bool) -> int:
    from cli.show import print_answer
    from qa import Assistant
    from qa.question import checked

    checked(question)  # before the seconds that opening takes
    assistant = Assistant.open(index, prefer_less_commercial=plain_first)
    answer = assistant.ask(question, k=k)
    if as_json:
        print(json.dumps(answer.to_dict(), ensure_ascii=False))
    else:
        print_answer(answer, {document.name: document for document in assistant.documents})
    return _code(answer)


def _code(answer: Answer) -> int:
    from qa.answer import Outcome

    return 1 if answer.outcome is Outcome.NOT_IN_SOURCES else 0


def _ask_many(asked: list[Asked], index: Path | None, plain_first: bool) -> int:
    """Answers in order, one JSON a line; a question that cannot be asked gets an ``error``."""
    from qa import Assistant

    assistant = Assistant.open(index, prefer_less_commercial=plain_first)
    worst = 0
    for one in asked:
        record: dict[str, Any] = {} if one.id is None else {"id": one.id}
        try:
            answer = assistant.ask(one.question, history=one.history, k=one.k)
            record |= answer.to_dict()
            worst = max(worst, _code(answer))
        except QuestionError as error:
            record |= {"question": one.question, "error": str(error)}
            worst = 2
        print(json.dumps(record, ensure_ascii=False), flush=True)
    return worst


def _read(path: Path, k: int) -> Iterator[Asked]:
    """The questions of a file; all faulty lines are reported together."""
    try:
        text = sys.stdin.read() if str(path) == "-" else path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise BijsluiterError(f"The questions file {path} cannot be read: {error}.") from error
    faults: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        one = _parsed(line, k)
        if isinstance(one, Asked):
            yield one
        else:
            faults.append(f"line {number}: {one}")
    if faults:
        raise BijsluiterError(f"Mend {path} and ask again: {'; '.join(faults)}.")


def _parsed(line: str, k: int) -> Asked | str:
    try:
        record = json.loads(line)
    except ValueError as error:
        return f"not JSON ({error})"
    if not isinstance(record, dict) or not isinstance(record.get("question"), str):
        return 'needs a "question"'
    for name, kind in _FIELDS.items():
        if name in record and not isinstance(record[name], kind):  # type: ignore[arg-type]
            return f'"{name}" has the wrong type'
    history = record.get("history", [])
    if not all(isinstance(turn, str) for turn in history):
        return '"history" must be a list of questions'
    wanted = record.get("k", k)
    if isinstance(wanted, bool) or not 1 <= wanted <= 100:
        return '"k" must lie between 1 and 100'
    return Asked(record.get("id"), record["question"], tuple(history), wanted)
