"""Is a question Dutch or English?"""

from __future__ import annotations

from functools import cache
from typing import Literal

from lingua import Language as _Lingua
from lingua import LanguageDetector, LanguageDetectorBuilder

from corpus.errors import QuestionError

Language = Literal["nl", "en"]

_OURS: dict[_Lingua, Language] = {_Lingua.DUTCH: "nl", _Lingua.ENGLISH: "en"}
_OTHERS = (_Lingua.FRENCH, _Lingua.GERMAN, _Lingua.SPANISH, _Lingua.ITALIAN)
_SURE = 0.9  # how sure the detector must be before a question is turned away
_FEWEST_WORDS = 4  # shorter questions are never turned away: names and terms look foreign


@cache
def _detector() -> LanguageDetector:
    return LanguageDetectorBuilder.from_languages(*_OURS, *_OTHERS).build()


def detect(question: str, default: Language = "nl") -> Language:
    """The language of a question; QuestionError for one that is surely neither.

    Of the two, the likelier; ``default`` where neither is likelier (a bare term).
    """
    values = _confidences(question)
    best = max(values, key=lambda language: values[language])
    if best not in _OURS and values[best] >= _SURE and len(question.split()) >= _FEWEST_WORDS:
        raise QuestionError(
            f"This question looks {best.name.capitalize()}; ask it in Dutch or English."
        )
    return _likelier(values, default)


def likelier(text: str, default: Language = "nl") -> Language:
    """Dutch or English, whichever is likelier, whatever else the text may be."""
    return _likelier(_confidences(text), default)


def _confidences(text: str) -> dict[_Lingua, float]:
    return {v.language: v.value for v in _detector().compute_language_confidence_values(text)}


def _likelier(values: dict[_Lingua, float], default: Language) -> Language:
    dutch, english = values[_Lingua.DUTCH], values[_Lingua.ENGLISH]
    if dutch == english:
        return default
    return "nl" if dutch > english else "en"
