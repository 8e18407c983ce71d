"""The page's "about": what this is, how flags are decided, the articles, the fingerprints."""

from __future__ import annotations

from collections import Counter
from html import escape

from chat.article import profile
from chat.desk import Desk, Opened
from chat.marking import severity
from chat.wording import Wording
from qa.answer import Flag
from qa.profile import SourceProfile

_LONGEST = 80  # per cent of its cell that the longest bar takes; its figure stands behind it


def render_about(desk: Desk, words: Wording, *, verdicts: bool) -> str:
    """The whole text as HTML in the language of ``words``; ``verdicts``: whether they are kept."""
    parts = [_section(words, name) for name in ("what", "not", "flags")]
    if desk.status.state != "ready":
        return "".join([*parts, f"<p>{escape(words('about.loading'))}</p>"])
    opened = desk.opened()
    parts.append(_rules(opened, words))
    parts.append(_section(words, "limits"))
    parts.append(_corpus(opened, words))
    parts.append(_section(words, "privacy"))
    if verdicts:
        parts.append(f"<p>{escape(words('about.privacy_feedback'))}</p>")
    parts.append(_section(words, "programs"))
    parts.append(f"<h3>{escape(words('about.technical_head'))}</h3>")
    facts = "".join(
        f"<div><dt>{escape(words(f'about.{name}'))}</dt><dd>{escape(value)}</dd></div>"
        for name, value in opened.fingerprints.items()
    )
    return "".join([*parts, f'<dl class="profile">{facts}</dl>'])


def _rules(opened: Opened, words: Wording) -> str:
    """Each kind of flag found in the articles: why, on what basis, and how often it occurs."""
    found = [
        flag
        for document in opened.documents.values()
        for flag in opened.assistant.flags(document, words.language)
    ]
    counts = Counter(flag.type for flag in found)
    first = {flag.type: flag for flag in reversed(found)}
    items = "".join(_rule(first[kind], counts[kind], words) for kind, _ in counts.most_common())
    return f'<ul class="rules">{items}</ul>'


def _rule(flag: Flag, count: int, words: Wording) -> str:
    level = words(f"answer.severity_{severity(flag.severity)}")
    basis = "".join(f"<li>{escape(entry)}</li>" for entry in flag.basis)
    return (
        f'<li><details class="chip sev-{severity(flag.severity)}"><summary>{escape(flag.label)} '
        f'×{count} <span class="level">{escape(level)}</span></summary><div class="chip-body">'
        f"<p>{escape(flag.why)}</p><b>{escape(words('answer.flag_basis'))}</b>"
        f"<ul>{basis}</ul></div></details></li>"
    )


def _corpus(opened: Opened, words: Wording) -> str:
    """Publishers side by side by how much they sell, then each file's profile."""
    by_file = opened.profiles(words.language)
    publishers = {one.publisher: one for one in by_file.values()}
    most = max((one.flags_per_thousand for one in publishers.values()), default=0.0)
    rows = "".join(_bar(one, most, words) for one in publishers.values())
    sources = "".join(
        f'<li class="source">{profile(document, words, by_file.get(name))}</li>'
        for name, document in opened.documents.items()
    )
    return (
        f"<h3>{escape(words('about.corpus_head'))}</h3>"
        f"<p>{escape(words('about.corpus'))}</p>"
        f'<table class="bars"><caption>{escape(words("profile.per_thousand"))}</caption>'
        f'<tbody>{rows}</tbody></table><ul class="sources">{sources}</ul>'
    )


def _bar(one: SourceProfile, most: float, words: Wording) -> str:
    width = round(_LONGEST * one.flags_per_thousand / most) if most else 0
    kind = words.name("kinds", one.kind)
    return (
        f'<tr><th scope="row">{escape(one.publisher)} <span class="badge">{escape(kind)}</span>'
        f'</th><td><span class="bar" style="width:{width}%"></span>'
        f"<span>{words.number(one.flags_per_thousand)}</span></td></tr>"
    )


def _section(words: Wording, name: str) -> str:
    head, text = words(f"about.{name}_head"), words(f"about.{name}")
    return f"<h3>{escape(head)}</h3><p>{escape(text)}</p>"
