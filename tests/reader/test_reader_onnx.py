"""ONNX Runtime serves the marks that torch gives, and `tokenizers` what transformers gives."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
import torch
from transformers import AutoTokenizer

import corpus
from corpus.errors import ModelError
from index.model_package import prepare
from index.passages import display_text, make
from qa.reader import Reader, onnx_marker, weights
from qa.reader.model import TRAINED, load_own
from qa.reader.reading import MAX_TOKENS, STRIDE

QUESTIONS = [
    "Wat doet magnesium met de hersenen?",
    "Which form of magnesium crosses the blood-brain barrier?",
    "Hoeveel mg per dag?",
]


@pytest.fixture(scope="module")
def served() -> Reader:
    return Reader.open()


@pytest.fixture(scope="module")
def on_torch() -> Iterator[Reader]:
    """The same weights on torch, in fp32 on every processor."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(torch.cpu, "get_capabilities", dict)
        yield Reader(load_own(TRAINED, prepare()))


@pytest.fixture(scope="module")
def passages() -> list[tuple[str, str]]:
    """Some of the articles' passages and what stands above them, and one of several windows."""
    found = make(corpus.load())[::30]
    made = [(display_text(one), " | ".join(one.headings[-2:])) for one in found]
    made.append(("Een volwassene neemt 375 mg magnesium per dag, een kind minder.", "Hoeveel"))
    return [*made, (" ".join(text for text, _ in made)[:4000], "")]


def test_the_readings_are_those_of_torch(
    served: Reader, on_torch: Reader, passages: list[tuple[str, str]]
) -> None:
    texts, contexts = zip(*passages, strict=True)
    assert len(texts) > 10
    margins: list[float] = []
    for question in QUESTIONS:
        ours = served.read(question, texts, contexts)
        theirs = on_torch.read(question, texts, contexts)
        margins.extend(reading.margin for reading in theirs)
        for one, other in zip(ours, theirs, strict=True):
            best, wanted = one.spans[0], other.spans[0]
            assert one.margin == pytest.approx(other.margin, abs=0.01)
            assert one.probability == pytest.approx(other.probability, abs=0.005)
            if other.spans[1:] and wanted.score - other.spans[1].score < 0.02:
                continue  # two that are equally good
            assert (best.start, best.end) == (wanted.start, wanted.end)
    assert min(margins) < -1 < max(margins) - 1  # some that answer, some that do not


def test_the_fingerprint_and_name_are_those_of_the_weights(
    served: Reader, on_torch: Reader
) -> None:
    card = json.loads((TRAINED / weights.CARD).read_text())
    assert served.loaded.fingerprint == on_torch.loaded.fingerprint == card["sha256"]
    assert served.name == on_torch.name == f"bijsluiter-reader-{card['sha256'][:8]}"


def test_the_tokens_are_those_of_transformers(
    served: Reader, passages: list[tuple[str, str]]
) -> None:
    tokenizer = AutoTokenizer.from_pretrained(prepare())
    texts = [text for text, _ in passages] + ["", " ", "3\u202f000 mg — ‘n e\u0301\u200bén\n\tﬁjn"]
    for question in QUESTIONS:
        size = len(tokenizer(question)["input_ids"])
        stride = min(STRIDE, (MAX_TOKENS - size) // 2)
        wanted = tokenizer(
            [question] * len(texts),
            texts,
            truncation="only_second",
            max_length=MAX_TOKENS,
            stride=stride,
            return_overflowing_tokens=True,
            return_offsets_mapping=True,
        )
        assert len(served.loaded.tokenizer.encode([question])[0]) == size
        ours = served.loaded.tokenizer.windows(question, texts, MAX_TOKENS, stride)
        assert [sample for sample, _ in ours] == wanted["overflow_to_sample_mapping"]
        assert len(ours) > len(texts)
        for row, (_, encoding) in enumerate(ours):
            assert encoding.ids == wanted["input_ids"][row]
            assert encoding.attention_mask == wanted["attention_mask"][row]
            assert encoding.offsets == wanted["offset_mapping"][row]
            assert encoding.sequence_ids == wanted.sequence_ids(row)


def test_threads_may_share_a_reader(served: Reader, passages: list[tuple[str, str]]) -> None:
    texts = [text for text, _ in passages[:4]]
    asked = [f"{question} {'Werkelijk waar? ' * size}" for question in QUESTIONS for size in (0, 9)]
    alone = [served.read(question, texts) for question in asked]
    with ThreadPoolExecutor(len(asked)) as pool:
        together = list(pool.map(lambda question: served.read(question, texts), asked))
    assert together == alone


def test_weights_of_another_encoder_are_refused(tmp_path: Path) -> None:
    folder = tmp_path / "trained"
    shutil.copytree(TRAINED, folder)
    card = json.loads((folder / weights.CARD).read_text())
    (folder / weights.CARD).write_text(json.dumps(card | {"encoder": "0" * 64}))
    with pytest.raises(ModelError, match="trained on another encoder"):
        load_own(folder)


@pytest.mark.parametrize("missing", ["qa_outputs.bias", None])
def test_weights_that_do_not_fit_are_refused(missing: str | None) -> None:
    from index import packaged_weights
    from qa.reader import onnx_graph

    file = packaged_weights.find()
    assert file is not None
    _, trained = weights.read_packed(TRAINED)
    odd = {name: values for name, values in trained.items() if name != missing}
    if missing is None:
        odd["bert.encoder.layer.12.output.dense.bias"] = np.zeros(384, dtype=np.float32)
    with pytest.raises(ModelError, match="does not fit its encoder"):
        onnx_graph.reader(packaged_weights.read(file), odd)


def test_a_graph_is_kept_whole_or_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    encoder = prepare()
    card, _ = weights.read_packed(TRAINED)
    other = weights.Card("1" * 64, card.encoder, card.frozen_layers, card.calibration)
    monkeypatch.setenv("BIJSLUITER_CACHE", str(tmp_path))
    models = tmp_path / "models"
    onnx_marker._keep(card, encoder, b"graph")  # no folder to write in: nothing is told
    assert onnx_marker._kept(card, encoder) is None
    models.mkdir()
    (models / f".{onnx_marker._stem(card, encoder)}.killed").write_bytes(b"gra")
    onnx_marker._keep(card, encoder, b"graph")
    assert onnx_marker._kept(card, encoder) == b"graph"
    assert onnx_marker._kept(other, encoder) is None
    (kept,) = models.iterdir()
    kept.write_bytes(b"grapf")
    assert onnx_marker._kept(card, encoder) is None
    onnx_marker._keep(card, encoder, b"graph")
    assert onnx_marker._kept(card, encoder) == b"graph"
