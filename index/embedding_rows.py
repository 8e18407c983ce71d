"""The packaged encoder's embeddings, left on disk: where every graph of ours begins.

Encoder and reader look up the same rows of the same file, which is mapped: 54 MB in its 4-bit
blocks where the table in fp32 has 384, and what a row becomes is the same to the bit.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.batches import rounded
from index.packaged_weights import PackagedWeights


@dataclass(frozen=True, slots=True)
class EmbeddingRows:
    """``places``: the sum of position and type rows, (positions, hidden), added to the words'."""

    package: PackagedWeights
    places: NDArray[np.float32]

    @classmethod
    def of(cls, package: PackagedWeights) -> EmbeddingRows:
        """The rows of a package."""
        kind = package.values("emb.type")[: package.hidden]
        return cls(package, package.values("emb.pos").reshape(-1, package.hidden) + kind)

    def inputs(self, ids: Sequence[Sequence[int]]) -> dict[str, NDArray[Any]]:
        """What a graph of ``openvino_graph`` takes for token ids, which may differ in length."""
        longest = max(map(len, ids))
        tokens = np.full((len(ids), longest), self.package.special["<pad>"], dtype=np.int64)
        mask = np.zeros((len(ids), longest), dtype=np.int64)
        for row, one in enumerate(ids):
            tokens[row, : len(one)] = one
            mask[row, : len(one)] = 1
        return self.padded(tokens, mask)

    def padded(
        self, tokens: NDArray[np.int64], mask: NDArray[np.integer]
    ) -> dict[str, NDArray[Any]]:
        """The same for token ids (batch, length), ``mask`` 1 for tokens; padded to a round length.

        ``embeddings`` float32 (batch, round length, hidden), ``mask`` float32 likewise.
        """
        batch, length = tokens.shape
        size = rounded(length, batch)
        embeddings = np.zeros((batch, size, self.package.hidden), dtype=np.float32)
        embeddings[:, :length] = self.package.rows("emb.word", tokens)
        embeddings[:, :length] += self.places[:length]
        kept = np.zeros((batch, size), dtype=np.float32)
        kept[:, :length] = mask
        return {"embeddings": embeddings, "mask": kept}
