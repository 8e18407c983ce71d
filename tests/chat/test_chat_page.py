"""The page in a real browser, with the real assistant on the real articles."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import quote as url_quote

from playwright.sync_api import Locator

from chat.desk import Desk, Opened
from chat.guard import Rate
from chat.server import application
from tests.chat.browser import Reader, own_weight, served
from tests.chat.fakes import FakeAssistant, document

Sit = Callable[..., Reader]

FACT = "Hoeveel procent minder magnesium bevatten gewassen van magnesiumarme bodem?"
TABLE_EN = "In what way does metformin lower magnesium status?"
CONFLICT = "Bij hoeveel enzymatische reacties is magnesium betrokken?"
SILENT = "Hoe vraag ik een nieuw paspoort aan?"
MEDICAL = "Moet ik stoppen met mijn plaspillen?"


def _answer(turn: Locator) -> dict[str, object]:
    return dict(json.loads(turn.get_attribute("data-answer") or "{}"))


def test_a_dutch_question_gets_a_quote_that_stands_in_the_article(
    site: str, sit_down: Sit, desk: Desk
) -> None:
    reader = sit_down(site).visit()
    turn = reader.ask(FACT)
    answer = _answer(turn)
    assert answer["outcome"] == "answered" and answer["language"] == "nl"
    first = answer["answers"][0]  # type: ignore[index]
    text = desk.documents()[first["source"]].text
    assert text[first["start"] : first["end"]] == first["quote"]
    assert turn.locator(".answer mark.quote").first.text_content() == first["quote"]
    assert "Je vroeg" in turn.inner_text()
    assert not reader.errors


def test_an_english_question_shows_the_dutch_quote_in_an_english_frame(
    site: str, sit_down: Sit
) -> None:
    reader = sit_down(site, locale="en-GB").visit()
    assert reader.page.inner_text("#ask").strip() == "Ask"
    turn = reader.ask(TABLE_EN)
    assert turn.get_attribute("lang") == "en"
    assert turn.locator("blockquote").first.get_attribute("lang") == "nl"
    assert "Renale verliezen" in (turn.locator(".answer mark.quote").first.text_content() or "")
    assert "foundation" in turn.inner_text()
    assert not reader.errors


def test_numbers_are_whole_and_every_reference_leads_to_its_passage(
    site: str, sit_down: Sit
) -> None:
    reader = sit_down(site).visit()
    turn = reader.ask(CONFLICT)
    ranks = [int(r) for r in turn.locator(".rank").all_text_contents()]
    assert ranks == list(range(1, len(ranks) + 1))
    for link in turn.locator("a.ref").all():
        quote = link.locator("xpath=ancestor::figure").locator("mark.quote").first.text_content()
        link.click()
        target = reader.page.locator(":focus")
        assert target.locator("mark.quote").all_text_contents().count(quote or "") >= 1


def test_publishers_that_differ_stand_side_by_side(site: str, sit_down: Sit) -> None:
    reader = sit_down(site).visit()
    turn = reader.ask(CONFLICT)
    values = turn.locator(".side .value").all_text_contents()
    assert set(values) == {"300", "600"}
    boxes = [side.bounding_box() for side in turn.locator(".side").all()]
    assert boxes[0] and boxes[1] and boxes[0]["x"] + boxes[0]["width"] <= boxes[1]["x"]


def test_a_follow_up_is_read_with_the_question_before_it(site: str, sit_down: Sit) -> None:
    reader = sit_down(site).visit()
    reader.ask("Kunnen plastabletten je magnesium verlagen?")
    turn = reader.ask("En de anticonceptiepil?")
    standalone = str(_answer(turn)["standalone_question"])
    assert "magnesium" in standalone.lower()
    assert standalone in turn.inner_text()


def test_silence_is_friendly_and_folds_the_nearest_passages(site: str, sit_down: Sit) -> None:
    reader = sit_down(site).visit()
    turn = reader.ask(SILENT)
    assert turn.locator("h3").first.text_content() == "Dit staat niet in de artikelen"
    assert turn.locator("blockquote").count() == 0
    assert not turn.locator(".passage").first.is_visible()
    turn.locator(".nearest > summary").click()
    assert turn.locator(".passage").first.is_visible()


def test_a_personal_medical_question_is_sent_to_a_professional(site: str, sit_down: Sit) -> None:
    reader = sit_down(site).visit()
    turn = reader.ask(MEDICAL)
    assert turn.locator("h3").first.text_content() == "Vraag dit aan je arts of apotheker"
    assert turn.locator(".passage").count() > 0


def test_an_article_opens_at_the_quote(site: str, sit_down: Sit, desk: Desk) -> None:
    reader = sit_down(site).visit()
    turn = reader.ask(FACT)
    first = _answer(turn)["answers"][0]  # type: ignore[index]
    turn.locator(".open").first.click()
    mark = reader.page.locator("#sheet-body mark.quote")
    mark.wait_for()
    assert mark.text_content() == first["quote"]
    reader.page.wait_for_timeout(100)
    box, window = mark.bounding_box(), reader.page.viewport_size
    assert box and window and box["y"] >= 0 and box["y"] + box["height"] <= window["height"]
    before = reader.page.evaluate(
        "() => { const r = document.createRange(); const b = document.querySelector('.paper-text');"
        " r.setStart(b, 0); r.setEndBefore(b.querySelector('mark')); return r.toString() }"
    )
    text = desk.documents()[first["source"]].text
    assert "".join(text[: first["start"]].split()).endswith("".join(before.split())[-200:])
    profile = reader.page.locator(".profile").inner_text()
    assert "Uitgever" in profile and "per 1.000 woorden" in profile
    reader.page.keyboard.press("Escape")
    assert not reader.page.locator("#sheet").is_visible()


def test_flags_have_a_label_a_why_a_basis_and_a_severity_in_words(site: str, sit_down: Sit) -> None:
    reader = sit_down(site).visit()
    turn = reader.ask("Wie heeft Magtein ontwikkeld?")
    chip = turn.locator(".chip").first
    assert any(word in chip.inner_text() for word in ("zwaar", "gemiddeld", "licht"))
    chip.locator("summary").click()
    opened = chip.inner_text()
    assert "Getoetst aan" in opened and "Gevonden" in opened and len(opened) > 100
    assert turn.locator(".excerpt .flag").count() > 0


def test_the_switches_hide_flags_and_prefer_less_commercial_passages(
    site: str, sit_down: Sit
) -> None:
    reader = sit_down(site).visit()
    turn = reader.ask("Welke vorm van magnesium is het beste voor de hersenen?")
    reader.page.get_by_label("Marketing onderstrepen").uncheck()
    assert not turn.locator(".chips").first.is_visible()
    line = turn.locator(".excerpt .flag").first.evaluate(
        "e => getComputedStyle(e).textDecorationLine"
    )
    assert line == "none"
    reader.page.get_by_label("Minder commerciële bronnen eerst").check()
    reader.page.wait_for_selector("body:not(.busy)")
    turn = reader.page.locator(".turn").first
    ranks = [int(r) for r in turn.locator(".rank").all_text_contents()]
    assert ranks == list(range(1, len(ranks) + 1))
    reader.visit()
    assert not reader.page.get_by_label("Marketing onderstrepen").is_checked()
    assert reader.page.get_by_label("Minder commerciële bronnen eerst").is_checked()


def test_an_answer_is_copied_with_its_citation(site: str, sit_down: Sit) -> None:
    reader = sit_down(site).visit()
    turn = reader.ask(FACT)
    quote = _answer(turn)["answers"][0]  # type: ignore[index]
    turn.get_by_text("Bewaar dit antwoord").click()
    for button, mark in {"tekst": "— ", "Markdown": "> — ", "BibTeX": "@online{"}.items():
        copied = _copied(reader, turn, button)
        assert mark in copied and f"{quote['start']}:{quote['end']}" in copied.replace("\\", "")
        assert quote["quote"][:20] in copied.replace("\\", "")
    assert _copied(reader, turn, "link") == f"{site}/?q={url_quote(FACT, safe='')}"


def _copied(reader: Reader, turn: Locator, button: str) -> str:
    reader.page.evaluate("() => navigator.clipboard.writeText('')")
    turn.get_by_role("button", name=button).click()
    reader.page.wait_for_function("async () => await navigator.clipboard.readText() !== ''")
    return str(reader.page.evaluate("() => navigator.clipboard.readText()"))


def test_the_conversation_is_exported(site: str, sit_down: Sit, tmp_path: Path) -> None:
    reader = sit_down(site).visit()
    reader.ask(FACT)
    reader.ask(SILENT)
    reader.page.get_by_text("Bewaren en wissen").click()
    for name, kind in {"Markdown": "md", "JSON": "json"}.items():
        with reader.page.expect_download() as waiting:
            reader.page.get_by_role("button", name=f"Bewaar gesprek ({name})").click()
        assert waiting.value.suggested_filename == f"bijsluiter.{kind}"
        waiting.value.save_as(tmp_path / kind)
    turns = json.loads((tmp_path / "json").read_text(encoding="utf-8"))
    assert [turn["question"] for turn in turns] == [FACT, SILENT]
    assert "## Hoe vraag ik" in (tmp_path / "md").read_text(encoding="utf-8")


def test_a_link_asks_its_question(site: str, sit_down: Sit) -> None:
    reader = sit_down(site).visit(f"/?q={url_quote(FACT)}")
    reader.page.wait_for_selector(".turn[data-answer]")
    assert reader.page.text_content(".asked") == FACT


def test_history_stays_in_the_browser_until_it_is_cleared(site: str, sit_down: Sit) -> None:
    reader = sit_down(site).visit()
    reader.ask(FACT)
    reader.visit()
    reader.page.wait_for_selector(".turn[data-answer]")
    assert reader.page.locator(".asked").all_text_contents() == [FACT]
    reader.page.on("dialog", lambda dialog: dialog.accept())
    reader.page.get_by_text("Bewaren en wissen").click()
    reader.page.get_by_role("button", name="Wis alles").click()
    assert reader.page.locator(".turn").count() == 0
    reader.visit()
    reader.page.wait_for_timeout(300)
    assert reader.page.locator(".turn").count() == 0


def test_a_verdict_is_kept_on_this_computer(site: str, sit_down: Sit, verdicts: Path) -> None:
    reader = sit_down(site).visit()
    turn = reader.ask(FACT)
    turn.get_by_role("button", name="Nee").click()
    turn.get_by_text("bewaard op de computer").wait_for()
    kept = json.loads(verdicts.read_text(encoding="utf-8").splitlines()[-1])
    assert kept["question"] == FACT and kept["good"] is False and kept["quotes"]


def test_two_readers_side_by_side_keep_their_own_conversation(site: str, sit_down: Sit) -> None:
    one, two = sit_down(site).visit(), sit_down(site, locale="en-GB").visit()
    one.ask("Kunnen plastabletten je magnesium verlagen?")
    two.ask("Is magnesium oxide well absorbed and what is it used for?")
    first, second = one.ask("En de anticonceptiepil?"), two.ask("What about glycinate?")
    assert "glyc" not in str(_answer(first)["standalone_question"]).lower()
    assert "plas" not in str(_answer(second)["standalone_question"]).lower()
    assert len(one.page.locator(".asked").all_text_contents()) == 2


def test_the_keyboard_is_enough(site: str, sit_down: Sit) -> None:
    reader = sit_down(site).visit()
    page = reader.page
    for _ in range(8):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("() => document.activeElement.dataset.do") == "skip":
            break
    page.keyboard.press("Enter")
    page.keyboard.type(FACT)
    page.keyboard.press("Enter")
    page.wait_for_selector(".turn[data-answer]")
    for _ in range(40):
        page.keyboard.press("Shift+Tab")
        if page.evaluate("() => document.activeElement.matches('.look-up .open')"):
            break
    page.keyboard.press("Enter")
    page.wait_for_selector("#sheet-body mark.quote")
    assert page.evaluate("() => document.activeElement.matches('mark.quote')")
    page.keyboard.press("Escape")
    assert page.evaluate("() => document.activeElement.matches('.look-up .open')")


def test_an_answer_is_announced(site: str, sit_down: Sit) -> None:
    reader = sit_down(site).visit()
    reader.ask(FACT)
    live = reader.page.locator("#live")
    assert live.get_attribute("role") == "status"
    assert (live.text_content() or "").startswith("Antwoord staat op de pagina.")


def test_the_switch_changes_every_text_of_the_frame(site: str, sit_down: Sit) -> None:
    reader = sit_down(site).visit()
    reader.page.click("#language")
    reader.page.get_by_role("button", name="Ask", exact=True).wait_for()
    assert reader.page.evaluate("() => document.documentElement.lang") == "en"
    shown = reader.page.inner_text("body")
    for dutch in ("Stel een vraag", "Je vraag", "Probeer", "Over Bijsluiter"):
        assert dutch not in shown
    reader.page.click("[data-do=about]")
    reader.page.wait_for_selector("#sheet-body .rules")
    assert "What this is not" in reader.page.inner_text("#sheet-body")


def test_about_tells_rules_publishers_and_fingerprints(
    site: str, sit_down: Sit, desk: Desk
) -> None:
    reader = sit_down(site).visit()
    reader.page.click("[data-do=about]")
    reader.page.wait_for_selector("#sheet-body .rules")
    assert reader.page.locator(".rules > li").count() >= 10
    rows = reader.page.locator(".bars tr").all()
    assert len(rows) == 5
    per_unit = [
        (row.locator(".bar").bounding_box() or {"width": 0.0})["width"]
        / float(row.locator("td").inner_text().replace(",", "."))
        for row in rows
    ]
    assert max(per_unit) / min(per_unit) < 1.05  # a bar is as long as its figure is high
    facts = reader.page.inner_text("#sheet-body dl.profile >> nth=-1")
    manifest = desk.opened().searcher.index.manifest  # type: ignore[attr-defined]
    for fact in (manifest.fingerprint, manifest.version, "bijsluiter-reader-"):
        assert fact in facts


def test_an_empty_and_an_endless_question_get_one_sentence(site: str, sit_down: Sit) -> None:
    reader = sit_down(site).visit()
    reader.page.press("#question textarea", "Enter")
    assert reader.page.locator(".turn").count() == 0
    turn = reader.ask("magnesium " * 115)
    assert "te lang" in (turn.locator(".stage.error").text_content() or "")
    turn = reader.ask("Bonjour, quelle quantité de magnésium faut-il prendre chaque jour ?")
    assert "Nederlands en Engels" in (turn.locator(".stage.error").text_content() or "")
    assert reader.ask(FACT).get_attribute("data-answer")  # what failed is no history


def test_nothing_is_asked_of_another_computer_and_the_page_is_light(
    site: str, sit_down: Sit
) -> None:
    reader = sit_down(site).visit()
    reader.ask(FACT).locator(".open").first.click()
    reader.page.wait_for_selector("#sheet-body mark.quote")
    strangers = [u for u in reader.requests if not u.startswith((site, "data:", "blob:"))]
    assert not strangers
    assert own_weight(site) <= 60_000


def test_it_works_behind_a_proxy_that_serves_it_below_a_path(desk: Desk, sit_down: Sit) -> None:
    prefix = "/lees/bijsluiter"
    inner = application(desk, root_path=prefix)

    async def proxy(scope: Any, receive: Any, send: Any) -> None:
        """Forwards what is below the prefix, without the prefix; refuses all else."""
        if scope["type"] == "http":
            if not scope["path"].startswith(prefix):
                await send({"type": "http.response.start", "status": 410, "headers": []})
                await send({"type": "http.response.body", "body": b""})
                return
            path = scope["path"].removeprefix(prefix) or "/"
            scope = {**scope, "path": path, "raw_path": path.encode()}
        await inner(scope, receive, send)

    with served(proxy) as address:
        reader = sit_down(f"{address}{prefix}").visit()
        turn = reader.ask(FACT)
        turn.locator(".open").first.click()
        reader.page.wait_for_selector("#sheet-body mark.quote")
        outside = [u for u in reader.requests if not u.startswith(f"{address}{prefix}/")]
        assert [u for u in outside if not u.endswith("/manifest.json")] == []


def test_the_page_stands_while_the_assistant_is_still_opening(desk: Desk, sit_down: Sit) -> None:
    gate = threading.Event()

    def slowly(report: Callable[[str], None]) -> Opened:
        report("indexing")
        gate.wait(30)
        return desk.opened()

    late = Desk(slowly)
    late.open()
    with served(application(late)) as address:
        reader = sit_down(address)
        reader.page.goto(address)
        state = reader.page.locator("#state")
        state.wait_for()
        assert "index van de artikelen wordt gemaakt" in (state.text_content() or "")
        reader.page.wait_for_selector("#question textarea:enabled")
        reader.page.fill("#question textarea", FACT)
        reader.page.press("#question textarea", "Enter")
        reader.page.locator(".stage.working").wait_for()
        gate.set()
        reader.page.wait_for_selector(".turn[data-answer]")
        state.wait_for(state="hidden")


def test_a_question_can_be_stopped_and_the_next_one_asked(desk: Desk, sit_down: Sit) -> None:
    gate = threading.Event()
    slow = FakeAssistant([document("a.txt", "Kop\n\nTrage noten.\n")], act=lambda q: _wait(gate, q))
    stopping = Desk(lambda report: slow.opened())
    stopping.open()
    with served(application(stopping)) as address:
        reader = sit_down(address).visit()
        reader.page.fill("#question textarea", "trage noten wachten")
        reader.page.press("#question textarea", "Enter")
        reader.page.locator(".stage.working").wait_for()
        reader.page.click("#stop")
        assert "Gestopt" in (reader.page.locator(".stage.stopped").text_content() or "")
        turn = reader.ask("noten")
        assert turn.locator("blockquote").count() == 1
        gate.set()
        assert reader.page.locator(".turn[data-answer]").count() == 1


def _wait(gate: threading.Event, question: str) -> None:
    if "wachten" in question:
        gate.wait(30)


def test_a_crowd_is_told_that_it_is_busy(desk: Desk, sit_down: Sit) -> None:
    gate = threading.Event()
    slow = FakeAssistant([document("a.txt", "Kop\n\nNoten.\n")], act=lambda q: _wait(gate, q))
    crowded = Desk(lambda report: slow.opened(), workers=1, line=0)
    crowded.open()
    with served(application(crowded)) as address:
        first, second = sit_down(address).visit(), sit_down(address).visit()
        first.page.fill("#question textarea", "noten wachten")
        first.page.press("#question textarea", "Enter")
        first.page.locator(".stage.working").wait_for()
        turn = second.ask("noten")
        assert "te druk" in (turn.locator(".stage.error").text_content() or "")
        gate.set()
        first.page.wait_for_selector(".turn[data-answer]")


def test_who_asks_too_fast_is_told_to_wait(desk: Desk, sit_down: Sit) -> None:
    with served(application(desk, rate=Rate(1, 60))) as address:
        reader = sit_down(address).visit()
        assert reader.ask(FACT).get_attribute("data-answer")
        turn = reader.ask(SILENT)
        assert "wacht even" in (turn.locator(".stage.error").text_content() or "")


def test_a_lost_connection_is_one_sentence_and_the_question_is_not_lost(
    site: str, sit_down: Sit
) -> None:
    reader = sit_down(site).visit()
    reader.page.route("**/queue/join*", lambda route: route.abort())
    reader.page.fill("#question textarea", FACT)
    reader.page.press("#question textarea", "Enter")
    reader.page.locator(".stage.error", has_text="De verbinding").wait_for()
    reader.page.unroute("**/queue/join*")
    reader.page.wait_for_selector(".turn[data-answer]")  # Gradio opens the page anew
    assert reader.page.locator(".asked").all_text_contents() == [FACT]
