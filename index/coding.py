"""Making very many vectors searchable by codes, and measuring what that misses.

Of every vector two codes are kept: 4 bits for every two dimensions (FAISS's product quantiser),
which all are compared by, and 8 bits along each of the axes in which vectors differ most, which the
nearest of those are measured again by (``index.vectors``). How many those are is tried until the
ten nearest are among them as often as ``WANTED_RECALL``; what was reached goes into the manifest.
The trial asks sentences of the index.

Cells (an inverted file) were tried and left: vectors of one field lie so close together that a
third of all cells had to be looked through, and finding the cells took most of the build.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import faiss
import numpy as np
from numpy.typing import NDArray

from index._arrays import new_array, open_array
from index._progress import Progress
from index.vectors import (
    CodedVectors,
    Rows,
    Scale,
    Vectors,
    codes_file,
    open_coded,
    rows_file,
    scale_file,
    write_engine,
)

WANTED_RECALL = 0.98
LOOKED_AT = 0.02  # of all vectors, at least: words may lead to one that is not among the nearest
_FEWEST = 1000  # vectors looked at
_NEAREST = 10
_TRIALS = 200  # queries
_SAMPLED = 50_000  # vectors that codes are fitted to
_ROUNDING = 1e-5  # of an inner product, worked out in another order
_AXES = 128  # that are coded, at least, and a third of a vector's dimensions: a product is off by
# 0.003, what a passage and its best unit differ by four times that
_SMALLEST = 1e-6  # spread along an axis
_CENTRES = 16  # of a code; there must be as many vectors
_BLOCK = 32_768  # vectors in memory at a time


@dataclass(frozen=True, slots=True)
class Trial:
    """What a trial of the index gave: the share of the ten nearest found, and how many vectors were
    measured again for it."""

    recall: float
    probes: int


def make(base: Path, queries: Vectors, progress: Progress) -> Trial:
    """Write the codes of the rows in ``rows_file(base)``; tried on ``queries``, shape (n, dim)."""
    rows = open_array(rows_file(base))
    engine = _fitted(rows, progress)
    for first in range(0, len(rows), _BLOCK):
        engine.add(np.asarray(rows[first : first + _BLOCK], dtype=np.float32))
        progress("Indexing vectors", min(first + _BLOCK, len(rows)), len(rows))
    write_engine(engine, base)
    write_codes(base)
    return _tried(base, rows, queries[:_TRIALS])


def write_codes(base: Path) -> None:
    """Write the 8-bit codes of the rows in ``rows_file(base)``."""
    rows = open_array(rows_file(base))
    count = len(rows)
    scale = _scale(_sample(rows))
    np.savez(scale_file(base), allow_pickle=False, **scale._asdict())
    codes = new_array(codes_file(base), np.uint8, (count, len(scale.step)))
    for first in range(0, count, _BLOCK):
        block = (rows[first : first + _BLOCK].astype(np.float32) - scale.middle) @ scale.axes
        block -= scale.least
        block /= scale.step
        codes[first : first + _BLOCK] = np.clip(np.rint(block, out=block), 0, 255, out=block)


def _scale(sample: Vectors) -> Scale:
    dim = sample.shape[1]
    middle = sample.mean(axis=0) if len(sample) else np.zeros(dim, np.float32)
    around = sample - middle
    kept = min(dim, max(_AXES, dim // 3))
    # of the vectors, not around their middle: questions reach far along that one too
    axes = np.linalg.eigh(sample.T @ sample)[1][:, ::-1][:, :kept].astype(np.float32)
    along = around @ axes
    # what lies beyond the sample's ends is measured exactly if it is ever found
    least, most = along.min(axis=0, initial=0), along.max(axis=0, initial=0)
    return Scale(middle, axes, least, np.maximum(most - least, _SMALLEST) / 255)


def _fitted(rows: NDArray[np.float16], progress: Progress) -> faiss.IndexPQFastScan:
    dim = rows.shape[1]
    # a pair of dimensions goes in 4 bits; an odd number of them cannot be paired
    # by distance, not by product: of vectors of length 1 that is the same order, and what a code
    # lacks of a vector's length then counts for it (0.004 off instead of 0.0055)
    engine = faiss.IndexPQFastScan(dim, dim // (2 - dim % 2), 4, faiss.METRIC_L2)
    progress("Fitting codes", 0, 1)
    sample = _sample(rows)
    engine.train(np.resize(sample, (max(_CENTRES, len(sample)), dim)))
    progress("Fitting codes", 1, 1)
    return engine


def _sample(rows: NDArray[np.float16]) -> Vectors:
    count = len(rows)
    chosen = np.random.default_rng(0).choice(count, min(count, _SAMPLED), replace=False)
    sample: Vectors = rows[np.sort(chosen)].astype(np.float32)
    return sample


def _tried(base: Path, rows: NDArray[np.float16], queries: Vectors) -> Trial:
    wanted = min(_NEAREST, len(rows)) * len(queries)
    least = _least(rows, queries)
    looked = max(_FEWEST, int(len(rows) * LOOKED_AT))
    while True:
        looked = min(looked, len(rows))
        index: CodedVectors = open_coded(base, looked)
        near = 0
        for query, enough in zip(queries, least, strict=True):
            products = _products(rows, np.sort(index.roughly(query, _NEAREST)[1]), query)
            near += min(_NEAREST, int((products >= enough - _ROUNDING).sum()))
        recall = near / wanted if wanted else 1.0
        if recall >= WANTED_RECALL or looked == len(rows):
            return Trial(round(recall, 4), looked)
        looked *= 2


def _products(rows: NDArray[np.float16], some: Rows, query: Vectors) -> Vectors:
    products: Vectors = rows[some].astype(np.float32) @ query
    return products


def _least(rows: NDArray[np.float16], queries: Vectors) -> Vectors:
    """The inner product of each query's tenth nearest row, every row compared: (queries, 1)."""
    best = np.empty((len(queries), 0), dtype=np.float32)
    for first in range(0, len(rows), _BLOCK):
        block = np.asarray(rows[first : first + _BLOCK], dtype=np.float32)
        best = np.concatenate([best, queries @ block.T], axis=1)
        if best.shape[1] > _NEAREST:
            best = np.partition(best, -_NEAREST, axis=1)[:, -_NEAREST:]
    return best.min(axis=1, keepdims=True) if best.shape[1] else best
