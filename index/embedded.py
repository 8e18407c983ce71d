"""The vectors of a version's texts: those of the last version, those kept by a builder that was
killed, and new ones. A text is known by its key, the sha256 of what is embedded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from index import passages as splitting
from index._progress import Progress
from index.embedding import Embedder
from index.model import Passage
from index.store import Stored
from index.vectors import Method, VectorIndex, Vectors
from index.version import PASSAGE_VECTORS, UNIT_VECTORS
from index.work import Work
from index.writing import KEY, Keys, VectorWriter, read_keys

_PASSAGES = 256  # with their units about a thousand texts: ten seconds' work


class _Before:
    """The vectors of the last version, by key."""

    def __init__(self, base: Path, vectors: VectorIndex) -> None:
        keys = read_keys(base)
        self._order = np.argsort(keys, kind="stable")
        self._sorted: Keys = keys[self._order]
        self._vectors = vectors

    def get(self, keys: Sequence[bytes]) -> dict[bytes, NDArray[np.float32]]:
        """The vectors that are there, by key."""
        if not len(self._sorted):
            return {}
        wanted = np.array(keys, dtype=KEY)
        at = np.searchsorted(self._sorted, wanted).clip(max=len(self._sorted) - 1)
        there = np.flatnonzero(self._sorted[at] == wanted)
        vectors = self._vectors.at(self._order[at[there]])
        return {keys[one]: vector for one, vector in zip(there.tolist(), vectors, strict=True)}


class Embedding:
    """Gives every text of a version its vector, and counts how many had to be made."""

    def __init__(self, embedder: Embedder, previous: Stored | None, work: Work) -> None:
        self._embedder = embedder
        self._work = work
        self._before: list[_Before] = []
        self.made = 0
        if previous is not None and previous.manifest.fingerprint == embedder.fingerprint:
            self._before = [
                _Before(previous.folder / PASSAGE_VECTORS, previous.passage_vectors),
                _Before(previous.folder / UNIT_VECTORS, previous.unit_vectors),
            ]

    def write(
        self,
        folder: Path,
        passages: Sequence[Passage],
        units: int,
        methods: tuple[Method, Method],
        progress: Progress,
    ) -> None:
        """Write the vectors of all passages and their units.

        Raises:
            OSError: they cannot be written.
        """
        dim, texts = self._embedder.dim, len(passages) + units
        bases = (folder / PASSAGE_VECTORS, folder / UNIT_VECTORS)
        writers = (
            VectorWriter(bases[0], len(passages), dim, methods[0]),
            VectorWriter(bases[1], units, dim, methods[1]),
        )
        done = 0
        rest = iter(passages)
        while block := list(islice(rest, _PASSAGES)):
            pair = list(_texts(block))
            vectors = self._vectors([*pair[0], *pair[1]], _after(progress, done, texts))
            for writer, some in zip(writers, pair, strict=True):
                keys = [key_of(text) for text in some]
                rows = [vectors[key] for key in keys]
                writer.add(keys, np.array(rows, np.float32).reshape(-1, dim))
                done += len(some)
            progress("Embedding", done, texts)
        for writer in writers:
            writer.close()

    def _vectors(self, texts: Sequence[str], progress: Progress) -> dict[bytes, Vectors]:
        """The vectors of texts, by key; makes those that there are not yet."""
        wanted = {key_of(text): text for text in texts}
        found: dict[bytes, Vectors] = {}
        for before in self._before:
            found.update(before.get(list(wanted)))
        for key in wanted.keys() - found.keys():
            vector = self._work.get(key)
            if vector is not None:
                found[key] = vector
        new = {key: text for key, text in wanted.items() if key not in found}
        if new:
            vectors = self._embedder.embed_passages(list(new.values()), progress)
            self._work.put(list(new), vectors)
            found.update(zip(new, vectors, strict=True))
            self.made += len(new)
        return found


def different_texts(folder: Path) -> int:
    """How many different texts the vectors of a version are of."""
    keys = [read_keys(folder / name) for name in (PASSAGE_VECTORS, UNIT_VECTORS)]
    return len(np.unique(np.concatenate(keys)))


def key_of(text: str) -> bytes:
    """The key of a text that is embedded."""
    return hashlib.sha256(text.encode("utf-8")).digest()


def _texts(passages: Sequence[Passage]) -> Iterator[list[str]]:
    yield [splitting.embedding_text(passage) for passage in passages]
    yield [splitting.unit_embedding_text(p, unit) for p in passages for unit in p.units]


def _after(progress: Progress, before: int, total: int) -> Progress:
    """Progress of a part, told as progress of the whole."""
    return lambda what, done, _: progress(what, before + done, total)
