"""Nearest vectors by inner product, with FAISS: exact while that is fast, by cells above it.

Small: all passages and units in flat FAISS indexes, searched exactly. Large: passages in an
inverted file (IVF) of 8-bit codes, whose finds are measured again against 16-bit rows on disk; of
units only such rows, looked up for the passages that are found. Rows are read from the file when
they are needed, not mapped: what a search holds in memory does not grow with what it ever touched.
"""

from __future__ import annotations

import errno
import os
from enum import StrEnum
from pathlib import Path
from typing import Any, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus.errors import StoreError

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
Allowed = NDArray[np.bool_]

EXACT_UP_TO = 60_000  # passages and units together: exact search of both takes 10 ms


class Method(StrEnum):
    """How vectors are searched; recorded in the index's manifest."""

    EXACT = "exact"
    IVF = "ivf"
    STORED = "stored"  # not searched: looked up for the passages that are found


class VectorIndex(Protocol):
    """Vectors by row number. Shapes: queries ``(n, dim)``, results ``(n, k)``."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    def __len__(self) -> int: ...

    def search(
        self, queries: Vectors, k: int, allowed: Allowed | None = None
    ) -> tuple[Vectors, Rows]:
        """Inner products and row numbers of the nearest, best first; fewer than ``k`` if there are
        no more. ``allowed``: which rows may be found, shape (rows,)."""

    def at(self, rows: Rows) -> Vectors:
        """The vectors of some rows, shape ``(len(rows), dim)``."""


def methods(passages: int, units: int) -> tuple[Method, Method]:
    """How so many passages and units are searched."""
    if passages + units <= EXACT_UP_TO:
        return Method.EXACT, Method.EXACT
    return Method.IVF, Method.STORED


def open_vectors(base: Path, method: Method, probes: int) -> VectorIndex:
    """The vectors in the files called ``base``.

    Raises:
        StoreError: a file is not of the kind that the manifest says; names it.
    """
    if method is Method.EXACT:
        return ExactVectors.load(base)
    rows = RowFile.open(rows_file(base))
    return rows if method is Method.STORED else CellVectors.load(base, rows, probes)


def rows_file(base: Path) -> Path:
    """The file of 16-bit rows."""
    return base.with_suffix(".rows.npy")


class ExactVectors:
    """All vectors in memory, every one compared."""

    def __init__(self, engine: Any) -> None:
        self._engine = engine

    @classmethod
    def empty(cls, dim: int) -> ExactVectors:
        """No vectors yet."""
        return cls(faiss.IndexFlatIP(dim))

    @classmethod
    def load(cls, base: Path) -> ExactVectors:
        """Read what ``save`` wrote; StoreError where it is no flat index."""
        return cls(_read(base, faiss.IndexFlatIP, 0))

    def add(self, vectors: Vectors) -> None:
        """Put vectors, shape ``(n, dim)``, behind the others."""
        self._engine.add(np.ascontiguousarray(vectors, dtype=np.float32))

    def save(self, base: Path) -> None:
        """Write in FAISS's own format; OSError where it cannot be written whole."""
        write_engine(self._engine, base)

    def __len__(self) -> int:
        return int(self._engine.ntotal)

    @property
    def dim(self) -> int:
        return int(self._engine.d)

    def search(
        self, queries: Vectors, k: int, allowed: Allowed | None = None
    ) -> tuple[Vectors, Rows]:
        parameters, _bits = _only(allowed, faiss.SearchParameters)
        return _searched(self._engine, queries, min(k, len(self)), parameters)

    def at(self, rows: Rows) -> Vectors:
        vectors: Vectors = self._engine.reconstruct_batch(rows)
        return vectors


class RowFile:
    """Vectors as 16-bit rows in a file, read by number. Threads may share it."""

    def __init__(self, file: Path, offset: int, count: int, dim: int) -> None:
        self._file = file
        self._stream = file.open("rb", buffering=0)
        self._offset = offset
        self._count = count
        self.dim = dim

    @classmethod
    def open(cls, file: Path) -> RowFile:
        """Raises StoreError where the file holds no 16-bit rows."""
        try:
            rows = np.load(file, mmap_mode="r")
        except (OSError, ValueError, EOFError) as error:
            raise _damaged(file) from error
        if rows.dtype != np.float16 or rows.ndim != 2:
            raise _damaged(file)
        return cls(file, rows.offset, *rows.shape)

    def __len__(self) -> int:
        return self._count

    def search(
        self, queries: Vectors, k: int, allowed: Allowed | None = None
    ) -> tuple[Vectors, Rows]:
        shape = (len(queries), 0)
        return np.empty(shape, np.float32), np.empty(shape, np.int64)

    def at(self, rows: Rows) -> Vectors:
        found = np.empty((len(rows), self.dim), dtype=np.float16)
        size = found.itemsize * self.dim
        ends = [*(np.flatnonzero(np.diff(rows) != 1) + 1).tolist(), len(rows)]
        first = 0
        for last in ends if len(rows) else ():
            run = found[first:last]  # neighbours are read at once
            place = self._offset + int(rows[first]) * size
            if os.preadv(self._stream.fileno(), [run.data], place) != run.nbytes:
                raise _damaged(self._file)
            first = last
        return found.astype(np.float32)


class CellVectors:
    """Vectors in cells, of which a search looks through the nearest: FAISS's inverted file.

    A search measures by 8-bit codes; ``at`` gives the rows to measure again by.
    """

    def __init__(self, engine: Any, rows: RowFile, probes: int) -> None:
        self._engine = engine
        self._rows = rows
        self._probes = probes

    @classmethod
    def load(cls, base: Path, rows: RowFile, probes: int) -> CellVectors:
        """Map what ``index.cells`` wrote; StoreError where it is no inverted file of the rows."""
        flags = faiss.IO_FLAG_MMAP | faiss.IO_FLAG_READ_ONLY
        engine = _read(base, faiss.IndexIVFScalarQuantizer, flags)
        if (engine.ntotal, engine.d) != (len(rows), rows.dim):
            raise _damaged(_faiss_file(base))
        return cls(engine, rows, probes)

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def dim(self) -> int:
        return self._rows.dim

    def search(
        self, queries: Vectors, k: int, allowed: Allowed | None = None
    ) -> tuple[Vectors, Rows]:
        # the nearest cells may hold none of the few that are allowed: then all are looked through
        probes = self._probes if allowed is None else self._engine.nlist
        parameters, _bits = _only(allowed, faiss.SearchParametersIVF, nprobe=probes)
        scores, rows = _searched(self._engine, queries, min(k, len(self)), parameters)
        least = int((rows >= 0).sum(axis=1).min(initial=rows.shape[1]))
        return scores[:, :least], rows[:, :least]  # the cells may hold fewer than were asked for

    def at(self, rows: Rows) -> Vectors:
        return self._rows.at(rows)


def _searched(engine: Any, queries: Vectors, k: int, parameters: Any) -> tuple[Vectors, Rows]:
    if k == 0 or len(queries) == 0:
        shape = (len(queries), k)
        return np.empty(shape, np.float32), np.empty(shape, np.int64)
    queries = np.ascontiguousarray(queries, dtype=np.float32)
    scores, rows = engine.search(queries, k, params=parameters)
    return scores, rows


def _only(allowed: Allowed | None, kind: Any, **more: Any) -> tuple[Any, Any]:
    """Search parameters, and the memory that they point to: keep both until the search is done."""
    if allowed is None:
        return kind(**more), None
    bits = np.packbits(allowed, bitorder="little")
    selector: Any = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
    return kind(sel=selector, **more), (bits, selector)


def _faiss_file(base: Path) -> Path:
    return base.with_suffix(".faiss")


def _read(base: Path, kind: Any, flags: int) -> Any:
    file = _faiss_file(base)
    try:
        engine = faiss.read_index(str(file), flags)
    except RuntimeError as error:
        raise _damaged(file) from error
    if not isinstance(engine, kind):
        raise StoreError(
            f"The vectors in {file} are not of the kind that the manifest says; "
            "run 'bijsluiter index build'."
        )
    return engine


def write_engine(engine: Any, base: Path) -> None:
    """Write in FAISS's own format; OSError where it cannot be written whole."""
    file = _faiss_file(base)
    try:
        faiss.write_index(engine, str(file))
    except RuntimeError as error:
        # FAISS has no errno: what it cannot write here is a full disk.
        raise OSError(errno.ENOSPC, str(error), str(file)) from error


def _damaged(file: Path) -> StoreError:
    return StoreError(f"The vectors in {file} are damaged; run 'bijsluiter index build'.")
