"""The index, opened for reading: documents, passages, vectors and words of one version.

A reader holds all of it in memory or in open files, so it keeps the version that it opened while
others are published (``index.version`` draws the folders).
"""

from __future__ import annotations

import hashlib
import json
import os
import sqlite3
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import StoreError
from corpus.model import Document
from index._codec import decode
from index.embedding import Embedder
from index.model import Passage
from index.vectors import VectorIndex
from index.version import (
    PASSAGE_VECTORS,
    PASSAGES,
    REBUILD,
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

__all__ = ["Documents", "Manifest", "Stored", "current_version", "index_root", "open_stored"]

_OPEN_ATTEMPTS = 3


class Documents(Mapping[str, Document]):
    """Documents by file name, read when asked for and then kept. Safe to share by threads.

    Raises:
        StoreError: a document's text is not what its checksum says.
    """

    def __init__(self, connection: sqlite3.Connection, file: Path) -> None:
        self._connection = connection
        self._file = file
        self._lock = threading.Lock()
        self._read: dict[str, Document] = {}
        rows = connection.execute("SELECT name FROM documents ORDER BY row")
        self._names = tuple(str(name) for (name,) in rows)

    def __getitem__(self, name: str) -> Document:
        with self._lock:
            if name not in self._read:
                self._read[name] = self._fetch(name)
            return self._read[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._names)

    def __len__(self) -> int:
        return len(self._names)

    def _fetch(self, name: str) -> Document:
        query = "SELECT text, structure FROM documents WHERE name = ?"
        try:
            row = self._connection.execute(query, (name,)).fetchone()
            if row is None:
                raise KeyError(name)
            document = decode(Document, {**json.loads(row[1]), "text": row[0]})
        except (sqlite3.Error, ValueError) as error:
            raise StoreError(damaged(self._file, error)) from error
        if hashlib.sha256(document.text.encode("utf-8")).hexdigest() != document.sha256:
            raise StoreError(damaged(self._file, f"the text of {name} is not what was stored"))
        return document


@dataclass(frozen=True, slots=True, eq=False)
class Stored:
    """A version opened for reading.

    Row ``i`` of ``passage_vectors`` belongs to ``passages[i]``, whose units are the rows
    ``unit_starts[i]:unit_starts[i + 1]`` of ``unit_vectors`` in the order of ``Passage.units``;
    ``unit_passages[j]`` is the passage of unit row ``j``.
    """

    folder: Path
    manifest: Manifest
    documents: Documents
    passages: tuple[Passage, ...]
    unit_starts: NDArray[np.int64]
    unit_passages: NDArray[np.int64]
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

    def vector_keys(self) -> tuple[list[str], list[str]]:
        """Keys of the passage rows and of the unit rows."""
        with closing(_connect(self.folder / PASSAGES)) as connection:
            return _keys(connection, "passages"), _keys(connection, "units")


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
    for problem in damage(folder, manifest, checksums=False):
        raise StoreError(damaged(folder / problem.file, problem.what))
    file = folder / PASSAGES
    try:
        connection = _connect(file)
        rows = connection.execute("SELECT passage FROM passages ORDER BY row")
        passages = tuple(decode(Passage, json.loads(record)) for (record,) in rows)
        documents = Documents(connection, file)
    except (sqlite3.Error, ValueError, TypeError) as error:
        raise StoreError(damaged(file, error)) from error
    passage_vectors = VectorIndex.load(folder / PASSAGE_VECTORS, manifest.passage_search)
    unit_vectors = VectorIndex.load(folder / UNIT_VECTORS, manifest.unit_search)
    sizes = np.array([len(passage.units) for passage in passages], dtype=np.int64)
    stored = Stored(
        folder=folder,
        manifest=manifest,
        documents=documents,
        passages=passages,
        unit_starts=np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)]),
        unit_passages=np.repeat(np.arange(len(passages), dtype=np.int64), sizes),
        passage_vectors=passage_vectors,
        unit_vectors=unit_vectors,
        words=Words.load(folder / WORDS),
    )
    _require_counts(stored)
    return stored


def _require_counts(stored: Stored) -> None:
    """The parts of a version must be of one build: their numbers and dimensions agree."""
    manifest, units = stored.manifest, int(stored.unit_starts[-1])
    expected = {
        PASSAGES: (len(stored.passages), manifest.passages),
        PASSAGE_VECTORS: (len(stored.passage_vectors), len(stored.passages)),
        UNIT_VECTORS: (len(stored.unit_vectors), units),
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


def _connect(file: Path) -> sqlite3.Connection:
    """A published version never changes, so SQLite need neither lock nor look for a journal."""
    return sqlite3.connect(
        f"{file.as_uri()}?mode=ro&immutable=1", uri=True, check_same_thread=False
    )


def _keys(connection: sqlite3.Connection, table: str) -> list[str]:
    return [key for (key,) in connection.execute(f"SELECT key FROM {table} ORDER BY row")]
