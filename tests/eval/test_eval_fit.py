"""The decision's fit: weights keep the sign that they mean, and confidence is a chance."""

from __future__ import annotations

import tomllib
from dataclasses import replace
from importlib.resources import files

import numpy as np
import pytest

from eval import fit
from eval.fit import calibrated, fitted
from eval.lines import Problems
from eval.questions import parse
from tests.eval.world import NUMBER, TEXTS, UNANSWERABLE


def test_a_weight_never_speaks_against_its_meaning() -> None:
    dice = np.random.default_rng(1)
    answerable = dice.random(400) < 0.5
    margin = dice.normal(size=400) - answerable  # the wrong way round
    score = dice.normal(size=400) + 2 * answerable
    weights, _ = fitted(np.stack([score, margin], axis=1), answerable, ["score", "margin"])
    assert weights[0] > 0
    assert weights[1] == 0


def test_calibration_finds_the_stretch_and_shift_of_the_chances() -> None:
    dice = np.random.default_rng(2)
    logits = dice.normal(scale=3, size=20_000)
    right = dice.random(20_000) < 1 / (1 + np.exp(-(0.5 * logits - 1)))
    stretch, shift = calibrated(logits, right)
    assert abs(stretch - 0.5) < 0.03
    assert abs(shift + 1) < 0.05


def test_calibration_keeps_the_order_of_confidences() -> None:
    stretch, _ = calibrated(np.array([-1.0, 0.0, 1.0, 2.0]), np.array([True, True, False, False]))
    assert stretch > 0


def test_what_is_printed_is_a_decision_that_says_what_was_set_by_hand(
    capsys: pytest.CaptureFixture[str],
) -> None:
    problems = Problems("q.jsonl")
    answerable = parse({**NUMBER, "pair": ""}, TEXTS, problems, 1)
    other = parse(UNANSWERABLE, TEXTS, problems, 2)
    assert answerable is not None and other is not None and not problems.found
    dice = np.random.default_rng(3)
    rows, questions = [], []
    for number in range(120):
        answers = bool(number % 2)
        question = answerable if answers else other
        questions.append(replace(question, id=f"q{number}"))
        score = float(dice.normal() + 2 * answers)
        rows.append({"score": score, "lacks_form": float(not answers and number % 3 == 0)})
    fit._report(rows, questions, [bool(number % 2) for number in range(120)], 0.9)
    printed = capsys.readouterr().out
    decision = tomllib.loads(printed)
    assert list(decision["weights"]) == ["score", "lacks_form"]
    assert decision["weights"]["score"] > 0
    shipped = files("qa").joinpath("data/decision.toml").read_text("utf-8")
    by_hand = printed[printed.index("# Set by hand") :].strip()
    assert by_hand in shipped
