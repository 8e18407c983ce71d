"""The steps before and after retrieval, each at its own door."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from numpy.typing import NDArray

from corpus.errors import QuestionError
from qa.agreement import figures
from qa.follow_up import standalone
from qa.language import Language, detect
from qa.lists import wants_list
from qa.medical import is_personal


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Wat doet magnesium?", "nl"),
        ("Is magnesium safe?", "en"),
        ("En bij ouderen?", "nl"),
        ("What about glycinate?", "en"),
        ("magnesium en slaap", "nl"),
        ("magnesium and sleep", "en"),
    ],
)
def test_three_words_are_enough_to_tell_the_language(question: str, language: str) -> None:
    assert detect(question) == language


@pytest.mark.parametrize("term", ["magnesium", "glycinate", "hersenmist", "B6", "2 x 300", "?", ""])
def test_a_term_of_neither_language_leaves_it_as_it_was(term: str) -> None:
    assert detect(term, "nl") == "nl"
    assert detect(term, "en") == "en"


@pytest.mark.parametrize(
    ("question", "language"),
    [
        ("Quels sont les effets secondaires du magnésium ?", "French"),
        ("Le magnésium aide-t-il à mieux dormir ?", "French"),
        ("Warum habe ich nachts Krämpfe in den Beinen?", "German"),
        ("Wie viel Magnesium braucht man am Tag?", "German"),
        ("¿Ayuda el magnesio a dormir mejor?", "Spanish"),
        ("In quali alimenti si trova il magnesio?", "Italian"),
    ],
)
def test_another_language_is_turned_away_by_name(question: str, language: str) -> None:
    with pytest.raises(QuestionError, match=f"looks {language}; ask it in Dutch or English"):
        detect(question)
    few = " ".join(question.split()[:3])
    assert detect(few) in ("nl", "en")  # names and terms may look foreign


def test_many_rare_words_do_not_make_a_question_foreign() -> None:
    assert detect("Wat doet glutamaatexcitotoxiciteit bij corticale spreidingsdepressie?") == "nl"
    assert detect("Does magnesium bisglycinate chelate outperform orotate?") == "en"


def test_shipped_questions_are_told_apart() -> None:
    asked = [
        json.loads(line)
        for file in (Path(__file__).parents[2] / "eval" / "data").glob("*.jsonl")
        for line in file.read_text("utf-8").splitlines()
        if '"question"' in line
    ]
    assert len(asked) > 300
    assert [one["question"] for one in asked if detect(one["question"]) != one["lang"]] == []


@pytest.mark.parametrize(
    ("question", "language", "personal"),
    [
        ("Mag ik magnesium slikken naast mijn bloedverdunners?", "nl", True),
        ("Mijn zoon van vier heeft epilepsie, helpt magnesium?", "nl", True),
        ("I take metformin, should I use magnesium as well?", "en", True),
        ("Can my mother stop taking her statins?", "en", True),
        ("Is magnesium veilig bij nierfalen?", "nl", False),
        ("Hoe weet ik of ik genoeg magnesium binnenkrijg?", "nl", False),
        ("What should I know about magnesium oxide?", "en", False),
        ("Welke medicijnen verlagen de magnesiumspiegel?", "nl", False),
    ],
)
def test_personal_medical_questions(question: str, language: str, personal: bool) -> None:
    assert is_personal(question, language) is personal  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "language", "wanted"),
    [
        ("Welke voedingsmiddelen bevatten magnesium?", "nl", True),
        ("Noem drie bijwerkingen.", "nl", True),
        ("Which foods contain magnesium?", "en", True),
        ("Wat zijn de bijwerkingen van ijzer?", "nl", True),
        ("Wie heeft een hoger risico op een tekort?", "nl", True),
        ("Who has a higher risk of a deficiency?", "en", True),
        ("Wat zijn vrije radicalen?", "nl", False),
        ("Wat zijn de gevolgen van een tekort?", "nl", False),
        ("Welke vorm is het beste?", "nl", False),
        ("What is neuroplasticity?", "en", False),
        ("What does magnesium do?", "en", False),
    ],
)
def test_questions_that_want_a_list(question: str, language: str, wanted: bool) -> None:
    assert wants_list(question, language) is wanted  # type: ignore[arg-type]


def _alike(pairs: dict[str, str]) -> object:
    """An encoder for which the given words mean the same and no others do."""

    def encode(words: list[str]) -> NDArray[np.float32]:
        names = sorted({pairs.get(word, word) for word in words})
        return np.stack([np.eye(len(names))[names.index(pairs.get(w, w))] for w in words]).astype(
            np.float32
        )

    return encode


def test_a_follow_up_takes_the_place_of_the_word_it_is_like() -> None:
    encode = _alike({"glycinate": "form", "oxide": "form"})
    whole = standalone("What about glycinate?", ["Is magnesium oxide absorbed?"], "en", encode)  # type: ignore[arg-type]
    assert whole == "Is magnesium glycinate absorbed?"


def test_a_follow_up_like_nothing_is_put_beside_the_question() -> None:
    whole = standalone("En GABA?", ["Wat doet glutamaat?"], "nl", _alike({}))  # type: ignore[arg-type]
    assert whole == "Wat doet glutamaat? En GABA?"


@pytest.mark.parametrize(
    ("earlier", "follow_up", "whole"),
    [
        ("Helpt zink bij chronische pijn?", "En bij slapen?", "Helpt zink bij slapen?"),
        ("Wat gebeurt er in de remslaap?", "En in de diepe slaap?",
         "Wat gebeurt er in de diepe slaap?"),
        ("Does it help against cramps at night?", "And against headaches?",
         "Does it help against headaches at night?"),
        ("How does vitamin D work?", "And zinc?", "How does zinc work?"),
        ("Daalt cortisol door muziek?", "En adrenaline?", "Daalt adrenaline door muziek?"),
        ("Is het de diepe slaap?", "En fase 2?", "Is het de fase 2?"),
        ("Wat doet een slaappil?", "En een kuur?", "Wat doet een kuur?"),
        ("Helpt zink het geheugen?", "En bij ouderen?", "Helpt zink het geheugen? En bij ouderen?"),
        ("Wat is LTP?", "En wat doet zink?", "En wat doet zink?"),
        ("Wat is LTP?", "En wat is het nut daarvan?", "Wat is LTP? En wat is het nut daarvan?"),
    ],
)  # fmt: skip
def test_a_follow_up_takes_its_place(earlier: str, follow_up: str, whole: str) -> None:
    def encode(words: list[str]) -> NDArray[np.float32]:
        like = {"gebeurt": 0.99, "daalt": 0.99, "cortisol": 0.95, "slaap": 0.95, "vitamin": 0.95}
        cosines = np.array([1.0, *(like.get(word, 0.85) for word in words[1:])])
        return np.stack([cosines, np.sqrt(1 - cosines**2)], axis=1).astype(np.float32)

    language = "en" if follow_up.startswith("And") else "nl"
    assert standalone(follow_up, [earlier], language, encode) == whole  # type: ignore[arg-type]


def test_a_follow_up_of_a_follow_up_reaches_back() -> None:
    history = ["Wat doet zink bij koorts?", "En bij hoest?"]
    for follow_up, whole in (
        ("En bij pijn?", "Wat doet zink bij pijn?"),
        ("Waarom?", "Wat doet zink bij hoest? Waarom?"),
    ):
        assert standalone(follow_up, history, "nl", _alike({})) == whole  # type: ignore[arg-type]


@given(
    st.lists(st.text(st.sampled_from("enbijdhtwazkD2 ?'-"), max_size=20), max_size=3),
    st.sampled_from(["En bij pijn?", "En een kuur?", "And ?", "en", "En D?", "Waarom?"]),
    st.sampled_from(["nl", "en"]),
)
def test_a_follow_up_of_anything_keeps_what_it_asks(
    history: list[str], follow_up: str, language: Language
) -> None:
    whole = standalone(follow_up, history, language, _alike({}))  # type: ignore[arg-type]
    assert follow_up.removeprefix("En bij ").removeprefix("En ").rstrip("?").strip() in whole


def test_a_bare_question_leans_on_the_one_before() -> None:
    assert standalone("Waarom?", ["Is oxide goed?"], "nl", _alike({})) == "Is oxide goed? Waarom?"  # type: ignore[arg-type]


def test_a_question_of_its_own_stays_as_it_is() -> None:
    question = "Welke groenten bevatten veel magnesium?"
    assert standalone(question, ["Is oxide goed?"], "nl", _alike({})) == question  # type: ignore[arg-type]
    assert standalone("En bij ouderen?", [], "nl", _alike({})) == "En bij ouderen?"  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("text", "low", "high", "counted"),
    [
        ("meer dan 300 enzymatische reacties", 300, 300, "enzym"),
        ("600 verschillende enzymen", 600, 600, "enzym"),
        ("300-400 mg per dag", 300, 400, "mg"),
        ("20 tot 35 procent", 20, 35, "proce"),
        ("1.000 mg", 1000, 1000, "mg"),
        ("0,5 gram", 0.5, 0.5, "gram"),
        ("ongeveer 60% van het magnesium", 60, 60, "%"),
    ],
)
def test_figures_are_read_with_what_they_count(
    text: str, low: float, high: float, counted: str
) -> None:
    (figure,) = figures(text)
    assert (figure.low, figure.high, figure.counted) == (low, high, counted)
