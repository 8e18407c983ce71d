"""Progress of slow work, as a plain callback, and one that writes to stderr for people."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

Progress = Callable[[str, int, int], None]
"""Called as ``progress(what, done, total)``; ``done == total`` means that this part is ready."""


class StderrProgress:
    """One line a task: redrawn in place on a terminal, written at most ten times elsewhere."""

    def __init__(self) -> None:
        self._shown = ("", -1)
        self._began = ("", 0.0)

    def __call__(self, what: str, done: int, total: int) -> None:
        percent = 100 if total <= 0 else min(100, 100 * done // total)
        if self._began[0] != what:
            self._began = (what, time.monotonic())
        live = sys.stderr.isatty()
        step = percent if live else percent // 10 * 10
        if (what, step) == self._shown:
            return
        self._shown = (what, step)
        line = f"{what}: {step} %{self._rate(done)}"
        if live:
            end = "\n" if percent == 100 else ""
            print(f"\r\x1b[K{line}", end=end, file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def _rate(self, done: int) -> str:
        """How many a second, once the work has gone on for some time."""
        seconds = time.monotonic() - self._began[1]
        return f" ({done / seconds:,.0f}/s)" if seconds >= 1 and done > 1 else ""


def silent(what: str, done: int, total: int) -> None:
    """Progress for callers that do not want any."""
