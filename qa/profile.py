"""Who wrote the articles: what each publisher sells, and how its texts sell.

Every fact carries where it comes from: "text" or "web" where ``sources.toml`` says so,
"sources.toml" where it only stands there, "counted" what is counted here.
What nobody could establish is absent.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from corpus.model import Document, Kind
from qa.flags.find import find_in, readings
from qa.flags.lexicon import DEFAULT_LANGUAGE, flag_texts, profile_words
from qa.flags.publisher_marks import marked_claims
from qa.flags.reading import Reading
from qa.flags.selling import named_brands, shop_call

_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")
# A citation number in running text: '[3]', superscript, or bare behind a stop ('... pijn. 12').
_CITATION = re.compile(
    r"\[\d{1,3}(?:[,–-]\s?\d{1,3})*\]|[⁰¹²³⁴⁵⁶⁷⁸⁹]+"
    r"|(?<=[.!?)])[^\S\n]{0,3}\d{1,3}(?:,\s?\d{1,3})*(?=[.\s]|\Z)"
)
_NUMBER = re.compile(r"\d+")
_RUNNING = {Kind.PARAGRAPH, Kind.LIST_ITEM, Kind.TABLE_ROW, Kind.CAPTION, Kind.HEADING}
_COUNTED = "counted"
_SOURCES = "sources.toml"


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact and its origin: ``text``, ``web``, ``sources.toml`` or ``counted``."""

    name: str
    value: str
    origin: str


@dataclass(frozen=True, slots=True)
class SourceProfile:
    """A publisher, over all its files.

    Counts are of running text (headings, paragraphs, lists, tables and captions). ``flags`` counts
    flags by type, ``per_thousand`` their number for 1,000 words; ``brand_mentions`` the names of
    brands and shops, ``calls_to_action`` the sentences that send the reader to a shop;
    ``references_listed`` the entries of reference lists, ``citations`` the numbers in the text
    that could point to them.
    """

    publisher: str
    kind: str
    sells: tuple[str, ...]
    files: tuple[str, ...]
    articles: int
    words: int
    flags: dict[str, int]
    per_thousand: dict[str, float]
    brand_mentions: int
    calls_to_action: int
    marked_unevaluated: int
    references_listed: int
    citations: int
    disclaimers: int
    facts: tuple[Fact, ...]

    @property
    def flags_per_thousand(self) -> float:
        """All flags for 1,000 words."""
        return 1000 * sum(self.flags.values()) / self.words if self.words else 0.0

    def to_dict(self) -> dict[str, Any]:
        """Ready for ``json.dumps``."""
        return asdict(self) | {"flags_per_thousand": self.flags_per_thousand}


def words(language: str) -> Mapping[str, str]:
    """What the profile's names, values and origins are called in ``language`` (nl or en)."""
    return profile_words()[language]


def profiles(
    documents: Iterable[Document], language: str = DEFAULT_LANGUAGE
) -> tuple[SourceProfile, ...]:
    """One profile a publisher, the most commercial (flags per 1,000 words) first."""
    by_publisher: dict[str, list[Document]] = {}
    for document in documents:
        by_publisher.setdefault(document.source.publisher or document.name, []).append(document)
    found = [_profile(name, files, language) for name, files in by_publisher.items()]
    return tuple(sorted(found, key=lambda p: (-p.flags_per_thousand, p.publisher)))


def _profile(publisher: str, documents: Sequence[Document], language: str) -> SourceProfile:
    flags = [flag for document in documents for flag in find_in(document, language)]
    counts = Counter(flag.type for flag in flags)
    size = sum(_words(document) for document in documents)
    source = documents[0].source
    read = [reading for document in documents for reading in readings(document)]
    return SourceProfile(
        publisher=publisher,
        kind=source.publisher_kind,
        sells=source.sells,
        files=tuple(document.name for document in documents),
        articles=sum(len(document.articles) for document in documents),
        words=size,
        flags={kind: counts[kind] for kind in flag_texts()},
        per_thousand={
            kind: round(1000 * counts[kind] / size, 2) if size else 0.0 for kind in flag_texts()
        },
        brand_mentions=sum(len(named_brands(reading)) for reading in read),
        calls_to_action=sum(_calls(reading) for reading in read),
        marked_unevaluated=sum(len(marked_claims(d, language)) for d in documents),
        references_listed=_blocks(documents, Kind.REFERENCE),
        citations=sum(len(_cited(document)) for document in documents),
        disclaimers=_blocks(documents, Kind.DISCLAIMER),
        facts=tuple(fact for document in documents for fact in _facts(document)),
    )


def _words(document: Document) -> int:
    return sum(
        len(_WORD.findall(document.text, block.start, block.end))
        for block in document.blocks
        if block.kind in _RUNNING
    )


def _calls(reading: Reading) -> bool:
    return shop_call(reading) is not None


def _blocks(documents: Sequence[Document], kind: Kind) -> int:
    return sum(block.kind is kind for document in documents for block in document.blocks)


def _cited(document: Document) -> list[str]:
    """The citation numbers in running text, as they are written."""
    return [
        found
        for block in document.blocks
        if block.kind is Kind.PARAGRAPH
        for found in _CITATION.findall(document.text, block.start, block.end)
    ]


def _facts(document: Document) -> list[Fact]:
    """What is known of a file, each with its origin; what is not known is left out."""
    source = document.source
    known = {
        "publisher": source.publisher,
        "kind": source.publisher_kind if source.publisher_kind != "unknown" else "",
        "sells": ", ".join(source.sells),
        "promotes": ", ".join(source.promotes),
        "author": source.author or "",
        "date": source.date or "",
        "url": source.url or "",
    }
    facts = [
        Fact(name, value, source.provenance.get(name, _SOURCES))
        for name, value in known.items()
        if value
    ]
    authors = {article.author for article in document.articles if article.author}
    if not source.author and authors:
        facts.append(Fact("author", ", ".join(sorted(authors)), "text"))
    return [*facts, _references(document)]


def _references(document: Document) -> Fact:
    """Whether references are listed, and whether the text really cites them."""
    listed = _blocks([document], Kind.REFERENCE)
    cited = {int(number) for found in _cited(document) for number in _NUMBER.findall(found)}
    if listed and cited:
        value = "listed_and_cited" if max(cited) <= listed else "cited_beyond_list"
    elif listed:
        value = "listed_not_cited"
    else:
        value = "cited_not_listed" if cited else "none"
    return Fact("references", value, _COUNTED)
