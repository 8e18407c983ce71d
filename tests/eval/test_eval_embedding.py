"""The checks of an encoder, on an encoder that can be worked out by hand."""

from __future__ import annotations

import gzip
import json
import random
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy.stats import spearmanr
from typer.testing import CliRunner

from corpus.errors import EvaluationError
from eval import embedding
from eval.commands import app


class Letters:
    """An encoder that counts letters, each word being its translation spelled backwards."""

    name = "letters"

    def embed_queries(self, texts: Any) -> Any:
        vectors = np.zeros((len(texts), 26), dtype=np.float32)
        for row, text in enumerate(texts):
            for letter in text:
                vectors[row, (ord(letter) - 97) % 26] += 1
        return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_spearman_equals_scipy_with_ties() -> None:
    draw = random.Random(3)
    for _ in range(30):
        left = [draw.randint(0, 9) for _ in range(25)]
        right = [draw.randint(0, 9) for _ in range(25)]
        assert embedding.spearman(left, right) == pytest.approx(
            spearmanr(left, right).statistic, abs=1e-12
        )
    assert embedding.spearman([1, 1, 1], [1, 2, 3]) is None


def test_sts_and_translations_by_hand(tmp_path: Path) -> None:
    pairs = tmp_path / "sts.csv.gz"
    rows = 'abc,abc,5\n"abc",abd,3\nabc,xyz,0\n'
    pairs.write_bytes(gzip.compress(rows.encode()))
    check = embedding.sts(pairs, Letters(), 0)  # type: ignore[arg-type]
    assert check.figure.value == pytest.approx(1.0)
    left, right = tmp_path / "l.txt", tmp_path / "r.txt"
    left.write_text("abc\ndef\nghi\n", "utf-8")
    right.write_text("cba\nfed\nzzz\n", "utf-8")
    found = embedding.translations((left, right), Letters(), 10, 0)  # type: ignore[arg-type]
    assert [check.figure.value for check in found] == pytest.approx([2 / 3, 2 / 3])
    first_and_last = embedding.translations((left, right), Letters(), 2, 0)  # type: ignore[arg-type]
    assert [check.figure.value for check in first_and_last] == [0.5, 0.5]


def test_the_command_prints_figures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import index.embedding

    monkeypatch.setattr(index.embedding, "open_embedder", lambda model: Letters())
    path = tmp_path / "sts.csv"
    path.write_text("abc,abc,5\nabc,xyz,0\nabc,abd,3\n", "utf-8")
    outcome = CliRunner().invoke(app, ["embedding", "--sts", str(path), "--json"])
    assert json.loads(outcome.stdout)["checks"][0]["value"] == pytest.approx(1.0)
    assert "Spearman" in CliRunner().invoke(app, ["embedding", "--sts", str(path)]).stdout


@pytest.mark.parametrize("content", ["", "a,b\n", "a,b,c\n"])
def test_malformed_pairs_are_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "sts.csv"
    path.write_text(content, "utf-8")
    with pytest.raises(EvaluationError, match=r"sts\.csv"):
        embedding.read_pairs(path)


def test_translations_of_unequal_length_and_broken_archives_are_refused(tmp_path: Path) -> None:
    left, right = tmp_path / "l.txt", tmp_path / "r.txt.gz"
    left.write_text("abc\n", "utf-8")
    right.write_bytes(b"no archive")
    with pytest.raises(EvaluationError, match="cannot be read"):
        embedding.read_lines(right)
    right.write_bytes(gzip.compress(b"abc\ndef\n"))
    with pytest.raises(EvaluationError, match="line by line"):
        embedding.translations((left, right), Letters(), 10, 0)  # type: ignore[arg-type]


def test_without_data_the_command_says_what_to_give() -> None:
    outcome = CliRunner().invoke(app, ["embedding"])
    assert isinstance(outcome.exception, EvaluationError)
    assert "--sts FILE" in str(outcome.exception)
