"""What is encoded comes back equal, whatever is in it; what does not fit is refused."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from corpus.model import Article, Block, Cell, Document, Kind, Source
from index._codec import decode, encode
from index.model import Passage, Place, Unit

TEXT = st.text(max_size=12)
NUMBER = st.integers(0, 10**6)


def _tuples(of: st.SearchStrategy[object]) -> st.SearchStrategy[tuple[object, ...]]:
    return st.lists(of, max_size=3).map(tuple)


BLOCKS = st.builds(
    Block,
    kind=st.sampled_from(Kind),
    start=NUMBER,
    end=NUMBER,
    headings=_tuples(TEXT),
    article=NUMBER,
    lead=st.none() | NUMBER,
    level=NUMBER,
    marker=NUMBER,
    cells=_tuples(st.builds(Cell, NUMBER, NUMBER, TEXT)),
)
SOURCES = st.builds(
    Source,
    file=TEXT,
    sells=_tuples(TEXT),
    author=st.none() | TEXT,
    articles=st.none() | NUMBER,
    provenance=st.dictionaries(TEXT, TEXT, max_size=3),
)
DOCUMENTS = st.builds(
    Document,
    name=TEXT,
    text=TEXT,
    sha256=TEXT,
    source=SOURCES,
    articles=_tuples(st.builds(Article, TEXT, NUMBER, NUMBER, st.none() | TEXT, st.none() | TEXT)),
    blocks=_tuples(BLOCKS),
)
PASSAGES = st.builds(
    Passage,
    id=TEXT,
    text=TEXT,
    places=_tuples(st.builds(Place, TEXT, NUMBER, NUMBER, NUMBER)),
    headings=_tuples(TEXT),
    article=TEXT,
    kind=st.sampled_from(Kind),
    units=_tuples(st.builds(Unit, st.sampled_from(Kind), NUMBER, NUMBER, TEXT)),
)


@given(DOCUMENTS | PASSAGES)
def test_encoding_and_decoding_gives_the_same(value: Document | Passage) -> None:
    through_json = json.loads(json.dumps(encode(value)))
    assert decode(type(value), through_json) == value


PLACE = {"source": "a.txt", "article": 0, "start": 1, "end": 2}


@pytest.mark.parametrize(
    "wrong",
    [
        None,
        [],
        {},
        {**PLACE, "start": "1"},
        {**PLACE, "start": True},
        {**PLACE, "start": None},
        {**PLACE, "other": 1},
        {key: PLACE[key] for key in ("source", "article", "start")},
    ],
)
def test_what_does_not_fit_is_refused(wrong: object) -> None:
    assert decode(Place, dict(PLACE)) == Place("a.txt", 0, 1, 2)
    with pytest.raises(ValueError, match=r"not a|is not"):
        decode(Place, wrong)


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(ValueError, match="poem"):
        decode(Unit, {"kind": "poem", "start": 0, "end": 1})
