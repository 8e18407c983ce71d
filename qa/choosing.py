"""From everything read to what is quoted: one answer, one a publisher beside it, or a list."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from corpus.model import Kind as BlockKind
from qa.enumerating import enumeration
from qa.figures import asks_figure, figures
from qa.language import Language
from qa.lists import asked_column, introduces, wants_list, whole_list
from qa.naming import Kind, asked_kind
from qa.phrasing import is_yes_no, sets_apart
from qa.reading import Read

_ANSWERS = 3  # quotes of an answer that is not a list
_NEAR = 0.035  # how far under the best a quote may score and still answer (one question's scores)
_NEAR_LIST = 0.035  # how far under the best a list may score where a list is asked for
_NEAR_ITEMS = 0.05  # and its items on average
_FEWEST_ITEMS = 2
_NEAR_SIDE = 0.06  # and one that gives another answer to the same question: both are shown
_NEAR_COMPARED = 0.12  # and what tells of one of two things that are compared
_SHARE = 0.6  # of the question's words that the best answer names, which another side must name


def choose(
    reads: Sequence[Read],
    question: str,
    language: Language,
    publisher: Callable[[Read], str],
    names: Callable[[str], float],
    sides: Sequence[Callable[[str], bool]] = (),
) -> list[Read]:
    """What to quote, best first; a list whole and in its own order.

    ``publisher`` tells who published what was read: beside the best answer stands at most one of
    every other publisher, for one publisher is one voice. Where a figure is asked for, who gives
    another figure for the same thing is quoted as well. ``names``: how much of the question a text
    names, which tells the column of a table that is asked for from the one that is given.
    ``sides``: whether a text tells of the one thing that is compared, and of the other; both are
    quoted.
    """
    if not reads:
        return []
    whole = is_yes_no(question, language)
    if whole:  # the title of a study that others did says neither yes nor no
        reads = [one for one in reads if one.unit.kind is not BlockKind.REFERENCE] or reads
    listing = wants_list(question, language) and not whole
    if not listing:
        reads = _item_first(reads)
    best = reads[0]
    if listing or introduces(best.passage, best.number):
        items = _listed(reads, publisher, names)
        if items:
            return items
    chosen = _compared(reads, sides) if sides else []
    chosen = chosen or [best, *_other_sides(reads, question, publisher, names)]
    kind = asked_kind(question)
    wanted = kind if kind is not None and _things(best, kind) else None
    heard = {publisher(one) for one in chosen}
    for one in reads[1:]:
        if len(chosen) >= _ANSWERS or best.score - one.score > _NEAR:
            break
        beside = publisher(one) not in heard and not introduces(one.passage, one.number)
        if beside and (wanted is None or _things(one, wanted)):
            chosen.append(one)
            heard.add(publisher(one))
    return [_sentence(one) if whole else _widened(one) for one in chosen]


def _item_first(reads: Sequence[Read]) -> Sequence[Read]:
    """One thing is asked for, and the best only announces a list: its item that answers about as
    well, where no other item comes near, is put before it."""
    best = reads[0]
    if not introduces(best.passage, best.number):
        return reads
    numbers = whole_list(best.passage, best.number)
    items = [r for r in reads if r.found.number == best.found.number and r.number in numbers]
    if not items or best.score - items[0].score > _NEAR:
        return reads
    if len(items) > 1 and items[0].score - items[1].score <= _NEAR:
        return reads
    return [items[0], *(read for read in reads if read is not items[0])]


def _compared(reads: Sequence[Read], sides: Sequence[Callable[[str], bool]]) -> list[Read]:
    """The best, and of each thing that is compared the best that is of no other; else nothing.

    What names them all and sets none against the others says no difference: without it, where each
    is told of elsewhere.
    """
    best = reads[0]
    of = _sides_of(best, sides)
    found = _of_each(reads, sides)
    if len(found) == len(sides) and (len(of) != len(sides) or not sets_apart(best.text)):
        return [_with_side(one, sides) for one in sorted(found, key=lambda one: -one.score)]
    found = [_with_side(one, sides) for one in found if _sides_of(one, sides) != of]
    return [best, *found] if found else []


def each_is_told(reads: Sequence[Read], sides: Sequence[Callable[[str], bool]]) -> bool:
    """Whether near the best answer each of the things that are compared is told of by itself."""
    return bool(reads and sides) and len(_of_each(reads, sides)) == len(sides)


def told_together(chosen: Sequence[Read], sides: Sequence[Callable[[str], bool]]) -> set[int]:
    """The passages, by number, of which what is quoted tells of each of the things by itself."""
    told: dict[int, set[int]] = {}
    for one in chosen:
        of = _sides_of(one, sides)
        if len(of) == 1:
            told.setdefault(one.found.number, set()).update(of)
    return {number for number, of in told.items() if len(of) == len(sides)}


def _of_each(reads: Sequence[Read], sides: Sequence[Callable[[str], bool]]) -> list[Read]:
    """Of each thing that is compared the best that is of no other, where there is one."""
    near: list[list[Read]] = [[] for _ in sides]
    for one in reads:
        told = _sides_of(one, sides) if one.unit.kind is not BlockKind.REFERENCE else set()
        if len(told) == 1 and reads[0].score - one.score <= _NEAR_COMPARED:
            near[told.pop()].append(one)
    return _beside_each_other(near) or [told[0] for told in near if told]


def _with_side(one: Read, sides: Sequence[Callable[[str], bool]]) -> Read:
    """What was read of one of two things, widened to the sentence where only that names it.

    "Adds to learning" beside "Deep sleep restores" leaves to be guessed what does.
    """
    quote = one.passage.text[one.start : one.end]
    named = any(side(quote) for side in sides) or not any(side(one.text) for side in sides)
    return one if named else _sentence(one)


def _beside_each_other(near: Sequence[Sequence[Read]]) -> list[Read]:
    """Of each thing the best, of the first passage that tells of all; nothing where none does."""
    for first in near[0]:
        same = [
            next((one for one in told if one.found.number == first.found.number), None)
            for told in near
        ]
        if None not in same:
            return [one for one in same if one is not None]
    return []


def _sides_of(one: Read, sides: Sequence[Callable[[str], bool]]) -> set[int]:
    around = _around(one)
    return {number for number, side in enumerate(sides) if side(around)}


def _listed(
    reads: Sequence[Read], publisher: Callable[[Read], str], names: Callable[[str], float]
) -> list[Read]:
    """The list that the best answer is of, and beside it the best of every other publisher.

    A list is announced by what was read, read throughout, or enumerated in a sentence. One good
    item does not make its list an answer; its neighbours must answer about as well. Where the best
    answer is of no list, only one that is announced near it takes its place.
    """
    best = reads[0].score
    scores = {(read.found.number, read.number): read.score for read in reads}
    first = _list_of(reads[0], best, scores, names)
    lists = {publisher(reads[0]): first} if first else {}
    for one in reads[1:]:
        if best - one.score > _NEAR_LIST or len(lists) >= _ANSWERS:
            break
        wanted = lists or introduces(one.passage, one.number)
        if not wanted or publisher(one) in lists:
            continue
        if items := _list_of(one, best, scores, names):
            lists[publisher(one)] = items
    return [item for items in lists.values() for item in items]


def _list_of(
    one: Read, best: float, scores: dict[tuple[int, int], float], names: Callable[[str], float]
) -> list[Read]:
    numbers = whole_list(one.passage, one.number)
    if len(numbers) < _FEWEST_ITEMS:
        start, end, items = enumeration(one.passage.text, one.start, one.end)
        within = one.unit.start <= start and end <= one.unit.end
        return [replace(one, start=start, end=end)] if items >= _FEWEST_ITEMS and within else []
    known = [scores[key] for number in numbers if (key := (one.found.number, number)) in scores]
    read_throughout = known and best - sum(known) / len(known) <= _NEAR_ITEMS
    if introduces(one.passage, one.number) or read_throughout:
        column = asked_column(one.passage, numbers, names)
        return [_item(one, number, column) for number in numbers]
    return []


def _sentence(one: Read) -> Read:
    """The whole sentence or item: "yes" is said by the sentence, not by a name in it."""
    if one.unit.cells:
        return one
    return replace(one, start=one.unit.start, end=one.unit.end)


def _widened(one: Read) -> Read:
    """What was read of an enumeration, widened to all of it where it is more than one item."""
    marked = one.passage.text[one.start : one.end]
    start, end, items = enumeration(one.passage.text, one.start, one.end)
    several = enumeration(marked, 0, len(marked))[2] > 1
    if not several or items <= 1 or not (one.unit.start <= start and end <= one.unit.end):
        return one
    return replace(one, start=start, end=end)


def _other_sides(
    reads: Sequence[Read],
    question: str,
    publisher: Callable[[Read], str],
    names: Callable[[str], float],
) -> list[Read]:
    """The best that answer otherwise: with another figure, or another thing of the kind asked for.

    What names less of the question than the best answer may be about something else: 300 mg
    against fibromyalgia differs from no daily allowance.
    """
    best, kind = reads[0], asked_kind(question)
    about = names(_around(best))
    near = [
        one
        for one in reads[1:]
        if best.score - one.score <= _NEAR_SIDE and names(_around(one)) >= _SHARE * about
    ]
    if asks_figure(question):
        return _other_figures(best, near, publisher)
    if kind is None or not kind.differ:
        return []
    said = _things(best, kind)
    found: dict[frozenset[str], Read] = {}
    others = sorted(near, key=lambda one: publisher(one) == publisher(best))
    for one in others if said else ():
        says = _things(one, kind)
        if says and says != said:
            found.setdefault(says, one)
    return list(found.values())[: _ANSWERS - 1]


def _other_figures(
    best: Read, near: Sequence[Read], publisher: Callable[[Read], str]
) -> list[Read]:
    """For every other publisher, what gives a figure for what the best answer counts.

    Rather one that differs than one that repeats the best: a publisher may say 300 here, 600 there.
    """
    stated = figures(best.text)
    if not stated:
        return []
    found: dict[str, Read] = {}
    differs: dict[str, bool] = {}
    for one in near:
        who = publisher(one)
        other = next((f for f in figures(one.text) if f.counted == stated[0].counted), None)
        if other is None or who == publisher(best):
            continue
        another = (other.low, other.high) != (stated[0].low, stated[0].high)
        if who not in found or (another and not differs[who]):
            found[who], differs[who] = one, another
    return list(found.values())


def _things(one: Read, kind: Kind) -> frozenset[str]:
    """The things of a kind that the answering words name, or else their sentence."""
    marked = one.passage.text[one.start : one.end]
    return frozenset(kind.named(marked) or kind.named(one.text))


def _around(one: Read) -> str:
    return " ".join([*one.passage.headings[-1:], one.unit.context, one.text])


def _item(best: Read, number: int, column: int | None) -> Read:
    """One item of the list that the best answer is of: whole, or the cell in the asked column."""
    unit = best.passage.units[number]
    if column is not None and column < len(unit.cells):
        start, end = unit.cells[column]
        return replace(best, number=number, start=start, end=end)
    return replace(best, number=number, start=unit.start, end=unit.end)
