"""Writing a version of the index and making it the current one, whole or not at all."""

from __future__ import annotations

import errno
import json
import os
import secrets
import shutil
import sqlite3
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from corpus.errors import StoreError
from corpus.model import Document
from index._codec import encode
from index.model import Passage
from index.paths import HOME_VARIABLE
from index.vectors import VectorIndex
from index.version import (
    MANIFEST,
    PASSAGE_VECTORS,
    PASSAGES,
    SCHEMA,
    UNIT_VECTORS,
    WORDS,
    FileRecord,
    Manifest,
    current_version,
    index_root,
    is_version_id,
    sha256_of,
)
from index.words import Words

_NEW = ".new-"

_TABLES = """
CREATE TABLE documents (row INTEGER PRIMARY KEY, name TEXT UNIQUE NOT NULL,
                        sha256 TEXT NOT NULL, text TEXT NOT NULL, structure TEXT NOT NULL);
CREATE TABLE passages (row INTEGER PRIMARY KEY, passage TEXT NOT NULL, key TEXT NOT NULL);
CREATE TABLE units (row INTEGER PRIMARY KEY, passage INTEGER NOT NULL REFERENCES passages,
                    key TEXT NOT NULL);
"""


@dataclass(frozen=True, slots=True)
class Content:
    """What a builder hands over: rows of ``*_keys`` and ``*_vectors`` go together.

    A key is the sha256 of the text that was embedded. Units are in the passages' order.
    """

    documents: Sequence[Document]
    passages: Sequence[Passage]
    passage_keys: Sequence[str]
    unit_keys: Sequence[str]
    passage_vectors: NDArray[np.float32]
    unit_vectors: NDArray[np.float32]
    words: Words
    model: str | None
    model_name: str
    fingerprint: str
    folder: str | None


@contextmanager
def writing(path: str | os.PathLike[str] | None = None) -> Iterator[Path]:
    """Hold the index's lock, as its only builder; gives the folder with ``CURRENT``.

    What a killed builder left behind is removed first.

    Raises:
        StoreError: another builder holds the lock, or the folder cannot be written (no access,
            disk full); the index that was there is untouched.
    """
    root = index_root(path)
    lock = FileLock(root / "lock")
    try:
        (root / "versions").mkdir(parents=True, exist_ok=True)
        lock.acquire(timeout=0)
    except Timeout as error:
        raise StoreError(
            f"Another program is building the index in {root.parent}; wait until it is ready and "
            "try again."
        ) from error
    except OSError as error:
        raise StoreError(_write_failure(root.parent, error)) from error
    try:
        for left_over in (root / "versions").glob(f"{_NEW}*"):
            shutil.rmtree(left_over, ignore_errors=True)
        yield root
    finally:
        lock.release()


def publish(root: Path, content: Content) -> Manifest:
    """Write a version, name it and make it current; the caller holds the lock (``writing``).

    Raises:
        StoreError: it could not be written; the current version stays the current one.
    """
    try:
        return _publish(root, content)
    except OSError as error:
        raise StoreError(_write_failure(root.parent, error)) from error


def _publish(root: Path, content: Content) -> Manifest:
    versions = root / "versions"
    folder = Path(tempfile.mkdtemp(prefix=_NEW, dir=versions))
    try:
        manifest = _write(folder, content)
        _sync(folder)
        os.replace(folder, versions / manifest.version)
        _sync(versions)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise
    previous = _previous_version(root)
    pointer = root / "CURRENT.new"
    pointer.write_text(manifest.version + "\n", encoding="ascii")
    _sync(pointer)
    os.replace(pointer, root / "CURRENT")
    _sync(root)
    if previous is not None:
        _remove_others(versions, {manifest.version, previous})
    return manifest


def _previous_version(root: Path) -> str | None:
    """The published version, or None where the pointer is missing or damaged."""
    try:
        return current_version(root)
    except StoreError:
        return None


def _write(folder: Path, content: Content) -> Manifest:
    folder.chmod(0o755)  # mkdtemp makes folders private
    _write_passages(folder / PASSAGES, content)
    passages = VectorIndex.from_vectors(content.passage_vectors)
    passages.save(folder / PASSAGE_VECTORS)
    units = VectorIndex.from_vectors(content.unit_vectors)
    units.save(folder / UNIT_VECTORS)
    (folder / WORDS).mkdir()
    content.words.save(folder / WORDS)

    files = {}
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        _sync(file)
        name = file.relative_to(folder).as_posix()
        files[name] = FileRecord(file.stat().st_size, sha256_of(file))
    now = datetime.now(UTC)
    manifest = Manifest(
        schema=SCHEMA,
        version=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}",
        created=now.isoformat(timespec="seconds"),
        model=content.model,
        model_name=content.model_name,
        fingerprint=content.fingerprint,
        dim=int(content.passage_vectors.shape[1]),
        folder=content.folder,
        documents=len(content.documents),
        passages=len(content.passages),
        units=len(content.unit_keys),
        passage_search=passages.method,
        unit_search=units.method,
        files=files,
    )
    file = folder / MANIFEST
    file.write_text(json.dumps(encode(manifest), indent=2) + "\n", encoding="utf-8")
    _sync(file)
    return manifest


def _write_passages(file: Path, content: Content) -> None:
    unit_passages = [row for row, one in enumerate(content.passages) for _ in one.units]
    with closing(sqlite3.connect(file)) as connection:
        # Nobody sees the file before it is whole and synced, so it needs no journal of its own.
        connection.execute("PRAGMA journal_mode = OFF")
        connection.execute("PRAGMA synchronous = OFF")
        try:
            connection.executescript(_TABLES)
            connection.executemany(
                "INSERT INTO documents VALUES (?, ?, ?, ?, ?)", _document_rows(content.documents)
            )
            connection.executemany(
                "INSERT INTO passages VALUES (?, ?, ?)",
                (
                    (row, _json(passage), key)
                    for row, (passage, key) in enumerate(
                        zip(content.passages, content.passage_keys, strict=True)
                    )
                ),
            )
            connection.executemany(
                "INSERT INTO units VALUES (?, ?, ?)",
                (
                    (row, passage, key)
                    for row, (passage, key) in enumerate(
                        zip(unit_passages, content.unit_keys, strict=True)
                    )
                ),
            )
            connection.commit()
        except sqlite3.OperationalError as error:
            # SQLite has no errno: what it cannot write here is a full disk ("disk I/O error").
            raise OSError(errno.ENOSPC, str(error), str(file)) from error


def _document_rows(documents: Iterable[Document]) -> Iterator[tuple[int, str, str, str, str]]:
    for row, document in enumerate(documents):
        structure = encode(document)
        del structure["text"]
        yield (
            row,
            document.name,
            document.sha256,
            document.text,
            json.dumps(structure, ensure_ascii=False),
        )


def _json(passage: Passage) -> str:
    return json.dumps(encode(passage), ensure_ascii=False)


def _remove_others(versions: Path, keep: set[str]) -> None:
    """Remove older versions; whoever reads one has it in memory or in open files by now."""
    for folder in versions.iterdir():
        if is_version_id(folder.name) and folder.name not in keep:
            shutil.rmtree(folder, ignore_errors=True)


def _sync(path: Path) -> None:
    """Make sure that a file, or a folder's names, are on the disk and not only on their way."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _write_failure(home: Path, error: OSError) -> str:
    where = f"the old index, if any, is untouched; point --index or {HOME_VARIABLE} elsewhere"
    if error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG):
        return f"The disk is full: the index does not fit in {home}; make room ({where})."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"The index cannot be written in {home} (no write access); {where}."
    return f"The index cannot be written in {home} ({error.strerror or error}); {where}."
