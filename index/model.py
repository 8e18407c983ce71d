"""What passes out of the index room: passages, their places and the units inside them.

Offsets are Python ``str`` offsets into the document's text: for every place of a passage
``document.text[place.start:place.end] == passage.text``.
"""

from __future__ import annotations

from dataclasses import dataclass

from corpus.model import Kind


@dataclass(frozen=True, slots=True)
class Place:
    """One place where a passage's text stands. ``article`` indexes the document's articles."""

    source: str
    article: int
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Unit:
    """The smallest thing worth quoting in a passage: a sentence, list item, table row or caption.

    ``start`` and ``end`` are offsets into ``Passage.text``. ``context`` is what a reader needs
    beside the words (lead-in of a list, columns of a row); it is embedded, never quoted.
    ``cells`` are the offsets of a table row's cells, likewise into ``Passage.text``.
    """

    kind: Kind
    start: int
    end: int
    context: str = ""
    cells: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Passage:
    """What a person would want to read: whole units of one section, standing in the text as is.

    ``id`` is a hash of the text and its context, so an unchanged passage keeps its id and its
    vector. ``headings`` is embedded as context and never quoted.
    """

    id: str
    text: str
    places: tuple[Place, ...]
    headings: tuple[str, ...]
    article: str
    kind: Kind
    units: tuple[Unit, ...]
