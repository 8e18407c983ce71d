"""What the browser tests share: serving the page from a thread, and a reader at it."""

from __future__ import annotations

import shutil
import socket
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import gradio as gr
import pytest
import uvicorn
from fastapi import FastAPI
from playwright.sync_api import Page

ROOT = Path(__file__).parents[2]
SCREENSHOTS = ROOT / "screenshots"
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"

_BROWSERS = ("chromium", "chromium-browser", "google-chrome")
ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find_chromium() -> str:
    """The browser's path; the test fails with what to install when there is none."""
    for name in _BROWSERS:
        path = shutil.which(name)
        if path:
            return path
    pytest.fail("no browser found; install one, for instance: sudo apt-get install chromium")


@contextmanager
def served(application: Any) -> Iterator[str]:
    """Serve an ASGI application on a free loopback port; gives its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    config = uvicorn.Config(application, log_level="warning", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listening],), daemon=True)
    thread.start()
    until = time.monotonic() + 30
    while not server.started:
        assert time.monotonic() < until, "the server did not start"
        time.sleep(0.02)
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join(5)


def own_weight(address: str) -> int:
    """Bytes of the page, uncompressed, that an empty Gradio page of the same version has not."""
    with gr.Blocks() as empty:
        gr.HTML("")
        gr.Textbox()
        gr.Button("")
    with served(gr.mount_gradio_app(FastAPI(), empty, path="/")) as other:
        ours, bare = (urllib.request.urlopen(f"{url}/").read() for url in (address, other))
    return len(ours) - len(bare)


@dataclass
class Reader:
    """A person at the page: a browser tab and everything that went wrong in it."""

    page: Page
    address: str
    errors: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def visit(self, path: str = "/") -> Reader:
        self.page.goto(self.address + path)
        self.page.wait_for_selector("#question textarea:enabled")
        self.page.wait_for_selector("body:is([data-state=ready], [data-state=failed])")
        assert self.page.get_attribute("body", "data-state") == "ready", "see the log"
        return self

    def ask(self, question: str) -> Any:
        """Type, press Enter, wait for the answer; gives the turn."""
        count = self.page.locator(".turn").count()
        self.page.fill("#question textarea", question)
        self.page.press("#question textarea", "Enter")
        turn = self.page.locator(".turn").nth(count)
        self.page.wait_for_function(
            "n => { const t = document.querySelectorAll('.turn')[n];"
            " return t && (t.dataset.answer || t.querySelector('.stage.error')) }",
            arg=count,
            timeout=30_000,
        )
        return turn

    def shot(self, name: str, *, full: bool = False) -> None:
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.wait_for_timeout(150)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png", full_page=full)

    def axe(self) -> list[str]:
        """Serious and critical accessibility findings in the page as it stands."""
        if not AXE.exists():
            pytest.fail(f"axe-core is missing; run: npm install --prefix {ROOT} axe-core")
        if not self.page.evaluate("() => 'axe' in window"):
            self.page.evaluate(AXE.read_text(encoding="utf-8"))
        found = self.page.evaluate("() => axe.run(document, {resultTypes: ['violations']})")
        return [
            f"{v['id']} ({v['impact']}): {v['nodes'][0]['html'][:200]}"
            for v in found["violations"]
            if v["impact"] in ("serious", "critical")
        ]

    def overflow(self) -> int:
        """By how many pixels the page is wider than its window."""
        return int(
            self.page.evaluate(
                "() => document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
        )
