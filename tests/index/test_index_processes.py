"""Builders that are killed, run out of disk, may not write, or meet: nothing is lost."""

from __future__ import annotations

import json
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray

from corpus.errors import StoreError
from index import build, publish, store
from index._progress import Progress
from tests.index.fakes import HashEmbedder

ROOT = Path(__file__).parents[2]

BUILD = """
import sys
from corpus.errors import BijsluiterError
from index import build
from tests.index.fakes import HashEmbedder
build.open_embedder = lambda model, progress: HashEmbedder()
try:
    build.build(sys.argv[1], sys.argv[2])
except BijsluiterError as error:
    print(type(error).__name__, error)
    raise SystemExit(error.exit_code)
"""


def _command(*arguments: object) -> list[str]:
    return [sys.executable, *map(str, arguments)]


def test_killed_at_any_step_the_index_still_answers(articles: Path, tmp_path: Path) -> None:
    """Every file operation of a build is tried as the moment of death."""
    home = tmp_path / "home"
    driver = _command("-m", "tests.index.killed_builder", articles, home)
    ran = subprocess.run(driver, cwd=ROOT, capture_output=True, text=True, timeout=300, check=False)
    assert ran.returncode == 0, ran.stderr
    records = [json.loads(line) for line in ran.stdout.splitlines()]
    assert [one["finished"] for one in records].count(True) == 1
    assert len(records) > 20
    previous = None
    for one in records:
        assert one["problems"] == []
        found = re.search(r"Dit is versie (\d+)\.", one["text"])
        version = int(found[1]) if found else None
        # the old index whole, or the new one whole; never a mixture
        assert version in (previous, one["step"])
        assert version is None or f"Dit is versie {version}." in one["passages"]
        previous = version
    assert previous == records[-1]["step"]
    # kills came both before and after the moment of publication, and in the midst of writing
    killed = records[:-1]
    assert any(f"versie {one['step']}." in one["text"] for one in killed)
    assert any(f"versie {one['step']}." not in one["text"] for one in killed)
    assert any(one["left"] for one in records)
    assert records[-1]["left"] == 0


def test_a_full_disk_is_one_sentence_and_the_old_index_stays(
    articles: Path, tmp_path: Path, embedder: HashEmbedder
) -> None:
    first = build.build(articles, tmp_path)
    (articles / "groot.txt").write_text("Een lange zin over magnesium. " * 3000)

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))

    ran = subprocess.run(
        _command("-c", BUILD, articles, tmp_path),
        cwd=ROOT,
        capture_output=True,
        text=True,
        preexec_fn=small_files,
        check=False,
    )
    assert ran.returncode == 2, ran.stderr
    assert "StoreError The disk is full" in ran.stdout
    assert ran.stdout.count("\n") == 1
    assert build.check(tmp_path) == []
    assert store.open_stored(tmp_path).manifest.version == first.version
    assert list((tmp_path / "index" / "versions").glob(".new-*")) == []


@pytest.fixture
def folder() -> Iterator[Path]:
    """A folder that anybody may enter; pytest's own are closed to other users."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o755)
        yield Path(name)


def test_a_folder_without_write_access_is_one_sentence(folder: Path) -> None:
    home = folder / "home"
    home.mkdir()
    home.chmod(0o555)
    script = (
        "import os, sys\nfrom corpus.errors import StoreError\nfrom index import publish\n"
        "if os.geteuid() == 0:\n    os.setuid(65534)  # root may write anywhere: be nobody\n"
        "try:\n    publish.writing(sys.argv[1]).__enter__()\n"
        "except StoreError as error:\n    print(error)\n    raise SystemExit(2)\n"
    )
    ran = subprocess.run(
        _command("-c", script, home),
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 2, ran.stderr
    assert "no write access" in ran.stdout
    assert str(home) in ran.stdout
    assert ran.stdout.count("\n") == 1


def test_a_read_only_index_can_be_read(
    articles: Path, tmp_path: Path, embedder: HashEmbedder
) -> None:
    build.build(articles, tmp_path)
    root = tmp_path / "index"
    before = sorted((str(one), one.stat().st_mtime_ns) for one in root.rglob("*"))
    stored = store.open_stored(tmp_path)
    assert stored.documents["een.txt"].text
    assert build.check(tmp_path) == []
    after = sorted((str(one), one.stat().st_mtime_ns) for one in root.rglob("*"))
    assert before == after  # no journal, no lock, no pointer is written by a reader


def test_two_builders_at_once_do_not_clash(
    articles: Path, tmp_path: Path, embedder: HashEmbedder
) -> None:
    with publish.writing(tmp_path):
        ran = subprocess.run(
            _command("-c", BUILD, articles, tmp_path),
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=False,
        )
        assert ran.returncode == 2, ran.stderr
        assert "StoreError Another program is building the index" in ran.stdout
    build.build(articles, tmp_path)
    assert build.check(tmp_path) == []


def test_a_failing_build_leaves_no_lock_and_no_folder(
    articles: Path, tmp_path: Path, embedder: HashEmbedder, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(passages: object, folder: Path) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("index.counting.count", broken)
        with pytest.raises(StoreError, match="disk is full"):
            build.build(articles, tmp_path)
    assert list((tmp_path / "index" / "versions").iterdir()) == []
    build.build(articles, tmp_path)
    assert build.check(tmp_path) == []


class _Killed(Exception):
    """The builder is gone."""


class _Dying(HashEmbedder):
    """Embeds so many texts, and no more."""

    left = 12

    def embed_passages(
        self, texts: Sequence[str], progress: Progress | None = None
    ) -> NDArray[np.float32]:
        if self.left < len(texts):
            raise _Killed
        self.left -= len(texts)
        return super().embed_passages(texts, progress)


def test_a_killed_builder_leaves_its_vectors_to_the_next(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("index.embedded._PASSAGES", 2)
    dying = _Dying()
    monkeypatch.setattr("index.build.open_embedder", lambda model, progress: dying)
    with pytest.raises(_Killed):
        build.build(articles, tmp_path)
    assert dying.embedded
    with pytest.raises(StoreError, match="There is no index"):
        store.open_stored(tmp_path)
    next_one = HashEmbedder()
    monkeypatch.setattr("index.build.open_embedder", lambda model, progress: next_one)
    report = build.build(articles, tmp_path)
    assert set(next_one.embedded).isdisjoint(dying.embedded)
    assert len(next_one.embedded) == report.embedded > 0
    assert report.reused >= len(dying.embedded)
    assert not (tmp_path / "index" / "work").exists()
    whole = tmp_path / "whole"
    build.build(articles, whole)
    for name in ("passage_vectors", "unit_vectors"):
        mine, theirs = (getattr(store.open_stored(one), name) for one in (tmp_path, whole))
        rows = np.arange(len(theirs))
        np.testing.assert_array_equal(mine.at(rows), theirs.at(rows))


def test_torn_work_is_begun_anew(articles: Path, tmp_path: Path, embedder: HashEmbedder) -> None:
    work = tmp_path / "index" / "work"
    work.mkdir(parents=True)
    (work / f"{embedder.fingerprint.rpartition(':')[2]}.sqlite").write_bytes(b"\xab" * 5000)
    build.build(articles, tmp_path)
    assert build.check(tmp_path) == []
