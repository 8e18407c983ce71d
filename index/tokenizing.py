"""Texts to tokens: the door that encoder and reader use, and tokenisers of the hub behind it.

The packaged encoder's own is in ``packaged_tokenizer``.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


@dataclass(frozen=True, slots=True)
class Tokens:
    """A text, or a question and a text, as tokens.

    ``offsets`` are each token's characters in the text that it is of, ``sequence_ids`` which text
    that is: 0 the first, 1 the second. A token that stands in none has (0, 0) and None.
    """

    ids: list[int]
    offsets: list[tuple[int, int]]
    sequence_ids: list[int | None]

    @property
    def type_ids(self) -> list[int]:
        """0 for every token."""
        return [0] * len(self.ids)

    @property
    def attention_mask(self) -> list[int]:
        """1 for every token: there is no padding."""
        return [1] * len(self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    def __add__(self, other: Tokens) -> Tokens:
        return Tokens(
            self.ids + other.ids,
            self.offsets + other.offsets,
            self.sequence_ids + other.sequence_ids,
        )

    def __getitem__(self, some: slice) -> Tokens:
        return Tokens(self.ids[some], self.offsets[some], self.sequence_ids[some])


class Tokenizes(Protocol):
    """A tokeniser that threads may share. It never pads."""

    def encode(
        self, texts: Sequence[str], most: int | None = None
    ) -> Sequence[Tokens] | Sequence[Encoding]:
        """One encoding a text, cut to ``most`` tokens if that is given."""

    def windows(
        self, question: str, texts: Sequence[str], most: int, stride: int
    ) -> Sequence[tuple[int, Tokens]] | Sequence[tuple[int, Encoding]]:
        """Each text after the question, in windows of ``most`` tokens, with the text's number.

        Neighbouring windows share ``stride`` tokens; only the texts are cut.
        """


class SharedTokenizer:
    """A tokeniser of the ``tokenizers`` library.

    Where it cuts is a setting of the whole tokeniser there, so every call sets it and uses it under
    one lock.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], most: int | None = None) -> list[Encoding]:
        with self._lock:
            if most is None:
                self._tokenizer.no_truncation()
            else:
                self._tokenizer.enable_truncation(most)
            return self._tokenizer.encode_batch(list(texts))

    def windows(
        self, question: str, texts: Sequence[str], most: int, stride: int
    ) -> list[tuple[int, Encoding]]:
        with self._lock:
            self._tokenizer.enable_truncation(most, stride=stride, strategy="only_second")
            encodings = self._tokenizer.encode_batch([(question, text) for text in texts])
        return [
            (number, part)
            for number, whole in enumerate(encodings)
            for part in (whole, *whole.overflowing)
        ]
