"""The packaged encoder's tokeniser, lean: what serves.

The ``tokenizers`` library normalises and splits the text and knows where everything stands in it;
only its Unigram model is not used, which takes 280 MB and most of a second to load for these
250,000 pieces. Cutting a word into its likeliest pieces is done here instead, in a tenth of that.
Tokens and offsets are those of the library with its own model (``fast_tokenizer``), a test. Nothing
changes after loading, so threads share one without a lock.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from functools import lru_cache, partial
from itertools import groupby
from typing import TYPE_CHECKING

from index.fast_tokenizer import normalizer, pre_tokenizer, special_names
from index.packaged_weights import PackagedWeights
from index.tokenizing import Tokens

if TYPE_CHECKING:
    from tokenizers import Token

_UNKNOWN_PENALTY = 10.0  # below the least likely piece, as in SentencePiece
_WORDS = 1 << 14  # words whose pieces are remembered
_TEXTS = 512  # texts after a question whose tokens are, 12 kB each: passages are read often …
_SHORT = 4096  # … but of no text longer than so many characters, which is no passage


class PackagedTokenizer:
    """Texts, or pairs of a question and a text, to tokens. It never pads."""

    def __init__(self, package: PackagedWeights) -> None:
        pieces, scores = package.raw_pieces()
        self._ids = {piece: number for number, piece in enumerate(pieces)}
        self._longest = max(map(len, pieces))
        self._scores = array("d", scores)
        self._unknown = package.special["<unk>"]
        self._unlikely = min(scores) - _UNKNOWN_PENALTY
        self._begin, self._end = package.special["<s>"], package.special["</s>"]
        # one that is no piece follows the last, as the library numbers them
        self._special = {
            name: self._ids.get(name.encode(), len(pieces)) for name in special_names(package)
        }
        self._split = re.compile(f"({'|'.join(map(re.escape, self._special))})").split
        self._normalizer = normalizer(package)
        self._pre_tokenizer = pre_tokenizer()
        self._pieces_of = lru_cache(_WORDS)(self._cut)
        self._tokens_after = lru_cache(_TEXTS)(partial(self._tokens, side=1))

    def encode(self, texts: Sequence[str], most: int | None = None) -> list[Tokens]:
        """One encoding a text, cut to ``most`` tokens if that is given."""
        room = None if most is None else most - 2
        begin, end = _added(self._begin), _added(self._end)
        return [begin + self._tokens(text, 0)[:room] + end for text in texts]

    def windows(
        self, question: str, texts: Sequence[str], most: int, stride: int
    ) -> list[tuple[int, Tokens]]:
        """Each text after the question, in windows of ``most`` tokens, with the text's number.

        Neighbouring windows share ``stride`` tokens; only the texts are cut.
        """
        begin, end = _added(self._begin), _added(self._end)
        before = begin + self._tokens(question, 0) + end + end
        room = most - len(before) - 1
        windows = []
        for number, text in enumerate(texts):
            whole = self._tokens_after(text) if len(text) <= _SHORT else self._tokens(text, 1)
            starts = range(0, max(1, len(whole) - stride), room - stride)
            windows += [(number, before + whole[at : at + room] + end) for at in starts]
        return windows

    def _tokens(self, text: str, side: int) -> Tokens:
        """The tokens of a text, without those that open and close it."""
        from tokenizers import PreTokenizedString

        ids: list[int] = []
        offsets: list[tuple[int, int]] = []
        at = 0
        for number, part in enumerate(self._split(text)):
            if number % 2:  # the name of a special token is that token, as in the library
                ids.append(self._special[part])
                offsets.append((at, at + len(part)))
            elif part:
                split = PreTokenizedString(part)
                split.normalize(self._normalizer.normalize)
                self._pre_tokenizer.pre_tokenize(split)
                split.tokenize(self._pieces_of)
                encoding = split.to_encoding(0, None)
                ids += encoding.ids
                offsets += [(at + start, at + end) for start, end in encoding.offsets]
            at += len(part)
        return Tokens(ids, offsets, [side] * len(ids))

    def _cut(self, word: str) -> list[Token]:
        """The likeliest pieces of a word, by the sum of their scores; offsets are of bytes.

        What no piece covers is unknown; unknown neighbours are one token.
        """
        from tokenizers import Token

        text = word.encode("utf-8")
        edges = [at for at, byte in enumerate(text) if byte & 0xC0 != 0x80]  # of characters
        edges.append(len(text))
        best: dict[int, tuple[float, int, int]] = {0: (0.0, 0, -1)}  # end: score, start, id
        for number, start in enumerate(edges[:-1]):
            so_far, single = best[start][0], False
            for end in edges[number + 1 :]:
                if end - start > self._longest:
                    break
                found = self._ids.get(text[start:end])
                if found is None:
                    continue
                single = single or end == edges[number + 1]
                score = self._scores[found] + so_far
                if end not in best or score > best[end][0]:
                    best[end] = score, start, found
            end, score = edges[number + 1], self._unlikely + so_far
            if not single and (end not in best or score > best[end][0]):
                best[end] = score, start, self._unknown
        path: list[tuple[int, int, int]] = []
        end = len(text)
        while end:
            _, start, found = best[end]
            path.append((start, end, found))
            end = start
        path.reverse()
        tokens = []
        for unknown, group in groupby(path, key=lambda one: one[2] == self._unknown):
            run = list(group)
            if unknown:
                start, end = run[0][0], run[-1][1]
                run = [(start, end, self._ids.get(text[start:end], self._unknown))]
            tokens += [Token(found, "", (start, end)) for start, end, found in run]
        return tokens


def _added(token: int) -> Tokens:
    """A token that is not in the text."""
    return Tokens([token], [(0, 0)], [None])
