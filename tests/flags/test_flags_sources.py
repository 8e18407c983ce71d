"""Publishers' own marks, source profiles and the weight of commerce."""

from __future__ import annotations

import corpus
from corpus.model import Source
from qa.flags import commercial_weight, find, find_in, marked_claims
from qa.flags.find import document_of
from qa.profile import profiles, words

_NOT_EVALUATED = (
    "Deze verklaringen zijn niet beoordeeld door de Food and Drug Administration. "
    "Dit product is niet bedoeld om een ziekte te behandelen.\n"
)


def test_an_asterisk_counts_only_with_its_disclaimer() -> None:
    text = "Magnesium en rust\n\nMagnesium geeft rust.* Noten bevatten magnesium.\n\n"
    claims = marked_claims(document_of(text + _NOT_EVALUATED))
    assert [(text + _NOT_EVALUATED)[c.start : c.end] for c in claims] == ["Magnesium geeft rust.*"]
    assert marked_claims(document_of(text)) == ()


def test_a_claim_that_awaits_authorisation_is_told_apart() -> None:
    text = (
        "Ginkgo en magnesium\n\nMagnesium geeft een helder hoofd*. Noten bevatten magnesium.\n\n"
        "*Gezondheidsclaim in afwachting van Europese toelating.\n"
    )
    (claim,) = marked_claims(document_of(text), "en")
    assert text[claim.start : claim.end] == "Magnesium geeft een helder hoofd*."
    assert (claim.kind, text[claim.mark]) == ("pending", "*")
    assert "awaiting European authorisation" in claim.note


def test_every_asterisk_of_the_brands_page_is_tied() -> None:
    document = next(d for d in corpus.load() if d.source.publisher_kind == "brand")
    assert len(marked_claims(document)) == document.text.count("*")


def test_a_profile_a_publisher_with_every_facts_origin() -> None:
    documents = corpus.load()
    found = profiles(documents)
    assert {p.publisher for p in found} == {d.source.publisher for d in documents}
    rates = [p.flags_per_thousand for p in found]
    assert rates == sorted(rates, reverse=True)
    for profile in found:
        assert profile.words > 0
        assert all(f.origin in {"text", "web", "sources.toml", "counted"} for f in profile.facts)
        assert {fact.name for fact in profile.facts} <= set(words("nl"))


def test_the_profile_speaks_both_languages() -> None:
    assert set(words("nl")) == set(words("en"))


def test_two_files_of_one_publisher_are_one_voice() -> None:
    source = Source(file="a.txt", publisher="P", publisher_kind="blog")
    one = document_of("Magnesium verbetert de slaap.", source)
    two = document_of("Klik hier voor onze magnesiumcapsules.", source)
    (profile,) = profiles([one, two])
    assert profile.flags["off_list_health_claim"] == 1
    assert profile.calls_to_action == 1
    assert profile.words == 9


def test_references_are_told_from_citations() -> None:
    def verdict(text: str) -> str:
        (profile,) = profiles([document_of(text)])
        return next(f.value for f in profile.facts if f.name == "references")

    listed = "\n\nReferenties\n\n1. Abbasi B, et al. Sleep. J Res Med Sci. 2012;17:1161.\n"
    assert verdict("Magnesium zit in noten.") == "none"
    assert verdict("Magnesium zit in noten. 12 Ook in zaden. [3]") == "cited_not_listed"
    text = (
        "Titel\n\nMagnesium zit vooral in noten en zaden.{} Ook bladgroente bevat het.{}" + listed
    )
    assert verdict(text.format("", "")) == "listed_not_cited"
    assert verdict(text.format(" [1]", "")) == "listed_and_cited"
    assert verdict(text.format(" [1]", " [7]")) == "cited_beyond_list"


def test_commerce_weighs() -> None:
    shop = Source(file="a", publisher_kind="seller")
    public = Source(file="b", publisher_kind="public body")
    nothing = commercial_weight([], public)
    claim = commercial_weight(find("Magnesium verbetert de slaap."), public)
    brand = commercial_weight(find("Koop nu onze magnesiumcapsules."), public)
    assert 0 == nothing < claim < brand <= 1
    assert commercial_weight([], shop) > nothing
    everything = find_in(corpus.load()[0])
    assert commercial_weight(everything, shop) == 1.0
