"""Texts to vectors, behind one protocol; which runtime stands behind it is decided here only.

The packaged encoder is served by OpenVINO, any other by sentence-transformers. For the packaged
one ``open_embedder`` loads nothing heavy: name, dimension and fingerprint are read from its
directory, and the weights are loaded with the first text.
"""

from __future__ import annotations

import hashlib
import json
import sys
import threading
from collections import OrderedDict
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index import model_package, packaged_weights
from index._progress import Progress

Vectors = NDArray[np.float32]

_CACHED_QUERIES = 1024


class Embedder(Protocol):
    """A dual encoder. All vectors are L2-normalised float32 rows: their dot product is the cosine.

    ``fingerprint`` is the same for the same weights, tokeniser and prefixes, and for no others.
    """

    @property
    def name(self) -> str:
        """The model as a person would name it."""

    @property
    def dim(self) -> int:
        """Length of a vector."""

    @property
    def fingerprint(self) -> str:
        """``sha256:`` and 64 hexadecimal digits."""

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        """Vectors of questions, shape ``(len(texts), dim)``."""

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        """Vectors of passages, shape ``(len(texts), dim)``."""


def open_embedder(model: str | None = None, progress: Progress | None = None) -> Embedder:
    """The encoder called ``model``: a sentence-transformers name or directory.

    None is the packaged multilingual-e5-small, prepared on first use; where the package has no
    wheel it is the same model from the hub, and stderr says so.

    Raises:
        ModelError: the model is missing, damaged or cannot be fetched; says which, and the mend.
    """
    # They import this module, and what stands behind them is heavy.
    from index.packaged_embedder import PackagedEmbedder
    from index.torch_runtime import SentenceTransformerEmbedder

    if model is not None:
        folder = Path(model).expanduser()
        if folder.is_dir() and prepared_fingerprint(folder) is not None:
            return QueryCache(PackagedEmbedder.from_prepared(folder))
        return QueryCache(SentenceTransformerEmbedder.from_name(model))
    if packaged_weights.find() is not None:
        return QueryCache(PackagedEmbedder.from_prepared(model_package.prepare(progress)))
    hub = model_package.HUB_NAME
    print(f"The packaged encoder is not available here; using {hub} from the hub.", file=sys.stderr)
    return QueryCache(SentenceTransformerEmbedder.from_name(hub))


def fingerprint_of(checksums: dict[str, str], prompts: dict[str, str]) -> str:
    """A model's fingerprint, from the sha256 of its parts and the prefixes put before texts."""
    canonical = json.dumps([checksums, prompts], sort_keys=True, ensure_ascii=True)
    return "sha256:" + hashlib.sha256(canonical.encode("ascii")).hexdigest()


def prepared_fingerprint(folder: Path) -> str | None:
    """The fingerprint of a directory made by ``model_package``, from its manifest; else None."""
    checksums = model_package.manifest_checksums(folder)
    return None if checksums is None else fingerprint_of(checksums, model_package.PROMPTS)


def normalised(vectors: NDArray[np.floating]) -> Vectors:
    """Rows scaled to length 1; a row of zeros stays zeros."""
    rows = np.ascontiguousarray(vectors, dtype=np.float32)
    lengths = np.linalg.norm(rows, axis=1, keepdims=True)
    scaled: Vectors = np.divide(rows, lengths, out=np.zeros_like(rows), where=lengths > 0)
    return scaled


class QueryCache:
    """An embedder that remembers the vectors of recent questions. Safe to share by threads."""

    def __init__(self, embedder: Embedder, size: int = _CACHED_QUERIES) -> None:
        self._embedder = embedder
        self._size = size
        self._vectors: OrderedDict[str, Vectors] = OrderedDict()
        self._lock = threading.Lock()

    @property
    def name(self) -> str:
        return self._embedder.name

    @property
    def dim(self) -> int:
        return self._embedder.dim

    @property
    def fingerprint(self) -> str:
        return self._embedder.fingerprint

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        found: dict[str, Vectors] = {}
        with self._lock:
            for text in texts:
                if text in self._vectors:
                    self._vectors.move_to_end(text)
                    found[text] = self._vectors[text]
        missing = [text for text in dict.fromkeys(texts) if text not in found]
        if missing:
            found.update(zip(missing, self._embedder.embed_queries(missing), strict=True))
            with self._lock:
                self._vectors.update((text, found[text]) for text in missing[-self._size :])
                while len(self._vectors) > self._size:
                    self._vectors.popitem(last=False)
        if not texts:
            return np.empty((0, self.dim), dtype=np.float32)
        return np.stack([found[text] for text in texts])

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._embedder.embed_passages(texts, progress)
