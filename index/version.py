"""A version of the index on disk: where its files are, and its manifest.

::

    HOME/index/CURRENT                  the id of the version that readers open
    HOME/index/lock                     held by the one builder at work
    HOME/index/versions/ID/manifest.json    schema, model, counts; size and checksums of each file
                          /passages.sqlite  documents and passages, read by row
                          /unit_starts.npy  where the units of each passage begin in units.*
                          /sources.npy      the document of each passage
                          /passages.*       their vectors, one row a passage (``index.vectors``)
                          /units.*          likewise, one row a unit, in the passages' order
                          /*.keys.npy       sha256 of the text behind every vector row
                          /words/           see ``index.words``
    HOME/index/versions/.new-*          a version being written; nobody reads it
    HOME/index/work/                    vectors made for it, kept for the next try if it is killed

A version never changes once it has its name. A reader holds its files open or mapped, so it keeps
the version that it opened. The last two versions stay; older ones are removed after the next one is
published. Nothing here is pickled.

Opening works out the whole checksum of files up to ``CHECKED_WHOLE`` and, of larger ones, the size
and the checksum of both ends, so that it takes no longer for a larger index. ``check`` works out
every checksum; a passage is checked against its id, a document against its sha256, when it is read.
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

SCHEMA = 3
MANIFEST = "manifest.json"
PASSAGES = "passages.sqlite"
PASSAGE_VECTORS = "passages"
UNIT_VECTORS = "units"
UNIT_STARTS = "unit_starts.npy"
SOURCES = "sources.npy"
WORDS = "words"
CHECKED_WHOLE = 32 << 20  # bytes: 20 ms of reading
REBUILD = "run 'bijsluiter index build' to make it anew"

_END = 1 << 20  # bytes of a larger file that are read at either end
_VERSION_ID = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class FileRecord:
    """What a file of a version must be; ``ends`` is given of large files only."""

    bytes: int
    sha256: str
    ends: str = ""

    @classmethod
    def of(cls, file: Path) -> FileRecord:
        """The record of a file as it is."""
        size = file.stat().st_size
        ends = _sha256_of_ends(file, size) if size > CHECKED_WHOLE else ""
        return cls(size, sha256_of(file), ends)


@dataclass(frozen=True, slots=True)
class Made:
    """What was built. ``model`` and ``folder`` are as asked for; None is the default.

    ``recall`` is how much of the ten nearest passages an approximate search found in a trial at
    build; 1 for an exact one. ``probes``: how many of the nearest by 4-bit codes it measures
    again; 0 for an exact one.
    """

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
    recall: float
    probes: int


@dataclass(frozen=True, slots=True)
class Manifest(Made):
    """What a version is: what was built, when, and the files that it consists of."""

    schema: int
    version: str
    created: str
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


def damage(folder: Path, manifest: Manifest, whole: bool) -> list[Problem]:
    """Files of a version that are missing or have another size or checksum.

    ``whole``: every checksum is worked out, of large files too (see the module's text).
    """
    problems = []
    for name, record in manifest.files.items():
        file = folder / name
        try:
            size = file.stat().st_size
            if size != record.bytes:
                problems.append(Problem(name, f"{size} bytes instead of {record.bytes}"))
            elif record.ends and not whole:
                if _sha256_of_ends(file, size) != record.ends:
                    problems.append(Problem(name, "its ends differ from the manifest"))
            elif sha256_of(file) != record.sha256:
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


def _sha256_of_ends(file: Path, size: int) -> str:
    with file.open("rb") as stream:
        digest = hashlib.sha256(stream.read(_END))
        stream.seek(max(size - _END, 0))
        digest.update(stream.read(_END))
    return digest.hexdigest()
