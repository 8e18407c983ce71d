"""A fast part of the development questions, held against the result kept in the repository."""

from __future__ import annotations

import pytest

from eval import comparison, limits, session, shipped
from eval.flag_measures import FlagScore
from eval.result import Result, load
from eval.run import run
from eval.subject import Subject, of_assistant
from qa import Assistant

# One question of the twenty may go either way on another processor.
MARGINS = {
    "search.hit@5": 0.05,
    "search.recall@10": 0.05,
    "shown.hit@1": 0.05,
    "answer.in_passage": 0.08,
    "answer.f1": 0.05,
    "silence.outcome": 0.05,
}
EVERY = 3


@pytest.fixture(scope="module")
def real(assistant: Assistant) -> Subject:
    return of_assistant(assistant)


def test_questions_fare_no_worse_than_the_baseline(real: Subject) -> None:
    baseline = load(shipped.BASELINE)
    questions = session.read(shipped.QUESTIONS[:1], real.texts)[::EVERY]
    now = run(questions, real)
    found = comparison.compare(baseline, Result({}, now))
    assert not found.only_after, "a question is not in the baseline; make that anew"
    before = {each.measure: each.before for each in found.differences}
    after = {each.measure: each.after for each in found.differences}
    assert limits.worsened(before, after, MARGINS) == []
    assert after["citation.exact"] == 1.0
    assert not [row.error for row in now if row.error]


def test_flags_fare_no_worse_than_the_baseline(real: Subject) -> None:
    before = FlagScore.from_dict(load(shipped.BASELINE).flags or {}).figures()
    after = FlagScore.from_dict(session.score_flags(real)).figures()
    assert limits.worsened(before, after, dict.fromkeys(before, 0.02)) == []
