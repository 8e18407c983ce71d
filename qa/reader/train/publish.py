"""Make a run ready to ship: ``python -m qa.reader.train.publish --run OUT --data FOLDER``.

Sets the calibration by questions on articles that training never saw; writes weights and card.
A run that went on from published weights may be averaged with them (``--with``, ``--share``):
two good weights of one descent are better in the middle, and abroad more so than at home (Wortsman
et al. 2022, "Model soups" and "Robust fine-tuning of zero-shot models").
"""

from __future__ import annotations

import argparse
import hashlib
import random
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file
from torch import Tensor

from corpus.errors import ModelError, as_exit_code
from index.model_package import prepare
from qa.reader import weights
from qa.reader.metric import f1
from qa.reader.model import TRAINED, load_own
from qa.reader.reading import Reader
from qa.reader.train.augment import Augmenter, Mix
from qa.reader.train.examples import Example, calibration_examples
from qa.reader.train.lexicon import open_lexicon

RIGHT_F1 = 0.5


def fit_calibration(margins: Sequence[float], right: Sequence[bool]) -> tuple[float, float]:
    """Scale and offset of the logistic curve from margin to chance (Platt 1999), by Newton."""
    x = torch.tensor(margins, dtype=torch.float64)
    y = torch.tensor(right, dtype=torch.float64)
    features = torch.stack([x, torch.ones_like(x)], dim=1)
    theta = torch.zeros(2, dtype=torch.float64)
    for _ in range(50):
        chance = torch.sigmoid(features @ theta)
        gradient = features.T @ (chance - y) + 1e-3 * theta
        curvature = (features * (chance * (1 - chance)).unsqueeze(1)).T @ features
        theta = theta - torch.linalg.solve(curvature + 1e-3 * torch.eye(2), gradient)
    return float(theta[0]), float(theta[1])


def calibrate(reader: Reader, examples: Sequence[Example]) -> tuple[float, float]:
    """The calibration of a reader: a span is right with at least half of the answer's words."""
    margins, right = [], []
    for example in examples:
        reading = reader.read(example.question, [example.passage], [example.title])[0]
        if reading.spans:
            top = reading.spans[0]
            gold = example.passage[slice(*example.answer)] if example.answer else ""
            margins.append(reading.margin)
            right.append(f1(example.passage[top.start : top.end], gold) >= RIGHT_F1)
    return fit_calibration(margins, right)


def averaged(
    run: Mapping[str, Tensor],
    others: Mapping[str, Tensor],
    share: float,
    given: Mapping[str, Tensor],
) -> dict[str, Tensor]:
    """The weights between two readers, ``share`` (0 to 1) from the others.

    Layers that were held in the others, and not in the run, are as the encoder has ``given`` them.

    Raises:
        ModelError: the others were trained in layers that the run held.
    """
    if not others.keys() <= run.keys():
        raise ModelError(
            "The published weights hold layers that the run left as they were: "
            "train with --frozen-layers as they were trained, or publish without --with."
        )
    whole = {name: others[name] if name in others else given[name] for name in run}
    return {name: torch.lerp(value, whole[name], share) for name, value in run.items()}


def _given(encoder: Path) -> dict[str, Tensor]:
    """The encoder's own tensors, by the names they have in a reader."""
    return {f"bert.{n}": v for n, v in load_file(encoder / "model.safetensors").items()}


def put(
    trained: Mapping[str, Tensor], facts: Mapping[str, str], encoder: Path, folder: Path
) -> weights.Card:
    """Write the trained tensors on ``encoder`` as a reader, its probability not yet calibrated.

    ``facts`` are kept as the metadata of the weights file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / weights.WEIGHTS
    weights.write(path, trained, facts)
    frozen = min(int(name.split(".")[3]) for name in trained if ".layer." in name)
    card = weights.Card(
        hashlib.sha256(path.read_bytes()).hexdigest(),
        weights.digest(_given(encoder), frozen),
        frozen,
        (1.0, 0.0),
    )
    weights.write_card(folder, card)
    return card


def main(arguments: Sequence[str] | None = None) -> int:
    """Write the weights of a run, with their card, into a folder."""
    parser = argparse.ArgumentParser(prog="python -m qa.reader.train.publish", description=__doc__)
    parser.add_argument("--run", type=Path, required=True, help="folder of the training run")
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--out", type=Path, default=TRAINED, help="folder to write into")
    parser.add_argument("--limit", type=int, default=600, help="questions to calibrate by")
    parser.add_argument(
        "--with", type=Path, dest="others", help="folder of published weights to average with"
    )
    parser.add_argument("--share", type=float, default=0.4, help="their share, 0 to 1")
    options = parser.parse_args(arguments)
    if not 0 <= options.share <= 1:
        parser.error("--share is a part of the whole: give a number from 0 to 1")
    if not (options.run / weights.WEIGHTS).is_file():
        raise ModelError(
            f"{options.run} holds no {weights.WEIGHTS}; give --run the folder that "
            "'python -m qa.reader.train --out' wrote."
        )
    with safe_open(options.run / weights.WEIGHTS, framework="pt") as file:
        facts = file.metadata()
    trained = weights.unpack(load_file(options.run / weights.WEIGHTS))
    encoder = prepare()
    if options.others is not None:
        others = weights.read(options.others)[1]
        trained = averaged(trained, others, options.share, _given(encoder))
    card = put(trained, facts, encoder, options.out)
    path = options.out / weights.WEIGHTS
    examples = calibration_examples(options.data)
    rng = random.Random(0)
    augment = Augmenter(examples, open_lexicon(options.data), Mix(), options.data / "wordnet")
    drawn = [augment(example, rng) for example in rng.sample(examples, options.limit)]
    calibration = calibrate(Reader(load_own(options.out)), drawn)
    weights.write_card(
        options.out, weights.Card(card.sha256, card.encoder, card.frozen_layers, calibration)
    )
    print(f"{path}: {path.stat().st_size / 2**20:.1f} MiB, calibration {calibration}")
    return 0


if __name__ == "__main__":
    with as_exit_code():
        sys.exit(main())
