"""Measure the chat as readers meet it, on loopback: the second half of ``make bench``.

``python -m tests.chat.load.measure --out docs/benchmarks.md`` serves the shipped articles from a
home of its own and writes the block *chat* of the page: the time from Enter to the answer in a
browser, twenty readers who ask at once for a minute through the queue, the server's memory over a
thousand questions, and the weight of the page. It stands with the tests because it needs their
browser.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from gradio_client import Client
from playwright.sync_api import sync_playwright

from eval.bench.blocks import targets
from eval.bench.page import write
from eval.bench.targets import Verdict
from eval.measures.latency import percentile
from tests.chat.browser import ARGUMENTS, ROOT, Reader, find_chromium, own_weight

_QUESTIONS = ROOT / "eval" / "data" / "qa-dev.jsonl"
_PORT = 7899
_WARMING = 5  # questions asked in the browser before the clock counts
_SESSION = 20  # questions a reader asks before the next one comes, while memory is watched
_LEVEL = 0.05  # memory is level when it grows by no more than this share
_MEGA, _KILO = 1_000_000, 1_000


@dataclass
class Asked:
    """What came of asking: milliseconds each, and what went wrong."""

    taken: list[float] = field(default_factory=list)
    answering: list[float] = field(default_factory=list)  # as ``ask`` itself counts
    failed: list[str] = field(default_factory=list)
    mixed: int = 0  # answers to another's question
    strangers: int = 0  # requests to another address than the page's own

    def seconds(self, percent: float) -> float:
        """A percentile of the times, in seconds."""
        return (percentile(self.taken, percent) or 0.0) / 1000


def main() -> None:
    """Start the chat, measure, stop it; print the block and, with ``--out``, write it."""
    options = argparse.ArgumentParser(description="Measure the chat; loopback only.")
    options.add_argument("--out", type=Path, help="the page to write the block in")
    options.add_argument("--asked", type=int, default=50, help="questions in the browser")
    options.add_argument("--seconds", type=float, default=60.0, help="how long the readers ask")
    options.add_argument("--readers", type=int, default=20)
    options.add_argument("--questions", type=int, default=1000, help="for the memory")
    given = options.parse_args()
    questions = [json.loads(line)["question"] for line in _QUESTIONS.open(encoding="utf-8")]
    with _chat() as (address, process):
        _tell(f"{given.asked} questions in the browser …")
        one = in_browser(address, questions, given.asked)
        rows = _of_the_page(one, own_weight(address))
        _tell(targets(rows))
        _tell(f"{given.readers} readers for {given.seconds:.0f} s …")
        crowd = at_once(address, questions, given.readers, given.seconds)
        rows += _of_the_crowd(crowd, given.readers, given.seconds)
        _tell(targets(rows))
        _tell(f"memory over {given.questions} questions …")
        sizes = over_many(address, questions, given.questions, process)
        rows += _of_the_memory(sizes, given.questions)
    block = targets(rows)
    print(block)
    if given.out:
        write(given.out, {"chat": block})


def _of_the_page(one: Asked, weight: int) -> list[Verdict]:
    group = "One reader, warm, in Chromium"
    ask = percentile(one.answering, 50)
    return [
        _row(group, "Enter to the answer on screen, p50 (s)", one.seconds(50), 0.6),
        _row(group, "Enter to the answer on screen, p95 (s)", one.seconds(95), 1.5),
        _row(group, "of which the assistant itself, p50 (s)", (ask or 0.0) / 1000),
        _row(group, "requests to other computers", one.strangers, 0),
        _row(group, "page beyond an empty Gradio page, uncompressed (kB)", weight / _KILO, 60),
    ]


def _of_the_crowd(crowd: Asked, readers: int, seconds: float) -> list[Verdict]:
    group = f"{readers} readers asking at once for {seconds:.0f} s"
    return [
        _row(group, "questions answered", len(crowd.taken)),
        _row(group, "errors", len(crowd.failed), 0),
        _row(group, "answers to another's question", crowd.mixed, 0),
        _row(group, "question to answer, p50 (s)", crowd.seconds(50)),
        _row(group, "question to answer, p95 (s)", crowd.seconds(95)),
    ]


def _of_the_memory(sizes: Sequence[float], count: int) -> list[Verdict]:
    group = f"{count} questions, another reader every {_SESSION}"
    first, last = sizes[0], sizes[-1]
    growth = last / first - 1
    return [
        _row(group, f"resident after {count // 10} (MB)", first),
        _row(group, f"resident after {count} (MB)", last),
        _row(group, "largest on the way (MB)", max(sizes)),
        _row(group, f"growth from {count // 10} to {count} (share)", growth, _LEVEL),
    ]


def _tell(step: str) -> None:
    print(step, file=sys.stderr, flush=True)


def _row(group: str, what: str, value: float, at_most: float | None = None) -> Verdict:
    if at_most is None:
        return Verdict(group, what, "", value, None)
    return Verdict(group, what, f"at most {at_most:g}", value, value <= at_most)


@contextmanager
def _chat() -> Iterator[tuple[str, int]]:
    """The chat on the shipped articles, ready; gives its address and process id."""
    with TemporaryDirectory(prefix="bijsluiter-chat-") as home:
        own = {"HOST": "127.0.0.1", "PORT": str(_PORT), "BIJSLUITER_HOME": home}
        server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env={**os.environ, **own})
        try:
            address = f"http://127.0.0.1:{_PORT}"
            _until_ready(address, server)
            yield address, server.pid
        finally:
            server.terminate()
            server.wait(10)


def in_browser(address: str, questions: Sequence[str], count: int) -> Asked:
    """From Enter to the answer painted; a page without a past and a new question each time."""
    asked = Asked()
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        reader = Reader(browser.new_page(), address).visit()
        reader.page.on("request", lambda request: reader.requests.append(request.url))
        for question in questions[:_WARMING]:
            reader.ask(question)
        for question in questions[_WARMING : _WARMING + count]:
            reader.page.evaluate("() => localStorage.clear()")
            reader.visit()
            asked.taken.append(_enter_to_answer(reader, question))
            asked.answering += _own_times(reader)
        asked.strangers = sum(
            not url.startswith((address, "data:", "blob:")) for url in reader.requests
        )
        browser.close()
    return asked


def _enter_to_answer(reader: Reader, question: str) -> float:
    """Timed inside the page, from the key to the frame after the answer stands in it."""
    reader.page.evaluate(
        "() => { window.taken = new Promise(resolve => { let began;"
        " addEventListener('keydown', e => { if (e.key === 'Enter') began ??= performance.now() },"
        " true); new MutationObserver((_, watch) => {"
        " if (!document.querySelector('.turn[data-answer], .stage.error')) return;"
        " watch.disconnect();"
        " requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - began)));"
        " }).observe(document.querySelector('#conversation'), {childList: true, subtree: true})"
        " }) }"
    )
    reader.page.fill("#question textarea", question)
    reader.page.press("#question textarea", "Enter")
    return float(reader.page.evaluate("() => window.taken"))


def _own_times(reader: Reader) -> list[float]:
    answers = reader.page.locator(".turn[data-answer]").all()
    found = [json.loads(turn.get_attribute("data-answer") or "{}") for turn in answers]
    return [float(answer["timings_ms"]["total"]) for answer in found]


def at_once(address: str, questions: Sequence[str], readers: int, seconds: float) -> Asked:
    """Readers who ask one question after another, each with a mark of their own in it."""
    asked = Asked()
    until = time.monotonic() + seconds

    def read(number: int) -> None:
        program = Client(address, verbose=False)
        turn = 0
        while time.monotonic() < until:
            question = f"{questions[(number * 7 + turn) % len(questions)]} ({number}.{turn})"
            began = time.perf_counter()
            try:
                answer: dict[str, Any] = program.predict(question, None, api_name="/ask")
            except Exception as error:
                asked.failed.append(str(error)[:200])
            else:
                asked.taken.append((time.perf_counter() - began) * 1000)
                asked.mixed += answer["question"] != question
            turn += 1

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if asked.failed:
        _tell(f"first error: {asked.failed[0]}")
    return asked


def over_many(address: str, questions: Sequence[str], count: int, process: int) -> list[float]:
    """Resident megabytes of the server after each tenth of ``count`` different questions."""
    sizes: list[float] = []
    for number in range(count):
        if number % _SESSION == 0:
            program = Client(address, verbose=False)
        question = f"{questions[number % len(questions)]} [{number}]"
        program.predict(question, None, api_name="/ask")
        if (number + 1) % (count // 10) == 0:
            sizes.append(_resident(process))
            _tell(f"{number + 1} questions: {sizes[-1]:.1f} MB")
    return sizes


def _resident(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / _MEGA


def _until_ready(address: str, server: subprocess.Popen[bytes]) -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until:
        if server.poll() is not None:
            raise RuntimeError(f"the chat stopped with code {server.returncode}")
        try:
            with urllib.request.urlopen(f"{address}/health", timeout=5) as answer:
                if json.load(answer)["status"] == "ready":
                    return
        except OSError:
            pass
        time.sleep(0.5)
    raise TimeoutError("the chat was not ready within five minutes")


if __name__ == "__main__":
    main()
