"""The SQuAD metric against worked examples."""

from __future__ import annotations

import pytest

from qa.reader.metric import best, exact, f1, normalise


def test_normalise_drops_case_punctuation_articles_and_space() -> None:
    assert normalise(" The  Norman-French, dynasty. ") == "normanfrench dynasty"


@pytest.mark.parametrize(
    ("predicted", "gold", "value"),
    [
        ("300 enzymes", "300 enzymes", 1.0),
        ("the cat sat", "cat", 2 / 3),  # precision 1/2 (the falls away), recall 1
        ("10th and 11th centuries", "in the 10th and 11th centuries", 8 / 9),
        ("a b b", "b b c", 4 / 4 * 4 / 5),  # a falls away: 2 shared of 2 and of 3
        ("paris", "london", 0.0),
        ("", "", 1.0),
        ("something", "", 0.0),
        ("", "something", 0.0),
    ],
)
def test_f1(predicted: str, gold: str, value: float) -> None:
    assert f1(predicted, gold) == pytest.approx(value)


def test_exact_forgives_articles_only() -> None:
    assert exact("The Normans", "normans") == 1.0
    assert exact("Normans of France", "normans") == 0.0


def test_best_takes_the_gold_that_fits() -> None:
    assert best("late 1990s", ("in the late 1990s", "1990s", "late 1990s")) == (1.0, 1.0)
    assert best("", ()) == (1.0, 1.0)
    assert best("words", ()) == (0.0, 0.0)
