"""Claims that a publisher marks itself: an asterisk ties the sentence to a disclaimer.

US law (21 CFR 101.93(c)) wants that symbol beside claims that the regulator has not evaluated;
Dutch shops put it beside claims that await European authorisation. It is the publisher's own
statement and no judgement of ours, so it is a note of its own, not a flag.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from corpus.model import Block, Document, Kind
from qa.flags.lexicon import DEFAULT_LANGUAGE, book, languages, notes, nutrients
from qa.flags.tokens import tokenise
from qa.flags.units import units

_MARK = re.compile(r"(?<=[^\s*†‡])[*†‡](?=[\s\"'”’).,;]|\Z)")
_MARKS = "*†‡"
# What a disclaimer says -> the note on the sentences that point to it.
_SAYING = {"disclaimer.unevaluated": "unevaluated", "disclaimer.pending": "pending"}


@dataclass(frozen=True, slots=True)
class MarkedClaim:
    """A sentence at ``[start, end)``, its mark at ``mark``, and the disclaimer it points to.

    ``kind`` is ``unevaluated`` (by the US regulator) or ``pending`` (European authorisation).
    """

    start: int
    end: int
    mark: int
    disclaimer_start: int
    disclaimer_end: int
    kind: str
    note: str


def marked_claims(document: Document, language: str = DEFAULT_LANGUAGE) -> tuple[MarkedClaim, ...]:
    """The sentences that the publisher marks as unevaluated or pending, in order.

    A mark counts where the same article has a disclaimer that says so.
    """
    disclaimers = _disclaimers(document)
    found = []
    for unit in units(document):
        if unit.article not in disclaimers:
            continue
        disclaimer, kind = disclaimers[unit.article]
        mark = _MARK.search(document.text, unit.start, unit.end)
        if mark is None or disclaimer.start <= unit.start < disclaimer.end:
            continue
        note = notes()[kind][language].format(mark=mark.group())
        place = (disclaimer.start, disclaimer.end)
        found.append(MarkedClaim(unit.start, unit.end, mark.start(), *place, kind, note))
    return tuple(found)


def _disclaimers(document: Document) -> dict[int, tuple[Block, str]]:
    """Each article's disclaimer and what it says; articles without one are absent.

    A disclaimer is a block of that kind, or one that begins with a mark.
    """
    nutrient = next(iter(nutrients()))
    found: dict[int, tuple[Block, str]] = {}
    for block in document.blocks:
        text = document.text[block.start : block.end]
        if block.kind is not Kind.DISCLAIMER and not text.startswith(tuple(_MARKS)):
            continue
        tokens = tokenise(document.text, block.start, block.end)
        for language in languages():
            marks = book(language, nutrient, ()).marks(tokens)
            kinds = [kind for name, kind in _SAYING.items() if name in marks]
            if kinds:
                found.setdefault(block.article, (block, kinds[0]))
    return found
