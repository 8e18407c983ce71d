"""Weights on disk: what rounding costs, and how missing or damaged files are told."""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import BertForQuestionAnswering

from corpus.errors import ModelError
from qa.reader import weights
from qa.reader.model import load_own


@pytest.fixture
def trained(tiny_encoder: Path, tmp_path: Path) -> Path:
    """Weights and card for a reader on the tiny encoder, its second layer trained."""
    state = {f"bert.{n}": v for n, v in load_file(tiny_encoder / "model.safetensors").items()}
    torch.manual_seed(9)
    changed = {
        name: value + 0.01 * torch.randn_like(value)
        for name, value in state.items()
        if name.startswith("bert.encoder.layer.1.")
    }
    changed["qa_outputs.weight"] = torch.randn(2, 16)
    changed["qa_outputs.bias"] = torch.zeros(2)
    path = tmp_path / weights.WEIGHTS
    weights.write(path, changed, {"format": "1"})
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    weights.write_card(tmp_path, weights.Card(sha256, weights.digest(state, 1), 1, (0.5, -1.0)))
    return tmp_path


def test_eight_bits_a_row_are_near() -> None:
    torch.manual_seed(1)
    matrix = torch.randn(64, 32) * torch.logspace(-4, 2, 64).unsqueeze(1)
    back = weights.unpack(weights.pack({"m": matrix}))["m"]
    error = (back - matrix).abs().amax(dim=1) / matrix.abs().amax(dim=1)
    assert float(error.max()) <= 0.5 / 127 + 1e-6


def test_a_row_of_zeros_stays_zero() -> None:
    back = weights.unpack(weights.pack({"m": torch.zeros(8, 4)}))["m"]
    assert torch.equal(back, torch.zeros(8, 4))


def test_own_weights_replace_the_encoders(trained: Path, tiny_encoder: Path) -> None:
    loaded = load_own(trained, tiny_encoder)
    encoder = BertForQuestionAnswering.from_pretrained(tiny_encoder)
    encoder.load_state_dict(weights.read(trained)[1], strict=False)
    ids = np.array([[0, 5, 6, 2, 2, 7, 8, 9, 2]])
    inputs = {"input_ids": ids, "attention_mask": np.ones_like(ids)}
    expected = encoder.eval()(**{name: torch.tensor(v) for name, v in inputs.items()})
    ((starts, ends),) = loaded.mark([inputs])
    np.testing.assert_allclose(starts, expected.start_logits.detach().numpy(), atol=0.05)
    np.testing.assert_allclose(ends, expected.end_logits.detach().numpy(), atol=0.05)
    assert starts.std() > 0.5
    assert loaded.calibration == (0.5, -1.0)


@pytest.mark.parametrize("name", [weights.WEIGHTS, weights.CARD])
def test_a_missing_file_is_named_with_its_mend(
    trained: Path, tiny_encoder: Path, name: str
) -> None:
    (trained / name).unlink()
    with pytest.raises(ModelError, match=rf"{re.escape(name)} (is|are) missing: reinstall"):
        load_own(trained, tiny_encoder)


@pytest.mark.parametrize("name", [weights.WEIGHTS, weights.CARD])
@pytest.mark.parametrize("keep", [0, 0.5, 0.99])
def test_a_damaged_file_is_named_with_its_mend(
    trained: Path, tiny_encoder: Path, name: str, keep: float
) -> None:
    data = (trained / name).read_bytes()
    (trained / name).write_bytes(data[: int(keep * (len(data) - 2))])
    with pytest.raises(ModelError, match=rf"{re.escape(name)} (is|are) damaged: reinstall"):
        load_own(trained, tiny_encoder)


def test_another_encoder_is_refused(trained: Path, tiny_reader: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    state = load_file(tiny_reader / "model.safetensors")
    from safetensors.torch import save_file

    save_file(
        {n.removeprefix("bert."): v for n, v in state.items() if n.startswith("bert.")},
        other / "model.safetensors",
    )
    with pytest.raises(ModelError, match="trained on another encoder"):
        load_own(trained, other)
