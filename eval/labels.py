"""Flag labels: what a person says about a sentence, read and checked from JSON Lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.lines import Problems, read_objects

KINDS = ("flag", "ambiguous", "plain")
_FIELDS = (
    *("label", "file", "article", "start", "end", "text", "flag", "subtype"),
    *("cue", "cue_start", "cue_end", "note", "exemplar", "near_miss_for"),
)


@dataclass(frozen=True, slots=True)
class Label:
    """One label on one sentence.

    ``kind`` is ``flag`` (carries ``flag``, its shortest trigger at ``cue_start`` to ``cue_end``),
    ``ambiguous`` (``flag`` is scored neither way) or ``plain`` (carries no flag; tempts those of
    ``near_miss_for``). An ``exemplar`` stands in the taxonomy and is left out of a score.
    """

    kind: str
    file: str
    start: int
    end: int
    flag: str = ""
    cue_start: int = 0
    cue_end: int = 0
    near_miss_for: tuple[str, ...] = ()
    exemplar: bool = False
    article: int | None = None


def load(path: Path, texts: Mapping[str, str]) -> tuple[Label, ...]:
    """The labels of a file, checked against the texts; EvaluationError with every problem."""
    problems = Problems(path.name)
    labels: list[Label] = []
    for line, value in read_objects(path, problems):
        label = _parse(value, texts, problems, line)
        if label is not None:
            labels.append(label)
    if not labels and not problems.found:
        problems.add(0, "no labels; give one JSON object a line")
    problems.raise_if_any()
    return tuple(labels)


def _parse(
    value: Mapping[str, Any], texts: Mapping[str, str], problems: Problems, line: int
) -> Label | None:
    before = len(problems.found)
    for name in value:
        if name not in _FIELDS:
            problems.add(line, f"unknown field '{name}' (known: {', '.join(_FIELDS)})")
    kind = value.get("label")
    if kind not in KINDS:
        problems.add(line, f"'label' is {kind!r}; choose from {', '.join(KINDS)}")
    if kind in ("flag", "ambiguous") and not isinstance(value.get("flag"), str):
        problems.add(line, f"a label '{kind}' needs the 'flag' it is about")
    text = texts.get(str(value.get("file")))
    if text is None:
        problems.add(line, f"{value.get('file')!r} is not in the index")
    else:
        _check_slice(value, ("start", "end", "text"), text, problems, line)
        if kind == "flag":
            _check_slice(value, ("cue_start", "cue_end", "cue"), text, problems, line)
    if len(problems.found) > before:
        return None
    return Label(
        kind=value["label"],
        file=value["file"],
        start=value["start"],
        end=value["end"],
        flag=value.get("flag", ""),
        cue_start=value.get("cue_start", 0),
        cue_end=value.get("cue_end", 0),
        near_miss_for=tuple(value.get("near_miss_for", ())),
        exemplar=bool(value.get("exemplar", False)),
        article=value.get("article"),
    )


def _check_slice(
    value: Mapping[str, Any],
    fields: tuple[str, str, str],
    text: str,
    problems: Problems,
    line: int,
) -> None:
    start, end, words = (value.get(field) for field in fields)
    if not (type(start) is int and type(end) is int and 0 <= start < end <= len(text)):
        problems.add(line, f"{fields[0]} {start!r} and {fields[1]} {end!r} are no slice")
    elif words != text[start:end]:
        problems.add(line, f"{fields[2]!r} {words!r} is not the slice {text[start:end]!r}")
