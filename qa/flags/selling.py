"""Selling: brands and shops, urging to take supplements, better-than claims, advertising words."""

from __future__ import annotations

from qa.flags.patterns import Span
from qa.flags.reading import Agent, Finding, Reading


def brand_promotion(reading: Reading) -> Finding | None:
    """A brand or shop is named, or the reader is called to the publisher's own shop."""
    if reading.is_title:
        return None
    names = named_brands(reading)
    if names:
        return Finding("brand_promotion", names[0])
    return shop_call(reading)


def named_brands(reading: Reading) -> list[Span]:
    """The names of brands and shops; a name is written with a capital, a digit or a dot in it."""
    tokens, text = reading.unit.tokens, reading.document.text
    return [
        span
        for span in reading.spans("brand.name")
        if any(
            character.isupper() or character.isdigit() or character == "."
            for character in text[tokens[span.first].start : tokens[span.last - 1].end]
        )
    ]


def shop_call(reading: Reading) -> Finding | None:
    """The reader is called to the publisher's own shop or products."""
    lifted = reading.spans("brand.not_call")
    calls = [
        call
        for call in reading.spans("brand.call")
        if not any(other.first <= call.first < other.last for other in lifted)
    ]
    if calls and _product_near(reading):
        return Finding("brand_promotion", calls[0])
    shop = reading.spans("brand.shop")
    if shop and (reading.on_nutrient or _product_near(reading)):
        return Finding("brand_promotion", shop[0])
    return None


def _product_near(reading: Reading) -> bool:
    """Whether what is offered is the product: named here, or in the sentence before."""
    return reading.agent is not Agent.NONE or (
        reading.before is not None and reading.before.agent is Agent.NAMED
    )


def supplement_push(reading: Reading) -> Finding | None:
    """Readers at large are urged to take it; a brand's own flag replaces this one."""
    if reading.is_question or brand_promotion(reading) is not None:
        return None
    if reading.has("push.condition"):
        return None
    food = reading.spans("nutrient.food")
    acts = [act for act in reading.open("push.act") if not _inside(act, food)]
    return Finding("supplement_push", acts[0]) if acts else None


def superiority_claim(reading: Reading) -> Finding | None:
    """One form or brand is said to be better or unique, or other forms are belittled."""
    if reading.is_question or reading.has("superior.not_claim"):
        return None
    claims = reading.open("superior.claim")
    of_a_form = reading.on_nutrient and reading.has("superior.kind")
    if claims and (_about_product(reading) or of_a_form):
        return Finding("superiority_claim", claims[0])
    others = reading.spans("superior.others")
    if others and (_about_product(reading) or reading.on_nutrient):
        belittling = [s for s in reading.spans("superior.belittle") if s.first >= others[0].first]
        if belittling:
            return Finding("superiority_claim", belittling[0])
    return None


def _about_product(reading: Reading) -> bool:
    return reading.agent in (Agent.NAMED, Agent.INHERITED)


def persuasive_language(reading: Reading) -> Finding | None:
    """Advertising words, slogans, 'natural', or the crowd as an argument."""
    if reading.is_question:
        return None
    classes = ["persuasive.hype", "persuasive.nature", "persuasive.slogan"]
    if _about_product(reading):
        classes.append("persuasive.crowd")
    found = [
        span
        for span in reading.open(*classes)
        if not _inside(span, reading.spans("persuasive.not_hype"))
    ]
    return Finding("persuasive_language", found[0]) if found else None


def _inside(span: Span, others: list[Span]) -> bool:
    return any(other.first < span.last and span.first < other.last for other in others)
