"""Comparing words after SQuAD's rules, adapted to Dutch articles and to numbers.

SQuAD (Rajpurkar et al. 2016, official evaluation script v1.1) lower-cases, drops punctuation and
the articles *a, an, the*, and joins white space. Added here: the Dutch articles (normalise.toml);
``1.000`` and ``1,000`` are ``1000``; ``2,5`` is ``2.5``; a unit stands apart from its number
(``300mg`` is ``300 mg``).
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections import Counter
from collections.abc import Sequence
from functools import cache
from importlib.resources import files

_THOUSANDS = re.compile(r"(?<![\d.,])\d{1,3}(?:([.,])\d{3})(?:\1\d{3})*(?![\d]|[.,]\d)")
_DECIMAL = re.compile(r"(?<=\d),(?=\d)")
_NUMBER_UNIT = re.compile(r"(?<=\d)(?=[^\W\d_])")
_POINT = re.compile(r"(?<=\d)\.(?=\d)")
# A private-use character keeps a decimal point while punctuation goes.
_KEPT_POINT = "\ue000"


@cache
def _rules() -> tuple[frozenset[str], dict[int, str]]:
    data = tomllib.loads(files("eval.measures").joinpath("normalise.toml").read_text("utf-8"))
    return frozenset(data["articles"]), str.maketrans(data["signs"])


def tokens(text: str) -> list[str]:
    """The words of a text that count in a comparison, folded as the module says."""
    articles, signs = _rules()
    folded = unicodedata.normalize("NFC", text).casefold().translate(signs)
    # "'t" is an article only while its apostrophe is there.
    folded = " ".join(word for word in folded.split() if word not in articles)
    folded = _THOUSANDS.sub(lambda found: re.sub(r"[.,]", "", found[0]), folded)
    folded = _NUMBER_UNIT.sub(" ", _DECIMAL.sub(".", folded))
    folded = _POINT.sub(_KEPT_POINT, folded)
    folded = "".join(c for c in folded if not unicodedata.category(c).startswith("P"))
    return [word for word in folded.replace(_KEPT_POINT, ".").split() if word not in articles]


def fold(text: str) -> str:
    """A text as the comparison sees it: its counting words joined by single spaces."""
    return " ".join(tokens(text))


def exact_match(prediction: str, golds: Sequence[str]) -> float | None:
    """1.0 when the prediction equals a gold after folding, else 0.0 (SQuAD EM).

    None when there is no gold.
    """
    if not golds:
        return None
    return float(any(tokens(prediction) == tokens(gold) for gold in golds))


def token_f1(prediction: str, golds: Sequence[str]) -> float | None:
    """The best F1 of shared words over the golds, words counted as often as they stand (SQuAD F1).

    Two texts without any counting word are equal. None when there is no gold.
    """
    return max((_f1(tokens(prediction), tokens(gold)) for gold in golds), default=None)


def _f1(left: list[str], right: list[str]) -> float:
    if not left or not right:
        return float(left == right)
    shared = (Counter(left) & Counter(right)).total()
    return 2 * shared / (len(left) + len(right))
