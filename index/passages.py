"""Documents to passages: what is embedded, found and shown.

A passage is a run of whole units (sentences, list items, table rows, references) of one section,
contiguous in the text. Prose is windowed, overlapping by about a third; a list stands with its
lead-in, a table with its header. Identical text in identical context is one passage with many
places.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Iterator, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from corpus.model import Block, Document, Kind
from corpus.sentences import split
from index.model import Passage, Place, Unit

PROSE_SIZE = 420  # characters; with a third of overlap the best of those tried (docs/benchmarks.md)
PROSE_OVERLAP = 140
WHOLE_SIZE = 900  # a list or table up to this size stays whole

_PROSE = frozenset({Kind.PARAGRAPH})
_LISTED = frozenset({Kind.LIST_ITEM, Kind.TABLE_HEADER, Kind.TABLE_ROW})
_ALONE = frozenset({Kind.REFERENCE, Kind.DISCLAIMER})
_SPACE = re.compile(r"\s+")


@dataclass(frozen=True, slots=True)
class _Span:
    """A unit with its offsets in the document."""

    kind: Kind
    start: int
    end: int
    context: str = ""
    cells: tuple[tuple[int, int], ...] = ()


def make(documents: Iterable[Document]) -> list[Passage]:
    """All passages of the documents, in reading order, each text-in-context once."""
    found: dict[str, Passage] = {}
    for document in documents:
        for passage in of_document(document):
            known = found.get(passage.id)
            if known is None:
                found[passage.id] = passage
            else:
                found[passage.id] = replace(known, places=known.places + passage.places)
    return list(found.values())


def identity(headings: Sequence[str], units: Sequence[Unit], text: str) -> str:
    """The id of a passage: the same for the same text in the same context."""
    whole = "\x1f".join([*headings, *(unit.context for unit in units), text])
    return hashlib.sha256(whole.encode()).hexdigest()[:20]


def embedding_text(passage: Passage) -> str:
    """What is embedded for a passage: its headings as context, then its text, tidied."""
    return _joined(passage.headings[-2:], tidy(display_text(passage)))


def unit_embedding_text(passage: Passage, unit: Unit) -> str:
    """What is embedded for one unit: nearest heading, its context, its words."""
    words = unit.context if unit.kind is Kind.TABLE_ROW else passage.text[unit.start : unit.end]
    context = "" if unit.kind is Kind.TABLE_ROW else unit.context
    return _joined((*passage.headings[-1:], context), tidy(words))


def display_text(passage: Passage) -> str:
    """The passage for the eye: fused table cells apart. Never to be cited."""
    pieces: list[str] = []
    at = 0
    for unit in passage.units:
        pieces.append(passage.text[at : unit.start])
        shown = passage.text[unit.start : unit.end]
        pieces.append(unit.context if unit.kind is Kind.TABLE_ROW and unit.context else shown)
        at = unit.end
    pieces.append(passage.text[at:])
    return "".join(pieces)


def tidy(text: str) -> str:
    """White space runs made one space."""
    return _SPACE.sub(" ", text).strip()


def _joined(context: Sequence[str], text: str) -> str:
    heads = [tidy(head).rstrip(":") for head in context if head]
    return ". ".join([*heads, text]) if heads else text


def of_document(document: Document) -> Iterator[Passage]:
    """The passages of one document, in reading order; a repeated one each time."""
    for run in _runs(document.blocks):
        spans = [span for block in run for span in _spans(document, block)]
        if not spans:
            continue
        for window in _windows(spans, run):
            yield _passage(document, run[0], window)


def _runs(blocks: Sequence[Block]) -> Iterator[list[Block]]:
    """Neighbouring blocks that may share a passage: one section, prose or one list or table.

    A lead-in paragraph goes with its list; what is neither prose, list nor table breaks a run.
    """
    leads = {block.lead for block in blocks if block.lead is not None}
    run: list[int] = []
    for number, block in enumerate(blocks):
        if run and _continues(blocks, run, number, leads):
            run.append(number)
            continue
        if run:
            yield [blocks[n] for n in run]
        run = [number] if block.kind in _PROSE | _LISTED | _ALONE else []
    if run:
        yield [blocks[n] for n in run]


def _continues(
    blocks: Sequence[Block], run: Sequence[int], number: int, leads: AbstractSet[int]
) -> bool:
    """Whether a block goes on with the passage that the run before it began."""
    block, previous = blocks[number], blocks[run[-1]]
    if (block.article, block.headings) != (previous.article, previous.headings):
        return False
    if block.kind in _LISTED:
        kinds = {previous.kind, block.kind}
        return block.lead in run or (
            block.lead == previous.lead and (len(kinds) == 1 or Kind.TABLE_HEADER not in kinds)
        )
    is_prose = block.kind in _PROSE and previous.kind in _PROSE
    return is_prose and number not in leads and run[-1] not in leads


def _spans(document: Document, block: Block) -> Iterator[_Span]:
    if block.kind is Kind.TABLE_HEADER:
        return
    lead = document.blocks[block.lead] if block.lead is not None else None
    if block.kind is Kind.TABLE_ROW:
        cells = tuple((cell.start, cell.end) for cell in block.cells)
        yield _Span(block.kind, block.start, block.end, _row_text(document, block), cells)
        return
    context = ""
    if lead is not None and lead.kind is not Kind.TABLE_HEADER:
        context = document.text[lead.start + lead.marker : lead.end]
        sentences = split(context)
        context = context[sentences[-1][0] :] if sentences else context
    if block.kind in _ALONE or block.kind is Kind.LIST_ITEM:
        yield _Span(block.kind, block.start + block.marker, block.end, context)
        return
    for start, end in split(document.text, block.start + block.marker, block.end):
        yield _Span(block.kind, start, end, context)


def _row_text(document: Document, block: Block) -> str:
    """A table row with its cells apart and named: ``Medicatie: Metformine | Mechanisme: …``."""
    cells = []
    for cell in block.cells:
        words = document.text[cell.start : cell.end]
        cells.append(f"{cell.column}: {words}" if cell.column else words)
    return " | ".join(cells)


def _windows(spans: Sequence[_Span], run: Sequence[Block]) -> Iterator[Sequence[_Span]]:
    listed = any(block.kind in _LISTED for block in run)
    if listed and spans[-1].end - run[0].start <= WHOLE_SIZE:
        yield spans
        return
    from langchain_text_splitters import CharacterTextSplitter  # slow, and asking splits nothing

    size = WHOLE_SIZE if listed else PROSE_SIZE
    # The splitter is given the units' numbers, each as long as its unit, not their text: a window
    # then cannot cut a sentence, and offsets need no search.
    splitter = CharacterTextSplitter(
        separator=" ",
        chunk_size=size,
        chunk_overlap=PROSE_OVERLAP,
        length_function=lambda numbers: sum(
            spans[int(n)].end - spans[int(n)].start + 1 for n in numbers.split()
        ),
    )
    for chunk in splitter.split_text(" ".join(str(number) for number in range(len(spans)))):
        numbers = [int(number) for number in chunk.split()]
        yield spans[numbers[0] : numbers[-1] + 1]


def _passage(document: Document, first: Block, spans: Sequence[_Span]) -> Passage:
    start, end = spans[0].start, spans[-1].end
    if first.kind is Kind.TABLE_HEADER and spans[0].kind is Kind.TABLE_ROW:
        start = min(start, first.start)
    text = document.text[start:end]
    units = tuple(
        Unit(
            s.kind,
            s.start - start,
            s.end - start,
            s.context,
            tuple((a - start, b - start) for a, b in s.cells),
        )
        for s in spans
    )
    kind = spans[-1].kind
    headings = first.headings
    article = document.articles[first.article].title if document.articles else document.name
    if kind in _ALONE:  # the same reference under ten articles is one passage
        headings = ()
    return Passage(
        id=identity(headings, units, text),
        text=text,
        places=(Place(document.name, first.article, start, end),),
        headings=headings,
        article=article,
        kind=kind,
        units=units,
    )
