"""What the form of a question and of a text say: yes/no, idioms, figures, lists in a sentence."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.words import content_words
from qa import Assistant, Outcome
from qa.agreement import agreement
from qa.answer import Quote, SentenceSpan
from qa.enumerating import enumeration
from qa.figures import lacks_figure, lacks_form, lacks_group, lacks_mark, uncounted, with_measure
from qa.naming import asked_kind
from qa.phrasing import (
    compared,
    in_full,
    is_defined,
    is_explained,
    is_yes_no,
    sets_apart,
    without_link,
)
from qa.reader import Reading, Span


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("Helpt ijzer tegen vermoeidheid?", "nl", True),
        ("Neem je meer ijzer op met vitamine C?", "nl", True),
        ("is zink goed voor de huid", "nl", True),
        ("Does iron help against tiredness?", "en", True),
        ("And is zinc safe?", "en", True),
        ("Zit er ijzer in spinazie?", "nl", True),
        ("Wat doet ijzer?", "nl", False),
        ("Net als ijzer?", "nl", False),
        ("Hoe je ijzer opneemt", "nl", False),
        ("Welke vorm helpt het best?", "nl", False),
        ("Vertel me iets over ijzer", "nl", False),
        ("What does iron do?", "en", False),
        ("Can you list the forms of iron?", "en", False),
    ],
)
def test_yes_no_questions_begin_with_the_verb(question: str, language: str, expected: bool) -> None:
    assert is_yes_no(question, language) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("Wat doet ijzer met het bloed?", "nl", True),
        ("Wat gebeurt er bij een tekort aan ijzer?", "nl", True),
        ("Hoe werkt zink?", "nl", True),
        ("Waarom helpt zink bij een verkoudheid?", "nl", True),
        ("Welke rol speelt ijzer in het bloed?", "nl", True),
        ("Wat is het verschil tussen ijzer en zink?", "nl", True),
        ("Wat is bloedarmoede?", "nl", True),
        ("Wat doe je tegen een tekort?", "nl", False),
        ("Wat is de hoogste dosis ijzer per dag?", "nl", False),
        ("Welke vorm werkt het best?", "nl", False),
        ("What does iron do in the blood?", "en", True),
        ("How does zinc affect the skin?", "en", True),
        ("Why does zinc help against a cold?", "en", True),
        ("What role does iron play?", "en", True),
        ("What is the difference between iron and zinc?", "en", True),
        ("What is anaemia?", "en", True),
        ("What do I eat?", "en", False),
        ("What is the highest dose of iron per day?", "en", False),
        ("Which form of iron works best?", "en", False),
    ],
)
def test_some_questions_ask_what_something_does(
    question: str, language: str, expected: bool
) -> None:
    assert is_explained(question, language) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "language", "expected"),
    [
        ("Wat is bloedarmoede?", "nl", True),
        ("En wat zijn vrije radicalen?", "nl", True),
        ("Wat betekent hypoxie?", "nl", True),
        ("Wat is de beste vorm?", "nl", False),
        ("Wat is het verschil tussen ijzer en zink?", "nl", False),
        ("What is iron deficiency anaemia?", "en", False),
        ("What are free radicals?", "en", True),
        ("What is a chelate?", "en", True),
        ("What is meant by hypoxia?", "en", True),
        ("What is the best form?", "en", False),
        ("What does iron do?", "en", False),
    ],
)
def test_some_questions_ask_what_a_thing_is(question: str, language: str, expected: bool) -> None:
    assert is_defined(question, language) is expected  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "language", "things"),
    [
        ("Wat is het verschil tussen ijzer en zink?", "nl", ("ijzer", "zink")),
        ("Waarin verschillen vitamine C en D van elkaar?", "nl", ("vitamine C", "D")),
        ("What's the difference between iron and zinc in food?", "en", ("iron", "zinc")),
        ("How does iron compare with zinc?", "en", ("iron", "zinc")),
        ("Iron versus zinc: which is better?", "en", ("Iron", "zinc")),
        ("Which drug was iron compared with in 2008?", "en", None),
        ("Wat wordt beter opgenomen, ijzer of zink?", "nl", ("ijzer", "zink")),
        ("Welke is het beste: het rode ijzer of zink?", "nl", ("het rode ijzer", "zink")),
        ("IJzer of zink: wat werkt sneller?", "nl", ("IJzer", "zink")),
        ("Wat gebeurt er bij te weinig slaap, stress of veel sport?", "nl", None),
        ("Wat kan ik eten, vlees of vis?", "nl", None),
        ("Which is better absorbed, iron or zinc?", "en", ("iron", "zinc")),
        ("Iron or zinc, which one lasts longer?", "en", ("Iron", "zinc")),
        ("What helps against fever, pain or a cold?", "en", None),
        ("Wat is ijzer?", "nl", None),
    ],
)
def test_two_things_are_compared(
    question: str, language: str, things: tuple[str, str] | None
) -> None:
    assert compared(question, language) == things  # type: ignore[arg-type]


def test_of_two_things_that_are_compared_both_are_quoted(assistant: Assistant) -> None:
    answer = assistant.ask("Wat is het verschil tussen magnesiumoxide en magnesiumcitraat?")
    texts = {document.name: document.text for document in assistant.documents}
    said = [texts[q.source][q.sentence.start : q.sentence.end].lower() for q in answer.answers]
    assert any("citraat" in one and "oxide" not in one for one in said)
    assert any("oxide" in one for one in said)


@pytest.mark.parametrize(
    ("question", "one", "other"),
    [
        ("Wat is het verschil tussen diepe slaap en REM-slaap?",
         "Diepe slaap ondersteunt", "REM-slaap draagt bij"),
        ("Waarin verschillen maagzuurremmers en plastabletten als het gaat om magnesium?",
         "Verminderde darmopname", "Verhoogde uitscheiding via nieren"),
        ("Wat is het verschil tussen citraat en oxide?",
         "Magnesiumcitraat: goed opneembaar", "Magnesiumoxide: goedkoop, maar minder"),
    ],
)  # fmt: skip
def test_what_only_names_both_says_no_difference(
    assistant: Assistant, question: str, one: str, other: str
) -> None:
    first, second = (answer.quote for answer in assistant.ask(question).answers[:2])
    assert {first.startswith(one), first.startswith(other)} == {True, False}
    assert second.startswith(other if first.startswith(one) else one)


@pytest.mark.parametrize(
    "question",
    [
        "Wat is beter: citraat of bisglycinaat?",
        "Wat wordt beter opgenomen, magnesiumcitraat of magnesiumoxide?",
        "Which is better absorbed, citrate or oxide?",
        "Citraat of oxide: wat wordt beter opgenomen?",
    ],
)
def test_which_of_two_is_better_is_answered_of_both_by_more_than_a_name(
    assistant: Assistant, question: str
) -> None:
    answer = assistant.ask(question)
    texts = {document.name: document.text for document in assistant.documents}
    said = [
        (texts[q.source][q.sentence.start : q.sentence.end].lower(), q.quote.lower())
        for q in answer.answers
    ]
    other = "oxide" if "oxide" in question else "bisglycinaat"
    for thing in ("citraat", other):
        assert any(thing in sentence and "opneembaar" in quote for sentence, quote in said)


@pytest.mark.parametrize("calm", [False, True])
@pytest.mark.parametrize(
    "question",
    [
        "How does magnesium citrate compare with magnesium glycinate?",
        "How does magnesium citrate compare with magnesium malate?",
        "How does magnesium glycinate compare with magnesium taurate?",
    ],
)
def test_the_passage_that_tells_of_both_is_shown_first(
    assistant: Assistant, question: str, calm: bool
) -> None:
    plain = Assistant(assistant.retriever, assistant.reader, prefer_less_commercial=calm)
    answer = plain.ask(question)
    first = answer.passages[0]
    quoted = [q for q in answer.answers if q.source == first.source]
    assert sum(first.start <= q.start and q.end <= first.end for q in quoted) == 2


@pytest.mark.parametrize(
    "question",
    [
        "Wat is het verschil tussen paracetamol en ibuprofen?",
        "Wat is het verschil tussen vitamine D en vitamine C?",
        "What is the difference between type 1 and type 2 diabetes?",
    ],
)
def test_of_what_is_not_told_of_by_itself_no_difference_is_made(
    assistant: Assistant, question: str
) -> None:
    assert assistant.ask(question).outcome is Outcome.NOT_IN_SOURCES


@pytest.mark.parametrize(
    ("text", "apart"),
    [
        ("Oxide werkt snel, terwijl citraat langer werkt.", True),
        ("Citrate is better absorbed than oxide.", True),
        ("Er zijn vormen zoals oxide en citraat.", False),
    ],
)
def test_text_sets_things_apart_or_not(text: str, apart: bool) -> None:
    assert sets_apart(text) is apart


@pytest.mark.parametrize(
    ("question", "full"),
    [
        ("Wie mag geen ijzer slikken?", "Wat zijn de contra-indicaties van ijzer?"),
        ("Voor wie is vitamine C niet veilig?", "Wat zijn de contra-indicaties van vitamine C?"),
        ("Who should not take iron?", "What are the contra-indications of iron?"),
        ("Who can't use zinc?", "What are the contra-indications of zinc?"),
        ("When should you avoid iron?", "What are the contra-indications of iron?"),
        ("Wie heeft meer ijzer nodig?", "Wie heeft meer ijzer nodig?"),
        ("Who should take iron?", "Who should take iron?"),
        ("Waar zit veel ijzer in?", "Welke voedingsmiddelen bevatten veel ijzer?"),
        ("waarin zit vitamine C", "Welke voedingsmiddelen bevatten vitamine C?"),
        ("What is rich in iron?", "Which foods contain iron?"),
        ("Waar zit ijzer in het lichaam?", "Waar zit ijzer in het lichaam?"),
        ("Waar zit de winkel?", "Waar zit de winkel?"),
        ("What is iron?", "What is iron?"),
        ("Wie moet oppassen met zink?", "Wat zijn de contra-indicaties van zink?"),
        ("Wat gebeurt er als je te veel zink slikt?", "Wat zijn de bijwerkingen van te veel zink?"),
        ("Is too much zinc harmful?", "What are the side effects of too much zinc?"),
        ("Kun je een overdosis zink nemen?", "Wat zijn de bijwerkingen van te veel zink?"),
        ("What are the risks of zinc?", "What are the side effects of zinc?"),
        ("What are the risks of zinc deficiency?", "What are the risks of zinc deficiency?"),
        ("Wat zijn de gevaren van zinktekort?", "Wat zijn de gevaren van zinktekort?"),
        ("Heeft zink nadelen?", "Wat zijn de bijwerkingen van zink?"),
        ("Is het gevaarlijk om zink te slikken?", "Is het gebruik van zink veilig?"),
        ("Is zinc dangerous?", "Is the use of zinc safe?"),
        ("Is zinc dangerous for dogs?", "Is zinc dangerous for dogs?"),
        (
            "Welke medicijnen gaan niet samen met zink?",
            "Met welke medicijnen kan zink interfereren?",
        ),
        ("Which drugs don't mix with zinc?", "Which medicines can zinc interfere with?"),
        (
            "Wat is het beste moment om zink in te nemen?",
            "Op welk moment van de dag, ochtend of avond, neem je zink in?",
        ),
        (
            "When should iron be taken?",
            "At which time of the day, morning or evening, is iron taken?",
        ),
        ("When should iron not be taken?", "When should iron not be taken?"),
    ],
)
def test_an_idiom_is_said_in_full(question: str, full: str) -> None:
    assert in_full(question) == full


@pytest.mark.parametrize(
    ("text", "marked", "whole", "items"),
    [
        ("Het zit in vis, noten en zaden.", "zaden", "vis, noten en zaden", 3),
        ("Het zit in vis, noten en zaden.", "vis", "vis, noten en zaden", 3),
        (
            "Eet groenten (spinazie, kool), noten en vette vis.",
            "noten",
            "groenten (spinazie, kool), noten en vette vis",
            3,
        ),
        ("Eet groenten (spinazie, kool), noten en vis.", "kool", "spinazie, kool", 2),
        ("Fish, nuts and seeds are rich.", "nuts", "Fish, nuts and seeds", 3),
        ("Noten zijn gezond.", "Noten", "Noten", 1),
        ("Het helpt bij slaap, want het maakt rustig.", "slaap", "slaap", 1),
    ],
)
def test_a_list_in_a_sentence_is_taken_whole(
    text: str, marked: str, whole: str, items: int
) -> None:
    first = text.index(marked)
    start, end, count = enumeration(text, first, first + len(marked))
    assert (text[start:end], count) == (whole, items)


@given(st.text("ab ,.()en\n", max_size=60), st.data())
def test_widening_keeps_what_was_marked(text: str, data: st.DataObject) -> None:
    if not text:
        return
    start = data.draw(st.integers(0, len(text) - 1))
    end = data.draw(st.integers(start + 1, len(text)))
    left, right, items = enumeration(text, start, end)
    assert 0 <= left <= start < end <= right <= len(text)
    assert items >= 1


@pytest.mark.parametrize(
    ("question", "text", "lacks"),
    [
        ("Wat kost ijzer?", "300 mg per dag", True),
        ("Wat kost ijzer?", "Een potje is € 12", False),
        ("How much does a jar cost?", "two tablets", True),
        ("In welk jaar verscheen het?", "op 3 mei", True),
        ("In welk jaar verscheen het?", "in 2016", False),
        ("Wat doet ijzer?", "het vervoert zuurstof", False),
        ("Wie ontdekte ijzer?", "gemaakt door onderzoekers van MIT", True),
        ("Wie ontdekte ijzer?", "Ontdek hier onze supplementen", True),
        ("Who invented the tablet?", "In 1843 William Brockedon invented it", False),
        ("Wie heeft de tablet gemaakt?", "gemaakt door onderzoekers van MIT", False),
        ("When was the shop founded?", "The shop sells iron since 2010", True),
        ("What is the weather tomorrow?", "warm weather", True),
        ("Wat voor weer wordt het morgen?", "bij warm weer", True),
        ("Neem je het in de morgen?", "bij het ontbijt", False),
    ],
)
def test_an_answer_has_the_form_that_is_asked_for(question: str, text: str, lacks: bool) -> None:
    assert lacks_form(question, text) is lacks


@pytest.mark.parametrize(
    ("text", "marked", "quoted"),
    [
        ("Het doet meer dan 300 reacties", "300", "meer dan 300"),
        ("Neem 300-420 mg per dag in", "300-420", "300-420 mg per dag"),
        ("It takes up to 8 weeks to work", "8 weeks", "up to 8 weeks"),
        ("daalde met 20 tot 35 procent", "35", "20 tot 35 procent"),
        ("ongeveer 60% van het ijzer", "60%", "ongeveer 60%"),
        ("220 van de 250 mensen", "220 van de 250", "220 van de 250"),
        ("220 van de 250 mensen", "220", "220 van de 250"),
        ("it helped 9 out of 1,000 people", "9", "9 out of 1,000"),
        ("300 van de reacties", "300", "300"),
        ("vitamine B6 per dag", "vitamine B6", "vitamine B6"),
        ("ijzer en zink", "zink", "zink"),
    ],
)
def test_a_figure_is_quoted_with_its_measure(text: str, marked: str, quoted: str) -> None:
    at = text.index(marked)
    start, end = with_measure(text, at, at + len(marked), 0, len(text))
    assert text[start:end] == quoted


@given(st.text("3 -%mgpertotdan", max_size=40), st.data())
def test_a_measure_stays_within_its_sentence(text: str, data: st.DataObject) -> None:
    edges = sorted(data.draw(st.lists(st.integers(0, len(text)), min_size=4, max_size=4)))
    low, start, end, high = edges
    if start < end:
        left, right = with_measure(text, start, end, low, high)
        assert low <= left <= start < end <= right <= high


def test_how_much_is_answered_with_a_figure() -> None:
    assert lacks_figure("Hoeveel ijzer is nodig?", "genoeg")
    assert not lacks_figure("Hoeveel ijzer is nodig?", "15 mg")
    assert not lacks_figure("Wat doet ijzer?", "genoeg")
    assert lacks_figure("Hoeveel ijzer is nodig?", "Dat is genoeg. 12")  # a note
    assert not lacks_figure("Hoeveel ijzer is nodig?", "Dat is genoeg: 12")
    assert not lacks_figure("Wat doet een overdosis?", "genoeg")
    assert not lacks_figure("Wat doet een hoge dosis?", "genoeg")
    assert lacks_figure("Welke dosis is nodig?", "genoeg")
    assert not lacks_figure("Hoe snel werkt het?", "na een half uur")
    assert not lacks_figure("How often is it taken?", "every day")
    assert lacks_figure("How often is it taken?", "at the end of a meal")


def test_a_figure_must_stand_in_the_quote(assistant: Assistant) -> None:
    class Marks:
        def __init__(self, words: str) -> None:
            self._words = words

        def read(
            self, question: str, passages: list[str], contexts: object = None
        ) -> list[Reading]:
            return [Reading(self._spans(passage), 0.0, 0.5) for passage in passages]

        def _spans(self, passage: str) -> tuple[Span, ...]:
            at = passage.find(self._words)
            return (Span(at, at + len(self._words), 15.0),) if at >= 0 else ()

    question = "Hoe lang na inname werkt magnesium bij migraine?"
    for words, lacks in (("een uur na inname", 0.0), ("Magnesium is aldus een nuttige", 1.0)):
        weighed, (quote, *_) = Assistant(assistant.retriever, Marks(words)).weigh(question)
        assert quote.quote.startswith(words)
        assert weighed["lacks_figure"] == lacks


def test_what_is_to_be_counted_must_be_named() -> None:
    met = {"weken": 0.0, "mg": 1.0, "procent": 0.0}
    assert uncounted("Hoeveel weken duurt het?", "300 mg", met) == 1.0
    assert uncounted("Hoeveel mg is nodig?", "300 mg", met) == 0.0
    assert uncounted("What is the daily dose of weken?", "300 mg", met) == 1.0
    assert uncounted("Wat is de dosis van mg?", "300 mg", met) == 0.0
    assert uncounted("Hoeveel procent is het?", "40%", met) == 0.0
    assert uncounted("Wat is het?", "300 mg", met) == 0.0
    assert uncounted("Welk deel van de mensen?", "bijna 70% van de mensen", met) == 0.0
    assert uncounted("What share of people?", "één op de drie", met) == 0.0
    assert uncounted("What percentage is lost?", "een van de 300 enzymen", met) == 1.0


def _quote(text: str) -> Quote:
    return Quote(text, "a.txt", 0, len(text), SentenceSpan(0, len(text)), 0.5)


def _said(question: str, *said: tuple[str, str]) -> list[tuple[str, tuple[str, ...]]]:
    found = agreement(question, [(_quote(text), who, text) for who, text in said])
    assert found.conflict is bool(found.groups)
    return [(group.value, group.publishers) for group in found.groups]


def test_publishers_who_name_another_moment_differ() -> None:
    assert _said("Op welk moment neem je het in?", ("A", "'s avonds"), ("B", "in de ochtend")) == [
        ("avonds", ("A",)),
        ("ochtend", ("B",)),
    ]


def test_what_does_not_differ_is_no_conflict() -> None:
    moment = "When should you take it?"
    assert _said(moment, ("A", "voor het slapen gaan"), ("B", "in the evening")) == []
    assert _said(moment, ("A", "'s avonds"), ("A", "in de ochtend")) == []
    assert _said(moment, ("A", "'s avonds"), ("B", "with a glass of water")) == []
    assert _said("Wat doet citraat?", ("A", "'s avonds"), ("B", "in de ochtend")) == []
    # who names another form may advise against it
    assert _said("Welke vorm is het beste?", ("A", "citraat"), ("B", "oxide is goedkoop")) == []


def test_a_kind_is_asked_for_or_not() -> None:
    assert asked_kind("Which time of the day is best?") is not None
    assert asked_kind("Wanneer kun je het innemen?") is not None
    assert asked_kind("Wanneer werd het ontdekt?") is None
    assert asked_kind("Wat is het beste moment om zink in te nemen?") is not None
    assert asked_kind("Wat is het beste moment van je leven?") is None


def test_a_table_that_answers_gives_the_column_asked_for(assistant: Assistant) -> None:
    answer = assistant.ask("Which medicines lower magnesium?")
    quotes = [quote.quote for quote in answer.answers]
    assert {"Diuretica", "Metformine", "Cytostatica"} <= set(quotes)
    assert not any("Renale" in quote for quote in quotes)


def test_a_yes_no_question_is_answered_with_a_whole_sentence(assistant: Assistant) -> None:
    answer = assistant.ask("Beïnvloedt magnesium de AMPA-receptoren?")
    best = answer.answers[0]
    assert (best.start, best.end) == (best.sentence.start, best.sentence.end)
    assert len(best.quote.split()) > 4


@pytest.mark.parametrize(
    "question", ["Wat doet magnesium met de hersenen?", "What does magnesium do in the brain?"]
)
def test_what_something_does_is_no_name(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    assert answer.answers
    assert all(len(content_words(quote.quote)) > 2 for quote in answer.answers)


def test_an_idiom_for_foods_is_answered_with_foods(assistant: Assistant) -> None:
    answer = assistant.ask("Waar zit veel magnesium in?")
    assert answer.standalone_question == "Welke voedingsmiddelen bevatten veel magnesium?"
    assert any("noten" in quote.quote.lower() for quote in answer.answers)


@pytest.mark.parametrize(
    "question",
    [
        "Is magnesium goed voor konijnen?",
        "Does magnesium make hair curly?",
        "Wat kost magnesium bij de drogist?",
        "Vergoedt de zorgverzekering magnesium?",
    ],
)
def test_one_telling_word_that_the_articles_lack_is_enough_for_silence(
    assistant: Assistant, question: str
) -> None:
    assert not assistant.ask(question).answers


def test_a_strange_word_is_the_one_without_which_the_question_comes_nearer(
    assistant: Assistant,
) -> None:
    plain, _ = assistant.weigh("Is magnesium goed voor de slaap?")
    strange, _ = assistant.weigh("Is magnesium goed voor papegaaien?")
    assert 0.0 <= plain["estranged"] < strange["estranged"]


def test_the_unit_meanings_of_a_question_are_those_of_its_search(assistant: Assistant) -> None:
    index = assistant.retriever.index
    question = "Wat doet magnesium?"
    found = index.search(question, 3)
    wanted = np.concatenate([one.unit_meanings for one in found])
    assert np.allclose(index.unit_meanings([question], found)[0], wanted, atol=1e-5)


def test_a_question_of_one_word_is_not_strange(assistant: Assistant) -> None:
    weighed, _ = assistant.weigh("Magnesium?")
    assert weighed["estranged"] == 0.0


@pytest.mark.parametrize(
    "question",
    [
        "Wat is het beste moment om magnesium in te nemen?",
        "What is the best time to take magnesium?",
        "Welke vorm van magnesium is het beste voor slaap?",
        "Which kind of magnesium is best for sleep?",
    ],
)
def test_a_thing_of_a_kind_is_answered_with_one(assistant: Assistant, question: str) -> None:
    answer = assistant.ask(question)
    kind = asked_kind(question)
    assert kind is not None
    assert answer.answers
    assert all(kind.named(quote.quote) for quote in answer.answers)


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("Wat gebeurt er als je te veel magnesium slikt?", "Diarree"),
        ("What are the risks of magnesium?", "Diarree"),
        ("Kun je te veel magnesium binnenkrijgen?", "Diarree"),
        ("Can you take too much magnesium?", "Diarree"),
        ("Hoeveel magnesium is te veel?", "350-400 mg"),
        ("How much magnesium is too much?", "350-400 mg"),
        ("Who should be careful with magnesium?", "nierfalen"),
        ("Welke medicijnen gaan niet samen met magnesium?", "bisfosfonaten"),
        ("Is het gevaarlijk om magnesium te slikken?", "veilig"),
    ],
)
def test_what_is_asked_for_safety_is_found(assistant: Assistant, question: str, said: str) -> None:
    assert any(said in quote.quote for quote in assistant.ask(question).answers)


@pytest.mark.parametrize(
    ("question", "text", "lacks"),
    [
        ("What is the daily dose of magnesium for babies?", "300-400 mg per dag", True),
        ("Hoeveel magnesium mag een kind van acht?", "300-400 mg per dag", True),
        ("What dose is safe for an eight-year-old?", "Kinderen: 100 mg", False),
        ("Welke dosis is veilig tijdens de zwangerschap?", "zwangere vrouwen: 350 mg", False),
        ("Is magnesium veilig tijdens zwangerschap?", "is over het algemeen veilig", True),
        ("May dogs have magnesium?", "Magnesium is veilig voor honden.", False),
        ("May dogs have magnesium?", "Magnesium is veilig.", True),
        ("Is magnesium goed voor paarden?", "Magnesium is goed voor mensen.", True),
        ("Is magnesium goed voor paarden?", "Goed voor paard en ruiter.", False),
        ("How many mg did the animals get?", "De knaagdieren kregen 50 mg.", False),
        ("How many mg did the animals get?", "In een rattenmodel was het 50 mg.", False),
        ("Hoeveel mg is veilig voor dieren?", "Volwassenen: 300 mg.", True),
        ("Wat bleek bij dieren?", "Bij ratten werd het geheugen beter.", False),
        ("Hoeveel magnesium mag een kind?", "300-400 mg per dag", True),
        ("What kind of dose is safe?", "300-400 mg per dag", False),
        ("Wat is goed voor kinderen?", "300 mg", False),
        ("Wat is de dosis voor een volwassene?", "300 mg", False),
    ],
)
def test_what_is_so_for_everyone_is_not_said_of_a_group(
    question: str, text: str, lacks: bool
) -> None:
    assert lacks_group(question, text) is lacks


@pytest.mark.parametrize(
    ("things", "text", "lacks"),
    [
        (("type 1", "type 2 diabetes"), "Diabetes: verlies via de nieren", True),
        (("type 1", "type 2 diabetes"), "Diabetes type 1 begint vroeg.", True),
        (("type 1", "type 2 diabetes"), "Type 1 begint vroeg, type 2 laat.", False),
        (("vitamine C", "D"), "Vitamine D steunt de botten.", True),
        (("vitamine C", "D"), "Vitamine C en vitamine D verschillen.", False),
        (("100 mg citraat", "200 mg oxide"), "Citraat wordt beter opgenomen.", False),
        (("ijzer", "zink"), "IJzer is een metaal.", False),
        (None, "Diabetes", False),
    ],
)
def test_what_only_a_mark_tells_apart_is_named_by_it(
    things: tuple[str, str] | None, text: str, lacks: bool
) -> None:
    assert lacks_mark(things, text) is lacks


@pytest.mark.parametrize(
    ("marked", "kept"),
    [
        ("Magtein daarentegen", "Magtein"),
        ("magnesium, echter", "magnesium"),
        ("leafy greens, for example", "leafy greens"),
        ("daarentegen", "daarentegen"),  # nothing would be left
        ("echter minder goed", "echter minder goed"),
        ("a daily dose of 300 mg", "a daily dose of 300 mg"),
    ],
)
def test_a_quote_does_not_end_in_a_linking_word(marked: str, kept: str) -> None:
    assert without_link(marked) == kept
