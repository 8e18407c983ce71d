"""Verdicts of readers, kept by the chat, become candidate questions.

The chat stores one JSON object a line: question, language, outcome, good, quotes (and the time). A
good answer gives gold as far as it goes; a bad one needs a person, so it is only named.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.gold import Units, span, surroundings, trimmed
from eval.lines import Problems, read_objects
from eval.measures.places import Place
from eval.questions import LANGUAGES, parse
from qa.answer import Outcome

_FIELDS = ("time", "question", "language", "outcome", "good", "quotes")
_NOTE = "From a reader's verdict; gold is what was quoted, not yet checked for completeness."
# A verdict says nothing of the kind of question: the plainest kind that goes with its outcome.
_TYPES = {
    Outcome.ANSWERED: ("fact", "answer"),
    Outcome.NOT_IN_SOURCES: ("unanswerable", "abstain"),
    Outcome.SEE_A_PROFESSIONAL: ("medical_advice", "general_info_and_refer"),
}


@dataclass(frozen=True, slots=True)
class Candidates:
    """``questions`` as JSON objects of the questions format, and the questions without gold."""

    questions: tuple[dict[str, Any], ...]
    to_annotate: tuple[str, ...]


def candidates(path: Path, texts: Mapping[str, str], known: Units) -> Candidates:
    """The candidates of a file of verdicts; the last verdict on a question counts.

    Raises EvaluationError with every problem and its line, such as a quote that is no longer the
    slice that it cites.
    """
    problems = Problems(path.name)
    good: dict[tuple[str, str], dict[str, Any]] = {}
    bad: dict[tuple[str, str], str] = {}
    for line, verdict in read_objects(path, problems):
        if not _is_verdict(verdict, problems, line):
            continue
        key = (verdict["language"], verdict["question"].strip().casefold())
        good.pop(key, None)
        bad.pop(key, None)
        if not verdict["good"]:
            bad[key] = verdict["question"].strip()
            continue
        candidate = _candidate(verdict, f"reader-{line:04d}", texts, known, problems, line)
        parse(candidate, texts, problems, line)
        good[key] = candidate
    problems.raise_if_any()
    return Candidates(tuple(good.values()), tuple(bad.values()))


def _is_verdict(verdict: Mapping[str, Any], problems: Problems, line: int) -> bool:
    before = len(problems.found)
    for name in verdict:
        if name not in _FIELDS:
            problems.add(line, f"unknown field '{name}' (known: {', '.join(_FIELDS)})")
    if not isinstance(verdict.get("question"), str) or not verdict["question"].strip():
        problems.add(line, "'question' must be a text that is not empty")
    if verdict.get("language") not in LANGUAGES:
        problems.add(line, f"'language' must be one of {', '.join(LANGUAGES)}")
    if verdict.get("outcome") not in tuple(Outcome):
        problems.add(line, f"'outcome' must be one of {', '.join(Outcome)}")
    if not isinstance(verdict.get("good"), bool):
        problems.add(line, "'good' must be true or false")
    if not isinstance(verdict.get("quotes"), list):
        problems.add(line, "'quotes' must be a list")
    return len(problems.found) == before


def _candidate(
    verdict: Mapping[str, Any],
    name: str,
    texts: Mapping[str, str],
    known: Units,
    problems: Problems,
    line: int,
) -> dict[str, Any]:
    type_, expected = _TYPES[verdict["outcome"]]
    value: dict[str, Any] = {
        "id": name,
        "lang": verdict["language"],
        "question": verdict["question"].strip(),
        "type": type_,
        "expected": expected,
        "note": _NOTE,
        "origin": "readers",
    }
    answers = [
        place for quote in verdict["quotes"] if (place := _place(quote, texts, problems, line))
    ]
    answers = list(dict.fromkeys(answers))
    if not answers:
        return value
    passages = list(dict.fromkeys(surroundings(answer, known) for answer in answers))
    spans = [span(passage, texts, 2) for passage in passages]
    if expected == "answer":
        return {**value, "answers": [span(a, texts, 2) for a in answers], "passages": spans}
    return {**value, "context_passages": spans}


def _place(quote: object, texts: Mapping[str, str], problems: Problems, line: int) -> Place | None:
    if not isinstance(quote, dict):
        problems.add(line, "a quote must be an object with quote, source, start and end")
        return None
    file, start, end = quote.get("source"), quote.get("start"), quote.get("end")
    text = texts.get(str(file))
    if text is None:
        problems.add(line, f"{file!r} is not in the index")
    elif not (type(start) is int and type(end) is int and 0 <= start < end <= len(text)):
        problems.add(line, f"start {start!r} and end {end!r} are no slice of {file}")
    elif text[start:end] != quote.get("quote"):
        problems.add(line, f"{quote.get('quote')!r} is not the slice {text[start:end]!r}")
    else:
        return trimmed(Place(str(file), start, end), text)
    return None
