"""Shortage: the deficiency made larger or more frightening, and food said not to be enough."""

from __future__ import annotations

from qa.flags.patterns import Span
from qa.flags.reading import Agent, Finding, Reading, cover

_COMPLAINTS = 2  # a list of at least so many everyday complaints


def deficiency_alarm(reading: Reading) -> Finding | None:
    """Shortage with its spread, with disease or damage, or with a list of everyday complaints."""
    if reading.is_question or not _speaks_of_shortage(reading):
        return None
    if reading.has("deficiency.sober") and not reading.has("deficiency.spread"):
        return None
    for name in ("deficiency.spread", "disease.names", "deficiency.damage"):
        found = [
            span for span in reading.open(name, back=False) if not _is_circumstance(reading, span)
        ]
        if found:
            return Finding("deficiency_alarm", found[0])
    complaints = reading.open("deficiency.complaints")
    if len(complaints) >= _COMPLAINTS:
        return Finding("deficiency_alarm", cover(complaints[0], complaints[-1]))
    return None


def _is_circumstance(reading: Reading, disease: Span) -> bool:
    """Whether the shortage is found in the ill ('bij migraine zijn lagere waarden gemeten')."""
    return any(
        circumstance.first < disease.first < circumstance.last + 1
        for circumstance in reading.spans("deficiency.circumstance")
    )


def _speaks_of_shortage(reading: Reading) -> bool:
    if reading.has("deficiency.term"):
        return True
    before, heading, lead = reading.before, reading.heading, reading.lead
    if lead is not None and lead.has("deficiency.term", "deficiency.signals"):
        return reading.agent is not Agent.NAMED
    if before is not None and before.has("deficiency.term"):
        return reading.has("deficiency.consequence", "deficiency.signals")
    return (
        heading is not None and heading.has("deficiency.term") and reading.has("deficiency.signals")
    )


def diet_inadequacy(reading: Reading) -> Finding | None:
    """Ordinary food, or the official intake, is said not to give enough."""
    if reading.is_question or reading.open("diet.not_short"):
        return None
    short = reading.spans("diet.short")
    if not short or not reading.has("diet.food"):
        return None
    spoken_of = reading.has("nutrient", "agent.supplement", "agent.same") or reading.on_nutrient
    return Finding("diet_inadequacy", short[0]) if spoken_of else None
