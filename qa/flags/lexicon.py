"""The words and rules that stand in ``data/``: languages, nutrients, brands and flag texts.

Another language is another file in ``data/language``, another nutrient one in ``data/nutrients``,
another brand a line in ``data/brands.toml``; no code knows their names.
"""

from __future__ import annotations

import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

from qa.flags.patterns import PatternBook
from qa.flags.tokens import Token

_DATA = Path(__file__).parent / "data"
DEFAULT_LANGUAGE = "nl"


@dataclass(frozen=True, slots=True)
class FlagText:
    """What a reader is told about a flag; ``label`` and ``why`` by language."""

    id: str
    severity: str
    label: Mapping[str, str]
    why: Mapping[str, str]
    basis: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class AuthorisedClaim:
    """One claim of the EU list: its wording by language, its words, and the outcome groups that
    are near it without being on the list."""

    id: str
    reference: str
    wording: Mapping[str, str]
    words: tuple[str, ...]
    near: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Nutrient:
    """A nutrient: names, authorised claims, upper level of a day's supplements.

    ``upper_level`` is in ``unit`` (None where no level is set), of which an international unit
    holds ``per_iu``; ``basis`` adds to a flag's own; ``authorised`` names the outcome groups
    that the list covers as a whole.
    """

    id: str
    label: Mapping[str, str]
    names: tuple[str, ...]
    food: tuple[str, ...]
    loss: tuple[str, ...]
    shortage: tuple[str, ...]
    claims: tuple[AuthorisedClaim, ...]
    authorised: tuple[str, ...]
    outcomes: tuple[str, ...]
    animal_studies: tuple[str, ...]
    upper_level: float | None
    unit: str
    per_iu: float | None
    upper_level_basis: str
    upper_level_scope: Mapping[str, str]
    basis: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Brand:
    """A brand or shop: how it is written, and whether it makes or sells."""

    name: str
    kind: str


def _read(path: Path) -> dict[str, Any]:
    with path.open("rb") as file:
        return tomllib.load(file)


@cache
def flag_texts() -> Mapping[str, FlagText]:
    """The twelve flags by id, in the order of the taxonomy."""
    return {
        row["id"]: FlagText(
            row["id"], row["severity"], row["label"], row["why"], tuple(row["basis"])
        )
        for row in _read(_DATA / "flags.toml")["flag"]
    }


@cache
def notes() -> Mapping[str, Mapping[str, str]]:
    """Sentences about a finding, by id and language, with ``{slots}``."""
    found: Mapping[str, Mapping[str, str]] = _read(_DATA / "flags.toml")["notes"]
    return found


@cache
def profile_words() -> Mapping[str, Mapping[str, str]]:
    """The words of the source profile, by language."""
    return _read(_DATA / "profile.toml")


@cache
def nutrients() -> Mapping[str, Nutrient]:
    """All nutrient profiles by id."""
    paths = sorted((_DATA / "nutrients").glob("*.toml"))
    return {profile.id: profile for profile in map(_nutrient, paths)}


def _nutrient(path: Path) -> Nutrient:
    raw = _read(path)
    names = raw["names"]
    claims = tuple(
        AuthorisedClaim(
            row["id"],
            row["reference"],
            {key: row[key] for key in ("nl", "en")},
            tuple(row["words"]),
            tuple(row.get("near", ())),
        )
        for row in raw["claims"]
    )
    return Nutrient(
        id=raw["id"],
        label=raw["label"],
        names=tuple(names["words"]),
        food=tuple(names.get("food", ())),
        loss=tuple(names.get("loss", ())),
        shortage=tuple(names.get("shortage", ())),
        claims=claims,
        authorised=tuple(raw.get("authorised", ())),
        outcomes=tuple(raw.get("off_list_words", ())),
        animal_studies=tuple(raw.get("animal_studies", ())),
        upper_level=raw.get("upper_level"),
        unit=raw.get("upper_level_unit", "mg"),
        per_iu=raw.get("per_iu"),
        upper_level_basis=raw.get("upper_level_basis", ""),
        basis={flag: tuple(entries) for flag, entries in raw.get("basis", {}).items()},
        upper_level_scope=raw.get("upper_level_scope", {"nl": "", "en": ""}),
    )


@cache
def brands() -> tuple[Brand, ...]:
    """Known brands and shops."""
    return tuple(Brand(**row) for row in _read(_DATA / "brands.toml")["brand"])


@cache
def languages() -> tuple[str, ...]:
    """Languages with a word list, sorted."""
    return tuple(sorted(path.stem for path in (_DATA / "language").glob("*.toml")))


@cache
def _classes(language: str) -> Mapping[str, tuple[str, ...]]:
    return dict(_flatten(_read(_DATA / "language" / f"{language}.toml")))


def _flatten(table: Mapping[str, Any], path: str = "") -> Iterator[tuple[str, tuple[str, ...]]]:
    for key, value in table.items():
        name = f"{path}.{key}" if path else key
        if isinstance(value, dict):
            yield from _flatten(value, name)
        else:
            yield name, tuple(value)


@cache
def outcome_groups() -> tuple[str, ...]:
    """Ids of the groups of benefits (sleep, cognition, ...), of all languages."""
    names = [name for language in languages() for name in _classes(language)]
    groups = [name.split(".")[1] for name in names if name.startswith("outcome.")]
    return tuple(dict.fromkeys(groups))


@lru_cache(maxsize=32)
def book(language: str, nutrient_id: str, brand_names: tuple[str, ...]) -> PatternBook:
    """All patterns for sentences in ``language`` about a nutrient, with these brands."""
    nutrient = nutrients()[nutrient_id]
    classes = {name: list(words) for name, words in _classes(language).items()}
    classes["nutrient"] = list(nutrient.names)
    classes["nutrient.food"] = list(nutrient.food)
    classes["nutrient.loss"] = list(nutrient.loss)
    classes["nutrient.shortage"] = list(nutrient.shortage)
    classes["nutrient.outcome"] = list(nutrient.outcomes)
    classes["nutrient.animal_study"] = list(nutrient.animal_studies)
    classes["brand.name"] = list(brand_names)
    for claim in nutrient.claims:
        classes[f"claim.{claim.id}"] = list(claim.words)
    return PatternBook(classes)


@lru_cache(maxsize=50_000)
def _detecting(word: str) -> tuple[str, ...]:
    return tuple(language for language in languages() if word in _detection_words(language))


@cache
def _detection_words(language: str) -> frozenset[str]:
    return frozenset(_classes(language)["detect.words"])


def language_of(tokens: Iterable[Token], usual: str | None = None) -> str | None:
    """The language that most small words are of; None where they do not decide.

    Where ``usual`` is given, another language needs at least two words more.
    """
    counts = Counter(language for token in tokens for language in _detecting(token.word))
    best = counts.most_common(2)
    if usual is not None:
        return best[0][0] if best and best[0][1] >= counts[usual] + 2 else usual
    if not best or (len(best) > 1 and best[0][1] == best[1][1]):
        return None
    return best[0][0]
