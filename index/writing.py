"""Writing the parts of a version, in little memory: texts first, then words and vectors.

What is written is read back for the next part, so a builder holds a few hundred passages at a time,
and an index of many more than fit in memory can be made.
"""

from __future__ import annotations

import errno
import json
import sqlite3
from array import array
from collections.abc import Iterable, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.model import Document
from index import coding
from index._arrays import new_array, open_array, save
from index._codec import decode, encode
from index._progress import Progress
from index.coding import Trial
from index.model import Passage
from index.vectors import ExactVectors, Method, RowFile, Vectors, rows_file
from index.version import PASSAGE_VECTORS, PASSAGES, SOURCES, UNIT_STARTS, UNIT_VECTORS

KEY = np.dtype("S32")  # a sha256 as bytes
Keys = NDArray[np.bytes_]

_TABLES = """
CREATE TABLE documents (row INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL, sha256 TEXT NOT NULL,
                        source TEXT NOT NULL, text TEXT NOT NULL, structure TEXT NOT NULL);
CREATE TABLE passages (row INTEGER PRIMARY KEY, passage TEXT NOT NULL);
CREATE TEMPORARY TABLE ids (id TEXT PRIMARY KEY, row INTEGER NOT NULL) WITHOUT ROWID;
"""
_NEW_DOCUMENT = "INSERT INTO documents VALUES (?, ?, ?, ?, ?, ?)"
_TRIED = 200  # units that an approximate index is tried on


def texts(folder: Path, documents: Iterable[tuple[Document, Iterable[Passage]]]) -> int:
    """Write documents with their passages, of equal ones the places together; how many passages.

    Raises:
        OSError: they cannot be written.
    """
    file = folder / PASSAGES
    units, sources = array("q", [0]), array("i")
    with closing(sqlite3.connect(file)) as connection:
        # Nobody sees the file before it is whole and synced, so it needs no journal of its own.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        try:
            connection.executescript(_TABLES)
            for row, (document, passages) in enumerate(documents):
                connection.execute(
                    "INSERT INTO documents VALUES (?,?,?,?,?,?)", _row(row, document)
                )
                for passage in passages:
                    if _put(connection, passage, len(sources)):
                        units.append(units[-1] + len(passage.units))
                        sources.append(row)
            connection.commit()
        except sqlite3.OperationalError as error:
            # SQLite has no errno: what it cannot write here is a full disk ("disk I/O error").
            raise OSError(errno.ENOSPC, str(error), str(file)) from error
    save(folder / UNIT_STARTS, units, np.int64)
    save(folder / SOURCES, sources, np.int32)
    return len(sources)


def _put(connection: sqlite3.Connection, passage: Passage, row: int) -> bool:
    """Write a passage as ``row``; False where it is known, and then has one place more."""
    known = connection.execute("SELECT row FROM ids WHERE id = ?", (passage.id,)).fetchone()
    if known is None:
        connection.execute("INSERT INTO ids VALUES (?, ?)", (passage.id, row))
        connection.execute("INSERT INTO passages VALUES (?, ?)", (row, _json(encode(passage))))
        return True
    query = "SELECT passage FROM passages WHERE row = ?"
    first = decode(Passage, json.loads(connection.execute(query, known).fetchone()[0]))
    both = replace(first, places=first.places + passage.places)
    query = "UPDATE passages SET passage = ? WHERE row = ?"
    connection.execute(query, (_json(encode(both)), *known))
    return False


def _row(row: int, document: Document) -> tuple[Any, ...]:
    structure = encode(document)
    text, source = structure.pop("text"), structure.pop("source")
    return row, document.name, document.sha256, _json(source), text, _json(structure)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False)


class VectorWriter:
    """Vectors and their keys, written in row order. A key is the sha256 of the embedded text."""

    def __init__(self, base: Path, count: int, dim: int, method: Method) -> None:
        self._base = base
        self._keys = new_array(keys_file(base), KEY, (count,))
        self._exact = ExactVectors.empty(dim) if method is Method.EXACT else None
        self._rows = (
            new_array(rows_file(base), np.float16, (count, dim)) if self._exact is None else None
        )
        self._at = 0

    def add(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """The next rows; vectors of shape ``(len(keys), dim)``."""
        last = self._at + len(keys)
        if keys:
            self._keys[self._at : last] = keys
        if self._rows is None:
            assert self._exact is not None
            self._exact.add(vectors)
        else:
            self._rows[self._at : last] = vectors
        self._at = last

    def close(self) -> None:
        """Bring what was added to the disk.

        Raises:
            OSError: it cannot be written.
        """
        if self._exact is not None:
            self._exact.save(self._base)
        self._rows = None


def searchable(folder: Path, method: Method, progress: Progress) -> Trial:
    """Make the passage vectors that were written searchable, and try how well they are found.

    The trial's questions are units, of all over the index: sentences asked of passages.
    """
    if method is Method.EXACT:
        return Trial(recall=1.0, probes=0)
    units = RowFile.open(rows_file(folder / UNIT_VECTORS))
    tried = np.unique(np.linspace(0, len(units) - 1, _TRIED, dtype=np.int64))
    coding.write_codes(folder / UNIT_VECTORS)
    return coding.make(folder / PASSAGE_VECTORS, units.at(tried), progress)


def keys_file(base: Path) -> Path:
    """The file of the keys of vector rows."""
    return base.with_suffix(".keys.npy")


def read_keys(base: Path) -> Keys:
    """The keys of vector rows, mapped."""
    return open_array(keys_file(base))
