"""English words to Dutch ones, learnt from sentence pairs: the means to mix languages.

Translation probabilities are those of IBM Model 1 (Brown et al. 1993), which needs nothing but
sentence pairs; a dictionary in dictd format (FreeDict) fills in what the pairs do not hold.
"""

from __future__ import annotations

import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterable
from pathlib import Path

from qa.reader.train.pairs import Pair, sentence_pairs

WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
HEADWORD = re.compile(r"^(\S.*?) /[^/]*/\s*$")
MIN_COUNT = 4
MIN_PROBABILITY = 0.15
ROUNDS = 5

Lexicon = dict[str, tuple[tuple[str, ...], tuple[float, ...]]]


def _words(text: str) -> list[str]:
    return [word.lower() for word in WORD.findall(text)]


def learn(sentences: Iterable[Pair]) -> Lexicon:
    """A lexicon from sentence pairs: for each English word its likely Dutch ones, with weights."""
    pairs = [(_words(english), _words(dutch)) for english, dutch in sentences]
    counts = Counter(word for e, _ in pairs for word in set(e))
    table: dict[str, dict[str, float]] = {}
    for _ in range(ROUNDS):
        share: dict[str, dict[str, float]] = defaultdict(lambda: defaultdict(float))
        for source, target in pairs:
            for word in target:
                given = [table[s].get(word, 0.0) if table else 1.0 for s in source]
                total = sum(given)
                for s, probability in zip(source, given, strict=True):
                    if total and probability:
                        share[s][word] += probability / total
        table = {}
        for s, row in share.items():
            mass = sum(row.values())
            table[s] = {w: value / mass for w, value in row.items() if value > 1e-4 * mass}
    lexicon: Lexicon = {}
    for s, row in table.items():
        likely = sorted(row.items(), key=lambda item: -item[1])[:3]
        likely = [(w, p) for w, p in likely if p >= MIN_PROBABILITY]
        if likely and counts[s] >= MIN_COUNT:
            lexicon[s] = (tuple(w for w, _ in likely), tuple(p for _, p in likely))
    return lexicon


def _dictionary(path: Path) -> Iterable[tuple[str, str]]:
    """Headword and translation, one by one, of a dictd dictionary (``.dict.dz``)."""
    head = ""
    for line in gzip.decompress(path.read_bytes()).decode("utf-8").splitlines():
        match = HEADWORD.match(line)
        if match:
            head = match[1]
        elif head:
            for piece in re.split("[,;]", re.sub(r"^\s*\d+\.\s*", "", line)):
                if piece.strip():
                    yield head.replace("ĳ", "ij"), piece.strip().replace("ĳ", "ij")


def open_lexicon(folder: Path) -> Lexicon:
    """The lexicon that ``folder``'s Tatoeba pairs and FreeDict dictionaries give; may be empty."""
    lexicon = learn(sentence_pairs(folder))
    extra: dict[str, list[str]] = defaultdict(list)
    for path in sorted(folder.glob("freedict-*.dict.dz")):
        for head, piece in _dictionary(path):
            source, target = (piece, head) if "nld-eng" in path.name else (head, piece)
            if " " not in source and " " not in target:
                extra[source.lower()].append(target)
    for source, targets in extra.items():
        first = tuple(dict.fromkeys(targets))[:3]
        lexicon.setdefault(source, (first, (1.0,) * len(first)))
    return lexicon
