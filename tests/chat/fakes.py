"""An assistant for tests that need hostile articles, slow answers or failures.

It answers from the words it is given with the real dataclasses; the browser tests of the page's
everyday work use the real assistant.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from hashlib import sha256

from chat.desk import Opened
from corpus.model import Article, Block, Document, Kind, Source
from qa.answer import (
    Agreement,
    Answer,
    CitedPassage,
    Flag,
    Outcome,
    Quote,
    SentenceSpan,
)


def document(name: str, text: str, *, title: str = "", publisher: str = "Uitgever") -> Document:
    """A document with a heading (its first line) and paragraphs."""
    blocks = []
    for index, found in enumerate(re.finditer(r"\S(?:.*\S)?", text)):
        kind = Kind.HEADING if index == 0 else Kind.PARAGRAPH
        blocks.append(Block(kind, found.start(), found.end()))
    source = Source(
        file=name,
        title=title or name,
        publisher=publisher,
        publisher_kind="seller",
        sells=("food supplements",),
        provenance={"publisher": "text"},
    )
    return Document(
        name,
        text,
        sha256(text.encode()).hexdigest(),
        source,
        (Article(title or name, 0, len(text)),),
        tuple(blocks),
    )


class FakeAssistant:
    """Answers every question with the paragraphs of its documents that share a word with it."""

    def __init__(
        self, documents: Sequence[Document], *, act: Callable[[str], None] | None = None
    ) -> None:
        self.documents = tuple(documents)
        self._act = act
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def opened(self) -> Opened:
        by_name = {one.name: one for one in self.documents}
        return Opened(self, self, self, by_name, lambda language: {}, {"version": "test"})

    def ask(
        self,
        question: str,
        history: Sequence[str] = (),
        *,
        on_stage: Callable[[str], None] | None = None,
    ) -> Answer:
        began = time.perf_counter()
        if on_stage is not None:
            on_stage("found")
        self.asked.append((question, tuple(history)))
        if self._act is not None:
            self._act(question)
        words = {w for w in re.findall(r"\w+", question.lower()) if len(w) > 3}
        passages: list[CitedPassage] = []
        for doc in self.documents:
            for block in doc.blocks:
                text = doc.text[block.start : block.end]
                if block.kind is Kind.PARAGRAPH and words & set(re.findall(r"\w+", text.lower())):
                    passages.append(self._passage(doc, block, len(passages) + 1))
        quotes = tuple(
            Quote(p.text, p.source, p.start, p.end, SentenceSpan(p.start, p.end), 0.9)
            for p in passages[:2]
        )
        outcome = Outcome.ANSWERED if quotes else Outcome.NOT_IN_SOURCES
        return Answer(
            question,
            "nl",
            question,
            outcome,
            0.8 if quotes else 0.1,
            quotes,
            tuple(passages[:10]),
            Agreement(len({q.source for q in quotes})),
            {"total": (time.perf_counter() - began) * 1000},
        )

    def search(self, question: str, k: int = 5) -> Sequence[CitedPassage]:
        return [replace(p, flags=()) for p in self.ask(question).passages[:k]]

    def flags(self, document: Document, language: str) -> Sequence[Flag]:
        return tuple(
            flag
            for block in document.blocks
            if block.kind is Kind.PARAGRAPH
            for flag in self._flags(document, block)
        )

    def _passage(self, doc: Document, block: Block, rank: int) -> CitedPassage:
        return CitedPassage(
            rank=rank,
            source=doc.name,
            publisher=doc.source.publisher,
            article=doc.articles[0].title,
            section=(doc.text[doc.blocks[0].start : doc.blocks[0].end],),
            start=block.start,
            end=block.end,
            text=doc.text[block.start : block.end],
            score=1.0 / rank,
            flags=self._flags(doc, block),
            publisher_kind=doc.source.publisher_kind,
            sells=doc.source.sells,
        )

    def _flags(self, doc: Document, block: Block) -> tuple[Flag, ...]:
        text = doc.text[block.start : block.end]
        end = block.start + max(1, len(text) // 2)
        return (
            Flag(
                "brand_promotion",
                block.start,
                end,
                block.start,
                min(end, block.start + 12),
                "high",
                f"Merkpromotie {text[:20]}",
                f"Waarom: {text[:60]}",
                (f"Regel {text[:40]}",),
                f"Noot {text[:30]}",
            ),
        )
