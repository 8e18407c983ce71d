"""The packaged encoder as an ONNX graph: exact weights in 4 bits, arithmetic in fp32.

``MatMulNBits`` of ONNX Runtime takes the very blocks that the package carries, so the file is 14 MB
instead of 85 and loads in a twentieth of a second, and nothing is rounded: the vectors are those
of the fp32 model (cosine above 0.99999 on the articles' sentences, a test). The graph begins after
the word embeddings, 384 MB that are looked up row by row in the fp32 file instead.

Inputs: ``embeddings`` float32 (batch, length, hidden), the sum of word, position and type rows;
``mask`` int32 (batch, length), 1 for tokens. Output: ``vectors`` float32 (batch, hidden), the mean
over the tokens, L2-normalised.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.packaged_weights import BLOCK_WEIGHTS, PackagedWeights

_OPSET = 17
_IR_VERSION = 9
_RUNTIME = "com.microsoft"  # ONNX Runtime's own operators, set 1
_EXACT = 1  # MatMulNBits accuracy_level: compute in fp32


class _Graph:
    """Collects nodes and constants; every method returns the name of what it made."""

    def __init__(self, package: PackagedWeights) -> None:
        from onnx import helper, numpy_helper

        self._helper = helper
        self._to_tensor = numpy_helper.from_array
        self._package = package
        self.nodes: list[Any] = []
        self.constants: list[Any] = []

    def constant(self, name: str, values: NDArray[Any]) -> str:
        self.constants.append(self._to_tensor(np.ascontiguousarray(values), name))
        return name

    def values(self, *names: str) -> str:
        """Plain tensors of the package, one after the other."""
        joined = np.concatenate([self._package.values(name) for name in names])
        return self.constant("+".join(names), joined)

    def node(self, operator: str, inputs: list[str], out: str, **attributes: Any) -> str:
        domain = attributes.pop("domain", "")
        self.nodes.append(
            self._helper.make_node(operator, inputs, [out], domain=domain, **attributes)
        )
        return out

    def product(self, name: str, rows: str, size_in: int, size_out: int) -> str:
        """``rows`` times a packed matrix; its bias is added by the operator that follows."""
        scales, nibbles = self._package.blocks(f"{name}.w")
        pairs = nibbles[:, 0::2] | (nibbles[:, 1::2] << 4)  # the operator's order within a block
        shape = (size_out, size_in // BLOCK_WEIGHTS, BLOCK_WEIGHTS // 2)
        return self.node(
            "MatMulNBits",
            [
                rows,
                self.constant(f"{name}.blocks", pairs.reshape(shape)),
                self.constant(f"{name}.scales", scales),
            ],
            f"{name}.product",
            domain=_RUNTIME,
            K=size_in,
            N=size_out,
            bits=4,
            block_size=BLOCK_WEIGHTS,
            accuracy_level=_EXACT,
        )


def encoder(package: PackagedWeights) -> bytes:
    """The serialised ONNX model: embedding norm, transformer layers, mean pooling, L2 norm."""
    from onnx import TensorProto, helper

    hidden = package.hidden
    graph = _Graph(package)
    rows = graph.node(
        "LayerNormalization",
        ["embeddings", graph.values("emb.ln.w"), graph.values("emb.ln.b")],
        "layer.0",
        epsilon=package.epsilon,
    )
    for layer in range(package.layers):
        rows = _layer(graph, package, rows, layer)
    _pooled(graph, rows)
    inputs = [
        helper.make_tensor_value_info("embeddings", TensorProto.FLOAT, ["batch", "length", hidden]),
        helper.make_tensor_value_info("mask", TensorProto.INT32, ["batch", "length"]),
    ]
    outputs = [helper.make_tensor_value_info("vectors", TensorProto.FLOAT, ["batch", hidden])]
    model = helper.make_model(
        helper.make_graph(graph.nodes, "encoder", inputs, outputs, graph.constants),
        opset_imports=[helper.make_opsetid("", _OPSET), helper.make_opsetid(_RUNTIME, 1)],
        ir_version=_IR_VERSION,
    )
    return bytes(model.SerializeToString(deterministic=True))


def _layer(graph: _Graph, package: PackagedWeights, rows: str, layer: int) -> str:
    """Attention, then the feed-forward network, each added to its input and normalised."""
    hidden, inner = package.hidden, package.feed_forward
    prefix = f"l{layer}"
    query, key, value = (
        graph.product(f"{prefix}.{part}", rows, hidden, hidden) for part in ("q", "k", "v")
    )
    biases = graph.values(f"{prefix}.q.b", f"{prefix}.k.b", f"{prefix}.v.b")
    attended = graph.node(
        "MultiHeadAttention",
        [query, key, value, biases, "mask"],
        f"{prefix}.attended",
        domain=_RUNTIME,
        num_heads=package.heads,
    )
    mixed = graph.product(f"{prefix}.ao", attended, hidden, hidden)
    rows = _added(graph, package, [mixed, rows], f"{prefix}.aln", f"{prefix}.ao.b")
    wide = graph.product(f"{prefix}.fi", rows, hidden, inner)
    wide = graph.node(
        "BiasGelu", [wide, graph.values(f"{prefix}.fi.b")], f"{prefix}.gelu", domain=_RUNTIME
    )
    narrow = graph.product(f"{prefix}.fo", wide, inner, hidden)
    return _added(graph, package, [narrow, rows], f"{prefix}.oln", f"{prefix}.fo.b")


def _added(graph: _Graph, package: PackagedWeights, pair: list[str], norm: str, bias: str) -> str:
    constants = [graph.values(f"{norm}.w"), graph.values(f"{norm}.b"), graph.values(bias)]
    return graph.node(
        "SkipLayerNormalization",
        [*pair, *constants],
        f"{norm}.out",
        domain=_RUNTIME,
        epsilon=package.epsilon,
    )


def _pooled(graph: _Graph, rows: str) -> str:
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
