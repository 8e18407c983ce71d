"""Promise 1, a quote is a slice, over questions made from the corpus's own words."""

from __future__ import annotations

import random

from hypothesis import given, settings
from hypothesis import strategies as st

from index.words import words
from qa import Answer, Assistant, Outcome, QuestionError, Retriever

_OPENINGS = ("Wat is", "Hoeveel", "Helpt", "Waarom", "Welke", "What is", "How much", "Does", "Why")


def _questions(texts: dict[str, str], number: int) -> list[str]:
    """Questions of one to six words from the articles, always the same."""
    dice = random.Random(7)
    vocabulary = sorted({word for text in texts.values() for word in words(text)})
    return [
        f"{dice.choice(_OPENINGS)} {' '.join(dice.choices(vocabulary, k=dice.randint(1, 6)))}?"
        for _ in range(number)
    ]


def _check(answer: Answer, texts: dict[str, str]) -> None:
    for quote in answer.answers:
        text = texts[quote.source]
        assert text[quote.start : quote.end] == quote.quote
        assert quote.quote.strip()
        assert quote.sentence.start <= quote.start < quote.end <= quote.sentence.end
        assert 0.0 <= quote.confidence <= 1.0
    assert [passage.rank for passage in answer.passages] == list(range(1, len(answer.passages) + 1))
    for passage in answer.passages:
        text = texts[passage.source]
        assert text[passage.start : passage.end] == passage.text
        for place in passage.also:
            assert texts[place.source][place.start : place.end] == passage.text
        for flag in passage.flags:
            assert passage.start < flag.end and flag.start < passage.end
            assert flag.start <= flag.cue_start < flag.cue_end <= flag.end
    if answer.outcome is not Outcome.ANSWERED:
        assert not answer.answers


def test_every_passage_found_is_a_slice(retriever: Retriever, texts: dict[str, str]) -> None:
    for question in _questions(texts, 1500):
        for passage in retriever.search(question, k=10):
            assert texts[passage.source][passage.start : passage.end] == passage.text
            for place in passage.also:
                assert texts[place.source][place.start : place.end] == passage.text


def test_every_quote_is_a_slice(assistant: Assistant, texts: dict[str, str]) -> None:
    for question in _questions(texts, 120):
        _check(assistant.ask(question), texts)


@settings(max_examples=60, deadline=None)
@given(text=st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs")), max_size=200))
def test_any_text_is_answered_or_refused(
    text: str, assistant: Assistant, texts: dict[str, str]
) -> None:
    try:
        answer = assistant.ask(text)
    except QuestionError as error:
        assert str(error).endswith(".")
    else:
        _check(answer, texts)


def test_a_quote_stands_in_a_passage_that_is_shown(assistant: Assistant) -> None:
    answer = assistant.ask("Hoe snel werkt magnesium bij migraine?")
    best = answer.answers[0]
    assert any(
        p.source == best.source and p.start <= best.start and best.end <= p.end
        for p in answer.passages
    )
