"""Making very many vectors searchable by codes, and measuring what that misses.

Of every vector two codes are kept, both along the axes in which vectors differ most: one that all
are compared by, 4 bits for every two of such axes, turned so that each tells as much (FAISS's
product quantiser), and a finer one, which the nearest of those are measured again by
(``index.vectors``). How many those are is tried until the ten nearest are among them as often as
``WANTED_RECALL``; what was reached goes into the manifest. The trial asks sentences of the index.

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
    PARTS,
    CodedVectors,
    Rows,
    Scale,
    Vectors,
    codes_file,
    open_coded,
    packed,
    part_of,
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
_COMPARED = 224  # axes, at most, that all are compared by: of 384 nearly as good as all, in half
# the time, for memory is what it waits for
_WIDTH = 128  # bytes of a finer code, at least, and a third of a vector's dimensions
_WHOLE = 16  # axes that have a byte each; all others half a byte: a product is off by 0.0016, where
# as many bytes of an axis each leave it off by 0.003
_REACH = (
    2.7  # standard deviations from the mean that half a byte reaches: least error with 16 steps
)
_SMALLEST = 1e-6  # spread along an axis
_CENTRES = 16  # of a code; there must be as many vectors, and as many as dimensions
_NOISE = 1e-3  # of an axis of a vector of length 1, where rows are repeated to have enough
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
    fitted = _fitted(rows, progress)
    engines = [faiss.clone_index(fitted) for _ in range(PARTS)]
    for first in range(0, len(rows), _BLOCK):
        block = np.asarray(rows[first : first + _BLOCK], dtype=np.float32)
        for part, engine in enumerate(engines):
            own = np.ascontiguousarray(block[part::PARTS])  # a block begins with the first part
            if len(own):  # FAISS crashes on none
                engine.add(own)
        progress("Indexing vectors", min(first + _BLOCK, len(rows)), len(rows))
    for part, engine in enumerate(engines):
        write_engine(engine, part_of(base, part))
    write_codes(base)
    return _tried(base, rows, queries[:_TRIALS])


def write_codes(base: Path) -> None:
    """Write the finer codes of the rows in ``rows_file(base)``."""
    rows = open_array(rows_file(base))
    count, dim = rows.shape
    width = min(dim, max(_WIDTH, dim // 3))
    whole = max(min(_WHOLE, width), 2 * width - dim)  # a short vector has room for more
    steps = np.where(np.arange(2 * width - whole) < whole, 255, 15).astype(np.float32)
    scale = _scale(_sample(rows), steps)
    np.savez(scale_file(base), allow_pickle=False, **scale._asdict())
    codes = new_array(codes_file(base), np.uint8, (count, width))
    for first in range(0, count, _BLOCK):
        block = (rows[first : first + _BLOCK].astype(np.float32) - scale.middle) @ scale.axes
        block -= scale.least
        block /= scale.step
        np.clip(np.rint(block, out=block), 0, steps, out=block)
        codes[first : first + _BLOCK] = packed(block.astype(np.uint8), width)


def _scale(sample: Vectors, steps: Vectors) -> Scale:
    """``steps``: the highest code of each axis that is kept."""
    dim = sample.shape[1]
    middle = sample.mean(axis=0) if len(sample) else np.zeros(dim, np.float32)
    around = sample - middle
    # of the vectors, not around their middle: questions reach far along that one too
    axes = np.linalg.eigh(sample.T @ sample)[1][:, ::-1][:, : len(steps)].astype(np.float32)
    along = around @ axes
    # what lies beyond the ends is measured exactly if it is ever found
    least, most = along.min(axis=0, initial=0), along.max(axis=0, initial=0)
    if len(sample):
        reach = np.where(steps < 255, _REACH * along.std(axis=0), np.inf)
        mean = along.mean(axis=0)
        least, most = np.maximum(least, mean - reach), np.minimum(most, mean + reach)
    step = np.maximum(most - least, _SMALLEST) / steps
    return Scale(middle, axes, least.astype(np.float32), step.astype(np.float32))


def _fitted(rows: NDArray[np.float16], progress: Progress) -> faiss.Index:
    dim = rows.shape[1]
    # a pair of axes goes in 4 bits; an odd one out is left
    compared = min(dim - dim % 2, _COMPARED) or dim
    # by distance, not by product: of vectors of length 1 that is the same order, and what a code
    # lacks of a vector's length then counts for it (0.004 off instead of 0.0055)
    kind = f"PCAR{compared},PQ{max(compared // 2, 1)}x4fs"
    engine = faiss.index_factory(dim, kind, faiss.METRIC_L2)
    progress("Fitting codes", 0, 1)
    engine.train(_enough(_sample(rows), max(_CENTRES, dim)))
    progress("Fitting codes", 1, 1)
    return engine


def _sample(rows: NDArray[np.float16]) -> Vectors:
    count = len(rows)
    chosen = np.random.default_rng(0).choice(count, min(count, _SAMPLED), replace=False)
    sample: Vectors = rows[np.sort(chosen)].astype(np.float32)
    return sample


def _enough(sample: Vectors, least: int) -> Vectors:
    """The sample, repeated with a little noise up to ``least`` rows: of rows that are all the same
    FAISS makes tables without a range, and divides by it."""
    if len(sample) >= least:
        return sample
    repeated = np.resize(sample, (least, sample.shape[1]))
    noise = np.random.default_rng(0).normal(scale=_NOISE, size=repeated.shape)
    enough: Vectors = (repeated + noise).astype(np.float32)
    return enough


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
