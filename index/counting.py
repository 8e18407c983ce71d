"""Counting the words of passages into a word index on disk, in little memory (``index.words``).

The text is read once and leaves its stems' numbers in a file. When all stems are known, compounds
are opened, and the file is turned from passages with their terms into terms with their passages,
a block at a time.
"""

from __future__ import annotations

import tempfile
from array import array
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import numpy as np
from numpy.typing import NDArray

from index._arrays import new_array, open_array, save
from index.model import Passage
from index.passages import embedding_text
from index.words import LEADING, LETTERS, LONG, TERMS, letters, parts, plain, stem, words

_K1, _B = 1.2, 0.5  # BM25's usual saturation; half its length normalisation: passages are alike
_PRESENT = 0.6  # of a term's worth lies in its being there at all, the rest in how much
_BLOCK = 8192  # passages


def count(passages: Iterable[Passage], folder: Path) -> None:
    """Write the word index of the passages' text and headings into ``folder``, made if absent.

    Raises:
        OSError: it cannot be written.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=folder) as spilled:
        stems, lengths = _spill(passages, spilled)
        terms = sorted(stems)
        numbers = {term: number for number, term in enumerate(terms)}
        # of each stem, in the order in which stems were met: its own number and its parts'
        opened = [(numbers[s], *(numbers[part] for part in parts(s, numbers))) for s in stems]
        counted = _Counted(spilled, np.frombuffer(lengths, np.int32), opened, len(terms))
        starts, mean = counted.sums()
        _write_terms(terms, folder)
        save(folder / "starts.npy", starts, np.int64)
        _fill(counted, starts, mean, folder)
    _lead(starts, folder)


def _spill(passages: Iterable[Passage], spilled: IO[bytes]) -> tuple[dict[str, int], array[int]]:
    """Every stem by the order in which it was met, and how many stems each passage has; the
    passages' stems, as such numbers, go to the file."""
    stems: dict[str, int] = {}
    lengths = array("i")
    for passage in passages:
        found = (stem(word) for word in words(embedding_text(passage)))
        row = array("i", (stems.setdefault(one, len(stems)) for one in found))
        lengths.append(len(row))
        row.tofile(spilled)
    spilled.flush()
    return stems, lengths


@dataclass(frozen=True, slots=True)
class _Counted:
    """The spilled passages, read back with compounds opened."""

    spilled: IO[bytes]
    lengths: NDArray[np.int32]
    opened: list[tuple[int, ...]]
    terms: int

    def sums(self) -> tuple[NDArray[np.int64], float]:
        """Where each term's passages will begin, shape (terms + 1,); a passage's mean length."""
        held, length = np.zeros(self.terms, dtype=np.int64), 0
        for _, terms, often, _ in self.blocks():
            held += np.bincount(terms, minlength=self.terms)
            length += int(often.sum())
        starts = np.concatenate([np.zeros(1, np.int64), np.cumsum(held)])
        return starts, length / max(len(self.lengths), 1)

    def blocks(self) -> Iterator[tuple[NDArray[np.int64], ...]]:
        """Passages, the terms that they hold, how often, and the passages' lengths in terms; by
        passage, each term of it once."""
        sizes = np.array([len(one) for one in self.opened], dtype=np.int64)
        flat = np.array([number for one in self.opened for number in one], dtype=np.int64)
        firsts = np.concatenate([np.zeros(1, np.int64), np.cumsum(sizes)])[:-1]
        self.spilled.seek(0)
        for first in range(0, len(self.lengths), _BLOCK):
            lengths = self.lengths[first : first + _BLOCK]
            raw = self.spilled.read(int(lengths.sum()) * 4)
            stems = np.frombuffer(raw, dtype=np.int32)
            passages = np.repeat(np.arange(first, first + len(lengths)), lengths)
            many = sizes[stems]
            within = np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many)
            terms = flat[np.repeat(firsts[stems], many) + within]
            passages = np.repeat(passages, many)
            whole = np.bincount(passages - first, minlength=len(lengths))
            keys, often = np.unique(passages * self.terms + terms, return_counts=True)
            passages = keys // self.terms if self.terms else keys
            yield passages, keys - passages * self.terms, often, whole[passages - first]


def _fill(counted: _Counted, starts: NDArray[np.int64], mean: float, folder: Path) -> None:
    """Write the passages of every term and how much each is about it."""
    rows = new_array(folder / "rows.npy", np.int32, (int(starts[-1]),))
    held = new_array(folder / "held.npy", np.float32, (int(starts[-1]),))
    at = starts[:-1].copy()
    for passages, found, often, whole in counted.blocks():
        order = np.argsort(found, kind="stable")  # passages stay ascending within a term
        terms, frequency, length = found[order], often[order], whole[order]
        new = np.bincount(terms, minlength=counted.terms)
        places = at[terms] + np.arange(len(terms)) - np.repeat(np.cumsum(new) - new, new)
        at += new
        rows[places] = passages[order]
        saturation = frequency / (_K1 * (1 - _B + _B * length / mean) + frequency)
        held[places] = _PRESENT + (1 - _PRESENT) * saturation


def _write_terms(terms: list[str], folder: Path) -> None:
    lines = "".join(f"{term}\n" for term in terms)
    (folder / TERMS).write_text(lines, encoding="utf-8", newline="\n")
    backward = sorted(range(len(terms)), key=lambda number: terms[number][::-1])
    save(folder / "backward.npy", backward, np.int32)
    counts = np.array([letters(plain(term)) for term in terms], dtype=np.uint8)
    counts = counts.reshape(-1, LETTERS)
    long = counts.sum(axis=1, dtype=np.int64)
    lengths = np.argsort(long, kind="stable")
    save(folder / "lengths.npy", lengths, np.int32)
    save(folder / "shorter.npy", np.append(0, np.cumsum(np.bincount(long))), np.int32)
    save(folder / "letters.npy", np.ascontiguousarray(counts[lengths].T), np.uint8)


def _lead(starts: NDArray[np.int64], folder: Path) -> None:
    """Of terms that very many passages hold, those that are most about it; ascending."""
    rows, held = open_array(folder / "rows.npy"), open_array(folder / "held.npy")
    long = np.flatnonzero(np.diff(starts) > LONG)
    leading = np.empty((len(long), LEADING), dtype=np.int32)
    for place, term in enumerate(long):
        first, last = starts[term], starts[term + 1]
        best = np.argpartition(-held[first:last], LEADING)[:LEADING]
        leading[place] = np.sort(rows[first:last][best])
    save(folder / "long.npy", long, np.int32)
    save(folder / "leading.npy", leading, np.int32)
