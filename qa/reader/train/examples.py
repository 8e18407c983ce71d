"""Question, passage and answer, read from the public sets that a reader is trained on."""

from __future__ import annotations

import gzip
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from zlib import crc32

from corpus.errors import ModelError

POLICY_FOLDS = 5
HELD_BACK_SHARE = 50  # one article of so many is kept for calibration


@dataclass(frozen=True, slots=True)
class Example:
    """A question on a passage; ``answer`` is (start, end) in the passage, None for no answer.

    ``title`` is what stands above the passage (a SQuAD article's name); ``article`` groups the
    examples whose passages may serve each other as passages without the answer. One that is
    ``whole`` is neither cut nor rid of its answer: its silence was written, not made.
    """

    question: str
    passage: str
    answer: tuple[int, int] | None
    title: str
    article: str
    language: str
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    """A training set: its file pattern, its language and how often an epoch passes over it."""

    pattern: str
    language: str
    repeats: int


SQUAD = "squad-train-v1.1.json*"
SOURCES = (
    Source(SQUAD, "en", 6),
    Source("norquad-*.json*", "no", 8),
    Source("covid-qa.json*", "en", 4),
    Source("policyqa-nl-train.jsonl*", "nl", 10),
)


def _open(path: Path) -> str:
    try:
        data = path.read_bytes()
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror}); put that set in the folder of --data."
        ) from error
    return (gzip.decompress(data) if path.suffix == ".gz" else data).decode("utf-8")


def squad_rows(path: Path) -> Iterator[tuple[str, str, dict[str, Any]]]:
    """Title, context and question record of each question of a file in SQuAD's JSON layout.

    Raises ModelError where there is no such file.
    """
    for number, article in enumerate(json.loads(_open(path))["data"]):
        title = str(article.get("title", "")).replace("_", " ")
        for paragraph in article["paragraphs"]:
            for record in paragraph["qas"]:
                yield title or f"#{number}", paragraph["context"], record


def first_answer(record: Mapping[str, Any]) -> tuple[int, int] | None:
    """Where the first answer of a question record stands in its context; None without one."""
    if not record["answers"]:
        return None
    first = record["answers"][0]
    raw = first["text"]
    start = first["answer_start"] + len(raw) - len(raw.lstrip())
    return start, start + len(raw.strip())


def _squad(path: Path, language: str) -> Iterator[Example]:
    for title, context, record in squad_rows(path):
        answer = first_answer(record)
        shown = "" if title.startswith("#") else title
        yield Example(record["question"], context, answer, shown, path.name + title, language)


def policy_fold(identifier: str) -> int:
    """The fold, 0 to 4, of a PolicyQA-nl pair: by its id, so that it never changes."""
    return crc32(identifier.encode()) % POLICY_FOLDS


def policy_examples(path: Path) -> Iterator[tuple[int, Example]]:
    """Fold and example of each pair of the Dutch PolicyQA file (one JSON object a line)."""
    for line in _open(path).splitlines():
        row = json.loads(line)
        start = row["answer_start"]
        span = (start, start + len(row["answer"]))
        yield (
            policy_fold(row["id"]),
            Example(row["question"], row["context"], span, "", path.name, "nl"),
        )


def _held_back(article: str) -> bool:
    return crc32(article.encode()) % HELD_BACK_SHARE == 0


def training_examples(folder: Path, held_back_fold: int | None = 0) -> list[tuple[Example, int]]:
    """All training examples found in ``folder``, each with its repeats in one epoch.

    Left out are the Dutch pairs of ``held_back_fold``, for measuring, and ``calibration_examples``.
    Raises ModelError when the folder holds none of the sets of ``SOURCES``.
    """
    found: list[tuple[Example, int]] = []
    for source in SOURCES:
        for path in sorted(folder.glob(source.pattern)):
            if ".jsonl" in path.name:
                rows = policy_examples(path)
                found += [(e, source.repeats) for fold, e in rows if fold != held_back_fold]
            else:
                rows_ = _squad(path, source.language)
                found += [(e, source.repeats) for e in rows_ if not _held_back(e.article)]
    if not found:
        patterns = ", ".join(source.pattern for source in SOURCES)
        raise ModelError(f"{folder} holds no training data: put files named {patterns} in it.")
    return found


def calibration_examples(folder: Path) -> list[Example]:
    """The questions of the articles that training never sees, to set probabilities by."""
    files = [(p, s) for s in SOURCES for p in sorted(folder.glob(s.pattern)) if ".json" in p.name]
    return [
        example
        for path, source in files
        if ".jsonl" not in path.name
        for example in _squad(path, source.language)
        if _held_back(example.article)
    ]
