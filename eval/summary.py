"""What the rows say together: every measure with its interval, overall and by slice."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from eval import flag_measures
from eval.flag_measures import FlagScore
from eval.intervals import Estimate, of_mean, of_means, of_statistic
from eval.meaning import Meaning
from eval.measures import calibration, latency, parity, silence
from eval.result import Result, Row
from eval.scoring import MEASURES
from eval.slices import slices
from qa.answer import Outcome

# Measures of a whole set of questions rather than of one.
SET_MEASURES: dict[str, Meaning] = {
    "silence.auroc": Meaning("confidence tells answerable from unanswerable (AUROC)"),
    "silence.false_answer@90": Meaning(
        "unanswerable passing where 90 % of answerable pass", higher_is_better=False
    ),
    "confidence.ece": Meaning("confidence off from how often right", higher_is_better=False),
    "confidence.aurc": Meaning("mean risk over coverage", higher_is_better=False),
}
ALL_MEASURES: dict[str, Meaning] = {**MEASURES, **SET_MEASURES, **flag_measures.MEASURES}
# The measures whose difference between the languages is shown on the translation pairs.
PARITY = ("search.hit@5", "shown.hit@1", "answer.in_passage", "answer.f1", "silence.outcome")
_WORST = (
    "silence.outcome",
    "answer.in_passage",
    "answer.f1",
    "shown.hit@5",
    "answer.groups",
    "answer.item_recall_one_source",
    "medical.general",
)

# A curve over the few questions of one type or tag would say nothing.
_WHOLE = ("all", "lang", "origin")

Estimates = dict[str, Estimate]


@dataclass(frozen=True, slots=True)
class Summary:
    """What the rows of a result say together.

    ``slices`` by name (``type=table``), ``pairs`` as Dutch minus English, ``worst`` the questions
    that fared worst, ``stages`` the percentiles of every stage in milliseconds, ``reliability`` and
    ``risk_coverage`` the curves of everything that was answered, ``flags`` their score.
    """

    overall: Estimates
    slices: dict[str, Estimates]
    pairs: Estimates
    worst: tuple[Row, ...]
    stages: dict[str, dict[str, float]]
    reliability: tuple[calibration.Bin, ...]
    risk_coverage: tuple[silence.RiskPoint, ...]
    flags: FlagScore | None

    @classmethod
    def of(cls, result: Result, seed: int) -> Summary:
        """Work everything out, which takes a second or two."""
        rows = result.rows
        return cls(
            overall=estimates(rows, seed),
            slices={name: estimates(each, seed, name) for name, each in slices(rows).items()},
            pairs=pair_parity(rows, seed),
            worst=tuple(worst(rows)),
            stages=latency.by_stage([row.timings for row in rows]),
            reliability=tuple(calibration.reliability(*answers(rows))),
            risk_coverage=tuple(silence.risk_coverage(*answers(rows))),
            flags=FlagScore.from_dict(result.flags) if result.flags else None,
        )

    def values(self) -> dict[str, float]:
        """The figures over all questions and labels, by name."""
        found = {name: each.value for name, each in self.overall.items()}
        return found | (self.flags.figures() if self.flags else {})

    def to_dict(self) -> dict[str, Any]:
        """The summary as JSON, each figure as [value, low, high, questions].

        Without the stages, which never repeat.
        """
        return {
            "all": _plain(self.overall),
            "slices": {name: _plain(each) for name, each in self.slices.items()},
            "pairs": _plain(self.pairs),
            "worst": [row.id for row in self.worst],
            "reliability": [each._asdict() for each in self.reliability],
            "risk_coverage": [each._asdict() for each in self.risk_coverage],
            "flags": self.flags.figures() if self.flags else None,
        }


def estimates(rows: Sequence[Row], seed: int, name: str = "all") -> Estimates:
    """Every measure that any row judges, with its interval; the name makes the draws its own."""
    columns = {measure: [row.measures.get(measure) for row in rows] for measure in MEASURES}
    found = of_means(columns, seed, name)
    if name.partition("=")[0] in _WHOLE:
        for measure, statistic in set_statistics(rows).items():
            estimate = of_statistic(statistic, len(rows), seed, name, measure)
            if estimate is not None:
                found[measure] = estimate
    return found


def pair_parity(rows: Sequence[Row], seed: int) -> Estimates:
    """For the measures of ``PARITY``: Dutch minus English on the pairs, with its interval."""
    pairs = pairs_of(rows)
    columns: dict[str, list[float | None]] = {}
    for measure in PARITY:
        values = {row.id: row.measures.get(measure) for row in rows}
        columns[measure] = list(parity.differences(values, pairs))
    return {
        measure: estimate
        for measure, each in columns.items()
        if (estimate := of_mean(each, seed, "pairs", measure)) is not None
    }


def pairs_of(rows: Sequence[Row]) -> list[tuple[str, str]]:
    """The ids of exact translations, Dutch first, for pairs of which both were asked."""
    ids = {(row.pair, row.lang): row.id for row in rows if row.pair}
    return [
        (dutch, ids[pair, "en"])
        for (pair, lang), dutch in sorted(ids.items())
        if lang == "nl" and (pair, "en") in ids
    ]


def answerability(rows: Sequence[Row]) -> tuple[list[float], list[bool]]:
    """Confidence and answerability of the questions that are the one or the other.

    Personal medical questions are neither: what they get does not rest on finding an answer.
    """
    judged = [row for row in rows if row.expected != "general_info_and_refer"]
    return [row.confidence for row in judged], [row.expected == "answer" for row in judged]


def answers(rows: Sequence[Row]) -> tuple[list[float], list[bool]]:
    """Confidence and correctness of everything that was answered."""
    given = [row for row in rows if row.outcome == Outcome.ANSWERED]
    return [row.confidence for row in given], [row.right for row in given]


def worst(rows: Sequence[Row], count: int = 10) -> list[Row]:
    """The questions that fared worst: lowest mean over what a reader sees, surest mistakes first.

    Questions that fared perfectly are not among them.
    """
    judged = [(quality(row), row) for row in rows]
    bad = [(value, row) for value, row in judged if value < 1]
    bad.sort(key=lambda each: (each[0], -each[1].confidence, each[1].id))
    return [row for _, row in bad[:count]]


def quality(row: Row) -> float:
    """The mean of the measures that a reader would notice; 1 is perfect, or not judged at all."""
    values = [row.measures.get(measure) for measure in _WORST]
    judged = [value for value in values if value is not None]
    return sum(judged) / len(judged) if judged else 1.0


def set_statistics(
    rows: Sequence[Row],
) -> Mapping[str, Callable[[Sequence[int]], float | None]]:
    def over(
        pick: Callable[[Sequence[Row]], tuple[list[float], list[bool]]],
        measure: Callable[[list[float], list[bool]], float | None],
    ) -> Callable[[Sequence[int]], float | None]:
        return lambda draw: measure(*pick([rows[i] for i in draw]))

    return {
        "silence.auroc": over(answerability, silence.auroc),
        "silence.false_answer@90": over(answerability, silence.false_answers_at_coverage),
        "confidence.ece": over(answers, calibration.expected_calibration_error),
        "confidence.aurc": over(answers, silence.area_under_risk_coverage),
    }


def _plain(found: Estimates) -> dict[str, list[float]]:
    return {
        name: [round(each.value, 9), round(each.low, 9), round(each.high, 9), each.questions]
        for name, each in found.items()
    }
