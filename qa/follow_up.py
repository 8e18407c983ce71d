"""Complete a follow-up ("En bij ouderen?") from the question before it, without a language model.

What the follow-up is about takes the place of what has the same preposition in the earlier question
("bij slapen" for "bij migraine"), or of the word that is most like it (glycinate for oxide, older
for young) by the encoder's likeness of the two words, rather a rare one; where no word is like it,
the two questions are put side by side. An earlier question that was a follow-up is completed first.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Sequence
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from wordfreq import zipf_frequency

from index.words import content_words, stopwords
from qa.language import WORD_LIST, Language
from qa.phrasing import is_yes_no

Encode = Callable[[list[str]], NDArray[np.float32]]

_LONGEST = 7  # words; a longer question stands on its own unless it leans on another
_LIKE = 0.8  # cosine of two words above which one may take the other's place
_SURELY_LIKE = 0.86  # where the follow-up has a preposition that the earlier question has not
_COMMON = 0.005  # taken off it for a step in Zipf frequency: verbs are commoner than topics
_TURNS = 4  # earlier questions that are looked back upon
_ARTICLES = frozenset({"de", "het", "een", "the", "a", "an"})
_ARTICLE = rf"(?:(?:{'|'.join(sorted(_ARTICLES))})\s+)"
_ADJECTIVE = re.compile(rf"(?i)(?<!\w){_ARTICLE}(?P<own>[\w’'-]+\s+)$")
_NUMBER = re.compile(r"\s+(?:[A-Z]\d{0,2}|\d{1,2})(?!\w)")
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
    asked = _asked(question, language)
    if asked is None:
        return question
    *before, last = history[-_TURNS:]
    earlier = standalone(last.strip(), before, language, encode)
    preposition, topic = _parted(asked)
    if topic:  # in "Waarom?", "Is dat veilig?" all it is about stands in the earlier question
        least = _SURELY_LIKE if preposition else _LIKE
        place = _after(preposition, earlier) or _like(topic, earlier, language, encode, least)
        if place is not None:
            return earlier[: place[0]] + topic + earlier[place[1] :]
    return f"{earlier} {question}"


def _asked(question: str, language: Language) -> str | None:
    """What a follow-up asks of the earlier question, with its preposition ("" where that is not
    said); None for a question of its own."""
    table = _table(language)
    text = question.strip().rstrip("?!. ").strip()
    lower = text.lower()
    if lower in table["bare"]:
        return ""
    words = lower.split()
    leans = any(word in table["leaning"] for word in words)
    for opening in table["opening"]:
        if lower.startswith(opening + " ") and len(words) <= _LONGEST:
            asked = text[len(opening) :].strip()
            if asked.split()[0].lower() not in table["asking"]:
                return asked
            return "" if leans else None
    if leans and len(words) <= _LONGEST and len(content_words(text)) <= 1:
        return ""
    return None


def _parted(asked: str) -> tuple[str, str]:
    """The preposition, and the topic from its article or first content word on."""
    words = asked.split()
    drop = stopwords() - _ARTICLES
    preposition = ""
    while len(words) > 1 and words[0].lower() in drop:
        preposition, *words = words
    return preposition, " ".join(words)


def _after(preposition: str, earlier: str) -> tuple[int, int] | None:
    """Where what follows a preposition in the earlier question stands, with its article."""
    if not preposition:
        return None
    found = re.search(rf"(?i)(?<!\w){re.escape(preposition)}\s+(?={_ARTICLE}?[\w’'-])", earlier)
    if found is None:
        return None
    end = found.end()
    for word in _WORD.finditer(earlier, end):
        named = word.group().lower() not in stopwords()
        if earlier[end : word.start()].strip() or not (named or word.group().lower() in _ARTICLES):
            break
        end = word.end()
    return (found.end(), end) if end > found.end() else None


def _like(
    topic: str, earlier: str, language: Language, encode: Encode, least: float
) -> tuple[int, int] | None:
    """Where the content word most like the topic stands in the earlier question, if any is like it.

    With its article where the topic has one, and the letter or number behind it ("vitamine D").
    """
    drop = stopwords()
    candidates = [
        word
        for word in _WORD.finditer(earlier)
        if word.group().lower() not in drop and len(word.group()) > 2
    ]
    if verb := _verb(earlier, language):
        candidates = [word for word in candidates if word.span() != verb]
    about = content_words(topic)
    if not candidates or not about:
        return None
    vectors = encode([about[-1], *(word.group().lower() for word in candidates)])
    likeness = vectors[1:] @ vectors[0]
    common = [zipf_frequency(word.group(), language, WORD_LIST) for word in candidates]
    best = int((likeness - _COMMON * np.array(common)).argmax())
    if likeness[best] < least:
        return None
    start, end = candidates[best].span()
    if number := _NUMBER.match(earlier, end):
        end = number.end()
    if adjective := _ADJECTIVE.search(earlier, 0, start):
        start = adjective.start("own")
    if topic.split(maxsplit=1)[0].lower() in _ARTICLES:
        article = re.search(rf"(?i)(?<!\w){_ARTICLE}$", earlier[:start])
        start = article.start() if article else start
    return start, end


def _verb(earlier: str, language: Language) -> tuple[int, int] | None:
    """Where the verb stands that a question begins with, or has behind its first word."""
    words = [word.span() for word in _WORD.finditer(earlier)]
    if is_yes_no(earlier, language):
        return words[0]
    asks = bool(words) and earlier[slice(*words[0])].lower() in _table(language)["asking"]
    return words[1] if asks and len(words) > 1 else None
