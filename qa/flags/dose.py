"""Doses read as quantities and compared with the nutrient's upper level for supplements."""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.model import Kind
from qa.flags.patterns import Span
from qa.flags.reading import Finding, Reading

_NUMBER = r"\d{1,3}(?:[.,\s]\d{3})(?!\d)|\d{1,6}(?:[.,]\d{1,3})?"
_DOSE = re.compile(
    rf"(?<![\w.,])(?P<low>{_NUMBER})\s?(?P<unit_low>mg|g|gram|µg|μg|mcg|microgram|milligram)?"
    rf"(?:\s?(?:-|–|—|tot|to|à|a|en|and|of|or)\s?(?P<high>{_NUMBER}))?"
    r"\s?(?P<unit>mg|milligram|grams?|g|µg|μg|mcg|microgram|ie|iu)(?![\w/])",
    re.IGNORECASE,
)
# How much of each unit goes into a milligram; international units differ by nutrient.
_MILLIGRAMS = {
    "mg": 1.0,
    "milligram": 1.0,
    "g": 1000.0,
    "gram": 1000.0,
    "grams": 1000.0,
    "µg": 0.001,
    "μg": 0.001,
    "mcg": 0.001,
    "microgram": 0.001,
}


@dataclass(frozen=True, slots=True)
class Dose:
    """An amount of ``low`` to ``high`` in ``unit``, written at ``[start, end)`` of the text."""

    low: float
    high: float
    unit: str
    start: int
    end: int

    def high_in(self, unit: str, per_iu: float | None = None) -> float | None:
        """The upper end in ``unit``; ``per_iu`` is the nutrient's amount of ``unit`` in one IU."""
        if self.unit in ("ie", "iu"):
            return None if per_iu is None else self.high * per_iu
        return self.high * _MILLIGRAMS[self.unit] / _MILLIGRAMS[unit]


def doses(text: str, start: int, end: int) -> list[Dose]:
    """The quantities in ``text[start:end]``; a range gives one with both its ends."""
    found = []
    for match in _DOSE.finditer(text, start, end):
        low = _value(match["low"])
        high = _value(match["high"]) if match["high"] else low
        unit = match["unit"].lower()
        found.append(Dose(low, high, unit, match.start(), match.end()))
    return found


def _value(written: str) -> float:
    """A number as Dutch or English writes it: '1.000', '1 000', '1,5', '0.5'."""
    bare = re.sub(r"\s", "", written)
    if re.fullmatch(r"\d{1,3}[.,]\d{3}", bare) and not bare.startswith("0"):
        return float(re.sub(r"[.,]", "", bare))
    return float(bare.replace(",", "."))


def dose_above_ul(reading: Reading) -> Finding | None:
    """A dose or upper limit of a supplement whose upper end is above the EU's level."""
    level = reading.nutrient.upper_level
    if level is None or reading.is_question or reading.has("dose.intake"):
        return None
    if not _is_supplement(reading):
        return None
    document_text = reading.document.text
    for dose in doses(document_text, reading.unit.start, reading.unit.end):
        amount = dose.high_in(reading.nutrient.unit, reading.nutrient.per_iu)
        if amount is not None and amount > level:
            return Finding(
                "dose_above_ul", _words(reading, dose), document_text[dose.start : dose.end]
            )
    return None


def _is_supplement(reading: Reading) -> bool:
    """Whether the amount is what a supplement gives: said here, or above a list or table."""
    if reading.has("dose.supplement"):
        return True
    if reading.has("nutrient") and reading.has("dose.per_day"):
        return True
    listed = reading.unit.kind in (Kind.LIST_ITEM, Kind.TABLE_ROW)
    above = (reading.lead, reading.heading)
    return listed and any(r is not None and r.has("dose.supplement") for r in above)


def _words(reading: Reading, dose: Dose) -> Span:
    tokens = reading.unit.tokens
    inside = [i for i, t in enumerate(tokens) if t.start < dose.end and dose.start < t.end]
    return Span(inside[0], inside[-1] + 1)
