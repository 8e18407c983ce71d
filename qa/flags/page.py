"""An article with its flags marked: safe HTML, for a page that prints and for the web chat.

Nothing of a text reaches the HTML unescaped, and offsets decide where a mark begins and ends, so a
sentence that occurs twice is marked where it stands.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from html import escape
from itertools import pairwise
from pathlib import Path
from string import Template

from corpus.model import Document
from qa.answer import Flag
from qa.flags.lexicon import flag_texts, notes
from qa.flags.publisher_marks import MarkedClaim

_DATA = Path(__file__).parent / "data"
_RANK = {"high": 0, "medium": 1, "low": 2}


def mark_up(
    text: str,
    flags: Iterable[Flag],
    quote: tuple[int, int] | None = None,
    offset: int = 0,
    chips: bool = False,
) -> str:
    """``text`` as safe HTML with its flags and, if given, a quote marked.

    ``flags`` and ``quote`` have offsets into the source, in which ``text`` begins at ``offset``;
    what lies outside ``text`` is cut off. Every stretch becomes one ``span``: class ``flagged``
    in a flagged sentence, ``cue`` in its cue, ``quote`` in the quote, with ``sev-high``,
    ``sev-medium`` or ``sev-low`` for the gravest flag there and labels in ``title``. With
    ``chips`` the labels also stand behind each flagged sentence, for paper. Line breaks stay as
    they are (show with ``white-space: pre-wrap``).
    """
    here = [flag for flag in flags if _inside((flag.start, flag.end), offset, len(text))]
    quoted = _clip(quote, offset, len(text)) if quote is not None else None
    edges = {0, len(text)}
    for flag in here:
        edges.update(_clip((flag.start, flag.end), offset, len(text)))
        edges.update(_clip((flag.cue_start, flag.cue_end), offset, len(text)))
    if quoted is not None:
        edges.update(quoted)
    opening, closing = _by_edge(here, offset, len(text))
    running: dict[int, Flag] = {}
    parts = []
    for begin, end in pairwise(sorted(edges)):
        for number in closing.get(begin, ()):
            running.pop(number)
        running.update(opening.get(begin, {}))
        parts.append(_stretch(text[begin:end], begin + offset, [*running.values()], quoted, begin))
        if chips:
            parts.append(_chips([flag for flag in running.values() if flag.end - offset == end]))
    return "".join(parts)


def _inside(span: tuple[int, int], offset: int, length: int) -> bool:
    begin, end = _clip(span, offset, length)
    return begin < end


def _clip(span: tuple[int, int], offset: int, length: int) -> tuple[int, int]:
    return min(max(span[0] - offset, 0), length), min(max(span[1] - offset, 0), length)


def _by_edge(
    flags: Sequence[Flag], offset: int, length: int
) -> tuple[dict[int, dict[int, Flag]], dict[int, list[int]]]:
    """The flags that open and the numbers of those that close, by place in the text."""
    opening: dict[int, dict[int, Flag]] = {}
    closing: dict[int, list[int]] = {}
    for number, flag in enumerate(flags):
        begin, end = _clip((flag.start, flag.end), offset, length)
        opening.setdefault(begin, {})[number] = flag
        closing.setdefault(end, []).append(number)
    return opening, closing


def _stretch(
    piece: str, place: int, flags: list[Flag], quoted: tuple[int, int] | None, begin: int
) -> str:
    classes = []
    if quoted is not None and quoted[0] <= begin < quoted[1]:
        classes.append("quote")
    cues = [flag for flag in flags if flag.cue_start <= place < flag.cue_end]
    shown = sorted(cues or flags, key=lambda flag: _RANK[flag.severity])
    if shown:
        classes += ["cue" if cues else "flagged", f"sev-{shown[0].severity}"]
    if not classes:
        return escape(piece)
    title = "; ".join(dict.fromkeys(flag.label for flag in shown))
    titled = f' title="{escape(title, quote=True)}"' if title else ""
    return f'<span class="{" ".join(classes)}"{titled}>{escape(piece)}</span>'


def _chips(flags: list[Flag]) -> str:
    ordered = sorted(flags, key=lambda flag: _RANK[flag.severity])
    return "".join(
        f' <span class="chip sev-{flag.severity}">{escape(flag.label)}</span>' for flag in ordered
    )


def article_page(
    document: Document,
    flags: Sequence[Flag],
    language: str,
    marked: Sequence[MarkedClaim] = (),
) -> str:
    """A self-contained, printable HTML page: the article with its flags, and what they mean."""
    words = notes()["page"]
    source = document.source
    title = source.title or document.name or words[f"untitled_{language}"]
    publisher = source.publisher or words[f"unknown_{language}"]
    return Template((_DATA / "page.html").read_text(encoding="utf-8")).substitute(
        language=language,
        style=(_DATA / "page.css").read_text(encoding="utf-8"),
        title=escape(title),
        publisher=escape(publisher),
        introduction=escape(words[f"introduction_{language}"]),
        legend_title=escape(words[f"legend_{language}"]),
        legend=_legend(flags, language),
        body=mark_up(document.text, flags, chips=True),
        findings_title=escape(words[f"findings_{language}"]),
        findings=_findings(document, flags, marked),
    )


def _legend(flags: Sequence[Flag], language: str) -> str:
    """One row a kind of flag that occurs: how often, what it means, what it is measured by."""
    counts = Counter(flag.type for flag in flags)
    first = {flag.type: flag for flag in reversed(flags)}
    rows = []
    for kind in flag_texts():
        if kind not in counts:
            continue
        flag = first[kind]
        basis = escape("; ".join(flag.basis))
        rows.append(
            f'<tr><td><span class="chip sev-{flag.severity}">{escape(flag.label)}</span></td>'
            f"<td>{counts[kind]}</td><td>{escape(flag.why)}<br><small>{basis}</small></td></tr>"
        )
    return "\n".join(rows)


def _findings(document: Document, flags: Sequence[Flag], marked: Sequence[MarkedClaim]) -> str:
    """The notes on single sentences, in order of place."""
    found = [(f.start, document.text[f.start : f.end], f.note) for f in flags if f.note]
    found += [(m.start, document.text[m.start : m.end], m.note) for m in marked]
    return "\n".join(
        f"<li><q>{escape(' '.join(sentence.split()))}</q> {escape(note)}</li>"
        for _, sentence, note in sorted(found)
    )
