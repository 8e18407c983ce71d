"""The desk between the page and ``qa``: opens the assistant, keeps the line, answers.

The assistant opens in a thread of its own so that the page paints first. Answering is work for a
processor, not for waiting, so a few workers do it and the line before them is bounded; a reader who
comes when it is full is told so at once instead of timing out.
"""

from __future__ import annotations

import asyncio
import logging
import threading
import unicodedata
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any, Protocol, TypeVar

from chat.wording import LANGUAGES
from corpus.errors import BijsluiterError, QuestionError
from corpus.model import Document
from qa.answer import Answer, CitedPassage, Flag
from qa.profile import SourceProfile
from qa.question import LONGEST

log = logging.getLogger("bijsluiter.chat")

HISTORY_LIMIT = 8  # earlier questions that a follow-up may lean on

T = TypeVar("T")


class Assistant(Protocol):
    """What the page needs of ``qa.Assistant``."""

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        on_stage: Callable[[str], None] | None = None,
    ) -> Answer: ...

    def flags(self, document: Document, language: str) -> Sequence[Flag]: ...


class Searcher(Protocol):
    """What ``/search`` needs of ``qa.Retriever``."""

    def search(self, question: str, k: int = 5) -> Sequence[CitedPassage]: ...


@dataclass(frozen=True, slots=True)
class Opened:
    """What opening gives.

    ``calm`` is the assistant that prefers less commercial passages. ``profiles`` gives, for a
    language, the profile of each file's publisher. ``fingerprints`` says, by name of a text in
    ``[about]``, what the answers are made with.
    """

    assistant: Assistant
    calm: Assistant
    searcher: Searcher
    documents: Mapping[str, Document]
    profiles: Callable[[str], Mapping[str, SourceProfile]]
    fingerprints: Mapping[str, str]


class Busy(BijsluiterError):
    """The line is full; ``waiting`` readers stand in it."""

    def __init__(self, waiting: int) -> None:
        super().__init__(f"{waiting} questions are waiting already; try again in half a minute")
        self.waiting = waiting


class NotReady(BijsluiterError):
    """The assistant could not be opened; the cause is in the log."""


class Unanswerable(QuestionError):
    """A question that is refused before it is asked; ``key`` names its text in ``[errors]``."""

    def __init__(self, key: str, **values: int) -> None:
        super().__init__(key)
        self.key, self.values = key, values


@dataclass(frozen=True, slots=True)
class Status:
    """``state`` is loading, ready or failed; ``stage`` names a text in ``[stage]``."""

    state: str
    stage: str
    error: str = ""


class Desk:
    """Opens an assistant and lets a bounded number of readers ask at once."""

    def __init__(
        self,
        opener: Callable[[Callable[[str], None]], Opened],
        *,
        workers: int = 2,
        line: int = 40,
        remember: int = 256,
    ) -> None:
        """``opener`` opens the assistant and may report stages by their key in ``[stage]``."""
        self._opener = opener
        self._workers = ThreadPoolExecutor(workers, thread_name_prefix="answer")
        self._places = workers
        self._line = line
        self._inside = 0
        self._remember = remember
        self._answers: OrderedDict[tuple[bool, tuple[str, ...]], Answer] = OrderedDict()
        self._lock = threading.Lock()
        self._status = Status("loading", "loading")
        self._opened: Future[Opened] = Future()
        self._opened.set_running_or_notify_cancel()  # a reader who stops must not stop the opening
        self._thread = threading.Thread(target=self._open, name="open-assistant", daemon=True)

    def open(self) -> None:
        """Start opening the assistant; returns at once."""
        self._thread.start()

    @property
    def status(self) -> Status:
        """Where opening stands."""
        return self._status

    @property
    def waiting(self) -> int:
        """How many questions are being answered or wait for it."""
        return self._inside

    def opened(self, timeout: float | None = None) -> Opened:
        """What was opened, waiting for it; ``NotReady`` when it could not be opened."""
        try:
            return self._opened.result(timeout)
        except Exception as error:
            raise NotReady(str(error) or type(error).__name__) from error

    def documents(self, timeout: float | None = None) -> Mapping[str, Document]:
        """The articles by file name; waits until the assistant is open."""
        return self.opened(timeout).documents

    async def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        calm: bool = False,
        on_stage: Callable[[str], None] | None = None,
    ) -> Answer:
        """Answer one question, less commercial passages first if ``calm``.

        ``on_stage`` is called from a worker's thread with each step that is done.

        Raises ``Unanswerable``, ``Busy``, ``NotReady`` or ``qa``'s errors.

        Cancelling the task gives the place in the line back; a thread that is already answering
        finishes and its answer is kept for whoever asks the same.
        """
        asked = checked(question)
        past = [entry for entry in history if _askable(entry)][-HISTORY_LIMIT:]
        key = (calm, (asked, *past))
        with self._lock:
            if key in self._answers:
                self._answers.move_to_end(key)
                return self._answers[key]
        return await self.work(lambda: self._answer(key, on_stage))

    async def work(self, task: Callable[[], T]) -> T:
        """Run ``task`` on a worker, in line with everyone else."""
        if self._inside >= self._places + self._line:
            raise Busy(self._inside)
        self._inside += 1
        try:
            await asyncio.wrap_future(self._opened)
        except Exception as error:
            raise NotReady(str(error)) from error
        else:
            return await asyncio.get_running_loop().run_in_executor(self._workers, task)
        finally:
            self._inside -= 1

    def _answer(
        self, key: tuple[bool, tuple[str, ...]], on_stage: Callable[[str], None] | None
    ) -> Answer:
        calm, (question, *history) = key
        opened = self.opened()
        answer = (opened.calm if calm else opened.assistant).ask(
            question, tuple(history), on_stage=on_stage
        )
        with self._lock:
            self._answers[key] = answer
            while len(self._answers) > self._remember:
                self._answers.popitem(last=False)
        return answer

    def _open(self) -> None:
        try:
            opened = self._opener(self._report)
        except Exception as error:
            ours = isinstance(error, BijsluiterError)  # its sentence says the mend
            log.error("the assistant could not be opened: %s", error, exc_info=not ours)
            self._status = Status("failed", "failed", str(error))
            self._opened.set_exception(error)
        else:
            self._warm(opened)
            self._opened.set_result(opened)
            self._status = Status("ready", "ready")

    def _warm(self, opened: Opened) -> None:
        """Find the flags and profiles that the first reader would otherwise wait for."""
        try:
            for language in LANGUAGES:
                for document in opened.documents.values():
                    opened.assistant.flags(document, language)
            for language in LANGUAGES:
                opened.profiles(language)
        except Exception:
            log.exception("flags could not be found beforehand")

    def _report(self, stage: str) -> None:
        self._status = Status("loading", stage)


def _askable(question: str) -> bool:
    try:
        checked(question)
    except Unanswerable:
        return False
    return True


def checked(question: Any) -> str:
    """The question as it may be asked, or ``Unanswerable`` with the text that says the mend.

    The same rules as ``qa.question``, told in the reader's language.
    """
    asked = question.strip() if isinstance(question, str) else ""
    if not asked:
        raise Unanswerable("empty")
    if len(asked) > LONGEST:
        raise Unanswerable("too_long", count=len(asked), limit=LONGEST)
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in "\n\r\t" for c in asked):
        raise Unanswerable("control")
    if not any(c.isalnum() for c in asked):
        raise Unanswerable("no_words")
    return " ".join(asked.split())
