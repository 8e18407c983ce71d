"""The reader: which words of a passage answer a question, or that none do."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from corpus.errors import ModelError, QuestionError
from index.batches import in_batches
from qa.reader.encoding import pair_text
from qa.reader.model import LoadedModel, Marks, TokenIds, load_named, load_own
from qa.reader.spans import Span, Window, best_spans

MAX_TOKENS = 384
STRIDE = 128
SPANS = 5


@dataclass(frozen=True, slots=True)
class Reading:
    """What the reader makes of one passage.

    ``spans`` are the best answers, best first, as offsets into the passage; ``null`` is the score
    of no answer against all places together (the lowest over a long passage's windows);
    ``probability`` is the chance, 0 to 1, that the passage answers, from the margin alone, as
    calibrated on held-back training questions.
    """

    spans: tuple[Span, ...]
    null: float
    probability: float

    @property
    def margin(self) -> float:
        """How far the best span stands above no answer, in logits; -inf without a span."""
        return self.spans[0].score - self.null if self.spans else -math.inf


@dataclass(frozen=True, slots=True)
class _Encoded:
    """A window's tokens, the passage it is of, and the range of its tokens to be marked."""

    passage: int
    inputs: dict[str, list[int]]
    tokens: list[int]
    offsets: list[tuple[int, int]]

    @property
    def length(self) -> int:
        return len(self.inputs["input_ids"])


class Reader:
    """An extractive reader. ``Reader.open()`` gives Bijsluiter's own. Safe to share by threads."""

    def __init__(self, loaded: LoadedModel) -> None:
        self.loaded = loaded
        self.max_tokens = min(MAX_TOKENS, loaded.max_tokens)

    @property
    def name(self) -> str:
        """``bijsluiter-reader-`` and the start of its fingerprint, or the name it was opened by."""
        return self.loaded.name

    @classmethod
    def open(cls, name: str | None = None) -> Reader:
        """Bijsluiter's own reader, or any ``AutoModelForQuestionAnswering`` by name or directory.

        Raises:
            ModelError: the weights or the model are missing, damaged or of another kind.
        """
        return cls(load_own() if name is None else load_named(name))

    def read(
        self, question: str, passages: Sequence[str], contexts: Sequence[str] | None = None
    ) -> list[Reading]:
        """One reading for each passage, in their order.

        ``contexts`` (headings, one text for each passage) help to understand a passage; an answer
        never lies in them. Long passages are read in overlapping windows.

        Raises:
            QuestionError: the question is empty or takes more than half of the reader's window.
            ModelError: the model's marks are no numbers.
            ValueError: there are not as many contexts as passages.
        """
        above = contexts if contexts is not None else [""] * len(passages)
        texts = [pair_text(p, c) for p, c in zip(passages, above, strict=True)]
        windows: list[list[Window]] = [[] for _ in passages]
        encoded = self._encode(question.strip(), texts)
        batches = [
            [encoded[row] for row in rows] for rows in in_batches([one.length for one in encoded])
        ]
        due = Counter(one.passage for one in encoded)
        readings = {n: self._reading(p, ()) for n, p in enumerate(passages) if not due[n]}
        marked = self.loaded.mark(self._inputs(batch) for batch in batches)
        for batch, marks in zip(batches, marked, strict=True):
            for one, window in zip(batch, self._windows(batch, marks), strict=True):
                number = one.passage
                windows[number].append(window)
                if len(windows[number]) == due[number]:  # while others are being marked
                    readings[number] = self._reading(passages[number], windows[number])
        return [readings[number] for number in range(len(passages))]

    def _reading(self, passage: str, windows: Sequence[Window]) -> Reading:
        spans = best_spans(passage, windows, SPANS)
        if not spans:
            return Reading((), 0.0, 0.0)
        null = min(window.null for window in windows)
        scale, offset = self.loaded.calibration
        logit = scale * (spans[0].score - null) + offset
        return Reading(spans, null, 1 / (1 + math.exp(-max(-50.0, min(50.0, logit)))))

    def _encode(self, question: str, texts: Sequence[tuple[str, int]]) -> list[_Encoded]:
        if not question:
            raise QuestionError("The question is empty; ask one.")
        tokenizer = self.loaded.tokenizer
        size = len(tokenizer.encode([question])[0])
        if size > self.max_tokens // 2:
            raise QuestionError(
                f"The question is too long to read with ({size} tokens); ask a shorter one."
            )
        stride = min(STRIDE, (self.max_tokens - size) // 2)
        plain = [text for text, _ in texts]
        made = []
        for sample, encoding in tokenizer.windows(question, plain, self.max_tokens, stride):
            skip = texts[sample][1]
            offsets = encoding.offsets
            sides = encoding.sequence_ids
            tokens = [t for t, side in enumerate(sides) if side == 1 and offsets[t][1] > skip]
            if tokens:
                inside = [(max(0, offsets[t][0] - skip), offsets[t][1] - skip) for t in tokens]
                values = {
                    "input_ids": encoding.ids,
                    "attention_mask": encoding.attention_mask,
                    "token_type_ids": encoding.type_ids,
                }
                inputs = {name: values[name] for name in self.loaded.inputs}
                made.append(_Encoded(sample, inputs, tokens, inside))
        return made

    def _inputs(self, batch: Sequence[_Encoded]) -> TokenIds:
        longest = max(window.length for window in batch)
        pad = {"input_ids": self.loaded.padding}
        return {
            name: np.array(
                [
                    window.inputs[name] + [pad.get(name, 0)] * (longest - window.length)
                    for window in batch
                ],
                dtype=np.int64,
            )
            for name in batch[0].inputs
        }

    def _windows(self, batch: Sequence[_Encoded], marks: Marks) -> Iterator[Window]:
        starts, ends = marks
        if not (np.isfinite(starts).all() and np.isfinite(ends).all()):
            raise ModelError(
                f"The reader {self.loaded.fingerprint} gives marks that are no numbers; "
                f"reinstall it, or name another with --reader."
            )
        for row, window in enumerate(batch):
            inside = starts[row, window.tokens], ends[row, window.tokens]
            null = float(starts[row, 0] + ends[row, 0]) - sum(map(_spread, inside))
            yield Window(np.array(window.offsets), *inside, null)


def _spread(logits: NDArray[np.float32]) -> float:
    """How much likelier it is that a mark lies anywhere in the passage than at its likeliest token.

    In logits, 0 or more. An answer that may be marked in two ways is no less an answer for that.
    """
    return float(np.log(np.exp(logits - logits.max()).sum()))
