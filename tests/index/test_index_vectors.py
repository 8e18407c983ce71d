"""Vector search: exact when small, HNSW when large, and the same after saving and loading."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.errors import StoreError
from index.vectors import Method, VectorIndex


def _vectors(count: int, dim: int = 16, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def test_exact_search_is_the_sorted_inner_product() -> None:
    vectors, queries = _vectors(300), _vectors(7, seed=1)
    index = VectorIndex.from_vectors(vectors)
    assert index.method is Method.EXACT
    scores, rows = index.search(queries, 20)
    products = queries @ vectors.T
    np.testing.assert_array_equal(rows, np.argsort(-products, axis=1)[:, :20])
    np.testing.assert_allclose(scores, -np.sort(-products, axis=1)[:, :20], atol=1e-6)


def test_above_the_bound_hnsw_finds_nearly_the_same() -> None:
    vectors, queries = _vectors(3000), _vectors(50, seed=1)
    index = VectorIndex.from_vectors(vectors, exact_up_to=2999)
    assert index.method is Method.HNSW
    scores, rows = index.search(queries, 10)
    wanted = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    found = [len(set(a) & set(b)) / 10 for a, b in zip(rows, wanted, strict=True)]
    assert np.mean(found) >= 0.95
    assert (np.diff(scores, axis=1) <= 0).all()  # inner products, best first


@pytest.mark.parametrize("exact_up_to", [10, 0])
def test_saved_and_loaded_it_is_the_same(exact_up_to: int, tmp_path: Path) -> None:
    vectors = _vectors(10)
    index = VectorIndex.from_vectors(vectors, exact_up_to)
    file = tmp_path / "één map.faiss"
    index.save(file)
    loaded = VectorIndex.load(file, index.method)
    np.testing.assert_array_equal(loaded.all(), vectors)
    np.testing.assert_array_equal(loaded.rows(3, 7), vectors[3:7])
    np.testing.assert_array_equal(loaded.search(vectors, 3)[1], index.search(vectors, 3)[1])
    assert (len(loaded), loaded.dim) == (10, 16)


def test_asking_for_more_than_there_is_gives_what_there_is() -> None:
    index = VectorIndex.from_vectors(_vectors(3))
    scores, rows = index.search(_vectors(2), 10)
    assert scores.shape == rows.shape == (2, 3)
    assert (rows >= 0).all()
    empty = VectorIndex.from_vectors(_vectors(0))
    assert empty.search(_vectors(2), 10)[1].shape == (2, 0)
    assert empty.all().shape == (0, 16)


def test_another_method_than_the_manifests_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "units.faiss"
    VectorIndex.from_vectors(_vectors(10)).save(file)
    with pytest.raises(StoreError, match=r"units\.faiss"):
        VectorIndex.load(file, Method.HNSW)


@pytest.mark.parametrize("content", [b"", b"IxFI", b"\x00" * 200, b"not an index at all"])
def test_what_is_no_index_is_refused(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "units.faiss"
    file.write_bytes(content)
    with pytest.raises(StoreError, match=r"units\.faiss"):
        VectorIndex.load(file, Method.EXACT)
