"""Words: stems, compounds, meanings in both languages, slips of the pen."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

import corpus
from corpus.errors import StoreError
from index.likeness import met, question_words
from index.passages import make
from index.words import Words, content_words

_PASSAGES = make(corpus.load())
_WORDS = Words.build(_PASSAGES)


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
    assert zinc.terms == ()
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


def test_saved_and_loaded_it_scores_the_same(tmp_path: Path) -> None:
    _WORDS.save(tmp_path / "words")
    loaded = Words.load(tmp_path / "words")
    questioned = question_words("slaap en stress", loaded)
    np.testing.assert_array_equal(met(questioned, loaded), met(questioned, _WORDS))


def test_a_damaged_folder_is_named(tmp_path: Path) -> None:
    _WORDS.save(tmp_path / "words")
    (tmp_path / "words" / "frequency.json").write_text("{", encoding="utf-8")
    with pytest.raises(StoreError, match="words"):
        Words.load(tmp_path / "words")


def test_no_passages_at_all(tmp_path: Path) -> None:
    empty = Words.build([])
    empty.save(tmp_path / "words")
    assert met(question_words("slaap", empty), empty).shape == (0,)


def test_terms_with_a_word_at_head_or_tail_are_all_of_them_in_order() -> None:
    for base in ("nier", "slaap", "magnesium", "zuur", "zzz"):
        ends = [t for t in _WORDS.frequency if t.startswith(base) or t.endswith(base)]
        assert _WORDS.containing(base) == [term for term in ends if term != base]
