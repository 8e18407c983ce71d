"""Sentences in English and Dutch that say the same: what keeps the two languages alike.

While a reader is trained, batches of such pairs are encoded beside its examples, and each sentence
is to be nearer to its own translation than to those of the others: the translation ranking loss of
LaBSE (Feng et al. 2022), with the pooling and the temperature that E5 was trained with.
"""

from __future__ import annotations

import gzip
import random
from collections.abc import Callable, Sequence
from pathlib import Path

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy, normalize
from transformers import PreTrainedTokenizerBase

TEMPERATURE = 0.01  # of E5 (Wang et al. 2022, section 4.2)
LONGEST = 48  # tokens; a sentence that is longer is cut

Pair = tuple[str, str]  # English, Dutch


def sentence_pairs(folder: Path) -> list[Pair]:
    """The Tatoeba pairs in ``folder``; none where they are not there."""
    files = [folder / f"tatoeba-eng-nld.{side}.gz" for side in ("eng", "nld")]
    if not all(file.exists() for file in files):
        return []
    english, dutch = (
        gzip.decompress(file.read_bytes()).decode("utf-8").splitlines() for file in files
    )
    return list(zip(english, dutch, strict=True))


def alignment(
    model: nn.Module,
    tokenizer: PreTrainedTokenizerBase,
    pairs: Sequence[Pair],
    size: int,
    seed: int,
) -> Callable[[int], Tensor]:
    """The loss of ``size`` pairs under ``model`` at a step; which pairs, the seed and the step say.

    Differentiable; a cross-entropy, in nats.
    """

    def pooled(sentences: Sequence[str]) -> Tensor:
        device = next(model.parameters()).device
        tokens = tokenizer(
            list(sentences), padding=True, truncation=True, max_length=LONGEST, return_tensors="pt"
        ).to(device)
        with torch.autocast(device.type, torch.bfloat16):
            hidden = model.base_model(**tokens).last_hidden_state  # type: ignore[operator]
        mask = tokens["attention_mask"][..., None]
        return normalize((hidden.float() * mask).sum(1) / mask.sum(1), dim=-1)

    def loss(step: int) -> Tensor:
        drawn = random.Random(f"{seed}/pairs/{step}").sample(pairs, min(size, len(pairs)))
        english, dutch = (pooled(side) for side in zip(*drawn, strict=True))
        likeness = english @ dutch.T / TEMPERATURE
        own = torch.arange(len(drawn), device=likeness.device)
        return (cross_entropy(likeness, own) + cross_entropy(likeness.T, own)) / 2

    return loss
