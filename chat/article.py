"""The whole article in place: who speaks on top, then the text with quote and flags marked."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

from chat.marking import Marks, blocks, note_letters
from chat.turn import chips, publisher
from chat.wording import Wording
from corpus.model import Article, Document
from qa.answer import Flag
from qa.profile import SourceProfile


def render_article(
    document: Document,
    start: int,
    end: int,
    flags: Sequence[Flag],
    words: Wording,
    publisher_profile: SourceProfile | None = None,
) -> str:
    """The article of ``document`` that ``[start, end)`` stands in, that slice marked.

    ``start == end`` marks nothing. ``flags`` are those of the whole document.
    """
    article = _article_at(document, start)
    inside = [f for f in flags if f.start < article.end and f.end > article.start]
    quotes = [(start, end)] if start < end else []
    marks = Marks(quotes, inside, note_letters(inside))
    count = words("article.flags_count", count=len(inside))
    return (
        f'<header class="paper-head">{profile(document, words, publisher_profile, article)}'
        f"<details open><summary>{escape(count)}</summary>{chips(inside, document, words)}"
        f'</details></header><div class="paper-text" lang="{escape(document.source.language)}">'
        f"{blocks(document, article.start, article.end, marks)}</div>"
    )


def profile(
    document: Document,
    words: Wording,
    counted: SourceProfile | None = None,
    article: Article | None = None,
) -> str:
    """The source profile: who, what they sell, how their texts sell, where the facts come from."""
    source = document.source
    title = article.title if article is not None and article.title else source.title
    author = (article.author if article else None) or source.author
    date = (article.date if article else None) or source.date
    unknown = words("article.unknown")
    rows = [("profile.publisher", publisher(source, words))]
    if source.promotes:
        rows.append(("profile.promotes", escape(words.listing(source.promotes))))
    if counted is not None:
        rows += _counts(counted, words)
    rows.append(("article.author", escape(author or unknown)))
    rows.append(("article.date", escape(date or unknown)))
    if source.url:
        rows.append(("article.original", _address(source.url)))
    rows.append(("profile.provenance", escape(_provenance(document, words))))
    lines = "".join(
        f"<div><dt>{escape(words(key))}</dt><dd>{html}</dd></div>" for key, html in rows
    )
    part = ""
    if article is not None and len(document.articles) > 1:
        told = words("article.part_of", count=len(document.articles), publisher=source.publisher)
        part = f'<p class="aside-note">{escape(told)}</p>'
    return (
        f'<p class="kicker">{escape(words("article.profile"))}</p>'
        f'<h2 dir="auto" lang="{escape(source.language)}">{escape(title)}</h2>{part}'
        f'<dl class="profile">{lines}</dl>'
    )


def _counts(counted: SourceProfile, words: Wording) -> list[tuple[str, str]]:
    """How a publisher's texts sell, over all its files."""
    total = sum(counted.flags.values())
    marketing = words(
        "profile.marketing",
        count=words.whole(total),
        words=words.whole(counted.words),
        rate=words.number(counted.flags_per_thousand),
    )
    selling = words("profile.selling", brands=counted.brand_mentions, calls=counted.calls_to_action)
    evidence = words("profile.evidence", listed=counted.references_listed, cited=counted.citations)
    if counted.marked_unevaluated:
        evidence += words("profile.unevaluated", count=counted.marked_unevaluated)
    return [
        ("profile.flags", escape(marketing)),
        ("profile.sales", escape(selling)),
        ("profile.references", escape(evidence)),
    ]


def _address(url: str) -> str:
    """A link for a web address; anything else that calls itself an address is only text."""
    if url.startswith(("https://", "http://")):
        return (
            f'<a href="{escape(url)}" rel="noreferrer noopener" target="_blank">{escape(url)}</a>'
        )
    return escape(url)


def _provenance(document: Document, words: Wording) -> str:
    found = {"text": "profile.from_text", "web": "profile.from_web"}
    known = document.source.provenance
    parts = []
    for where, key in found.items():
        facts = [_fact(name, words) for name, origin in known.items() if origin == where]
        if facts:
            parts.append(f"{', '.join(facts)}: {words(key)}")
    return "; ".join(parts) or words("article.unknown")


def _fact(name: str, words: Wording) -> str:
    keys = {
        "publisher": "profile.publisher",
        "author": "article.author",
        "date": "article.date",
        "url": "article.original",
        "sells": "profile.sells",
        "promotes": "profile.promotes",
    }
    return words(keys[name]).lower() if name in keys else name


def _article_at(document: Document, offset: int) -> Article:
    whole = Article(document.source.title, 0, len(document.text))
    return next((a for a in document.articles if a.start <= offset < a.end), whole)
