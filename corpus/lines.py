"""Lines of a text with their offsets, and what can be said of one line on its own.

The words are in ``structure.toml``. Every pattern is applied to short lines only or takes time
linear in the line, so a file of one giant line costs no more than others.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from dataclasses import dataclass
from functools import cache
from itertools import pairwise
from pathlib import Path
from typing import Any

from corpus.sentences import split

LONGEST_HEADING = 120
LONGEST_QUESTION = 200
LONGEST_MENU = 80
LONGEST_REFERENCE = 400
LONGEST_CAPTION = 320
LONGEST_DISCLAIMER = 900

_INVISIBLE = r"[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]*"
_MARKER = re.compile(
    rf"{_INVISIBLE}(?:[•◦▪▫‣●○■□►▸✓✔➤→·*–—-]|\d{{1,3}}[.)]|[a-z]\)|\(\d{{1,2}}\))[^\S\n]+(?=\S)"
)
_NUMBER = re.compile(rf"{_INVISIBLE}(\d{{1,3}})[.)]")
_MARKDOWN = re.compile(r"#{1,6}[^\S\n]+(?=\S)")
IMAGE_SIZE = re.compile(r"\d{2,5}\s{1,3}[x×]?\s{0,3}\d{2,5}(?=\s|\Z)")
_BIBLIOGRAPHIC = re.compile(
    r"\bdoi\b:?\s{0,3}(?:https?://(?:dx\.)?doi\.org/)?10\.\d{4,9}/"
    r"|\bdoi\.org/10\.\d{4,9}/"
    r"|\b(?:19|20)\d\d(?:\s\w{3,4}\.?(?:\s\d{1,2})?)?;\s?\d{1,4}(?:\([^)]{1,12}\))?:\s?[eE]?\d",
    re.IGNORECASE,
)
_CITING = re.compile(r"\b(?:19|20)\d\d\b|https?://|www\.|\bdoi\b|\bet al\b", re.IGNORECASE)
_EDGE_OF_MENU = " \t:»«›‹→←>|·•…-–()0123456789!"
_CLOSERS = "\"'”’»›)]}*†‡§® "


@dataclass(frozen=True, slots=True)
class Line:
    """A line's text without the white space around it; ``text == document[start:end]``.

    ``indent`` counts the characters before it, ``spaced`` says that a blank line (or the edge of
    the file) is above it, ``marker`` is the length of the bullet or number it begins with.
    """

    text: str
    start: int
    indent: int
    spaced: bool
    marker: int

    @property
    def end(self) -> int:
        return self.start + len(self.text)

    @property
    def number(self) -> int | None:
        """The number of a numbered item, None for a bullet or no marker."""
        found = _NUMBER.match(self.text) if self.marker else None
        return int(found.group(1)) if found else None

    @property
    def body(self) -> str:
        """The line without its marker."""
        return self.text[self.marker :]


@cache
def words() -> dict[str, dict[str, Any]]:
    """The word lists of ``structure.toml``."""
    with Path(__file__).with_name("structure.toml").open("rb") as file:
        return tomllib.load(file)


def read_lines(text: str) -> list[Line]:
    """The lines of ``text`` that are not blank, in order."""
    lines: list[Line] = []
    position = 0
    spaced = True
    for raw in text.splitlines(keepends=True):
        stripped = raw.strip()
        if stripped:
            indent = len(raw) - len(raw.lstrip())
            found = _MARKER.match(stripped) or _MARKDOWN.match(stripped)
            marker = found.end() if found and not _is_rule(stripped) else 0
            lines.append(Line(stripped, position + indent, indent, spaced, marker))
            spaced = False
        else:
            spaced = True
        position += len(raw)
    return lines


def plain(text: str) -> str:
    """``text`` for a title or heading path: one line, single spaces, no invisible characters."""
    if not text.isprintable():
        text = "".join(
            character
            for character in text
            if character.isspace() or unicodedata.category(character) not in ("Cf", "Cc")
        )
    return " ".join(text.split())


def folded(text: str) -> str:
    """``text`` for comparison with a word list."""
    return plain(text).casefold().replace("’", "'").replace("‘", "'")


def ends_sentence(text: str) -> bool:
    """Whether a line ends as a sentence does: a stop, maybe with closers or a citation behind."""
    tail = text[-40:].rstrip(_CLOSERS)
    return tail[-1:] in set(".!?…") or bool(re.search(r"[.!?][^\w\s]*\s?\d{1,3}(,\d{1,3})*$", tail))


def begins_small(text: str) -> bool:
    """Whether the first letter is a small one."""
    letter = next((c for c in text[:8] if c.isalnum()), "")
    return letter.islower()


def one_sentence(text: str, longest: int) -> bool:
    """Whether ``text`` is a single sentence of at most ``longest`` characters."""
    return len(text) <= longest and len(split(text)) <= 1


def is_heading_like(text: str) -> bool:
    """Whether a line could be a heading by its looks: short, one phrase or question, no stop."""
    if not 1 < len(text) <= LONGEST_QUESTION or begins_small(text):
        return False
    if not any(c.isalpha() for c in text[:20]):
        return False
    if text.rstrip(_CLOSERS).endswith("?"):
        return one_sentence(text, LONGEST_QUESTION)
    if text[-1] in ".:;,!…*–—-+=&" or ends_sentence(text):
        return False
    return one_sentence(text, LONGEST_HEADING) and len(text.split()) <= 18


def is_question(text: str) -> bool:
    """Whether a line is one question."""
    return text.rstrip(_CLOSERS).endswith("?") and one_sentence(text, LONGEST_QUESTION)


def is_markdown_heading(line: Line) -> bool:
    """Whether a line is marked as a heading with number signs."""
    return bool(line.marker) and line.text.startswith("#")


def is_navigation(line: Line) -> bool:
    """Whether a line belongs to the page around the article: menu, picture size, rule."""
    text = line.text
    if _is_rule(text):
        return True
    if len(text) > LONGEST_MENU:
        return False
    if IMAGE_SIZE.fullmatch(text):
        return True
    lists = words()["navigation"]
    phrase = folded(line.body)
    bare = phrase.strip(_EDGE_OF_MENU)
    spoken = phrase.replace(" :", ":")
    return (
        bare in word_set("navigation", "lines")
        or spoken.startswith(tuple(lists["begin"]))
        or bare.endswith(tuple(lists["end"]))
    )


def is_disclaimer(text: str) -> bool:
    """Whether a paragraph disclaims: by its first words, or, if short, by words anywhere in it."""
    if len(text) > LONGEST_DISCLAIMER:
        return False
    lists = words()["disclaimers"]
    said = folded(text).lstrip("*†‡ ")
    if said.startswith(tuple(lists["begin"])):
        return ends_sentence(text) or ":" in text
    return ends_sentence(text) and any(phrase in said for phrase in lists["contain"])


def is_keywords(text: str) -> bool:
    """Whether a line is a list of keywords that names itself."""
    return folded(text[:30]).startswith(tuple(words()["keywords"]["begin"]))


def is_bibliographic(text: str) -> bool:
    """Whether a short line is a reference by its looks: a DOI or year;volume:pages."""
    return len(text) <= LONGEST_REFERENCE and _BIBLIOGRAPHIC.search(text) is not None


def is_citing(text: str) -> bool:
    """Whether a line under a heading "References" has anything of a reference."""
    return len(text) <= 2 * LONGEST_REFERENCE and _CITING.search(text) is not None


def section_kind(heading: str) -> str | None:
    """The name in ``[headings]`` of the list that holds this heading, None for any other."""
    if len(heading) > LONGEST_MENU:
        return None
    said = folded(heading).strip(":*_# ")
    for name in words()["headings"]:
        if said in word_set("headings", name):
            return str(name)
    return None


def is_alternative_text(text: str) -> bool:
    """Whether a line says what a picture shows rather than tell something."""
    if len(text) > LONGEST_CAPTION or text.endswith("*"):
        return False
    said = folded(text)
    if len(split(text)) != 1:
        return False
    if any(phrase in said for phrase in words()["pictures"]["depicting"]):
        return True
    if any(c.isdigit() for c in text):
        return False
    first = said.replace(",", " ").split()[:3]
    return any(
        left in word_set("pictures", "adjectives") and right in word_set("pictures", "subjects")
        for left, right in pairwise(first)
    )


def names_subject(text: str, apart: bool) -> bool:
    """Whether a line begins with what a picture often shows (weaker than alternative text).

    Where the caption stands ``apart`` from it, the line must go on as a description does.
    """
    if len(text) > LONGEST_CAPTION or text.endswith("*") or any(c.isdigit() for c in text):
        return False
    first = folded(text).replace(",", " ").split()[:3]
    for place, word in enumerate(first[:2]):
        if word in word_set("pictures", "subjects"):
            after = " ".join(first[place + 1 : place + 2])
            return not apart or after in word_set("pictures", "scene")
    return False


def _is_rule(text: str) -> bool:
    return len(text) <= LONGEST_MENU and not any(c.isalnum() for c in text)


@cache
def word_set(table: str, name: str) -> frozenset[str]:
    """One list of ``structure.toml``, to look words up in."""
    return frozenset(words()[table][name])
