"""The typed endpoints for programs: /ask, /search and /flags, and the same three as MCP tools.

Their docstrings and annotations are what gradio_client, the OpenAPI description and an assistant
that uses the tools get to see.
"""

from __future__ import annotations

import json
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import asdict, replace
from typing import Any, TypeVar

import gradio as gr
from gradio.events import api as endpoint_at

from chat.desk import Desk, Opened, checked
from chat.talk import error_text
from chat.wording import LANGUAGES, wording
from qa.language import detect

T = TypeVar("T")

_MOST = 20  # passages a search gives at most


def add_endpoints(desk: Desk) -> None:
    """Define the endpoints in the current ``gr.Blocks``."""

    async def ask(question: str, history: list[str] | None = None) -> dict[str, Any]:
        """Answer a question from Dutch health articles with verbatim quotes.

        Returns the JSON contract: outcome (answered, not_in_sources or see_a_professional),
        answers (each an exact quote with source and character offsets), passages with publisher
        and marketing flags, and whether publishers agree. Nothing is generated: if the articles
        do not say it, outcome is not_in_sources.

        Args:
            question: The question, in Dutch or English, at most 1,000 characters.
            history: Earlier questions of the same conversation, oldest first, for a follow-up.
        """
        return await _told(lambda: _ask(desk, question, history or []))

    async def search(question: str, k: int = 5) -> list[dict[str, Any]]:
        """Find the passages of the articles that fit a question best, without answering it.

        Returns passages with rank, source, publisher, what the publisher sells, article,
        section, text, character offsets and marketing flags.

        Args:
            question: What to look for, in Dutch or English, at most 1,000 characters.
            k: How many passages, 1 to 20.
        """
        return await _told(lambda: _search(desk, question, k))

    async def flags(source: str, language: str = "nl") -> list[dict[str, Any]]:
        """List the marketing flags in one article, each with its words and what it is based on.

        Returns flags with type, character offsets, severity, label, why and basis.

        Args:
            source: The article's file name as in a citation, for instance magtein-blog.txt.
            language: Language of label and why: nl or en.
        """
        return await _told(lambda: _flags(desk, source, language))

    # queue=False lets an MCP tool call the function itself; with a queue Gradio would call back
    # over HTTP, at whatever host the request names. Programs pass the queue all the same.
    for name, endpoint in {"ask": ask, "search": search, "flags": flags}.items():
        endpoint_at(endpoint, api_name=name, queue=False, concurrency_limit=64)


def give_tools_json(server: Any) -> None:
    """Let a Gradio MCP server answer with JSON; by itself it gives Python's ``repr``."""
    from mcp.types import TextContent

    def as_text(data: Sequence[Any], root_url: str) -> list[TextContent]:
        texts = (json.dumps(one, ensure_ascii=False) for one in data)
        return [TextContent(type="text", text=text) for text in texts]

    server.postprocess_output_data = as_text


async def _told(call: Callable[[], Awaitable[T]]) -> T:
    """Errors for programs: one sentence in English, never a traceback."""
    try:
        return await call()
    except gr.Error:
        raise
    except Exception as error:
        message = error_text(error, wording("en"))
        raise gr.Error(message, print_exception=False) from error


async def _ask(desk: Desk, question: str, history: list[str]) -> dict[str, Any]:
    past = [entry for entry in history if isinstance(entry, str)]
    return (await desk.ask(question, past)).to_dict()


async def _search(desk: Desk, question: str, k: int) -> list[dict[str, Any]]:
    asked = checked(question)
    if not isinstance(k, int) or not 1 <= k <= _MOST:
        raise gr.Error(f"k must be a whole number from 1 to {_MOST}", print_exception=False)
    return await desk.work(lambda: _flagged(desk.opened(), asked, k))


def _flagged(opened: Opened, question: str, k: int) -> list[dict[str, Any]]:
    """Passages with the flags that stand in them, labelled in the question's language."""
    language = detect(question)
    found = []
    for passage in opened.searcher.search(question, k):
        flags = opened.assistant.flags(opened.documents[passage.source], language)
        inside = tuple(f for f in flags if f.start < passage.end and f.end > passage.start)
        found.append(asdict(replace(passage, flags=inside)))
    return found


async def _flags(desk: Desk, source: str, language: str) -> list[dict[str, Any]]:
    if language not in LANGUAGES:
        raise gr.Error("language must be nl or en", print_exception=False)

    def find() -> list[dict[str, Any]]:
        document = desk.documents().get(source)
        if document is None:
            names = ", ".join(sorted(desk.documents()))
            raise gr.Error(f"source must be one of: {names}", print_exception=False)
        return [asdict(flag) for flag in desk.opened().assistant.flags(document, language)]

    return await desk.work(find)
