"""Bijsluiter's reader as an ONNX graph: the encoder's lower layers with the trained ones on them.

The lower layers are the package's own 4-bit blocks, the trained ones the eight bits a row that the
weights file keeps; neither is rounded again, and all is computed in fp32. Inputs are those of
``index.onnx_graph``; outputs ``starts`` and ``ends``, float32 (batch, length), one logit a token.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from index.model_package import tensor_names
from index.onnx_graph import Blocks, Graph, PackageMatrices
from index.packaged_weights import PackagedWeights
from qa.reader.weights import QUANTISED, SCALE

_BLOCK = 128  # weights; a row is whole blocks of one scale
_HEAD_WEIGHT, _HEAD_BIAS = "qa_outputs.weight", "qa_outputs.bias"
_ZERO = 128  # MatMulNBits keeps eight bits unsigned


@dataclass(frozen=True, slots=True)
class _Completed:
    """The package's weights, with those of ``trained`` (its names, as stored) in their place."""

    package: PackageMatrices
    trained: Mapping[str, NDArray[Any]]

    def values(self, name: str) -> NDArray[np.float32]:
        found = self.trained.get(name)
        return self.package.values(name) if found is None else found.astype(np.float32)

    def matrix(self, name: str, size_in: int) -> Blocks:
        stored = self.trained.get(name + QUANTISED)
        if stored is None:
            return self.package.matrix(name, size_in)
        values = (stored.astype(np.int16) + _ZERO).astype(np.uint8)
        blocks = size_in // _BLOCK
        scales = np.repeat(self.trained[name + SCALE].astype(np.float32)[:, None], blocks, axis=1)
        return Blocks(8, values.reshape(-1, blocks, _BLOCK), scales)


def reader(package: PackagedWeights, trained: Mapping[str, NDArray[Any]]) -> bytes:
    """The serialised graph; ``trained`` holds tensors as the weights file has them.

    Raises:
        ModelError: ``trained`` is not of this encoder: a name is unknown, or the head is missing.
    """
    ours = {f"bert.{name}": short for name, short in tensor_names(package).items()}
    placed: dict[str, NDArray[Any]] = {}
    head: dict[str, NDArray[np.float32]] = {}
    for name, values in trained.items():
        ending = next((e for e in (QUANTISED, SCALE) if name.endswith(e)), "")
        stem = name.removesuffix(ending)
        if stem in ours:
            placed[ours[stem] + ending] = values
        else:
            head[name] = values.astype(np.float32)
    if head.keys() != {_HEAD_WEIGHT, _HEAD_BIAS}:
        odd = next(iter(head.keys() ^ {_HEAD_WEIGHT, _HEAD_BIAS}))
        raise ModelError(f"The reader does not fit its encoder ({odd}): reinstall Bijsluiter.")
    graph = Graph(package, _Completed(PackageMatrices(package), placed))
    rows = graph.transformer()
    columns = graph.constant("head.w", head[_HEAD_WEIGHT].T)
    bias = graph.constant("head.b", head[_HEAD_BIAS])
    marks = graph.node(
        "Add", [graph.node("MatMul", [rows, columns], "head.product"), bias], "marks"
    )
    for number, name in enumerate(("starts", "ends")):
        which = graph.constant(f"{name}.column", np.array(number, dtype=np.int64))
        graph.node("Gather", [marks, which], name, axis=2)
    size = ["batch", "length"]
    return graph.serialised("reader", {"starts": size, "ends": size})
