"""The packaged encoder on ONNX Runtime: what serves, without loading torch. And what it shares
with the reader, which stands on the same embeddings: rows, sessions and batches.

Loads in well under a second and gives the vectors that torch gives for the same directory
(``tests/index/test_index_onnx.py``), so indexes made by either serve the other.
"""

from __future__ import annotations

import json
import os
import struct
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from index import model_package
from index._progress import Progress, silent
from index.embedding import Vectors, normalised, prepared_fingerprint
from index.tokenizing import SharedTokenizer, open_tokenizer

if TYPE_CHECKING:
    from onnxruntime import InferenceSession

_BATCH_TOKENS = 512  # a batch, padding included: one that fits the processor's cache is faster
_EMBEDDINGS = "embeddings."


@dataclass(frozen=True, slots=True)
class EmbeddingRows:
    """``words``: one row a token, read from disk as needed; ``places``: position and type rows."""

    words: NDArray[np.float32]
    places: NDArray[np.float32]
    padding: int

    def inputs(self, ids: Sequence[Sequence[int]]) -> dict[str, NDArray[Any]]:
        """What a graph of ``onnx_graph`` takes for token ids, which may differ in length."""
        longest = max(map(len, ids))
        tokens = np.full((len(ids), longest), self.padding, dtype=np.int64)
        mask = np.zeros((len(ids), longest), dtype=np.int32)
        for row, one in enumerate(ids):
            tokens[row, : len(one)] = one
            mask[row, : len(one)] = 1
        return self.padded(tokens, mask)

    def padded(
        self, tokens: NDArray[np.int64], mask: NDArray[np.integer]
    ) -> dict[str, NDArray[Any]]:
        """The same for token ids (batch, length), padded; ``mask`` is 1 for tokens."""
        embeddings = self.words[tokens] + self.places[: tokens.shape[1]]
        return {"embeddings": embeddings, "mask": mask.astype(np.int32)}


@dataclass(frozen=True, slots=True)
class _Engine:
    session: InferenceSession
    tokenizer: SharedTokenizer
    rows: EmbeddingRows

    def vectors(self, ids: Sequence[Sequence[int]]) -> NDArray[np.float32]:
        """Vectors of token ids, which may differ in length: shape ``(len(ids), dim)``."""
        output = self.session.run(["vectors"], self.rows.inputs(ids))
        return np.asarray(output[0], dtype=np.float32)


class OnnxEmbedder:
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
    def from_prepared(cls, folder: Path) -> OnnxEmbedder:
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
        encoded = engine.tokenizer.encode(prompted, model_package.MAX_TOKENS)
        ids = [one.ids for one in encoded]
        done = 0
        for rows in in_batches([len(one) for one in ids], _BATCH_TOKENS):
            vectors[rows] = engine.vectors([ids[row] for row in rows])
            done += len(rows)
            progress("Embedding", done, len(texts))
        return normalised(vectors)

    @cached_property
    def _engine(self) -> _Engine:
        try:
            return _load(self._folder)
        except Exception as error:  # the libraries' own kinds, which share no parent
            raise ModelError(
                f"The encoder in {self._folder} cannot be loaded ({str(error)[:160]}); "
                "delete that folder and it is made anew."
            ) from error


def in_batches(lengths: Sequence[int], most: int) -> Iterator[list[int]]:
    """Rows in batches of like length, so that little time goes to padding; longest first.

    A batch has at most ``most`` tokens, padding included, or one row.
    """
    batch: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda one: -lengths[one]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > most:
            yield batch
            batch = []
        batch.append(row)
    if batch:
        yield batch


def _load(folder: Path) -> _Engine:
    tokenizer = open_tokenizer(folder / model_package.TOKENIZER_FILE)
    session = open_session(str(folder / model_package.ENCODER_FILE))
    return _Engine(session, tokenizer, open_rows(folder))


def open_session(model: str | bytes) -> InferenceSession:
    """ONNX Runtime over a graph, a file's name or its bytes, on the processor."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = _threads()
    # Idle threads that spin take the cores from everything else, this program's own included.
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")
    return onnxruntime.InferenceSession(model, options, providers=["CPUExecutionProvider"])


def open_rows(folder: Path) -> EmbeddingRows:
    """The embeddings of a prepared directory, left on disk."""
    from safetensors import safe_open

    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    weights = folder / model_package.WEIGHTS_FILE
    with safe_open(weights, "np") as tensors:
        positions = tensors.get_tensor(f"{_EMBEDDINGS}position_embeddings.weight")
        kind = tensors.get_tensor(f"{_EMBEDDINGS}token_type_embeddings.weight")[0]
    words = _mapped(weights, f"{_EMBEDDINGS}word_embeddings.weight")
    return EmbeddingRows(words, positions + kind, int(config["pad_token_id"]))


def _mapped(file: Path, name: str) -> NDArray[np.float32]:
    """An fp32 tensor of a safetensors file, mapped: only the rows that are used are read.

    The format is eight bytes of header length, a JSON header, then the tensors.
    """
    with file.open("rb") as stream:
        (size,) = struct.unpack("<Q", stream.read(8))
        entry = json.loads(stream.read(size))[name]
    offset = 8 + size + entry["data_offsets"][0]
    return np.memmap(file, "<f4", "r", offset, tuple(entry["shape"]))


def _threads() -> int:
    """Of every session, the encoder's and the reader's: one a core, or ``OMP_NUM_THREADS``."""
    asked = os.environ.get("OMP_NUM_THREADS", "")
    return int(asked) if asked.isdecimal() and int(asked) > 0 else os.cpu_count() or 1
