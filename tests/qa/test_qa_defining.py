"""Questions that ask what a thing is, and what says so."""

from __future__ import annotations

import pytest

from qa import Assistant, Outcome
from qa.defining import definition, to_define


@pytest.mark.parametrize(
    ("question", "thing"),
    [
        ("Wat is migraine?", ["migraine"]),
        ("Wat zijn vrije radicalen?", ["vrije", "radicalen"]),
        ("Waar staat GABA voor?", ["gaba"]),
        ("What is the hippocampus?", ["hippocampus"]),
        ("What does HPA stand for?", ["hpa"]),
        ("What is meant by excitotoxicity?", ["excitotoxicity"]),
        ("Wat is de beste vorm?", []),
        ("Wat zijn goede bronnen?", []),
        ("Wat is de dosering?", []),
        ("What are the symptoms?", []),
        ("What does magnesium do?", []),
    ],
)
def test_a_thing_is_asked_for(assistant: Assistant, question: str, thing: list[str]) -> None:
    words = assistant.retriever.index.question_words(question)
    assert [word.word for word in to_define(question, words)] == thing


@pytest.mark.parametrize(
    ("question", "text", "says"),
    [
        ("Wat is migraine?", "Dat is migraine, een aandoening met hoofdpijn.", True),
        ("Wat is migraine?", "Migraine (een aandoening) komt vaak voor.", True),
        ("Wat is migraine?", "Migraine is een aandoening.", True),
        ("Wat is migraine?", "Zulke hoofdpijn wordt ook wel “migraine” genoemd.", True),
        ("What is migraine?", "Migraine verwijst naar aanvallen van hoofdpijn.", True),
        ("Wat is GABA?", "Het remt met gamma-aminoboterzuur (GABA) de prikkels.", True),
        ("Wat is ATP?", "Het is nodig voor de energieproductie (ATP) van de cel.", False),
        ("Wat is migraine?", "Het helpt bij migraine en vermoeidheid.", False),
        ("Wat is migraine?", "Bij migraine, diabetes en stress helpt het.", False),
        ("Wat is migraine?", "Migrainepatiënten, een grote groep, hebben er last van.", False),
        ("Wat is epilepsie?", "Dat is migraine, een aandoening.", False),
    ],
)
def test_a_thing_is_defined_by_form(
    assistant: Assistant, question: str, text: str, says: bool
) -> None:
    words = assistant.retriever.index.question_words(question)
    assert (definition(text, to_define(question, words)) is not None) is says


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Dat is migraine, een aandoening met hoofdpijn, zegt men.",
         "migraine, een aandoening met hoofdpijn"),
        ("Ernstige hoofdpijn (migraine), een aandoening, komt voor.", "een aandoening"),
        ("Migraine (een aandoening) komt vaak voor.", "Migraine (een aandoening)"),
    ],
)  # fmt: skip
def test_the_words_that_define_are_told(assistant: Assistant, text: str, said: str) -> None:
    question = "Wat is migraine?"
    words = assistant.retriever.index.question_words(question)
    found = definition(text, to_define(question, words))
    assert found is not None
    assert text[slice(*found)] == said


@pytest.mark.parametrize("question", ["Wat is hersenmist?", "What is diabetes?"])
def test_to_mention_a_thing_is_not_to_say_what_it_is(assistant: Assistant, question: str) -> None:
    weighed, _ = assistant.weigh(question)
    assert weighed["undefined"] == 1.0
    assert assistant.ask(question).outcome is Outcome.NOT_IN_SOURCES


@pytest.mark.parametrize(
    ("question", "said"), [("Wat is myeline?", "beschermende laag"), ("What is ATP?", "cel")]
)
def test_what_says_so_is_quoted(assistant: Assistant, question: str, said: str) -> None:
    weighed, quotes = assistant.weigh(question)
    assert weighed["undefined"] == 0.0
    assert said in quotes[0].quote
    assert assistant.ask(question).outcome is Outcome.ANSWERED
