"""Bijsluiter's reader as an OpenVINO graph: the encoder's lower layers, the trained ones on them.

The lower layers are the package's own 4-bit blocks, the trained ones the eight bits a row that the
weights file keeps; neither is rounded again, but for the latter's scales (to half precision).
Inputs are those of ``index.openvino_graph``; output float32 (batch, length, 2), the logits of each
token to be the first and the last of an answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError
from index.model_package import tensor_names
from index.openvino_graph import Blocks, Graph, PackageMatrices
from index.packaged_weights import PackagedWeights
from qa.reader.weights import QUANTISED, SCALE

_HEAD_WEIGHT, _HEAD_BIAS = "qa_outputs.weight", "qa_outputs.bias"


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
        scales = self.trained[name + SCALE].astype(np.float32)
        return Blocks(8, stored[:, None, :], scales[:, None])


def reader(package: PackagedWeights, trained: Mapping[str, NDArray[Any]]) -> Any:
    """The reader as an ``openvino.Model``; ``trained`` holds tensors as the weights file has them.

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
    rows, ops = graph.transformer(), graph.ops
    marks = ops.matmul(rows, graph.constant(head[_HEAD_WEIGHT]), False, True)
    return graph.model(ops.add(marks, graph.constant(head[_HEAD_BIAS])), "reader")
