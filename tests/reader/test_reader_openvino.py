"""OpenVINO serves the marks that torch gives, and `tokenizers` what transformers gives."""

from __future__ import annotations

import hashlib
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
from qa.reader import Reader, weights
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
    apart: list[float] = []
    same: list[bool] = []
    for question in QUESTIONS:
        ours = served.read(question, texts, contexts)
        theirs = on_torch.read(question, texts, contexts)
        margins.extend(reading.margin for reading in theirs)
        for one, other in zip(ours, theirs, strict=True):
            best, wanted = one.spans[0], other.spans[0]
            # activations have 8 bits, and bfloat16 has 8 where the processor computes in it
            assert one.margin == pytest.approx(other.margin, abs=0.35)
            assert one.probability == pytest.approx(other.probability, abs=0.03)
            apart.append(abs(one.margin - other.margin))
            same.append((best.start, best.end) == (wanted.start, wanted.end))
            if other.spans[1:] and wanted.score - other.spans[1].score < 0.5:
                continue  # two that are about equally good
            assert best.start < wanted.end and wanted.start < best.end
    assert min(margins) < -1 < max(margins) - 1  # some that answer, some that do not
    assert np.mean(apart) < 0.1
    assert np.mean(same) > 0.9


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
    from index.packaged_parts import open_parts
    from qa.reader import openvino_graph

    _, trained = weights.read_packed(TRAINED)
    odd = {name: values for name, values in trained.items() if name != missing}
    if missing is None:
        odd["bert.encoder.layer.12.output.dense.bias"] = np.zeros(384, dtype=np.float32)
    with pytest.raises(ModelError, match="does not fit its encoder"):
        openvino_graph.reader(open_parts(prepare()), odd)


def test_other_weights_take_the_place_of_those_that_were_compiled(tmp_path: Path) -> None:
    """The last bias is made larger: the same words, another score, and one file in the cache."""
    from safetensors.numpy import load_file, save_file

    folder = tmp_path / "trained"
    shutil.copytree(TRAINED, folder)
    tensors = load_file(folder / weights.WEIGHTS)
    tensors["qa_outputs.bias"] = tensors["qa_outputs.bias"] + np.float32(2)
    save_file(tensors, folder / weights.WEIGHTS)
    card = json.loads((folder / weights.CARD).read_text())
    changed = hashlib.sha256((folder / weights.WEIGHTS).read_bytes()).hexdigest()
    (folder / weights.CARD).write_text(json.dumps(card | {"sha256": changed}))
    passage = "Een volwassene neemt 375 mg magnesium per dag."
    models = tmp_path / "cache" / "models"
    models.mkdir(parents=True)
    (models / prepare().name).symlink_to(prepare())
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("BIJSLUITER_CACHE", str(tmp_path / "cache"))
        before = Reader(load_own()).read(QUESTIONS[2], [passage])[0]
        after = Reader(load_own(folder)).read(QUESTIONS[2], [passage])[0]
        kept = [one.name for one in (models / "compiled").iterdir()]
    assert after.spans[0].score == pytest.approx(before.spans[0].score + 4, abs=0.05)
    assert after.null == pytest.approx(before.null + 4, abs=0.05)
    assert [name.split("-")[0] for name in kept] == ["reader"]
