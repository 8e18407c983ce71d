"""Build an index again and again, each time killed at another step. Run by test_index_processes.

Usage: python -m tests.index.killed_builder FOLDER HOME

A build is forked off; an audit hook counts what it does to files and folders (opening, renaming,
making, removing, database connections) and sends SIGKILL just before step number N. After each
kill the parent opens the index and writes one JSON line: the step, the version that answers, the
text that it holds of ``een.txt``, and how many unpublished folders were left. The last line is of
a build that was let be.
"""

from __future__ import annotations

import json
import os
import signal
import sys
from pathlib import Path

from index import build, store
from tests.index.fakes import HashEmbedder

_FILE_EVENTS = frozenset(
    {"open", "os.rename", "os.mkdir", "os.remove", "os.rmdir", "os.chmod", "sqlite3.connect"}
)


def main(folder: Path, home: Path) -> None:
    build.open_embedder = lambda model, progress: HashEmbedder()
    build.build(folder, home)
    article = folder / "een.txt"
    first = article.read_text(encoding="utf-8")
    step, finished = 0, False
    while not finished:
        article.write_text(f"{first}\nDit is versie {step}.\n", encoding="utf-8")
        child = os.fork()
        if child == 0:
            _kill_at(step, home)
            build.build(folder, home)
            os._exit(0)
        _, status = os.waitpid(child, 0)
        finished = os.WIFEXITED(status)
        assert finished or os.WTERMSIG(status) == signal.SIGKILL
        stored = store.open_stored(home)
        record = {
            "step": step,
            "finished": finished,
            "text": stored.documents["een.txt"].text,
            "passages": "".join(p.text for p in stored.passages if p.places[0].source == "een.txt"),
            "problems": [problem.file for problem in build.check(home)],
            "left": sum(1 for _ in (home / "index" / "versions").glob(".new-*")),
        }
        print(json.dumps(record), flush=True)
        step += 1


def _kill_at(step: int, home: Path) -> None:
    inside, seen = str(home), 0

    def hook(event: str, arguments: tuple[object, ...]) -> None:
        nonlocal seen
        if event in _FILE_EVENTS and inside in str(arguments[0]):
            if seen == step:
                os.kill(os.getpid(), signal.SIGKILL)
            seen += 1

    sys.addaudithook(hook)


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
