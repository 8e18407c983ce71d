"""Complete a follow-up ("En bij ouderen?") from the question before it, without a language model.

What the follow-up is about takes the place of the word in the earlier question that is most like
it (glycinate for oxide, older for young), by the encoder's likeness of the two words; where no
word is like it, the two questions are put side by side.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray

from index.words import content_words, stopwords
from qa.language import Language

Encode = Callable[[list[str]], NDArray[np.float32]]

_LONGEST = 7  # words; a longer question stands on its own unless it leans on another
_LIKE = 0.86  # cosine of two words above which one may take the other's place
_ARTICLES = frozenset({"de", "het", "een", "the", "a", "an"})
_WORD = re.compile(r"[\w’'-]+")


@cache
def _table(language: Language) -> dict[str, tuple[str, ...]]:
    table = tomllib.loads(files("qa").joinpath("data/follow_up.toml").read_text("utf-8"))[language]
    return {name: tuple(sorted(rows, key=len, reverse=True)) for name, rows in table.items()}


def standalone(question: str, history: Sequence[str], language: Language, encode: Encode) -> str:
    """The question as it would be asked without the conversation.

    ``history``: earlier questions of the same reader, oldest first. ``encode``: words to unit
    vectors, shape (n, dim).
    """
    if not history:
        return question
    topic = _topic(question, language)
    if topic is None:
        return question
    earlier = history[-1].strip()
    if not topic:  # "Waarom?", "Is dat veilig?": all it is about stands in the earlier question
        return f"{earlier} {question}"
    word = _like(topic, earlier, encode)
    if word is None:
        return f"{earlier} {question}"
    return re.sub(rf"(?<!\w){re.escape(word)}(?!\w)", topic, earlier, count=1)


def _topic(question: str, language: Language) -> str | None:
    """What a follow-up is about ("" where that is not said); None for a question of its own."""
    table = _table(language)
    text = question.strip().rstrip("?!. ").strip()
    lower = text.lower()
    if lower in table["bare"]:
        return ""
    words = lower.split()
    for opening in table["opening"]:
        if lower.startswith(opening + " ") and len(words) <= _LONGEST:
            return _without_preposition(text[len(opening) :].strip())
    leans = any(word in table["leaning"] for word in words)
    if leans and len(words) <= _LONGEST and len(content_words(text)) <= 1:
        return ""
    return None


def _without_preposition(topic: str) -> str:
    """The topic from its article or first content word on: "bij ouderen" is about ouderen."""
    words = topic.split()
    drop = stopwords() - _ARTICLES
    while len(words) > 1 and words[0].lower() in drop:
        words = words[1:]
    return " ".join(words)


def _like(topic: str, earlier: str, encode: Encode) -> str | None:
    """The content word of the earlier question most like the topic, if any is like it."""
    drop = stopwords()
    candidates = [w for w in _WORD.findall(earlier) if w.lower() not in drop and len(w) > 2]
    about = content_words(topic)
    if not candidates or not about:
        return None
    vectors = encode([about[-1], *(word.lower() for word in candidates)])
    likeness = vectors[1:] @ vectors[0]
    best = int(likeness.argmax())
    return candidates[best] if likeness[best] >= _LIKE else None
