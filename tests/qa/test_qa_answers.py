"""What a reader gets: answers, silence, a referral, both languages, follow-ups."""

from __future__ import annotations

import json
from collections.abc import Sequence

import pytest

from qa import Assistant, Outcome, QuestionError
from qa.reader import Reading


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wat doet magnesium met de hersenen?", "nl"),
        ("Which form of magnesium crosses the blood-brain barrier?", "en"),
        ("Hoe verlaagt metformine de magnesiumstatus?", "nl"),
        ("What are the side effects of too much magnesium?", "en"),
    ],
)
def test_what_the_articles_say_is_quoted(
    assistant: Assistant, question: str, language: str
) -> None:
    answer = assistant.ask(question)
    assert answer.outcome is Outcome.ANSWERED
    assert answer.language == language
    assert answer.answers
    assert answer.agreement.publishers >= 1


@pytest.mark.parametrize(
    "question",
    [
        "Wat is de hoofdstad van Frankrijk?",
        "Hoeveel zink per dag?",
        "Who won the football world cup in 2010?",
        "Hoe laat vertrekt de trein naar Utrecht?",
    ],
)
def test_what_they_do_not_say_is_silence(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.outcome is Outcome.NOT_IN_SOURCES
    assert answer.answers == ()
    assert answer.passages, "the nearest passages are still offered"


@pytest.mark.parametrize(
    "question",
    [
        "Moet ik stoppen met mijn plaspillen?",
        "My father has epilepsy, should he take magnesium?",
    ],
)
def test_a_personal_medical_question_is_referred(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.outcome is Outcome.SEE_A_PROFESSIONAL
    assert answer.passages


def test_a_table_is_answered_with_the_cell(assistant: Assistant) -> None:
    answer = assistant.ask("Wat is het effect van metformine op magnesium?")
    assert answer.answers[0].quote == "Renale verliezen"
    sentence = answer.answers[0].sentence
    assert sentence.end - sentence.start == len("MetformineRenale verliezen")


def test_a_list_is_answered_whole(assistant: Assistant) -> None:
    answer = assistant.ask("Welke bijwerkingen zijn er bij hoge doseringen?")
    assert {"Diarree", "Misselijkheid", "Buikpijn"} <= {quote.quote for quote in answer.answers}


def test_publishers_who_differ_are_both_shown(assistant: Assistant) -> None:
    answer = assistant.ask("Bij hoeveel enzymatische reacties is magnesium betrokken?")
    assert answer.agreement.conflict
    assert {group.value for group in answer.agreement.groups} >= {"300", "600"}


def test_a_follow_up_is_completed_from_the_history(assistant: Assistant) -> None:
    answer = assistant.ask("En bij ouderen?", ["Is magnesium goed voor het geheugen van jongeren?"])
    assert answer.question == "En bij ouderen?"
    assert "ouderen" in answer.standalone_question
    assert "geheugen" in answer.standalone_question


def test_an_english_question_finds_the_dutch_passage(assistant: Assistant) -> None:
    dutch = assistant.ask("Wat verhindert dat magnesium door de huid gaat?")
    english = assistant.ask("What keeps magnesium from passing through the skin?")
    assert dutch.passages[0].source == english.passages[0].source


@pytest.mark.parametrize(
    ("question", "says"),
    [
        ("", "empty"),
        ("   \n", "empty"),
        ("x" * 100_000, "100,000 characters"),
        ("Wat is \x00 magnesium?", "control characters"),
        ("?!", "no words"),
        ("Pourquoi le magnésium est-il important pour le cerveau ?", "French"),
    ],
)
def test_a_question_that_cannot_be_asked_gets_one_sentence(
    assistant: Assistant, question: str, says: str
) -> None:
    with pytest.raises(QuestionError, match=says) as caught:
        assistant.ask(question)
    assert str(caught.value).count(". ") == 0


def test_the_json_contract(assistant: Assistant) -> None:
    record = json.loads(json.dumps(assistant.ask("Wat is neuroplasticiteit?").to_dict()))
    assert {
        "question",
        "language",
        "standalone_question",
        "outcome",
        "confidence",
        "answers",
        "passages",
        "agreement",
        "timings_ms",
    } <= record.keys()
    assert {"quote", "source", "start", "end", "sentence", "confidence"} <= record["answers"][
        0
    ].keys()
    assert {
        "rank",
        "source",
        "publisher",
        "article",
        "section",
        "start",
        "end",
        "text",
        "score",
        "flags",
    } <= record["passages"][0].keys()
    assert {"publishers", "conflict", "groups"} <= record["agreement"].keys()
    assert {"retrieve", "read", "total"} <= record["timings_ms"].keys()


def test_k_is_the_number_of_passages(assistant: Assistant) -> None:
    for k in (1, 3, 10):
        assert len(assistant.ask("Waar zit magnesium in?", k=k).passages) == k


def test_a_quote_says_more_than_the_question(assistant: Assistant) -> None:
    answer = assistant.ask("Wat doet magnesium met de hersenen?")
    assert answer.answers[0].quote.lower() not in answer.question.lower()


def test_as_many_passages_are_read_as_is_asked_for(assistant: Assistant) -> None:
    read: list[int] = []

    class Counting:
        def read(
            self, question: str, passages: Sequence[str], contexts: Sequence[str] | None = None
        ) -> list[Reading]:
            read.append(len(passages))
            return assistant.reader.read(question, passages, contexts)

    for asker in (
        Assistant(assistant.retriever, Counting()),
        Assistant(assistant.retriever, Counting(), candidates=20),
    ):
        assert len(asker.ask("Waar zit magnesium in?", k=3).passages) == 3
    assert read == [10, 20]
    with pytest.raises(QuestionError, match="candidates is 0"):
        Assistant(assistant.retriever, Counting(), candidates=0)
