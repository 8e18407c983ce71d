"""Doses are read as quantities."""

from __future__ import annotations

import pytest

from qa.flags import find
from qa.flags.dose import doses


@pytest.mark.parametrize(
    ("text", "low", "high", "milligrams"),
    [
        ("300-400 mg", 300, 400, 400),
        ("300 mg – 400 mg", 300, 400, 400),
        ("200 tot 375 mg", 200, 375, 375),
        ("0,5 gram", 0.5, 0.5, 500),
        ("1.5 g", 1.5, 1.5, 1500),
        ("1.000 mg", 1000, 1000, 1000),
        ("2,000 mg", 2000, 2000, 2000),
        ("500 µg", 500, 500, 0.5),
        ("500 mcg", 500, 500, 0.5),
        ("56.25 mg", 56.25, 56.25, 56.25),
    ],
)
def test_a_quantity(text: str, low: float, high: float, milligrams: float) -> None:
    (dose,) = doses(f"Neem {text} per dag.", 0, 100)
    assert (dose.low, dose.high) == (low, high)
    assert dose.high_in("mg") == pytest.approx(milligrams)
    assert f"Neem {text} per dag."[dose.start : dose.end] == text


@pytest.mark.parametrize("text", ["100 mg/kg", "300 enzymen", "in 2017", "50 mgx"])
def test_no_quantity(text: str) -> None:
    assert doses(text, 0, len(text)) == []


def test_an_international_unit_needs_the_nutrients_own_measure() -> None:
    (dose,) = doses("4000 IE", 0, 7)
    assert dose.high_in("µg", 0.025) == pytest.approx(100)
    assert dose.high_in("mg") is None


def test_the_note_says_what_was_read_and_the_level() -> None:
    (flag,) = [f for f in find("Neem 300-400 mg magnesium per dag.") if f.type == "dose_above_ul"]
    assert "300-400 mg" in flag.note
    assert "250 mg" in flag.note


def test_a_list_under_a_dose_heading() -> None:
    text = "Dosering magnesium:\n\n• Volwassenen: 400 mg\n• Kinderen: 100 mg\n"
    flags = [f for f in find(text) if f.type == "dose_above_ul"]
    assert [text[f.start : f.end] for f in flags] == ["Volwassenen: 400 mg"]


def test_the_level_itself_is_not_above_it() -> None:
    assert not [f for f in find("Neem 250 mg magnesium per dag.") if f.type == "dose_above_ul"]
