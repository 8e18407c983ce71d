"""Nearest vectors by inner product, with FAISS: exact while that is fast, by codes above it.

Small: all passages and units in flat FAISS indexes, searched exactly. Large: passages are all
compared by codes of 4 bits for two dimensions, in memory, and the nearest measured again by finer
codes along the axes in which vectors differ most, in a mapped file; of units there are only such
codes, looked up for the passages that are found. Of both there are 16-bit rows on disk, read for
the few that are left: not mapped, so that they never count as memory.
"""

from __future__ import annotations

import errno
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, nullcontext
from enum import StrEnum
from functools import partial
from pathlib import Path
from typing import Any, NamedTuple, Protocol

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus.errors import StoreError
from index._arrays import open_array

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]
Allowed = NDArray[np.bool_]

EXACT_UP_TO = 60_000  # passages and units together: exact search of both takes 10 ms
PARTS = 2  # that vectors are compared in by codes, a thread each
_FEW = 8  # a filter that lets through a smaller share than one in so many has all those compared
_WIDER = 10  # times as many as are wanted are measured by their rows
_BESIDE = 8  # questions that are compared at once
_AT_A_TIME = 8192  # rows whose codes are multiplied at a time: 4 MB


class Method(StrEnum):
    """How vectors are searched; recorded in the index's manifest."""

    EXACT = "exact"
    CODES = "codes"
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
    return Method.CODES, Method.STORED


def open_vectors(base: Path, method: Method, probes: int) -> VectorIndex:
    """The vectors in the files called ``base``.

    Raises:
        StoreError: a file is not of the kind that the manifest says; names it.
    """
    if method is Method.EXACT:
        return ExactVectors.load(base)
    return open_stored(base) if method is Method.STORED else open_coded(base, probes)


def open_stored(base: Path) -> StoredVectors:
    """Vectors to look up; StoreError where a file is damaged."""
    rows = RowFile.open(rows_file(base))
    return StoredVectors(rows, CodeFile.open(base, rows))


def open_coded(base: Path, probes: int) -> CodedVectors:
    """Vectors to search by codes; StoreError where a file is damaged or not of the rows."""
    rows = RowFile.open(rows_file(base))
    engines = []
    for part in range(PARTS):
        engine = _read(part_of(base, part), faiss.IndexPreTransform, 0)
        coded = isinstance(faiss.downcast_index(engine.index), faiss.IndexPQFastScan)
        wanted = len(range(part, len(rows), PARTS)), rows.dim
        if not coded or (engine.ntotal, engine.d) != wanted:
            raise _damaged(_faiss_file(part_of(base, part)))
        engines.append(engine)
    return CodedVectors(rows, CodeFile.open(base, rows), engines, probes)


def part_of(base: Path, part: int) -> Path:
    """What the files of a part of the vectors are called: rows ``part``, ``part + PARTS``, …"""
    return base.with_name(f"{base.name}-{part}")


def rows_file(base: Path) -> Path:
    """The file of 16-bit rows."""
    return base.with_suffix(".rows.npy")


def codes_file(base: Path) -> Path:
    """The file of the finer codes."""
    return base.with_suffix(".codes.npy")


def scale_file(base: Path) -> Path:
    """The file of what the finer codes stand for: the arrays of ``Scale``."""
    return base.with_suffix(".scale.npz")


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
        parameters, _bits = _only(allowed)
        return _searched(self._engine, queries, min(k, len(self)), parameters)

    def at(self, rows: Rows) -> Vectors:
        return self._every[rows]

    def products(self, query: Vectors) -> Vectors:
        """The inner product of every row with one query, shape (rows,)."""
        # einsum, not @: that would wake other threads for a tenth of a millisecond's work
        found: Vectors = np.einsum("rd,d->r", self._every, query)
        return found

    @property
    def _every(self) -> Vectors:
        """The rows where FAISS has them; valid until more are added."""
        every: Vectors = faiss.rev_swig_ptr(self._engine.get_xb(), len(self) * self.dim)
        return every.reshape(-1, self.dim)


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

    def at(self, rows: Rows) -> Vectors:
        size = np.dtype(np.float16).itemsize * self.dim
        firsts = np.flatnonzero(np.append(True, np.diff(rows) != 1)[: len(rows)])
        lengths = np.diff(firsts, append=len(rows)) * size  # neighbours are read at once
        places = self._offset + rows[firsts] * size
        file = self._stream.fileno()
        runs = map(partial(os.pread, file), lengths.tolist(), places.tolist())
        found = b"".join(runs)
        if len(found) != len(rows) * size:
            raise _damaged(self._file)
        return np.frombuffer(found, np.float16).reshape(-1, self.dim).astype(np.float32)


class Scale(NamedTuple):
    """What the finer codes stand for: a vector is about ``middle + axes @ (least + step * code)``.

    Shapes: middle (dim,), axes (dim, kept), least and step (kept,). A row of codes has a byte for
    each of the first axes; of the last ones, two share a byte, ``packed`` says how.
    """

    middle: Vectors
    axes: Vectors
    least: Vectors
    step: Vectors


def packed(codes: NDArray[np.uint8], width: int) -> NDArray[np.uint8]:
    """Codes, shape (n, kept), in ``width`` bytes a row, at least half of ``kept``: what is over
    stands in the high half of the last bytes. Codes that share a byte are less than 16."""
    rows = codes[:, :width].copy()
    rows[:, 2 * width - codes.shape[1] :] |= codes[:, width:] << 4
    return rows


class CodeFile:
    """Vectors as codes along the axes in which they differ most, in a mapped file: products that
    are off by a thousandth or two, at the price of looking. Threads may share it."""

    def __init__(self, codes: NDArray[np.uint8], scale: Scale) -> None:
        self._codes = codes
        self._scale = scale

    @classmethod
    def open(cls, base: Path, rows: RowFile) -> CodeFile:
        """Raises StoreError where the file holds no codes of the rows."""
        file = codes_file(base)
        try:
            codes = open_array(file)
            with np.load(scale_file(base), allow_pickle=False) as found:
                scale = Scale(*(found[name] for name in Scale._fields))
        except (OSError, ValueError, EOFError, KeyError) as error:
            raise _damaged(file) from error
        kept = len(scale.step)
        if codes.dtype != np.uint8 or codes.ndim != 2 or len(codes) != len(rows):
            raise _damaged(file)
        if not codes.shape[1] <= kept <= 2 * codes.shape[1] or scale.axes.shape != (rows.dim, kept):
            raise _damaged(file)
        return cls(codes, scale)

    def products(self, rows: Rows, query: Vectors) -> Vectors:
        """About the inner product of some rows with one query, shape (rows,)."""
        along = query @ self._scale.axes
        weighed = along * self._scale.step
        width = self._codes.shape[1]
        low, high = weighed[:width].copy(), weighed[width:].copy()
        shared = slice(width - len(high), None)
        high -= 16 * low[shared]  # a byte that is shared counts 16 times its high half too much
        found = np.empty(len(rows), dtype=np.float32)
        for first in range(0, len(rows), _AT_A_TIME):
            # take, not []: six times as fast; vecdot, not @: that would wake other threads
            block = self._codes.take(rows[first : first + _AT_A_TIME], axis=0)
            some = found[first : first + _AT_A_TIME]
            np.vecdot(block.astype(np.float32), low, out=some)
            some += np.vecdot((block[:, shared] >> 4).astype(np.float32), high)
        found += along @ self._scale.least + query @ self._scale.middle
        return found


class StoredVectors:
    """Vectors that are not searched but looked up: nearly by their codes, exactly by their rows."""

    def __init__(self, rows: RowFile, codes: CodeFile) -> None:
        self._rows = rows
        self._codes = codes

    def __len__(self) -> int:
        return len(self._rows)

    @property
    def dim(self) -> int:
        return self._rows.dim

    def search(
        self, queries: Vectors, k: int, allowed: Allowed | None = None
    ) -> tuple[Vectors, Rows]:
        shape = (len(queries), 0)
        return np.empty(shape, np.float32), np.empty(shape, np.int64)

    def at(self, rows: Rows) -> Vectors:
        return self._rows.at(rows)

    def products(self, rows: Rows, query: Vectors) -> Vectors:
        """About the inner product of some rows with one query, shape (rows,)."""
        return self._codes.products(rows, query)


class CodedVectors(StoredVectors):
    """Vectors of length 1, all compared by 4-bit codes, and the nearest again by finer ones."""

    def __init__(self, rows: RowFile, codes: CodeFile, engines: Sequence[Any], probes: int) -> None:
        super().__init__(rows, codes)
        self._engines = engines  # rows go round: part p has the rows p, p + PARTS, …
        self._probes = probes
        # for parts beside that of the thread that asks; what runs here never waits for another
        self._beside = ThreadPoolExecutor(_BESIDE, "compare")

    def search(
        self, queries: Vectors, k: int, allowed: Allowed | None = None
    ) -> tuple[Vectors, Rows]:
        found = [self._nearest(query, k, allowed) for query in queries]
        least = min((len(rows) for _, rows in found), default=0)
        shape = (len(found), least)
        scores = np.array([scores[:least] for scores, _ in found], np.float32).reshape(shape)
        return scores, np.array([rows[:least] for _, rows in found], np.int64).reshape(shape)

    def _nearest(self, query: Vectors, k: int, allowed: Allowed | None) -> tuple[Vectors, Rows]:
        _, rows = self.roughly(query, k, allowed)
        products = self.products(rows, query)
        rows = np.sort(rows[np.argsort(-products)[: _WIDER * k]])
        products = self.at(rows) @ query
        best = np.argsort(-products)[:k]
        return products[best], rows[best]

    def roughly(
        self, query: Vectors, k: int, allowed: Allowed | None = None
    ) -> tuple[Vectors, Rows]:
        """As many of the nearest as are worth another look, at least ``k`` if there are, in no
        order; by 4-bit codes: products are off by a hundredth, but for few that are allowed."""
        others = [
            self._beside.submit(self.roughly_in, part, query, k, allowed)
            for part in range(1, PARTS)
        ]
        found = [self.roughly_in(0, query, k, allowed), *(other.result() for other in others)]
        products, rows = (np.concatenate(each) for each in zip(*found, strict=True))
        return products, rows

    def roughly_in(
        self, part: int, query: Vectors, k: int, allowed: Allowed | None = None
    ) -> tuple[Vectors, Rows]:
        """What ``roughly`` finds in one part: of the rows ``part``, ``part + PARTS``, …"""
        most, within = max(k, self._probes), len(self)
        if allowed is not None:
            passing = int(allowed.sum())
            if passing <= max(most, within // _FEW):
                rows = np.flatnonzero(allowed[part::PARTS]) * PARTS + part
                return self.products(rows, query), rows
            most = 2 * most * within // passing
        most = -(-min(most, within) // PARTS)  # of each part: rows go round, so they are alike
        products, found = _compared(self._engines[part], query, most)
        products /= -2
        products += 1  # of vectors of length 1
        found = found * PARTS + part
        if allowed is not None:
            kept = allowed[found]
            products, found = products[kept], found[kept]
        return products, found


def _compared(engine: Any, query: Vectors, most: int) -> tuple[Vectors, Rows]:
    """The distances of about the nearest in a part and their rows in it, in no order."""
    distances, rows = _searched(engine, query[None], min(most, engine.ntotal), None)
    there = rows[0] >= 0
    return distances[0][there], rows[0][there]


def _searched(engine: Any, queries: Vectors, k: int, parameters: Any) -> tuple[Vectors, Rows]:
    if k == 0 or len(queries) == 0:
        shape = (len(queries), k)
        return np.empty(shape, np.float32), np.empty(shape, np.int64)
    queries = np.ascontiguousarray(queries, dtype=np.float32)
    with _one_thread() if len(queries) == 1 else nullcontext():
        scores, rows = engine.search(queries, k, params=parameters)
    return scores, rows


@contextmanager
def _one_thread() -> Iterator[None]:
    """For what takes a millisecond: FAISS would wake a thread a core, and have all but one spin.
    The number is that of the thread that asks."""
    threads = faiss.omp_get_max_threads()
    faiss.omp_set_num_threads(1)
    try:
        yield
    finally:
        faiss.omp_set_num_threads(threads)


def _only(allowed: Allowed | None) -> tuple[Any, Any]:
    """Search parameters, and the memory that they point to: keep both until the search is done."""
    if allowed is None:
        return faiss.SearchParameters(), None
    bits = np.packbits(allowed, bitorder="little")
    selector: Any = faiss.IDSelectorBitmap(bits)  # type: ignore[call-arg, arg-type]
    return faiss.SearchParameters(sel=selector), (bits, selector)  # type: ignore[call-arg]


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
