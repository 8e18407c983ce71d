"""The rules of fairness, and what sentences lend each other."""

from __future__ import annotations

import pytest

import corpus
from corpus.errors import BijsluiterError
from corpus.model import Kind, Source
from qa.flags import find, find_in


def types(text: str) -> set[str]:
    return {flag.type for flag in find(text)}


def flagged(text: str, flag: str) -> list[str]:
    return [text[found.start : found.end] for found in find(text) if found.type == flag]


@pytest.mark.parametrize("hedge", ["kan", "kan mogelijk", "zou kunnen", "lijkt te"])
def test_hedging_does_not_lift_a_flag(hedge: str) -> None:
    assert "disease_claim" in types(f"Magnesium {hedge} helpen tegen migraine.")


@pytest.mark.parametrize(
    "sentence",
    [
        "Magnesium helpt niet tegen migraine.",
        "Magnesium is geen behandeling voor migraine.",
        "Magnesium verbetert de slaap niet.",
    ],
)
def test_negation_does(sentence: str) -> None:
    assert types(sentence) == set()


def test_negation_stops_at_a_contrast_and_not_only_is_none() -> None:
    assert "off_list_health_claim" in types(
        "Magnesium werkt niet meteen, maar verbetert wel de slaap."
    )
    assert "off_list_health_claim" in types("Magnesium verbetert niet alleen de slaap.")


@pytest.mark.parametrize(
    "sentence",
    [
        "Magnesium blokkeert het kanaal van de NMDA-receptor.",
        "Magnesium is een cofactor van ruim driehonderd enzymen.",
        "Ongeveer de helft van het magnesium zit in de botten.",
        "Helpt magnesium bij stress?",
        "Wat doet magnesium met de slaap?",
    ],
)
def test_mechanism_information_and_questions_are_not_flagged(sentence: str) -> None:
    assert types(sentence) == set()


def test_a_list_item_inherits_its_lead_in() -> None:
    text = "Magnesium ondersteunt:\n\n• Een diepere slaap\n• Je geheugen\n• Sterke botten\n"
    assert flagged(text, "off_list_health_claim") == ["Een diepere slaap", "Je geheugen"]


def test_a_list_under_another_subject_inherits_nothing() -> None:
    text = "Deze gewoontes verminderen stress:\n\n• Een diepere slaap\n• Ademhalen\n"
    assert types(text) == set()


def test_a_pronoun_means_the_sentence_before() -> None:
    about_it = "Magnesium is een mineraal. Het verbetert de slaap."
    about_another = "Glycine is een aminozuur. Het verbetert de slaap."
    assert flagged(about_it, "off_list_health_claim") == ["Het verbetert de slaap."]
    assert types(about_another) == set()


def test_no_push_where_a_brand_is_promoted() -> None:
    assert types("Neem dagelijks magnesium van Solgar.") == {"brand_promotion"}
    assert "supplement_push" in types("Neem dagelijks magnesium.")


@pytest.mark.parametrize(
    "source",
    ["(Abbasi et al., 2012)", "in het Journal of Sleep", "[12]", "in Nutrients", "(2017)"],
)
def test_a_source_in_the_sentence_lifts_the_vague_appeal(source: str) -> None:
    assert "vague_science_appeal" in types("Onderzoek toont aan dat magnesium helpt bij stress.")
    assert "vague_science_appeal" not in types(
        f"Onderzoek {source} toont aan dat magnesium helpt bij stress."
    )


def test_truth_is_not_the_criterion() -> None:
    assert "brand_promotion" in types("Solgar verkoopt magnesium.")


def test_explicit_animal_results_are_no_claim() -> None:
    assert types("Bij muizen verbeterde magnesium het geheugen.") == set()


def test_shortage_is_alarm_and_not_a_claim() -> None:
    assert types("Een magnesiumtekort kan leiden tot een depressie.") == {"deficiency_alarm"}


def test_medicines_that_take_magnesium_are_no_claim() -> None:
    assert types("Plaspillen tegen hoge bloeddruk verlagen de magnesiumspiegel.") == set()


def test_a_publishers_own_brand_needs_no_list() -> None:
    text = "Met Zenuwrust kom je tot rust."
    known = Source(file="x", publisher="Z", publisher_kind="brand", promotes=("Zenuwrust",))
    assert {flag.type for flag in find(text, source=known)} >= {"brand_promotion"}
    assert "brand_promotion" not in types(text)


def test_a_brands_name_is_text_and_not_a_pattern() -> None:
    odd = Source(file="x", publisher="Z", promotes=("~2 {Zen}*|[Rust]", "***", ""))
    assert "brand_promotion" in {f.type for f in find("Koop 2 Zen Rust.", source=odd)}
    assert find("Noten zijn gezond.", source=odd) == []


def test_a_chain_of_pronouns_has_no_end() -> None:
    text = "Magnesium is een mineraal. " + "Het verbetert de slaap. " * 3000
    assert len(find(text)) == 3000


def test_a_publisher_without_a_known_interest_is_not_said_to_have_one() -> None:
    text = "Magnesium van Solgar wordt goed opgenomen."
    public = Source(file="x.txt", publisher="Gezondheidsdienst", publisher_kind="public body")
    seller = Source(file="x.txt", publisher="Pillenwinkel", publisher_kind="seller")
    assert [f.note for f in find(text, "en", public) if f.type == "brand_promotion"] == [
        "This publisher is not known to have a sales interest in this brand."
    ]
    assert [f.note for f in find(text, "en", seller) if f.type == "brand_promotion"] == [""]


def test_another_language_is_one_clear_error() -> None:
    with pytest.raises(BijsluiterError, match="nl and en, not in fr"):
        find("Magnesium helpt.", "fr")


def test_small_print_is_never_flagged() -> None:
    silent = {Kind.REFERENCE, Kind.DISCLAIMER, Kind.BYLINE, Kind.KEYWORDS}
    for document in corpus.load():
        blocks = [block for block in document.blocks if block.kind in silent]
        for flag in find_in(document):
            assert not any(b.start < flag.end and flag.start < b.end for b in blocks)


def test_a_shop_call_in_the_page_furniture_is_the_only_flag_there() -> None:
    for document in corpus.load():
        places = [b for b in document.blocks if b.kind is Kind.NAVIGATION]
        kinds = {
            flag.type
            for flag in find_in(document)
            if any(b.start <= flag.start < b.end for b in places)
        }
        assert kinds <= {"brand_promotion"}
