"""Text from strangers is text: nothing in an article, a title, a file name or a question runs.

Forty-two hostile strings go in as the body, title, publisher and file name of an article and
another time as the question; a canary on ``window`` shows whether anything ran.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest

from chat.desk import Desk
from chat.server import application
from tests.chat.browser import Reader, served
from tests.chat.fakes import FakeAssistant, document

RUN = "window.__ran=1"
HOSTILE = [
    f"<script>{RUN}</script>",
    f"</script><script>{RUN}</script>",
    f"<img src=x onerror={RUN}>",
    f"<img src=x onerror='{RUN}'//",
    f"<svg onload={RUN}>",
    f"<svg><script>{RUN}</script></svg>",
    f"<svg><animate onbegin={RUN} attributeName=x dur=1s>",
    f"<body onload={RUN}>",
    f'<iframe src="javascript:parent.{RUN}"></iframe>',
    f"<iframe srcdoc='<script>parent.{RUN}</script>'></iframe>",
    f'<a href="javascript:{RUN}">klik</a>',
    f"[klik](javascript:{RUN})",
    f'![x](x" onerror="{RUN})',
    f"<details open ontoggle={RUN}>",
    f"<input autofocus onfocus={RUN}>",
    f"<video><source onerror={RUN}></video>",
    f"<math><mtext></form><form><mglyph><style></math><img src onerror={RUN}>",
    f"<style>@import 'x';body{{display:none}}</style><img src=x onerror={RUN}>",
    "<style>*{display:none!important}</style>",
    f'<object data="javascript:{RUN}">',
    f'<embed src="javascript:{RUN}">',
    f'<form action="javascript:{RUN}"><button>x</button></form>',
    "<meta http-equiv=refresh content='0;url=https://example.org/'>",
    "<base href='https://example.org/'>",
    "<link rel=stylesheet href='https://example.org/x.css'>",
    f'" onmouseover="{RUN}" x="',
    f"' autofocus onfocus='{RUN}' x='",
    f"`${{{RUN}}}`",
    f"${{{RUN}}}",
    f"${{constructor.constructor('{RUN}')()}}",
    f"{{{{constructor.constructor('{RUN}')()}}}}",
    f"{{{{#with this}}}}{{{{lookup . 'constructor'}}}}{{{{/with}}}}{RUN}",
    f"<%= {RUN} %>",
    f"--><script>{RUN}</script><!--",
    f"]]><script>{RUN}</script>",
    f"</textarea></title></template><script>{RUN}</script>",
    f"&lt;script&gt;{RUN}&lt;/script&gt;",
    "\u202egnp.exe\u202c omgekeerd \u2067tekst\u2069",
    "\u200b\ufeff\u2028\u2029 onzichtbaar",
    "W" * 200,
    "Z\u0351\u0352\u0353" * 60,
    "</article></section></main></dialog></div></div></div><h1>kapot</h1>",
]


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    """A page whose articles consist of hostile text; ``gifmonster7`` finds the paragraph of 7."""
    documents = [
        document(
            f"{number}-{text[:40].replace('/', '_')}.txt",
            f"{text}\n\nKop {text}\n\ngifmonster{number} {text} staat hier {text}\n",
            title=text,
            publisher=f"{text}",
        )
        for number, text in enumerate(HOSTILE)
    ]
    desk = Desk(lambda report: FakeAssistant(documents).opened())
    app = application(desk)
    desk.open()
    with served(app) as address:
        yield address


def _unharmed(reader: Reader) -> None:
    state = reader.page.evaluate(
        "() => ({ran: window.__ran ?? 'no',"
        " inline: [...document.querySelectorAll('#reader *')]"
        ".filter(e => [...e.attributes].some(a => a.name.startsWith('on'))).length,"
        " strange: document.querySelectorAll('#conversation :is(script, iframe, img, svg, style,"
        " form, object, embed, meta, base, link)').length,"
        " visible: !!document.querySelector('#masthead').offsetHeight,"
        " questions: document.querySelectorAll('#question textarea').length})"
    )
    assert state == {"ran": "no", "inline": 0, "strange": 0, "visible": True, "questions": 1}, state
    assert not reader.errors
    assert all(url.startswith((reader.address, "data:", "blob:")) for url in reader.requests)


def test_there_are_at_least_forty_cases() -> None:
    assert len(set(HOSTILE)) >= 40


@pytest.mark.parametrize("part", range(3))
def test_hostile_articles_are_shown_as_text(
    site: str, sit_down: Callable[..., Reader], part: int
) -> None:
    reader = sit_down(site, width=390, height=844).visit()
    for number in range(part, len(HOSTILE), 3):
        turn = reader.ask(f"en gifmonster{number}")
        shown = turn.locator(".excerpt p").first.evaluate("e => e.textContent")
        assert HOSTILE[number].strip() in shown
        assert turn.locator(".publisher").first.evaluate("e => e.textContent") == HOSTILE[number]
        if number % 4 == 0:
            turn.locator(".open").first.click()
            reader.page.wait_for_selector("#sheet-body mark.quote")
            marked = reader.page.text_content("#sheet-body mark.quote")
            assert marked == turn.locator("blockquote mark").first.text_content()
            reader.page.keyboard.press("Escape")
    _unharmed(reader)
    assert reader.overflow() <= 0


def test_hostile_questions_are_shown_as_text(site: str, sit_down: Callable[..., Reader]) -> None:
    reader = sit_down(site, width=390, height=844).visit()
    for text in HOSTILE:
        turn = reader.ask(f"{text} gifmonster0")
        shown = turn.locator(".asked").text_content()
        assert " ".join((shown or "").split()) == " ".join(f"{text} gifmonster0".split())
    _unharmed(reader)
    assert reader.overflow() <= 0


def test_a_hostile_link_is_asked_as_text(site: str, sit_down: Callable[..., Reader]) -> None:
    reader = sit_down(site)
    reader.visit("/?q=%3Cimg%20src%3Dx%20onerror%3Dwindow.__ran%3D1%3E%20gifmonster2")
    reader.page.wait_for_selector(".turn[data-answer]")
    assert reader.page.text_content(".asked") == f"<img src=x onerror={RUN}> gifmonster2"
    _unharmed(reader)


def test_stored_questions_are_not_trusted(site: str, sit_down: Callable[..., Reader]) -> None:
    reader = sit_down(site).visit()
    reader.page.evaluate(
        "text => localStorage.setItem('bijsluiter.1', JSON.stringify({prefs: {language: text},"
        " questions: [text, 7, null, {a: text}]}))",
        f"<img src=x onerror={RUN}> gifmonster3",
    )
    reader.visit()
    reader.page.wait_for_selector(".turn[data-answer]")
    assert reader.page.locator(".turn").count() == 1
    _unharmed(reader)


def test_the_policy_refuses_an_inline_handler(site: str, sit_down: Callable[..., Reader]) -> None:
    """The second wall: even markup that got in unescaped does not run."""
    reader = sit_down(site).visit()
    reader.page.evaluate(
        "run => { document.querySelector('#conversation').insertAdjacentHTML('beforeend',"
        " `<img src=x onerror=${run}><iframe srcdoc='<script>parent.${run}<\\/script>'>"
        "</iframe>`) }",
        RUN,
    )
    reader.page.wait_for_timeout(400)
    assert reader.page.evaluate("() => window.__ran") is None
    assert any("Content Security Policy" in error for error in reader.errors)
