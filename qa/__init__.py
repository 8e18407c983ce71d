"""Ask health articles a question; get exact quotes, their source and the marketing marked."""

from corpus.errors import (
    BijsluiterError,
    CorpusError,
    ModelError,
    QuestionError,
    StoreError,
)
from qa.answer import (
    Agreement,
    Answer,
    CitedPassage,
    Flag,
    Group,
    Outcome,
    PlaceOf,
    Quote,
    SentenceSpan,
)
from qa.assistant import Assistant
from qa.reader import Reader, Reading, Span
from qa.retriever import Filters, Retriever

__all__ = [
    "Agreement",
    "Answer",
    "Assistant",
    "BijsluiterError",
    "CitedPassage",
    "CorpusError",
    "Filters",
    "Flag",
    "Group",
    "ModelError",
    "Outcome",
    "PlaceOf",
    "QuestionError",
    "Quote",
    "Reader",
    "Reading",
    "Retriever",
    "SentenceSpan",
    "Span",
    "StoreError",
]
