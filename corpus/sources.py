"""Facts about the articles: ``sources.toml``, checked on load.

The file is a list of ``[[source]]`` tables, one a text file. Every mistake in it is one
:class:`CorpusError` that names the file, the source and the key.
"""

from __future__ import annotations

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Any

from corpus.errors import CorpusError
from corpus.model import Source

FILE = "sources.toml"
PUBLISHER_KINDS = frozenset(
    {
        "seller",
        "brand",
        "blog",
        "foundation",
        "public_body",
        "health_professional",
        "scientific",
        "news",
        "unknown",
    }
)
LANGUAGES = frozenset({"nl", "en"})
_TYPES: dict[str, str] = {
    "sells": "a list of texts",
    "promotes": "a list of texts",
    "articles": "a whole number from 1",
    "provenance": "a table of texts",
}
_KEYS = tuple(field.name for field in fields(Source))


def load_sources(folder: Path) -> dict[str, Source]:
    """The sources in ``folder/sources.toml`` by file name; empty where there is no such file.

    Raises :class:`CorpusError` where the file cannot be read or says something that cannot be.
    """
    path = folder / FILE
    try:
        raw = path.read_bytes()
    except FileNotFoundError:
        return {}
    except OSError as error:
        raise CorpusError(
            f"{path} cannot be read ({error.strerror}): check its permissions."
        ) from error
    try:
        table = tomllib.loads(raw.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise CorpusError(f"{path} is not UTF-8 (byte {error.start}): save it as UTF-8.") from error
    except tomllib.TOMLDecodeError as error:
        raise CorpusError(f"{path} is not valid TOML: {error}.") from error
    if unknown := sorted(set(table) - {"source"}):
        raise CorpusError(
            f"{path}: unknown key '{unknown[0]}' at the top; every source is a [[source]] table."
        )
    entries = table.get("source", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise CorpusError(f"{path}: 'source' must be a list: write [[source]] with two brackets.")
    sources: dict[str, Source] = {}
    for position, entry in enumerate(entries, start=1):
        source = _source(path, position, entry)
        if source.file in sources:
            raise CorpusError(
                f"{path}: key 'file' names '{source.file}' twice; keep one [[source]] of it."
            )
        if not (folder / source.file).is_file():
            raise CorpusError(
                f"{path}: key 'file' names '{source.file}', which is not in {folder}; "
                "add the file or remove its [[source]]."
            )
        sources[source.file] = source
    return sources


def _source(path: Path, position: int, entry: dict[str, Any]) -> Source:
    name = entry.get("file")
    if not isinstance(name, str) or not name:
        raise CorpusError(
            f"{path}: [[source]] number {position} needs a key 'file' with a file name."
        )
    if name != Path(name).name or "\\" in name or name in (".", "..") or "\0" in name:
        raise CorpusError(f"{path}: key 'file' must be a file name without a folder, not {name!r}.")
    here = f"{path}: {name}"
    for key, value in entry.items():
        if key not in _KEYS:
            raise CorpusError(f"{here}: unknown key '{key}'; known are {', '.join(_KEYS)}.")
        if not _fits(key, value):
            wanted = _TYPES.get(key, "a text")
            raise CorpusError(f"{here}: key '{key}' must be {wanted}, not {value!r}.")
    for key, allowed in (("publisher_kind", PUBLISHER_KINDS), ("language", LANGUAGES)):
        if key in entry and entry[key] not in allowed:
            raise CorpusError(
                f"{here}: key '{key}' must be one of {', '.join(sorted(allowed))}, "
                f"not {entry[key]!r}."
            )
    for key in entry.get("provenance", {}):
        if key not in entry or key in ("file", "provenance"):
            raise CorpusError(
                f"{here}: 'provenance' names '{key}', which is not given; add it or leave it out."
            )
    facts: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in entry.items()
    }
    return Source(**facts)


def _fits(key: str, value: object) -> bool:
    if key in ("sells", "promotes"):
        return isinstance(value, list) and all(isinstance(item, str) for item in value)
    if key == "articles":
        return isinstance(value, int) and not isinstance(value, bool) and value >= 1
    if key == "provenance":
        return isinstance(value, dict) and all(isinstance(item, str) for item in value.values())
    return isinstance(value, str)
