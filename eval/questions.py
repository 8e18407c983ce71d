"""The questions of an evaluation: their format, and a check that reports everything at once.

The format is JSON Lines, one question a line (eval/README.md). Offsets are Python ``str``
offsets into the file's canonical text, so ``texts[file][start:end] == text`` for every span.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.lines import Problems, read_objects

LANGUAGES = ("nl", "en")
EXPECTED = ("answer", "abstain", "abstain_out_of_domain", "general_info_and_refer")
MATCHES = ("any", "list", "conflict")
# The types that expect something other than an answer, each tied to what it expects.
SILENT_TYPES = {
    "unanswerable": "abstain",
    "out_of_domain": "abstain_out_of_domain",
    "medical_advice": "general_info_and_refer",
}
TYPES = (
    *("fact", "number", "list", "table", "definition", "multi_source", "yesno", "dose"),
    *("comparison", "how", "why", "safety"),
    *SILENT_TYPES,
)
_REQUIRED = ("id", "lang", "question", "type", "expected")
_TEXTS = ("pair", "note", "polarity", "cluster", "origin")
_SPAN_LISTS = ("answers", "passages", "items", "context_passages")
_FIELDS = (*_REQUIRED, "answerable", "match", "tags", "history", *_TEXTS, *_SPAN_LISTS)
_SPAN_FIELDS = ("file", "start", "end", "rel", "text", "group")
_FULL, _PARTIAL = 2, 1


@dataclass(frozen=True, slots=True)
class Span:
    """A slice of a file. ``rel`` 2 answers the question on its own, 1 is partial or a near miss.

    ``group`` names the side that the span takes where sources differ (``match`` conflict).
    """

    file: str
    start: int
    end: int
    rel: int = _FULL
    text: str = ""
    group: str = ""

    def inside(self, other: Span) -> bool:
        """Whether this span lies wholly within ``other``."""
        return self.file == other.file and other.start <= self.start and self.end <= other.end


@dataclass(frozen=True, slots=True)
class Question:
    """One question with its gold.

    ``answers`` are exact words, ``passages`` the sentence, bullet, row or list that a reader
    needs, ``items`` the parts of a list answer, ``context_passages`` the nearest misleading text
    (unanswerable) or general text worth citing (medical). ``history`` holds earlier user turns.
    """

    id: str
    lang: str
    question: str
    type: str
    expected: str
    match: str = "any"
    answers: tuple[Span, ...] = ()
    passages: tuple[Span, ...] = ()
    items: tuple[Span, ...] = ()
    context_passages: tuple[Span, ...] = ()
    tags: tuple[str, ...] = ()
    history: tuple[str, ...] = ()
    pair: str = ""
    note: str = ""
    polarity: str = ""
    cluster: str = ""
    origin: str = ""

    @property
    def answerable(self) -> bool:
        """Whether the sources answer the question."""
        return self.expected == "answer"

    @property
    def sources(self) -> tuple[str, ...]:
        """The files that answer the question on their own, sorted."""
        return tuple(sorted({span.file for span in self.passages if span.rel == _FULL}))


def load(path: Path, texts: Mapping[str, str]) -> tuple[Question, ...]:
    """The questions of a JSON Lines file, checked against the texts they point into.

    ``texts`` maps a file name to its canonical text. Raises EvaluationError with every problem
    and its line number; nothing is returned in part.
    """
    problems = Problems(path.name)
    numbered: list[tuple[int, Question]] = []
    for line, value in read_objects(path, problems):
        question = parse(value, texts, problems, line)
        if question is not None:
            numbered.append((line, question))
    _check_between(numbered, problems)
    if not numbered and not problems.found:
        problems.add(0, "no questions; give one JSON object a line")
    problems.raise_if_any()
    return tuple(question for _, question in numbered)


def parse(
    value: Mapping[str, Any], texts: Mapping[str, str], problems: Problems, line: int
) -> Question | None:
    """One question from its JSON object; problems are noted under ``line``.

    Returns None when a field is missing or of the wrong kind, so that only a well-formed question
    is compared with the others.
    """
    before = len(problems.found)
    _check_fields(value, problems, line)
    spans = {name: _spans(value.get(name, []), name, texts, problems, line) for name in _SPAN_LISTS}
    if len(problems.found) > before:
        return None
    question = Question(
        id=value["id"],
        lang=value["lang"],
        question=value["question"],
        type=value["type"],
        expected=value["expected"],
        match=value.get("match", "any"),
        tags=tuple(value.get("tags", ())),
        history=tuple(value.get("history", ())),
        answers=spans["answers"],
        passages=spans["passages"],
        items=spans["items"],
        context_passages=spans["context_passages"],
        pair=value.get("pair", ""),
        note=value.get("note", ""),
        polarity=value.get("polarity", ""),
        cluster=value.get("cluster", ""),
        origin=value.get("origin", ""),
    )
    _check_gold(question, problems, line)
    return question


def _check_fields(value: Mapping[str, Any], problems: Problems, line: int) -> None:
    for name in value:
        if name not in _FIELDS:
            problems.add(line, f"unknown field '{name}' (known: {', '.join(_FIELDS)})")
    for name in _REQUIRED:
        if name not in value:
            problems.add(line, f"field '{name}' is missing")
        elif not isinstance(value[name], str) or not value[name].strip():
            problems.add(line, f"'{name}' must be a text that is not empty")
    for name in _TEXTS:
        if not isinstance(value.get(name, ""), str):
            problems.add(line, f"'{name}' must be a text")
    for name in ("tags", "history"):
        texts = value.get(name, [])
        if not isinstance(texts, list) or not all(isinstance(t, str) and t.strip() for t in texts):
            problems.add(line, f"'{name}' must be a list of texts")
    _check_choice(value, "lang", LANGUAGES, problems, line)
    _check_choice(value, "type", TYPES, problems, line)
    _check_choice(value, "expected", EXPECTED, problems, line)
    _check_choice(value, "match", MATCHES, problems, line)
    answerable = value.get("answerable")
    if answerable is not None and answerable is not (value.get("expected") == "answer"):
        problems.add(line, "'answerable' must be true exactly when 'expected' is 'answer'")


def _check_choice(
    value: Mapping[str, Any], name: str, choices: tuple[str, ...], problems: Problems, line: int
) -> None:
    given = value.get(name)
    if given is None and name in value:
        problems.add(line, f"'{name}' must not be null; leave the field out")
    elif given is not None and given not in choices:
        problems.add(line, f"'{name}' is {given!r}; choose from {', '.join(choices)}")


def _spans(
    value: object, name: str, texts: Mapping[str, str], problems: Problems, line: int
) -> tuple[Span, ...]:
    if not isinstance(value, list):
        problems.add(line, f"'{name}' must be a list of spans")
        return ()
    found: list[Span] = []
    for position, entry in enumerate(value):
        where = f"{name}[{position}]"
        before = len(problems.found)
        span = _span(entry, where, problems, line)
        if span is None:
            continue
        _check_slice(span, entry, where, texts, problems, line)
        if (span.file, span.start, span.end) in {(s.file, s.start, s.end) for s in found}:
            problems.add(line, f"{where} repeats an earlier span of '{name}'")
        if len(problems.found) == before:
            found.append(span)
    return tuple(found)


def _span(entry: object, where: str, problems: Problems, line: int) -> Span | None:
    if not isinstance(entry, dict):
        problems.add(line, f"{where} must be an object with file, start, end and rel")
        return None
    before = len(problems.found)
    for field in entry:
        if field not in _SPAN_FIELDS:
            problems.add(line, f"{where} has the unknown field '{field}'")
    for field in ("file", "text", "group"):
        if not isinstance(entry.get(field, "" if field != "file" else None), str):
            problems.add(line, f"{where}: '{field}' must be a text")
    for field in ("start", "end"):
        # bool is an int in Python, but true is no offset.
        if not isinstance(entry.get(field), int) or isinstance(entry.get(field), bool):
            problems.add(line, f"{where}: '{field}' must be a whole number")
    rel = entry.get("rel", _FULL)
    if isinstance(rel, bool) or rel not in (_PARTIAL, _FULL):
        problems.add(line, f"{where}: 'rel' is {rel!r}; choose 2 (answers) or 1 (partial)")
    if len(problems.found) > before:
        return None
    return Span(**{field: entry[field] for field in _SPAN_FIELDS if field in entry})


def _check_slice(
    span: Span,
    entry: Mapping[str, Any],
    where: str,
    texts: Mapping[str, str],
    problems: Problems,
    line: int,
) -> None:
    text = texts.get(span.file)
    if text is None:
        known = ", ".join(sorted(texts)) or "none"
        problems.add(line, f"{where}: {span.file!r} is not in the index (it has {known})")
    elif not 0 <= span.start < span.end:
        problems.add(line, f"{where}: needs 0 <= start < end, not {span.start} and {span.end}")
    elif span.end > len(text):
        problems.add(
            line, f"{where}: end {span.end} is past the end of {span.file} ({len(text)} characters)"
        )
    else:
        found = text[span.start : span.end]
        if "text" in entry and entry["text"] != found:
            problems.add(line, f"{where}: text {entry['text']!r} is not the slice {found!r}")
        elif found != found.strip():
            problems.add(line, f"{where}: begins or ends with white space: {found!r}")


def _check_gold(question: Question, problems: Problems, line: int) -> None:
    expected = SILENT_TYPES.get(question.type, "answer")
    if question.expected != expected:
        problems.add(line, f"type '{question.type}' goes with 'expected': '{expected}'")
    if not question.answerable:
        for name in ("answers", "passages", "items"):
            if getattr(question, name):
                problems.add(
                    line,
                    f"'{name}' must be empty when no answer is expected; "
                    "near text goes in 'context_passages'",
                )
        return
    for name in ("answers", "passages"):
        if not any(span.rel == _FULL for span in getattr(question, name)):
            problems.add(line, f"'{name}' needs a span with rel 2 when an answer is expected")
    for name in ("answers", "items"):
        for position, span in enumerate(getattr(question, name)):
            if not any(span.inside(p) and p.rel >= span.rel for p in question.passages):
                problems.add(line, f"{name}[{position}] lies in no passage of its 'rel'")
    for position, passage in enumerate(question.passages):
        spans = [a for a in question.answers if a.inside(passage) and a.rel == _FULL]
        if passage.rel == _FULL and not spans:
            problems.add(line, f"passages[{position}] has rel 2 but holds no answer of rel 2")
    _check_match(question, problems, line)


def _check_match(question: Question, problems: Problems, line: int) -> None:
    if (question.match == "list") != bool(question.items):
        problems.add(line, "'items' go with 'match': 'list', and a list needs them")
    groups = {span.group for span in question.answers if span.rel == _FULL}
    if question.match == "conflict":
        if "" in groups:
            problems.add(line, "every answer of rel 2 needs a 'group' when sources differ")
        if len(groups - {""}) < 2:
            problems.add(line, "'match': 'conflict' needs answers of at least two groups")
    elif groups - {""}:
        problems.add(line, "a 'group' on answers goes with 'match': 'conflict'")


def _check_between(numbered: Iterable[tuple[int, Question]], problems: Problems) -> None:
    ids: dict[str, int] = {}
    asked: dict[tuple[str, str, tuple[str, ...]], int] = {}
    pairs: dict[str, list[tuple[int, Question]]] = defaultdict(list)
    for line, question in numbered:
        if question.id in ids:
            problems.add(line, f"id '{question.id}' is already used on line {ids[question.id]}")
        ids.setdefault(question.id, line)
        key = (question.lang, question.question.casefold(), question.history)
        if key in asked:
            problems.add(line, f"the same question stands on line {asked[key]}")
        asked.setdefault(key, line)
        if question.pair:
            pairs[question.pair].append((line, question))
    for name, members in pairs.items():
        if sorted(q.lang for _, q in members) != sorted(LANGUAGES):
            problems.add(members[0][0], f"pair '{name}' needs one question in nl and one in en")
        elif len({(q.expected, frozenset(q.answers)) for _, q in members}) > 1:
            problems.add(members[1][0], f"the questions of pair '{name}' have different gold")
