"""The door for other people's models, with a tiny random one."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import ModelError, QuestionError
from qa.reader import Reader
from qa.reader.model import Marks, TokenIds

PASSAGES = ["De bij is geel. Honing is zoet.", "Was is hard.", "", "  \n ", "woord " * 200]


@pytest.fixture(scope="module")
def reader(tiny_reader: Path) -> Reader:
    return Reader.open(str(tiny_reader))


def test_any_model_reads_through_the_same_door(reader: Reader) -> None:
    readings = reader.read("Wat is zoet?", PASSAGES)
    assert len(readings) == len(PASSAGES)
    for passage, reading in zip(PASSAGES, readings, strict=True):
        assert 0 <= reading.probability <= 1
        assert bool(reading.spans) == bool(passage.strip())
        if reading.spans:
            assert reading.margin == reading.spans[0].score - reading.null
        else:
            assert reading.margin == -math.inf
        for span in reading.spans:
            assert passage[span.start : span.end].strip()


def test_batching_does_not_change_a_reading(reader: Reader) -> None:
    together = reader.read("Wat is zoet?", PASSAGES)
    for passage, reading in zip(PASSAGES, together, strict=True):
        (alone,) = reader.read("Wat is zoet?", [passage])
        assert [(s.start, s.end) for s in alone.spans] == [(s.start, s.end) for s in reading.spans]
        assert alone.null == pytest.approx(reading.null, abs=1e-4)


def test_context_helps_but_is_never_quoted(reader: Reader) -> None:
    passage = "Honing is zoet."
    (bare,) = reader.read("Wat is zoet?", [passage])
    (under,) = reader.read("Wat is zoet?", [passage], ["Bijen | Wat zij maken"])
    assert under.null != pytest.approx(bare.null, abs=1e-6)
    assert all(0 <= span.start < span.end <= len(passage) for span in under.spans)


def test_a_long_passage_is_read_to_its_end(reader: Reader) -> None:
    passage = "een twee drie vier. " * 60 + "Honing is zoet."
    windows = {
        int(end) for e in reader._encode("Wat?", [(passage, 0)]) for end in (e.offsets[-1][1],)
    }
    assert max(windows) == len(passage)
    assert len(windows) > 3


@pytest.mark.parametrize(
    ("question", "message"), [("", "empty"), ("  ", "empty"), ("w" * 100, "too long")]
)
def test_questions_that_cannot_be_read(reader: Reader, question: str, message: str) -> None:
    with pytest.raises(QuestionError, match=message):
        reader.read(question, PASSAGES)


def test_contexts_go_with_passages(reader: Reader) -> None:
    with pytest.raises(ValueError):
        reader.read("Wat?", PASSAGES, ["een"])


def test_no_passages_no_readings(reader: Reader) -> None:
    assert reader.read("Wat?", []) == []


def test_a_model_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"reader .*nothing-here cannot be opened; give --reader"):
        Reader.open(str(tmp_path / "nothing-here"))


def test_marks_that_are_no_numbers_are_refused(reader: Reader) -> None:
    def broken(batches: Iterable[TokenIds]) -> Iterator[Marks]:
        for inputs in batches:
            starts = np.full(inputs["input_ids"].shape, np.nan, dtype=np.float32)
            yield starts, starts

    with pytest.raises(ModelError, match="no numbers"):
        Reader(replace(reader.loaded, mark=broken)).read("Wat is zoet?", PASSAGES)


@pytest.mark.parametrize("places", [1, 2, 4])
def test_no_answer_stands_against_all_places_together(reader: Reader, places: int) -> None:
    """As in the training's loss: the chance of the first token against that of all others."""

    def sure(batches: Iterable[TokenIds]) -> Iterator[Marks]:
        for inputs in batches:
            marks = np.full(inputs["input_ids"].shape, -30, dtype=np.float32)
            marks[:, 0] = 1  # no answer
            marks[:, -3 - places : -3] = 4  # ``places`` neighbours, each as likely
            yield marks, marks

    (reading,) = Reader(replace(reader.loaded, mark=sure)).read("Wat?", ["woord " * 20])
    assert reading.spans[0].score == pytest.approx(8)
    assert reading.margin == pytest.approx(2 * (4 - 1 + math.log(places)), abs=1e-4)
