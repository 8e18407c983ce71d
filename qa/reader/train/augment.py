"""What is done to an example before the reader sees it: cut, put in Dutch, rid of its answer.

No set of questions without answer could be had, so they are made, in four ways:
the passage of the same article that shares most words with the question but lacks the answer;
any other passage of the article; the passage's own sentences with the answering one left out;
and, as in the unanswerable questions of SQuAD 2.0 (Rajpurkar et al. 2018), the same passage asked
about something else: a telling word of the question changed for another question's, for one of its
kind (``qa.reader.train.sisters``), for a name or number that the passage has elsewhere, or for its
contrary (``data/contraries.toml``); or changed in the passage instead. Changed in both, the answer
stays: an odd word alone must not tell. Mixing words of two languages in one text (Qin et al. 2020,
CoSDA-ML) carries what is learnt in English to Dutch.
"""

from __future__ import annotations

import random
import re
import tomllib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache, lru_cache
from importlib.resources import files
from pathlib import Path

from corpus.sentences import split
from qa.reader.train.examples import Example
from qa.reader.train.lexicon import WORD, Lexicon
from qa.reader.train.sisters import Sisters

USUAL = 5  # passages that hold a word, for it to stand in another's place
NAME = re.compile(r"\b(?:[A-Z][\w'’-]*(?: (?:of |the )?[A-Z][\w'’-]*)*|\d+)\b")


@dataclass(frozen=True, slots=True)
class Mix:
    """Shares of the examples that something is done to, 0 to 1; lengths in characters."""

    no_answer: float = 0.3
    other_question: float = 0.55  # of those without answer, the ones asked about something else
    changed_in_both: float = 0.15  # of those with their answer
    dutch_question: float = 0.14
    dutch_passage: float = 0.22
    dutch_both: float = 0.14
    dutch_words: float = 0.65
    full_passage: float = 0.35
    title: float = 0.4
    shortest: int = 100
    longest: int = 500
    cut: int = 1000


sentences = lru_cache(maxsize=50_000)(split)


def window(example: Example, length: int, rng: random.Random) -> Example:
    """The example with its passage cut to whole sentences of about ``length`` characters.

    The answer stays in; without an answer the cut starts at a random sentence.
    """
    passage = example.passage
    if len(passage) <= length:
        return example
    spans = sentences(passage)
    if example.answer:
        a, b = example.answer
        inside = [i for i, (s, e) in enumerate(spans) if s < b and e > a]
        first, last = (inside[0], inside[-1]) if inside else (0, len(spans) - 1)
    else:
        first = last = rng.randrange(len(spans))
    while True:
        ways = []
        if first > 0 and spans[last][1] - spans[first - 1][0] <= length:
            ways.append(-1)
        if last + 1 < len(spans) and spans[last + 1][1] - spans[first][0] <= length:
            ways.append(1)
        if not ways:
            break
        if rng.choice(ways) < 0:
            first -= 1
        else:
            last += 1
    start, end = spans[first][0], spans[last][1]
    answer = example.answer
    if answer:
        start, end = min(start, answer[0]), max(end, answer[1])
        answer = (answer[0] - start, answer[1] - start)
    return replace(example, passage=passage[start:end], answer=answer)


def mix_words(
    text: str, span: tuple[int, int] | None, share: float, lexicon: Lexicon, rng: random.Random
) -> tuple[str, tuple[int, int] | None]:
    """``text`` with about ``share`` of its words in Dutch, and where ``span`` now stands in it."""
    pieces: list[str] = []
    end = shift = 0
    start_shift = end_shift = 0
    for match in WORD.finditer(text):
        entry = lexicon.get(match[0].lower())
        if entry is None or rng.random() >= share:
            continue
        word = rng.choices(entry[0], entry[1])[0]
        if match[0][0].isupper() and word[:1].islower():
            word = word[:1].upper() + word[1:]
        pieces += (text[end : match.start()], word)
        end = match.end()
        shift += len(word) - len(match[0])
        if span and end <= span[0]:
            start_shift = shift
        if span and end <= span[1]:
            end_shift = shift
    moved = (span[0] + start_shift, span[1] + end_shift) if span else None
    return "".join(pieces) + text[end:], moved


class Augmenter:
    """Makes a training example of a drawn one; the same draw and seed give the same example."""

    def __init__(
        self,
        examples: Sequence[Example],
        lexicon: Lexicon,
        mix: Mix,
        wordnet: Path | None = None,
    ) -> None:
        """``wordnet``: folder of its database files; without, no word is changed for a sister."""
        self.mix = mix
        self.lexicon = lexicon
        self.passages: dict[str, list[str]] = defaultdict(list)
        self.questions: dict[str, list[str]] = defaultdict(list)
        seen = set()
        document_count: dict[str, int] = defaultdict(int)
        for example in examples:
            self.questions[example.article].append(example.question)
            if (example.article, example.passage) not in seen:
                seen.add((example.article, example.passage))
                self.passages[example.article].append(example.passage)
                for word in self._content(example.passage):
                    document_count[word] += 1
        self.common = {w for w, n in document_count.items() if n > 0.05 * len(seen)}
        usual = {w for w, n in document_count.items() if n >= USUAL}
        self.sisters = Sisters(wordnet, usual) if wordnet else None

    @staticmethod
    @lru_cache(maxsize=50_000)
    def _content(text: str) -> frozenset[str]:
        return frozenset(w.lower() for w in WORD.findall(text) if len(w) > 3 or w.isdigit())

    def __call__(self, example: Example, rng: random.Random) -> Example:
        """The example as the reader is to see it this time."""
        made = None
        if example.whole:
            made = example
        elif example.answer and rng.random() < self.mix.no_answer:
            made = self._without_answer(example, rng)
        elif example.answer and rng.random() < self.mix.changed_in_both:
            made = self._changed_in_both(self._cut(example, rng), rng)
        made = made or self._cut(example, rng)
        if rng.random() >= self.mix.title:
            made = replace(made, title="")
        return self._dutch(made, rng) if made.language == "en" else made

    def _cut(self, example: Example, rng: random.Random) -> Example:
        if rng.random() < self.mix.full_passage:
            return window(example, self.mix.cut, rng)
        return window(example, rng.randint(self.mix.shortest, self.mix.longest), rng)

    def _dutch(self, example: Example, rng: random.Random) -> Example:
        draw, mix = rng.random(), self.mix
        question, passage, answer = example.question, example.passage, example.answer
        only_question = draw < mix.dutch_question
        only_passage = mix.dutch_question <= draw < mix.dutch_question + mix.dutch_passage
        both = 0 <= draw - mix.dutch_question - mix.dutch_passage < mix.dutch_both
        share = mix.dutch_words + (1 - mix.dutch_words) * rng.random()
        if only_question or both:
            question, _ = mix_words(question, None, share, self.lexicon, rng)
        if only_passage or both:
            passage, answer = mix_words(passage, answer, share, self.lexicon, rng)
        return replace(example, question=question, passage=passage, answer=answer)

    def _without_answer(self, example: Example, rng: random.Random) -> Example | None:
        """The question where its answer is not, or None when that cannot be made of it."""
        assert example.answer is not None
        a, b = example.answer
        answer = example.passage[a:b].lower()
        draw = rng.random()
        if draw < self.mix.other_question:
            return self._other_question(example, rng)
        draw = (draw - self.mix.other_question) / (1 - self.mix.other_question)
        if draw < 0.27:
            spans = sentences(example.passage)
            before = [e for s, e in spans if e <= a]
            after = [s for s, e in spans if s >= b]
            sides = [example.passage[: before[-1]]] if before else []
            sides += [example.passage[after[0] :]] if after else []
            texts = [side for side in sides if len(side) >= self.mix.shortest]
        else:
            others = [p for p in self.passages[example.article] if p != example.passage]
            if draw < 0.73:
                wanted = self._content(example.question) - self.common
                others = sorted(others, key=lambda p: -len(wanted & self._content(p)))[:2]
            texts = others
        texts = [text for text in texts if answer not in text.lower()]
        if not texts:
            return None
        return self._cut(replace(example, passage=rng.choice(texts), answer=None), rng)

    def _other_question(self, example: Example, rng: random.Random) -> Example | None:
        """The passage asked about something that it does not say, in words like the question's."""
        ways = [self._absent_word, self._moved_name, self._contrary]
        if self.sisters:
            ways += [self._sister, self._sister]
            if rng.random() < 0.2:
                return self._changed_passage(self._cut(example, rng), rng)
        for way in rng.sample(ways, len(ways)):
            question = way(example, rng)
            if question is not None:
                return replace(self._cut(example, rng), question=question, answer=None)
        return None

    def _sister(self, example: Example, rng: random.Random) -> str | None:
        """The question with a word changed for one of its kind that the passage lacks."""
        pair = self._sister_pair(example, self._telling(example.question), rng)
        return _exchanged(example.question, *pair) if pair else None

    def _changed_passage(self, example: Example, rng: random.Random) -> Example | None:
        """The passage with a word of the question changed for one of its kind."""
        pair = self._sister_pair(example, self._shared(example), rng)
        if pair is None:
            return None
        passage, _ = _changed(example.passage, None, *pair)
        return replace(example, passage=passage, answer=None)

    def _changed_in_both(self, example: Example, rng: random.Random) -> Example | None:
        """The example with a word of question and passage changed for one of its kind in both."""
        pair = self._sister_pair(example, self._shared(example), rng)
        if pair is None:
            return None
        question, _ = _changed(example.question, None, *pair)
        passage, answer = _changed(example.passage, example.answer, *pair)
        return replace(example, question=question, passage=passage, answer=answer)

    def _shared(self, example: Example) -> list[re.Match[str]]:
        shown = self._content(example.passage)
        return [m for m in self._telling(example.question) if m[0].lower() in shown]

    def _sister_pair(
        self, example: Example, words: Sequence[re.Match[str]], rng: random.Random
    ) -> tuple[re.Match[str], str] | None:
        """One of ``words``, and a word of its kind that question and passage lack."""
        if self.sisters is None:
            return None
        known = self._content(example.passage) | self._content(example.question)
        for old in rng.sample(words, len(words)):
            new = [w for w in self.sisters.of(old[0].lower()) if len(w) > 3 and w not in known]
            if new:
                word = rng.choice(new)
                return old, word.capitalize() if old[0][0].isupper() else word
        return None

    def _absent_word(self, example: Example, rng: random.Random) -> str | None:
        """The question with a word of the passage changed for one that the passage lacks."""
        shown = self._content(example.passage)
        words = self._shared(example)
        if not words:
            return None
        old = rng.choice(words)
        new = [
            word
            for question in rng.choices(self.questions[example.article], k=12)
            for word in WORD.findall(question)[1:]
            if _shape(word) == _shape(old[0])
            and (len(word) > 3 or word.isdigit())
            and word.lower() not in shown
            and word.lower() not in self.common
        ]
        return _exchanged(example.question, old, new[0]) if new else None

    def _moved_name(self, example: Example, rng: random.Random) -> str | None:
        """The question with a name or number changed for one of the passage's other sentences."""
        assert example.answer is not None
        a, b = example.answer
        spans = sentences(example.passage)
        near = " ".join(example.passage[s:e] for s, e in spans if s < b and e > a)
        known = self._content(near) | self._content(example.question)
        names = [
            name
            for s, e in spans
            for name in NAME.findall(example.passage, s + 1, e)
            if len(name) > 3 and not known & self._content(name)
        ]
        old = [m for m in NAME.finditer(example.question, 1) if len(m[0]) > 3]
        pairs = [(m, n) for m in old for n in names if m[0].isdigit() == n.isdigit()]
        return _exchanged(example.question, *rng.choice(pairs)) if pairs else None

    def _contrary(self, example: Example, rng: random.Random) -> str | None:
        """The question with a word changed for its contrary."""
        known = _contraries()
        words = [m for m in WORD.finditer(example.question) if m.start() and m[0] in known]
        if not words:
            return None
        old = rng.choice(words)
        return _exchanged(example.question, old, known[old[0]])

    def _telling(self, question: str) -> list[re.Match[str]]:
        """The words of a question, but the first, that few passages hold."""
        return [
            m
            for m in WORD.finditer(question)
            if m.start() and (len(m[0]) > 3 or m[0].isdigit()) and m[0].lower() not in self.common
        ]


@cache
def _contraries() -> dict[str, str]:
    table = tomllib.loads(
        files("qa.reader.train").joinpath("data/contraries.toml").read_text("utf-8")
    )
    return {a: b for one, other in table["pairs"] for a, b in ((one, other), (other, one))}


def _exchanged(text: str, old: re.Match[str], new: str) -> str:
    return text[: old.start()] + new + text[old.end() :]


def _changed(
    text: str, span: tuple[int, int] | None, old: re.Match[str], new: str
) -> tuple[str, tuple[int, int] | None]:
    """``text`` with every ``old`` changed for ``new``, and where ``span`` now stands in it."""
    lexicon: Lexicon = {old[0].lower(): ((new,), (1.0,))}
    return mix_words(text, span, 1.0, lexicon, random.Random(0))


def _shape(word: str) -> str:
    if word[0].isdigit():
        return f"number{len(word)}"
    return "name" if word[0].isupper() else "word" + ("s" if word.endswith("s") else "")
