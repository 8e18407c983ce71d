"""Browser tests: a headless Chromium, and readers who sit down at the page."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from chat.desk import Desk
from chat.server import application, open_assistant
from tests.chat.browser import ARGUMENTS, Reader, find_chromium, served


@pytest.fixture(scope="package")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=ARGUMENTS)
        yield browser
        browser.close()


@pytest.fixture
def sit_down(browser: Browser) -> Iterator[Callable[..., Reader]]:
    """A new reader at an address: ``sit_down(address, width=390, dark=True, locale="en-GB")``."""
    contexts: list[BrowserContext] = []

    def sit(
        address: str,
        *,
        width: int = 1280,
        height: int = 900,
        locale: str = "nl-NL",
        dark: bool = False,
        still: bool = True,
    ) -> Reader:
        context = browser.new_context(
            viewport={"width": width, "height": height},
            locale=locale,
            color_scheme="dark" if dark else "light",
            reduced_motion="reduce" if still else "no-preference",
            permissions=["clipboard-read", "clipboard-write"],
            accept_downloads=True,
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(15_000)
        reader = Reader(page, address)
        page.on("pageerror", lambda error: reader.errors.append(str(error)))
        page.on(
            "console",
            lambda message: reader.errors.append(message.text) if message.type == "error" else None,
        )
        page.on("request", lambda request: reader.requests.append(request.url))
        return reader

    yield sit
    for context in contexts:
        context.close()


@pytest.fixture(scope="session")
def desk(home: Path) -> Desk:
    """A desk with the real assistant on the shipped articles."""
    desk = Desk(lambda report: open_assistant(home, report))
    desk.open()
    desk.opened(timeout=120)
    return desk


@pytest.fixture(scope="session")
def verdicts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the page of ``site`` keeps readers' verdicts."""
    return tmp_path_factory.mktemp("verdicts") / "verdicts.jsonl"


@pytest.fixture(scope="session")
def app(desk: Desk, verdicts: Path) -> Any:
    """The application on the real assistant."""
    return application(desk, verdicts=verdicts)


@pytest.fixture(scope="session")
def site(app: Any) -> Iterator[str]:
    """Its address."""
    with served(app) as address:
        yield address
