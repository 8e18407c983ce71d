"""The questions written for this reader: on Dutch passages of our own and on SQuAD's paragraphs.

Half of them have no answer though they look as if they had, as those of SQuAD 2.0 (Rajpurkar et
al. 2018), and stand beside questions of the same hand that have one; those on a subject are asked
of all its passages. How they were written, and under what licence: ``written/README.md``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from zlib import crc32

from corpus.errors import ModelError
from qa.reader.train.examples import SQUAD, Example, first_answer, squad_rows

FOLDER = Path(__file__).parent / "written"
DUTCH = "dutch.jsonl"
YES_NO = "yes-no.jsonl"  # on the passages of DUTCH
LISTS = "lists.jsonl"
SUBJECTS = "subjects.jsonl"  # each question on all passages of rival pages on one subject
ON_SQUAD = "on-squad.jsonl"
EDITED = "edited.jsonl"  # SQuAD's own questions with some words exchanged
ON_DUTCH = (DUTCH, YES_NO, LISTS, SUBJECTS)
# times in an epoch
REPEATS = {DUTCH: 4, YES_NO: 5, LISTS: 6, SUBJECTS: 9, ON_SQUAD: 4, EDITED: 12}
ELSEWHERE = 1  # the same, for a question on a passage of its subject that does not answer it
HELD_BACK_SHARE = 10  # one Dutch passage, or subject, of so many is kept to measure by


def passage_key(passage: str) -> str:
    """What a line that does not hold its passage calls it."""
    return hashlib.sha256(passage.encode()).hexdigest()[:16]


def question_key(question: str, passage: str) -> str:
    """What a line calls a question on a passage, of which it holds neither."""
    return passage_key(f"{question}\n{passage}")


def _held_back(name: str) -> bool:
    return crc32(name.encode()) % HELD_BACK_SHARE == 0


def _examples(
    questions: list[dict[str, Any]], passage: str, title: str, language: str, subject: str = ""
) -> Iterator[Example]:
    article = f"written {subject or title}"
    for row in questions:
        span = _span(row["answer"], passage)
        yield Example(row["question"], passage, span, title, article, language, whole=True)


def _span(answer: str | list[int] | None, passage: str) -> tuple[int, int] | None:
    """Where the answer stands: it is given in words, or by its offsets (start, end) where the
    passage is not ours to repeat.
    """
    if isinstance(answer, str):
        start = passage.index(answer)
        return start, start + len(answer)
    return (answer[0], answer[1]) if answer else None


def _rows(file: Path) -> Iterator[dict[str, Any]]:
    try:
        lines = file.read_text("utf-8").splitlines()
    except OSError as error:
        raise ModelError(
            f"{file} cannot be read ({error.strerror}); give --written the folder "
            f"with {', '.join(REPEATS)}, or leave it out."
        ) from error
    yield from map(json.loads, lines)


def dutch_examples(name: str, *, held_back: bool, folder: Path = FOLDER) -> list[Example]:
    """The questions, Dutch and English, of the file ``name``, one of ``ON_DUTCH``.

    Those on the passages that are kept to measure by, or on the others.
    """
    return [
        example
        for row in _dutch_rows(name, folder)
        if _held_back(row.get("subject", row["title"])) == held_back
        for example in _examples(
            row["questions"], row["passage"], row["title"], "nl", row.get("subject", "")
        )
    ]


def _dutch_rows(name: str, folder: Path) -> list[dict[str, Any]]:
    if name == SUBJECTS:
        return [row for subject in _rows(folder / name) for row in _of_subject(subject)]
    if name != YES_NO:
        return list(_rows(folder / name))
    asked = {row["dutch"]: row["questions"] for row in _rows(folder / YES_NO)}
    passages = ((passage_key(row["passage"]), row) for row in _rows(folder / DUTCH))
    return [{**row, "questions": asked[key]} for key, row in passages if key in asked]


def _of_subject(subject: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """A row for each of its passages, with all questions: most have no answer there."""
    for number, passage in enumerate(subject["passages"]):
        asked = [
            {"question": q["question"], "answer": q["answers"].get(str(number))}
            for q in subject["questions"]
        ]
        yield {**passage, "subject": subject["subject"], "questions": asked}


def squad_examples(data: Path, folder: Path = FOLDER) -> list[Example]:
    """The English questions on paragraphs of the SQuAD training file in ``data``; none without it.

    Paragraphs that are not in the file are left out.
    """
    found: dict[str, tuple[str, str]] = {}
    for path in sorted(data.glob(SQUAD)):
        for title, passage, _ in squad_rows(path):
            found[passage_key(passage)] = passage, "" if title.startswith("#") else title
    return [
        example
        for row in _rows(folder / ON_SQUAD)
        if row["squad"] in found
        for example in _examples(row["questions"], *found[row["squad"]], "en")
    ]


def edited_examples(data: Path, folder: Path = FOLDER) -> list[Example]:
    """SQuAD's questions with some words exchanged, by the training file in ``data``.

    After most of these edits the passage no longer answers; after the others the answer still is
    right. A line names a question by ``question_key``; its edits are (start, end, words) in it.
    """
    edits = {row["question"]: row for row in _rows(folder / EDITED)}
    return [
        Example(
            record["question"][:start] + words + record["question"][end:],
            passage,
            first_answer(record) if kept else None,
            "" if title.startswith("#") else title,
            f"written {title}",
            "en",
            whole=True,
        )
        for path in sorted(data.glob(SQUAD))
        for title, passage, record in squad_rows(path)
        if (row := edits.get(question_key(record["question"], passage)))
        for kind, kept in (("none", False), ("same", True))
        for start, end, words in row.get(kind, ())
    ]


def written_examples(data: Path, folder: Path = FOLDER) -> list[tuple[Example, int]]:
    """All that may be trained on, each with its repeats in one epoch."""
    on_squad = [(example, REPEATS[ON_SQUAD]) for example in squad_examples(data, folder)]
    edited = [(example, REPEATS[EDITED]) for example in edited_examples(data, folder)]
    dutch = [
        (example, ELSEWHERE if name == SUBJECTS and not example.answer else REPEATS[name])
        for name in ON_DUTCH
        for example in dutch_examples(name, held_back=False, folder=folder)
    ]
    return on_squad + edited + dutch
