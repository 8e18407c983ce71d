"""The official SQuAD evaluation (Rajpurkar et al. 2016, 2018), as small pure functions.

Answers are compared in lower case, without punctuation, the articles a, an and the, and runs of
white space. The same rules are used for every language, as XQuAD does.
"""

from __future__ import annotations

import re
import string
from collections import Counter
from collections.abc import Sequence

_ARTICLES = re.compile(r"\b(a|an|the)\b")
_PUNCTUATION = str.maketrans("", "", string.punctuation)


def normalise(answer: str) -> str:
    """The answer as it is compared."""
    return " ".join(_ARTICLES.sub(" ", answer.lower().translate(_PUNCTUATION)).split())


def exact(predicted: str, gold: str) -> float:
    """1.0 where both answers are the same once normalised, else 0.0."""
    return float(normalise(predicted) == normalise(gold))


def f1(predicted: str, gold: str) -> float:
    """The harmonic mean of precision and recall of the answer's words, 0 to 1.

    No answer (the empty string) agrees with no answer only.
    """
    ours, theirs = normalise(predicted).split(), normalise(gold).split()
    if not ours or not theirs:
        return float(ours == theirs)
    shared = sum((Counter(ours) & Counter(theirs)).values())
    return 2 * shared / (len(ours) + len(theirs))


def best(predicted: str, golds: Sequence[str]) -> tuple[float, float]:
    """F1 and exact match against the gold answer that fits best; no golds means no answer."""
    texts = [gold for gold in golds if normalise(gold)] or [""]
    return max(f1(predicted, g) for g in texts), max(exact(predicted, g) for g in texts)
