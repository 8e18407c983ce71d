"""Figures of a reader on public yardsticks: ``python -m eval.yardsticks --data FOLDER``.

SQuAD v1.1 dev, SQuAD v2.0 dev, XQuAD German, a held-back fold of PolicyQA-nl and the held-back
questions that were written for the reader, by the official SQuAD rules. ``--limit`` takes every
n-th question instead of all of them, except of those that are asked of all passages of a subject.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import as_exit_code
from eval.measures.silence import auroc
from qa.reader.metric import best
from qa.reader.model import TRAINED, load_named, load_own
from qa.reader.reading import Reader
from qa.reader.train.examples import Example, policy_examples, squad_rows
from qa.reader.train.written import DUTCH, LISTS, SUBJECTS, YES_NO, dutch_examples
from qa.reading import Reads

SIDE_BY_SIDE = "Written subjects"


@dataclass(frozen=True, slots=True)
class Question:
    """A yardstick's question on one passage; no ``answers`` means that it has none there.

    ``article`` groups the passages that it is asked of, where there are several.
    """

    question: str
    passage: str
    answers: tuple[str, ...]
    article: str = ""


def squad_questions(path: Path) -> list[Question]:
    """All questions of a file in SQuAD's JSON layout."""
    return [
        Question(record["question"], context, tuple(a["text"] for a in record["answers"]))
        for _, context, record in squad_rows(path)
    ]


def _question(example: Example) -> Question:
    answers = (example.passage[slice(*example.answer)],) if example.answer else ()
    return Question(example.question, example.passage, answers, example.article)


def policy_questions(path: Path, fold: int = 0) -> list[Question]:
    """The questions of one fold of the Dutch PolicyQA pairs."""
    return [_question(example) for number, example in policy_examples(path) if number == fold]


def written_questions(name: str) -> list[Question]:
    """The written questions of a file on Dutch passages that no reader was trained on."""
    return [_question(example) for example in dutch_examples(name, held_back=True)]


def thin(questions: Sequence[Question], limit: int | None) -> Sequence[Question]:
    """At most ``limit`` questions, spread evenly over all."""
    if limit is None or len(questions) <= limit:
        return questions
    return [questions[i * len(questions) // limit] for i in range(limit)]


def first_right(questions: Sequence[Question], margins: Sequence[float]) -> float:
    """Of the questions asked of several passages, the percent whose widest margin is right.

    That is of a passage with an answer; a question that no passage answers is left out.
    """
    asked: dict[tuple[str, str], list[tuple[float, bool]]] = defaultdict(list)
    for question, margin in zip(questions, margins, strict=True):
        asked[question.article, question.question].append((margin, bool(question.answers)))
    tops = [max(found)[1] for found in asked.values() if any(right for _, right in found)]
    return 100 * sum(tops) / len(tops)


def measure(
    reader: Reads, questions: Sequence[Question], *, of_subjects: bool = False
) -> dict[str, float]:
    """F1 and EM of the best span (percent) and, where some have no answer, the no-answer figures.

    ``f1_at_0`` answers where the margin is above 0; ``f1_best`` takes the margin that fits these
    questions best, as the official SQuAD 2.0 script does; ``auroc`` is of the margin. Asked
    ``of_subjects``, each question of all passages, there is ``first`` too (``first_right``).
    """
    margins: list[float] = []
    f1s: list[float] = []
    exacts: list[float] = []
    answerable: list[bool] = []
    for question in questions:
        reading = reader.read(question.question, [question.passage])[0]
        top = reading.spans[0] if reading.spans else None
        text = question.passage[top.start : top.end] if top else ""
        value, same = best(text, question.answers or ("",))
        margins.append(reading.margin)
        f1s.append(value)
        exacts.append(same)
        answerable.append(bool(question.answers))
    with_answer = [i for i, yes in enumerate(answerable) if yes]
    count = len(margins)
    figures = {
        "questions": float(count),
        "f1": 100 * sum(f1s[i] for i in with_answer) / len(with_answer),
        "em": 100 * sum(exacts[i] for i in with_answer) / len(with_answer),
    }
    if len(with_answer) < count:
        order = sorted(range(count), key=lambda i: -margins[i])
        total = top_total = float(count - len(with_answer))  # silence everywhere
        for i in order:
            total += f1s[i] if answerable[i] else -1.0
            top_total = max(top_total, total)
        at_zero = sum(
            (f1s[i] if answerable[i] else 0.0) if margins[i] > 0 else float(not answerable[i])
            for i in range(count)
        )
        figures["f1_at_0"] = 100 * at_zero / count
        figures["f1_best"] = 100 * top_total / count
        area = auroc(margins, answerable)
        assert area is not None  # there are questions of both kinds
        figures["auroc"] = area
    if of_subjects:
        figures["first"] = first_right(questions, margins)
    return figures


def main(arguments: Sequence[str] | None = None) -> int:
    """Print one line of JSON a yardstick."""
    parser = argparse.ArgumentParser(prog="python -m eval.yardsticks", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the yardsticks")
    parser.add_argument("--reader", help="a hub model or directory, in place of Bijsluiter's own")
    parser.add_argument("--weights", type=Path, default=TRAINED, help="folder of own weights")
    parser.add_argument("--limit", type=int, help="at most so many questions a yardstick")
    options = parser.parse_args(arguments)
    reader = Reader(load_named(options.reader) if options.reader else load_own(options.weights))
    yardsticks = {
        "SQuAD v1.1 dev": squad_questions(options.data / "squad-dev-v1.1.json.gz"),
        "SQuAD v2.0 dev": squad_questions(options.data / "squad-dev-v2.0.json.gz"),
        "XQuAD de": squad_questions(options.data / "xquad-de.json.gz"),
        "XQuAD en": squad_questions(options.data / "xquad-en.json.gz"),
        "PolicyQA-nl fold 0": policy_questions(options.data / "policyqa-nl-train.jsonl"),
        "Written Dutch": written_questions(DUTCH),
        "Written yes/no": written_questions(YES_NO),
        "Written lists": written_questions(LISTS),
        SIDE_BY_SIDE: written_questions(SUBJECTS),
    }
    for name, questions in yardsticks.items():
        begun = time.perf_counter()
        of_subjects = name == SIDE_BY_SIDE
        limit = None if of_subjects else options.limit
        figures = measure(reader, thin(questions, limit), of_subjects=of_subjects)
        figures["seconds"] = time.perf_counter() - begun
        shown = {key: round(value, 3) for key, value in figures.items()}
        print(json.dumps({"yardstick": name, **shown}), flush=True)
    return 0


if __name__ == "__main__":
    with as_exit_code():
        sys.exit(main())
