"""Bijsluiter's reader on OpenVINO: what serves, without loading torch.

It is compiled once from the encoder's package and the reader's weights, in a second or two, and
kept in the user's cache. Margins differ from those of torch in fp32 by some hundredths, seldom by
two tenths, a test.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from index.embedding import prepared_fingerprint
from index.embedding_rows import EmbeddingRows
from index.model_package import prepare, tensor_names
from index.openvino_runtime import Compiled, compiled
from index.packaged_parts import Parts, open_parts
from index.packaged_weights import PackagedWeights
from qa.reader import weights
from qa.reader.model import LoadedModel, Marker, Marks, TokenIds


def load_served(folder: Path) -> LoadedModel:
    """The reader whose weights are in ``folder``, on the packaged encoder.

    Raises:
        ModelError: the weights or the encoder are missing or damaged, or do not belong together.
    """
    card, trained = weights.read_packed(folder)
    encoder = prepare()
    parts = open_parts(encoder)
    made_of = f"{card.sha256} {card.encoder} {card.frozen_layers} {prepared_fingerprint(encoder)}"
    model = compiled("reader", made_of, lambda: _made(folder, card, trained, encoder, parts))
    return LoadedModel(
        mark=_marker(model, parts.rows),
        tokenizer=parts.tokenizer,
        inputs=("input_ids", "attention_mask"),
        padding=parts.package.special["<pad>"],
        max_tokens=parts.package.positions,
        calibration=card.calibration,
        fingerprint=card.sha256,
        name=f"bijsluiter-reader-{card.sha256[:8]}",
    )


def _marker(model: Compiled, rows: EmbeddingRows) -> Marker:
    def mark(batches: Iterable[TokenIds]) -> Iterator[Marks]:
        fed = (rows.padded(one["input_ids"], one["attention_mask"]) for one in batches)
        for marks in model.run(fed):
            yield marks[..., 0], marks[..., 1]

    return mark


def _made(
    folder: Path,
    card: weights.Card,
    trained: Mapping[str, NDArray[Any]],
    encoder: Path,
    parts: Parts,
) -> Any:
    from qa.reader import openvino_graph

    if weights.digest(_lower(card, parts.package), card.frozen_layers) != card.encoder:
        raise ModelError(weights.another_encoder(folder, encoder))
    return openvino_graph.reader(parts, trained)


def _lower(card: weights.Card, package: PackagedWeights) -> dict[str, Any]:
    """What the encoder gives to the reader: all of its tensors that ``weights.digest`` reads."""
    ours = {f"bert.{name}": short for name, short in tensor_names(package).items()}
    return {
        name: _Words(package) if name == weights.WORDS else _flat(package, short)
        for name, short in ours.items()
        if weights.is_given(name, card.frozen_layers)
    }


def _flat(package: PackagedWeights, name: str) -> NDArray[np.float32]:
    return np.frombuffer(b"".join(package.chunks(name)), "<f4")


@dataclass(frozen=True, slots=True)
class _Words:
    """The table of word embeddings, of which only the rows that are asked for are read."""

    package: PackagedWeights

    def __getitem__(self, some: slice) -> NDArray[np.float32]:
        return self.package.rows("emb.word", np.arange(*some.indices(self.package.vocabulary)))
