"""The EU list check, and nutrients as data."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from numpy.typing import NDArray

from qa.flags import find
from qa.flags.authorised import Verdict, check_claims
from qa.flags.find import document_of, readings
from qa.flags.lexicon import nutrients, outcome_groups


def verdicts(text: str) -> list[Verdict]:
    return [check.verdict for check in check_claims(readings(document_of(text)), "nl").values()]


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("Magnesium draagt bij tot een normale spierwerking.", Verdict.ON_LIST),
        ("Magnesium geeft je spieren extra kracht.", Verdict.LIKE_LIST),
        ("Magnesium verbetert je geheugen.", Verdict.LIKE_SYNONYM),
        ("Magnesium verlaagt de bloeddruk.", Verdict.OFF_LIST_ALONE),
        ("Magnesium ontspant spieren en verlaagt de bloeddruk.", Verdict.OFF_LIST),
    ],
)
def test_verdict(text: str, verdict: Verdict) -> None:
    assert verdicts(text) == [verdict]


@pytest.mark.parametrize("text", ["Magnesium zit in noten.", "Sport verlaagt de bloeddruk."])
def test_no_claim_has_no_verdict(text: str) -> None:
    assert verdicts(text) == []


def test_every_authorised_wording_is_on_the_list_and_unflagged() -> None:
    for nutrient in nutrients().values():
        for claim in nutrient.claims:
            for language in ("nl", "en"):
                text = claim.wording[language] + "."
                assert [f.type for f in find(text)] == []
                assert verdicts(text) == [Verdict.ON_LIST], text


def test_an_embedder_picks_the_nearest_where_words_find_none() -> None:
    def embed(texts: Sequence[str]) -> NDArray[np.float32]:
        rows = [[float("bloeddruk" in t or "elektrolyten" in t), 0.1] for t in texts]
        return np.array(rows, dtype=np.float32)

    (flag,) = find("Magnesium verlaagt de bloeddruk.", embed=embed)
    assert "elektrolytenbalans" in flag.note
    (plain,) = find("Magnesium verlaagt de bloeddruk.")
    assert plain.note == "niet op de EU-lijst voor magnesium"


def test_magnesium_has_its_ten_claims_and_known_groups() -> None:
    assert len(nutrients()["magnesium"].claims) == 10
    for nutrient in nutrients().values():
        assert set(nutrient.authorised) <= set(outcome_groups())
        assert all(set(claim.near) <= set(outcome_groups()) for claim in nutrient.claims)


def test_vitamin_d_is_only_data() -> None:
    assert find("Vitamine D draagt bij tot de normale werking van het immuunsysteem.") == []
    kinds = {f.type for f in find("Magnesium ondersteunt het immuunsysteem.")}
    assert kinds == {"off_list_health_claim"}
    (claim,) = find("Vitamine D verbetert je stemming.")
    assert claim.type == "off_list_health_claim"
    assert "vitamine D" in claim.why
    (dose,) = [f for f in find("Neem 200 µg vitamine D per dag.") if f.type == "dose_above_ul"]
    assert "100 µg" in dose.why
    assert "magnesium" not in "".join(dose.basis)
    safe = find("Neem 1000 IE vitamine D per dag.")
    assert "dose_above_ul" not in {f.type for f in safe}


@pytest.mark.parametrize("language", ["nl", "en"])
def test_nothing_says_illegal_or_rejected(language: str) -> None:
    text = "Magnesium helpt tegen migraine, verlaagt de bloeddruk en verbetert de slaap."
    said = " ".join(f"{f.label} {f.why} {f.note}" for f in find(text, language)).lower()
    assert not any(word in said for word in ("illega", "verboden", "afgewezen", "reject", "leugen"))
