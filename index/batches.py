"""Texts of like length together, in few shapes: a runtime prepares itself for every new shape.

A batch has a power of two of rows, and its length is rounded up to a multiple of ``STEP`` tokens,
of ``FINE`` where questions lie, so that there are some fifty shapes in all. The time and memory
each takes (5 ms, 2 MB) is paid once, and a little again whenever the shape is another than the one
before: so a text alone has ``ALONE`` tokens, if it has no more.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

STEP = 16
FINE = 4  # of lengths between one and two steps: most questions have 17 to 24 tokens, or up to 16
ALONE = 24  # 95 of 100 questions have no more
MOST_TOKENS = 128  # a batch, padding included: small ones keep all cores at work to the end


def in_batches(lengths: Sequence[int], most: int = MOST_TOKENS) -> Iterator[list[int]]:
    """Rows in batches of like length, so that little time goes to padding; longest first.

    A batch has at most ``most`` tokens, padding included, or one row.
    """
    order = sorted(range(len(lengths)), key=lambda row: -lengths[row])
    at = 0
    while at < len(order):
        fit = max(1, min(most // rounded(lengths[order[at]], 2), len(order) - at))
        rows = 1 << (fit.bit_length() - 1)
        yield order[at : at + rows]
        at += rows


def rounded(length: int, rows: int) -> int:
    """The length of a batch of ``rows`` texts, the longest of which has ``length`` tokens."""
    if rows == 1 and length <= ALONE:
        return ALONE
    step = FINE if STEP < length <= 2 * STEP else STEP
    return max(1, -(-length // step)) * step
