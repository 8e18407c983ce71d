"""Claims about health: diseases, medicines, and benefits outside the EU list.

A claim is an agent (the nutrient, a supplement, a brand, or what points back to them), an effect
and an outcome that belong together; words alone are none. Hedging does not lift a claim, negation
does, and neither does truth matter: the flags say what a text does.
"""

from __future__ import annotations

from corpus.model import Kind
from qa.flags.lexicon import outcome_groups
from qa.flags.patterns import Span
from qa.flags.reading import Agent, Finding, Reading, cover, pairs

# How many words may part an effect from its outcome or disease, and a medicine from a comparison.
_EFFECT_REACH = 14
_DISEASE_REACH = 12
_MEDICINE_REACH = 10


def disease_claim(reading: Reading) -> Finding | None:
    """A disease is said to be prevented, treated, relieved or made less likely."""
    if reading.is_question or reading.has("disease.caution", "sense.criticism"):
        return None
    if _only_animals(reading):
        return None
    diseases = reading.open("disease.names", back=False)
    remedies = reading.open("disease.remedy")
    if diseases and remedies and reading.on_nutrient:
        return Finding("disease_claim", cover(diseases[0], remedies[0]))
    if reading.agent not in (Agent.NAMED, Agent.INHERITED):
        return None
    effects = reading.open("disease.effect")
    if diseases:
        if reading.has("deficiency.term") and not reading.has("agent.supplement"):
            return None
        found = pairs(diseases, effects, _DISEASE_REACH)
        return Finding("disease_claim", cover(*found[0])) if found else None
    treatments = reading.open("disease.treatment")
    if treatments and _disease_at_hand(reading):
        return Finding("disease_claim", treatments[0])
    return None


def _disease_at_hand(reading: Reading) -> bool:
    """Whether a disease stands in the heading or in the sentence before."""
    return any(
        near is not None and near.has("disease.names") for near in (reading.heading, reading.before)
    )


def _only_animals(reading: Reading) -> bool:
    around = (reading, reading.lead) if reading.lead is not None else (reading,)
    return any(r.has("overreach.animal") and not r.has("overreach.human") for r in around)


def _only_looks(reading: Reading) -> bool:
    """Whether a study is said to have looked at an effect, not to have found it."""
    return reading.has("science.looking") and reading.has("science.described")


def drug_comparison(reading: Reading) -> Finding | None:
    """The product is set beside a medicine: as good, a substitute, or without its side effects."""
    if reading.is_question:
        return None
    if reading.agent is Agent.NONE and not reading.has("nutrient"):
        return None
    alone = reading.open("medicine.alone")
    if alone:
        return Finding("drug_comparison", alone[0])
    found = pairs(
        reading.spans("medicine.names"), reading.open("medicine.comparison"), _MEDICINE_REACH
    )
    return Finding("drug_comparison", cover(*found[0])) if found else None


def off_list_health_claim(reading: Reading) -> Finding | None:
    """A benefit is credited that is not among the claims authorised for the nutrient."""
    cue = health_claim(reading, off_list_groups(reading))
    return Finding("off_list_health_claim", cue) if cue is not None else None


def off_list_groups(reading: Reading) -> tuple[str, ...]:
    """The outcome groups that the nutrient's authorised claims do not cover."""
    return tuple(g for g in outcome_groups() if g not in reading.nutrient.authorised)


def health_claim(reading: Reading, groups: tuple[str, ...]) -> Span | None:
    """The words of a claim on one of these outcome groups, or None where there is none."""
    if reading.is_question or reading.has("sense.criticism"):
        return None
    if reading.agent not in (Agent.NAMED, Agent.INHERITED):
        return None
    if _only_animals(reading) or _only_looks(reading):
        return None
    benefits = reading.open(*(f"outcome.{group}.benefits" for group in groups))
    outcomes = reading.spans(*(f"outcome.{group}.words" for group in groups), "nutrient.outcome")
    outcomes = [span for span in outcomes if not _is_other(reading, span)]
    outcomes = outcomes or _named_before(reading, groups)
    benefits = [span for span in benefits if not _is_other(reading, span)]
    if benefits and reading.agent is Agent.NAMED:
        return benefits[0]
    found = pairs(_effects(reading), outcomes + benefits, _EFFECT_REACH)
    if found:
        return cover(*found[0])
    if outcomes and _effect_is_led_in(reading):
        return outcomes[0]
    return None


def _named_before(reading: Reading, groups: tuple[str, ...]) -> list[Span]:
    """'These complaints', where the heading or the sentence before names them."""
    words = [f"outcome.{group}.words" for group in groups]
    near = [r for r in (reading.before, reading.heading) if r is not None]
    return reading.spans("outcome_back.words") if any(r.has(*words) for r in near) else []


def _effects(reading: Reading) -> list[Span]:
    """The effects that stand in the unit itself.

    A heading or table row that does not name the nutrient needs a verb or the right column:
    'Invloed op de slaap' is a subject, 'De slaap verbeteren' a claim.
    """
    if reading.agent is Agent.INHERITED:
        if reading.unit.kind is Kind.HEADING:
            return reading.open("effect.verb")
        if reading.unit.kind is Kind.TABLE_ROW and not _effect_is_led_in(reading):
            return []
    return reading.open("effect.verb", "effect.role")


def _is_other(reading: Reading, outcome: Span) -> bool:
    """Whether a word that looks like an outcome is part of something else."""
    return any(
        other.first < outcome.last and outcome.first < other.last
        for other in reading.spans("outcome_not.words", "medicine.names")
    )


def _effect_is_led_in(reading: Reading) -> bool:
    """Whether a list's lead-in or a table's header gives the effect (rule of list items)."""
    lead = reading.lead
    if lead is None or not reading.continues_lead:
        return False
    if reading.unit.kind is Kind.TABLE_ROW:
        return lead.has("table.benefit")
    return lead.agent in (Agent.NAMED, Agent.INHERITED) and bool(
        lead.open("effect.verb", "effect.role")
    )
