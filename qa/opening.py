"""Open the index that is asked for; make the default one where there is none yet."""

from __future__ import annotations

from pathlib import Path

from index._progress import StderrProgress
from index.search import Index
from index.store import current_version, index_root


def open_index(path: Path | str | None = None, *, model: str | None = None) -> Index:
    """The index in ``path``, or the user's own.

    The user's own is built from the shipped articles when nothing was ever built there, with
    progress on stderr. A given ``path`` without an index is an error: it may be a slip of the pen.

    Raises:
        StoreError: no index in ``path``, or a damaged one (never silently rebuilt).
        ModelError: the encoder cannot be had.
    """
    if path is None and current_version(index_root(None)) is None:
        from index.build import build

        build(model=model, progress=StderrProgress())
    return Index.open(None if path is None else Path(path), model)
