"""How commercial a passage is, to prefer the less commercial one among equals."""

from __future__ import annotations

from collections.abc import Iterable

from corpus.model import Source
from qa.answer import Flag

# What a flag adds by its severity; selling flags weigh double, as they are why a text is written.
_SEVERITY = {"high": 0.3, "medium": 0.15, "low": 0.1}
_SELLING = {"brand_promotion", "supplement_push", "superiority_claim", "persuasive_language"}
# Who speaks: a publisher that sells what it writes about starts higher.
_PUBLISHER = {"brand": 0.3, "seller": 0.3, "blog": 0.1, "foundation": 0.0, "public body": 0.0}
_UNKNOWN_PUBLISHER = 0.1


def commercial_weight(flags: Iterable[Flag], source: Source) -> float:
    """A number in [0, 1]: 0 for a passage without flags by a publisher that sells nothing.

    Adds 0.3 for a publisher that is a brand or seller (0.1 for a blog or an unknown one), and for
    each kind of flag once 0.3, 0.15 or 0.1 by severity, double for the kinds that sell (brand,
    push, better-than, persuasion); capped at 1. A weight to order equals by, not a measurement.
    """
    kinds = {flag.type: flag.severity for flag in flags}
    weight = _PUBLISHER.get(source.publisher_kind, _UNKNOWN_PUBLISHER)
    for kind, severity in kinds.items():
        weight += _SEVERITY[severity] * (2 if kind in _SELLING else 1)
    return min(weight, 1.0)
