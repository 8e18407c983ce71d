"""What the page and the desk say to each other: a question comes in, messages go out.

The page sends one JSON object a question and gets messages, each ``{"id", "kind", ...}``:
``stage`` (a line of progress), ``turn`` (the answer as HTML) or ``error`` (one sentence). The
server keeps nothing between questions; the history travels with the question.
"""

from __future__ import annotations

import asyncio
import logging
import re
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Any

from chat.desk import Busy, Desk, NotReady, Unanswerable
from chat.turn import render_turn
from chat.wording import LANGUAGES, Wording, wording
from corpus.errors import BijsluiterError, QuestionError
from qa.answer import Answer

log = logging.getLogger("bijsluiter.chat")

PATIENCE = 0.3  # seconds before the page is told what is going on
_BEAT = 0.1  # seconds between looks at where the answer stands

Message = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Asked:
    """A question as the page sends it; ``language`` is that of the page's frame."""

    turn: str
    question: Any
    history: tuple[str, ...]
    language: str
    calm: bool

    @classmethod
    def read(cls, payload: Any) -> Asked:
        """From untrusted JSON: whatever does not fit is replaced by a harmless default."""
        given = payload if isinstance(payload, dict) else {}
        turn, history = given.get("id"), given.get("history")
        language = given.get("language")
        return cls(
            turn if isinstance(turn, str) and re.fullmatch(r"[a-z0-9]{1,16}", turn) else "x",
            given.get("question"),
            tuple(h for h in history if isinstance(h, str)) if isinstance(history, list) else (),
            language if language in LANGUAGES else LANGUAGES[0],
            given.get("calm") is True,
        )


async def talk(desk: Desk, payload: Any, *, feedback: bool) -> AsyncIterator[Message]:
    """Answer one question of the page: stages if it takes longer than 300 ms, then the turn."""
    if payload is None:  # the page had nothing to send
        return
    asked = Asked.read(payload)
    words = wording(asked.language)
    ahead = desk.waiting
    steps: list[str] = []  # filled from the worker's thread as steps are done
    task = asyncio.ensure_future(
        desk.ask(asked.question, asked.history, calm=asked.calm, on_stage=steps.append)
    )
    try:
        told = ""
        done, _ = await asyncio.wait({task}, timeout=PATIENCE)
        while not done:
            line = _progress(desk, ahead, steps, words)
            if line != told:
                told = line
                yield {"id": asked.turn, "kind": "stage", "text": line}
            done, _ = await asyncio.wait({task}, timeout=_BEAT)
        yield await _outcome(desk, task, asked, words, feedback=feedback)
    finally:
        task.cancel()


async def _outcome(
    desk: Desk, task: asyncio.Future[Answer], asked: Asked, words: Wording, *, feedback: bool
) -> Message:
    try:
        answer = task.result()
        documents = desk.documents()
        html = render_turn(answer, documents, asked.turn, feedback=feedback)
        return {"id": asked.turn, "kind": "turn", "html": html, "question": answer.question}
    except Exception as error:
        if not isinstance(error, (Busy, Unanswerable)):
            log.exception("question could not be answered")
        return {"id": asked.turn, "kind": "error", "text": error_text(error, words)}


def error_text(error: Exception, words: Wording) -> str:
    """One sentence for the reader; the details are in the log."""
    if isinstance(error, Unanswerable):
        return words(f"errors.{error.key}", **error.values)
    if isinstance(error, Busy):
        return words("errors.busy", count=error.waiting)
    if isinstance(error, NotReady):
        return words("errors.not_ready")
    if isinstance(error, QuestionError):
        return words("errors.language")
    if isinstance(error, BijsluiterError):
        return words("errors.failed")
    return words("errors.failed")


def _progress(desk: Desk, ahead: int, steps: Sequence[str], words: Wording) -> str:
    """What is going on with this question now; never more than has really happened."""
    if desk.status.state == "loading":
        return words(f"stage.{desk.status.stage}")
    if steps:
        return words(f"stage.{steps[-1]}")
    if ahead > 1 and desk.waiting > ahead:
        return words("stage.waiting", count=ahead)
    return words("stage.search")
