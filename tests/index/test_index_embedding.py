"""Encoders: any sentence-transformers model behind one protocol, told apart by fingerprint."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from corpus.errors import ModelError, StoreError
from index import build, store
from index.embedding import QueryCache, open_embedder
from tests.index.fakes import HashEmbedder

TEXTS = ["Magnesium helpt.", "x", "Een langere zin over slaap, stress en herstel.", ""]


def test_any_directory_gives_normalised_float32_rows(tiny_models: tuple[Path, Path]) -> None:
    embedder = open_embedder(str(tiny_models[0]))
    vectors = embedder.embed_passages(TEXTS)
    assert vectors.shape == (len(TEXTS), embedder.dim) == (4, 16)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)
    assert embedder.embed_passages([]).shape == (0, 16)
    assert embedder.embed_queries([]).shape == (0, 16)


def test_a_text_has_one_vector_whatever_stands_beside_it(tiny_models: tuple[Path, Path]) -> None:
    embedder = open_embedder(str(tiny_models[0]))
    together = embedder.embed_passages(TEXTS)
    for text, vector in zip(TEXTS, together, strict=True):
        np.testing.assert_allclose(embedder.embed_passages([text])[0], vector, atol=1e-5)


def test_the_models_own_prompts_are_put_before_texts(tiny_models: tuple[Path, Path]) -> None:
    from sentence_transformers import SentenceTransformer

    model = SentenceTransformer(str(tiny_models[0]), device="cpu")
    embedder = open_embedder(str(tiny_models[0]))
    for prefix, ours in (
        ("vraag: ", embedder.embed_queries(["slaap"])),
        ("stuk: ", embedder.embed_passages(["slaap"])),
    ):
        theirs = model.encode([prefix + "slaap"], prompt="", normalize_embeddings=True)
        np.testing.assert_allclose(ours, theirs, atol=1e-5)


def test_a_fingerprint_is_of_the_weights_and_not_of_the_place(
    tiny_models: tuple[Path, Path], tmp_path: Path
) -> None:
    moved = tmp_path / "elsewhere"
    shutil.copytree(tiny_models[0], moved)
    first, other = (open_embedder(str(one)).fingerprint for one in tiny_models)
    assert open_embedder(str(moved)).fingerprint == first
    assert first != other
    assert first.startswith("sha256:")


def test_prompts_are_part_of_the_fingerprint(
    tiny_models: tuple[Path, Path], tmp_path: Path
) -> None:
    changed = tmp_path / "changed"
    shutil.copytree(tiny_models[0], changed)
    file = changed / "config_sentence_transformers.json"
    file.write_text(file.read_text().replace("stuk: ", "deel: "))
    before = open_embedder(str(tiny_models[0])).fingerprint
    assert open_embedder(str(changed)).fingerprint != before


def test_an_index_of_one_model_refuses_another(
    articles: Path, tmp_path: Path, tiny_models: tuple[Path, Path]
) -> None:
    report = build.build(articles, tmp_path, str(tiny_models[0]))
    stored = store.open_stored(tmp_path)
    assert stored.manifest.model == str(tiny_models[0])
    mine, other = (open_embedder(str(one)) for one in tiny_models)
    stored.require_model(mine)
    with pytest.raises(StoreError) as refusal:
        stored.require_model(other)
    assert mine.fingerprint in str(refusal.value)
    assert other.fingerprint in str(refusal.value)
    # an update goes on with the model of the index, without being told
    assert build.update(home=tmp_path).embedded == 0
    assert build.update(home=tmp_path, model=str(tiny_models[1])).embedded == report.embedded


def test_a_folder_without_a_model_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be loaded") as error:
        open_embedder(str(tmp_path))
    assert str(tmp_path) in str(error.value)
    assert "\n" not in str(error.value)


def test_an_empty_name_is_one_sentence() -> None:
    with pytest.raises(ModelError, match="empty"):
        open_embedder("  ")


def test_a_hub_name_without_a_network_is_one_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")  # nobody there
    with pytest.raises(ModelError, match="nobody/no-such-encoder is not on this machine") as error:
        open_embedder("nobody/no-such-encoder")
    assert "\n" not in str(error.value)


class _Counting(HashEmbedder):
    def __init__(self) -> None:
        super().__init__()
        self.asked: list[str] = []

    def embed_queries(self, texts):  # type: ignore[no-untyped-def]
        self.asked.extend(texts)
        return super().embed_queries(texts)


def test_a_question_asked_again_is_not_embedded_again() -> None:
    counting = _Counting()
    cache = QueryCache(counting, size=2)
    first = cache.embed_queries(["a", "b", "a"])
    assert counting.asked == ["a", "b"]
    np.testing.assert_array_equal(first[0], first[2])
    np.testing.assert_array_equal(cache.embed_queries(["b", "a"]), first[[1, 0]])
    assert counting.asked == ["a", "b"]
    cache.embed_queries(["c"])  # pushes out "b", the longest unused
    cache.embed_queries(["a"])
    assert counting.asked == ["a", "b", "c"]
    cache.embed_queries(["b"])
    assert counting.asked == ["a", "b", "c", "b"]
    np.testing.assert_array_equal(
        cache.embed_queries(["d", "e", "f"])[2], counting._vector("query: f")
    )
