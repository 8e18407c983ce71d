"""Making questions: by talking, and from readers' verdicts."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from typer.testing import CliRunner

import qa
from corpus.errors import EvaluationError
from corpus.model import Kind
from eval.annotation import Annotator
from eval.commands import app
from eval.feedback import candidates
from eval.gold import occurrences, surroundings, trimmed, units
from eval.measures.places import Place
from eval.questions import load
from eval.writing import append, ids, new_id
from index.model import Passage, Unit
from index.model import Place as IndexPlace
from qa.answer import CitedPassage
from tests.eval.world import LIST, TEXTS, FakeAssistant, Script

Write = Callable[..., Path]
FIRST, SECOND = "Magnesium doet mee in 300 enzymen.", "Noten en zaden bevatten magnesium."
KNOWN = {
    "een.txt": [Place("een.txt", 0, len(FIRST)), Place("een.txt", len(FIRST) + 1, 69)],
    "twee.txt": [Place("twee.txt", 0, 28), Place("twee.txt", 29, 54)],
}


class Person:
    """Answers from a list, and fails when it is asked more than that."""

    def __init__(self, *answers: str) -> None:
        self.answers = list(answers)
        self.heard: list[str] = []

    def ask(self, prompt: str) -> str:
        self.heard.append(prompt)
        return self.answers.pop(0)

    def say(self, text: str) -> None:
        self.heard.append(text)


def annotator(person: Person) -> Annotator:
    script = Script(passages=[("een.txt", f"{FIRST} {SECOND}"), ("twee.txt", "Volgens ons")])

    def search(question: str) -> Sequence[CitedPassage]:
        return FakeAssistant({question: script}).search(question)

    return Annotator(search, lambda _: "nl", TEXTS, KNOWN, person)


def test_an_answer_is_picked_with_its_sentence_and_its_other_places() -> None:
    # question, language, type, no earlier turn, passage 1 answers, these words, yes also there
    # ("magnesium" stands once more), no list, no conflict, nothing partial
    person = Person("Wat?", "", "fact", "", "1", "300 enzymen", "", "n")
    made = annotator(person).question("m-001")
    assert made is not None
    assert made["answers"][0]["text"] == "300 enzymen"
    assert made["passages"] == [
        {"file": "een.txt", "start": 0, "end": len(FIRST), "text": FIRST, "rel": 2}
    ]
    assert (made["match"], made["expected"], made["lang"]) == ("any", "answer", "nl")
    assert person.answers == []


def test_words_that_do_not_stand_there_are_asked_again_and_a_list_falls_apart() -> None:
    person = Person("Wat?", "en", "list", "", "1", "noten", "Noten en zaden", "", "y")
    made = annotator(person).question("m-001")
    assert made is not None
    assert [item["text"] for item in made["items"]] == ["Noten", "zaden"]
    assert made["match"] == "list"
    assert any("letter for letter" in heard for heard in person.heard)


def test_a_contradiction_gets_its_sides() -> None:
    person = Person(
        "Wat?", "", "number", "", "1 2", "300", "Volgens", "", "n", "y", "300", "", "600"
    )
    made = annotator(person).question("m-001")
    assert made is not None
    assert [answer["group"] for answer in made["answers"]] == ["300", "600"]
    assert made["match"] == "conflict"


def test_an_unanswerable_question_takes_what_comes_near_and_bad_numbers_are_asked_again() -> None:
    person = Person("Zink?", "", "unanswerable", "En koper?", "7", "x", "2")
    made = annotator(person).question("m-001")
    assert made is not None
    assert made["history"] == ["En koper?"]
    assert made["expected"] == "abstain"
    assert [near["text"] for near in made["context_passages"]] == ["Volgens ons"]


def test_a_question_without_gold_is_said_to_be_wrong_and_may_be_given_up() -> None:
    person = Person("Wat?", "", "fact", "", "", "", "n")
    assert annotator(person).question("m-001") is None
    assert any("Not yet right" in heard for heard in person.heard)
    assert annotator(Person("")).question("m-001") is None


def test_units_are_found_at_every_place_of_a_passage() -> None:
    passage = Passage(
        id="x",
        text="Een. Twee.",
        headings=(),
        article="",
        kind=Kind.PARAGRAPH,
        places=(IndexPlace("een.txt", 0, 0, 10), IndexPlace("een.txt", 0, 40, 50)),
        units=(Unit(Kind.PARAGRAPH, 0, 4), Unit(Kind.PARAGRAPH, 5, 10)),
    )
    found = units([passage])["een.txt"]
    assert found == [Place("een.txt", *each) for each in ((0, 4), (5, 10), (40, 44), (45, 50))]
    assert surroundings(Place("een.txt", 2, 7), units([passage])) == Place("een.txt", 0, 10)
    assert surroundings(Place("een.txt", 20, 30), units([passage])) == Place("een.txt", 20, 30)


def test_occurrences_and_trimming() -> None:
    assert [p.start for p in occurrences("aa", {"x": "aaaa b aa"})] == [0, 2, 7]
    assert trimmed(Place("x", 0, 6), " ab \n ") == Place("x", 1, 3)


def test_appending_keeps_what_was_there_and_never_writes_a_fault(write: Write) -> None:
    path = write(LIST)
    path.write_text(path.read_text("utf-8").rstrip("\n"), "utf-8")
    before = path.read_text("utf-8")
    with pytest.raises(EvaluationError, match="already used"):
        append(path, [LIST], TEXTS)
    assert path.read_text("utf-8") == before
    append(path, [{**LIST, "id": "new", "question": "Anders?"}], TEXTS)
    assert [q.id for q in load(path, TEXTS)] == ["t2", "new"]
    assert [each.name for each in path.parent.iterdir()] == [path.name]
    assert ids(path, TEXTS) == {"t2", "new"}
    assert new_id(path, {"questions-001"}) == "questions-002"


def verdict(question: str, good: bool = True, **more: Any) -> dict[str, Any]:
    return {
        "time": "2026-01-01T00:00:00+00:00",
        "question": question,
        "language": "nl",
        "outcome": "answered",
        "good": good,
        "quotes": [{"quote": "300 enzymen", "source": "een.txt", "start": 22, "end": 33}],
        **more,
    }


def test_verdicts_become_valid_candidates_and_bad_ones_are_named(
    write: Write, tmp_path: Path
) -> None:
    path = write(
        verdict("Goed?"),
        verdict("Slecht?", good=False),
        verdict("Eerst goed?"),
        verdict("eerst goed?", good=False),
        verdict("Stil?", outcome="not_in_sources", quotes=[]),
        verdict("Arts?", outcome="see_a_professional"),
        name="verdicts.jsonl",
    )
    found = candidates(path, TEXTS, KNOWN)
    assert found.to_annotate == ("Slecht?", "eerst goed?")
    out = tmp_path / "out.jsonl"
    append(out, found.questions, TEXTS)
    questions = {q.question: q for q in load(out, TEXTS)}
    assert questions["Goed?"].passages[0].end == len(FIRST)
    assert questions["Stil?"].expected == "abstain"
    assert questions["Arts?"].context_passages
    assert {q.origin for q in questions.values()} == {"readers"}


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (verdict("x", colour=1), "unknown field 'colour'"),
        (verdict("x", language="fr"), "'language' must be"),
        (verdict("x", outcome="maybe"), "'outcome' must be"),
        ({**verdict("x"), "good": "yes"}, "'good' must be"),
        (verdict(""), "'question' must be"),
        (
            verdict("x", quotes=[{"quote": "301", "source": "een.txt", "start": 22, "end": 25}]),
            "is not the slice",
        ),
        (
            verdict("x", quotes=[{"quote": "300", "source": "drie.txt", "start": 1, "end": 2}]),
            "not in the index",
        ),
        (
            verdict("x", quotes=[{"quote": "300", "source": "een.txt", "start": 1, "end": 900}]),
            "no slice",
        ),
    ],
)
def test_a_faulty_verdict_is_reported_with_its_line(
    line: dict[str, Any], message: str, write: Write
) -> None:
    with pytest.raises(EvaluationError) as caught:
        candidates(write(json.dumps(verdict("Goed?")), line), TEXTS, KNOWN)
    assert message in str(caught.value)
    assert "questions.jsonl:2:" in str(caught.value)


class OpenedRetriever:
    """What the commands use of a retriever, over the tiny world."""

    def __init__(self) -> None:
        self.documents = {name: SimpleNamespace(text=text) for name, text in TEXTS.items()}
        self.index = SimpleNamespace(passages=())

    def search(self, question: str, k: int) -> list[CitedPassage]:
        script = Script(passages=[("een.txt", FIRST)])
        return FakeAssistant({question: script}).search(question, k)


@pytest.fixture
def _opened(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(qa.Retriever, "open", lambda path: OpenedRetriever())


@pytest.mark.usefixtures("_opened")
def test_new_talks_on_the_terminal_and_adds_until_an_empty_question(tmp_path: Path) -> None:
    out = tmp_path / "mijn.jsonl"
    one = ["Hoeveel enzymen zijn er?", "nl", "number", "", "1", "300", "", "n"]
    other = ["Is het rood?", "nl", "unanswerable", "", ""]
    outcome = CliRunner().invoke(
        app, ["new", "--out", str(out)], input="\n".join([*one, *other, ""])
    )
    assert outcome.exit_code == 0, outcome.exception
    assert "2 questions added" in outcome.stdout
    assert FIRST in outcome.stdout
    assert [q.id for q in load(out, TEXTS)] == ["mijn-001", "mijn-002"]


@pytest.mark.usefixtures("_opened")
def test_import_adds_good_verdicts_and_says_how_to_annotate_the_others(
    write: Write, tmp_path: Path
) -> None:
    path = write(verdict("Goed?"), verdict("Slecht?", good=False), name="verdicts.jsonl")
    out = tmp_path / "out.jsonl"
    outcome = CliRunner().invoke(app, ["import", str(path), "--out", str(out)])
    assert "1 candidates added" in outcome.stdout
    assert "eval new --from" in outcome.stdout
    assert [q.question for q in load(out, TEXTS)] == ["Goed?"]
    talk = CliRunner().invoke(
        app,
        ["new", "--from", str(path), "--out", str(out)],
        input="\n".join(["nl", "unanswerable", "", ""]),
    )
    assert "1 questions added" in talk.stdout
    assert load(out, TEXTS)[1].question == "Slecht?"
