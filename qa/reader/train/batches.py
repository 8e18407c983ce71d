"""Examples as batches of token ids: cut to few fixed lengths, in an order a seed decides.

Batch ``n`` depends on the seed and on ``n`` alone, so training goes on after a kill where it was.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import torch
from torch import Tensor
from transformers import PreTrainedTokenizerBase

from qa.reader.encoding import pair_text
from qa.reader.train.augment import Augmenter
from qa.reader.train.examples import Example

LENGTHS = (64, 96, 128, 160, 192, 224, 256, 320)
POOL = 16


@dataclass(frozen=True, slots=True)
class Batch:
    """Token ids and mask (rows x length), the tokens that may be marked, and the marked ones.

    ``allowed`` is true on the first token (no answer) and on the passage; ``starts`` and ``ends``
    are token positions, 0 where there is no answer.
    """

    input_ids: Tensor
    attention_mask: Tensor
    allowed: Tensor
    starts: Tensor
    ends: Tensor


@dataclass(frozen=True, slots=True)
class Row:
    """One example in tokens; ``passage`` is the range of tokens that may be marked."""

    ids: tuple[int, ...]
    passage: tuple[int, int]
    answer: tuple[int, int]


def encode(
    tokenizer: PreTrainedTokenizerBase, examples: Sequence[Example], longest: int = LENGTHS[-1]
) -> list[Row]:
    """Rows of the examples whose answer lies within the first ``longest`` tokens."""
    texts = [pair_text(e.passage, e.title) for e in examples]
    encoded = tokenizer(
        [e.question.strip() for e in examples],
        [text for text, _ in texts],
        truncation="only_second",
        max_length=longest,
        return_offsets_mapping=True,
    )
    rows = []
    for i, example in enumerate(examples):
        skip = texts[i][1]
        offsets, sides = encoded["offset_mapping"][i], encoded.sequence_ids(i)
        tokens = [
            (t, s - skip, e - skip)
            for t, ((s, e), side) in enumerate(zip(offsets, sides, strict=True))
            if side == 1 and e > skip
        ]
        if not tokens:
            continue
        answer = (0, 0)
        if example.answer:
            a, b = example.answer
            inside = [t for t, s, e in tokens if s < b and e > a]
            if not inside or tokens[-1][2] < b:
                continue
            answer = (inside[0], inside[-1])
        ids = tuple(encoded["input_ids"][i])
        rows.append(Row(ids, (tokens[0][0], tokens[-1][0] + 1), answer))
    return rows


def collate(rows: Sequence[Row], pad: int) -> Batch:
    """The rows as one batch, padded to the first of ``LENGTHS`` that holds them."""
    longest = max(len(row.ids) for row in rows)
    length = next((n for n in LENGTHS if n >= longest), longest)
    ids = torch.full((len(rows), length), pad, dtype=torch.long)
    mask = torch.zeros((len(rows), length), dtype=torch.long)
    allowed = torch.zeros((len(rows), length), dtype=torch.bool)
    allowed[:, 0] = True
    for i, row in enumerate(rows):
        ids[i, : len(row.ids)] = torch.tensor(row.ids)
        mask[i, : len(row.ids)] = 1
        allowed[i, slice(*row.passage)] = True
    marks = torch.tensor([row.answer for row in rows])
    return Batch(ids, mask, allowed, marks[:, 0], marks[:, 1])


class BatchStream:
    """An endless, repeatable stream of batches: shuffled epochs, augmented, sorted by length."""

    def __init__(
        self,
        examples: Sequence[tuple[Example, int]],
        augmenter: Augmenter,
        tokenizer: PreTrainedTokenizerBase,
        size: int,
        seed: int,
    ) -> None:
        self.examples = examples
        self.augmenter = augmenter
        self.tokenizer = tokenizer
        self.size = size
        self.seed = seed
        self._orders: dict[int, list[int]] = {}

    @cached_property
    def epoch_length(self) -> int:
        """Examples in one epoch, repeats counted."""
        return sum(repeats for _, repeats in self.examples)

    def _order(self, epoch: int) -> list[int]:
        if epoch not in self._orders:
            order = [i for i, (_, repeats) in enumerate(self.examples) for _ in range(repeats)]
            random.Random(f"{self.seed}/{epoch}").shuffle(order)
            self._orders = {epoch: order}
        return self._orders[epoch]

    def _pool(self, number: int) -> list[Batch]:
        rng = random.Random(f"{self.seed}/pool/{number}")
        drawn = []
        for position in range(number * POOL * self.size, (number + 1) * POOL * self.size):
            epoch, offset = divmod(position, self.epoch_length)
            drawn.append(self.augmenter(self.examples[self._order(epoch)[offset]][0], rng))
        rows = encode(self.tokenizer, drawn)
        while len(rows) < POOL * self.size:
            rows.append(rng.choice(rows))
        rows.sort(key=lambda row: len(row.ids))
        pad = self.tokenizer.pad_token_id
        pools = [rows[i : i + self.size] for i in range(0, len(rows), self.size)]
        batches = [collate(chunk, pad) for chunk in pools]
        rng.shuffle(batches)
        return batches

    def from_step(self, step: int) -> Iterator[Batch]:
        """Batches ``step``, ``step + 1``, ... without end."""
        number, skip = divmod(step, POOL)
        while True:
            yield from self._pool(number)[skip:]
            number, skip = number + 1, 0
