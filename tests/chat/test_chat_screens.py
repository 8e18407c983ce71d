"""Every state of the page: no serious accessibility finding, no overflow, a screenshot to look at.

The screenshots go to ``screenshots/`` (ignored by git).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import pytest

from tests.chat.browser import Reader

Sit = Callable[..., Reader]

QUESTIONS = {
    "fact": "Wie heeft Magtein ontwikkeld?",
    "list": "In welk eten zit veel magnesium?",
    "conflict": "Bij hoeveel enzymatische reacties is magnesium betrokken?",
    "silence": "Hoeveel zink heeft een volwassene per dag nodig?",
    "medical": "Moet ik stoppen met mijn plaspillen?",
    "table": "In what way does metformin lower magnesium status?",
    "silence-en": "How do I fix a flat bicycle tyre?",
}


@dataclass(frozen=True)
class Look:
    """A way to look at the page, and the questions asked in it."""

    asked: tuple[str, ...]
    locale: str = "nl-NL"
    dark: bool = False
    width: int = 1280
    height: int = 900


LOOKS = {
    "nl": Look(("fact", "list", "conflict", "silence", "medical")),
    "en": Look(("table", "silence-en"), locale="en-GB"),
    "nl-dark": Look(("fact", "silence"), dark=True),
    "nl-390": Look(("fact", "list", "medical"), width=390, height=844),
    "nl-320-dark": Look(("fact", "conflict"), dark=True, width=320, height=640),
    "en-2560": Look(("table",), locale="en-GB", width=2560, height=1400),
}


def _states(reader: Reader, look: Look) -> Iterator[str]:
    """Bring the page into one state after another, and say which."""
    page = reader.page
    yield "start"
    for name in look.asked:
        turn = reader.ask(QUESTIONS[name])
        if turn.locator(".nearest").count():
            turn.locator(".nearest > summary").click()
        if turn.locator(".chip").count():
            turn.locator(".chip > summary").first.click()
        page.evaluate("() => [...document.querySelectorAll('.turn')].at(-1).scrollIntoView()")
        yield name
    page.evaluate("() => scrollTo(0, 0)")
    page.locator(".menu > summary").first.click()
    yield "legend"
    page.locator(".menu > summary").last.click()
    yield "menu"
    page.keyboard.press("Escape")
    page.locator(".turn .open").first.click()
    page.wait_for_selector("#sheet-body mark.quote")
    yield "article"
    page.locator("#sheet-body").evaluate("e => e.scrollTo(0, 0)")
    yield "profile"
    page.keyboard.press("Escape")
    page.click("[data-do=about]")
    page.wait_for_selector("#sheet-body .rules")
    yield "about"
    page.locator("#sheet-body .bars").scroll_into_view_if_needed()
    yield "publishers"


@pytest.mark.parametrize("name", LOOKS)
def test_every_state_is_accessible_and_fits(site: str, sit_down: Sit, name: str) -> None:
    look = LOOKS[name]
    reader = sit_down(
        site, locale=look.locale, dark=look.dark, width=look.width, height=look.height
    ).visit()
    for state in _states(reader, look):
        reader.shot(f"{name}-{state}")
        assert reader.axe() == [], f"{name} {state}"
        assert reader.overflow() <= 0, f"{name} {state}"
    assert not reader.errors


@pytest.mark.parametrize("dark", [False, True])
def test_paper_shows_the_answer_without_the_controls(
    site: str, sit_down: Sit, *, dark: bool
) -> None:
    reader = sit_down(site, dark=dark).visit()
    turn = reader.ask(QUESTIONS["fact"])
    reader.page.emulate_media(media="print")
    reader.shot(f"print{'-dark' * dark}")
    assert turn.locator("blockquote").first.is_visible()
    for control in ("#asking", "#masthead nav", ".turn .open", ".turn .keep"):
        assert not reader.page.locator(control).first.is_visible()
    ink = turn.locator(".asked").evaluate("e => getComputedStyle(e).color")
    paper = reader.page.evaluate("() => getComputedStyle(document.body).backgroundColor")
    assert (ink, paper) == ("rgb(0, 0, 0)", "rgb(255, 255, 255)")


def test_nothing_moves_for_who_asked_for_less_motion(site: str, sit_down: Sit) -> None:
    reader = sit_down(site, still=True).visit()
    moving = reader.page.evaluate(
        "() => document.getAnimations().filter(a => a.effect.target.closest('#reader')).length"
    )
    assert moving == 0
