"""What each signal of the ranking brings: the same index searched with other weights.

*By rank* joins the passages' cosines and words by reciprocal rank fusion (k = 60), as most hybrid
searches do: it is what ``index.search`` does not do, and why.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np

from index.likeness import met
from index.search import Found, Index, Weights

RANKINGS: Mapping[str, Weights] = {
    "passage vectors": Weights(1, 0, 0),
    "unit vectors": Weights(0, 1, 0),
    "both": Weights(0.5, 0.5, 0),
    "both and words, 0.04": Weights(0.5, 0.5, 0.04),
    "both and words, 0.08": Weights(0.5, 0.5, 0.08),
    "both and words, 0.16": Weights(0.5, 0.5, 0.16),
    "words": Weights(0, 0, 1),
}
BY_RANK = "passage vectors and words, by rank"
_FUSION = 60


def searched(home: Path, questions: Sequence[str], k: int) -> dict[str, list[list[Found]]]:
    """What every ranking finds for every question, best first."""
    index = Index.open(home)
    found = {
        name: [index.reweighed(weights).search(question, k) for question in questions]
        for name, weights in RANKINGS.items()
    }
    found[BY_RANK] = [_by_rank(index, question, k) for question in questions]
    return found


def _by_rank(index: Index, question: str, k: int) -> list[Found]:
    every = index.reweighed(RANKINGS["passage vectors"]).search(question, len(index.passages))
    meaning = np.array([one.number for one in every])
    words = met(index.question_words(question), index.words)
    ranks = np.empty(len(index.passages))
    ranks[meaning] = np.arange(len(meaning))
    worded = np.argsort(np.argsort(-words, kind="stable"), kind="stable")
    score = 1 / (_FUSION + 1 + ranks) + 1 / (_FUSION + 1 + worded)
    best = np.argsort(-score, kind="stable")[:k]
    by_number = {one.number: one for one in every}
    return [by_number[int(number)] for number in best if int(number) in by_number]
