"""Making the approximate index of many vectors, and measuring what it misses.

Cells by k-means over a sample, 8-bit codes within them (FAISS's IVF with a scalar quantiser). How
many cells a search looks through is tried until the ten nearest are found as often as
``WANTED_RECALL``; what was reached goes into the manifest. The trial asks sentences of the index,
which is harder than questions: those are near to fewer passages (docs/benchmarks.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from index._progress import Progress
from index.vectors import CellVectors, RowFile, Vectors, rows_file, write_engine

WANTED_RECALL = 0.98
FOUND = 200  # by their codes, then measured again by their rows
_NEAREST = 10
_TRIALS = 200  # queries
_SAMPLED = 40  # vectors a cell, to find the cells' middles
_ROUNDS = 10  # of k-means
_FEWEST_PROBES = 8
_ROUNDING = 1e-5  # of an inner product, worked out in another order
_BLOCK = 32_768  # vectors in memory at a time


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial of the index gave: the share of the ten nearest found, and the cells looked
    through for it."""

    recall: float
    probes: int


def make(base: Path, queries: Vectors, progress: Progress) -> Trial:
    """Write the index of the rows in ``rows_file(base)``; tried on ``queries``, shape (n, dim)."""
    rows = np.load(rows_file(base), mmap_mode="r")
    engine = _trained(rows, progress)
    for first in range(0, len(rows), _BLOCK):
        engine.add(np.asarray(rows[first : first + _BLOCK], dtype=np.float32))
        progress("Indexing vectors", min(first + _BLOCK, len(rows)), len(rows))
    write_engine(engine, base)
    return _tried(engine, RowFile.open(rows_file(base)), rows, queries[:_TRIALS])


def _trained(rows: NDArray[np.float16], progress: Progress) -> Any:
    count, dim = rows.shape
    cells = max(1, min(int(4 * count**0.5), count // _SAMPLED))
    engine = faiss.IndexIVFScalarQuantizer(
        faiss.IndexFlatIP(dim),
        dim,
        cells,
        faiss.ScalarQuantizer.QT_8bit,
        faiss.METRIC_INNER_PRODUCT,
    )
    engine.cp.spherical = True  # middles of length 1, as the vectors are
    engine.cp.niter = _ROUNDS
    chosen = np.random.default_rng(0).choice(count, min(count, cells * _SAMPLED), replace=False)
    progress("Finding cells", 0, 1)
    engine.train(np.asarray(rows[np.sort(chosen)], dtype=np.float32))
    progress("Finding cells", 1, 1)
    return engine


def _tried(engine: Any, file: RowFile, rows: NDArray[np.float16], queries: Vectors) -> Trial:
    wanted = min(_NEAREST, len(rows)) * len(queries)
    least = _least(rows, queries)
    probes = _FEWEST_PROBES
    while True:
        probes = min(probes, engine.nlist)
        _, found = CellVectors(engine, file, probes).search(queries, FOUND)
        near = sum(
            min(_NEAREST, int((file.at(np.sort(some)) @ query >= one - _ROUNDING).sum()))
            for query, some, one in zip(queries, found, least, strict=True)
        )
        recall = near / wanted if wanted else 1.0
        if recall >= WANTED_RECALL or probes == engine.nlist:
            return Trial(round(recall, 4), probes)
        probes += probes // 2


def _least(rows: NDArray[np.float16], queries: Vectors) -> Vectors:
    """The inner product of each query's tenth nearest row, every row compared: (queries, 1)."""
    best = np.empty((len(queries), 0), dtype=np.float32)
    for first in range(0, len(rows), _BLOCK):
        block = np.asarray(rows[first : first + _BLOCK], dtype=np.float32)
        best = np.concatenate([best, queries @ block.T], axis=1)
        if best.shape[1] > _NEAREST:
            best = np.partition(best, -_NEAREST, axis=1)[:, -_NEAREST:]
    return best.min(axis=1, keepdims=True) if best.shape[1] else best
