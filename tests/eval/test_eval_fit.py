"""The decision's fit: weights keep the sign that they mean, and confidence is a chance."""

from __future__ import annotations

import numpy as np

from eval.fit import calibrated, fitted


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
