"""Vectors that a builder made, kept beside the index until it is published.

A builder that is killed has lost at most one batch: the next one finds the rest here.
"""

from __future__ import annotations

import errno
import shutil
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from index.vectors import Vectors

_FOLDER = "work"


class Work:
    """Vectors by the key of their text, made by one encoder. Only the holder of the lock opens it.

    Raises:
        OSError: there is no room.
    """

    def __init__(self, root: Path, fingerprint: str, dim: int) -> None:
        self._folder = root / _FOLDER
        self._dim = dim
        self._folder.mkdir(parents=True, exist_ok=True)
        file = self._folder / f"{fingerprint.rpartition(':')[2]}.sqlite"
        try:
            self._open(file)
        except sqlite3.DatabaseError:  # torn, by a machine that went down: begin anew
            file.unlink(missing_ok=True)
            self._open(file)

    def _open(self, file: Path) -> None:
        self._connection = sqlite3.connect(file)
        self._connection.execute(
            "CREATE TABLE IF NOT EXISTS made (key BLOB PRIMARY KEY, vector BLOB NOT NULL)"
        )

    def get(self, key: bytes) -> Vectors | None:
        """The vector of a text, shape (dim,); None where it was not made yet."""
        query = "SELECT vector FROM made WHERE key = ?"
        found = self._connection.execute(query, (key,)).fetchone()
        if found is None or len(found[0]) != 4 * self._dim:
            return None
        return np.frombuffer(found[0], dtype=np.float32)

    def put(self, keys: Sequence[bytes], vectors: Vectors) -> None:
        """Keep vectors, shape ``(len(keys), dim)``: all of them or none."""
        rows = ((key, vector.tobytes()) for key, vector in zip(keys, vectors, strict=True))
        try:
            with self._connection:
                self._connection.executemany("INSERT OR REPLACE INTO made VALUES (?, ?)", rows)
        except sqlite3.OperationalError as error:
            # SQLite has no errno: what it cannot write here is a full disk.
            raise OSError(errno.ENOSPC, str(error)) from error

    def close(self, keep: bool) -> None:
        """Done; what was made is thrown away unless it is to be kept for a next try."""
        self._connection.close()
        if not keep:
            shutil.rmtree(self._folder, ignore_errors=True)
