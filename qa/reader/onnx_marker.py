"""Bijsluiter's reader on ONNX Runtime: what serves, without loading torch.

Its graph is made once from the encoder's package and the reader's weights, in under two seconds,
and kept in the user's cache. Margins are those of torch in fp32 to a hundredth, a test.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from index import packaged_weights
from index.embedding import prepared_fingerprint
from index.model_package import TOKENIZER_FILE, WEIGHTS_FILE, prepare
from index.onnx_runtime import EmbeddingRows, open_rows, open_session
from index.paths import cache_dir
from index.tokenizing import open_tokenizer
from qa.reader import weights
from qa.reader.model import LoadedModel, Marker, Marks

_FORMAT = 1  # of the graph; raise it when the same weights must be written anew
_OUTPUTS = ["starts", "ends"]


def load_served(folder: Path) -> LoadedModel:
    """The reader whose weights are in ``folder``, on the packaged encoder.

    Raises:
        ModelError: the weights or the encoder are missing or damaged, or do not belong together.
    """
    card, trained = weights.read_packed(folder)
    encoder = prepare()
    rows = open_rows(encoder)
    graph = _kept(card, encoder)
    if graph is None:
        graph = _made(folder, card, trained, encoder, rows)
        _keep(card, encoder, graph)
    return LoadedModel(
        mark=_marker(graph, rows),
        tokenizer=open_tokenizer(encoder / TOKENIZER_FILE),
        inputs=("input_ids", "attention_mask"),
        padding=rows.padding,
        max_tokens=len(rows.places),
        calibration=card.calibration,
        fingerprint=card.sha256,
        name=f"bijsluiter-reader-{card.sha256[:8]}",
    )


def _marker(graph: bytes, rows: EmbeddingRows) -> Marker:
    session = open_session(graph)  # its run may be called by many threads at once

    def mark(inputs: Mapping[str, NDArray[np.int64]]) -> Marks:
        fed = rows.padded(inputs["input_ids"], inputs["attention_mask"])
        starts, ends = session.run(_OUTPUTS, fed)
        return np.asarray(starts, dtype=np.float32), np.asarray(ends, dtype=np.float32)

    return mark


def _made(
    folder: Path,
    card: weights.Card,
    trained: Mapping[str, NDArray[Any]],
    encoder: Path,
    rows: EmbeddingRows,
) -> bytes:
    from qa.reader import onnx_graph  # loads onnx, which serving from the cache does without

    file = packaged_weights.find()
    if (
        file is None
        or weights.digest(_lower(card, encoder, rows), card.frozen_layers) != card.encoder
    ):
        raise ModelError(weights.another_encoder(folder, encoder))
    return onnx_graph.reader(packaged_weights.read(file), trained)


def _lower(card: weights.Card, encoder: Path, rows: EmbeddingRows) -> dict[str, NDArray[Any]]:
    """What the encoder gives to the reader: all of its tensors that ``weights.digest`` reads."""
    from safetensors import safe_open

    with safe_open(encoder / WEIGHTS_FILE, "np") as tensors:
        names = tensors.keys()
        found = {
            f"bert.{name}": tensors.get_tensor(name)
            for name in names
            if f"bert.{name}" != weights.WORDS
            and weights.is_given(f"bert.{name}", card.frozen_layers)
        }
    return found | {weights.WORDS: rows.words}


# The cache ----------------------------------------------------------------------------------
# A graph's name tells what it was made of and ends in its own sha256: one rename publishes it, and
# one that is damaged is made anew.


def _stem(card: weights.Card, encoder: Path) -> str:
    made_of = f"{_FORMAT} {card.sha256} {card.encoder} {card.frozen_layers} "
    made_of += str(prepared_fingerprint(encoder))
    return f"bijsluiter-reader-{hashlib.sha256(made_of.encode()).hexdigest()[:32]}"


def _kept(card: weights.Card, encoder: Path) -> bytes | None:
    """The graph in the cache, if it is there and whole."""
    for file in (cache_dir() / "models").glob(f"{_stem(card, encoder)}.*.onnx"):
        try:
            graph = file.read_bytes()
        except OSError:
            continue
        if hashlib.sha256(graph).hexdigest() == file.name.split(".")[1]:
            return graph
    return None


def _keep(card: weights.Card, encoder: Path, graph: bytes) -> None:
    """Put a graph into the cache, whole or not at all."""
    stem = _stem(card, encoder)
    models = cache_dir() / "models"
    partial: str | None = None
    try:
        for left_over in models.glob(f".{stem}.*"):
            left_over.unlink(missing_ok=True)
        number, partial = tempfile.mkstemp(prefix=f".{stem}.", dir=models)
        with open(number, "wb") as out:
            out.write(graph)
            out.flush()
            os.fsync(out.fileno())
        os.chmod(partial, 0o644)  # mkstemp makes files private; a cache may be shared
        os.replace(partial, models / f"{stem}.{hashlib.sha256(graph).hexdigest()}.onnx")
    except OSError:  # full or not ours to write: the graph is made at every start, and serves
        if partial is not None:
            Path(partial).unlink(missing_ok=True)
