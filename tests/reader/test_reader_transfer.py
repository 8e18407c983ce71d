"""Comparing the ways to Dutch: nobody is asked what they were trained on, and sums are right."""

from __future__ import annotations

import gzip
import json
from dataclasses import replace
from pathlib import Path

import pytest

from eval import transfer
from eval.yardsticks import policy_questions
from qa.reader.train.examples import POLICY_FOLDS, Example


@pytest.fixture
def data(tiny_data: Path, tmp_path: Path) -> Path:
    """The tiny English set and thirty Dutch pairs."""
    folder = tmp_path / "data"
    folder.mkdir()
    for path in tiny_data.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    pairs = [
        {
            "id": f"pair-{n}",
            "question": f"Hoe oud is boom {n}?",
            "context": f"boom {n} is {n + 30} jaar oud.",
            "answer": f"{n + 30} jaar",
            "answer_start": len(f"boom {n} is "),
        }
        for n in range(30)
    ]
    lines = "\n".join(json.dumps(pair) for pair in pairs)
    (folder / "policyqa-nl-train.jsonl").write_text(lines, encoding="utf-8")
    for side, sentence in (("eng", "tree {} is old"), ("nld", "boom {} is oud")):
        sentences = "\n".join(sentence.format(n) for n in range(30))
        (folder / f"tatoeba-eng-nld.{side}.gz").write_bytes(gzip.compress(sentences.encode()))
    return folder


def test_every_way_is_measured_on_all_pairs_and_none_that_it_saw(
    data: Path,
    tiny_encoder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    trained: dict[str, set[str]] = {}
    asked: list[tuple[str, set[str]]] = []
    real_reader, real_asked = transfer.Trial.reader, transfer.Trial.asked

    def reader(self, name, recipe, examples: list[tuple[Example, int]]) -> Path:  # type: ignore[no-untyped-def]
        folder = real_reader(self, name, recipe, examples)
        trained[str(folder)] = {e.question for e, _ in examples}
        return folder

    def questions(self, folder, questions):  # type: ignore[no-untyped-def]
        asked.append((str(folder), {q.question for q in questions}))
        return real_asked(self, folder, questions)

    monkeypatch.setattr(transfer.Trial, "reader", reader)
    monkeypatch.setattr(transfer.Trial, "asked", questions)
    options = ["--data", str(data), "--encoder", str(tiny_encoder), "--out", str(tmp_path / "out")]
    small = ["--steps", "2", "--pairs-steps", "2", "--batch", "4", "--threads", "1"]
    monkeypatch.setattr(transfer, "MEASURES", tuple(_shallow()))
    monkeypatch.setattr(transfer, "PAIRS_ON", transfer.MEASURES[3])
    assert transfer.main([*options, *small]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["measure"] for line in lines] == [
        *(way.name for way in transfer.MEASURES[:4]),
        "with both and the human pairs",
        *(way.name for way in transfer.MEASURES[4:]),
    ]
    assert all(line["PolicyQA-nl"]["questions"] == 30 for line in lines)
    assert asked and all(not trained[folder] & questions for folder, questions in asked)
    folds = [f for f in trained if "pairs-without-fold" in f]
    path = data / "policyqa-nl-train.jsonl"
    everything = {q.question for n in range(POLICY_FOLDS) for q in policy_questions(path, n)}
    assert len(folds) == POLICY_FOLDS
    assert set().union(*(trained[f] for f in folds)) == everything


def _shallow() -> list[transfer.Measure]:
    """The same ways for an encoder of two layers."""
    return [replace(way, frozen_layers=min(way.frozen_layers, 1)) for way in transfer.MEASURES]


def test_parts_are_pooled_by_their_questions() -> None:
    parts = [
        {"questions": 1.0, "f1": 100.0, "em": 100.0},
        {"questions": 3.0, "f1": 20.0, "em": 0.0},
    ]
    assert transfer.pooled(parts) == {"questions": 4.0, "f1": 40.0, "em": 25.0}
