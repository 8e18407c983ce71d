"""A corpus of any size, made of the articles' sentences with words changed. Seeded.

For measuring time and memory only: it reads like health pages, and says nothing. Sentences come
from the shipped articles; in each, some long words give way to other words of the articles or to
made-up ones, drawn so that common ones stay common and new ones keep coming, as in text that
people write (Zipf, Heaps).
"""

from __future__ import annotations

import hashlib
import random
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import corpus
from corpus.model import Article, Block, Document, Kind, Source
from corpus.sentences import split
from index.model import Passage, Place, Unit
from index.passages import identity

_WORD = re.compile(r"[^\W\d_]{6,}")
_SYLLABLES = tuple(f"{consonant}{vowel}" for consonant in "bdfgklmnprstvwz" for vowel in "aeiou")
_OTHER_WORD, _NEW_WORD = 0.35, 0.1  # chances that a long word gives way
_RARENESS = 0.25  # of made-up words: 1 less than the exponent of Zipf's law
_SECTIONS = (2, 6)  # in a document
_PARAGRAPHS = (1, 4)  # in a section; each is one passage
_SENTENCES = (2, 4)  # in a passage
_SHORTEST, _LONGEST = 30, 180  # characters of a sentence that is taken


@dataclass(frozen=True, slots=True)
class _Pieces:
    """What sentences are made of: each as alternating text and long word, and all such words."""

    sentences: tuple[tuple[str, ...], ...]
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Generated:
    """A document with its passages; ``origins`` numbers, for each of their units in order, the
    sentence of ``sentences()`` that it was made from."""

    document: Document
    passages: tuple[Passage, ...]
    origins: tuple[int, ...]


def sentences() -> list[str]:
    """The articles' sentences that all others are made from."""
    return ["".join(cut) for cut in _pieces().sentences]


def documents(passages: int, seed: int = 0) -> Iterator[Generated]:
    """Documents with their passages, until there are so many passages."""
    pieces, made, number = _pieces(), 0, 0
    while made < passages:
        chance = random.Random(f"{seed}.{number}")
        one = _document(pieces, number, passages - made, chance)
        made += len(one.passages)
        number += 1
        yield one


def write(folder: Path, passages: int, seed: int = 0) -> None:
    """Write documents as ``.txt`` files into ``folder``, for a build from the beginning."""
    folder.mkdir(parents=True, exist_ok=True)
    for one in documents(passages, seed):
        (folder / one.document.name).write_text(one.document.text, encoding="utf-8")


def _pieces() -> _Pieces:
    sentences: list[tuple[str, ...]] = []
    words: set[str] = set()
    for document in corpus.load():
        for block in document.blocks:
            if block.kind is not Kind.PARAGRAPH:
                continue
            for start, end in split(document.text, block.start, block.end):
                text = " ".join(document.text[start:end].split())
                if _SHORTEST <= len(text) <= _LONGEST:
                    sentences.append(_cut(text))
                    words.update(found.group().lower() for found in _WORD.finditer(text))
    return _Pieces(tuple(sentences), tuple(sorted(words)))


def _cut(text: str) -> tuple[str, ...]:
    cut, at = [], 0
    for found in _WORD.finditer(text):
        cut += [text[at : found.start()], found.group()]
        at = found.end()
    return (*cut, text[at:])


def _document(pieces: _Pieces, number: int, most: int, chance: random.Random) -> Generated:
    """A document with at most ``most`` passages, at least one."""
    name = f"gemaakt-{number:07d}.txt"
    title = (
        f"{_new_word(pieces, chance).capitalize()} en {chance.choice(pieces.words)}, deel {number}"
    )
    text = f"{title}\n\n"
    blocks = [Block(Kind.HEADING, 0, len(title))]
    found: list[Passage] = []
    origins: list[int] = []
    for _ in range(chance.randint(*_SECTIONS)):
        heading = f"Over {chance.choice(pieces.words)} en {chance.choice(pieces.words)}"
        headings = (title, heading)
        blocks.append(Block(Kind.HEADING, len(text), len(text) + len(heading), (title,), level=1))
        text += f"{heading}\n\n"
        for _ in range(chance.randint(*_PARAGRAPHS)):
            start, units, body = len(text), [], ""
            for _ in range(chance.randint(*_SENTENCES)):
                body += " " if body else ""
                origin, sentence = _sentence(pieces, chance)
                origins.append(origin)
                units.append(Unit(Kind.PARAGRAPH, len(body), len(body) + len(sentence)))
                body += sentence
            text += f"{body}\n\n"
            blocks.append(Block(Kind.PARAGRAPH, start, start + len(body), headings))
            found.append(
                Passage(
                    id=identity(headings, units, body),
                    text=body,
                    places=(Place(name, 0, start, start + len(body)),),
                    headings=headings,
                    article=title,
                    kind=Kind.PARAGRAPH,
                    units=tuple(units),
                )
            )
            if len(found) == most:
                break
        if len(found) == most:
            break
    document = Document(
        name=name,
        text=text,
        sha256=hashlib.sha256(text.encode("utf-8")).hexdigest(),
        source=Source(name, title, f"Uitgever {number % 997}"),
        articles=(Article(title, 0, len(text)),),
        blocks=tuple(blocks),
    )
    return Generated(document, tuple(found), tuple(origins))


def _sentence(pieces: _Pieces, chance: random.Random) -> tuple[int, str]:
    origin = chance.randrange(len(pieces.sentences))
    cut = list(pieces.sentences[origin])
    for at in range(1, len(cut), 2):
        drawn = chance.random()
        if drawn < _NEW_WORD:
            cut[at] = _new_word(pieces, chance)
        elif drawn < _NEW_WORD + _OTHER_WORD:
            cut[at] = chance.choice(pieces.words)
    return origin, "".join(cut)


def _new_word(pieces: _Pieces, chance: random.Random) -> str:
    """A made-up word, drawn by Zipf's law; one in three is a compound with a word that there is."""
    rank = min(int(chance.paretovariate(_RARENESS)), 10**9)
    parts: list[str] = []
    while rank or len(parts) < 3:
        rank, place = divmod(rank, len(_SYLLABLES))
        parts.append(_SYLLABLES[place])
    head = chance.choice(pieces.words) if chance.random() < 1 / 3 else ""
    return head + "".join(parts)
