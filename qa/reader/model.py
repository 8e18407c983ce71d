"""Models that mark spans: Bijsluiter's own, and any of the hub's.

Our own is served by OpenVINO; torch and transformers are loaded for the others only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index.tokenizing import Tokenizes

TRAINED = Path(__file__).parent / "trained"

TokenIds = Mapping[str, NDArray[np.int64]]
"""Token ids and what goes with them, (rows, tokens) each."""
Marks = tuple[NDArray[np.float32], NDArray[np.float32]]
"""Start and end logits, (rows, at least as many as there were tokens)."""
Marker = Callable[[Iterable[TokenIds]], Iterator[Marks]]
"""Batches to their marks, in their order; a few batches may be taken ahead."""


@dataclass(frozen=True, slots=True)
class LoadedModel:
    """What marks starts and ends, its tokeniser and its calibration.

    ``inputs`` are the names of what ``mark`` is given, ``padding`` the token that fills rows up.
    ``calibration`` is (scale, offset): a passage answers with the chance
    ``sigmoid(scale * margin + offset)``. ``fingerprint`` changes whenever readings might.
    """

    mark: Marker
    tokenizer: Tokenizes
    inputs: tuple[str, ...]
    padding: int
    max_tokens: int
    calibration: tuple[float, float]
    fingerprint: str
    name: str


def load_own(folder: Path = TRAINED, encoder: Path | None = None) -> LoadedModel:
    """Bijsluiter's reader, on OpenVINO; on torch where another ``encoder`` is given.

    Raises:
        ModelError: the weights or the encoder are missing or damaged, or do not belong together.
    """
    if encoder is not None:
        from qa.reader.torch_marker import load_on_torch

        return load_on_torch(folder, encoder)
    from qa.reader.openvino_marker import load_served

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
