"""Documents to passages: whole units, one section, exact places."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

import corpus
from corpus.model import Document, Kind
from corpus.sentences import split
from index.passages import (
    PROSE_SIZE,
    WHOLE_SIZE,
    display_text,
    embedding_text,
    make,
    unit_embedding_text,
)

_DOCUMENTS = corpus.load()
_TEXTS = {document.name: document.text for document in _DOCUMENTS}


def _document(tmp_path: Path, text: str) -> Document:
    file = tmp_path / "een.txt"
    file.write_bytes(text.encode("utf-8"))
    return corpus.read(file)


def test_a_passage_is_a_slice_at_each_of_its_places() -> None:
    for passage in make(_DOCUMENTS):
        for place in passage.places:
            assert _TEXTS[place.source][place.start : place.end] == passage.text


def test_units_are_whole_and_in_order() -> None:
    for passage in make(_DOCUMENTS):
        at = 0
        for unit in passage.units:
            assert at <= unit.start < unit.end <= len(passage.text)
            words = passage.text[unit.start : unit.end]
            assert words == words.strip()
            for start, end in unit.cells:
                assert unit.start <= start < end <= unit.end
            at = unit.end


def test_no_passage_cuts_a_sentence() -> None:
    for passage in make(_DOCUMENTS):
        sentences = {
            (place.start + unit.start, place.start + unit.end)
            for place in passage.places[:1]
            for unit in passage.units
            if unit.kind is Kind.PARAGRAPH
        }
        text = _TEXTS[passage.places[0].source]
        for start, end in sentences:
            assert split(text, start, end) == [(start, end)]
        assert passage.units[-1].end == len(passage.text)


def test_prose_is_windowed_and_lists_stay_whole() -> None:
    for passage in make(_DOCUMENTS):
        if passage.kind is Kind.PARAGRAPH and len(passage.units) > 1:
            assert len(passage.text) <= PROSE_SIZE + 10  # blank lines between paragraphs
        if passage.kind in (Kind.LIST_ITEM, Kind.TABLE_ROW) and len(passage.units) > 1:
            assert len(passage.text) <= WHOLE_SIZE + 60  # bullets and blank lines


def test_every_answering_block_is_in_a_passage() -> None:
    passages = make(_DOCUMENTS)
    for document in _DOCUMENTS:
        covered = bytearray(len(document.text))
        for passage in passages:
            for place in passage.places:
                if place.source == document.name:
                    covered[place.start : place.end] = b"\x01" * (place.end - place.start)
        for block in document.blocks:
            if block.kind in corpus.ANSWERING:
                for at in range(block.start + block.marker, block.end):
                    assert covered[at] or document.text[at].isspace(), block


def test_headings_captions_and_furniture_are_never_quoted() -> None:
    silent = {Kind.HEADING, Kind.CAPTION, Kind.NAVIGATION, Kind.BYLINE, Kind.KEYWORDS}
    for document in _DOCUMENTS:
        units = [
            (place.start + unit.start, place.start + unit.end)
            for passage in make([document])
            for place in passage.places
            for unit in passage.units
        ]
        for block in document.blocks:
            if block.kind in silent:
                assert not any(a < block.end and block.start < b for a, b in units), block


def test_boilerplate_is_one_passage_with_many_places() -> None:
    disclaimers = [
        p
        for p in make(_DOCUMENTS)
        if p.kind is Kind.DISCLAIMER and p.places[0].source == "magtein-blog.txt"
    ]
    assert len(disclaimers) == 1
    assert len(disclaimers[0].places) == 10


def test_an_unchanged_passage_keeps_its_id(tmp_path: Path) -> None:
    one = "Over slaap\n\nWie slecht slaapt, is overdag moe. Rust helpt bij herstel.\n"
    two = one + "\n\nOver rust\n\nEen nieuwe alinea over rust. Iets heel anders.\n"
    before = {p.text: p.id for p in make([_document(tmp_path, one)])}
    after = {p.text: p.id for p in make([_document(tmp_path, two)])}
    kept = [text for text in before if text in after]
    assert kept
    assert all(before[text] == after[text] for text in kept)


def test_a_row_is_embedded_and_shown_with_its_cells_apart() -> None:
    (passage,) = [p for p in make(_DOCUMENTS) if "MetformineRenale verliezen" in p.text]
    (row,) = [u for u in passage.units if passage.text[u.start : u.end].startswith("Metformine")]
    assert "Medicatie: Metformine | Mechanisme: Renale verliezen" in unit_embedding_text(
        passage, row
    )
    assert "Metformine | Mechanisme: Renale verliezen" in display_text(passage)
    assert "MetformineRenale verliezen" in passage.text
    assert [passage.text[a:b] for a, b in row.cells] == ["Metformine", "Renale verliezen"]


def test_headings_are_context_and_not_quoted() -> None:
    passage = make(_DOCUMENTS)[0]
    heading = passage.headings[-1]
    assert heading in embedding_text(passage)
    assert heading not in passage.text


_WORDS = st.lists(st.sampled_from(["Magnesium", "helpt.", "Slaap", "is goed.", "En rust!"]))


@given(st.lists(_WORDS.map(" ".join), min_size=1, max_size=12))
def test_any_article_gives_slices(paragraphs: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        document = _document(Path(folder), "\n\n".join(["Titel", *paragraphs]))
        for passage in make([document]):
            for place in passage.places:
                assert document.text[place.start : place.end] == passage.text
