"""From everything read to what is quoted: one answer, one a publisher beside it, or a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from qa.figures import asks_figure, figures
from qa.language import Language
from qa.lists import introduces, wants_list, whole_list
from qa.reading import Read

_ANSWERS = 3  # quotes of an answer that is not a list
_NEAR = 0.035  # how far under the best a quote may score and still answer (one question's scores)
_NEAR_LIST = 0.05  # how far under the best a list may score where a list is asked for
_NEAR_ITEMS = 0.05  # and its items on average
_FEWEST_ITEMS = 2
_NEAR_FIGURE = 0.12  # and one that gives another figure for the same thing: both sides are shown


def choose(
    reads: Sequence[Read], question: str, language: Language, publisher: Callable[[Read], str]
) -> list[Read]:
    """What to quote, best first; a list whole and in its own order.

    ``publisher`` tells who published what was read: beside the best answer stands at most one of
    every other publisher, for one publisher is one voice. Where a figure is asked for, who gives
    another figure for the same thing is quoted as well.
    """
    if not reads:
        return []
    best = reads[0]
    if wants_list(question, language) or introduces(best.passage, best.number):
        items = _listed(reads)
        if items:
            return items
    chosen = [best]
    if asks_figure(question):
        chosen += _other_figures(reads, publisher)
    heard = {publisher(one) for one in chosen}
    for one in reads[1:]:
        if len(chosen) >= _ANSWERS or best.score - one.score > _NEAR:
            break
        if publisher(one) not in heard and not introduces(one.passage, one.number):
            chosen.append(one)
            heard.add(publisher(one))
    return chosen


def _listed(reads: Sequence[Read]) -> list[Read]:
    """The best list near the top: one that is announced by what was read, or is read throughout.

    One good item does not make its list an answer; its neighbours must answer about as well.
    """
    best = reads[0].score
    scores = {(read.found.number, read.number): read.score for read in reads}
    for one in reads:
        if best - one.score > _NEAR_LIST:
            break
        items = whole_list(one.passage, one.number)
        if len(items) < _FEWEST_ITEMS:
            continue
        known = [scores[key] for number in items if (key := (one.found.number, number)) in scores]
        read_throughout = known and best - sum(known) / len(known) <= _NEAR_ITEMS
        if introduces(one.passage, one.number) or read_throughout:
            return [_item(one, number) for number in items]
    return []


def _other_figures(reads: Sequence[Read], publisher: Callable[[Read], str]) -> list[Read]:
    """The best of every other publisher that gives a figure for what the best answer counts."""
    best = reads[0]
    stated = figures(best.text)
    if not stated:
        return []
    counted = stated[0].counted
    found: dict[str, Read] = {}
    for one in reads[1:]:
        if best.score - one.score > _NEAR_FIGURE:
            break
        who = publisher(one)
        if who != publisher(best) and who not in found and _counts(one, counted):
            found[who] = one
    return list(found.values())


def _counts(one: Read, counted: str) -> bool:
    return any(figure.counted == counted for figure in figures(one.text))


def _item(best: Read, number: int) -> Read:
    """One item of the list that the best answer is of, quoted whole."""
    unit = best.passage.units[number]
    return replace(best, number=number, start=unit.start, end=unit.end)
