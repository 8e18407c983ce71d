"""Science as an argument: studies nobody can find, and evidence made stronger than it is."""

from __future__ import annotations

import re

from qa.flags.patterns import Span
from qa.flags.reading import Agent, Finding, Reading, cover, pairs

_SHOWS_REACH = 9  # words between 'studies' and 'show'
# A study that can be looked up: a citation number behind a word or stop, or a year in brackets.
_CITED = re.compile(
    r"\[\d{1,3}(?:[,–-] ?\d{1,3})*\]|[⁰¹²³⁴⁵⁶⁷⁸⁹]"
    r"|(?<=[.!?)])\s{0,3}\d{1,3}(?:,\s?\d{1,3})*[.*]?\s*\Z|\([^()\d]{0,60}(?:19|20)\d\d\)"
)


def vague_science_appeal(reading: Reading) -> Finding | None:
    """'Research shows', 'clinically studied': no author, journal or number in the sentence."""
    if reading.is_question or not _about(reading):
        return None
    halos = reading.open("science.halo")
    if _can_be_found(reading) or reading.has("sense.criticism") or _found_nothing(reading):
        return None
    if halos:
        return Finding("vague_science_appeal", halos[0])
    if reading.has("science.looking", "science.described"):
        return None
    unnamed = reading.open("science.passive") or reading.spans("science.unnamed")
    if unnamed:
        return Finding("vague_science_appeal", unnamed[0])
    found = pairs(reading.spans("science.noun"), reading.open("science.verb"), _SHOWS_REACH)
    return Finding("vague_science_appeal", cover(*found[0])) if found else None


def _about_product(reading: Reading) -> bool:
    return reading.agent is not Agent.NONE or reading.has("nutrient")


def _about(reading: Reading) -> bool:
    """Whether the product, or in an article about it the food it comes from, is spoken of."""
    return _about_product(reading) or (reading.on_nutrient and reading.has("diet.food"))


def _found_nothing(reading: Reading) -> bool:
    """Whether every effect in the sentence is denied: then science is no argument for it."""
    return reading.has("effect.verb") and not reading.open("effect.verb")


def _can_be_found(reading: Reading) -> bool:
    return reading.has("science.cited") or _CITED.search(reading.text) is not None


def evidence_overreach(reading: Reading) -> Finding | None:
    """'Proven', 'the science is clear'; an animal study as if in people; a link as a cause."""
    if reading.is_question or reading.has("sense.criticism"):
        return None
    if not _about_product(reading) or reading.has("deficiency.term"):
        return None
    animals = _silent_animals(reading)
    if animals is not None:
        return Finding("evidence_overreach", animals, "animal")
    cue = _certainty(reading) or _cause_from_link(reading)
    return Finding("evidence_overreach", cue) if cue is not None else None


def _certainty(reading: Reading) -> Span | None:
    if reading.has("overreach.animal") and not reading.has("overreach.human"):
        return None
    certain = reading.open("overreach.certain")
    if certain:
        return certain[0]
    yes = reading.spans("overreach.flat_yes")
    asked = reading.before is not None and reading.before.is_question
    headed = reading.heading is not None and reading.heading.is_question
    return yes[0] if yes and (asked or headed) else None


def _silent_animals(reading: Reading) -> Span | None:
    """A study known to be in animals, told without the animals."""
    studies = reading.spans("nutrient.animal_study")
    if not studies or reading.has("overreach.animal"):
        return None
    return studies[0] if reading.has("science.noun") else None


def _cause_from_link(reading: Reading) -> Span | None:
    links = reading.spans("overreach.correlation", "overreach.findings")
    return links[0] if links and reading.agent in (Agent.NAMED, Agent.INHERITED) else None
