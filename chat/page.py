"""The page: a Gradio Blocks with our own frame in it, and what each part is wired to."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from html import escape
from pathlib import Path
from typing import Any

import gradio as gr

from chat.about import render_about
from chat.api import add_endpoints
from chat.article import render_article
from chat.desk import Desk
from chat.feedback import keep_verdict
from chat.talk import Message, talk
from chat.wording import LANGUAGES, Wording, wording

ASSETS = Path(__file__).parent / "assets"
_DRAWN = ("question", "placeholder", "ask", "stop")
_WAIT = 60.0  # seconds that a request for an article may wait for the assistant
# Gradio remembers every session that comes by, the last answer in it (some 130 kB). Nothing here
# rests on that, so it need not remember 10,000 of them.
_SESSIONS = 100
_TYPED = 1_200  # characters the box takes: a little over the limit, so that the error can be shown


def build(desk: Desk, *, verdicts: Path | None = None) -> gr.Blocks:
    """The page's Blocks. ``verdicts`` is the file readers' verdicts go to, None to keep none."""

    async def turn(payload: Any) -> AsyncIterator[Message]:
        async for message in talk(desk, payload, feedback=verdicts is not None):
            yield message

    def article(payload: Any) -> str:
        return _article(desk, payload)

    def about(payload: Any) -> str:
        return render_about(desk, _words(payload), verdicts=verdicts is not None)

    def verdict(payload: Any) -> bool:
        return verdicts is not None and _verdict(payload, verdicts)

    frame_words = translations()
    page: gr.Blocks = gr.Blocks(title="Bijsluiter", analytics_enabled=False, fill_width=True)
    page.state_session_capacity = _SESSIONS
    with page:
        gr.HTML(
            _frame(),
            elem_id="reader",
            apply_default_css=False,
            js_on_load=asset("reader.js"),
            server_functions=[article, about, verdict],
        )
        payload = gr.JSON(visible=False)
        with gr.Row(elem_id="asking"):
            question = gr.Textbox(
                label=frame_words("question"),
                placeholder=frame_words("placeholder"),
                elem_id="question",
                lines=1,
                max_lines=5,
                max_length=_TYPED,
                scale=1,
                interactive=True,
                autofocus=True,
            )
            ask = gr.Button(frame_words("ask"), elem_id="ask", variant="primary", scale=0)
            stop = gr.Button(frame_words("stop"), elem_id="stop", variant="stop", scale=0)
        gr.HTML(_below(), elem_id="below", apply_default_css=False, js_on_load=None)
        mailbox = gr.HTML(
            {},
            elem_id="mailbox",
            html_template="",
            js_on_load="watch('value', () => window.bijsluiter.receive(props.value))",
        )
        relabel = gr.Button("", elem_id="relabel", visible="hidden")

        asked = gr.on(
            [ask.click, question.submit],
            turn,
            [payload],
            [mailbox],
            js="() => [window.bijsluiter.take()]",
            api_name="turn",
            api_visibility="private",
            show_progress="hidden",
            trigger_mode="multiple",
            concurrency_limit=64,
        )
        stop.click(None, None, None, cancels=[asked], api_visibility="private")
        relabel.click(
            None,
            None,
            [question, ask, stop],
            js="() => window.bijsluiter.labels()",
            api_visibility="private",
        )
        add_endpoints(desk)
    page.queue(max_size=128)
    return page


def asset(name: str) -> str:
    """A file of the page, without its comment lines and indents."""
    lines = (ASSETS / name).read_text(encoding="utf-8").splitlines()
    stripped = (line.strip() for line in lines)
    return "\n".join(line for line in stripped if line and not line.startswith(("//", "/* ")))


def translations() -> gr.I18n:
    """The texts of the parts that Gradio draws; it shows them in the browser's language."""
    return gr.I18n(
        **{
            language: {name: wording(language)(f"frame.{name}") for name in _DRAWN}
            for language in LANGUAGES
        }
    )


def _article(desk: Desk, payload: Any) -> str:
    """HTML of the article a quote stands in; a sentence when it is not one of ours."""
    words = _words(payload)
    given = payload if isinstance(payload, dict) else {}
    document = desk.documents(_WAIT).get(str(given.get("source")))
    start, end = given.get("start"), given.get("end")
    if document is None or not isinstance(start, int) or not isinstance(end, int):
        return f"<p>{escape(words('article.missing'))}</p>"
    opened = desk.opened()
    flags = opened.assistant.flags(document, words.language)
    counted = opened.profiles(words.language).get(document.name)
    return render_article(document, start, end, flags, words, counted)


def _verdict(payload: Any, path: Path) -> bool:
    """Keep a verdict; False when it is malformed or cannot be written."""
    given = payload if isinstance(payload, dict) else {}
    texts = {name: given.get(name) for name in ("question", "language", "outcome")}
    quotes = given.get("quotes")
    if not all(isinstance(text, str) and len(text) <= _TYPED for text in texts.values()):
        return False
    if not isinstance(quotes, list) or len(json.dumps(quotes)) > 20_000:
        return False
    try:
        keep_verdict({**texts, "good": given.get("good") is True, "quotes": quotes}, path)
    except OSError:
        return False
    return True


def _words(payload: Any) -> Wording:
    language = payload.get("language") if isinstance(payload, dict) else None
    return wording(language if isinstance(language, str) else LANGUAGES[0])


def _frame() -> str:
    """What stands above the question: masthead, switches, conversation and the article's sheet.

    ``data-t`` names the text of an element; the script fills it in the reader's language.
    """
    words = wording(LANGUAGES[0])
    texts = {
        language: {**wording(language).tables["frame"], **_some(wording(language))}
        for language in LANGUAGES
    }
    # In single quotes: JSON is full of double ones, and each would weigh six bytes escaped.
    data = escape(json.dumps(texts, ensure_ascii=False), quote=False).replace("'", "&#39;")
    frame = asset("frame.html").replace("__TEXTS__", data)
    return frame.replace("__TITLE__", escape(words("frame.title")))


def _some(words: Wording) -> dict[str, str]:
    """The texts outside ``[frame]`` that the script shows itself."""
    stages = {f"stage_{key}": text for key, text in words.tables["stage"].items()}
    errors = {name: words(f"errors.{name}") for name in ("rate", "full")}
    errors |= {f"{name}_error": words(f"errors.{name}") for name in ("article", "feedback")}
    return {**stages, **errors, "thanks": words("answer.thanks")}


def _below() -> str:
    """What stands under the question: examples in both languages and the small print."""
    lists = "".join(
        f'<ul class="example-list" lang="{language}">'
        + "".join(_example(example) for example in wording(language).tables["examples"])
        + "</ul>"
        for language in LANGUAGES
    )
    return (
        '<section id="examples" aria-labelledby="examples-head">'
        f'<h2 id="examples-head" data-t="examples"></h2>{lists}</section>'
        '<footer id="small-print"><p data-t="footer"></p></footer>'
    )


def _example(example: dict[str, str]) -> str:
    then = example.get("then", "")
    follow = f'<span class="then">{escape(then)}</span>' if then else ""
    return (
        f'<li><button type="button" class="example" data-do="example"'
        f' data-question="{escape(example["question"])}" data-then="{escape(then)}">'
        f"{escape(example['question'])}{follow}</button></li>"
    )
