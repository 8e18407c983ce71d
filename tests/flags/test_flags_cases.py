"""Each of the twelve flags on sentences of our own: what must be flagged, and what only tempts."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from qa.flags import find
from qa.flags.lexicon import flag_texts

_CASES = tomllib.loads((Path(__file__).parent / "flag_cases.toml").read_text(encoding="utf-8"))


def _cases(wanted: str) -> Iterator[tuple[str, str, str]]:
    for flag, languages in _CASES.items():
        for language, sentences in languages.items():
            for sentence in sentences[wanted]:
                yield flag, language, sentence


def test_every_flag_has_cases_in_both_languages() -> None:
    assert set(_CASES) == set(flag_texts())
    assert all(set(languages) == {"nl", "en"} for languages in _CASES.values())


@pytest.mark.parametrize(("flag", "language", "sentence"), [*_cases("flagged")])
def test_is_flagged(flag: str, language: str, sentence: str) -> None:
    found = [found for found in find(sentence, language) if found.type == flag]
    assert len(found) == 1
    assert sentence[found[0].cue_start : found[0].cue_end].strip()
    assert found[0].label == flag_texts()[flag].label[language]


@pytest.mark.parametrize(("flag", "language", "sentence"), [*_cases("near")])
def test_near_miss_is_not(flag: str, language: str, sentence: str) -> None:
    assert flag not in {found.type for found in find(sentence, language)}
