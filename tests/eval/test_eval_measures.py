"""The measures over words, places, silence, calibration, parity and latency, worked by hand."""

from __future__ import annotations

import random

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from eval.measures import calibration, latency, parity, places, silence, words
from eval.measures.places import Place

# ---------------------------------------------------------------- words


@pytest.mark.parametrize(
    ("left", "right"),
    [
        ("De magnesiumopname", "magnesiumopname"),
        ("het mineraal", "Mineraal."),
        ("’s Avonds", "'s avonds"),
        ("'t bot", "bot"),
        ("the brain", "a brain"),
        ("1.000 mg", "1000mg"),
        ("1,250,000", "1.250.000"),
        ("2,5 gram", "2.5 gram"),
        ("L-threonaat", "l–threonaat"),
        ("(vitamine D3)", "Vitamine D3!"),
    ],
)
def test_texts_that_say_the_same_match(left: str, right: str) -> None:
    assert words.exact_match(left, [right]) == 1.0


@pytest.mark.parametrize(
    ("left", "right"),
    [("2,5", "25"), ("1.5", "15"), ("300 mg", "30 mg"), ("mag", "magnesium"), ("B 12", "B12")],
)
def test_texts_that_differ_do_not_match(left: str, right: str) -> None:
    assert words.exact_match(left, [right]) == 0.0


def test_token_f1_takes_the_best_gold_and_counts_words_as_often_as_they_stand() -> None:
    # shared: "250", "patiënten" of 3 predicted and 4 gold words
    assert words.token_f1("250 patiënten genazen", ["220 van 250 patiënten"]) == pytest.approx(
        4 / 7
    )
    assert words.token_f1("220 van de 250", ["220", "220 van de 250"]) == 1.0
    assert words.token_f1("slaap slaap", ["slaap"]) == pytest.approx(2 / 3)
    assert words.token_f1("zink", ["magnesium"]) == 0.0


def test_words_decline_without_gold() -> None:
    assert words.exact_match("x", []) is None
    assert words.token_f1("x", []) is None


# ---------------------------------------------------------------- places


def place(start: int, end: int, file: str = "a.txt") -> Place:
    return Place(file, start, end)


@pytest.mark.parametrize(
    ("passage", "hit"),
    [
        (place(0, 50), True),  # exactly half
        (place(0, 49), False),
        (place(60, 75), True),  # the answer span, though less than half
        (place(61, 75), False),  # the span is cut
        (place(0, 100, "b.txt"), False),
    ],
)
def test_passage_hit(passage: Place, hit: bool) -> None:
    assert places.passage_hit(passage, place(0, 100), [place(60, 70)]) is hit


def test_an_answer_span_elsewhere_does_not_hit_this_gold() -> None:
    assert not places.passage_hit(place(200, 300), place(0, 100), [place(210, 220)])


def test_answer_in_passage_wants_half_of_the_quote_in_the_gold_together() -> None:
    gold = [place(0, 10), place(12, 20), place(5, 10)]
    assert places.answer_in_passage(place(2, 8), gold) == 1.0
    assert places.answer_in_passage(place(0, 20), gold) == 1.0  # 18 of 20
    assert places.answer_in_passage(place(0, 40), gold) == 0.0  # 18 of 40: overlaps count once
    assert places.answer_in_passage(None, gold) == 0.0
    assert places.answer_in_passage(place(0, 5), []) is None


def test_groups_covered() -> None:
    groups = {"300": [place(0, 10)], "600": [place(50, 60), place(80, 90)]}
    assert places.groups_covered([place(0, 10)], groups) == 0.5
    assert places.groups_covered([place(3, 30), place(85, 99)], groups) == 1.0
    assert places.groups_covered([place(6, 30)], groups) == 0.0
    assert places.groups_covered([], {}) is None


LIST = "Eet noten, zaden en bonen.\n- Vis (vet)\n- Kaas"


def test_a_list_falls_apart_at_commas_conjunctions_and_bullets() -> None:
    found = places.pieces(place(4, len(LIST)), LIST)
    assert [LIST[p.start : p.end] for p in found] == [
        "noten",
        "zaden",
        "bonen.",
        "Vis",
        "vet",
        "Kaas",
    ]


def gold_items(*names: str) -> list[Place]:
    return [place(LIST.index(name), LIST.index(name) + len(name)) for name in names]


def test_item_precision_and_recall() -> None:
    text = {"a.txt": LIST}
    items, partial = gold_items("noten", "zaden", "Kaas"), gold_items("Vis", "vet")
    quote = [place(4, 37)]  # noten, zaden, bonen, Vis, vet
    assert places.item_precision(quote, items, partial, text) == pytest.approx(2 / 3)
    assert places.item_recall(quote, items, text) == pytest.approx(2 / 3)
    assert places.item_precision([], items, partial, text) is None
    assert places.item_recall([], items, text) == 0.0
    assert places.item_recall(quote, [], text) is None


def test_the_same_item_of_two_sources_is_one_item_and_one_full_source_is_a_full_answer() -> None:
    text = {"a.txt": "Noten, zaden", "b.txt": "noten en vis"}
    items = [
        Place("a.txt", 0, 5),
        Place("a.txt", 7, 12),
        Place("b.txt", 0, 5),
        Place("b.txt", 9, 12),
    ]
    quote = [Place("a.txt", 0, 12)]
    assert places.item_recall(quote, items, text) == pytest.approx(2 / 3)
    assert places.item_recall_one_source(quote, items, text) == 1.0
    assert places.item_recall_one_source([Place("b.txt", 0, 5)], items, text) == 0.5


def test_citation_exactness() -> None:
    text = {"a.txt": "abc def"}
    good, bad = (Place("a.txt", 0, 3), "abc"), (Place("a.txt", 1, 4), "abc")
    beyond = (Place("a.txt", 4, 9), "def")
    elsewhere = (Place("c.txt", 0, 3), "abc")
    assert places.citation_exactness([good], text) == 1.0
    assert places.citation_exactness([good, bad, beyond, elsewhere], text) == 0.25
    assert places.citation_exactness([], text) is None


# ---------------------------------------------------------------- silence and calibration


def test_auroc_equals_scikit_learn_with_ties() -> None:
    draw = random.Random(5)
    for _ in range(50):
        scores = [draw.randint(0, 6) / 6 for _ in range(30)]
        positive = [True, False, *(draw.random() < 0.6 for _ in range(28))]
        assert silence.auroc(scores, positive) == pytest.approx(
            roc_auc_score(positive, scores), abs=1e-12
        )
    assert silence.auroc([0.5], [True]) is None


def test_false_answers_at_coverage() -> None:
    scores = [0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.15, 0.1, 0.95, 0.12, 0.05]
    positive = [True] * 10 + [False] * 3
    assert silence.false_answers_at_coverage(scores, positive) == pytest.approx(1 / 3)
    assert silence.false_answers_at_coverage(scores, positive, 1.0) == pytest.approx(2 / 3)
    assert silence.false_answers_at_coverage([0.2, 0.2], [True, False], 0.5) == 1.0
    assert silence.false_answers_at_coverage([0.2], [True]) is None


def test_risk_coverage_takes_equal_scores_together() -> None:
    curve = silence.risk_coverage([0.9, 0.5, 0.5, 0.1], [True, False, True, False])
    assert curve == [(0.9, 0.25, 0.0), (0.5, 0.75, pytest.approx(1 / 3)), (0.1, 1.0, 0.5)]
    area = silence.area_under_risk_coverage([0.9, 0.5, 0.5, 0.1], [True, False, True, False])
    assert area == pytest.approx(0.5 / 3 + 0.25 * 0.5)
    assert silence.area_under_risk_coverage([], []) is None


def test_rate() -> None:
    assert silence.rate([True, False, False, False]) == 0.25
    assert silence.rate([]) is None


def test_expected_calibration_error_by_hand() -> None:
    # bin 0.8-0.9: two answers, mean confidence 0.85, half right; bin 0.2-0.3: one, wrong
    error = calibration.expected_calibration_error([0.8, 0.9 - 1e-12, 0.25], [True, False, False])
    assert error == pytest.approx(2 / 3 * 0.35 + 1 / 3 * 0.25)
    assert calibration.expected_calibration_error([1.0, 0.0], [True, False]) == 0.0
    assert calibration.expected_calibration_error([], []) is None


# ---------------------------------------------------------------- parity and latency


def test_parity_is_dutch_minus_english_over_judged_pairs() -> None:
    values = {"n1": 1.0, "e1": 0.5, "n2": 0.0, "e2": 0.5, "n3": None, "e3": 1.0}
    pairs = [("n1", "e1"), ("n2", "e2"), ("n3", "e3")]
    assert parity.differences(values, pairs) == [0.5, -0.5]
    assert parity.parity(values, pairs) == 0.0
    assert parity.parity(values, [("n3", "e3")]) is None


def test_percentiles_equal_numpy() -> None:
    values = [random.Random(1).random() for _ in range(37)]
    for percent in (0, 50, 95, 99, 100):
        assert latency.percentile(values, percent) == pytest.approx(np.percentile(values, percent))
    assert latency.percentile([], 50) is None


def test_stages_are_kept_apart() -> None:
    found = latency.by_stage([{"read": 2.0, "total": 3.0}, {"read": 4.0}])
    assert found["read"]["p50"] == 3.0
    assert found["total"]["max"] == 3.0
