"""What a flag says about its very sentence: the nearest claim, the dose read, the brand named."""

from __future__ import annotations

from qa.flags.authorised import ListCheck
from qa.flags.lexicon import Nutrient, notes
from qa.flags.reading import Finding, Reading

_SELLERS = {"brand", "seller"}


def level_of(nutrient: Nutrient, language: str) -> str:
    """The nutrient's upper level as a reader sees it: '250 mg'; empty where there is none."""
    if nutrient.upper_level is None:
        return ""
    return f"{_number(nutrient.upper_level, language)} {nutrient.unit}"


def note_on(reading: Reading, finding: Finding, language: str, check: ListCheck | None) -> str:
    """The finding of this sentence in ``language``; empty where there is nothing to add."""
    if finding.type == "off_list_health_claim":
        return check.note if check is not None else ""
    if finding.type == "dose_above_ul":
        return notes()["dose"][language].format(
            dose=finding.note,
            level=level_of(reading.nutrient, language),
            basis=reading.nutrient.upper_level_basis,
            scope=reading.nutrient.upper_level_scope[language],
        )
    if finding.type == "brand_promotion":
        return _brand_note(reading, finding, language)
    if finding.type == "evidence_overreach" and finding.note == "animal":
        return notes()["animal"][language]
    return ""


def _brand_note(reading: Reading, finding: Finding, language: str) -> str:
    """Whose brand it is: a publisher without a known interest in it is not said to have one."""
    source = reading.document.source
    promoted = any(name in reading.text for name in source.promotes)
    interest = promoted or source.publisher_kind in _SELLERS or not source.publisher
    return "" if interest else notes()["brand_no_interest"][language]


def _number(value: float, language: str) -> str:
    written = f"{value:g}"
    return written.replace(".", ",") if language == "nl" else written
