"""The weights that are shipped: written for this test, nothing of it is in any training set."""

from __future__ import annotations

import pytest

from qa.reader import Reader
from qa.reader.metric import f1

KETTLE = (
    "De fluitketel werd in 1923 door een Londense smid bedacht. Hij is van koper en kookt een "
    "liter water in ongeveer vier minuten. Wie kalk wil voorkomen, spoelt de ketel elke week met "
    "azijn."
)
LIGHTHOUSE = (
    "De vuurtoren van Oosterend is 47 meter hoog en staat op een duin aan de noordkant van het "
    "eiland. Tot 1986 woonde er een wachter met zijn gezin. Nu brandt de lamp vanzelf."
)
ALLOTMENT = (
    "Courgettes want a sunny bed and plenty of compost. Sow them in May, about a metre apart, and "
    "water them early in the morning. Slugs are the greatest danger to the young plants."
)
ANSWERS = [
    ("Wie bedacht de fluitketel?", KETTLE, "een Londense smid"),
    ("Hoe lang duurt het voor een liter water kookt?", KETTLE, "ongeveer vier minuten"),
    ("What can you use against limescale?", KETTLE, "azijn"),
    ("Hoe hoog is de vuurtoren?", LIGHTHOUSE, "47 meter"),
    ("Until when did a keeper live in the lighthouse?", LIGHTHOUSE, "1986"),
    ("How far apart should courgettes be sown?", ALLOTMENT, "about a metre"),
    ("Wat is het grootste gevaar voor jonge courgettes?", ALLOTMENT, "Slugs"),
    ("When should you water courgettes?", ALLOTMENT, "early in the morning"),
]


@pytest.fixture(scope="module")
def reader() -> Reader:
    return Reader.open()


def test_it_finds_the_words(reader: Reader) -> None:
    found = []
    for question, passage, answer in ANSWERS:
        (reading,) = reader.read(question, [passage])
        span = reading.spans[0]
        found.append(f1(passage[span.start : span.end], answer) >= 0.5)
    assert sum(found) >= 6, list(zip([question for question, _, _ in ANSWERS], found, strict=True))


def test_the_right_passage_stands_above_the_others(reader: Reader) -> None:
    passages = [KETTLE, LIGHTHOUSE, ALLOTMENT]
    first = []
    for question, passage, _ in ANSWERS:
        readings = reader.read(question, passages)
        top = max(range(len(passages)), key=lambda i: readings[i].margin)
        first.append(passages[top] == passage)
    assert sum(first) >= 7, list(zip([question for question, _, _ in ANSWERS], first, strict=True))


def test_the_same_every_time(reader: Reader) -> None:
    question, passage, _ = ANSWERS[0]
    assert reader.read(question, [passage]) == reader.read(question, [passage])
