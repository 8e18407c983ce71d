"""Answer or silence: how sure we are that the articles answer the question.

A logistic regression over a few features of the best passages; its weights and the threshold stand
in ``data/decision.toml`` and are fitted on the project's own questions (``eval/fit.py``).
"""

from __future__ import annotations

import math
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

import numpy as np
from numpy.typing import NDArray
from wordfreq import zipf_frequency

from index.likeness import QuestionWord, met_in
from index.passages import embedding_text
from index.search import Found
from index.words import Words
from qa.defining import to_define
from qa.figures import lacks_figure, lacks_form, lacks_group, lacks_mark, uncounted
from qa.language import WORD_LIST, Language
from qa.phrasing import compared
from qa.reading import Read, bounded, says_what, told_in

Compare = Callable[[Sequence[str], Sequence[Found]], NDArray[np.float32]]

_EVERYDAY = 6.0  # Zipf: words this frequent ("kinderen" 5.75, "mee" 5.99) tell nothing …
_RARE = 3.0  # … and this much below it (sertraline) everything
_TELLS = 0.1
_MAYBE = 0.5  # how far a word is met that cannot be sought in the other language
_WORDS = 5  # the most telling words of a question; each costs a vector


@dataclass(frozen=True, slots=True)
class Decision:
    """The weights of the features, and the confidence from which a question is answered."""

    weights: Mapping[str, float]
    intercept: float
    threshold: float

    def confidence(self, features: Mapping[str, float]) -> float:
        """The chance, 0 to 1, that the best quote answers."""
        total = self.intercept + sum(w * features[name] for name, w in self.weights.items())
        return 1 / (1 + math.exp(-max(-30.0, min(30.0, total))))


@cache
def default_decision() -> Decision:
    """The decision in ``data/decision.toml``."""
    table = tomllib.loads(files("qa").joinpath("data/decision.toml").read_text("utf-8"))
    return Decision(table["weights"], table["intercept"], table["threshold"])


def features(
    found: Sequence[Found],
    reads: Sequence[Read],
    question: str,
    questioned: Sequence[QuestionWord],
    words: Words,
    language: Language,
    compare: Compare,
    *,
    apart: bool = False,
) -> dict[str, float]:
    """What the decision weighs.

    ``score`` of the best unit and its ``margin``, in logits; ``estranged``, how strange the
    question's strangest word is to what was found, a cosine; ``lacks_figure`` and ``lacks_form``:
    whether a figure is asked for and the best quote has none, or another form and the best unit,
    or for whom, or for which of two things, and nothing around it names them;
    ``uncounted``: how far the best unit fails to name what is to be counted; ``undefined``: whether
    it is asked what a thing is and the best unit does not say.

    ``compare``: questions and what was found to the cosines with each of its units, shape
    (questions, units). ``apart``: two things are compared and each is told of by itself; that no
    span alone says how they differ is then no reason to doubt.
    """
    best = reads[0]
    around = " ".join([*best.passage.headings, best.unit.context, best.text])
    met = met_in(questioned, words.terms_in(around))
    thing = to_define(question, questioned)
    quote = best.passage.text[best.start : best.end]
    if told_in(best.passage) != language:  # a word whose translation nobody knows may be there
        met |= {word.word: _MAYBE for word in questioned if not word.terms}
    return {
        "score": best.score,
        "margin": max(bounded(best.margin), 0.0) if apart else bounded(best.margin),
        "estranged": _estranged(found, best, question, questioned, words, language, compare),
        "lacks_figure": float(lacks_figure(question, quote)),
        "lacks_form": float(
            lacks_form(question, best.text)
            or lacks_group(question, around)
            or lacks_mark(compared(question, language), around)
        ),
        "uncounted": uncounted(question, best.text, met),
        "undefined": float(bool(thing) and says_what(best, thing, language) is None),
    }


def estranging(
    question: str, questioned: Sequence[QuestionWord], language: Language
) -> dict[str, str]:
    """The question without each of its most telling words, by the word; what ``features`` compares.

    Empty where no word tells, or where nothing would be left of the question.
    """
    telling = {word.word: _telling(word.word, language) for word in questioned}
    asked = sorted((w for w in telling if telling[w] > _TELLS), key=lambda w: -telling[w])[:_WORDS]
    return {word: _without(word, question) for word in asked} if len(telling) > 1 else {}


def _estranged(
    found: Sequence[Found],
    best: Read,
    question: str,
    questioned: Sequence[QuestionWord],
    words: Words,
    language: Language,
    compare: Compare,
) -> float:
    """How much nearer the question comes to what was found when its strangest word is left out.

    "Is magnesium goed voor konijnen?" is nearer to every passage without its rabbits; a word that
    the passages are about, in either language, would be missed. The mean of the best unit and the
    nearest of all units, weighed by how telling the word is in general; a word that stands in the
    best passage is half excused. 0 where no word is strange.
    """
    without = estranging(question, questioned, language)
    if not without:
        return 0.0
    cosines = compare([question, *without.values()], found)
    first = 0
    for one in found:
        if one.number == best.found.number:
            break
        first += len(one.passage.units)
    own, nearest = cosines[:, first + best.number], cosines.max(axis=1)
    met = met_in(questioned, words.terms_in(embedding_text(best.passage)))
    strange = 0.0
    for word, alone, among in zip(without, own[1:] - own[0], nearest[1:] - nearest[0], strict=True):
        nearer = (max(float(alone), 0.0) + max(float(among), 0.0)) / 2
        strange = max(strange, nearer * math.sqrt(_telling(word, language)) * (1 - met[word] / 2))
    return strange


def _without(word: str, question: str) -> str:
    return " ".join(re.sub(rf"(?i)(?<!\w){re.escape(word)}(?!\w)", " ", question).split())


def _telling(word: str, language: Language) -> float:
    """How much a word tells in general, 0 to 1, by its frequency in the language (wordfreq)."""
    return min(max((_EVERYDAY - zipf_frequency(word, language, WORD_LIST)) / _RARE, 0.0), 1.0)
