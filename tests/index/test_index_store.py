"""What is stored comes back as it was, and what is damaged or another's is refused by name."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

import corpus
from corpus.errors import CorpusError, ModelError, StoreError
from index import build, store
from index import passages as splitting
from index.search import Index, default_weights
from index.vectors import Method, VectorIndex
from tests.index.fakes import HashEmbedder

pytestmark = pytest.mark.usefixtures("embedder")


def _version_folder(home: Path) -> Path:
    root = home / "index"
    return root / "versions" / (root / "CURRENT").read_text().strip()


def _all(vectors: VectorIndex) -> NDArray[np.float32]:
    return vectors.at(np.arange(len(vectors)))


def test_what_is_stored_comes_back(articles: Path, tmp_path: Path) -> None:
    report = build.build(articles, tmp_path)
    stored = store.open_stored(tmp_path)
    documents = corpus.load(articles)
    assert tuple(stored.documents.values()) == documents
    assert list(stored.passages) == splitting.make(documents)
    assert len(stored.passages) == report.passages == stored.manifest.passages >= 3
    for passage in stored.passages:
        for place in passage.places:
            text = stored.documents[place.source].text
            assert text[place.start : place.end] == passage.text


def test_rows_of_vectors_belong_to_their_passages_and_units(
    articles: Path, tmp_path: Path, embedder: HashEmbedder
) -> None:
    build.build(articles, tmp_path)
    stored = store.open_stored(tmp_path)
    texts = [splitting.embedding_text(passage) for passage in stored.passages]
    np.testing.assert_array_equal(_all(stored.passage_vectors), embedder.embed_passages(texts))
    for number, passage in enumerate(stored.passages):
        first, last = stored.unit_starts[number], stored.unit_starts[number + 1]
        units = [splitting.unit_embedding_text(passage, unit) for unit in passage.units]
        found = stored.unit_vectors.at(np.arange(first, last))
        np.testing.assert_array_equal(found, embedder.embed_passages(units))


def test_the_shipped_articles_come_back_too(tmp_path: Path) -> None:
    build.build(home=tmp_path)
    stored = store.open_stored(tmp_path)
    assert tuple(stored.documents.values()) == corpus.load()
    assert list(stored.passages) == splitting.make(corpus.load())
    assert stored.passages[-1] == list(stored.passages)[-1]
    assert {n: one.source for n, one in stored.documents.items()} == dict(stored.sources)
    names = list(stored.documents)
    for number in range(0, len(stored.passages), 50):
        place = stored.passages[number].places[0]
        assert names[stored.source_numbers[number]] == place.source
    assert build.check(tmp_path) == []


def test_text_with_odd_characters_is_kept(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    odd = "Kop\n\nEen nul\x00teken, een \u2028regel, \U0001f600 en e\u0301 \ufeff.\r\nSlot.\n"
    (folder / "odd [b]name.txt").write_bytes(odd.encode("utf-8"))
    build.build(folder, tmp_path)
    assert store.open_stored(tmp_path).documents["odd [b]name.txt"].text == odd
    assert build.check(tmp_path) == []


def test_an_update_embeds_only_what_changed(
    articles: Path, tmp_path: Path, embedder: HashEmbedder
) -> None:
    first = build.build(articles, tmp_path)
    assert (first.embedded, first.reused) == (len(embedder.embedded), 0)
    embedder.embedded.clear()
    changed = articles / "drie.txt"
    changed.write_text(changed.read_text() + "\nEen heel nieuwe zin over wandelen.\n")
    (articles / "twee.txt").unlink()
    (articles / "vier.txt").write_text("Over licht\n\nDaglicht is gezond.\n")

    report = build.update(home=tmp_path)
    assert report.changed == ("drie.txt",)
    assert report.removed == ("twee.txt",)
    assert report.added == ("vier.txt",)
    assert report.unchanged == ("een.txt",)
    assert report.embedded == len(embedder.embedded) == len(set(embedder.embedded)) > 0
    assert report.reused > 0
    stored = store.open_stored(tmp_path)
    old = [t for t in embedder.embedded if "mineraal" in t or "noten" in t]
    assert old == []
    texts = [splitting.embedding_text(passage) for passage in stored.passages]
    np.testing.assert_array_equal(
        _all(stored.passage_vectors), HashEmbedder().embed_passages(texts)
    )


def test_an_update_without_changes_publishes_nothing(articles: Path, tmp_path: Path) -> None:
    first = build.build(articles, tmp_path)
    second = build.update(home=tmp_path)
    assert not second.published
    assert second.version == first.version
    assert second.embedded == 0
    assert set(second.unchanged) == set(store.open_stored(tmp_path).documents)


def test_a_new_build_takes_over_vectors_only_of_the_same_model(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = build.build(articles, tmp_path)
    assert build.build(articles, tmp_path).embedded == 0
    other = HashEmbedder("other-model", dim=8)
    monkeypatch.setattr("index.build.open_embedder", lambda model, progress: other)
    assert build.build(articles, tmp_path).embedded == first.embedded
    assert store.open_stored(tmp_path).manifest.dim == 8


def test_vectors_of_another_model_are_refused_and_both_are_named(
    articles: Path, tmp_path: Path
) -> None:
    build.build(articles, tmp_path)
    stored = store.open_stored(tmp_path)
    stored.require_model(HashEmbedder())
    other = HashEmbedder("other-model")
    with pytest.raises(StoreError) as refusal:
        stored.require_model(other)
    for part in ("hash-model", HashEmbedder().fingerprint, "other-model", other.fingerprint):
        assert part in str(refusal.value)


@pytest.mark.parametrize(
    "name",
    [
        "passages.sqlite",
        "passages.faiss",
        "units.faiss",
        "unit_starts.npy",
        "passages.keys.npy",
        "words/terms.txt",
        "words/held.npy",
    ],
)
def test_a_flipped_bit_is_found_and_the_file_named(
    name: str, articles: Path, tmp_path: Path
) -> None:
    build.build(articles, tmp_path)
    file = _version_folder(tmp_path) / name
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2] ^= 1
    file.write_bytes(raw)
    assert [problem.file for problem in build.check(tmp_path)] == [name]


@pytest.mark.parametrize("damage", ["cut", "gone"])
@pytest.mark.parametrize("name", ["passages.sqlite", "units.faiss", "words/terms.txt"])
def test_a_cut_or_missing_file_is_refused_when_opened(
    name: str, damage: str, articles: Path, tmp_path: Path
) -> None:
    build.build(articles, tmp_path)
    file = _version_folder(tmp_path) / name
    if damage == "cut":
        file.write_bytes(file.read_bytes()[:-1])
    else:
        file.unlink()
    with pytest.raises(StoreError, match=Path(name).name):
        store.open_stored(tmp_path)
    assert [problem.file for problem in build.check(tmp_path)] == [name]
    build.build(articles, tmp_path)  # the mend that the message names
    assert build.check(tmp_path) == []


@pytest.mark.parametrize("name", ["passages.sqlite", "passages.faiss"])
def test_garbage_of_the_right_size_is_an_error_of_ours(
    name: str, articles: Path, tmp_path: Path
) -> None:
    build.build(articles, tmp_path)
    file = _version_folder(tmp_path) / name
    file.write_bytes(b"\xab" * file.stat().st_size)
    with pytest.raises(StoreError, match=name):
        store.open_stored(tmp_path)


def test_a_file_changed_behind_the_stores_back_is_refused_when_opened(
    articles: Path, tmp_path: Path
) -> None:
    build.build(articles, tmp_path)
    file = _version_folder(tmp_path) / "passages.sqlite"
    file.write_bytes(file.read_bytes().replace(b"mineraal", b"minerale"))
    with pytest.raises(StoreError, match=r"passages\.sqlite"):
        store.open_stored(tmp_path)


def test_of_a_large_file_only_the_ends_are_read_but_no_changed_text_is_quoted(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.version.CHECKED_WHOLE", 1000)
    monkeypatch.setattr("index.version._END", 100)
    build.build(articles, tmp_path)
    file = _version_folder(tmp_path) / "passages.sqlite"
    sound = file.read_bytes()
    assert b"mineraal" in sound[100:-100]
    file.write_bytes(sound.replace(b"mineraal", b"minerale"))
    stored = store.open_stored(tmp_path)
    with pytest.raises(StoreError, match=r"een\.txt"):
        stored.documents["een.txt"]
    with pytest.raises(StoreError, match=r"passages\.sqlite"):
        list(stored.passages)
    assert [problem.file for problem in build.check(tmp_path)] == ["passages.sqlite"]
    for place in (0, -1):
        raw = bytearray(sound)
        raw[place] ^= 1
        file.write_bytes(raw)
        with pytest.raises(StoreError, match=r"passages\.sqlite.*ends"):
            store.open_stored(tmp_path)


def test_a_large_index_finds_what_a_small_one_finds(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: HashEmbedder
) -> None:
    build.build(home=tmp_path / "small")
    monkeypatch.setattr("index.vectors.EXACT_UP_TO", 100)
    report = build.build(home=tmp_path / "large")
    assert (report.search, report.recall >= 0.99) == (Method.CODES, True)
    assert build.check(tmp_path / "large") == []
    small, large = (
        Index(store.open_stored(tmp_path / name), embedder, default_weights())
        for name in ("small", "large")
    )
    allowed = np.arange(len(small.passages)) % 7 == 0
    for question in ("Helpt magnesium bij migraine?", "kidney stones", "slaap", "zink"):
        for only in (None, allowed):
            expected = {one.number: one.score for one in small.search(question, 10, only)}
            found = {one.number: one.score for one in large.search(question, 10, only)}
            assert len(found.keys() & expected.keys()) >= 9
            for number in found.keys() & expected.keys():
                assert found[number] == pytest.approx(expected[number], abs=2e-3)
    # what a large index holds is taken over by the next build as well
    assert build.build(home=tmp_path / "large").embedded == 0


def test_a_large_index_gives_many_threads_what_it_gives_one_and_fails_for_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, embedder: HashEmbedder
) -> None:
    monkeypatch.setattr("index.vectors.EXACT_UP_TO", 100)
    build.build(home=tmp_path)
    large = Index(store.open_stored(tmp_path), embedder, default_weights())
    even = np.arange(len(large.passages)) % 2 == 0  # a part of the passages has none of them
    asked = [
        (question, k, only)
        for question in ("Helpt magnesium bij migraine?", "kidney stones", "qqq", "")
        for k in (1, 10, len(large.passages))
        for only in (None, even, ~even)
    ]
    alone = [large.search(*one) for one in asked]
    for (_, k, only), found in zip(asked, alone, strict=True):
        assert len(found) == min(k, len(large.passages) if only is None else int(only.sum()))
    with ThreadPoolExecutor(len(asked)) as pool:  # more than there are threads to go beside them
        assert list(pool.map(lambda one: large.search(*one), asked)) == alone

        def fail(texts: object) -> None:
            raise ModelError("no encoder")

        monkeypatch.setattr(large.embedder, "embed_queries", fail)
        for waiting in [pool.submit(large.search, *one) for one in asked]:
            with pytest.raises(ModelError, match="no encoder"):
                waiting.result(timeout=60)


@pytest.mark.parametrize(
    "manifest", ["", "[]", "{}", '{"schema": 3}', '{"schema": 3, "version": 3}', "\x00"]
)
def test_a_broken_manifest_is_named(manifest: str, articles: Path, tmp_path: Path) -> None:
    build.build(articles, tmp_path)
    (_version_folder(tmp_path) / "manifest.json").write_text(manifest)
    with pytest.raises(StoreError, match=r"manifest\.json"):
        store.open_stored(tmp_path)
    assert [problem.file for problem in build.check(tmp_path)] == ["manifest.json"]


def test_an_index_of_another_schema_says_so(articles: Path, tmp_path: Path) -> None:
    build.build(articles, tmp_path)
    file = _version_folder(tmp_path) / "manifest.json"
    record = json.loads(file.read_text())
    for schema in (1, 2, 999):
        file.write_text(json.dumps({**record, "schema": schema}))
        with pytest.raises(StoreError, match=f"schema {schema}.*bijsluiter index build"):
            store.open_stored(tmp_path)


@pytest.mark.parametrize("pointer", ["../../etc", "", "20261121T235844Z-../aaaa", "\xff"])
def test_the_pointer_is_never_a_path(pointer: str, articles: Path, tmp_path: Path) -> None:
    build.build(articles, tmp_path)
    (tmp_path / "index" / "CURRENT").write_text(pointer, encoding="latin-1")
    with pytest.raises(StoreError, match="CURRENT"):
        store.open_stored(tmp_path)
    assert [problem.file for problem in build.check(tmp_path)] == ["CURRENT"]
    build.build(articles, tmp_path)
    assert build.check(tmp_path) == []


def test_without_an_index_every_door_says_how_to_make_one(tmp_path: Path) -> None:
    for door in (store.open_stored, build.check, build.list_documents):
        with pytest.raises(StoreError, match="bijsluiter index build"):
            door(tmp_path)
    with pytest.raises(StoreError, match="bijsluiter index build"):
        build.update(home=tmp_path)


def test_an_unreadable_article_leaves_the_index_as_it_was(articles: Path, tmp_path: Path) -> None:
    first = build.build(articles, tmp_path)
    (articles / "kapot.txt").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(CorpusError, match=r"kapot\.txt"):
        build.update(home=tmp_path)
    assert store.open_stored(tmp_path).manifest.version == first.version


def test_the_last_two_versions_stay_and_a_reader_keeps_its_own(
    articles: Path, tmp_path: Path
) -> None:
    build.build(articles, tmp_path)
    reader = store.open_stored(tmp_path)
    versions = [reader.manifest.version]
    for _ in range(3):
        versions.append(build.build(articles, tmp_path).version)
    assert {one.name for one in (tmp_path / "index" / "versions").iterdir()} == set(versions[-2:])
    # its folder is gone by now
    assert dict(reader.documents) == {one.name: one for one in corpus.load(articles)}
    scores, _ = reader.passage_vectors.search(_all(reader.passage_vectors)[:1], 1)
    assert scores[0, 0] == pytest.approx(1)


def test_listing_names_every_document(articles: Path, tmp_path: Path) -> None:
    build.build(articles, tmp_path)
    listed = build.list_documents(tmp_path)
    assert [one.name for one in listed] == ["drie.txt", "een.txt", "twee.txt"]
    assert all(one.passages > 0 and one.characters > 0 for one in listed)
