"""A tiny world: two texts, four questions and an assistant that answers from a script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from corpus.errors import QuestionError
from qa.answer import Agreement, Answer, CitedPassage, Flag, Outcome, Quote, SentenceSpan

TEXTS = {
    "een.txt": "Magnesium doet mee in 300 enzymen. Noten en zaden bevatten magnesium.",
    "twee.txt": "Volgens ons zijn het er 600. Neem advies van een arts. 'Ünïcode' 👍 eind.",
}


def span(file: str, words: str, rel: int = 2, **more: Any) -> dict[str, Any]:
    start = TEXTS[file].index(words)
    return {"file": file, "start": start, "end": start + len(words), "rel": rel, **more}


def answer_span(file: str, words: str, rel: int = 2, **more: Any) -> dict[str, Any]:
    return span(file, words, rel, text=words, **more)


NUMBER = {
    "id": "t1",
    "lang": "nl",
    "question": "Hoeveel enzymen?",
    "type": "number",
    "expected": "answer",
    "match": "conflict",
    "tags": ["conflict"],
    "pair": "p1",
    "answers": [
        answer_span("een.txt", "300", group="300"),
        answer_span("twee.txt", "600", group="600"),
    ],
    "passages": [
        span("een.txt", "Magnesium doet mee in 300 enzymen."),
        span("twee.txt", "Volgens ons zijn het er 600."),
    ],
}
LIST = {
    "id": "t2",
    "lang": "nl",
    "question": "Waar zit magnesium in?",
    "type": "list",
    "expected": "answer",
    "match": "list",
    "answers": [answer_span("een.txt", "Noten en zaden")],
    "passages": [span("een.txt", "Noten en zaden bevatten magnesium.")],
    "items": [answer_span("een.txt", "Noten"), answer_span("een.txt", "zaden")],
}
ENGLISH = {**NUMBER, "id": "t3", "lang": "en", "question": "How many enzymes?"}
UNANSWERABLE = {
    "id": "t4",
    "lang": "en",
    "question": "How much zinc?",
    "type": "unanswerable",
    "expected": "abstain",
}
MEDICAL = {
    "id": "t5",
    "lang": "nl",
    "question": "Moet ik stoppen?",
    "type": "medical_advice",
    "expected": "general_info_and_refer",
    "context_passages": [span("twee.txt", "Neem advies van een arts.")],
}
ALL = [NUMBER, LIST, ENGLISH, UNANSWERABLE, MEDICAL]


@dataclass
class Script:
    """What the assistant says to a question: an outcome, quotes and passages as (file, words)."""

    outcome: Outcome = Outcome.ANSWERED
    confidence: float = 0.9
    quotes: Sequence[tuple[str, str]] = ()
    passages: Sequence[tuple[str, str]] = ()


@dataclass
class FakeAssistant:
    """Answers from scripts by question; notes what it was asked."""

    scripts: dict[str, Script]
    asked: list[tuple[str, tuple[str, ...]]] = field(default_factory=list)
    break_at: int | None = None

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        self.asked.append((question, tuple(history)))
        if self.break_at is not None and len(self.asked) > self.break_at:
            raise KeyboardInterrupt
        if question not in self.scripts:
            raise QuestionError("Too strange a question; ask another.")
        script = self.scripts[question]
        return Answer(
            question=question,
            language="nl",
            standalone_question=question,
            outcome=script.outcome,
            confidence=script.confidence,
            answers=tuple(self._quote(*each) for each in script.quotes),
            passages=tuple(self._passages(script.passages)),
            agreement=Agreement(),
            timings_ms={"retrieve": 1.0, "read": 2.0, "total": 3.0},
        )

    def search(self, question: str, k: int = 5) -> list[CitedPassage]:
        return list(self._passages(self.scripts[question].passages))[:k]

    def _quote(self, file: str, words: str) -> Quote:
        start = TEXTS[file].index(words)
        end = start + len(words)
        return Quote(words, file, start, end, SentenceSpan(start, end), 0.9)

    def _passages(self, given: Sequence[tuple[str, str]]) -> list[CitedPassage]:
        found = []
        for rank, (file, words) in enumerate(given, start=1):
            start = TEXTS[file].index(words)
            found.append(
                CitedPassage(
                    rank=rank,
                    source=file,
                    publisher="P",
                    article="",
                    section=(),
                    start=start,
                    end=start + len(words),
                    text=words,
                    score=1 / rank,
                )
            )
        return found


SCRIPTS = {
    "Hoeveel enzymen?": Script(
        quotes=[("een.txt", "300")],
        passages=[("twee.txt", "Neem advies"), ("een.txt", "doet mee in 300 enzymen")],
    ),
    "Waar zit magnesium in?": Script(
        confidence=0.6,
        quotes=[("een.txt", "Noten en zaden")],
        passages=[("een.txt", "Noten en zaden bevatten magnesium.")],
    ),
    "How many enzymes?": Script(
        outcome=Outcome.NOT_IN_SOURCES, confidence=0.3, passages=[("een.txt", "Magnesium doet")]
    ),
    "How much zinc?": Script(
        confidence=0.4, quotes=[("een.txt", "Magnesium")], passages=[("een.txt", "Magnesium")]
    ),
    "Moet ik stoppen?": Script(
        outcome=Outcome.SEE_A_PROFESSIONAL,
        confidence=0.0,
        passages=[("twee.txt", "Neem advies van een arts.")],
    ),
}


def no_flags(_: str) -> list[Flag]:
    return []
