"""The packaged encoder on OpenVINO: what serves, without loading torch.

Loads in a fraction of a second and gives the vectors that torch gives for the same directory, but
for what 8-bit activations round off (``tests/index/test_index_openvino.py``), so indexes made by
either serve the other.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

from corpus.errors import ModelError
from index import model_package
from index._progress import Progress, silent
from index.batches import in_batches
from index.embedding import Vectors, normalised, prepared_fingerprint
from index.openvino_runtime import Compiled, compiled
from index.packaged_parts import Parts, open_parts

_THREADS_EACH = 2  # so that a question takes half as long; texts by the hundred as long as with one
_MOST_TOKENS = 512  # a batch, padding included: enough for two threads


@dataclass(frozen=True, slots=True)
class _Engine:
    model: Compiled
    parts: Parts


class PackagedEmbedder:
    """An ``Embedder`` over a directory made by ``model_package``; loaded with the first text.

    Threads: ``OMP_NUM_THREADS`` if it is set, as for torch, else one for every core.
    """

    name = model_package.MODEL_NAME

    def __init__(self, folder: Path, dim: int, fingerprint: str) -> None:
        self.dim = dim
        self.fingerprint = fingerprint
        self._folder = folder
        self._loading = threading.Lock()

    @classmethod
    def from_prepared(cls, folder: Path) -> PackagedEmbedder:
        """Raises ModelError where ``folder`` was not made by ``model_package``."""
        fingerprint = prepared_fingerprint(folder)
        if fingerprint is None:
            raise ModelError(f"The folder {folder} is not a prepared encoder; delete it.")
        config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
        return cls(folder, int(config["hidden_size"]), fingerprint)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, model_package.PROMPTS["query"], silent)

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._embed(texts, model_package.PROMPTS["passage"], progress or silent)

    def _embed(self, texts: Sequence[str], prompt: str, progress: Progress) -> Vectors:
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        if not texts:
            return vectors
        with self._loading:
            engine = self._engine
        prompted = [prompt + text for text in texts]
        encoded = engine.parts.tokenizer.encode(prompted, model_package.MAX_TOKENS)
        ids = [one.ids for one in encoded]
        batches = list(in_batches([len(one) for one in ids], _MOST_TOKENS))
        fed = (engine.parts.rows.inputs([ids[row] for row in rows]) for rows in batches)
        done = 0
        for rows, sums in zip(batches, engine.model.run(fed), strict=True):
            vectors[rows] = sums
            done += len(rows)
            progress("Embedding", done, len(texts))
        return normalised(vectors)

    @cached_property
    def _engine(self) -> _Engine:
        try:
            return _load(self._folder, self.fingerprint)
        except Exception as error:  # the libraries' own kinds, which share no parent
            raise ModelError(
                f"The encoder in {self._folder} cannot be loaded ({str(error)[:160]}); "
                "delete that folder and it is made anew."
            ) from error


def _load(folder: Path, fingerprint: str) -> _Engine:
    from index import openvino_graph

    parts = open_parts(folder)
    model = compiled("encoder", fingerprint, lambda: openvino_graph.encoder(parts), _THREADS_EACH)
    return _Engine(model, parts)
