"""Ranking measures: worked by hand, and equal to trec_eval's on random runs with ties."""

from __future__ import annotations

import random
from collections.abc import Callable
from math import log2

import ir_measures
import pytest

from eval.measures import ranking

Measure = Callable[[list[list[str]], dict[str, int]], float | None]

TREC: dict[str, tuple[object, Measure]] = {
    **{
        f"hit@{k}": (
            ir_measures.Success(rel=2) @ k,
            lambda run, gold, k=k: ranking.hit_at_k(run, gold, k),
        )
        for k in (1, 3, 5, 10)
    },
    **{
        f"recall@{k}": (
            ir_measures.R(rel=2) @ k,
            lambda run, gold, k=k: ranking.recall_at_k(run, gold, k),
        )
        for k in (1, 5, 10)
    },
    "rr": (ir_measures.RR(rel=2), ranking.reciprocal_rank),
    "ap": (ir_measures.AP(rel=2), ranking.average_precision),
    "ndcg": (ir_measures.nDCG @ 10, lambda run, gold: ranking.ndcg_at_k(run, gold, 10)),
}


@pytest.mark.parametrize("name", TREC)
def test_equals_trec_eval_on_random_runs_with_ties(name: str) -> None:
    theirs, ours = TREC[name]
    draw = random.Random(name)
    qrels: dict[str, dict[str, int]] = {}
    runs: dict[str, dict[str, float]] = {}
    for number in range(300):
        documents = [f"d{i:02d}" for i in range(draw.randint(4, 40))]
        judged = draw.sample(documents, draw.randint(1, min(12, len(documents))))
        gold = {document: draw.choice((0, 1, 2)) for document in judged}
        gold[draw.choice(judged)] = 2
        qrels[f"q{number}"] = gold
        # Scores from a coarse grid: most runs have ties, also between gold and not.
        runs[f"q{number}"] = {
            document: draw.randint(0, 8) / 4
            for document in draw.sample(documents, draw.randint(1, len(documents)))
        }
    expected = {m.query_id: m.value for m in ir_measures.iter_calc([theirs], qrels, runs)}
    assert len(expected) == len(runs)
    for query, scores in runs.items():
        ranked = [[document] for document in _by_score(scores)]
        assert ours(ranked, qrels[query]) == pytest.approx(expected[query], abs=1e-9)


def _by_score(scores: dict[str, float]) -> list[str]:
    """Ids from the highest score down; equal scores from the last id to the first, as trec_eval."""
    ids = sorted(scores, reverse=True)
    return sorted(ids, key=lambda gold: -scores[gold])


GOLD = {"a": 2, "b": 2, "c": 1}


def test_worked_example_of_one_gold_a_rank() -> None:
    run = [["x"], ["c"], ["a"], ["y"], ["b"]]
    assert ranking.hit_at_k(run, GOLD, 2) == 0.0
    assert ranking.hit_at_k(run, GOLD, 3) == 1.0
    assert ranking.recall_at_k(run, GOLD, 3) == 0.5
    assert ranking.reciprocal_rank(run, GOLD) == pytest.approx(1 / 3)
    assert ranking.average_precision(run, GOLD) == pytest.approx((1 / 3 + 2 / 5) / 2)
    dcg = 1 / log2(3) + 2 / log2(4) + 2 / log2(6)
    ideal = 2 / log2(2) + 2 / log2(3) + 1 / log2(4)
    assert ranking.ndcg_at_k(run, GOLD, 10) == pytest.approx(dcg / ideal)


def test_a_rank_that_hits_several_gold_fills_as_many_slots() -> None:
    assert ranking.ndcg_at_k([["c", "b", "a"]], GOLD, 10) == pytest.approx(1.0)
    assert ranking.average_precision([["a", "b"]], GOLD) == 1.0
    assert ranking.recall_at_k([["a", "b"]], GOLD, 1) == 1.0


def test_hitting_the_same_gold_again_earns_nothing() -> None:
    once, twice = [["a"], [], ["b"]], [["a"], ["a"], ["b"]]
    for measure in (ranking.average_precision, ranking.reciprocal_rank):
        assert measure(once, GOLD) == measure(twice, GOLD)
    assert ranking.ndcg_at_k(once, GOLD, 10) == ranking.ndcg_at_k(twice, GOLD, 10)
    assert ranking.recall_at_k(twice, GOLD, 2) == 0.5


def test_partial_gold_is_neither_wanted_nor_punished() -> None:
    assert ranking.recall_at_k([["a"], ["b"]], GOLD, 2) == 1.0
    assert ranking.hit_at_k([["c"]], GOLD, 1) == 0.0
    assert ranking.hit_at_k([["c"]], GOLD, 1, rel=1) == 1.0


def test_without_gold_a_measure_declines() -> None:
    for gold in ({}, {"c": 1}):
        assert ranking.hit_at_k([["a"]], gold, 1) is None
        assert ranking.recall_at_k([["a"]], gold, 1) is None
        assert ranking.reciprocal_rank([["a"]], gold) is None
        assert ranking.average_precision([["a"]], gold) is None
    assert ranking.ndcg_at_k([["a"]], {}, 10) is None


def test_an_empty_ranking_scores_nothing() -> None:
    assert ranking.hit_at_k([], GOLD, 5) == 0.0
    assert ranking.ndcg_at_k([], GOLD, 5) == 0.0
    assert ranking.average_precision([], GOLD) == 0.0
