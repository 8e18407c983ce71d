"""Vectors for very many passages, drawn instead of encoded.

A thousand generated passages, their sentences, and the sentences that those were made from are
encoded for real. How the vector of a changed sentence goes with that of the one it was made from,
and that of a passage with the mean of its sentences, is fitted to those; what the fit leaves is
mixed of a few real passages, drawn for each. So words and meaning go together as they do in text,
and no two passages are nearer to each other than real ones are (docs/benchmarks.md).
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from eval.bench import generated
from index.embedding import Embedder, Vectors, normalised
from index.passages import embedding_text, unit_embedding_text

Numbers = NDArray[np.int64]
_ENCODED = 1000  # passages
_MIXED = 4  # real passages; of one alone, a thousand drawn ones would be the same but for words


@dataclass(frozen=True, slots=True)
class _Law:
    """What is known of one kind of vectors from another: a line, and what is left, for real."""

    slope: float
    base: Vectors  # shape (dim,)
    left: Vectors  # shape (n, dim)

    @classmethod
    def of(cls, known: Vectors, sought: Vectors) -> _Law:
        """The line of least squares, so that what is left says nothing of what is known."""
        first, second = known - known.mean(axis=0), sought - sought.mean(axis=0)
        slope = float((first * second).sum() / (first * first).sum())
        base = sought.mean(axis=0) - slope * known.mean(axis=0)
        return cls(slope, base, sought - base - slope * known)

    def draw(self, known: Vectors, real: Numbers, shares: Vectors) -> Vectors:
        """Vectors for what is known, with what is left of these real ones, mixed; shape (n, dim).

        ``real``, ``shares``: which, and how much of each, shape (n, mixed); the squares of a row
        of shares sum to 1, so what is left varies as much as it does for real.
        """
        drawn = self.base + np.float32(self.slope) * known
        for one, share in zip(real.T, shares.T, strict=True):
            drawn += self.left[one] * share[:, None]
        return normalised(drawn)


@dataclass(frozen=True, slots=True)
class Drawn:
    """Real vectors of the sentences that all are made from, shape (sentences, dim); how changed
    sentences go with those, and passages with the mean of their sentences."""

    sentences: Vectors
    changed: _Law
    whole: _Law
    sizes: Numbers  # sentences of each real passage

    @classmethod
    def of(cls, embedder: Embedder, cache: Path) -> Drawn:
        """Encode generated passages, or read them from ``cache`` where that was done before."""
        made = list(generated.documents(_ENCODED))
        passages = [passage for one in made for passage in one.passages]
        if not cache.exists():
            units = [unit_embedding_text(p, unit) for p in passages for unit in p.units]
            cache.parent.mkdir(parents=True, exist_ok=True)
            np.savez(
                cache,
                sentences=embedder.embed_passages(generated.sentences()),
                units=embedder.embed_passages(units),
                passages=embedder.embed_passages([embedding_text(p) for p in passages]),
            )
        with np.load(cache) as real:
            sentences, units, whole = (real[n] for n in ("sentences", "units", "passages"))
        origins = np.array([number for one in made for number in one.origins])
        sizes = np.array([len(passage.units) for passage in passages])
        changed = _Law.of(sentences[origins], units)
        return cls(sentences, changed, _Law.of(_means(units, sizes), whole), sizes)

    def draw(
        self, origins: Numbers, sizes: Numbers, chance: np.random.Generator
    ) -> tuple[Vectors, Vectors]:
        """Vectors of passages of so many sentences each, and of the sentences, made from those of
        the numbers ``origins``: shapes (len(sizes), dim) and (len(origins), dim)."""
        # of as many sentences: they have a heading in common, and differ as those do
        order = np.argsort(self.sizes, kind="stable")
        count = np.bincount(self.sizes, minlength=int(sizes.max()) + 1)
        first = (np.cumsum(count) - count)[sizes][:, None]
        nth = (chance.random((len(sizes), _MIXED)) * count[sizes][:, None]).astype(np.int64)
        real = order[first + nth]
        shares = normalised(chance.random(real.shape, dtype=np.float32))
        within = np.arange(len(origins)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
        starts = np.cumsum(self.sizes) - self.sizes
        places = np.repeat(starts[real], sizes, axis=0) + within[:, None]
        units = self.changed.draw(self.sentences[origins], places, np.repeat(shares, sizes, axis=0))
        return self.whole.draw(_means(units, sizes), real, shares), units


def _means(units: Vectors, sizes: Numbers) -> Vectors:
    """The mean vector of each passage's units."""
    starts = np.cumsum(sizes) - sizes
    sums = np.add.reduceat(units, starts, axis=0)
    means: Vectors = np.divide(sums, sizes[:, None], dtype=np.float32)
    return means
