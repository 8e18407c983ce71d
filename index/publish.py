"""Writing a version of the index and making it the current one, whole or not at all."""

from __future__ import annotations

import json
import os
import secrets
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from corpus.errors import StoreError
from index._codec import encode
from index._disk import write_failure
from index.paths import HOME_VARIABLE
from index.version import (
    MANIFEST,
    SCHEMA,
    FileRecord,
    Made,
    Manifest,
    current_version,
    index_root,
    is_version_id,
)

_NEW = ".new-"


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


@contextmanager
def new_version(root: Path) -> Iterator[Path]:
    """A folder to write a version in; removed again unless it was published.

    The caller holds the lock (``writing``).

    Raises:
        StoreError: it could not be written; the current version stays the current one.
    """
    try:
        folder = Path(tempfile.mkdtemp(prefix=_NEW, dir=root / "versions"))
        try:
            folder.chmod(0o755)  # mkdtemp makes folders private
            yield folder
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    except OSError as error:
        raise StoreError(_write_failure(root.parent, error)) from error


def publish(root: Path, folder: Path, made: Made) -> Manifest:
    """Name what was written in ``folder`` and make it the current version.

    Raises:
        OSError: it could not be written; the current version stays the current one.
    """
    versions = root / "versions"
    manifest = _describe(folder, made)
    _sync(folder)
    os.replace(folder, versions / manifest.version)
    _sync(versions)
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


def _describe(folder: Path, made: Made) -> Manifest:
    """Bring every file to the disk and write the manifest of them."""
    files = {}
    for file in sorted(file for file in folder.rglob("*") if file.is_file()):
        _sync(file)
        files[file.relative_to(folder).as_posix()] = FileRecord.of(file)
    now = datetime.now(UTC)
    manifest = Manifest(
        **{field.name: getattr(made, field.name) for field in fields(made)},
        schema=SCHEMA,
        version=f"{now:%Y%m%dT%H%M%SZ}-{secrets.token_hex(4)}",
        created=now.isoformat(timespec="seconds"),
        files=files,
    )
    file = folder / MANIFEST
    file.write_text(json.dumps(encode(manifest), indent=2) + "\n", encoding="utf-8")
    _sync(file)
    return manifest


def _remove_others(versions: Path, keep: set[str]) -> None:
    """Remove older versions; whoever reads one has its files open or mapped by now."""
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
    mend = f"point --index or {HOME_VARIABLE} elsewhere (the old index, if any, is untouched)"
    return write_failure("index", home, error, mend)
