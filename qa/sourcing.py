"""Questions that say whose words they want: "volgens de stichting", "does Topvitamine mention".

The cues and the words for kinds of publishers are in ``data/sourcing.toml``; the names are those of
the publishers of the documents.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from rapidfuzz import fuzz, process

from corpus.model import Source
from index.words import stopwords

_ALIKE = 90.0  # rapidfuzz ratio, of 100, from which a name is unmistakable
_SHORTEST = 4  # letters of a name
_LONGEST = 7  # words of a name
_ENDING = re.compile(r"\.[a-z]{2,4}$")  # of a web address


@dataclass(frozen=True, slots=True)
class _Cue:
    """What stands around a name that a question wants the words of."""

    before: re.Pattern[str]
    after: re.Pattern[str]
    cut: bool
    instead: str


@dataclass(frozen=True, slots=True)
class Names:
    """The names that publishers go by, each with the files of those who go by it."""

    files: Mapping[str, frozenset[str]]

    @classmethod
    def of(cls, sources: Iterable[Source]) -> Names:
        """The names of the sources' publishers, and the words for their kinds."""
        found: dict[str, set[str]] = {}
        for source in sources:
            if not source.publisher:
                continue
            for name in _goes_by(source.publisher):
                found.setdefault(name, set()).add(source.file)
            for word in _kinds().get(source.publisher_kind, ()):
                found.setdefault(_compact(word), set()).add(source.file)
        return cls({name: frozenset(of) for name, of in found.items()})

    def meant(self, text: str) -> tuple[float, frozenset[str]]:
        """How surely the text names a publisher, 0 to 100, and the files of whom it names.

        No files where that is nobody, or not sure.
        """
        name = _compact(text)
        if len(name) < _SHORTEST:
            return 0.0, frozenset()
        near = process.extract(
            name, list(self.files), scorer=fuzz.ratio, score_cutoff=_ALIKE, limit=2
        )
        meant = {self.files[known] for known, score, _ in near if score == near[0][1]}
        return (near[0][1], meant.pop()) if len(meant) == 1 else (0.0, frozenset())


def asks_source(question: str) -> bool:
    """True where a question may say whose words it wants; whether it does, ``sourced`` tells."""
    return any(cue.before.search(question) for cue in _cues())


def sourced(question: str, names: Names) -> tuple[str, frozenset[str]]:
    """The question without the name of whose words it wants, and the files that those stand in.

    The question as it is, and no files, where it names nobody that is known.
    """
    for cue in _cues():
        for match in cue.before.finditer(question):
            ends = [end for end in _ends(question, match.end()) if cue.after.match(question, end)]
            meant = [(*names.meant(question[match.end() : end]), end) for end in ends]
            _, found, end = max(
                meant, key=lambda one: (one[0], one[2]), default=(0, frozenset(), 0)
            )
            if found:
                start = match.start() if cue.cut else match.end()
                return _tidied(question[:start] + cue.instead + question[end:]), found
    return question, frozenset()


def _ends(question: str, start: int) -> list[int]:
    """Where a name that begins at ``start`` may end: after so many words, never past a comma."""
    ends = []
    for word in list(re.finditer(r"\S+", question[start:]))[:_LONGEST]:
        ends.append(start + word.start() + len(word.group().rstrip("?!.,;:")))
        if word.group()[-1] in ",;:":
            break
    return ends


def _goes_by(publisher: str) -> set[str]:
    """A publisher's name whole, and without what it has in common with others of its kind."""
    common = {word for words in _kinds().values() for word in words} | stopwords()
    words = _ENDING.sub("", publisher.lower()).split()
    own = list(words)
    while own and own[0] in common:
        own = own[1:]
    names = {_compact(" ".join(words)), _compact(" ".join(own))}
    return {name for name in names if len(name) >= _SHORTEST}


def _compact(text: str) -> str:
    """A name's letters and figures, no function words before it, no web ending."""
    words = _ENDING.sub("", text.lower().strip()).split()
    while len(words) > 1 and words[0] in stopwords():
        words = words[1:]
    return "".join(c for c in " ".join(words) if c.isalnum())


def _tidied(question: str) -> str:
    text = re.sub(r"\s+([?!.,])", r"\1", " ".join(question.split())).lstrip(",; ")
    return text[:1].upper() + text[1:]


@cache
def _table() -> dict[str, list[dict[str, str]]]:
    return tomllib.loads(files("qa").joinpath("data/sourcing.toml").read_text("utf-8"))


@cache
def _kinds() -> Mapping[str, list[str]]:
    return dict(_table()["kinds"])  # type: ignore[arg-type]


@cache
def _cues() -> tuple[_Cue, ...]:
    return tuple(
        _Cue(
            re.compile(row["before"], re.IGNORECASE),
            re.compile(row.get("after", ""), re.IGNORECASE),
            bool(row.get("cut", False)),
            row["instead"],
        )
        for row in _table()["cue"]
    )
