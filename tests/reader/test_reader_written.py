"""The questions written for the reader: that every line holds what it says, and where it goes."""

from __future__ import annotations

import json
import random
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from corpus.errors import ModelError
from qa.reader.train.augment import Augmenter, Mix
from qa.reader.train.examples import Example, training_examples
from qa.reader.train.written import (
    DUTCH,
    EDITED,
    FOLDER,
    LISTS,
    ON_DUTCH,
    ON_SQUAD,
    SUBJECTS,
    YES_NO,
    dutch_examples,
    edited_examples,
    passage_key,
    question_key,
    squad_examples,
    written_examples,
)


def _rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / name).read_text("utf-8").splitlines()]


@pytest.mark.parametrize("name", [DUTCH, LISTS])
def test_every_dutch_answer_stands_in_its_passage(name: str) -> None:
    rows = _rows(name)
    assert len({row["title"] for row in rows}) == len({row["passage"] for row in rows}) == len(rows)
    for row in rows:
        asked = [question["question"] for question in row["questions"]]
        assert len(set(asked)) == len(asked), row["title"]
        for question in row["questions"]:
            assert question["answer"] is None or question["answer"] in row["passage"], question
            assert question["question"].strip(), row["title"]


def test_every_yes_or_no_stands_in_a_dutch_passage() -> None:
    passages = {passage_key(row["passage"]): row for row in _rows(DUTCH)}
    rows = _rows(YES_NO)
    assert len({row["dutch"] for row in rows}) == len(rows)
    for row in rows:
        passage = passages[row["dutch"]]
        asked = [q["question"] for q in (*passage["questions"], *row["questions"])]
        assert len(set(asked)) == len(asked), passage["title"]
        for question in row["questions"]:
            assert question["answer"] is None or question["answer"] in passage["passage"], question


def test_every_answer_on_a_subject_stands_in_its_passage() -> None:
    rows = _rows(SUBJECTS)
    assert len({row["subject"] for row in rows}) == len(rows)
    for row in rows:
        asked = [question["question"] for question in row["questions"]]
        assert len(set(asked)) == len(asked), row["subject"]
        for question in row["questions"]:
            for number, answer in question["answers"].items():
                assert answer and answer in row["passages"][int(number)]["passage"], question


def test_a_question_on_a_subject_is_asked_of_all_its_passages() -> None:
    row = _rows(SUBJECTS)[0]
    texts = [passage["passage"] for passage in row["passages"]]
    examples = [e for kept in (True, False) for e in dutch_examples(SUBJECTS, held_back=kept)]
    for question in row["questions"]:
        asked = {
            e.passage: e.answer
            for e in examples
            if e.passage in texts and e.question == question["question"]
        }
        assert list(asked) == texts
        for number, text in enumerate(texts):
            answer = asked[text]
            words = text[slice(*answer)] if answer else None
            assert words == question["answers"].get(str(number))


@pytest.mark.parametrize(
    ("name", "fewest", "frames"),
    [
        (YES_NO, 0.25, ("can ", "does ", "is ", "helpt ", "kan ", "cause", "veroorzaken", "help")),
        # Fewer: of the questions on a subject 22 in 100 are answered by none of its passages.
        (SUBJECTS, 0.2, ("can ", "does ", "is ", "helpt ", "mag ", "safe", "cost", "how many")),
    ],
)
def test_no_frame_tells_whether_there_is_an_answer(
    name: str, fewest: float, frames: tuple[str, ...]
) -> None:
    """ "Can X cause Y?" is asked about as often with an answer as without."""
    asked = [question for row in _rows(name) for question in row["questions"]]
    for frame in frames:
        kinds = Counter(
            not (q.get("answer") or q.get("answers"))
            for q in asked
            if frame in q["question"].lower()
        )
        assert fewest < kinds[True] / kinds.total() < 0.75, frame


def test_nothing_of_squad_is_repeated_but_places_in_it() -> None:
    for row in _rows(ON_SQUAD):
        assert row.keys() == {"squad", "questions"}
        for question in row["questions"]:
            answer = question["answer"]
            assert answer is None or 0 <= answer[0] < answer[1], question


def test_every_edit_puts_words_in_one_place_of_a_question() -> None:
    rows = _rows(EDITED)
    assert len({row["question"] for row in rows}) == len(rows)
    for row in rows:
        assert row.keys() <= {"question", "none", "same"}
        edits = [*row.get("none", ()), *row.get("same", ())]
        assert edits and all(0 <= start <= end and words.strip() for start, end, words in edits)
        assert len({tuple(edit) for edit in edits}) == len(edits), row


def test_an_edited_question_is_found_again(tiny_data: Path, tmp_path: Path) -> None:
    example = training_examples(tiny_data)[0][0]
    word = example.question.split()[-1]
    at = example.question.index(word)
    lines = [
        {
            "question": question_key(example.question, passage),
            "none": [[at, at + len(word), "nowhere?"]],
            "same": [[0, 0, "Please: "]],
        }
        for passage in (example.passage, "not in the file")
    ]
    (tmp_path / EDITED).write_text("\n".join(map(json.dumps, lines)), "utf-8")
    silent, answerable = edited_examples(tiny_data, tmp_path)
    assert silent.passage == answerable.passage == example.passage
    assert silent.answer is None and answerable.answer == example.answer
    assert silent.question == example.question[:at] + "nowhere?"
    assert answerable.question == f"Please: {example.question}"
    assert edited_examples(tmp_path, tmp_path) == []


@pytest.mark.parametrize("name", [DUTCH, YES_NO, LISTS, ON_SQUAD])
def test_every_passage_has_questions_with_and_without_answer(name: str) -> None:
    kinds = Counter(
        question["answer"] is None for row in _rows(name) for question in row["questions"]
    )
    assert 0.3 < kinds[True] / kinds.total() < 0.7


def test_the_written_passages_are_not_about_the_corpus() -> None:
    """So that nothing the project is measured by was learnt."""
    rows = [row for name in ON_DUTCH for row in _rows(name)]
    assert not [row for row in rows if "magnesium" in json.dumps(row).lower()]


def test_what_is_held_back_is_not_trained_on(tiny_data: Path) -> None:
    kept = {e.passage for name in ON_DUTCH for e in dutch_examples(name, held_back=True)}
    trained = {example.passage for example, _ in written_examples(tiny_data)}
    assert kept and trained and not kept & trained


def test_a_paragraph_of_squad_is_found_again(tiny_data: Path, tmp_path: Path) -> None:
    example = training_examples(tiny_data)[0][0]
    questions = [
        {"question": "Which town is old?", "answer": [0, len(example.passage.split()[0])]},
        {"question": "Which town is new?", "answer": None},
    ]
    lines = [
        {"squad": passage_key(example.passage), "questions": questions},
        {"squad": passage_key("not in the file"), "questions": questions},
    ]
    (tmp_path / ON_SQUAD).write_text("\n".join(map(json.dumps, lines)), "utf-8")
    answerable, silent = squad_examples(tiny_data, tmp_path)
    assert answerable.passage == silent.passage == example.passage
    assert answerable.answer is not None and silent.answer is None
    assert answerable.passage[slice(*answerable.answer)] == example.passage.split()[0]
    assert squad_examples(tmp_path, tmp_path) == []


def test_a_folder_without_them_is_named(tiny_data: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="--written"):
        written_examples(tiny_data, tmp_path)


def test_a_written_question_is_left_as_it_is() -> None:
    passage = " ".join(f"This is sentence {n}." for n in range(60))
    example = Example("Which one?", passage, (8, 18), "", "Some", "nl", whole=True)
    silent = replace(example, answer=None)
    augmenter = Augmenter([example], {}, replace(Mix(), no_answer=1.0, title=0.0))
    for seed in range(20):
        assert augmenter(example, random.Random(seed)) == example
        assert augmenter(silent, random.Random(seed)) == silent
