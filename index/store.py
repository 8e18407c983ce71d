"""The index, opened for reading: documents, passages, vectors and words of one version.

Vectors and words are mapped or open files; documents and passages are read from SQLite by row, and
the latest kept. So a reader holds little, however large the index, and keeps the version that it
opened while others are published (``index.version`` draws the folders).
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from corpus.errors import StoreError
from corpus.model import Document, Source
from index._arrays import open_array
from index._codec import decode
from index.embedding import Embedder
from index.kept import Kept
from index.model import Passage
from index.passages import identity
from index.vectors import VectorIndex, open_vectors
from index.version import (
    PASSAGE_VECTORS,
    PASSAGES,
    REBUILD,
    SOURCES,
    UNIT_STARTS,
    UNIT_VECTORS,
    WORDS,
    Manifest,
    current_version,
    damage,
    damaged,
    index_root,
    read_manifest,
    required_version,
)
from index.words import Words

__all__ = [
    "Documents",
    "Manifest",
    "Passages",
    "Sources",
    "Stored",
    "current_version",
    "index_root",
    "open_stored",
]

_OPEN_ATTEMPTS = 3
_KEPT_DOCUMENTS = 128  # a long one takes a megabyte
_KEPT_SOURCES = 4096
_KEPT_PASSAGES = 8192  # a passage takes a few kilobytes
_AT_A_TIME = 500  # rows read when all are asked for


class Table:
    """``passages.sqlite``, read by row: nothing in it is ever a query. Threads may share it.

    Raises:
        StoreError: a row cannot be read; names the file.
    """

    def __init__(self, file: Path) -> None:
        self.file = file
        self._lock = threading.Lock()
        # A published version never changes, so SQLite need neither lock nor look for a journal.
        address = f"{file.absolute().as_uri()}?mode=ro&immutable=1"
        self._connection = sqlite3.connect(address, uri=True, check_same_thread=False)

    def rows(self, query: str, *values: object) -> list[tuple[Any, ...]]:
        """All rows of a query."""
        try:
            with self._lock:
                return self._connection.execute(query, values).fetchall()
        except sqlite3.Error as error:
            raise StoreError(damaged(self.file, error)) from error

    def each(self, columns: str, table: str) -> Iterator[tuple[Any, ...]]:
        """All rows of a table in order, a few in memory at a time."""
        query = f"SELECT {columns} FROM {table} WHERE row >= ? ORDER BY row LIMIT {_AT_A_TIME}"
        first = 0
        while found := self.rows(query, first):
            yield from found
            first += len(found)

    def count(self, table: str) -> int:
        """How many rows a table has."""
        return int(self.rows(f"SELECT count(*) FROM {table}")[0][0])


class Documents(Mapping[str, Document]):
    """Documents by file name, read when asked for; the latest are kept.

    Raises:
        StoreError: a document's text is not what its checksum says.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._kept: Kept[str, Document] = Kept(_KEPT_DOCUMENTS)
        self._rows = {str(name): row for row, name in table.rows("SELECT row, name FROM documents")}

    def __getitem__(self, name: str) -> Document:
        row = self._rows[name]
        return self._kept.get(name, lambda: self._fetch(name, row))

    def __contains__(self, name: object) -> bool:
        return name in self._rows  # a mapping's own way is to read the document

    def __iter__(self) -> Iterator[str]:
        return iter(self._rows)

    def __len__(self) -> int:
        return len(self._rows)

    def checksums(self) -> dict[str, str]:
        """The sha256 of every document's text, by name."""
        return dict(self._table.rows("SELECT name, sha256 FROM documents ORDER BY row"))

    def _fetch(self, name: str, row: int) -> Document:
        file = self._table.file
        query = "SELECT text, source, structure FROM documents WHERE row = ?"
        (found,) = self._table.rows(query, row)
        try:
            text, source, structure = found
            whole = {**json.loads(structure), "source": json.loads(source), "text": text}
            document = decode(Document, whole)
        except (ValueError, TypeError) as error:
            raise StoreError(damaged(file, error)) from error
        if hashlib.sha256(text.encode("utf-8")).hexdigest() != document.sha256:
            raise StoreError(damaged(file, f"the text of {name} is not what was stored"))
        return document


class Sources(Mapping[str, Source]):
    """Who published each document, by file name: what a citation needs without the text."""

    def __init__(self, table: Table, documents: Documents) -> None:
        self._table = table
        self._documents = documents
        self._kept: Kept[str, Source] = Kept(_KEPT_SOURCES)

    def __getitem__(self, name: str) -> Source:
        if name not in self._documents:
            raise KeyError(name)
        return self._kept.get(name, lambda: self._fetch(name))

    def __iter__(self) -> Iterator[str]:
        return iter(self._documents)

    def __len__(self) -> int:
        return len(self._documents)

    def all(self) -> Iterator[Source]:
        """Every source in the documents' order, none kept."""
        return (self._decoded(record) for (record,) in self._table.each("source", "documents"))

    def _fetch(self, name: str) -> Source:
        ((record,),) = self._table.rows("SELECT source FROM documents WHERE name = ?", name)
        return self._decoded(record)

    def _decoded(self, record: str) -> Source:
        try:
            return decode(Source, json.loads(record))
        except (ValueError, TypeError) as error:
            raise StoreError(damaged(self._table.file, error)) from error


class Passages(Sequence[Passage]):
    """Passages by number, read when asked for; the latest are kept.

    Raises:
        StoreError: a passage is not what its id says.
    """

    def __init__(self, table: Table) -> None:
        self._table = table
        self._count = table.count("passages")
        self._kept: Kept[int, Passage] = Kept(_KEPT_PASSAGES)

    @overload
    def __getitem__(self, number: int) -> Passage: ...
    @overload
    def __getitem__(self, number: slice) -> tuple[Passage, ...]: ...
    def __getitem__(self, number: int | slice) -> Passage | tuple[Passage, ...]:
        if isinstance(number, slice):
            return tuple(self[one] for one in range(self._count)[number])
        row = range(self._count)[number]
        return self._kept.get(row, lambda: self._fetch(row))

    def __iter__(self) -> Iterator[Passage]:
        return (self._decoded(record) for (record,) in self._table.each("passage", "passages"))

    def __len__(self) -> int:
        return self._count

    def _fetch(self, row: int) -> Passage:
        found = self._table.rows("SELECT passage FROM passages WHERE row = ?", row)
        if len(found) != 1:
            raise StoreError(damaged(self._table.file, f"there is no passage {row}"))
        return self._decoded(found[0][0])

    def _decoded(self, record: str) -> Passage:
        try:
            passage = decode(Passage, json.loads(record))
        except (ValueError, TypeError) as error:
            raise StoreError(damaged(self._table.file, error)) from error
        if identity(passage.headings, passage.units, passage.text) != passage.id:
            what = f"passage {passage.id} is not what was stored"
            raise StoreError(damaged(self._table.file, what))
        return passage


@dataclass(frozen=True, eq=False)
class Stored:
    """A version opened for reading.

    Row ``i`` of ``passage_vectors`` belongs to ``passages[i]``, whose units are the rows
    ``unit_starts[i]:unit_starts[i + 1]`` of ``unit_vectors`` in the order of ``Passage.units``;
    its first place is in document ``source_numbers[i]``, counted as in ``documents``.
    """

    folder: Path
    manifest: Manifest
    documents: Documents
    sources: Sources
    passages: Passages
    unit_starts: NDArray[np.int64]
    source_numbers: NDArray[np.int32]
    passage_vectors: VectorIndex
    unit_vectors: VectorIndex
    words: Words

    def require_model(self, embedder: Embedder) -> None:
        """Raises StoreError unless ``embedder`` made these vectors; names both fingerprints."""
        if embedder.fingerprint != self.manifest.fingerprint:
            raise StoreError(
                f"The index was made by {self.manifest.model_name} "
                f"({self.manifest.fingerprint}), not by {embedder.name} "
                f"({embedder.fingerprint}); use that encoder, or {REBUILD}."
            )


def open_stored(path: str | os.PathLike[str] | None = None) -> Stored:
    """Open the current version of the index in ``path`` (see ``index.paths.home_dir``).

    Raises:
        StoreError: there is no index, or it is damaged or of another schema; says which file.
    """
    root = index_root(path)
    for attempt in range(_OPEN_ATTEMPTS):
        version = required_version(root)
        try:
            return _open(root / "versions" / version)
        except StoreError:
            # Only a version replaced and removed while it was being opened is worth a second try.
            if attempt + 1 == _OPEN_ATTEMPTS or current_version(root) == version:
                raise
    raise AssertionError("unreachable")


def _open(folder: Path) -> Stored:
    manifest = read_manifest(folder)
    for problem in damage(folder, manifest, whole=False):
        raise StoreError(damaged(folder / problem.file, problem.what))
    table = Table(folder / PASSAGES)
    documents = Documents(table)
    probes = manifest.probes
    stored = Stored(
        folder=folder,
        manifest=manifest,
        documents=documents,
        sources=Sources(table, documents),
        passages=Passages(table),
        unit_starts=_array(folder / UNIT_STARTS),
        source_numbers=_array(folder / SOURCES),
        passage_vectors=open_vectors(folder / PASSAGE_VECTORS, manifest.passage_search, probes),
        unit_vectors=open_vectors(folder / UNIT_VECTORS, manifest.unit_search, probes),
        words=Words.load(folder / WORDS, manifest.passages),
    )
    _require_counts(stored)
    return stored


def _array(file: Path) -> NDArray[Any]:
    try:
        return open_array(file)
    except (OSError, ValueError) as error:
        raise StoreError(damaged(file, error)) from error


def _require_counts(stored: Stored) -> None:
    """The parts of a version must be of one build: their numbers and dimensions agree."""
    manifest = stored.manifest
    expected = {
        PASSAGES: (len(stored.passages), manifest.passages),
        UNIT_STARTS: (len(stored.unit_starts), manifest.passages + 1),
        SOURCES: (len(stored.source_numbers), manifest.passages),
        PASSAGE_VECTORS: (len(stored.passage_vectors), manifest.passages),
        UNIT_VECTORS: (len(stored.unit_vectors), int(stored.unit_starts[-1])),
    }
    for name, (found, wanted) in expected.items():
        if found != wanted:
            raise StoreError(damaged(stored.folder / name, f"{found} rows instead of {wanted}"))
    for name, vectors in (
        (PASSAGE_VECTORS, stored.passage_vectors),
        (UNIT_VECTORS, stored.unit_vectors),
    ):
        if vectors.dim != manifest.dim:
            what = f"dimension {vectors.dim} instead of {manifest.dim}"
            raise StoreError(damaged(stored.folder / name, what))
