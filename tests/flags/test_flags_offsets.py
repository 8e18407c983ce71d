"""Whatever the text: offsets are slices, flags are whole, and the time taken is linear."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import corpus
from corpus.model import Document
from qa.answer import Flag
from qa.flags import find, find_in, marked_claims
from qa.flags.find import document_of
from qa.flags.lexicon import flag_texts

_TEXT = """magnesium vitamine D Magtein® helpt niet tegen migraine verbetert de slaap . \n • * 400
mg per dag onderzoek toont aan klik hier voeding alleen tekort ? ! — ( ) [1] \u00a0 İ ß e\u0301
research shows stress supplement <b> & \u2028 \U0001f9e0"""
_WORDS = st.sampled_from(_TEXT.split(" "))


@given(st.lists(_WORDS, max_size=60).map(" ".join))
@settings(max_examples=150, deadline=None)
def test_offsets_are_slices_of_any_text(text: str) -> None:
    for flag in find(text, "en"):
        assert 0 <= flag.start <= flag.cue_start < flag.cue_end <= flag.end <= len(text)
        assert text[flag.start : flag.end].strip() == text[flag.start : flag.end]
        assert flag.label and flag.why and flag.basis
        assert "{" not in flag.why + flag.note


@given(st.text(max_size=300))
@settings(max_examples=100, deadline=None)
def test_any_characters_can_be_read(text: str) -> None:
    for flag in find(text):
        assert text[flag.cue_start : flag.cue_end]


def test_the_articles_have_their_flags_at_slices() -> None:
    for document in corpus.load():
        found = find_in(document)
        assert found
        assert [flag.start for flag in found] == sorted(flag.start for flag in found)
        assert len({(f.type, f.start, f.end) for f in found}) == len(found)
        assert {flag.type for flag in found} <= set(flag_texts())


def test_a_sentence_that_occurs_twice_is_flagged_twice() -> None:
    sentence = "Magnesium verbetert de slaap."
    text = f"{sentence} Noten zijn gezond. {sentence}"
    starts = [flag.start for flag in find(text)]
    assert starts == [0, text.rindex(sentence)]


def test_the_five_articles_take_less_than_a_second() -> None:
    documents = corpus.load()
    find_in(documents[0])  # the word lists are read once
    seconds = []
    for _ in range(3):  # the least, for a shared machine may be slow for a moment
        begun = time.process_time()
        for document in documents:
            find_in(document)
        seconds.append(time.process_time() - begun)
    assert min(seconds) < 1.0


def _took(piece: str, size: int) -> float:
    """CPU seconds, the least of three: Python's rubbish is collected now and then, all at once."""
    text = piece * (size // len(piece))
    seconds = []
    for _ in range(3):
        begun = time.process_time()
        find(text)
        seconds.append(time.process_time() - begun)
    return min(seconds)


@pytest.mark.parametrize(
    "piece", ["a", "9.", "studies tonen aan (", "magnesium\n", "1 mg - ", "*", "\u0300", "Mg® "]
)
def test_time_is_linear(piece: str) -> None:
    _took(piece, 1_000)
    part, whole = _took(piece, 40_000), _took(piece, 160_000)
    assert whole < 8 * part + 0.5  # four times the text; quadratic would be sixteen


def test_a_line_of_a_megabyte() -> None:
    piece = "een gewone zin over magnesium zonder eind, "
    _took(piece, 1_000)
    part, whole = _took(piece, 125_000), _took(piece, 1_000_000)
    assert whole < 16 * part + 0.5


def test_marked_claims_are_slices_with_their_mark() -> None:
    for document in corpus.load():
        for claim in marked_claims(document):
            assert claim.start < claim.mark < claim.end
            assert document.text[claim.mark] == "*"
            assert "Food and Drug" in document.text[claim.disclaimer_start : claim.disclaimer_end]


def _apart(document: Document) -> list[Flag]:
    """The flags of the document's articles, each found by itself."""
    return [
        flag
        for number in range(len(document.articles))
        for flag in find_in(document, "en", article=number)
    ]


def test_an_article_has_the_flags_that_it_has_among_the_others() -> None:
    documents = corpus.load()
    assert max(len(document.articles) for document in documents) == 10
    for document in documents:
        assert sorted(_apart(document), key=_place) == sorted(find_in(document, "en"), key=_place)


@given(st.lists(st.lists(_WORDS, max_size=40).map(" ".join), min_size=2, max_size=4))
@settings(max_examples=50, deadline=None)
def test_articles_of_any_text_are_flagged_apart(texts: list[str]) -> None:
    """As a page of several articles would have them: each with its own title and byline."""
    page = "\n\n".join(f"Magnesium {n}\nDoor Redactie\n\n{t}\n\n{t}" for n, t in enumerate(texts))
    document = document_of(page)
    assert sorted(_apart(document), key=_place) == sorted(find_in(document, "en"), key=_place)


def _place(flag: Flag) -> tuple[int, int, str, int]:
    return flag.start, flag.end, flag.type, flag.cue_start
