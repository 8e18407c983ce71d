"""Flags are scored by sentence and kind as FORMAT.md says."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from eval.flag_measures import score
from eval.labels import Label


@dataclass(frozen=True)
class Found:
    type: str
    start: int
    end: int


def flag(kind: str, start: int, end: int, cue: tuple[int, int] | None = None) -> Label:
    left, right = cue or (start, start + 2)
    return Label("flag", "a.txt", start, end, flag=kind, cue_start=left, cue_end=right)


def test_counts_by_kind_with_one_right_one_missed_and_one_wrong() -> None:
    labels = [flag("x", 0, 10), flag("y", 0, 10), Label("plain", "a.txt", 20, 30)]
    result = score({"a.txt": [Found("x", 0, 10), Found("y", 20, 30)]}, labels)

    assert result.by_kind["x"].f1 == 1.0
    assert (result.by_kind["y"].wrong, result.by_kind["y"].missed) == (1, 1)
    assert result.micro.f1 == pytest.approx(2 / 4)
    assert result.macro_f1() == pytest.approx(0.5)
    assert result.plain_rate == 1.0
    assert {(e.start, e.flag, e.what) for e in result.errors} == {
        (0, "y", "missed"),
        (20, "y", "wrong"),
    }


@pytest.mark.parametrize(
    ("start", "end", "counts"),
    [(0, 5, True), (0, 4, False), (7, 10, True), (8, 10, False), (5, 40, True), (10, 20, False)],
)
def test_a_flag_counts_when_it_holds_half_the_sentence_or_its_cue(
    start: int, end: int, counts: bool
) -> None:
    result = score({"a.txt": [Found("x", start, end)]}, [flag("x", 0, 10, cue=(7, 9))])
    assert (result.micro.right == 1) is counts


def test_ambiguous_counts_neither_way_but_another_kind_there_does() -> None:
    labels = [Label("ambiguous", "a.txt", 0, 10, flag="x")]
    assert score({"a.txt": [Found("x", 0, 10)]}, labels).by_kind == {}
    assert score({}, labels).by_kind == {}
    assert score({"a.txt": [Found("y", 0, 10)]}, labels).by_kind["y"].wrong == 1


def test_exemplars_other_files_and_unlabelled_text_are_not_judged() -> None:
    labels = [Label("flag", "a.txt", 0, 10, flag="x", cue_end=2, exemplar=True)]
    result = score({"a.txt": [Found("x", 0, 10), Found("y", 50, 60)], "b.txt": []}, labels)
    assert result.by_kind == {}
    assert result.micro.f1 is None
    assert result.plain_rate is None


def test_near_misses_tell_any_flag_from_the_tempting_one() -> None:
    labels = [
        Label("plain", "a.txt", 0, 10, near_miss_for=("x",)),
        Label("plain", "a.txt", 20, 30, near_miss_for=("x",)),
        Label("plain", "a.txt", 40, 50),
    ]
    result = score({"a.txt": [Found("y", 0, 10), Found("x", 20, 30)]}, labels)
    assert (result.near_misses, result.near_misses_flagged) == (2, 2)
    assert result.near_misses_tempted == 1
    assert result.near_miss_rate == 1.0
    assert result.plain_rate == pytest.approx(2 / 3)


def test_macro_can_leave_out_rare_kinds() -> None:
    labels = [flag("x", 0, 10), flag("x", 20, 30), flag("y", 40, 50)]
    result = score({"a.txt": [Found("x", 0, 10), Found("x", 20, 30)]}, labels)
    assert result.macro_f1() == pytest.approx(0.5)
    assert result.macro_f1(min_support=2) == 1.0
    assert result.macro_f1(min_support=3) is None


def test_the_order_of_predictions_and_labels_does_not_matter() -> None:
    labels = [flag("x", 0, 10), flag("y", 0, 10), Label("plain", "a.txt", 20, 30)]
    found = [Found("x", 0, 10), Found("y", 20, 30), Found("z", 2, 30)]
    assert score({"a.txt": found}, labels) == score({"a.txt": found[::-1]}, labels[::-1])
