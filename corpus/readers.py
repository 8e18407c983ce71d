"""Readers, one a file format, behind one small interface; the file's type picks.

A reader takes the file's bytes and gives its canonical text with the structure found in it. A new
format is one function and one line in ``READERS``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

from corpus.errors import CorpusError
from corpus.model import Document, Source

Reader = Callable[[str, bytes, Source], Document]


def read_text(name: str, raw: bytes, source: Source) -> Document:
    """A plain text: the canonical text is the file decoded as UTF-8, nothing stripped."""
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError as error:
        raise CorpusError(
            f"{name} is not UTF-8 (byte {error.start}): save it as UTF-8 text."
        ) from error
    from corpus.structure import segment  # compiles much that opening an index does without

    articles, blocks = segment(text, title=source.title or _title_from(name))
    return Document(
        name=name,
        text=text,
        sha256=hashlib.sha256(raw).hexdigest(),
        source=source,
        articles=articles,
        blocks=blocks,
    )


READERS: dict[str, Reader] = {".txt": read_text}


def read(path: Path, source: Source | None = None) -> Document:
    """The document in ``path``; its facts are empty defaults where ``source`` is None.

    Raises :class:`CorpusError` where the file is missing, unreadable, of an unknown type or not
    UTF-8.
    """
    reader = READERS.get(path.suffix.lower())
    if reader is None:
        raise CorpusError(
            f"{path} has a file type that cannot be read; known are {', '.join(READERS)}."
        )
    try:
        raw = path.read_bytes()
    except FileNotFoundError as error:
        raise CorpusError(f"{path} does not exist: check the name.") from error
    except IsADirectoryError as error:
        raise CorpusError(f"{path} is a folder: name a file in it.") from error
    except OSError as error:
        raise CorpusError(
            f"{path} cannot be read ({error.strerror}): check its permissions."
        ) from error
    return reader(path.name, raw, source or Source(file=path.name))


def _title_from(name: str) -> str:
    return " ".join(Path(name).stem.replace("_", " ").replace("-", " ").split())
