"""Nearest vectors by inner product, with FAISS: exact while that is fast, HNSW above it."""

from __future__ import annotations

from enum import StrEnum
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from corpus.errors import StoreError

Vectors = NDArray[np.float32]
Rows = NDArray[np.int64]

EXACT_UP_TO = 100_000  # exact search of so many, 384 long, takes 20 ms of processor time
_HNSW_LINKS = 32
_HNSW_BUILD_BREADTH = 200
_HNSW_SEARCH_BREADTH = 256


class Method(StrEnum):
    """How vectors are searched; recorded in the index's manifest."""

    EXACT = "exact"
    HNSW = "hnsw"


class VectorIndex:
    """Vectors by row number. Shapes: queries ``(n, dim)``, results ``(n, k)``."""

    def __init__(self, engine: Any, method: Method) -> None:
        self._engine = engine
        self.method = method

    @classmethod
    def from_vectors(cls, vectors: Vectors, exact_up_to: int = EXACT_UP_TO) -> VectorIndex:
        """Index float32 rows, shape ``(n, dim)``; the method is chosen by their number."""
        count, dim = vectors.shape
        engine: Any
        if count <= exact_up_to:
            engine, method = faiss.IndexFlatIP(dim), Method.EXACT
        else:
            engine = faiss.IndexHNSWFlat(dim, _HNSW_LINKS, faiss.METRIC_INNER_PRODUCT)
            engine.hnsw.efConstruction = _HNSW_BUILD_BREADTH
            engine.hnsw.efSearch = _HNSW_SEARCH_BREADTH
            method = Method.HNSW
        engine.add(np.ascontiguousarray(vectors, dtype=np.float32))
        return cls(engine, method)

    @classmethod
    def load(cls, file: Path, method: Method) -> VectorIndex:
        """Read what ``save`` wrote.

        Raises:
            StoreError: the file is no FAISS index of this method; names it.
        """
        try:
            engine = faiss.read_index(str(file))
        except RuntimeError as error:
            raise StoreError(
                f"The vectors in {file} are damaged; run 'bijsluiter index build'."
            ) from error
        expected = faiss.IndexFlatIP if method is Method.EXACT else faiss.IndexHNSWFlat
        if not isinstance(engine, expected):
            raise StoreError(
                f"The vectors in {file} are not of the kind {method} that the manifest says; "
                "run 'bijsluiter index build'."
            )
        return cls(engine, method)

    def save(self, file: Path) -> None:
        """Write in FAISS's own format.

        Raises:
            OSError: the file cannot be written whole.
        """
        data = faiss.serialize_index(self._engine)
        file.write_bytes(data.data)

    def __len__(self) -> int:
        return int(self._engine.ntotal)

    @property
    def dim(self) -> int:
        """Length of a vector."""
        return int(self._engine.d)

    def search(self, queries: Vectors, k: int) -> tuple[Vectors, Rows]:
        """Inner products and row numbers of the ``min(k, len(self))`` nearest, best first."""
        k = min(k, len(self))
        if k == 0 or len(queries) == 0:
            shape = (len(queries), k)
            return np.empty(shape, np.float32), np.empty(shape, np.int64)
        scores, rows = self._engine.search(np.ascontiguousarray(queries, dtype=np.float32), k)
        return scores, rows

    def rows(self, first: int, last: int) -> Vectors:
        """The vectors ``first`` up to ``last``, shape ``(last - first, dim)``."""
        vectors: Vectors = self._engine.reconstruct_n(first, last - first)
        return vectors

    def at(self, rows: Rows) -> Vectors:
        """The vectors of some rows, shape ``(len(rows), dim)``."""
        vectors: Vectors = self._engine.reconstruct_batch(rows)
        return vectors

    def all(self) -> Vectors:
        """Every vector, in row order, shape ``(len(self), dim)``."""
        if len(self) == 0:
            return np.empty((0, self.dim), dtype=np.float32)
        vectors: Vectors = self._engine.reconstruct_n(0, len(self))
        return vectors
