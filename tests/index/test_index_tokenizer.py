"""The lean tokeniser cuts every text as the ``tokenizers`` library does with its own model."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import Tokenizer

import corpus
from index import model_package
from index._progress import silent
from index.packaged_parts import open_parts
from index.packaged_tokenizer import PackagedTokenizer
from index.passages import display_text, make
from index.tokenizing import SharedTokenizer

# what normalisation drops, joins or splits, what no piece knows, and the names of tokens
ODD = [
    *"e\u0301ïﬁ½…＜＞ǅ\u200b\u202f\u2581\ufeff\x01\t\n한日👩\u200d👧",
    "<s>",
    "</s>",
    "<mask>",
    "<unk>",
]
texts = st.lists(
    st.one_of(st.sampled_from(ODD), st.text(max_size=6), st.sampled_from([" ", "magnesium", "s"])),
    max_size=12,
).map("".join)


@pytest.fixture(scope="module")
def lean() -> PackagedTokenizer:
    return open_parts(model_package.prepare(silent)).tokenizer


@pytest.fixture(scope="module")
def library() -> SharedTokenizer:
    file = model_package.prepare(silent) / model_package.TOKENIZER_FILE
    return SharedTokenizer(Tokenizer.from_file(str(file)))


@pytest.fixture(scope="module")
def passages() -> list[str]:
    return [display_text(one) for one in make(corpus.load())]


@settings(max_examples=400, deadline=None)
@given(text=texts, most=st.one_of(st.none(), st.integers(3, 12)))
def test_any_text_gives_the_librarys_tokens(
    lean: PackagedTokenizer, library: SharedTokenizer, text: str, most: int | None
) -> None:
    (ours,), (theirs,) = lean.encode([text], most), library.encode([text], most)
    assert ours.ids == theirs.ids
    assert ours.offsets == theirs.offsets
    assert ours.sequence_ids == theirs.sequence_ids
    assert ours.type_ids == theirs.type_ids
    assert ours.attention_mask == theirs.attention_mask
    assert len(ours) == len(theirs)


@settings(max_examples=200, deadline=None)
@given(question=texts, text=texts, more=st.integers(1, 20), stride=st.integers(0, 12))
def test_windows_are_those_of_the_library(
    lean: PackagedTokenizer,
    library: SharedTokenizer,
    question: str,
    text: str,
    more: int,
    stride: int,
) -> None:
    most = len(library.encode([question])[0]) + 2 + stride + more
    both = ["", text]
    ours = lean.windows(question, both, most, stride)
    theirs = library.windows(question, both, most, stride)
    assert [number for number, _ in ours] == [number for number, _ in theirs]
    for (_, one), (_, other) in zip(ours, theirs, strict=True):
        assert one.ids == other.ids
        assert one.offsets == other.offsets
        assert one.sequence_ids == other.sequence_ids


def test_the_articles_are_cut_alike(
    lean: PackagedTokenizer, library: SharedTokenizer, passages: list[str]
) -> None:
    assert len(passages) > 300
    for ours, theirs in zip(lean.encode(passages), library.encode(passages), strict=True):
        assert (ours.ids, ours.offsets) == (theirs.ids, theirs.offsets)
    ours = lean.windows("Wat doet magnesium?", passages, 64, 16)
    theirs = library.windows("Wat doet magnesium?", passages, 64, 16)
    assert len(ours) > len(passages)
    for (number, one), (other, two) in zip(ours, theirs, strict=True):
        assert (number, one.ids, one.offsets) == (other, two.ids, two.offsets)


def test_a_text_is_cut_alike_after_another_question_and_a_long_one_is_not_remembered(
    lean: PackagedTokenizer, library: SharedTokenizer, passages: list[str]
) -> None:
    lean.windows("Wat doet magnesium?", passages[:1], 64, 16)
    hits = lean._tokens_after.cache_info().hits
    again = lean.windows("Hoeveel ijzer?", passages[:1], 64, 16)
    assert lean._tokens_after.cache_info().hits == hits + 1
    theirs = library.windows("Hoeveel ijzer?", passages[:1], 64, 16)
    assert [one.ids for _, one in again] == [one.ids for _, one in theirs]
    size = lean._tokens_after.cache_info().currsize
    lean.windows("Hoeveel ijzer?", ["ijzer " * 2000], 64, 16)
    assert lean._tokens_after.cache_info().currsize == size


def test_threads_may_share_it(lean: PackagedTokenizer, passages: list[str]) -> None:
    alone = lean.encode(passages[:80])
    fresh = open_parts(model_package.prepare(silent)).tokenizer
    assert fresh is lean
    fresh._pieces_of.cache_clear()
    together = threading.Barrier(4)

    def encoded(_: int) -> list[list[int]]:
        together.wait()
        return [one.ids for one in fresh.encode(passages[:80])]

    with ThreadPoolExecutor(4) as pool:
        for ids in pool.map(encoded, range(4)):
            assert ids == [one.ids for one in alone]
