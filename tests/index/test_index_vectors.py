"""Vector search: exact when small, by codes when large, and the same after saving and loading."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from corpus.errors import StoreError
from index import coding
from index._progress import silent
from index.search import _unique
from index.vectors import (
    EXACT_UP_TO,
    PARTS,
    CodeFile,
    ExactVectors,
    Method,
    RowFile,
    Scale,
    VectorIndex,
    methods,
    open_coded,
    open_stored,
    open_vectors,
    packed,
    rows_file,
)


def _vectors(count: int, dim: int = 16, seed: int = 0) -> NDArray[np.float32]:
    rows = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return rows / np.linalg.norm(rows, axis=1, keepdims=True)


def _exact(vectors: NDArray[np.float32]) -> ExactVectors:
    index = ExactVectors.empty(vectors.shape[1])
    index.add(vectors[: len(vectors) // 2])
    index.add(vectors[len(vectors) // 2 :])
    return index


def _made(vectors: NDArray[np.float32], base: Path) -> coding.Trial:
    np.save(rows_file(base), vectors.astype(np.float16))
    return coding.make(base, _vectors(100, vectors.shape[1], seed=2), silent)


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> tuple[VectorIndex, coding.Trial]:
    base = tmp_path_factory.mktemp("large") / "één map"
    trial = _made(_vectors(3000), base)
    return open_vectors(base, Method.CODES, trial.probes), trial


def test_the_method_goes_by_how_many_there_are() -> None:
    assert methods(EXACT_UP_TO // 2, EXACT_UP_TO // 2) == (Method.EXACT, Method.EXACT)
    assert methods(EXACT_UP_TO // 2, EXACT_UP_TO // 2 + 1) == (Method.CODES, Method.STORED)


def test_exact_search_is_the_sorted_inner_product() -> None:
    vectors, queries = _vectors(300), _vectors(7, seed=1)
    scores, rows = _exact(vectors).search(queries, 20)
    products = queries @ vectors.T
    np.testing.assert_array_equal(rows, np.argsort(-products, axis=1)[:, :20])
    np.testing.assert_allclose(scores, -np.sort(-products, axis=1)[:, :20], atol=1e-6)


def test_all_products_are_of_the_rows_as_they_were_added() -> None:
    vectors, query = _vectors(300), _vectors(1, seed=1)[0]
    index = _exact(vectors)
    np.testing.assert_array_equal(index.at(np.array([299, 0])), vectors[[299, 0]])
    np.testing.assert_allclose(index.products(query), vectors @ query, atol=1e-6)
    index.add(vectors[:3])
    np.testing.assert_allclose(index.products(query)[300:], vectors[:3] @ query, atol=1e-6)
    assert _exact(_vectors(0)).products(query).shape == (0,)


def test_by_codes_it_finds_nearly_the_same(large: tuple[VectorIndex, coding.Trial]) -> None:
    index, trial = large
    vectors, queries = _vectors(3000), _vectors(50, seed=1)
    scores, rows = index.search(queries, 10)
    wanted = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    found = [len(set(a) & set(b)) / 10 for a, b in zip(rows, wanted, strict=True)]
    assert np.mean(found) >= 0.95
    assert (np.diff(scores, axis=1) <= 0).all()  # inner products, best first
    np.testing.assert_allclose(scores[0], vectors[rows[0]] @ queries[0], atol=1e-2)
    assert trial.recall >= coding.WANTED_RECALL


def test_the_trial_says_what_is_found(tmp_path: Path) -> None:
    """With few looked at again, of many that lie alike, the recall is low and is told."""
    vectors, base = _vectors(3000), tmp_path / "passages"
    trial = _made(vectors, base)
    engine = open_coded(base, 10)
    queries = _vectors(100, seed=2)
    wanted = np.argsort(-(queries @ vectors.T), axis=1)[:, :10]
    rows = engine.search(queries, 10)[1]
    narrow = [len(set(a) & set(b)) / 10 for a, b in zip(rows, wanted, strict=True)]
    assert np.mean(narrow) < trial.recall
    assert trial.probes > 10


@pytest.mark.parametrize("kind", ["exact", "large"])
def test_only_allowed_rows_are_found_and_all_of_them(
    kind: str, large: tuple[VectorIndex, coding.Trial]
) -> None:
    index = large[0] if kind == "large" else _exact(_vectors(3000))
    allowed = np.zeros(3000, dtype=np.bool_)
    allowed[[5, 700, 2999]] = True
    _, rows = index.search(_vectors(2, seed=1), 10, allowed)
    assert {int(row) for row in rows[0] if row >= 0} == {5, 700, 2999}


@pytest.mark.parametrize("count", [1, 2, 35, 3000, 3001])
def test_every_row_is_compared_once_and_keeps_its_number(count: int, tmp_path: Path) -> None:
    vectors, base = _vectors(count), tmp_path / "passages"
    _made(vectors, base)
    (query,) = _vectors(1, seed=1)
    products, rows = open_coded(base, count).roughly(query, count)
    np.testing.assert_array_equal(np.sort(rows), np.arange(count))
    assert np.abs(products - vectors[rows] @ query).mean() < 0.1
    for part in range(PARTS):
        own = open_coded(base, count).roughly_in(part, query, count)[1]
        np.testing.assert_array_equal(np.sort(own), np.arange(part, count, PARTS))
    every = np.zeros(count, dtype=np.bool_)
    every[::2] = True
    rows = open_coded(base, count).roughly(query, count, every)[1]
    np.testing.assert_array_equal(np.sort(rows), np.arange(0, count, 2))


def test_one_row_alone_has_a_product(tmp_path: Path) -> None:
    """Codes fitted to one row, repeated, had no range: of one in ten the product was no number."""
    for seed in range(20):
        vectors, base = _vectors(1, seed=seed), tmp_path / str(seed)
        _made(vectors, base)
        engine = open_coded(base, 1)
        for query in _vectors(20, seed=100 + seed):
            assert engine.roughly(query, 1)[0] == pytest.approx(vectors @ query, abs=0.1)
            # the longer the question's vector, the oftener it happened
            assert np.isfinite(engine.roughly(4 * query, 1)[0]).all()


@settings(deadline=None, max_examples=30)
@given(st.integers(1, 40), st.data())
def test_what_codes_say_is_what_they_stand_for(width: int, data: st.DataObject) -> None:
    kept = data.draw(st.integers(width, 2 * width))
    dim = kept + data.draw(st.integers(0, 5))
    chance = np.random.default_rng(data.draw(st.integers(0, 9)))
    most = np.where(np.arange(kept) < 2 * width - kept, 255, 15)
    codes = chance.integers(0, most + 1, size=(50, kept)).astype(np.uint8)
    parts = [(dim,), (dim, kept), (kept,), (kept,)]
    scale = Scale(*(chance.normal(size=one).astype(np.float32) for one in parts))
    query = chance.normal(size=dim).astype(np.float32)
    rows = chance.integers(0, 50, size=data.draw(st.integers(0, 60)))
    stands_for = scale.middle + (scale.least + scale.step * codes) @ scale.axes.T
    found = CodeFile(packed(codes, width), scale).products(rows, query)
    wanted = (stands_for @ query)[rows]
    np.testing.assert_allclose(
        found, wanted, rtol=1e-4, atol=1e-3 * max(1, abs(wanted).max(initial=0))
    )


@pytest.mark.parametrize("dim", [5, 16, 129, 255, 256, 300, 384, 1024])
def test_finer_codes_are_close(dim: int, tmp_path: Path) -> None:
    """Of vectors that spread along their axes as those of encoders do."""
    spread = np.linspace(1, 0.05, dim, dtype=np.float32)
    vectors = _vectors(2000, dim) * spread
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    np.save(rows_file(tmp_path / "units"), vectors.astype(np.float16))
    coding.write_codes(tmp_path / "units")
    products = open_stored(tmp_path / "units").products(np.arange(2000), vectors[0])
    assert np.abs(products - vectors @ vectors[0])[1:].mean() < 0.02


@given(st.lists(st.integers(0, 2**40), max_size=200))
def test_numbers_each_once_are_those_of_numpy(numbers: list[int]) -> None:
    given_ = np.array(numbers, dtype=np.int64)
    for mine, theirs in zip(_unique(given_), np.unique(given_, return_index=True), strict=True):
        np.testing.assert_array_equal(mine, theirs)


def test_saved_and_loaded_it_is_the_same(tmp_path: Path) -> None:
    vectors = _vectors(10)
    index = _exact(vectors)
    index.save(tmp_path / "één map")
    loaded = open_vectors(tmp_path / "één map", Method.EXACT, 0)
    np.testing.assert_array_equal(loaded.at(np.arange(10)), vectors)
    np.testing.assert_array_equal(loaded.search(vectors, 3)[1], index.search(vectors, 3)[1])
    assert (len(loaded), loaded.dim) == (10, 16)


def test_rows_are_read_in_any_order(tmp_path: Path) -> None:
    vectors = _vectors(50).astype(np.float16)
    np.save(tmp_path / "units.rows.npy", vectors)
    coding.write_codes(tmp_path / "units")
    rows = open_vectors(tmp_path / "units", Method.STORED, 0)
    for wanted in ([3, 4, 5, 9, 8, 49, 0, 0], [7], list(range(50)), []):
        found = rows.at(np.array(wanted, dtype=np.int64))
        np.testing.assert_array_equal(found, vectors[wanted].astype(np.float32))
    assert (len(rows), rows.dim) == (50, 16)


def test_asking_for_more_than_there_is_gives_what_there_is() -> None:
    scores, rows = _exact(_vectors(3)).search(_vectors(2), 10)
    assert scores.shape == rows.shape == (2, 3)
    assert (rows >= 0).all()
    empty = ExactVectors.empty(16)
    assert empty.search(_vectors(2), 10)[1].shape == (2, 0)


def test_another_method_than_the_manifests_is_refused(tmp_path: Path) -> None:
    _exact(_vectors(10)).save(tmp_path / "units")
    for method in (Method.CODES, Method.STORED):
        with pytest.raises(StoreError, match="units"):
            open_vectors(tmp_path / "units", method, 1)
    _made(_vectors(100), tmp_path / "passages")
    with pytest.raises(StoreError, match=r"passages\.faiss"):
        open_vectors(tmp_path / "passages", Method.EXACT, 0)


@pytest.mark.parametrize("content", [b"", b"IxFI", b"\x00" * 200, b"not an index at all"])
def test_what_is_no_index_is_refused(content: bytes, tmp_path: Path) -> None:
    for name, method in (("units.faiss", Method.EXACT), ("units.rows.npy", Method.STORED)):
        (tmp_path / name).write_bytes(content)
        with pytest.raises(StoreError, match=name):
            open_vectors(tmp_path / "units", method, 0)


def test_rows_cut_off_behind_the_readers_back_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "units.rows.npy"
    np.save(file, _vectors(50).astype(np.float16))
    rows = RowFile.open(file)
    with file.open("rb+") as stream:
        stream.truncate(file.stat().st_size - 1)
    with pytest.raises(StoreError, match=r"units\.rows\.npy"):
        rows.at(np.array([49]))
