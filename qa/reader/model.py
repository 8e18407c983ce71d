"""Models that mark spans: Bijsluiter's own, and any of the hub's.

Our own is served by ONNX Runtime; torch and transformers are loaded for the others only.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.tokenizing import SharedTokenizer

TRAINED = Path(__file__).parent / "trained"

Marks = tuple[NDArray[np.float32], NDArray[np.float32]]
Marker = Callable[[Mapping[str, NDArray[np.int64]]], Marks]
"""Token ids and what goes with them, (rows, tokens) each, to start and end logits, likewise."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """What marks starts and ends, its tokeniser and its calibration.

    ``inputs`` are the names of what ``mark`` is given, ``padding`` the token that fills rows up.
    ``calibration`` is (scale, offset): a passage answers with the chance
    ``sigmoid(scale * margin + offset)``. ``fingerprint`` changes whenever readings might.
    """

    mark: Marker
    tokenizer: SharedTokenizer
    inputs: tuple[str, ...]
    padding: int
    max_tokens: int
    calibration: tuple[float, float]
    fingerprint: str
    name: str


def load_own(folder: Path = TRAINED, encoder: Path | None = None) -> LoadedModel:
    """Bijsluiter's reader, on ONNX Runtime; on torch where another ``encoder`` is given.

    Raises:
        ModelError: the weights or the encoder are missing or damaged, or do not belong together.
    """
    if encoder is not None:
        from qa.reader.torch_marker import load_on_torch

        return load_on_torch(folder, encoder)
    from qa.reader.onnx_marker import load_served

    return load_served(folder)


def load_named(name: str) -> LoadedModel:
    """Any ``AutoModelForQuestionAnswering``, by its name on the hub or its directory.

    Its first token must stand for no answer, as in models trained on SQuAD 2.0. Nothing of it is
    unpickled and none of its code is run.

    Raises:
        ModelError: there is no such model, or it has no fast tokeniser.
    """
    from qa.reader import torch_marker

    return torch_marker.load_named(name)
