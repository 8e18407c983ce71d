"""What the packaged encoder and the reader on it share in memory: one file, one tokeniser."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from index import packaged_weights
from index.embedding_rows import EmbeddingRows
from index.model_package import PACKAGE_FILE
from index.packaged_tokenizer import PackagedTokenizer
from index.packaged_weights import PackagedWeights

_opening = threading.Lock()


@dataclass(frozen=True, slots=True)
class Parts:
    """A prepared directory's package, opened, with its tokeniser and embeddings."""

    package: PackagedWeights
    tokenizer: PackagedTokenizer
    rows: EmbeddingRows


def open_parts(folder: Path) -> Parts:
    """The parts of a prepared directory; those opened last are kept.

    Raises:
        ModelError: the package's file is damaged.
        OSError: it cannot be read.
    """
    file = folder / PACKAGE_FILE
    state = file.stat()
    with _opening:
        return _opened(file, state.st_ino, state.st_mtime_ns)


@lru_cache(maxsize=1)
def _opened(file: Path, number: int, changed: int) -> Parts:
    package = packaged_weights.read(file)
    return Parts(package, PackagedTokenizer(package), EmbeddingRows.of(package))
