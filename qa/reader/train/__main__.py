"""Train a reader: ``python -m qa.reader.train --data FOLDER --out FOLDER``.

Given the same command again after a kill, training goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import torch
from transformers import AutoTokenizer, BertForQuestionAnswering
from transformers.utils import logging

from corpus.errors import as_exit_code
from index.model_package import prepare
from qa.reader.train.augment import Augmenter, Mix
from qa.reader.train.batches import BatchStream
from qa.reader.train.examples import training_examples
from qa.reader.train.lexicon import open_lexicon
from qa.reader.train.loop import Plan, Trainer, freeze, go_on_from


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m qa.reader.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint and weights")
    parser.add_argument("--encoder", type=Path, help="directory, in place of the packaged encoder")
    parser.add_argument(
        "--start", type=Path, help="folder of published weights to train further, in place of none"
    )
    parser.add_argument("--steps", type=int, help="batches to train for (8000: two epochs)")
    parser.add_argument("--minutes", type=float, help="minutes to train for, at most")
    parser.add_argument("--batch", type=int, default=24, help="examples in a batch")
    parser.add_argument("--rate", type=float, default=1.5e-4, help="highest learning rate")
    parser.add_argument("--frozen-layers", type=int, default=4, help="lowest layers left as is")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument("--save-seconds", type=float, default=180, help="time between checkpoints")
    options = parser.parse_args(arguments)
    if options.steps is None and options.minutes is None:
        parser.error("say how long to train: give --steps, --minutes or both")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, or go on training, as the command line says."""
    options = _arguments(arguments)
    torch.set_num_threads(options.threads)
    torch.manual_seed(options.seed)
    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    options.out.mkdir(parents=True, exist_ok=True)
    examples = training_examples(options.data)
    encoder = options.encoder or prepare()
    model = BertForQuestionAnswering.from_pretrained(
        encoder, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0
    )
    freeze(model, options.frozen_layers)
    if options.start is not None:
        go_on_from(model, options.start, encoder, options.frozen_layers)
    plan = Plan(
        options.steps, options.minutes, rate=options.rate, save_seconds=options.save_seconds
    )
    trainer = Trainer(model, plan, options.out, device)
    resumed = trainer.resume()
    print(f"{len(examples)} examples; {'resumed at' if resumed else 'from'} step {trainer.step}")
    augmenter = Augmenter(
        [e for e, _ in examples], open_lexicon(options.data), Mix(), options.data / "wordnet"
    )
    tokenizer = AutoTokenizer.from_pretrained(encoder)
    stream = BatchStream(examples, augmenter, tokenizer, options.batch, options.seed)
    trainer.run(stream.from_step, lambda line: print(line, flush=True))
    return 0


if __name__ == "__main__":
    with as_exit_code():
        sys.exit(main())
