"""The EU list check: how near a health claim is to one that is authorised for the nutrient.

The verdicts describe and never accuse: on the list, like a claim on it, or not on it. The wording
of a claim is shown as its gist (the Dutch wordings are not quotations). Words decide the verdict;
an embedder, where one is given, only picks which claim on the list is nearest.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

from qa.flags.health import health_claim, off_list_groups
from qa.flags.lexicon import AuthorisedClaim, notes
from qa.flags.reading import Agent, Reading, distance, pairs

Embed = Callable[[Sequence[str]], NDArray[np.float32]]
"""Texts to unit vectors, one row a text."""

_REACH = 14  # words between an effect and a subject of the list


class Verdict(StrEnum):
    """Where a claim stands towards the EU list."""

    ON_LIST = "on_list"
    LIKE_LIST = "like_list"
    LIKE_SYNONYM = "like_synonym"
    OFF_LIST = "off_list"
    OFF_LIST_ALONE = "off_list_alone"


@dataclass(frozen=True, slots=True)
class ListCheck:
    """A health claim at ``[start, end)``, its verdict, and the nearest claim on the list."""

    start: int
    end: int
    verdict: Verdict
    nearest: AuthorisedClaim | None
    note: str


def check_claims(
    found: Sequence[Reading], language: str, embed: Embed | None = None
) -> dict[int, ListCheck]:
    """The checks of all health claims among ``found``, by the index of their unit in it."""
    judged = {i: verdict for i, r in enumerate(found) if (verdict := _judge(r)) is not None}
    if embed is not None:
        judged = _with_nearest(found, judged, embed)
    return {
        index: ListCheck(
            found[index].unit.start,
            found[index].unit.end,
            verdict,
            claim,
            _note(found[index], verdict, claim, language),
        )
        for index, (verdict, claim) in judged.items()
    }


def _judge(reading: Reading) -> tuple[Verdict, AuthorisedClaim | None] | None:
    groups = off_list_groups(reading)
    listed = _listed(reading)
    cue = health_claim(reading, groups)
    if cue is None:
        if listed is None or reading.is_question:
            return None
        faithful = reading.has("faithful.words")
        return (Verdict.ON_LIST if faithful else Verdict.LIKE_LIST), listed
    present = [
        group
        for group in groups
        if any(distance(cue, span) == 0 for span in reading.spans(f"outcome.{group}.words"))
    ]
    for claim in reading.nutrient.claims:
        if any(group in claim.near for group in present):
            return Verdict.LIKE_SYNONYM, claim
    return (Verdict.OFF_LIST if listed else Verdict.OFF_LIST_ALONE), listed


def _listed(reading: Reading) -> AuthorisedClaim | None:
    """The first claim of the list whose subject the unit credits to the nutrient."""
    if reading.agent not in (Agent.NAMED, Agent.INHERITED):
        return None
    effects = reading.open("effect.verb", "effect.role")
    for claim in reading.nutrient.claims:
        if pairs(effects, reading.spans(f"claim.{claim.id}"), _REACH):
            return claim
    return None


def _with_nearest(
    found: Sequence[Reading],
    judged: dict[int, tuple[Verdict, AuthorisedClaim | None]],
    embed: Embed,
) -> dict[int, tuple[Verdict, AuthorisedClaim | None]]:
    """The same verdicts, with the nearest claim by meaning where words found none."""
    alone = [i for i, (verdict, _) in judged.items() if verdict is Verdict.OFF_LIST_ALONE]
    if not alone:
        return judged
    claims = found[alone[0]].nutrient.claims
    wordings = embed([claim.wording[found[alone[0]].language] for claim in claims])
    nearest = np.argmax(embed([found[i].text for i in alone]) @ wordings.T, axis=1)
    picked = {i: (Verdict.OFF_LIST, claims[int(n)]) for i, n in zip(alone, nearest, strict=True)}
    return {**judged, **picked}


def _note(reading: Reading, verdict: Verdict, claim: AuthorisedClaim | None, language: str) -> str:
    text = notes()[verdict][language]
    if claim is None:
        return text.format(nutrient=reading.nutrient.label[language])
    return text.format(claim=claim.wording[language], reference=claim.reference)
