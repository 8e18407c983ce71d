"""Transformer layers as an OpenVINO graph, and of them the packaged encoder.

The weights stay in the very blocks that the package carries (4 bits, with a scale for 32), so a
graph takes 14 MB instead of 85 and the weights are not rounded again. It begins after the word
embeddings, which are looked up row by row (``index.embedding_rows``).

Inputs: ``embeddings`` float32 (batch, length, hidden), the sum of word, position and type rows;
``mask`` float32 (batch, length), 1 for tokens. Output of the encoder: float32 (batch, hidden), the
sum over the tokens, which at length 1 is their mean at length 1. The reader's graph
(``qa.reader.openvino_graph``) begins likewise.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.openvino_runtime import openvino
from index.packaged_weights import BLOCK_WEIGHTS, PackagedWeights

_BARRED = 1e4  # taken from the likeness to padding: its share of the attention is 0


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix in signed whole numbers of ``bits`` (4 or 8), each times its block's scale.

    ``values`` int8 (rows, blocks, block size), ``scales`` float32 (rows, blocks).
    """

    bits: int
    values: NDArray[np.int8]
    scales: NDArray[np.float32]


class Weights(Protocol):
    """Where a graph's weights come from, by their names in the package (``l3.ao.w``)."""

    def values(self, name: str) -> NDArray[np.float32]:
        """A vector of weights."""

    def matrix(self, name: str, size_in: int) -> Blocks:
        """A matrix of ``size_in`` columns."""


@dataclass(frozen=True, slots=True)
class PackageMatrices:
    """The package's own weights."""

    package: PackagedWeights

    def values(self, name: str) -> NDArray[np.float32]:
        return self.package.values(name)

    def matrix(self, name: str, size_in: int) -> Blocks:
        scales, nibbles = self.package.blocks(name)
        blocks = size_in // BLOCK_WEIGHTS
        values = nibbles.astype(np.int8) - 8
        return Blocks(4, values.reshape(-1, blocks, BLOCK_WEIGHTS), scales.reshape(-1, blocks))


class Graph:
    """Builds a model from embeddings upwards; ``ops`` are OpenVINO's operators."""

    def __init__(self, package: PackagedWeights, weights: Weights) -> None:
        self.ov = openvino()
        self.ops = self.ov.opset15
        self._package = package  # for its sizes
        self._weights = weights
        self.embeddings = self.ops.parameter([-1, -1, package.hidden], np.float32, "embeddings")
        self.mask = self.ops.parameter([-1, -1], np.float32, "mask")

    def constant(self, values: NDArray[Any] | np.float32) -> Any:
        """A constant of the graph."""
        return self.ops.constant(np.ascontiguousarray(values))

    def numbers(self, *values: int) -> Any:
        """Whole numbers: axes or a shape, in which 0 stands for the size that comes in."""
        return self.ops.constant(np.array(values, dtype=np.int64))

    def transformer(self) -> Any:
        """Embedding norm and all layers; the rows that come out, (batch, length, hidden)."""
        shift = self.ops.subtract(self.mask, self.constant(np.float32(1)))
        shift = self.ops.multiply(shift, self.constant(np.float32(_BARRED)))
        barred = self.ops.unsqueeze(shift, self.numbers(1, 2))
        rows = self._normalised(self.embeddings, "emb.ln")
        for layer in range(self._package.layers):
            rows = self._layer(rows, barred, f"l{layer}")
        return rows

    def model(self, output: Any, name: str) -> Any:
        """The graph that gives ``output``."""
        for parameter, called in ((self.embeddings, "embeddings"), (self.mask, "mask")):
            parameter.output(0).set_names({called})
        return self.ov.Model([self.ops.result(output)], [self.embeddings, self.mask], name)

    def _layer(self, rows: Any, barred: Any, prefix: str) -> Any:
        """Attention, then the feed-forward network, each added to its input and normalised."""
        ops, package = self.ops, self._package
        attended = self._attention(rows, barred, prefix)
        mixed = self._linear(f"{prefix}.ao", attended, package.hidden)
        rows = self._normalised(ops.add(mixed, rows), f"{prefix}.aln")
        wide = ops.gelu(self._linear(f"{prefix}.fi", rows, package.hidden), "erf")
        narrow = self._linear(f"{prefix}.fo", wide, package.feed_forward)
        return self._normalised(ops.add(narrow, rows), f"{prefix}.oln")

    def _attention(self, rows: Any, barred: Any, prefix: str) -> Any:
        """Each token's mixture of all tokens' values, (batch, length, hidden)."""
        ops, hidden, heads = self.ops, self._package.hidden, self._package.heads
        size = hidden // heads
        apart = self.numbers(0, 0, heads, size)
        heads_first = self.numbers(0, 2, 1, 3)
        query, key, value = (
            ops.transpose(
                ops.reshape(self._linear(f"{prefix}.{part}", rows, hidden), apart, True),
                heads_first,
            )
            for part in "qkv"
        )
        likeness = ops.matmul(query, key, False, True)
        likeness = ops.multiply(likeness, self.constant(np.float32(size**-0.5)))
        shares = ops.softmax(ops.add(likeness, barred), 3)
        mixed = ops.transpose(ops.matmul(shares, value, False, False), heads_first)
        return ops.reshape(mixed, self.numbers(0, 0, hidden), True)

    def _linear(self, name: str, rows: Any, size_in: int) -> Any:
        """``rows`` times a matrix, plus its bias."""
        matrix = self._matrix(self._weights.matrix(f"{name}.w", size_in))
        product = self.ops.matmul(rows, matrix, False, True)
        return self.ops.add(product, self.constant(self._weights.values(f"{name}.b")))

    def _matrix(self, blocks: Blocks) -> Any:
        """A matrix that stays in its few bits until it is multiplied."""
        ops, (size_out, count, size) = self.ops, blocks.values.shape
        if blocks.bits == 4:
            pairs = blocks.values.view(np.uint8) & 0x0F
            packed = np.ascontiguousarray(pairs[..., 0::2] | (pairs[..., 1::2] << 4))
            shape = self.ov.Shape([size_out, count, size])
            tensor = self.ov.Tensor(packed.ravel(), shape, self.ov.Type.i4)
            whole = ops.constant(tensor, shared_memory=False)
        else:
            whole = self.constant(blocks.values)
        # Half precision: scales in single precision would be made bfloat16 where the rest is.
        scales = self.constant(blocks.scales[:, :, None].astype(np.float16))
        scaled = ops.multiply(ops.convert(whole, "f16"), scales)
        flat = ops.reshape(scaled, self.numbers(size_out, count * size), False)
        return ops.convert(flat, "f32")

    def _normalised(self, rows: Any, name: str) -> Any:
        """Layer normalisation with its weights and bias."""
        ops = self.ops
        centred = ops.mvn(rows, self.numbers(-1), True, self._package.epsilon, "INSIDE_SQRT")
        scaled = ops.multiply(centred, self.constant(self._weights.values(f"{name}.w")))
        return ops.add(scaled, self.constant(self._weights.values(f"{name}.b")))


def encoder(package: PackagedWeights) -> Any:
    """The packaged encoder as an ``openvino.Model``: a text's rows, added up."""
    graph = Graph(package, PackageMatrices(package))
    ops = graph.ops
    kept = ops.multiply(graph.transformer(), ops.unsqueeze(graph.mask, graph.numbers(2)))
    return graph.model(ops.reduce_sum(kept, graph.numbers(1), False), "encoder")
