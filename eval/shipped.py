"""The questions, labels and articles that come with the project, and the result to hold."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from eval import texts

_DATA = Path(str(files("eval"))) / "data"
QUESTIONS = (_DATA / "qa-dev.jsonl", _DATA / "own.jsonl", _DATA / "held.jsonl")
# The origins of the questions that the decision to answer was fitted on.
FITTED = frozenset({"own", "elsewhere"})
LABELS = _DATA / "flags-dev.jsonl"
# Made by ``python -m eval --questions eval/data/qa-dev.jsonl --save eval/data/baseline.json``.
BASELINE = _DATA / "baseline.json"
_ARTICLES = Path(str(files("corpus"))) / "articles"


def articles() -> dict[str, str]:
    """The shipped articles' texts, by file name."""
    return texts.from_folder(_ARTICLES)


def are_within(given: Mapping[str, str]) -> bool:
    """Whether the shipped articles, unchanged, are among these texts."""
    return all(given.get(name) == text for name, text in articles().items())
