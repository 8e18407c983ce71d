"""Train a reader: ``python -m qa.reader.train --data FOLDER --out FOLDER``.

Given the same command again after a kill, training goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from functools import partial
from pathlib import Path

import torch

from corpus.errors import as_exit_code
from index.model_package import prepare
from qa.reader.train.examples import training_examples
from qa.reader.train.loop import Plan
from qa.reader.train.training import Recipe, train
from qa.reader.train.written import FOLDER, written_examples


def _arguments(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m qa.reader.train", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--out", type=Path, required=True, help="folder for checkpoint and weights")
    parser.add_argument("--encoder", type=Path, help="directory, in place of the packaged encoder")
    parser.add_argument(
        "--start", type=Path, help="folder of published weights to train further, in place of none"
    )
    parser.add_argument(
        "--written", type=Path, default=FOLDER, help="folder of the questions written for this"
    )
    parser.add_argument("--steps", type=int, help="batches to train for")
    parser.add_argument("--minutes", type=float, help="minutes to train for, at most")
    parser.add_argument("--batch", type=int, default=24, help="examples in a batch")
    parser.add_argument("--rate", type=float, default=1.5e-4, help="highest learning rate")
    parser.add_argument("--frozen-layers", type=int, default=0, help="lowest layers left as is")
    parser.add_argument(
        "--dropout", type=float, default=0.1, help="share of each layer's output left out"
    )
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    parser.add_argument("--save-seconds", type=float, default=180, help="time between checkpoints")
    options = parser.parse_args(arguments)
    if options.steps is None and options.minutes is None:
        parser.error("say how long to train: give --steps, --minutes or both")
    if not 0 <= options.dropout < 1:
        parser.error("--dropout is a share: give a number from 0 to below 1")
    return options


def main(arguments: Sequence[str] | None = None) -> int:
    """Train, or go on training, as the command line says."""
    options = _arguments(arguments)
    torch.set_num_threads(options.threads)
    plan = Plan(
        options.steps, options.minutes, rate=options.rate, save_seconds=options.save_seconds
    )
    recipe = Recipe(
        plan,
        frozen_layers=options.frozen_layers,
        start=options.start,
        batch=options.batch,
        seed=options.seed,
        dropout=options.dropout,
    )
    examples = training_examples(options.data) + written_examples(options.data, options.written)
    encoder = options.encoder or prepare()
    report = partial(print, flush=True)
    train(recipe, examples, options.data, encoder, options.out, report)
    return 0


if __name__ == "__main__":
    with as_exit_code():
        sys.exit(main())
