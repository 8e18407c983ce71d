"""Bylines: who wrote an article and when, in the line below its title."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

from corpus.lines import IMAGE_SIZE, plain, word_set, words

_LONGEST = 120
_DATE = re.compile(
    r"(?P<year>(?:19|20)\d\d)-(?P<month>\d\d?)-(?P<day>\d\d?)"
    r"|(?P<day2>\d\d?)[-/](?P<month2>\d\d?)[-/](?P<year2>(?:19|20)\d\d)"
    r"|(?P<day3>\d\d?)\.?\s(?P<word3>[A-Za-z]{3,10})\.?,?\s(?P<year3>(?:19|20)\d\d)"
    r"|(?P<word4>[A-Za-z]{3,10})\.?\s(?P<day4>\d\d?)(?:st|nd|rd|th)?,?\s(?P<year4>(?:19|20)\d\d)"
)
_READING_TIME = re.compile(
    r"\b\d{1,3}\s?min(?:\.|uten|utes|ute|uut)?\b(?:\s\w{3,8})?", re.IGNORECASE
)
_BETWEEN = re.compile(r"[|·•,–—:]|\s-\s")


@dataclass(frozen=True, slots=True)
class Byline:
    """What a byline tells; ``shape`` names its pattern, the same for every article of a page."""

    shape: str
    author: str | None = None
    date: str | None = None


def read_byline(text: str) -> Byline | None:
    """Author and date (ISO 8601) where a line holds nothing but these; else None.

    A name alone could be anything, so a date, words such as "Door" before the name, or the size
    of the picture above it must be there too.
    """
    if len(text) > _LONGEST:
        return None
    said = plain(text).strip("*_ ")
    if (size := IMAGE_SIZE.match(said)) and _is_name(said[size.end() :]):
        return Byline("size", author=said[size.end() :].strip())
    dates = [(found, when) for found in _DATE.finditer(said) if (when := _iso(found))]
    rest = said
    for found, _ in reversed(dates):
        rest = f"{rest[: found.start()]}|{rest[found.end() :]}"
    announced = _announcement().match(rest) is not None
    rest = _announcement().sub("|", _READING_TIME.sub("|", rest))
    names = [part.strip("*_ ") for part in _BETWEEN.split(rest)]
    names = [name for name in names if name]
    if not all(_is_name(name) for name in names) or not (dates or announced):
        return None
    if not dates and not (names and " " in names[0]):
        return None
    return Byline(
        "date" if dates and dates[0][0].start() == 0 else "said",
        author=names[0] if names else None,
        date=dates[0][1] if dates else None,
    )


@cache
def _announcement() -> re.Pattern[str]:
    longest_first = sorted(words()["bylines"]["begin"], key=len, reverse=True)
    return re.compile(
        rf"\b(?:{'|'.join(map(re.escape, longest_first))})(?=[ :|]|\Z)", re.IGNORECASE
    )


def _iso(found: re.Match[str]) -> str | None:
    parts = {name.rstrip("234"): value for name, value in found.groupdict().items() if value}
    month = words()["months"].get(parts.get("word", "").casefold()) or int(parts.get("month", 0))
    day = int(parts["day"])
    if not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    return f"{parts['year']}-{month:02d}-{day:02d}"


def _is_name(text: str) -> bool:
    """Whether text is one to six capitalised words, particles between them allowed."""
    particles = word_set("bylines", "particles")
    parts = text.split()
    if not 1 <= len(parts) <= 6 or not parts[0][:1].isupper():
        return False
    return all(
        part in particles or (part[:1].isupper() and part.strip(".&-'’").replace("-", "").isalpha())
        for part in parts
    )
