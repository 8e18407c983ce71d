"""Helps to make gold: the sentence around an answer, and the other places where it stands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from eval.measures.places import Place
from index.model import Passage

Units = Mapping[str, Sequence[Place]]


def units(passages: Sequence[Passage]) -> dict[str, list[Place]]:
    """Every sentence, list item and row of the index by source, in order of place."""
    found: dict[str, set[Place]] = {}
    for passage in passages:
        for place in passage.places:
            found.setdefault(place.source, set()).update(
                Place(place.source, place.start + unit.start, place.start + unit.end)
                for unit in passage.units
            )
    return {name: sorted(places) for name, places in found.items()}


def surroundings(answer: Place, known: Units) -> Place:
    """From the start of the first to the end of the last unit that the answer touches.

    That is what a reader needs to see. The answer itself where no unit is near.
    """
    touched = [unit for unit in known.get(answer.file, ()) if unit.overlap(answer)]
    start = min((unit.start for unit in touched), default=answer.start)
    end = max((unit.end for unit in touched), default=answer.end)
    return Place(answer.file, min(start, answer.start), max(end, answer.end))


def trimmed(place: Place, text: str) -> Place:
    """The place without white space at its edges."""
    words = text[place.start : place.end]
    start = place.start + len(words) - len(words.lstrip())
    return Place(place.file, start, start + len(words.strip()))


def occurrences(words: str, texts: Mapping[str, str]) -> list[Place]:
    """Every place where the words stand, letter for letter."""
    found = []
    for name, text in texts.items():
        start = text.find(words)
        while start >= 0:
            found.append(Place(name, start, start + len(words)))
            start = text.find(words, start + len(words))
    return found


def span(place: Place, texts: Mapping[str, str], rel: int, group: str = "") -> dict[str, Any]:
    """A span as the questions format writes it."""
    value = {
        "file": place.file,
        "start": place.start,
        "end": place.end,
        "text": texts[place.file][place.start : place.end],
        "rel": rel,
    }
    return {**value, "group": group} if group else value
