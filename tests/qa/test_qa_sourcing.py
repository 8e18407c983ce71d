"""Questions that want the words of one publisher."""

from __future__ import annotations

import pytest

from corpus.model import Source
from qa import Assistant
from qa.sourcing import Names, sourced

NAMES = Names.of(
    [
        Source("shop.txt", publisher="Kruidenhof", publisher_kind="seller"),
        Source("other.txt", publisher="winkelwaar.nl", publisher_kind="seller"),
        Source("trust.txt", publisher="Stichting Gezonde Voeding", publisher_kind="foundation"),
        Source("nameless.txt"),
    ]
)


@pytest.mark.parametrize(
    ("question", "sought", "files"),
    [
        ("Volgens Kruidenhof, helpt ijzer?", "Helpt ijzer?", {"shop.txt"}),
        ("Helpt ijzer volgens de Kruidenhof?", "Helpt ijzer?", {"shop.txt"}),
        ("Hoeveel ijzer mag volgens winkelwaar.nl?", "Hoeveel ijzer mag?", {"other.txt"}),
        ("Wat zegt winkelwaar over ijzer?", "Wat zegt men over ijzer?", {"other.txt"}),
        ("Wat raadt de stichting aan?", "Wat raadt men aan?", {"trust.txt"}),
        ("According to gezonde voeding is it safe?", "Is it safe?", {"trust.txt"}),
        ("Who needs it, says the web shop?", "Who needs it?", {"shop.txt", "other.txt"}),
        ("What does Kruidenhof recommend?", "What does it recommend?", {"shop.txt"}),
        ("What does Kruidenhof sell?", "What does Kruidenhof sell?", set()),
        ("Is Kruidenhof veilig?", "Is Kruidenhof veilig?", set()),
        ("Helpt ijzer volgens de huisarts?", "Helpt ijzer volgens de huisarts?", set()),
    ],
)
def test_whose_words_are_wanted_is_told(question: str, sought: str, files: set[str]) -> None:
    assert sourced(question, NAMES) == (sought, files)


def test_two_publishers_of_one_name_are_both_meant() -> None:
    names = Names.of([Source(file, publisher="Kruidenhof") for file in ("a.txt", "b.txt")])
    assert sourced("Volgens Kruidenhof, mag het?", names)[1] == {"a.txt", "b.txt"}


@pytest.mark.parametrize(
    ("question", "file"),
    [
        ("Hoeveel magnesium per dag volgens vitaminepillen.nl?", "vitaminepillen-zenuwstelsel.txt"),
        ("What does Topvitamine say about epilepsy?", "topvitamine-hersenen.txt"),
        (
            "Waar zit volgens de stichting veel magnesium in?",
            "leefstijl-als-medicijn-magnesium.txt",
        ),
    ],
)
def test_only_their_words_are_quoted(assistant: Assistant, question: str, file: str) -> None:
    answer = assistant.ask(question)
    assert answer.standalone_question == question
    assert {passage.source for passage in answer.passages} == {file}
    assert {quote.source for quote in answer.answers} == {file}
