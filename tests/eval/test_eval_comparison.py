"""Comparing two results: paired differences, tests, and lines to hold."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import NamedTuple

import pytest

from corpus.errors import EvaluationError
from eval import comparison, flag_measures, limits
from eval.intervals import of_mean, of_statistic
from eval.labels import Label
from eval.result import Result, Row


class Flagged(NamedTuple):
    type: str
    start: int
    end: int


def row(name: str, value: float, **more: object) -> Row:
    measures = {"answer.f1": value, "silence.false_answer": 1 - value}
    base = Row(name, "nl", "fact", "answer", f"Vraag {name}?", measures, "answered", value, True)
    return replace(base, **more)  # type: ignore[arg-type]


def result(*values: float) -> Result:
    return Result({}, tuple(row(f"q{number}", value) for number, value in enumerate(values)))


def test_differences_by_hand() -> None:
    found = comparison.compare(result(0.0, 0.5, 1.0, 0.5), result(1.0, 0.5, 0.5, 1.0))
    f1 = next(each for each in found.differences if each.measure == "answer.f1")
    assert (f1.before, f1.after) == (0.5, 0.75)
    assert (f1.won, f1.lost, f1.questions) == (2, 1, 4)
    assert f1.low <= 0.25 <= f1.high
    assert [change.after.id for change in found.won] == ["q0", "q3"]
    assert [change.after.id for change in found.lost] == ["q2"]


def test_randomisation_equals_all_arrangements_counted() -> None:
    gains = [0.5, 0.25, -0.25, 0.75, 0.5, 0.1, 0.3, 0.2]
    arrangements = [
        abs(sum(s * g for s, g in zip(signs, gains, strict=True)))
        for signs in product((-1, 1), repeat=len(gains))
    ]
    exact = sum(each >= abs(sum(gains)) - 1e-9 for each in arrangements) / len(arrangements)
    assert comparison.randomisation_p(gains, 1) == pytest.approx(exact, abs=0.01)


def test_no_difference_has_p_1_and_a_large_one_a_small_p() -> None:
    assert comparison.randomisation_p([0.0] * 5, 0) == 1.0
    assert comparison.randomisation_p([1.0] * 30, 0) < 0.001


def test_the_same_seed_gives_the_same_comparison_whatever_the_order() -> None:
    a, b = result(0.1, 0.2, 0.3, 0.9), result(0.4, 0.2, 0.1, 1.0)
    assert comparison.compare(a, b, 5) == comparison.compare(a, b, 5)


def test_questions_on_one_side_are_named_and_strangers_refused() -> None:
    a, b = result(0.1, 0.2), result(0.1)
    found = comparison.compare(a, b)
    assert found.only_before == ("q1",)
    assert found.only_after == ()
    with pytest.raises(EvaluationError, match="share no question"):
        comparison.compare(a, Result({}, (row("z", 1.0),)))
    with pytest.raises(EvaluationError, match="another question"):
        comparison.compare(a, Result({}, (row("q0", 1.0, question="Iets anders?"),)))


def test_limits_are_parsed_or_refused() -> None:
    assert limits.parse("--fail-under", ["answer.f1=0.5"]) == {"answer.f1": 0.5}
    for wrong in ("f1=0.5", "answer.f1", "answer.f1=x", "answer.f1=nan"):
        with pytest.raises(EvaluationError, match="--fail-under"):
            limits.parse("--fail-under", [wrong])


def test_a_floor_is_a_ceiling_where_less_is_better() -> None:
    values = {"answer.f1": 0.5, "silence.false_answer": 0.5}
    assert limits.missed(values, {"answer.f1": 0.5, "silence.false_answer": 0.5}) == []
    assert len(limits.missed(values, {"answer.f1": 0.51})) == 1
    assert len(limits.missed(values, {"silence.false_answer": 0.49})) == 1
    assert "was not measured" in limits.missed(values, {"search.mrr": 0.1})[0]


def test_worsening_counts_beyond_its_margin() -> None:
    before = {"answer.f1": 0.5, "silence.false_answer": 0.2}
    after = {"answer.f1": 0.48, "silence.false_answer": 0.25}
    margins = {"answer.f1": 0.02, "silence.false_answer": 0.05}
    assert limits.worsened(before, after, margins) == []
    assert len(limits.worsened(before, after, dict.fromkeys(margins, 0.01))) == 2


def test_intervals_are_seeded_hold_the_value_and_narrow_with_more() -> None:
    few, many = [0.0, 1.0] * 10, [0.0, 1.0] * 200
    uneven = [number**0.5 for number in range(30)]
    assert of_mean(uneven, 1, "a") == of_mean(uneven, 1, "a")
    assert of_mean(uneven, 1, "a") != of_mean(uneven, 2, "a")
    assert of_mean(uneven, 1, "a") != of_mean(uneven, 1, "b")
    a, b = of_mean(few, 0), of_mean(many, 0)
    assert a is not None and b is not None
    assert a.low < 0.5 < a.high
    assert b.high - b.low < (a.high - a.low) / 3
    assert of_mean([None, None], 0) is None
    assert of_mean([None, 1.0], 0) == (1.0, 1.0, 1.0, 1)
    assert of_statistic(lambda _: None, 4, 0) is None


def test_an_interval_of_a_mean_covers_as_often_as_it_says() -> None:
    # The normal approximation for 50 coin throws: half a width of 1.96 * 0.5 / sqrt(50).
    estimate = of_mean([0.0, 1.0] * 25, 7)
    assert estimate is not None
    assert (estimate.high - estimate.low) / 2 == pytest.approx(1.96 * 0.5 / 50**0.5, abs=0.02)


def test_flags_are_compared_where_both_have_them() -> None:
    labels = [Label("flag", "a.txt", 0, 10, flag="x", cue_end=2), Label("plain", "a.txt", 20, 30)]
    missed = flag_measures.score({}, labels).to_dict()
    found = flag_measures.score({"a.txt": [Flagged("x", 0, 10)]}, labels).to_dict()
    before, after = (replace(result(0.5), flags=flags) for flags in (missed, found))
    differences = {each.measure: each for each in comparison.compare(before, after).differences}
    assert (differences["flags.micro_f1"].before, differences["flags.micro_f1"].after) == (0.0, 1.0)
    assert differences["flags.plain"].after == 0.0
    assert "flags.near_misses" not in differences
    alone = comparison.compare(before, result(0.5)).differences
    assert not [each for each in alone if each.measure.startswith("flags.")]
