"""The figures on the development labels, each asserted just under what was measured."""

from __future__ import annotations

from pathlib import Path

import pytest

import corpus
from eval.flag_measures import FlagScore, score
from eval.labels import load
from qa.flags import find_in

_LABELS = Path(__file__).parents[2] / "eval" / "data" / "flags-dev.jsonl"


@pytest.fixture(scope="module")
def scored() -> FlagScore:
    documents = corpus.load()
    labels = load(_LABELS, {document.name: document.text for document in documents})
    return score({document.name: find_in(document) for document in documents}, labels)


def test_f1(scored: FlagScore) -> None:
    assert (scored.micro.f1 or 0) >= 0.97
    assert (scored.macro_f1(10) or 0) >= 0.97


def test_false_alarms(scored: FlagScore) -> None:
    assert scored.plain_rate is not None and scored.plain_rate <= 0.02
    assert scored.near_miss_rate is not None and scored.near_miss_rate <= 0.04


def test_no_kind_is_forgotten(scored: FlagScore) -> None:
    assert all((counts.f1 or 0) >= 0.8 for counts in scored.by_kind.values() if counts.support)
