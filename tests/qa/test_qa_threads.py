"""One open assistant, many threads: the same answers as one thread gets, and an event loop's."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import Any, TypeVar

import pytest

from index.embedding import Vectors
from qa import Answer, Assistant

Result = TypeVar("Result")

QUESTIONS = (
    "Welke vorm van magnesium passeert de bloed-hersenbarrière?",
    "How much magnesium do adults need each day?",
    "Helpt zink tegen griep?",
    "Waar zit magnesium in?",
)


def _untimed(answer: Answer) -> Answer:
    return replace(answer, timings_ms={})


def test_many_threads_get_the_answers_of_one(assistant: Assistant) -> None:
    alone = [_untimed(assistant.ask(question)) for question in QUESTIONS]
    fresh = Assistant(assistant.retriever, assistant.reader)  # its flags are yet to be found
    with ThreadPoolExecutor(6) as pool:
        together = list(pool.map(fresh.ask, QUESTIONS * 3))
    assert [_untimed(answer) for answer in together] == alone * 3


def test_what_the_decision_compares_is_encoded_with_the_question(
    assistant: Assistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    question, without = "Helpt magnesium bij jetlag?", "Helpt magnesium bij ?"
    embedder, encoded = assistant.retriever.index.embedder, list[set[str]]()
    encode = embedder.embed_queries

    def watched(texts: Sequence[str]) -> Vectors:
        encoded.append(set(texts))
        return encode(texts)

    monkeypatch.setattr(embedder, "embed_queries", watched)
    Assistant(assistant.retriever, assistant.reader).ask(question)
    assert {question, without} <= encoded[0]
    assert set().union(*encoded) == encoded[0], "nothing is encoded one by one after that"


def _run(coroutine: Coroutine[Any, Any, Result]) -> Result:
    """In a thread of its own: the browser tests leave a running event loop in this one."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(asyncio.run, coroutine).result()


def test_an_event_loop_gets_them_too(assistant: Assistant) -> None:
    async def asked() -> list[Answer]:
        return await asyncio.gather(*map(assistant.ask_async, QUESTIONS))

    alone = [_untimed(assistant.ask(question)) for question in QUESTIONS]
    for _ in range(2):  # from one event loop after another
        assert [_untimed(answer) for answer in _run(asked())] == alone


def test_the_event_loop_goes_on_meanwhile(assistant: Assistant) -> None:
    async def ticks() -> int:
        asking = asyncio.ensure_future(assistant.ask_async("Waar helpt magnesium bij kramp?"))
        count = 0
        while not asking.done():
            count += 1
            await asyncio.sleep(0.001)
        await asking
        return count

    assert _run(ticks()) > 1
