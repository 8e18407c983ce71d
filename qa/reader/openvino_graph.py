"""Bijsluiter's reader as an OpenVINO graph: the encoder, with the trained layers in their place.

What was not trained is the package's own, the trained layers those of the weights file.
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
from index.openvino_graph import Graph, PackageMatrices, easing
from index.packaged_parts import Parts
from qa.reader.weights import QUANTISED, SCALE

_FINE = 8  # layers; what each number of them gains and costs: docs/architecture.md, "Serving"
_HEAD_WEIGHT, _HEAD_BIAS = "qa_outputs.weight", "qa_outputs.bias"


@dataclass(frozen=True, slots=True)
class _Completed:
    """The package's weights, with those of ``trained`` (its names, as stored) in their place."""

    package: PackageMatrices
    trained: Mapping[str, NDArray[Any]]

    def values(self, name: str) -> NDArray[np.float32]:
        found = self.trained.get(name)
        return self.package.values(name) if found is None else found.astype(np.float32)

    def matrix(self, name: str, size_in: int) -> NDArray[np.float32]:
        stored = self.trained.get(name + QUANTISED)
        if stored is None:
            return self.package.matrix(name, size_in)
        values: NDArray[np.float32] = stored * self.trained[name + SCALE][:, None]
        return values


def reader(parts: Parts, trained: Mapping[str, NDArray[Any]]) -> Any:
    """The reader as an ``openvino.Model``; ``trained`` holds tensors as the weights file has them.

    Raises:
        ModelError: ``trained`` is not of this encoder: a name is unknown, or the head is missing.
    """
    ours = {f"bert.{name}": short for name, short in tensor_names(parts.package).items()}
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
    completed = _Completed(PackageMatrices(parts.package), placed)
    graph = Graph(parts.package, completed, easing(parts, completed), fine=_FINE)
    rows, ops = graph.transformer(), graph.ops
    marks = ops.matmul(rows, graph.constant(head[_HEAD_WEIGHT]), False, True)
    return graph.model(ops.add(marks, graph.constant(head[_HEAD_BIAS])), "reader")
