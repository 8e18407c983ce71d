"""Sentence offsets: what ends a sentence, what does not, and what trails its stop."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.sentences import split


def sentences(text: str) -> list[str]:
    return [text[start:end] for start, end in split(text)]


@pytest.mark.parametrize(
    "expected",
    [
        # citation numbers belong to the sentence before them
        ["Magnesium is belangrijk voor een goed denkvermogen. 1", "Met genoeg hou je het gezond."],
        ["Die draagt bij aan de overdracht van pijn. 2.", "Tijdens aanvallen is het laag."],
        ["Gemeten in het speeksel en ruggenmerg. 3,4,5,6", "Scans laten hetzelfde zien.  7"],
        ["Door de receptor te blokkeren. 10. 11.", "Bij patiënten is het laag. 12"],
        ["Omzetten in energie.⁹", "Zonder magnesium hapert het.¹⁰", "Ook het ritme."],
        ["It was shown.[1,2]", "Others agree.12", "Most do not."],
        # what else trails a stop
        ["De prestaties worden beter.*", "Hoewel het niet bedoeld is voor ziekten."],
        ['Hij zei: "Slaap is goed."', "(Dat klopt.)", "Ook dit."],
        ["Wat is dat?!", "Een mineraal!", "Mooi…", "Verder."],
        # abbreviations, initials, numbers, addresses
        ["Neem bijv. Dr. Smith, die ca. 3.5 mg nam.", "Zie nr. 5 en fig. 2 enz.", "Klaar."],
        ["See e.g. Smith et al. 2010 vs. placebo.", "No.", "It is no. 5."],
        ["Gröber U, Schmidt J. Magnesium in preventie.", "Nutrients."],
        ["Dit geldt voor vitamine C.", "Ook voor vitamine B en D.", "En voor J. de Vries."],
        ["Zie https://ods.od.nih.gov/a.b/c/.", "Geraadpleegd in 2025."],
        ["Lees het op www.voorbeeld.nl en doi:10.3390/nu7095388.", "Echt."],
        ["Dat schreef Samuel P. Huntington.", "Zie p. 12 van Rev. Paul T. Stall."],
        ["Op 20 okt. 2025 kwam het uit.", "12 weken later ook."],
        # beginnings
        ["Het was laat.", "'s Avonds is het beter.", "’s Nachts ook."],
        ["De waarde is laag.", "pH telt ook.", "mRNA niet."],
        ["Het is er al.", "Dit komt door een gen.", "Patiënten met MS.", "Ook bij vrouwen."],
        ["Wacht... en dan toch.", "Zo is het."],
        ["Het is hoog.", "Daarom ook dit."],
        # item numbers do not end a sentence
        ["1. Magnesium helpt bij slaap."],
    ],
)
def test_sentences_stand_apart_where_a_reader_would_put_the_breaks(expected: list[str]) -> None:
    text = " ".join(expected)
    assert [" ".join(found.split()) for found in sentences(text)] == [
        " ".join(each.split()) for each in expected
    ]


def test_a_sentence_without_a_space_before_the_next_still_ends() -> None:
    assert sentences("Het is te hoog.Daarom daalt het.") == ["Het is te hoog.", "Daarom daalt het."]


def test_lines_end_sentences_where_they_are_titles_items_or_paragraphs() -> None:
    text = "Beweeg regelmatig\n    Training bevordert dit.\n\nalinea zonder stop\n\n• een\n• twee"
    assert sentences(text) == [
        "Beweeg regelmatig",
        "Training bevordert dit.",
        "alinea zonder stop",
        "• een",
        "• twee",
    ]


def test_a_line_wrapped_by_hand_does_not_end_a_sentence() -> None:
    text = "Een tekort aan zink komt in Nederland weinig voor en de klachten\nervan zijn vaag."
    assert sentences(text) == [text]


def test_offsets_count_from_the_text_and_stay_within_the_slice() -> None:
    text = "Eerste zin. Tweede zin. Derde zin."
    assert split(text, 12, 23) == [(12, 23)]
    assert split(text, 10, 14) == [(10, 11), (12, 14)]


@given(
    st.text(alphabet=st.sampled_from("aAbZé1,.!?…*\"'“”()[]• \n\r\t\u200f\x00\xa0-"), max_size=200)
)
def test_spans_hold_every_character_that_is_not_white_space_in_order(text: str) -> None:
    position = 0
    for start, end in split(text):
        assert position <= start < end
        assert not text[position:start].strip()
        assert text[start:end] == text[start:end].strip()
        position = end
    assert not text[position:].strip()


@given(st.text(max_size=80), st.text(max_size=80), st.text(max_size=80))
def test_a_slice_is_split_as_the_same_text_alone(before: str, inside: str, behind: str) -> None:
    start, end = len(before), len(before) + len(inside)
    found = split(before + inside + behind, start, end)
    assert all(start <= left < right <= end for left, right in found)
    assert "".join(inside.split()) == "".join(
        "".join((before + inside + behind)[left:right].split()) for left, right in found
    )


@pytest.mark.parametrize(
    "piece", [".", "x", " ", "\n", "1,", "bijv. ", "[1,2", "Dit is er een van dr. Jansen. "]
)
def test_a_line_of_a_megabyte_takes_less_than_two_seconds(piece: str) -> None:
    text = "A. " + piece * (1_000_000 // len(piece))
    began = time.process_time()
    split(text)
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize("piece", [". 1", "a. ", "Jan J. ", "A\n", "\n\nA.", "1 "])
def test_time_grows_in_proportion(piece: str) -> None:
    def seconds(count: int) -> float:
        text = "A. " + piece * count
        began = time.process_time()
        split(text)
        return time.process_time() - began

    seconds(100)
    few, many = seconds(10_000), seconds(160_000)
    assert many < 16 * few * 4 + 0.5  # quadratic time would be 16 times 16
