"""Measure the chat as readers meet it; run by ``make bench``, loopback only.

``python -m tests.chat.load.measure`` prints a line of JSON for each: the time from Enter to the
answer in a browser (p50, p95, milliseconds, warm), twenty readers who ask at once for a minute
through the queue (errors, answers to another's question, p95), and the memory over a thousand
questions.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from gradio_client import Client
from playwright.sync_api import sync_playwright

from tests.chat.browser import ARGUMENTS, ROOT, Reader, find_chromium

_QUESTIONS = ROOT / "eval" / "data" / "qa-dev.jsonl"
_PORT = 7899


def main() -> None:
    """Start the chat, take the three measurements, stop it."""
    options = argparse.ArgumentParser(description="Measure the chat; loopback only.")
    options.add_argument("--seconds", type=float, default=60.0, help="how long the readers ask")
    options.add_argument("--readers", type=int, default=20)
    options.add_argument("--questions", type=int, default=1000, help="for the memory")
    asked = options.parse_args()
    questions = [json.loads(line)["question"] for line in _QUESTIONS.open(encoding="utf-8")]
    environment = {**os.environ, "HOST": "127.0.0.1", "PORT": str(_PORT)}
    server = subprocess.Popen([sys.executable, "app.py"], cwd=ROOT, env=environment)
    address = f"http://127.0.0.1:{_PORT}"
    try:
        _until_ready(address)
        _show("browser", in_browser(address, questions))
        _show("readers", at_once(address, questions, asked.readers, asked.seconds))
        _show("memory", over_many(address, questions, asked.questions, server.pid))
    finally:
        server.terminate()
        server.wait(10)


def _show(name: str, figures: dict[str, float]) -> None:
    print(json.dumps({name: figures}), flush=True)


def in_browser(address: str, questions: Sequence[str]) -> dict[str, float]:
    """Milliseconds from Enter to the answer painted, each question new to the server."""
    taken: list[float] = []
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        reader = Reader(browser.new_page(), address).visit()
        for question in questions[:5]:
            reader.ask(question)
        for question in questions[5:55]:
            reader.visit()
            reader.page.evaluate("() => localStorage.clear()")
            reader.visit()
            taken.append(_enter_to_answer(reader, question))
        browser.close()
    return _spread(taken)


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


def at_once(
    address: str, questions: Sequence[str], readers: int, seconds: float
) -> dict[str, float]:
    """Readers who ask one question after another, each with a mark of their own in it."""
    taken: list[float] = []
    failed: list[str] = []
    mixed: list[str] = []
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
                failed.append(str(error)[:200])
            else:
                taken.append((time.perf_counter() - began) * 1000)
                if answer["question"] != question:
                    mixed.append(question)
            turn += 1

    threads = [threading.Thread(target=read, args=(number,)) for number in range(readers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failed:
        print("first error:", failed[0], file=sys.stderr)
    return {**_spread(taken), "errors": len(failed), "mixed": len(mixed)}


def over_many(address: str, questions: Sequence[str], count: int, process: int) -> dict[str, float]:
    """Resident megabytes of the server after each tenth of ``count`` different questions."""
    program = Client(address, verbose=False)
    sizes: list[float] = []
    for number in range(count):
        question = f"{questions[number % len(questions)]} [{number}]"
        try:
            program.predict(question, None, api_name="/ask")
        except Exception as error:
            print("while measuring memory:", str(error)[:200], file=sys.stderr)
        if (number + 1) % (count // 10) == 0:
            sizes.append(_resident(process))
    half = sizes[len(sizes) // 2]
    return {"first_mb": sizes[0], "half_mb": half, "last_mb": sizes[-1]}


def _resident(process: int) -> float:
    pages = int(Path(f"/proc/{process}/statm").read_text(encoding="ascii").split()[1])
    return round(pages * os.sysconf("SC_PAGE_SIZE") / 1_000_000, 1)


def _spread(taken: Sequence[float]) -> dict[str, float]:
    ranked = sorted(taken)
    return {
        "count": len(ranked),
        "p50_ms": round(statistics.median(ranked), 1),
        "p95_ms": round(ranked[min(len(ranked) - 1, int(0.95 * len(ranked)))], 1),
    }


def _until_ready(address: str) -> None:
    until = time.monotonic() + 300
    while time.monotonic() < until:
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
