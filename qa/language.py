"""Is a question Dutch or English? Told by how frequent its words are in either (wordfreq)."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Literal

from corpus.errors import QuestionError

Language = Literal["nl", "en"]

WORD_LIST = "small"  # wordfreq's: the words met once in a million or more; loads in 20 ms
_OTHERS = {"fr": "French", "de": "German", "es": "Spanish", "it": "Italian"}
_UNLISTED = 1e-7  # frequency of a word that is not in the list
_LIKELIER = math.log(2)  # less apart, neither Dutch nor English is likelier
_SURE = 3.0  # log-odds (20 to 1) from which a question in another language is turned away
_FEWEST_WORDS = 4  # shorter questions are never turned away: names and terms look foreign
_ORDINARY = -9.0  # mean log-frequency of words that are surely ours: one in 8,000


def detect(question: str, default: Language = "nl") -> Language:
    """The language of a question; QuestionError for one that is surely neither.

    Of the two, the likelier; ``default`` where neither is likelier (a bare term).
    """
    words = _words(question)
    ours = _likelihoods(words, ("nl", "en"))
    other = _other(words, max(ours.values()))
    if other is not None and len(question.split()) >= _FEWEST_WORDS:
        raise QuestionError(f"This question looks {other}; ask it in Dutch or English.")
    return _likelier(ours, default)


def likelier(text: str, default: Language = "nl") -> Language:
    """Dutch or English, whichever is likelier, whatever else the text may be."""
    return _likelier(_likelihoods(_words(text), ("nl", "en")), default)


def _words(text: str) -> list[str]:
    """Words as wordfreq counts them, without those that hold figures."""
    from wordfreq.tokens import simple_tokenize

    return [w for w in simple_tokenize(text) if not any(letter.isdigit() for letter in w)]


def _likelihoods(words: Sequence[str], languages: Iterable[str]) -> dict[str, float]:
    """The log-likelihood of the words in each language, taken one by one."""
    return {
        language: sum(math.log(_frequencies(language).get(word, _UNLISTED)) for word in words)
        for language in languages
    }


@cache
def _frequencies(language: str) -> Mapping[str, float]:
    from wordfreq import get_frequency_dict

    found: Mapping[str, float] = get_frequency_dict(language, WORD_LIST)
    return found


def _other(words: Sequence[str], ours: float) -> str | None:
    """The name of another language that is surely likelier; its words are loaded when needed."""
    if not words or ours / len(words) >= _ORDINARY:
        return None
    others = _likelihoods(words, _OTHERS)
    best = max(others, key=lambda language: others[language])
    return _OTHERS[best] if others[best] - ours >= _SURE else None


def _likelier(ours: Mapping[str, float], default: Language) -> Language:
    apart = ours["nl"] - ours["en"]
    if abs(apart) < _LIKELIER:
        return default
    return "nl" if apart > 0 else "en"
