"""Answer or silence: how sure we are that the articles answer the question.

A logistic regression over a few features of the best passages; its weights and the threshold stand
in ``data/decision.toml`` and are fitted on the project's own questions (``eval/fit.py``).
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from wordfreq import zipf_frequency

from index.likeness import QuestionWord, met_in
from index.passages import embedding_text
from index.search import Found
from index.words import Words
from qa.figures import asks_figure, has_figure
from qa.language import WORD_LIST, Language
from qa.reading import Read

_NEAREST = 3  # passages in which the question's words are looked for
_EVERYDAY = 6.0  # Zipf: words this frequent ("kinderen" 5.75, "mee" 5.99) tell nothing …
_RARE = 3.0  # … and this much below it (sertraline) everything


@dataclass(frozen=True, slots=True)
class Decision:
    """The weights of the features, and the confidence from which a question is answered."""

    weights: Mapping[str, float]
    intercept: float
    threshold: float

    def confidence(self, features: Mapping[str, float]) -> float:
        """The chance, 0 to 1, that the articles answer."""
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
) -> dict[str, float]:
    """What the decision weighs.

    ``score`` of the best unit; ``margin``, the reader's largest, in logits; ``meaning``, the cosine
    of the first passage; ``met``, the share of
    the question's telling words that the nearest passages meet in either language; ``unmet``, the
    most telling word that they do not (zinc, sertraline), both 0 to 1; ``figure`` and
    ``no_figure``: whether a figure is asked for, and whether the best unit then lacks one.
    """
    met = {word.word: 0.0 for word in questioned}
    for one in found[:_NEAREST]:
        for word, like in met_in(questioned, words.terms_in(embedding_text(one.passage))).items():
            met[word] = max(met[word], like)
    asked = asks_figure(question)
    telling = {word: _telling(word, language) for word in met}
    total = sum(telling.values())
    return {
        "score": reads[0].score,
        "margin": max(read.margin for read in reads),
        "meaning": found[0].meaning,
        "met": sum(telling[word] * met[word] for word in met) / total if total else 0.0,
        "unmet": max((telling[word] * (1 - met[word]) for word in met), default=0.0),
        "figure": float(asked),
        "no_figure": float(asked and not has_figure(reads[0].text)),
    }


def _telling(word: str, language: Language) -> float:
    """How much a word tells in general, 0 to 1, by its frequency in the language (wordfreq)."""
    return min(max((_EVERYDAY - zipf_frequency(word, language, WORD_LIST)) / _RARE, 0.0), 1.0)
