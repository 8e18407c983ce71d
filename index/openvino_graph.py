"""Transformer layers as an OpenVINO graph, and of them the packaged encoder.

Weights are multiplied in 8 bits, with a scale for ``GROUP`` of them, as the activations they meet
are (``index.openvino_runtime``); so a graph takes 22 MB instead of 85, and the package's 4 bits are
hardly rounded again. Layers that are to be more exact are left as they come (``Graph``). A graph
begins after the word embeddings, which are looked up row by row (``index.embedding_rows``).

Where some activations are far larger than their neighbours, all of a group would be rounded as
coarsely as those. So they are divided by what makes them too large, and the weights that they meet
multiplied by it, which changes no product (SmoothQuant, Xiao et al. 2023; ``Easing``).

Inputs: ``embeddings`` float32 (batch, length, hidden), the sum of word, position and type rows;
``mask`` float32 (batch, length), 1 for tokens. Output of the encoder: float32 (batch, hidden), the
sum over the tokens, which at length 1 is their mean at length 1. The reader's graph
(``qa.reader.openvino_graph``) begins likewise.
"""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from importlib.resources import files
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from index.openvino_runtime import GROUP, Inputs, openvino, worked_out
from index.packaged_parts import Parts
from index.packaged_weights import PackagedWeights

_LEAST = 1e-5  # of a group's largest weight: its scale in half precision must not be 0
_FAR = 3.0  # times the median, from which on an input is eased …
_SHARE = 0.7  # … by this power of how often it is as large as that
_STEPS = 2  # of easing to a doubling
_SAME = 1e-3  # of the largest weight: what half precision makes of a scale
_BARRED = 1e4  # taken from the likeness to padding: its share of the attention is 0


Easing = Mapping[str, NDArray[np.float32]]  # of a matrix's inputs, by its name, shape (size in,)


class Weights(Protocol):
    """Where a graph's weights come from, by their names in the package (``l3.ao.w``)."""

    def values(self, name: str) -> NDArray[np.float32]:
        """A vector of weights."""

    def matrix(self, name: str, size_in: int) -> NDArray[np.float32]:
        """A matrix of ``size_in`` columns."""


@dataclass(frozen=True, slots=True)
class PackageMatrices:
    """The package's own weights."""

    package: PackagedWeights

    def values(self, name: str) -> NDArray[np.float32]:
        return self.package.values(name)

    def matrix(self, name: str, size_in: int) -> NDArray[np.float32]:
        scales, nibbles = self.package.blocks(name)
        values = nibbles.astype(np.float32) - 8
        values *= scales[:, None]
        return values.reshape(-1, size_in)


class Graph:
    """Builds a model from embeddings upwards; ``ops`` are OpenVINO's operators.

    ``easing`` is what inputs are divided by; ``normed`` holds those that can be, by name. The
    ``fine`` lowest layers are not multiplied in 8 bits: what they round goes through all others.
    """

    def __init__(
        self,
        package: PackagedWeights,
        weights: Weights,
        easing: Easing | None = None,
        *,
        fine: int = 0,
    ) -> None:
        self.ov = openvino()
        self.ops = self.ov.opset15
        self._package = package  # for its sizes
        self._weights = weights
        self._fine = tuple(f"l{layer}." for layer in range(fine))
        eased = easing or {}
        self._easing = {n: eased[n] for n in eased if not n.startswith(self._fine)}
        self.normed: dict[str, Any] = {}
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

    def largest(self, inputs: Inputs) -> dict[str, NDArray[np.float32]]:
        """The largest size of each of the ``normed`` rows' numbers over all tokens, (hidden,)."""
        self.transformer()
        ops, kept = self.ops, self.ops.unsqueeze(self.mask, self.numbers(2))
        sizes = [ops.abs(ops.multiply(rows, kept)) for rows in self.normed.values()]
        most = [ops.reduce_max(one, self.numbers(0, 1), False) for one in sizes]
        return dict(zip(self.normed, worked_out(self._model(most, "largest"), inputs), strict=True))

    def model(self, output: Any, name: str) -> Any:
        """The graph that gives ``output``."""
        return self._model([output], name)

    def _model(self, outputs: Sequence[Any], name: str) -> Any:
        for parameter, called in ((self.embeddings, "embeddings"), (self.mask, "mask")):
            parameter.output(0).set_names({called})
        results = [self.ops.result(output) for output in outputs]
        return self.ov.Model(results, [self.embeddings, self.mask], name)

    def _layer(self, rows: Any, barred: Any, prefix: str) -> Any:
        """Attention, then the feed-forward network, each added to its input and normalised."""
        ops, package = self.ops, self._package
        attended = self._attention(self._eased(f"{prefix}.q", rows), barred, prefix)
        mixed = self._linear(f"{prefix}.ao", attended, package.hidden)
        rows = self._normalised(ops.add(mixed, rows), f"{prefix}.aln")
        eased = self._eased(f"{prefix}.fi", rows)
        wide = ops.gelu(self._linear(f"{prefix}.fi", eased, package.hidden, f"{prefix}.fi"), "erf")
        narrow = self._linear(f"{prefix}.fo", wide, package.feed_forward)
        return self._normalised(ops.add(narrow, rows), f"{prefix}.oln")

    def _eased(self, name: str, rows: Any) -> Any:
        """Rows divided by the easing of a matrix, if it has one."""
        self.normed[name] = rows
        easing = self._easing.get(name)
        return rows if easing is None else self.ops.multiply(rows, self.constant(1 / easing))

    def _attention(self, rows: Any, barred: Any, prefix: str) -> Any:
        """Each token's mixture of all tokens' values, (batch, length, hidden)."""
        ops, hidden, heads = self.ops, self._package.hidden, self._package.heads
        size = hidden // heads
        apart = self.numbers(0, 0, heads, size)
        heads_first = self.numbers(0, 2, 1, 3)
        query, key, value = (
            ops.transpose(
                ops.reshape(
                    self._linear(f"{prefix}.{part}", rows, hidden, f"{prefix}.q"), apart, True
                ),
                heads_first,
            )
            for part in "qkv"
        )
        likeness = ops.matmul(query, key, False, True)
        likeness = ops.multiply(likeness, self.constant(np.float32(size**-0.5)))
        shares = ops.softmax(ops.add(likeness, barred), 3)
        mixed = ops.transpose(ops.matmul(shares, value, False, False), heads_first)
        return ops.reshape(mixed, self.numbers(0, 0, hidden), True)

    def _linear(self, name: str, rows: Any, size_in: int, eased: str = "") -> Any:
        """``rows`` times a matrix, plus its bias; ``eased`` names what the rows were divided by."""
        weights = self._weights.matrix(f"{name}.w", size_in)
        if eased in self._easing:
            weights = weights * self._easing[eased]
        fine = name.startswith(self._fine)
        factors = self.constant(weights) if fine else self._in_bytes(weights)
        product = self.ops.matmul(rows, factors, False, True)
        return self.ops.add(product, self.constant(self._weights.values(f"{name}.b")))

    def _in_bytes(self, weights: NDArray[np.float32]) -> Any:
        """A matrix that stays in its bytes until it is multiplied, each group with its scale.

        One that was kept in bytes, a scale a row, is not rounded again.
        """
        ops, (size_out, size_in) = self.ops, weights.shape
        rows = weights[:, None]
        whole, scales = _rounded(rows)
        if np.abs(whole * scales.astype(np.float32) - rows).max() > _SAME * np.abs(rows).max():
            whole, scales = _rounded(weights.reshape(size_out, -1, math.gcd(size_in, GROUP)))
        # Half precision: scales in single precision would be made bfloat16 where the rest is.
        scaled = ops.multiply(ops.convert(self.constant(whole), "f16"), self.constant(scales))
        flat = ops.reshape(scaled, self.numbers(size_out, size_in), False)
        return ops.convert(flat, "f32")

    def _normalised(self, rows: Any, name: str) -> Any:
        """Layer normalisation with its weights and bias."""
        ops = self.ops
        centred = ops.mvn(rows, self.numbers(-1), True, self._package.epsilon, "INSIDE_SQRT")
        scaled = ops.multiply(centred, self.constant(self._weights.values(f"{name}.w")))
        return ops.add(scaled, self.constant(self._weights.values(f"{name}.b")))


def _rounded(groups: NDArray[np.float32]) -> tuple[NDArray[np.int8], NDArray[np.float16]]:
    """Bytes, and the scale of each group: shapes (rows, groups, size) and (rows, groups, 1)."""
    largest = np.maximum(np.abs(groups).max(axis=2, keepdims=True), _LEAST)
    scales = (largest / 127).astype(np.float16)
    whole = np.rint(groups / (largest / 127))
    return whole.astype(np.int8), scales


def encoder(parts: Parts) -> Any:
    """The packaged encoder as an ``openvino.Model``: a text's rows, added up."""
    weights = PackageMatrices(parts.package)
    graph = Graph(parts.package, weights, easing(parts, weights))
    ops = graph.ops
    kept = ops.multiply(graph.transformer(), ops.unsqueeze(graph.mask, graph.numbers(2)))
    return graph.model(ops.reduce_sum(kept, graph.numbers(1), False), "encoder")


def easing(parts: Parts, weights: Weights) -> Easing:
    """What to divide the inputs of each layer by, as seen on the texts of ``data/samples.toml``.

    Only what is far larger than the median is divided, and by less than would level it, for the
    weights grow by as much. Of ten settings tried these two figures leave the reader's margins
    nearest to those in single precision, and the encoder's vectors nearly so.
    """
    table = tomllib.loads(files("index").joinpath("data/samples.toml").read_text("utf-8"))
    ids = [one.ids for one in parts.tokenizer.encode(table["texts"])]
    largest = Graph(parts.package, weights).largest(parts.rows.inputs(ids))
    found = {}
    for name, most in largest.items():
        over = np.maximum(1, most / (_FAR * np.median(most))) ** _SHARE
        # in few steps: what a processor rounds otherwise in single precision makes no difference
        found[name] = (2 ** (np.rint(_STEPS * np.log2(over)) / _STEPS)).astype(np.float32)
    return found
