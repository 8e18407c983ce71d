"""An answer with its citation, ready to paste: plain text, Markdown and BibTeX."""

from __future__ import annotations

import re
from collections.abc import Mapping

from chat.wording import Wording
from corpus.model import Document
from qa.answer import Answer, Outcome, Quote

_MARKDOWN = re.compile(r"([\\`*_{}\[\]()#+\-.!|<>~])")
_BIBTEX = str.maketrans(
    {
        "{": r"\{",
        "}": r"\}",
        "\\": r"\textbackslash{}",
        "%": r"\%",
        "&": r"\&",
        "#": r"\#",
        "$": r"\$",
        "_": r"\_",
        "~": r"\textasciitilde{}",
        "^": r"\textasciicircum{}",
    }
)


def as_text(answer: Answer, documents: Mapping[str, Document], words: Wording) -> str:
    """The question, each quote, where it stands and what its publisher sells, as plain text."""
    lines = [answer.question, "", f"{_outcome(answer, words)}:"]
    for quote in answer.answers:
        lines += ["", f"“{_sentence(quote, documents)}”", f"— {_place(quote, documents, words)}"]
    return "\n".join(lines)


def as_markdown(answer: Answer, documents: Mapping[str, Document], words: Wording) -> str:
    """The same as Markdown; every character that Markdown would read as markup is escaped."""
    lines = [f"## {_md(answer.question)}", "", f"**{_md(_outcome(answer, words))}**"]
    for quote in answer.answers:
        lines += ["", f"> {_md(_sentence(quote, documents))}", ">"]
        lines.append(f"> — {_md(_place(quote, documents, words))}")
    return "\n".join(lines)


def as_bibtex(answer: Answer, documents: Mapping[str, Document]) -> str:
    """One ``@online`` entry a source quoted, with the quotes and their offsets as a note."""
    entries: dict[str, list[Quote]] = {}
    for quote in answer.answers:
        entries.setdefault(quote.source, []).append(quote)
    return "\n\n".join(_entry(documents[name], quotes) for name, quotes in entries.items())


def _entry(document: Document, quotes: list[Quote]) -> str:
    source = document.source
    article = next(
        (a for a in document.articles if a.start <= quotes[0].start < a.end), document.articles[0]
    )
    note = "; ".join(f"“{_one_line(q.quote)}” [{q.start}:{q.end}]" for q in quotes)
    fields = {
        "title": article.title or source.title,
        "author": article.author or source.author or "",
        "organization": source.publisher,
        "date": article.date or source.date or "",
        "note": note,
    }
    written = {name: value.translate(_BIBTEX) for name, value in fields.items()}
    written["url"] = re.sub(r"[{}\\\s]", "", source.url or "")  # verbatim in BibTeX
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in written.items() if value)
    key = re.sub(r"[^a-z0-9]+", "-", document.name.lower().removesuffix(".txt")).strip("-")
    return f"@online{{{key},\n{body}\n}}"


def _outcome(answer: Answer, words: Wording) -> str:
    return {
        Outcome.ANSWERED: words("answer.from_articles"),
        Outcome.NOT_IN_SOURCES: words("answer.not_in_sources"),
        Outcome.SEE_A_PROFESSIONAL: words("answer.see_a_professional"),
    }[answer.outcome]


def _sentence(quote: Quote, documents: Mapping[str, Document]) -> str:
    text = documents[quote.source].text
    return _one_line(text[quote.sentence.start : quote.sentence.end])


def _place(quote: Quote, documents: Mapping[str, Document], words: Wording) -> str:
    source = documents[quote.source].source
    kind = words.name("kinds", source.publisher_kind)
    sells = [words("answer.sells", things=words.listing(source.sells))] if source.sells else []
    who = f"{source.publisher or quote.source} ({'; '.join([kind, *sells])})"
    parts = [who, source.title, source.url or quote.source]
    return f"{', '.join(part for part in parts if part)} [{quote.start}:{quote.end}]"


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _md(text: str) -> str:
    return _MARKDOWN.sub(r"\\\1", _one_line(text))
