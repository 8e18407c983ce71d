"""Check a question before anything is done with it."""

from __future__ import annotations

import unicodedata

from corpus.errors import QuestionError

LONGEST = 1000  # characters; longer is a pasted text, not a question
_ALLOWED_CONTROLS = frozenset("\t\n\r")


def checked(question: str) -> str:
    """The question without outer white space; QuestionError where it cannot be asked."""
    text = question.strip()
    if not text:
        raise QuestionError("The question is empty; type a question in Dutch or English.")
    if len(text) > LONGEST:
        raise QuestionError(
            f"The question has {len(text):,} characters; ask it in at most {LONGEST:,}."
        )
    if any(unicodedata.category(c) in ("Cc", "Cs") and c not in _ALLOWED_CONTROLS for c in text):
        raise QuestionError("The question holds control characters; remove them and ask again.")
    if not any(c.isalnum() for c in text):
        raise QuestionError("The question has no words; type a question in Dutch or English.")
    return text
