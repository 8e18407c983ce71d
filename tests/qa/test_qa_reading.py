"""Reading with a reader that marks nothing: what the score is made of."""

from __future__ import annotations

from dataclasses import replace

import pytest

from index.search import Found
from qa import Assistant
from qa.reader import Reading
from qa.reading import read, told_in, weights

DUTCH = "Wat doet magnesium voor de slaap?"
ENGLISH = "What does magnesium do for sleep?"


class _Silent:
    def read(self, question: str, passages: list[str], contexts: object = None) -> list[Reading]:
        return [Reading((), 0.0, 0.0) for _ in passages]


@pytest.fixture(scope="module")
def found(assistant: Assistant) -> list[Found]:
    return assistant.retriever.index.search(DUTCH, 10)


def test_a_passage_in_the_other_language_is_not_held_to_the_cosines_of_its_own(
    assistant: Assistant, found: list[Found]
) -> None:
    dutch = [one for one in found if told_in(one.passage) == "nl"]
    assert dutch
    words = assistant.retriever.index.words
    for one in dutch:
        there, across = (
            {unit.key: unit.score for unit in read(DUTCH, [one], [], words, _Silent(), language)}
            for language in ("nl", "en")
        )
        assert there.keys() == across.keys()
        for key, score in there.items():
            assert across[key] - score == pytest.approx(weights().foreign)


def test_the_language_of_a_passage_is_told(found: list[Found]) -> None:
    passage = found[0].passage
    assert told_in(replace(passage, text="Magnesium helps you to sleep well at night.")) == "en"
    assert told_in(replace(passage, text="Magnesium helpt je om goed te slapen.")) == "nl"


def test_english_questions_about_dutch_articles_are_answered(assistant: Assistant) -> None:
    assert assistant.ask(DUTCH).outcome == assistant.ask(ENGLISH).outcome == "answered"
