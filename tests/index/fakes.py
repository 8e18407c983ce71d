"""An encoder without a model, so that the store is tested at the speed of the store."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index._progress import Progress


class HashEmbedder:
    """Every text gets its own fixed random direction; counts what it is asked to embed."""

    def __init__(self, name: str = "hash-model", dim: int = 24) -> None:
        self.name = name
        self.dim = dim
        self.fingerprint = "sha256:" + hashlib.sha256(name.encode()).hexdigest()
        self.embedded: list[str] = []

    def embed_queries(self, texts: Sequence[str]) -> NDArray[np.float32]:
        return np.stack([self._vector("query: " + text) for text in texts])

    def embed_passages(
        self, texts: Sequence[str], progress: Progress | None = None
    ) -> NDArray[np.float32]:
        self.embedded.extend(texts)
        return np.stack([self._vector("passage: " + text) for text in texts])

    def _vector(self, text: str) -> NDArray[np.float32]:
        seed = int.from_bytes(hashlib.sha256((self.name + text).encode()).digest()[:8], "little")
        vector = np.random.default_rng(seed).normal(size=self.dim).astype(np.float32)
        return vector / np.linalg.norm(vector)
