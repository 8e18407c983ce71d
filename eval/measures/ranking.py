"""How well a ranking finds the gold, with graded relevance.

A ranking is a sequence of ranks, best first; each rank holds the ids of the gold it hits, which
may be none, one (an ordinary document ranking) or several (a passage that covers two gold
sentences). ``grades`` maps every gold id to its relevance. Where every rank holds exactly one id
of its own, the values equal those of trec_eval (through ``ir-measures``), as a test holds.

Ids that stand in an earlier rank count nothing again: reading the same sentence twice helps nobody.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from math import log2

Ranking = Sequence[Collection[str]]
Grades = Mapping[str, int]


def hit_at_k(ranking: Ranking, grades: Grades, k: int, rel: int = 2) -> float | None:
    """1.0 when a gold of at least ``rel`` is among the first ``k`` ranks, else 0.0.

    Also called success@k (trec_eval ``success``). None when there is no such gold.
    """
    if not _relevant(grades, rel):
        return None
    return float(bool(_relevant(grades, rel) & _ids(ranking[:k])))


def recall_at_k(ranking: Ranking, grades: Grades, k: int, rel: int = 2) -> float | None:
    """The share of the gold of at least ``rel`` that the first ``k`` ranks hit.

    Manning, Raghavan, Schütze, Introduction to Information Retrieval (2008), 8.3. None when
    there is no such gold.
    """
    relevant = _relevant(grades, rel)
    return len(relevant & _ids(ranking[:k])) / len(relevant) if relevant else None


def reciprocal_rank(ranking: Ranking, grades: Grades, rel: int = 2) -> float | None:
    """1 / rank of the first hit of at least ``rel``, 0.0 when there is none; its mean is MRR.

    Voorhees, The TREC-8 Question Answering Track Report (1999). None when there is no such gold.
    """
    relevant = _relevant(grades, rel)
    if not relevant:
        return None
    for rank, ids in enumerate(ranking, start=1):
        if not relevant.isdisjoint(ids):
            return 1 / rank
    return 0.0


def ndcg_at_k(ranking: Ranking, grades: Grades, k: int) -> float | None:
    """Discounted cumulative gain of the first ``k`` slots over that of the ideal order.

    Gain is the grade itself and the discount log2(1 + slot), as in trec_eval ``ndcg_cut``; Järvelin
    and Kekäläinen, Cumulated gain-based evaluation of IR techniques (2002). A rank that hits
    several gold fills as many slots, highest grade first, so the value never exceeds 1. None when
    no gold has a grade above 0.
    """
    ideal = sorted((grade for grade in grades.values() if grade > 0), reverse=True)
    if not ideal:
        return None
    gains = [grades.get(slot, 0) for slot in _slots(ranking, grades)]
    return _dcg(gains[:k]) / _dcg(ideal[:k])


def average_precision(ranking: Ranking, grades: Grades, rel: int = 2) -> float | None:
    """Mean precision at the slots that find the gold of at least ``rel``; its mean is MAP.

    Gold that is never found counts 0. Manning, Raghavan, Schütze (2008), 8.4; slots as in
    ``ndcg_at_k``. None when there is no such gold.
    """
    relevant = _relevant(grades, rel)
    if not relevant:
        return None
    found, total = 0, 0.0
    for slot, gold in enumerate(_slots(ranking, grades), start=1):
        if gold in relevant:
            found += 1
            total += found / slot
    return total / len(relevant)


def _relevant(grades: Grades, rel: int) -> set[str]:
    return {gold for gold, grade in grades.items() if grade >= rel}


def _ids(ranking: Ranking) -> set[str]:
    return {gold for ids in ranking for gold in ids}


def _slots(ranking: Ranking, grades: Grades) -> list[str]:
    """One id a slot; a rank that hits nothing new takes one slot with the empty id."""
    slots: list[str] = []
    seen: set[str] = set()
    for ids in ranking:
        # Grade first, then id: the order of a set must not decide a figure.
        new = sorted(set(ids) - seen, key=lambda gold: (-grades.get(gold, 0), gold))
        seen.update(new)
        slots.extend(new or [""])
    return slots


def _dcg(gains: Sequence[float]) -> float:
    return sum(gain / log2(1 + slot) for slot, gain in enumerate(gains, start=1))
