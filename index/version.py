"""A version of the index on disk: where its files are, and its manifest.

::

    HOME/index/CURRENT                  the id of the version that readers open
    HOME/index/lock                     held by the one builder at work
    HOME/index/versions/ID/manifest.json    schema, model, counts; size and sha256 of each file
                          /passages.sqlite  documents, passages, and a key for every vector row
                          /passages.faiss   one row a passage
                          /units.faiss      one row a unit, in the passages' order
                          /words/           see ``index.words``
    HOME/index/versions/.new-*          a version being written; nobody reads it

A version never changes once it has its name. A reader holds all of it in memory or in open files,
so it keeps the version that it opened. The last two versions stay; older ones are removed after
the next one is published. Nothing here is pickled.
"""

from __future__ import annotations

import hashlib
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path

from corpus.errors import StoreError
from index._codec import decode
from index.paths import HOME_VARIABLE, home_dir
from index.vectors import Method

SCHEMA = 1
MANIFEST = "manifest.json"
PASSAGES = "passages.sqlite"
PASSAGE_VECTORS = "passages.faiss"
UNIT_VECTORS = "units.faiss"
WORDS = "words"
REBUILD = "run 'bijsluiter index build' to make it anew"

_VERSION_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file of a version must be."""

    bytes: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """What a version is. ``model`` and ``folder`` are as asked for; None is the default."""

    schema: int
    version: str
    created: str
    model: str | None
    model_name: str
    fingerprint: str
    dim: int
    folder: str | None
    documents: int
    passages: int
    units: int
    passage_search: Method
    unit_search: Method
    files: dict[str, FileRecord]


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is not as it should be: the file's name within the index, and what it is."""

    file: str
    what: str


def index_root(path: str | os.PathLike[str] | None) -> Path:
    """The folder with ``CURRENT`` in it."""
    return home_dir(path) / "index"


def current_version(root: Path) -> str | None:
    """The published version's id; None where nothing was ever published."""
    file = root / "CURRENT"
    try:
        version = file.read_text(encoding="ascii").strip()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except (OSError, ValueError) as error:
        raise StoreError(damaged(file, error)) from error
    if not is_version_id(version):
        raise StoreError(damaged(file, "it names no version"))
    return version


def required_version(root: Path) -> str:
    """The published version's id; StoreError, with how to make an index, where there is none."""
    version = current_version(root)
    if version is None:
        raise StoreError(
            f"There is no index in {root.parent}; make one with 'bijsluiter index build', "
            f"or point --index or {HOME_VARIABLE} to its folder."
        )
    return version


def read_manifest(folder: Path) -> Manifest:
    """A version's manifest, its schema checked.

    Raises:
        StoreError: missing, damaged, or of another schema.
    """
    file = folder / MANIFEST
    try:
        record = json.loads(file.read_text(encoding="utf-8"))
        schema = record["schema"]
        if schema == SCHEMA:
            return decode(Manifest, record)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise StoreError(damaged(file, error)) from error
    raise StoreError(
        f"The index {folder} has schema {schema} and this program reads {SCHEMA}; {REBUILD}."
    )


def damage(folder: Path, manifest: Manifest, checksums: bool) -> list[Problem]:
    """Files of a version that are missing or have another size or, if asked, checksum."""
    problems = []
    for name, record in manifest.files.items():
        file = folder / name
        try:
            size = file.stat().st_size
            if size != record.bytes:
                problems.append(Problem(name, f"{size} bytes instead of {record.bytes}"))
            elif checksums and sha256_of(file) != record.sha256:
                problems.append(Problem(name, "its checksum differs from the manifest"))
        except FileNotFoundError:
            problems.append(Problem(name, "missing"))
        except OSError as error:
            problems.append(Problem(name, f"unreadable ({error.strerror or error})"))
    return problems


def is_version_id(name: str) -> bool:
    """Whether a folder's name is that of a version, and not of one being written."""
    return _VERSION_ID.fullmatch(name) is not None


def damaged(file: Path, what: object) -> str:
    """The sentence for a damaged file of the index."""
    return f"The index file {file} is damaged ({what}); {REBUILD}."


def sha256_of(file: Path) -> str:
    """A file's checksum, 64 hexadecimal digits."""
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
