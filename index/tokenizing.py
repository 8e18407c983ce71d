"""A tokeniser that threads, and the encoder and the reader, may share.

Loaded, it takes 280 MB and most of a second. Where it cuts is a setting of the whole tokeniser in
the ``tokenizers`` library, so every call sets it and uses it under one lock.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tokenizers import Encoding, Tokenizer


class SharedTokenizer:
    """Texts, or pairs of a question and a text, to tokens. It never pads."""

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._tokenizer.no_padding()
        self._lock = threading.Lock()

    def encode(self, texts: Sequence[str], most: int | None = None) -> list[Encoding]:
        """One encoding a text, cut to ``most`` tokens if that is given."""
        with self._lock:
            if most is None:
                self._tokenizer.no_truncation()
            else:
                self._tokenizer.enable_truncation(most)
            return self._tokenizer.encode_batch(list(texts))

    def windows(
        self, question: str, texts: Sequence[str], most: int, stride: int
    ) -> list[tuple[int, Encoding]]:
        """Each text after the question, in windows of ``most`` tokens, with the text's number.

        Neighbouring windows share ``stride`` tokens; only the texts are cut.
        """
        with self._lock:
            self._tokenizer.enable_truncation(most, stride=stride, strategy="only_second")
            encodings = self._tokenizer.encode_batch([(question, text) for text in texts])
        return [
            (number, part)
            for number, whole in enumerate(encodings)
            for part in (whole, *whole.overflowing)
        ]


@lru_cache(maxsize=1)
def open_tokenizer(file: Path) -> SharedTokenizer:
    """The tokeniser in a ``tokenizer.json``; the one opened last is kept."""
    from tokenizers import Tokenizer

    return SharedTokenizer(Tokenizer.from_file(str(file)))
