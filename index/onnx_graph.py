"""Transformer layers as an ONNX graph, and of them the packaged encoder: exact weights, fp32.

``MatMulNBits`` of ONNX Runtime takes the very blocks that the package carries, so the file is 14 MB
instead of 85 and loads in a twentieth of a second, and nothing is rounded: the vectors are those
of the fp32 model (cosine above 0.99999 on the articles' sentences, a test). The graph begins after
the word embeddings, 384 MB that are looked up row by row in the fp32 file instead.

Inputs: ``embeddings`` float32 (batch, length, hidden), the sum of word, position and type rows;
``mask`` int32 (batch, length), 1 for tokens. Output of the encoder: ``vectors`` float32 (batch,
hidden), the mean over the tokens, L2-normalised. The reader's graph (``qa.reader.onnx_graph``)
begins likewise.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.packaged_weights import BLOCK_WEIGHTS, PackagedWeights

_OPSET = 17
_IR_VERSION = 9
_RUNTIME = "com.microsoft"  # ONNX Runtime's own operators, set 1
_EXACT = 1  # MatMulNBits accuracy_level: compute in fp32


@dataclass(frozen=True, slots=True)
class Blocks:
    """A matrix as ``MatMulNBits`` takes it, ``bits`` (4 or 8) a weight.

    ``values`` uint8 (rows, blocks, block size x bits / 8); a weight is ``(value - 2 ** (bits - 1))
    * scale``, ``scales`` float32 (rows, blocks).
    """

    bits: int
    values: NDArray[np.uint8]
    scales: NDArray[np.float32]

    @property
    def block_size(self) -> int:
        """Weights in a block."""
        return int(self.values.shape[2]) * 8 // self.bits

    @property
    def shape(self) -> tuple[int, int]:
        """Rows (size out) and columns (size in) of the matrix."""
        return int(self.values.shape[0]), int(self.values.shape[1]) * self.block_size


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
        # the operator's order within a block
        pairs = (nibbles[:, 0::2] | (nibbles[:, 1::2] << 4)).astype(np.uint8)
        blocks = size_in // BLOCK_WEIGHTS
        return Blocks(4, pairs.reshape(-1, blocks, BLOCK_WEIGHTS // 2), scales.reshape(-1, blocks))


class Graph:
    """Collects nodes and constants; every method returns the name of what it made."""

    def __init__(self, package: PackagedWeights, weights: Weights) -> None:
        from onnx import helper, numpy_helper

        self._helper = helper
        self._to_tensor = numpy_helper.from_array
        self._package = package  # for its sizes
        self._weights = weights
        self._nodes: list[Any] = []
        self._constants: list[Any] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        """A constant of the graph."""
        self._constants.append(self._to_tensor(np.asarray(values, order="C"), name))
        return name

    def node(self, operator: str, inputs: list[str], out: str, **attributes: Any) -> str:
        """One operator with one output."""
        domain = attributes.pop("domain", "")
        self._nodes.append(
            self._helper.make_node(operator, inputs, [out], domain=domain, **attributes)
        )
        return out

    def transformer(self) -> str:
        """Embedding norm and all layers; the rows that come out, (batch, length, hidden)."""
        rows = self.node(
            "LayerNormalization",
            ["embeddings", self._values("emb.ln.w"), self._values("emb.ln.b")],
            "layer.0",
            epsilon=self._package.epsilon,
        )
        for layer in range(self._package.layers):
            rows = self._layer(rows, layer)
        return rows

    def serialised(self, name: str, outputs: Mapping[str, Sequence[str | int]]) -> bytes:
        """The ONNX model, always the same bytes; ``outputs`` float32 with their dimensions."""
        from onnx import TensorProto

        helper = self._helper
        size = ["batch", "length"]
        inputs = [
            helper.make_tensor_value_info(
                "embeddings", TensorProto.FLOAT, [*size, self._package.hidden]
            ),
            helper.make_tensor_value_info("mask", TensorProto.INT32, size),
        ]
        made = [
            helper.make_tensor_value_info(output, TensorProto.FLOAT, list(dimensions))
            for output, dimensions in outputs.items()
        ]
        model = helper.make_model(
            helper.make_graph(self._nodes, name, inputs, made, self._constants),
            opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME, 1)],
            ir_version=_IR_VERSION,
        )
        return bytes(model.SerializeToString(deterministic=True))

    def _layer(self, rows: str, layer: int) -> str:
        """Attention, then the feed-forward network, each added to its input and normalised."""
        hidden, inner = self._package.hidden, self._package.feed_forward
        prefix = f"l{layer}"
        query, key, value = (self._product(f"{prefix}.{part}", rows, hidden) for part in "qkv")
        biases = self._values(f"{prefix}.q.b", f"{prefix}.k.b", f"{prefix}.v.b")
        attended = self.node(
            "MultiHeadAttention",
            [query, key, value, biases, "mask"],
            f"{prefix}.attended",
            domain=_RUNTIME,
            num_heads=self._package.heads,
        )
        mixed = self._product(f"{prefix}.ao", attended, hidden)
        rows = self._added([mixed, rows], f"{prefix}.aln", f"{prefix}.ao.b")
        wide = self._product(f"{prefix}.fi", rows, hidden)
        wide = self.node(
            "BiasGelu", [wide, self._values(f"{prefix}.fi.b")], f"{prefix}.gelu", domain=_RUNTIME
        )
        narrow = self._product(f"{prefix}.fo", wide, inner)
        return self._added([narrow, rows], f"{prefix}.oln", f"{prefix}.fo.b")

    def _values(self, *names: str) -> str:
        """Vectors of weights, one after the other."""
        joined = np.concatenate([self._weights.values(name) for name in names])
        return self.constant("+".join(names), joined)

    def _product(self, name: str, rows: str, size_in: int) -> str:
        """``rows`` times a matrix; its bias is added by the operator that follows."""
        matrix = self._weights.matrix(f"{name}.w", size_in)
        return self.node(
            "MatMulNBits",
            [
                rows,
                self.constant(f"{name}.blocks", matrix.values),
                self.constant(f"{name}.scales", matrix.scales.ravel()),
            ],
            f"{name}.product",
            domain=_RUNTIME,
            K=size_in,
            N=matrix.shape[0],
            bits=matrix.bits,
            block_size=matrix.block_size,
            accuracy_level=_EXACT,
        )

    def _added(self, pair: list[str], norm: str, bias: str) -> str:
        constants = [self._values(f"{norm}.w"), self._values(f"{norm}.b"), self._values(bias)]
        return self.node(
            "SkipLayerNormalization",
            [*pair, *constants],
            f"{norm}.out",
            domain=_RUNTIME,
            epsilon=self._package.epsilon,
        )


def encoder(package: PackagedWeights) -> bytes:
    """The serialised ONNX model: embedding norm, transformer layers, mean pooling, L2 norm."""
    graph = Graph(package, PackageMatrices(package))
    _pooled(graph, graph.transformer())
    return graph.serialised("encoder", {"vectors": ["batch", package.hidden]})


def _pooled(graph: Graph, rows: str) -> str:
    """Mean over the tokens, at length 1: the sum, divided by its own length, is the same."""
    from onnx import TensorProto

    tokens = graph.constant("axis.tokens", np.array([1], dtype=np.int64))
    last = graph.constant("axis.last", np.array([2], dtype=np.int64))
    mask = graph.node("Cast", ["mask"], "mask.float", to=TensorProto.FLOAT)
    mask = graph.node("Unsqueeze", [mask, last], "mask.column")
    kept = graph.node("Mul", [rows, mask], "rows.kept")
    total = graph.node("ReduceSum", [kept, tokens], "rows.sum", keepdims=0)
    length = graph.node("ReduceL2", [total], "rows.length", axes=[1], keepdims=1)
    return graph.node("Div", [total, length], "vectors")
