"""The public yardsticks: what is counted, by an example worked by hand."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from eval.yardsticks import Question, first_right, measure, thin
from qa.reader import Reading, Span


class Scripted:
    """Marks the first word of every passage, as sure as the question says."""

    def read(
        self, question: str, passages: Sequence[str], contexts: Sequence[str] | None = None
    ) -> list[Reading]:
        return [Reading((Span(0, p.index(" "), float(question)),), 0.0, 0.5) for p in passages]


QUESTIONS = [
    Question("3", "bees make honey", ("bees",)),  # right and sure
    Question("-1", "wasps sting hard", ("wasps",)),  # right, but not dared at 0
    Question("2", "ants walk far", ()),  # silence is right
    Question("-2", "flies die soon", ("far flies",)),  # half the words, not sure
]


def test_each_figure_is_the_one_worked_by_hand() -> None:
    figures = measure(Scripted(), QUESTIONS)
    assert figures["questions"] == 4
    assert figures["f1"] == pytest.approx(100 * (1 + 1 + 2 / 3) / 3)
    assert figures["em"] == pytest.approx(100 * 2 / 3)
    assert figures["f1_at_0"] == pytest.approx(100 * (1 + 0 + 0 + 0) / 4)
    # Answering the first alone: it and the silence are right; answering all: 1, 1, 0 and 2/3.
    assert figures["f1_best"] == pytest.approx(100 * (1 + 1 + 2 / 3) / 4)
    assert figures["auroc"] == pytest.approx(1 / 3)


def test_the_widest_margin_of_a_subject_has_to_answer() -> None:
    bees, wasps = ("bees",), ("wasps",)
    asked = [
        Question("What makes honey?", "bees make honey", bees),
        Question("What makes honey?", "wasps sting hard", ()),
        Question("What stings?", "bees make honey", ()),
        Question("What stings?", "wasps sting hard", wasps),
        Question("What barks?", "bees make honey", ()),  # nothing to be right about
    ]
    assert first_right(asked, [2.0, 1.0, 0.5, 0.0, 9.0]) == 50
    assert first_right(asked, [2.0, 1.0, -0.5, 0.0, 9.0]) == 100


def test_a_yardstick_is_thinned_evenly() -> None:
    assert [q.question for q in thin(QUESTIONS, 2)] == ["3", "2"]
    assert thin(QUESTIONS, None) is QUESTIONS
