"""What each step towards Dutch gives: ``python -m eval.transfer --data FOLDER --out FOLDER``.

Readers are trained alike but for one measure at a time and asked the Dutch human pairs, of which
they saw none: all pairs where none were trained on, and in five folds where the others were.
Small runs, to compare with each other, not with the reader that is served. Given again after a
kill, it goes on where it was.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

import torch
from safetensors.torch import load_file

from corpus.errors import as_exit_code
from eval.yardsticks import Question, measure, policy_questions, squad_questions, thin
from index.model_package import prepare
from qa.reader import weights
from qa.reader.model import load_own
from qa.reader.reading import Reader
from qa.reader.train.augment import Mix
from qa.reader.train.examples import POLICY_FOLDS, Example, training_examples
from qa.reader.train.loop import Plan
from qa.reader.train.publish import put
from qa.reader.train.training import Recipe, train
from qa.reader.train.written import DUTCH, REPEATS, dutch_examples

PAIRS = "PolicyQA-nl"


@dataclass(frozen=True, slots=True)
class Measure:
    """A way to Dutch: the languages trained on, whether words are mixed, what is left as it was,
    the weight of keeping sentences near their translations, and whether the written questions
    on Dutch passages are among the examples."""

    name: str
    languages: frozenset[str]
    mixed_words: bool
    frozen_layers: int = 4
    aligned: float = 0.0
    written: bool = False


MEASURES = (
    Measure("English alone", frozenset({"en"}), mixed_words=False),
    Measure("with Norwegian", frozenset({"en", "no"}), mixed_words=False),
    Measure("with mixed words", frozenset({"en"}), mixed_words=True),
    Measure("with both", frozenset({"en", "no"}), mixed_words=True),
    Measure("with both, languages kept alike", frozenset({"en", "no"}), True, aligned=0.1),
    Measure("with both, no layer frozen", frozenset({"en", "no"}), True, frozen_layers=0),
    Measure("with both, and written Dutch", frozenset({"en", "no"}), True, written=True),
)
PAIRS_ON = MEASURES[3]
"""What the training on the human pairs goes on from."""


def recipe_of(way: Measure, steps: int, batch: int) -> Recipe:
    """The run that shows what a measure gives."""
    mix = Mix()
    if not way.mixed_words:
        mix = replace(mix, dutch_question=0.0, dutch_passage=0.0, dutch_both=0.0)
    return Recipe(
        Plan(steps, None),
        mix,
        frozen_layers=way.frozen_layers,
        batch=batch,
        aligned=way.aligned,
    )


def pooled(parts: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """The mean over all questions of parts measured apart, as ``measure`` gives them."""
    total = sum(part["questions"] for part in parts)
    means = {
        key: sum(part[key] * part["questions"] for part in parts) / total for key in ("f1", "em")
    }
    return {"questions": total, **means}


class Trial:
    """Where the runs are kept, and what they are asked: ``pairs``, the Dutch human ones by fold."""

    def __init__(self, options: argparse.Namespace, report: Callable[[str], None]) -> None:
        self.options = options
        self.report = report
        self.encoder: Path = options.encoder or prepare()
        file = options.data / "policyqa-nl-train.jsonl"  # read now, not after an hour's training
        self.pairs = [policy_questions(file, fold) for fold in range(POLICY_FOLDS)]

    def reader(self, name: str, recipe: Recipe, examples: list[tuple[Example, int]]) -> Path:
        """The folder of the reader that was trained by ``recipe``; trained now if need be."""
        run: Path = self.options.out / name.replace(", ", " ").replace(" ", "-")
        train(recipe, examples, self.options.data, self.encoder, run / "run", self.report)
        trained = weights.unpack(load_file(run / "run" / weights.WEIGHTS))
        put(trained, {}, self.encoder, run / "reader")
        return run / "reader"

    def asked(self, folder: Path, questions: Sequence[Question]) -> dict[str, float]:
        """F1 and EM (percent) of a reader on ``questions``, thinned to ``--limit``."""
        reader = Reader(load_own(folder, self.options.encoder))
        return measure(reader, thin(questions, self.options.limit))


def _shown(figures: Mapping[str, float]) -> dict[str, float]:
    return {key: round(figures[key], 1) for key in ("questions", "f1", "em")}


def compare(options: argparse.Namespace) -> None:
    """Train and measure each way, and print a line of JSON for each."""
    trial = Trial(options, partial(print, file=sys.stderr, flush=True))
    others = {
        name: squad_questions(options.data / file)
        for name, file in (
            ("XQuAD de", "xquad-de.json.gz"),
            ("SQuAD v1.1 dev", "squad-dev-v1.1.json.gz"),
        )
        if (options.data / file).exists()
    }
    everything = training_examples(options.data)
    for way in MEASURES:
        examples = [(e, repeats) for e, repeats in everything if e.language in way.languages]
        if way.written:
            examples += [(e, REPEATS[DUTCH]) for e in dutch_examples(DUTCH, held_back=False)]
        folder = trial.reader(way.name, recipe_of(way, options.steps, options.batch), examples)
        parts = [trial.asked(folder, pairs) for pairs in trial.pairs]
        figures = {PAIRS: _shown(pooled(parts))}
        figures |= {name: _shown(trial.asked(folder, asked)) for name, asked in others.items()}
        print(json.dumps({"measure": way.name, **figures}), flush=True)
        if way is PAIRS_ON:
            name = f"{way.name} and the human pairs"
            figures = {PAIRS: _shown(_with_pairs(trial, folder))}
            print(json.dumps({"measure": name, **figures}), flush=True)


def _with_pairs(trial: Trial, start: Path) -> dict[str, float]:
    """Figures of five readers that went on from ``start``, each asked the fold it did not see."""
    options = trial.options
    recipe = replace(
        recipe_of(PAIRS_ON, options.pairs_steps, options.batch),
        plan=Plan(options.pairs_steps, None, rate=options.pairs_rate),
        start=start,
    )
    parts = []
    for fold, pairs in enumerate(trial.pairs):
        seen = training_examples(options.data, held_back_fold=fold)
        dutch = [(e, 1) for e, _ in seen if e.language == "nl"]
        folder = trial.reader(f"pairs-without-fold-{fold}", recipe, dutch)
        parts.append(trial.asked(folder, pairs))
    return pooled(parts)


def main(arguments: Sequence[str] | None = None) -> int:
    """Compare the measures as the command line says."""
    parser = argparse.ArgumentParser(prog="python -m eval.transfer", description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of the training sets")
    parser.add_argument("--out", type=Path, required=True, help="folder to keep the runs in")
    parser.add_argument("--encoder", type=Path, help="directory, in place of the packaged encoder")
    parser.add_argument("--steps", type=int, default=400, help="batches of each run")
    parser.add_argument("--pairs-steps", type=int, default=60, help="batches on human pairs")
    parser.add_argument("--pairs-rate", type=float, default=5e-5, help="learning rate on them")
    parser.add_argument("--batch", type=int, default=24, help="examples in a batch")
    parser.add_argument("--limit", type=int, default=500, help="questions of a yardstick, at most")
    parser.add_argument("--threads", type=int, default=2, help="CPU threads")
    options = parser.parse_args(arguments)
    torch.set_num_threads(options.threads)
    compare(options)
    return 0


if __name__ == "__main__":
    with as_exit_code():
        sys.exit(main())
