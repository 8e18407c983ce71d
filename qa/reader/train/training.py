"""One training run, from examples to the weights in a folder."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch
from transformers import AutoTokenizer, BertForQuestionAnswering
from transformers.utils import logging

from corpus.errors import ModelError
from qa.reader.train.augment import Augmenter, Mix
from qa.reader.train.batches import BatchStream
from qa.reader.train.examples import Example
from qa.reader.train.lexicon import open_lexicon
from qa.reader.train.loop import Plan, Trainer, freeze, go_on_from
from qa.reader.train.pairs import alignment, sentence_pairs


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run is made with: its plan, what is done to examples, and where it begins.

    ``frozen_layers`` lowest layers and the embeddings stay the encoder's; ``start`` is a folder of
    published weights to go on from, in place of the bare encoder; ``batch`` counts examples.
    ``aligned`` is the weight of the loss that keeps Dutch and English alike, of as many pairs;
    ``dropout`` is the share of each layer's output that is left out at random.
    """

    plan: Plan
    mix: Mix = field(default_factory=Mix)
    frozen_layers: int = 0
    start: Path | None = None
    batch: int = 24
    seed: int = 1
    aligned: float = 0.0
    dropout: float = 0.0


def train(
    recipe: Recipe,
    examples: Sequence[tuple[Example, int]],
    data: Path,
    encoder: Path,
    out: Path,
    report: Callable[[str], None],
) -> None:
    """Train on ``examples`` (each with its repeats in an epoch), or go on from the checkpoint.

    ``data`` is the folder of word lists and WordNet, ``out`` that of checkpoint and weights.

    Raises:
        ModelError: the checkpoint or the weights to start from are damaged or of another encoder,
            or there are no pairs to align.
    """
    torch.manual_seed(recipe.seed)
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    out.mkdir(parents=True, exist_ok=True)
    model = BertForQuestionAnswering.from_pretrained(
        encoder, hidden_dropout_prob=recipe.dropout, attention_probs_dropout_prob=0.0
    )
    freeze(model, recipe.frozen_layers)
    if recipe.start is not None:
        go_on_from(model, recipe.start, encoder, recipe.frozen_layers)
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    trainer = Trainer(model, recipe.plan, out, device)
    if recipe.aligned:
        pairs = sentence_pairs(data)
        if not pairs:
            raise ModelError(f"{data} holds no Tatoeba pairs: put them in it, or align nothing.")
        alike = alignment(trainer.model, tokenizer, pairs, recipe.batch, recipe.seed)
        trainer.beside = lambda step: recipe.aligned * alike(step)
    resumed = trainer.resume()
    report(f"{len(examples)} examples; {'resumed at' if resumed else 'from'} step {trainer.step}")
    augmenter = Augmenter(
        [e for e, _ in examples], open_lexicon(data), recipe.mix, data / "wordnet"
    )
    stream = BatchStream(examples, augmenter, tokenizer, recipe.batch, recipe.seed)
    trainer.run(stream.from_step, report)
