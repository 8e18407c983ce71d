"""Words: stems, compounds, meanings in both languages, slips of the pen."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import bm25s
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rapidfuzz import fuzz

import corpus
from corpus.errors import StoreError
from index import counting
from index.likeness import MetByMany, met, question_words
from index.model import Passage
from index.passages import embedding_text, make
from index.words import Words, content_words, parts, plain, stem
from index.words import words as words_of

_PASSAGES = make(corpus.load())
_QUESTIONS = ("slaap en stress", "metformnie", "magnesium bij nierfalen", "How do kidneys sleep?")


def _built(passages: Sequence[Passage], folder: Path) -> Words:
    counting.count(passages, folder)
    return Words.load(folder, len(passages))


with TemporaryDirectory() as _folder:  # what is mapped outlives its name
    _WORDS = _built(_PASSAGES, Path(_folder))
_TERMS = sorted({term for p in _PASSAGES for term in _WORDS.terms_in(embedding_text(p))})


def _best(question: str) -> str:
    return _PASSAGES[int(met(question_words(question, _WORDS), _WORDS).argmax())].text


@pytest.mark.parametrize(
    ("question", "holds"),
    [
        ("metformine", "Metformine"),
        ("caffeine", "cafeïne"),
        ("cafeine", "cafeïne"),
        ("metformnie", "Metformine"),
        ("kidney stones and kidneys", "nier"),
        ("skin barrier", "huid"),
        ("slaapkwaliteiten", "slaap"),
    ],
)
def test_a_word_is_met_across_language_and_spelling(question: str, holds: str) -> None:
    assert holds.lower() in _best(question).lower()


def test_what_no_passage_holds_is_met_by_none() -> None:
    (zinc,) = question_words("Hoeveel zink?", _WORDS)
    assert zinc.terms == {}
    assert zinc.weight == pytest.approx(_WORDS.most_telling())


def test_a_common_word_tells_less_than_a_rare_one() -> None:
    magnesium, metformin = question_words("magnesium metformine", _WORDS)
    assert magnesium.weight < 0.3 * metformin.weight


def test_the_share_met_lies_between_nothing_and_all() -> None:
    for question in ("magnesium", "slaap en stress", "zink", ""):
        shares = met(question_words(question, _WORDS), _WORDS)
        assert shares.shape == (len(_PASSAGES),)
        assert (shares >= 0).all() and (shares <= 1).all()


def test_words_of_asking_say_nothing() -> None:
    assert content_words("Wat is de rol van magnesium bij slaap?") == ["rol", "magnesium", "slaap"]
    assert content_words("What is it about?") == []


def test_a_term_is_held_as_bm25_scores_it() -> None:
    stems = [[stem(word) for word in words_of(embedding_text(p))] for p in _PASSAGES]
    known = {s for row in stems for s in row}
    rows = [[term for s in row for term in (s, *parts(s, known))] for row in stems]
    engine = bm25s.BM25(k1=1.2, b=0.5)
    engine.index(rows, show_progress=False)
    assert sorted({term for row in rows for term in row}) == _TERMS
    for term in _TERMS[::37]:
        scores = engine.get_scores([term])
        holding, held = _WORDS.held(term)
        np.testing.assert_array_equal(holding, np.flatnonzero(scores))
        np.testing.assert_array_equal(holding, [n for n, row in enumerate(rows) if term in row])
        expected = 0.6 + 0.4 * scores[holding] / _WORDS.weight(term)
        np.testing.assert_allclose(held, expected, atol=1e-6)


@pytest.mark.parametrize("name", ["terms.txt", "held.npy", "leading.npy"])
def test_a_damaged_folder_is_named(name: str, tmp_path: Path) -> None:
    counting.count(_PASSAGES[:20], tmp_path / "words")
    (tmp_path / "words" / name).write_text("{", encoding="utf-8")
    with pytest.raises(StoreError, match="words"):
        Words.load(tmp_path / "words", 20)


def test_no_passages_at_all(tmp_path: Path) -> None:
    empty = _built([], tmp_path / "words")
    assert met(question_words("slaap", empty), empty).shape == (0,)


def test_terms_with_a_word_at_head_or_tail_are_all_of_them_in_order() -> None:
    for base in ("nier", "slaap", "magnesium", "zuur", "zzz"):
        ends = [t for t in _TERMS if t.startswith(base) or t.endswith(base)]
        found = [_TERMS[number] for number in _WORDS.containing(base)]
        assert found == [term for term in ends if term != base]


@settings(deadline=None, max_examples=60)
@given(
    st.one_of(
        st.sampled_from(_TERMS).flatmap(
            lambda t: st.tuples(st.integers(0, len(t)), st.text("aeinrst", max_size=2)).map(
                lambda cut: t[: cut[0]] + cut[1] + t[cut[0] + 1 :]
            )
        ),
        st.text(max_size=12),
    )
)
def test_no_term_spelt_alike_is_missed(word: str) -> None:
    every = {t: fuzz.ratio(word, plain(t)) for t in _TERMS if not t.isdigit()}
    near = {term: score for term, score in every.items() if score >= 82}
    assert dict(_WORDS.alike(word, 82, len(_TERMS))) == near


@pytest.mark.parametrize("question", _QUESTIONS)
def test_what_some_passages_meet_is_what_they_meet_of_all(question: str) -> None:
    questioned = question_words(question, _WORDS)
    some = np.arange(0, len(_PASSAGES), 3)
    np.testing.assert_array_equal(
        MetByMany(questioned, _WORDS).at(some), met(questioned, _WORDS)[some]
    )


@pytest.mark.parametrize("question", _QUESTIONS)
def test_the_passages_reached_are_those_that_meet_the_words_best(question: str) -> None:
    questioned = question_words(question, _WORDS)
    shares = met(questioned, _WORDS)
    reached = MetByMany(questioned, _WORDS).reached()
    assert (np.diff(reached) > 0).all()
    found = reached[np.argsort(-shares[reached])[:10]]
    best = np.sort(shares[shares > 0])[::-1][: len(found)]
    np.testing.assert_allclose(np.sort(shares[found])[::-1], best, atol=1e-6)
    assert len(found) == min(10, (shares > 0).sum())


def test_of_a_very_common_term_only_the_leading_passages_are_kept_apart(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in ("counting", "words"):
        monkeypatch.setattr(f"index.{module}.LONG", 50)
    monkeypatch.setattr("index.counting.LEADING", 8)
    monkeypatch.setattr("index.counting._BLOCK", 7)  # many blocks give what one gives
    short = _built(_PASSAGES, tmp_path)
    common = max(_TERMS, key=_WORDS.frequency)
    assert _WORDS.frequency(common) > 50
    rows, held = short.leading(common)
    every, whole = short.held(common)
    assert len(rows) == 8 and set(rows) <= set(every)
    assert held.min() >= np.sort(whole)[-8]
    for question in _QUESTIONS:
        questioned = question_words(question, short)
        every_one = np.arange(len(_PASSAGES))
        np.testing.assert_array_equal(
            MetByMany(questioned, short).at(every_one), met(questioned, short)
        )
    for term in _TERMS:
        for mine, theirs in zip(short.held(term), _WORDS.held(term), strict=True):
            np.testing.assert_array_equal(mine, theirs)
