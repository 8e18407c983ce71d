"""Reading with a reader that marks nothing: what the score is made of."""

from __future__ import annotations

from dataclasses import replace
from itertools import accumulate, pairwise

import pytest

from corpus.model import Kind
from index.search import Found
from qa import Assistant
from qa.choosing import choose
from qa.reader import Reading, Span
from qa.reading import read, told_in, weights

DUTCH = "Wat doet magnesium voor de slaap?"
ENGLISH = "What does magnesium do for sleep?"
UNUSUAL = "Bij hoeveel patiënten sloeg de behandeling aan volgens 1921?"


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


class _Sure:
    """Marks every passage whole, by a margin."""

    def __init__(self, margin: float) -> None:
        self._margin = margin

    def read(self, question: str, passages: list[str], contexts: object = None) -> list[Reading]:
        return [Reading((Span(0, len(text), self._margin),), 0.0, 0.5) for text in passages]


def test_a_margin_tells_most_near_no_answer(assistant: Assistant, found: list[Found]) -> None:
    one, words = _first(found[0], "Het verdiept de rust."), assistant.retriever.index.words
    scores = [
        read(DUTCH, [one], [], words, _Sure(margin), "nl")[0].score
        for margin in (-30, -8, -6, -1, 1, 6, 8, 30)
    ]
    assert scores == sorted(scores)
    steps = [later - earlier for earlier, later in pairwise(scores)]
    assert steps[3] > 2 * steps[1] and steps[3] > 2 * steps[5]


class _Marking:
    """Marks the first of some words that stands in a passage."""

    def __init__(self, *marked: str) -> None:
        self._marked = marked

    def read(self, question: str, passages: list[str], contexts: object = None) -> list[Reading]:
        return [Reading(self._spans(passage), 0.0, 0.5) for passage in passages]

    def _spans(self, passage: str) -> tuple[Span, ...]:
        found = [(passage.find(words), words) for words in self._marked]
        return tuple(Span(at, at + len(words), 5.0) for at, words in found if at >= 0)[:1]


@pytest.mark.parametrize(
    ("marked", "quoted"),
    [
        ("Haver", "Haver"),  # not the cell that the question names least
        ("verbetert de inslaap", "verbetert de inslaap"),
        ("verbetert de inslaaptwee uur", "verbetert de inslaap"),  # most of it
        ("niets van dit alles", "twee uur vooraf"),  # no mark: the last that names least
    ],
)
def test_the_cell_of_a_row_that_the_reader_marked_is_quoted(
    assistant: Assistant, found: list[Found], marked: str, quoted: str
) -> None:
    cells = ("Haver", "verbetert de inslaap", "twee uur vooraf")
    ends = list(accumulate(map(len, cells)))
    places = tuple(zip([0, *ends[:-1]], ends, strict=True))
    unit = replace(found[0].passage.units[0], start=0, end=ends[-1], cells=places)
    one = replace(found[0], passage=replace(found[0].passage, text="".join(cells), units=(unit,)))
    words = assistant.retriever.index.words
    asked = assistant.retriever.index.question_words("Wat doet haver voor de slaap?")
    (best,) = read("Wat?", [one], asked, words, _Marking(marked), "nl")
    assert best.passage.text[best.start : best.end] == quoted


@pytest.mark.parametrize(
    ("sentence", "marked", "quoted"),
    [
        ("Vrije radicalen zijn onstabiele moleculen die DNA beschadigen, zegt men.", "moleculen",
         "Vrije radicalen zijn onstabiele moleculen die DNA beschadigen"),
        ("Het gaat om potentiëring (LTP), het sterker worden van synapsen.", "potentiëring",
         "Het gaat om potentiëring (LTP), het sterker worden van synapsen"),
        ("Zink remt, zegt men, de opname van ijzer in de darm.", "de opname van ijzer in de darm",
         "de opname van ijzer in de darm"),
        ("Te weinig zink geeft moeheid, krampen en dorst.", "moeheid",
         "Te weinig zink geeft moeheid, krampen en dorst"),
        ("Als je zink slikt, remt dat de opname van ijzer in de darm.", "zink",
         "Als je zink slikt, remt dat de opname van ijzer in de darm."),
    ],
)  # fmt: skip
def test_what_is_explained_is_quoted_by_the_clause(
    assistant: Assistant, found: list[Found], sentence: str, marked: str, quoted: str
) -> None:
    unit = replace(found[0].passage.units[0], start=0, end=len(sentence), cells=())
    passage = replace(found[0].passage, text=sentence, units=(unit,))
    one = replace(found[0], passage=passage)
    words, reader = assistant.retriever.index.words, _Marking(marked)
    (best,) = read("Wat?", [one], [], words, reader, "nl", explained=True)
    assert sentence[best.start : best.end] == quoted
    (plain,) = read("Wat?", [one], [], words, reader, "nl")
    assert sentence[plain.start : plain.end] == marked


def test_the_number_of_a_note_answers_nothing(assistant: Assistant, found: list[Found]) -> None:
    """Studies are cited by their numbers behind a sentence, which no question asks for."""
    words, text = assistant.retriever.index.words, "Zink beschermt tegen een beroerte. 21,22"
    for marked, quoted in (("21,22", text), ("Zink", "Zink")):
        (best,) = read("Hoeveel?", [_first(found[0], text)], [], words, _Marking(marked), "nl")
        assert text[best.start : best.end] == quoted


def test_a_linking_word_adds_nothing_to_what_was_asked(
    assistant: Assistant, found: list[Found]
) -> None:
    index, text = assistant.retriever.index, "Zink daarentegen remt de opname van ijzer."
    marking = _Marking("Zink daarentegen")
    for question, quoted in (("Wat remt ijzer?", "Zink"), ("Wat remt zink?", text)):
        asked = index.question_words(question)
        (best,) = read(question, [_first(found[0], text)], asked, index.words, marking, "nl")
        assert text[best.start : best.end] == quoted


def test_english_questions_about_dutch_articles_are_answered(assistant: Assistant) -> None:
    assert assistant.ask(DUTCH).outcome == assistant.ask(ENGLISH).outcome == "answered"


def test_one_item_that_answers_is_quoted_and_not_its_whole_list(assistant: Assistant) -> None:
    question = "Hoe verlaagt metformine de magnesiumstatus?"
    search, words = assistant.retriever.index.search, assistant.retriever.index.words
    whole = [one for one in search(question, 10) if "geneesmiddelen verlagen" in one.passage.text]
    reads = read(question, whole[:1], [], words, _Silent(), "nl")

    def quoted(of_others: float) -> list[str]:
        scored = [
            replace(one, score=0.93 if one.text.endswith(":") else of_others)
            if "Metformine" not in one.text
            else replace(one, score=0.925)
            for one in reads
        ]
        ordered = sorted(scored, key=lambda one: -one.score)
        chosen = choose(ordered, question, "nl", lambda _: "one publisher", lambda _: 0.0)
        return [one.text for one in chosen]

    assert quoted(0.85) == ["MetformineRenale verliezen"]
    assert len(quoted(0.92)) == 4


def _first(one: Found, text: str) -> Found:
    """A found passage of one sentence, under a question that asks what helps sleep."""
    passage = one.passage
    unit = replace(passage.units[0], kind=Kind.PARAGRAPH, start=0, end=len(text), context="")
    headings = ("Kan magnesium helpen bij slapen?",)
    return replace(one, passage=replace(passage, text=text, headings=headings, units=(unit,)))


def test_yes_answers_the_question_above_it(assistant: Assistant, found: list[Found]) -> None:
    index, lost = assistant.retriever.index, []
    for question in (
        "Kan magnesium helpen bij slapen?",
        "Helpt magnesium bij migraine?",
        "Is het giftig?",
    ):
        said, plain = (
            read(
                question,
                [_first(found[0], text)],
                index.question_words(question),
                index.words,
                _Silent(),
                "nl",
            )[0].score
            for text in ("Ja, het verdiept de rust.", "Het verdiept de rust.")
        )
        lost.append(plain - said)
    assert lost[0] < lost[1] < lost[2]
    assert (lost[0], lost[2]) == pytest.approx((-weights().same, weights().another))


def test_a_reason_is_preferred_where_one_is_asked_for(
    assistant: Assistant, found: list[Found]
) -> None:
    words = assistant.retriever.index.words
    texts = "Krampen komen vaak voor.", "Krampen komen voor doordat spieren zink missen."
    for question, more in (("Waarom heb je krampen?", True), ("Wat zijn krampen?", False)):
        without, reasoned = (
            read(question, [_first(found[0], text)], [], words, _Silent(), "nl")[0].score
            for text in texts
        )
        assert reasoned - without == pytest.approx(weights().unreasoned if more else 0.0)


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("Waarom krijg je spierkrampen?", "spierkrampen en verminderde botsterkte"),
        ("Why does coffee lower magnesium?", "cafeïne het magnesiumverlies via de urine verhoogt"),
        ("Kan magnesium helpen bij angst?", "Ja, magnesium moduleert"),
        # two words that are one in Dutch: the blood-brain barrier meets "blood" too
        ("Is magnesium good for blood pressure?", "Vaatontspanning"),
        ("Does magnesium help against high blood sugar?", "glucose"),
    ],
)
def test_what_answers_comes_before_what_shares_words(
    assistant: Assistant, question: str, quoted: str
) -> None:
    assert quoted in assistant.ask(question).answers[0].quote


def test_yes_is_no_answer_to_another_question(assistant: Assistant) -> None:
    answers = assistant.ask("Does stress lower magnesium levels?").answers
    assert not any(answer.quote.startswith("Ja,") for answer in answers[:1])


def test_a_figure_asked_for_in_an_unusual_sentence_is_quoted(assistant: Assistant) -> None:
    answer = assistant.ask(UNUSUAL)
    assert [quote.quote for quote in answer.answers] == ["220 van de 250"]


@pytest.mark.parametrize(
    ("question", "quoted"),
    [
        ("Bij hoeveel patiënten was de behandeling in 1921 succesvol?", "220 van de 250"),
        ("Bij hoeveel patiënten sloeg de behandeling aan?", "220 van de 250 patiënten"),
    ],
)
def test_a_part_is_quoted_with_its_whole(assistant: Assistant, question: str, quoted: str) -> None:
    assert assistant.ask(question).answers[0].quote == quoted
