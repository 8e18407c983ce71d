"""The little language of the data files."""

from __future__ import annotations

import pytest

from qa.flags.patterns import PatternBook, Span
from qa.flags.tokens import tokenise


def spans(pattern: str, text: str, **classes: list[str]) -> list[tuple[int, int]]:
    book = PatternBook({"it": [pattern], **classes})
    found = book.marks(tokenise(text, 0, len(text))).get("it", ())
    return [(span.first, span.last) for span in found]


@pytest.mark.parametrize(
    ("pattern", "text", "expected"),
    [
        ("slaap", "Slaap en slaapkwaliteit", [(0, 1)]),
        ("slaap*", "slaap en slaapkwaliteit", [(0, 1), (2, 3)]),
        ("*rust", "nachtrust rustig", [(0, 1)]),
        ("*zond*", "gezondheid", [(0, 1)]),
        ("helpt tegen|bij", "helpt bij alles", [(0, 2)]),
        ("voor [een] brein", "voor brein", [(0, 2)]),
        ("voor [een] brein", "voor een brein", [(0, 3)]),
        ("helpt ~2 tegen", "helpt heel goed tegen kou", [(0, 4)]),
        ("helpt ~1 tegen", "helpt heel goed tegen kou", []),
        ("^neem", "neem of neem", [(0, 1)]),
        ("nu $", "nu of nu", [(2, 3)]),
        ("bloed-hersenbarrière", "de bloed‑hersenbarriere", [(1, 3)]),
        ("geënt", "GEENT", [(0, 1)]),
        ("op {dag}", "op elke dag", [(0, 3)]),
    ],
)
def test_a_pattern(pattern: str, text: str, expected: list[tuple[int, int]]) -> None:
    assert spans(pattern, text, dag=["elke dag"]) == expected


def test_a_stretch_ends_where_its_longest_match_does() -> None:
    book = PatternBook({"it": ["tekort", "tekort aan magnesium"]})
    text = "tekort aan magnesium"
    assert book.marks(tokenise(text, 0, len(text))) == {"it": (Span(0, 3),)}


@pytest.mark.parametrize("pattern", ["", "~2 rust", "[de] rust", "^", "$"])
def test_a_pattern_must_begin_with_a_word(pattern: str) -> None:
    with pytest.raises(ValueError, match="must begin"):
        PatternBook({"it": [pattern]})


def test_an_unknown_class_is_named() -> None:
    with pytest.raises(ValueError, match="nutrient"):
        PatternBook({"it": ["in {nutrient}"]})
