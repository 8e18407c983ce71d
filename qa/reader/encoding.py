"""How a passage and what stands above it are put before the reader."""

from __future__ import annotations

SEPARATOR = " | "


def pair_text(passage: str, context: str = "") -> tuple[str, int]:
    """The text paired with the question, and the offset in it at which the passage begins.

    ``context`` (headings, a title) stands before the passage and can never be marked.
    """
    head = context.strip()
    if not head:
        return passage, 0
    return head + SEPARATOR + passage, len(head) + len(SEPARATOR)
