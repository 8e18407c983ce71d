"""How well flags are found, by sentence and kind.

The unit is a (sentence, kind of flag). A predicted flag counts for a labelled sentence when it
overlaps at least half of it or covers a cue in it. For each kind a sentence is then right (labelled
and found), missed, or wrongly flagged; an ambiguous (sentence, kind) counts neither way, sentences
that the taxonomy quotes (exemplars) are left out, and text without a label is not judged.
Precision, recall and F1: van Rijsbergen, Information Retrieval (1979); micro sums the counts over
kinds, macro is the mean of the kinds' F1.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Protocol

from eval.labels import Label
from eval.meaning import Meaning

_HALF = 0.5
_COMMON = 10
MEASURES: dict[str, Meaning] = {
    "flags.micro_f1": Meaning("flags on labelled sentences, all kinds together (F1)"),
    "flags.macro_f1": Meaning("mean F1 of the flags with ten or more labelled sentences"),
    "flags.plain": Meaning("plain sentences that got any flag", higher_is_better=False),
    "flags.near_misses": Meaning("near misses that got any flag", higher_is_better=False),
}


class PredictedFlag(Protocol):
    """What is read of a flag; ``qa.answer.Flag`` is one. Offsets are into the file's text."""

    @property
    def type(self) -> str: ...
    @property
    def start(self) -> int: ...
    @property
    def end(self) -> int: ...


@dataclass(frozen=True, slots=True)
class Counts:
    """Sentences right, wrongly flagged and missed. A ratio of nothing is None."""

    right: int = 0
    wrong: int = 0
    missed: int = 0

    @property
    def support(self) -> int:
        """How many sentences are labelled."""
        return self.right + self.missed

    @property
    def precision(self) -> float | None:
        """right / (right + wrong)."""
        return _ratio(self.right, self.right + self.wrong)

    @property
    def recall(self) -> float | None:
        """right / (right + missed)."""
        return _ratio(self.right, self.support)

    @property
    def f1(self) -> float | None:
        """2 right / (2 right + wrong + missed), the harmonic mean of precision and recall."""
        return _ratio(2 * self.right, 2 * self.right + self.wrong + self.missed)


@dataclass(frozen=True, slots=True)
class FlagScore:
    """The score of flags against labels.

    ``by_kind`` holds the counts of every kind that is labelled or predicted. ``plain`` and
    ``plain_flagged`` count the plain sentences and those that got any flag; ``near_misses`` those
    plain sentences that tempt a flag, of which ``near_misses_flagged`` got any flag and
    ``near_misses_tempted`` the very flag they tempt. ``errors`` lists what went wrong.
    """

    by_kind: dict[str, Counts]
    plain: int
    plain_flagged: int
    near_misses: int
    near_misses_flagged: int
    near_misses_tempted: int
    errors: tuple[FlagError, ...]

    @property
    def micro(self) -> Counts:
        """The counts summed over kinds; its ``f1`` is the micro F1."""
        counts = self.by_kind.values()
        return Counts(
            sum(c.right for c in counts),
            sum(c.wrong for c in counts),
            sum(c.missed for c in counts),
        )

    def macro_f1(self, min_support: int = 1) -> float | None:
        """The mean F1 of the kinds with at least ``min_support`` labelled sentences."""
        scores = [c.f1 or 0.0 for c in self.by_kind.values() if c.support >= min_support]
        return sum(scores) / len(scores) if scores else None

    @property
    def plain_rate(self) -> float | None:
        """The share of plain sentences that got any flag."""
        return _ratio(self.plain_flagged, self.plain)

    def figures(self) -> dict[str, float]:
        """The figures of ``MEASURES`` that could be judged."""
        found = {
            "flags.micro_f1": self.micro.f1,
            "flags.macro_f1": self.macro_f1(_COMMON),
            "flags.plain": self.plain_rate,
            "flags.near_misses": self.near_miss_rate,
        }
        return {name: value for name, value in found.items() if value is not None}

    def to_dict(self) -> dict[str, Any]:
        """The score as JSON."""
        return asdict(self)

    @classmethod
    def from_dict(cls, value: Mapping[str, Any]) -> FlagScore:
        """The score that ``to_dict`` gave."""
        return cls(
            **{
                **value,
                "by_kind": {kind: Counts(**each) for kind, each in value["by_kind"].items()},
                "errors": tuple(FlagError(**each) for each in value["errors"]),
            }
        )

    @property
    def near_miss_rate(self) -> float | None:
        """The share of near misses that got any flag."""
        return _ratio(self.near_misses_flagged, self.near_misses)


@dataclass(frozen=True, slots=True)
class FlagError:
    """A (sentence, kind) that was ``missed`` or flagged ``wrong``."""

    file: str
    start: int
    end: int
    flag: str
    what: str


@dataclass(frozen=True, slots=True)
class _Sentence:
    file: str
    start: int
    end: int
    labels: tuple[Label, ...]

    def kinds(self, kind: str) -> set[str]:
        return {label.flag for label in self.labels if label.kind == kind}

    def counts(self, flag: PredictedFlag) -> bool:
        """Whether a flag of the same file counts for this sentence."""
        overlap = min(self.end, flag.end) - max(self.start, flag.start)
        return overlap >= _HALF * (self.end - self.start) or any(
            flag.start <= label.cue_start and label.cue_end <= flag.end
            for label in self.labels
            if label.kind == "flag"
        )


def score(predicted: Mapping[str, Iterable[PredictedFlag]], labels: Sequence[Label]) -> FlagScore:
    """The score of predicted flags, given by file name, against labels."""
    counts: dict[str, Counter[str]] = defaultdict(Counter)
    tally: Counter[str] = Counter()
    errors: list[FlagError] = []
    flags = {file: sorted(found, key=lambda f: f.start) for file, found in predicted.items()}
    for sentence in _sentences(labels):
        given = {
            flag.type
            for flag in _near(sentence, flags.get(sentence.file, []))
            if sentence.counts(flag)
        }
        wanted = sentence.kinds("flag")
        unscored = sentence.kinds("ambiguous") - wanted
        for kind in sorted((wanted | given) - unscored):
            what = "missed" if kind not in given else "right" if kind in wanted else "wrong"
            counts[kind][what] += 1
            if what != "right":
                errors.append(FlagError(sentence.file, sentence.start, sentence.end, kind, what))
        _tally_plain(sentence, given, tally)
    return FlagScore(
        by_kind={kind: Counts(**counts[kind]) for kind in sorted(counts)},
        plain=tally["plain"],
        plain_flagged=tally["plain_flagged"],
        near_misses=tally["near_misses"],
        near_misses_flagged=tally["near_misses_flagged"],
        near_misses_tempted=tally["near_misses_tempted"],
        errors=tuple(errors),
    )


def _sentences(labels: Sequence[Label]) -> list[_Sentence]:
    grouped: dict[tuple[str, int, int], list[Label]] = defaultdict(list)
    for label in labels:
        grouped[label.file, label.start, label.end].append(label)
    return [
        _Sentence(*place, labels=tuple(members))
        for place, members in sorted(grouped.items())
        if not any(label.exemplar for label in members)
    ]


def _near(sentence: _Sentence, flags: Sequence[PredictedFlag]) -> Iterable[PredictedFlag]:
    """The flags that begin before the sentence ends and end after it begins."""
    last = bisect_left(flags, sentence.end, key=lambda flag: flag.start)
    return (flag for flag in flags[:last] if flag.end > sentence.start)


def _tally_plain(sentence: _Sentence, given: set[str], tally: Counter[str]) -> None:
    if not any(label.kind == "plain" for label in sentence.labels):
        return
    tempted = {kind for label in sentence.labels for kind in label.near_miss_for}
    tally["plain"] += 1
    tally["plain_flagged"] += bool(given)
    tally["near_misses"] += bool(tempted)
    tally["near_misses_flagged"] += bool(tempted and given)
    tally["near_misses_tempted"] += bool(tempted & given)


def _ratio(part: int, whole: int) -> float | None:
    return part / whole if whole else None
