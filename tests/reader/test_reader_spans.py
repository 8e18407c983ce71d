"""Spans stand in the passage, on whole words and within one sentence, whatever the marks."""

from __future__ import annotations

from itertools import accumulate, pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from corpus.sentences import split
from qa.reader.spans import Window, balanced, best_spans, whole_words

TEXTS = st.text(
    alphabet=st.sampled_from("abcABC é1 2.,'-()!?\n%"), min_size=1, max_size=120
) | st.text(min_size=1, max_size=60)


def _window(passage: str, cuts: list[int], seed: int, null: float = 0.0) -> Window:
    edges = sorted({0, len(passage), *(cut % (len(passage) + 1) for cut in cuts)})
    offsets = np.array(list(pairwise(edges)), dtype=np.int64).reshape(-1, 2)
    rng = np.random.default_rng(seed)
    marks = rng.normal(size=(2, len(offsets))).astype(np.float32)
    return Window(offsets, marks[0], marks[1], null)


@settings(max_examples=300, deadline=None)
@given(TEXTS, st.lists(st.integers(0, 200), max_size=40), st.integers(0, 99), st.integers(1, 6))
def test_spans_are_whole_apart_and_in_one_sentence(
    passage: str, cuts: list[int], seed: int, count: int
) -> None:
    spans = best_spans(passage, [_window(passage, cuts, seed)], count)
    sentences = split(passage)
    assert len(spans) <= count
    assert list(spans) == sorted(spans, key=lambda span: -span.score)
    for span in spans:
        text = passage[span.start : span.end]
        assert text and text == text.strip()
        assert any(a <= span.start and span.end <= b for a, b in sentences)
        assert span.start == 0 or not (
            passage[span.start - 1].isalnum()
            and passage[span.start].isalnum()
            and any(a < span.start < b for a, b in sentences)
        )
    for one, other in pairwise(spans):
        assert one.end <= other.start or other.end <= one.start


@settings(max_examples=300, deadline=None)
@given(
    st.text(alphabet=st.sampled_from('ab (()) [] “”«»" -.,'), min_size=1, max_size=60),
    st.integers(0, 60),
    st.integers(0, 60),
)
def test_brackets_and_quotation_marks_come_in_pairs(text: str, one: int, other: int) -> None:
    start, end = sorted((one % (len(text) + 1), other % (len(text) + 1)))
    a, b = balanced(text, start, end, 0, len(text))
    assert 0 <= a <= b <= len(text)
    piece = text[a:b]
    assert piece.count('"') % 2 == 0
    for opening, closing in ("()", "[]", "“”", "«»"):
        depths = list(accumulate((mark == opening) - (mark == closing) for mark in piece))
        assert min(depths, default=0) == 0 and depths[-1:] in ([], [0])


def test_the_best_marks_win() -> None:
    passage = "Volwassenen nemen 375 milligram per dag."
    words = [(0, 11), (11, 17), (17, 21), (21, 31), (31, 35), (35, 39), (39, 40)]
    starts = np.full(7, -5, dtype=np.float32)
    ends = starts.copy()
    starts[2] = ends[3] = 4.0
    (span,) = best_spans(passage, [Window(np.array(words), starts, ends, 0.0)], 1)
    assert passage[span.start : span.end] == "375 milligram"
    assert span.score == 8.0


def test_windows_compete() -> None:
    passage = "Een zin. Nog een zin."
    low = Window(np.array([(0, 3)]), np.array([1.0]), np.array([1.0]), 0.0)
    high = Window(np.array([(13, 16)]), np.array([2.0]), np.array([2.0]), 0.0)
    first, second = best_spans(passage, [low, high], 2)
    assert (first.start, first.end, first.score) == (13, 16, 4.0)
    assert (second.start, second.end) == (0, 3)


@pytest.mark.parametrize(
    ("passage", "marked", "whole"),
    [
        ("een vitamine B6-tekort hier", "B6", "B6-tekort"),
        ("ongeveer 1,5 gram", "1", "1,5"),
        ("ook 's avonds laat", "s avonds", "'s avonds"),
        ("dus ‘s Avonds innemen", "Avonds", "‘s Avonds"),
        ("de 'gouden' tip", "gouden", "gouden"),
        ("ook 's avonds laat", " 's avonds ", "'s avonds"),
        ("(magnesiumbisglycinaat) helpt", "(magnesium", "magnesiumbisglycinaat"),
        ("goed voor de spieren, zegt men", " de spieren,", "de spieren"),
        ("magnesium (Mg) is", "magnesium (Mg", "magnesium (Mg)"),
        ("threonaat (Magtein®) - een vorm", "Magtein®) - een vorm", "(Magtein®) - een vorm"),
        ("de vorm (die van hen) - een goede", "hen) - een goede", "een goede"),
        ("de “feel-good” stof", "feel-good” stof", "“feel-good” stof"),
        ('noemt het een "natuurlijke rem" en meer', 'een "natuurlijke', "natuurlijke"),
        (
            'noemt het een "natuurlijke rem" en meer',
            'een "natuurlijke rem',
            'een "natuurlijke rem"',
        ),
        ("(] magnesium)", "magnesium)", "magnesium"),
        ("a) magnesium helpt", "a) magnesium helpt", "magnesium helpt"),
        ("zink (en koper (Cu)) helpt", "zink (en koper (Cu", "zink (en koper (Cu))"),
    ],
)
def test_whole_words(passage: str, marked: str, whole: str) -> None:
    start = passage.index(marked)
    a, b = whole_words(passage, start, start + len(marked), 0, len(passage))
    assert passage[a:b] == whole
