"""Readers on torch: those of the hub, and Bijsluiter's own for comparing. Slow to import."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file
from torch import nn
from transformers import (
    AutoModelForQuestionAnswering,
    AutoTokenizer,
    BertConfig,
    BertForQuestionAnswering,
)
from transformers.utils import logging

from corpus.errors import ModelError
from index.tokenizing import SharedTokenizer
from qa.reader import weights
from qa.reader.model import LoadedModel, Marker, Marks, TokenIds


def torch_marker(model: nn.Module) -> Marker:
    """The model as a marker: bfloat16 where the processor computes in it, else fp32.

    In bfloat16 a margin moves by some hundredths, in two fifths of the time.
    """

    model.eval()
    able = torch.cpu.get_capabilities()
    narrow = bool(able.get("avx512_bf16") or able.get("amx_bf16"))

    def mark(batches: Iterable[TokenIds]) -> Iterator[Marks]:
        for inputs in batches:
            tensors = {name: torch.from_numpy(values) for name, values in inputs.items()}
            with torch.inference_mode(), torch.autocast("cpu", torch.bfloat16, enabled=narrow):
                marks = model(**tensors)
            yield marks.start_logits.float().numpy(), marks.end_logits.float().numpy()

    return mark


def load_on_torch(folder: Path, encoder: Path) -> LoadedModel:
    """The reader whose weights are in ``folder``, on the encoder in ``encoder``.

    Raises:
        ModelError: the weights are missing or damaged, or do not belong to the encoder.
    """
    card, trained = weights.read(folder)
    state = {
        f"bert.{name}": value for name, value in load_file(encoder / "model.safetensors").items()
    }
    if weights.digest(state, card.frozen_layers) != card.encoder:
        raise ModelError(weights.another_encoder(folder, encoder))
    config = BertConfig.from_pretrained(encoder)
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    # A sentence encoder may carry a pooler, which marks no spans.
    state = {name: value for name, value in state.items() if ".pooler." not in name} | trained
    made: Any = BertForQuestionAnswering.from_pretrained(
        None, config=config, state_dict=state, output_loading_info=True
    )
    model, fit = made
    odd = [name for names in fit.values() for name in names]
    if odd:
        raise ModelError(
            f"The reader in {folder} does not fit its encoder ({odd[0]}): reinstall Bijsluiter."
        )
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    return LoadedModel(
        mark=torch_marker(model),
        tokenizer=SharedTokenizer(tokenizer.backend_tokenizer),
        inputs=("input_ids", "attention_mask"),
        padding=tokenizer.pad_token_id or 0,
        max_tokens=config.max_position_embeddings,
        calibration=card.calibration,
        fingerprint=card.sha256,
        name=f"bijsluiter-reader-{card.sha256[:8]}",
    )


def load_named(name: str) -> LoadedModel:
    """Any ``AutoModelForQuestionAnswering``, by its name on the hub or its directory.

    Its first token must stand for no answer, as in models trained on SQuAD 2.0. Nothing of it is
    unpickled and none of its code is run.

    Raises:
        ModelError: there is no such model, or it has no fast tokeniser.
    """
    from transformers import AutoTokenizer
    from transformers.utils import logging

    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        tokenizer = AutoTokenizer.from_pretrained(name, use_fast=True, trust_remote_code=False)
        model = AutoModelForQuestionAnswering.from_pretrained(
            name, use_safetensors=True, trust_remote_code=False
        )
    except (OSError, ValueError, ImportError) as error:
        raise ModelError(
            f"The reader {name} cannot be opened; give --reader the name or directory of a "
            f"question-answering model with safetensors weights ({str(error).splitlines()[0]})."
        ) from error
    if not tokenizer.is_fast:
        raise ModelError(
            f"The reader {name} has no fast tokeniser, so its answers have no offsets; "
            f"give --reader one that has a tokenizer.json."
        )
    limit = getattr(model.config, "max_position_embeddings", None) or tokenizer.model_max_length
    limit = min(int(limit), int(tokenizer.model_max_length))
    return LoadedModel(
        mark=torch_marker(model),
        tokenizer=SharedTokenizer(tokenizer.backend_tokenizer),
        inputs=tuple(tokenizer.model_input_names),
        padding=tokenizer.pad_token_id or 0,
        max_tokens=limit,
        calibration=(1.0, 0.0),
        fingerprint=f"named:{name}",
        name=name,
    )
