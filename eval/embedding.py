"""Whether an encoder means what it should: likeness of sentences, and matching translations.

STS benchmark: Cer et al., SemEval-2017 task 1; the measure is Spearman's rank correlation of the
cosine with the human score. Translations (such as Tatoeba's): the share of sentences whose nearest
sentence of the other language is their translation, both ways (Artetxe and Schwenk 2019). The data
are given by path and are no part of the project.
"""

from __future__ import annotations

import csv
import gzip
import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rich.console import Console
from rich.table import Table

from corpus.errors import EvaluationError
from eval.intervals import Estimate, of_mean, of_statistic

if TYPE_CHECKING:
    from index.embedding import Embedder


class Check(NamedTuple):
    """One check: its name, the measure, and the figure with its interval."""

    name: str
    measure: str
    figure: Estimate


def spearman(left: Sequence[float], right: Sequence[float]) -> float | None:
    """Spearman's rank correlation, ties by their mean rank; None where either does not vary.

    Pearson's correlation of the ranks; Spearman (1904).
    """
    a, b = _ranks(left), _ranks(right)
    a, b = a - a.mean(), b - b.mean()
    scale = float(np.sqrt((a @ a) * (b @ b)))
    return float(a @ b) / scale if scale else None


def matched(left: NDArray[np.float32], right: NDArray[np.float32]) -> list[float]:
    """For every row, whether row i of ``right`` is the nearest to row i of ``left``.

    Rows are L2-normalised vectors, shape (n, dim).
    """
    nearest = (left @ right.T).argmax(axis=1)
    return [float(found == row) for row, found in enumerate(nearest)]


def sts(path: Path, embedder: Embedder, seed: int) -> Check:
    """Spearman of the cosine with the score over the pairs of a file (two sentences, score)."""
    pairs = read_pairs(path)
    vectors = embedder.embed_queries([text for pair in pairs for text in pair[:2]])
    cosines = np.einsum("ij,ij->i", vectors[0::2], vectors[1::2])
    scores = np.array([score for _, _, score in pairs])

    def over(draw: Sequence[int]) -> float | None:
        rows = list(draw)
        return spearman(cosines[rows].tolist(), scores[rows].tolist())

    figure = of_statistic(over, len(pairs), seed, path.name)
    if figure is None:
        raise EvaluationError(f"{path}: all scores are equal; nothing can be correlated.")
    return Check(path.name, "Spearman", figure)


def translations(
    paths: tuple[Path, Path], embedder: Embedder, limit: int, seed: int
) -> list[Check]:
    """The share of matched translations, from the first to the second file and back.

    At most ``limit`` lines are compared, taken at equal distances.
    """
    sides = [read_lines(path) for path in paths]
    if len(sides[0]) != len(sides[1]) or not sides[0]:
        raise EvaluationError(
            f"{paths[0]} has {len(sides[0])} lines and {paths[1]} {len(sides[1])}; "
            "line by line they must be translations."
        )
    # Spread evenly: such files are sorted, and neighbours are alike beyond what is usual.
    step = -(-len(sides[0]) // limit)
    left, right = (embedder.embed_queries(side[::step]) for side in sides)
    checks = []
    for name, a, b in (
        (f"{paths[0].name} to {paths[1].name}", left, right),
        (f"{paths[1].name} to {paths[0].name}", right, left),
    ):
        figure = of_mean(matched(a, b), seed, name)
        if figure is not None:
            checks.append(Check(name, "matched", figure))
    return checks


def report(
    files: Sequence[Path],
    parallel: tuple[Path, Path] | None,
    model: str | None,
    limit: int,
    seed: int,
    *,
    as_json: bool,
) -> None:
    """Run the checks that have data and show the figures."""
    from index.embedding import open_embedder

    if not files and parallel is None:
        raise EvaluationError("Give data to check with: --sts FILE, or --parallel FILE FILE.")
    embedder = open_embedder(model)
    checks = [sts(path, embedder, seed) for path in files]
    if parallel is not None:
        checks += translations(parallel, embedder, limit, seed)
    if as_json:
        figures = [{"data": c.name, "measure": c.measure, **c.figure._asdict()} for c in checks]
        print(json.dumps({"model": embedder.name, "checks": figures}, indent=1))
        return
    table = Table(title=f"Encoder {embedder.name}", title_justify="left")
    for name in ("data", "measure", "value", "95 %", "n"):
        table.add_column(name, justify="left" if name in ("data", "measure") else "right")
    for check in checks:
        value, low, high, count = check.figure
        cells = (f"{value:.3f}", f"{low:.3f} {high:.3f}", str(count))
        table.add_row(check.name, check.measure, *cells)
    Console().print(table)


def read_pairs(path: Path) -> list[tuple[str, str, float]]:
    """The rows of a CSV file without a header: sentence, sentence, score.

    Raises EvaluationError that names the first row that is none.
    """
    pairs = []
    for number, row in enumerate(csv.reader(io.StringIO(_text(path))), start=1):
        try:
            left, right, score = row
            pairs.append((left, right, float(score)))
        except ValueError:
            raise EvaluationError(
                f"{path}:{number}: needs two sentences and a score, separated by commas."
            ) from None
    if not pairs:
        raise EvaluationError(f"{path}: holds no sentence pairs.")
    return pairs


def read_lines(path: Path) -> list[str]:
    """The lines of a text file."""
    return _text(path).splitlines()


def _text(path: Path) -> str:
    """The text of a file, unpacked when it is gzipped."""
    try:
        raw = path.read_bytes()
        return (gzip.decompress(raw) if path.suffix == ".gz" else raw).decode("utf-8")
    except (OSError, EOFError, UnicodeDecodeError) as error:
        raise EvaluationError(f"{path}: cannot be read ({error}).") from error


def _ranks(values: Sequence[float]) -> NDArray[np.float64]:
    """Ranks from 1, equal values sharing the mean of theirs."""
    _, inverse, counts = np.unique(np.asarray(values), return_inverse=True, return_counts=True)
    last = counts.cumsum()
    means: NDArray[np.float64] = last - (counts - 1) / 2
    return means[inverse]
