"""Arrays on disk that are larger than memory: written in place, mapped when read."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib.format import open_memmap
from numpy.typing import DTypeLike, NDArray


def new_array(file: Path, kind: DTypeLike, shape: tuple[int, ...]) -> NDArray[Any]:
    """A mapped ``.npy`` file to be filled.

    Its room is taken at once: writing to a mapped file on a full disk kills the process.

    Raises:
        OSError: there is no room for it.
    """
    made = open_memmap(file, "w+", kind, shape)
    if hasattr(os, "posix_fallocate"):  # not everywhere
        with file.open("rb+") as stream:
            os.posix_fallocate(stream.fileno(), 0, file.stat().st_size)
    return made


def save(file: Path, values: Iterable[Any], kind: DTypeLike) -> None:
    """Write values that fit in memory as a ``.npy`` file."""
    np.save(file, np.asarray(values, dtype=kind), allow_pickle=False)


def open_array(file: Path) -> NDArray[Any]:
    """A mapped ``.npy`` file, as a plain array: slicing NumPy's own kind costs more.

    Raises:
        OSError, ValueError: there is no such file, or it holds no plain array.
    """
    try:
        mapped: NDArray[Any] = np.load(file, mmap_mode="r", allow_pickle=False)
        return mapped.view(np.ndarray)
    except EOFError as error:
        raise ValueError(str(error)) from error
