"""Fit the answer-or-silence decision on questions with gold: ``python -m eval.fit FILE …``.

Prints the TOML for ``qa/data/decision.toml``: a logistic regression over the features of
``qa.decision``, L2-regularised, both classes weighed equally. Each weight may only have the sign
that its feature means (a larger margin never speaks for silence), or correlated features would
trade places and break on other questions. Personal medical questions are left out, for they are
decided before. AUROC is cross-validated in five folds that keep translation pairs together; the
threshold is the held-back confidence that a given share of the answerable questions reach.

What tells answerable questions from others is no chance yet. The weights are stretched and shifted
(Platt 1999) on the held-back folds, so that of the answers with confidence 0.8 eight in ten are
right: their first quote lies in a passage that answers. Questions of another field are left out of
that, for nobody knows how many of them are asked.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import as_exit_code
from eval import extras
from eval.measures.calibration import expected_calibration_error
from eval.measures.places import Place
from eval.measures.silence import auroc
from eval.observation import Observation
from eval.questions import Question, load
from eval.scoring import is_right
from qa import Assistant, Outcome

_FOLDS = 5
_REFERRED = "general_info_and_refer"
_ELSEWHERE = "abstain_out_of_domain"
_SPEAKS_FOR_SILENCE = frozenset({"estranged", "lacks_figure", "uncounted", "undefined"})
# What is no matter of degree; why it is not fitted is printed with it.
_FORBIDS = "lacks_form"
_FORBIDDEN = -30.0
_WHY_FORBIDDEN = """\
# Set by hand: a question for money or a year whose best sentence has none is silence, and so is one
# for a dose, or what is safe, for babies where none are named. That is too rare to be fitted, and
# nothing that the other weights add up to makes up for 30."""
_PENALTY = 1.0

Array = NDArray[np.float64]


def main(arguments: Sequence[str] | None = None) -> int:
    """Fit on the questions in the files and print the decision's TOML."""
    extras.require("scipy", "The fit")
    parser = argparse.ArgumentParser(prog="python -m eval.fit", description=__doc__)
    parser.add_argument("files", nargs="+", type=Path)
    parser.add_argument("--index", type=Path)
    parser.add_argument("--answer", type=float, default=0.9, help="share of answerable to answer")
    options = parser.parse_args(arguments)
    assistant = Assistant.open(options.index)
    texts = {document.name: document.text for document in assistant.documents}
    questions = [
        question
        for file in options.files
        for question in load(file, texts)
        if question.expected != _REFERRED
    ]
    rows, right = [], []
    for number, question in enumerate(questions, start=1):
        weighed, quotes = assistant.weigh(question.question, question.history)
        places = tuple(Place(quote.source, quote.start, quote.end) for quote in quotes)
        rows.append(weighed)
        right.append(is_right(question, Observation(Outcome.ANSWERED, quotes=places)))
        print(f"\r{number} of {len(questions)} read", end="", file=sys.stderr, flush=True)
    print(file=sys.stderr)
    _report(rows, questions, right, options.answer)
    return 0


def _report(
    rows: Sequence[dict[str, float]],
    questions: Sequence[Question],
    right: Sequence[bool],
    share: float,
) -> None:
    names = [name for name in rows[0] if name != _FORBIDS]
    x = np.array([[row[name] for name in names] for row in rows])
    y = np.array([question.answerable for question in questions])
    possible = np.array([not row[_FORBIDS] for row in rows])
    folds = _folds([question.pair or question.id for question in questions])
    held_back = np.empty(len(y))
    for fold in range(_FOLDS):
        others = (folds != fold) & possible
        weights, intercept = fitted(x[others], y[others], names)
        held_back[folds == fold] = x[folds == fold] @ weights + intercept
    inside = possible & np.array([question.expected != _ELSEWHERE for question in questions])
    stretch, shift = calibrated(held_back[inside], np.array(right)[inside])
    confidence = _chance(stretch * held_back + shift + _FORBIDDEN * ~possible)
    threshold = float(np.quantile(confidence[y], 1 - share))
    silent = float((confidence[~y] < threshold).mean())
    answered = confidence >= threshold
    error = expected_calibration_error(
        confidence[answered].tolist(), np.array(right)[answered].tolist()
    )
    weights, intercept = fitted(x[possible], y[possible], names)
    area = auroc(confidence.tolist(), y.tolist())
    print(f"# {len(y)} questions; cross-validated AUROC {area:.3f};", end=" ")
    print(f"at {share:.0%} of the answerable answered, {silent:.0%} of the others silent;", end=" ")
    print(f"calibration error of the answers {error:.3f}")
    print(f"threshold = {threshold:.3f}")
    print(f"intercept = {stretch * intercept + shift:.4f}\n\n[weights]")
    for name, weight in zip(names, weights, strict=True):
        print(f"{name} = {stretch * weight:.4f}")
    print(f"{_WHY_FORBIDDEN}\n{_FORBIDS} = {_FORBIDDEN}")


def calibrated(logits: Array, right: NDArray[np.bool_]) -> tuple[float, float]:
    """The stretch (positive) and shift after which the logits say how often the answer is right."""
    from scipy.optimize import minimize

    sign = np.where(right, 1.0, -1.0)

    def loss(parameters: Array) -> tuple[float, Array]:
        margin = sign * (parameters[0] * logits + parameters[1])
        slope = -sign / (1 + np.exp(margin))
        gradient = np.array([slope @ logits, slope.sum()]) / len(logits)
        return float(np.logaddexp(0, -margin).mean()), gradient

    found = minimize(
        loss, np.array([1.0, 0.0]), jac=True, method="L-BFGS-B", bounds=[(1e-3, None), (None, None)]
    )
    return float(found.x[0]), float(found.x[1])


def fitted(x: Array, y: NDArray[np.bool_], names: Sequence[str]) -> tuple[Array, float]:
    """Weights and intercept for raw features ``x`` (questions x features), signs as meant."""
    from scipy.optimize import minimize

    centre, spread = x.mean(axis=0), np.maximum(x.std(axis=0), 1e-9)
    scaled = (x - centre) / spread
    balance = np.where(y, 0.5 / y.mean(), 0.5 / (1 - y.mean()))
    sign = np.where(y, 1.0, -1.0)

    def loss(parameters: Array) -> tuple[float, Array]:
        margin = sign * (scaled @ parameters[:-1] + parameters[-1])
        value = float(balance @ np.logaddexp(0, -margin)) + _PENALTY * 0.5 * float(
            parameters[:-1] @ parameters[:-1]
        )
        slope = -balance * sign / (1 + np.exp(margin))
        gradient = np.append(scaled.T @ slope + _PENALTY * parameters[:-1], slope.sum())
        return value, gradient

    bounds: list[tuple[float | None, float | None]] = [
        (None, 0.0) if name in _SPEAKS_FOR_SILENCE else (0.0, None) for name in names
    ]
    found = minimize(
        loss,
        np.zeros(len(names) + 1),
        jac=True,
        method="L-BFGS-B",
        bounds=[*bounds, (None, None)],
    )
    weights = found.x[:-1] / spread
    return weights, float(found.x[-1] - weights @ centre)


def _chance(logits: Array) -> Array:
    return np.asarray(1 / (1 + np.exp(-logits)))


def _folds(groups: Sequence[str]) -> NDArray[np.int64]:
    """A fold for every question, the same for both of a pair."""
    order = {group: number for number, group in enumerate(dict.fromkeys(groups))}
    dice = np.random.default_rng(0).permutation(len(order))
    return np.array([dice[order[group]] % _FOLDS for group in groups])


if __name__ == "__main__":
    with as_exit_code():
        sys.exit(main())
