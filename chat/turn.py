"""One question and its answer as HTML: the quote large, where it stands, who says it, the flags.

The frame is in the answer's language, quotes stay in their own (``lang`` says which). Every text
that is not ours is escaped, here or in ``chat.marking``.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from html import escape

from chat import citing
from chat.marking import Marks, blocks, inline, note_letters, severity, severity_rank
from chat.wording import Wording, wording
from corpus.model import Block, Cell, Document, Kind, Source
from qa.answer import Answer, CitedPassage, Flag, Group, Outcome, Quote

_UNFOLDED = 3  # passages shown before the fold, unless a later one is quoted
_SURE, _LIKELY = 0.75, 0.45
_SIGNS = {"high": "▲", "medium": "◆", "low": "●"}

Documents = Mapping[str, Document]


def render_turn(answer: Answer, documents: Documents, turn: str, *, feedback: bool = False) -> str:
    """The turn as one ``<article>``; ``turn`` is an id of letters and digits."""
    words = wording(answer.language)
    body = {
        Outcome.ANSWERED: _answered,
        Outcome.NOT_IN_SOURCES: _silent,
        Outcome.SEE_A_PROFESSIONAL: _medical,
    }[answer.outcome](answer, documents, words, turn)
    kept = _keep(answer, documents, words, feedback=feedback)
    data = escape(json.dumps(answer.to_dict(), ensure_ascii=False))
    return (
        f'<article class="turn o-{answer.outcome.value.replace("_", "-")}" id="turn-{turn}"'
        f' lang="{words.language}" aria-labelledby="asked-{turn}" tabindex="-1"'
        f' data-answer="{data}">'
        f"{_asked(answer, words, turn)}"
        f'<div class="turn-body">{body}</div>{kept}</article>'
    )


def _asked(answer: Answer, words: Wording, turn: str) -> str:
    read_as = ""
    if answer.standalone_question.strip() not in ("", answer.question.strip()):
        read_as = _p("read-as", words("answer.read_as", question=answer.standalone_question))
    return (
        f'<header><p class="kicker">{escape(words("answer.you_asked"))}</p>'
        f'<h2 class="asked" id="asked-{turn}" dir="auto">{escape(answer.question)}</h2>'
        f"{read_as}</header>"
    )


def _answered(answer: Answer, documents: Documents, words: Wording, turn: str) -> str:
    if answer.agreement.conflict and answer.agreement.groups:
        main = _conflict(answer.agreement.groups, answer, documents, words, turn)
    else:
        main = _quotes(answer, documents, words, turn)
    translated = words("answer.translated")
    note = _p("aside-note", translated) if translated else ""
    return (
        f'<section class="answer">{main}{_standing(answer, documents, words)}{note}</section>'
        f"{_passages(answer, documents, words, turn)}"
    )


def _silent(answer: Answer, documents: Documents, words: Wording, turn: str) -> str:
    fold = ""
    if answer.passages:
        summary = escape(words("answer.nearest", count=len(answer.passages)))
        fold = (
            f'<details class="nearest"><summary>{summary}</summary>'
            f"{_p('aside-note', words('answer.nearest_note'))}"
            f"{_passage_list(answer.passages, answer, documents, words, turn)}</details>"
        )
    return (
        f'<section class="answer silence"><h3>{escape(words("answer.not_in_sources"))}</h3>'
        f"{_p('explain', words('answer.not_in_sources_why'))}{fold}</section>"
    )


def _medical(answer: Answer, documents: Documents, words: Wording, turn: str) -> str:
    quotes = ""
    if answer.answers:
        quotes = "".join(_figure(q, answer, documents, words, turn) for q in answer.answers[:3])
        quotes = f"<h4>{escape(words('answer.general'))}</h4>{quotes}"
    return (
        f'<section class="answer medical"><h3>{escape(words("answer.see_a_professional"))}</h3>'
        f"{_p('explain', words('answer.see_a_professional_why'))}{quotes}</section>"
        f"{_passages(answer, documents, words, turn)}"
    )


def _quotes(answer: Answer, documents: Documents, words: Wording, turn: str) -> str:
    first, *rest = answer.answers
    home = passage_of(first, answer)
    items = [q for q in answer.answers if home is not None and passage_of(q, answer) is home]
    if len(items) > 1:
        main = _list_answer(items, answer, documents, words, turn)
        rest = [q for q in rest if q not in items]
    else:
        main = _figure(first, answer, documents, words, turn, big=True)
    if not rest:
        return main
    also = "".join(_figure(q, answer, documents, words, turn) for q in rest)
    return f"{main}<h4>{escape(words('answer.more_answers'))}</h4>{also}"


def _list_answer(
    items: Sequence[Quote], answer: Answer, documents: Documents, words: Wording, turn: str
) -> str:
    document = documents[items[0].source]
    cues = _cues(passage_of(items[0], answer))
    lines = "".join(f"<li>{_sentence(q, document, [q], cues)}</li>" for q in items)
    head = escape(words("answer.answers_list", count=len(items))) + _lead_in(items[0], document)
    caption = _caption(items[0], answer, document, words, turn)
    return (
        f'<figure class="said big list"><p class="list-head">{head}</p>'
        f'<ul lang="{_language(document.source)}">{lines}</ul>{caption}</figure>'
    )


def _figure(
    quote: Quote,
    answer: Answer,
    documents: Documents,
    words: Wording,
    turn: str,
    *,
    big: bool = False,
) -> str:
    document = documents[quote.source]
    sentence = _sentence(quote, document, [quote], _cues(passage_of(quote, answer)))
    size = "said big" if big else "said"
    return (
        f'<figure class="{size}"><blockquote lang="{_language(document.source)}" dir="auto">'
        f"{_lead_in(quote, document)}{sentence}</blockquote>"
        f"{_caption(quote, answer, document, words, turn)}</figure>"
    )


def _conflict(
    groups: Sequence[Group], answer: Answer, documents: Documents, words: Wording, turn: str
) -> str:
    columns = "".join(
        f'<section class="side"><h4>{escape(", ".join(g.publishers))} '
        f"<span>{escape(words('answer.says' if len(g.publishers) == 1 else 'answer.say'))}</span> "
        f'<strong class="value">{escape(g.value)}</strong></h4>'
        f"{''.join(_figure(q, answer, documents, words, turn) for q in g.quotes)}</section>"
        for g in groups
    )
    head = escape(words("answer.disagree"))
    return f'<h3 class="disagree">{head}</h3><div class="sides">{columns}</div>'


def _sentence(
    quote: Quote, document: Document, quotes: Sequence[Quote], cues: Sequence[Flag]
) -> str:
    """The sentence (or list, or row) around the quote, the quote marked and ``cues`` underlined."""
    start = min(quote.sentence.start, quote.start)
    end = max(quote.sentence.end, quote.end)
    marks = Marks([(q.start, q.end) for q in quotes], cues)
    several = sum(b.start < end and b.end > start for b in document.blocks) > 1
    return (blocks if several else inline)(document, start, end, marks)


def _cues(passage: CitedPassage | None) -> list[Flag]:
    """The passage's flags on the words that set them off alone: large type bears no more lines."""
    flags = passage.flags if passage is not None else ()
    return [replace(flag, start=flag.cue_start, end=flag.cue_end) for flag in flags]


def _lead_in(quote: Quote, document: Document) -> str:
    """The line that a list item or table row hangs under, without which it says little."""
    block = next((b for b in document.blocks if b.start <= quote.start < b.end), None)
    if block is None:
        return ""
    columns = [document.text[c.start : c.end] for c in _header_cells(block, document)]
    lead = document.blocks[block.lead] if block.lead is not None else None
    parts = [] if lead is None or lead.cells else [document.text[lead.start : lead.end]]
    if any(columns):
        parts.append(" │ ".join(columns))
    return "".join(f'<span class="lead-in">{escape(" ".join(p.split()))}</span>' for p in parts)


def _header_cells(block: Block, document: Document) -> Sequence[Cell]:
    """The header row above a table row."""
    if block.kind is not Kind.TABLE_ROW:
        return ()
    above = [b for b in document.blocks if b.end <= block.start]
    for other in reversed(above):
        if other.kind is Kind.TABLE_HEADER:
            return other.cells
        if other.kind is not Kind.TABLE_ROW:
            return ()
    return ()


def _caption(quote: Quote, answer: Answer, document: Document, words: Wording, turn: str) -> str:
    passage = passage_of(quote, answer)
    where = ""
    link = ""
    if passage is not None:
        where = section_path(passage.article, passage.section)
        label = escape(words("answer.show_passage", rank=passage.rank))
        link = (
            f' <a class="ref" href="#turn-{turn}-p{passage.rank}" data-do="passage"'
            f' aria-label="{label}">[{passage.rank}]</a>'
        )
    return (
        f"<figcaption>{publisher(document.source, words)}{link}"
        f'<span class="where" lang="{_language(document.source)}">{escape(where)}</span>'
        f"{_open_button(quote.source, quote.start, quote.end, words('answer.open_article'))}"
        f"</figcaption>"
    )


def _standing(answer: Answer, documents: Documents, words: Wording) -> str:
    """What a reader should know before believing it: how many say it, who earns, which signals."""
    lines = [_voices(answer, words)]
    quotes = [*answer.answers, *(q for group in answer.agreement.groups for q in group.quotes)]
    sellers = {documents[q.source].source.publisher: documents[q.source].source for q in quotes}
    lines += [
        words("answer.interest_seller", publisher=name, things=words.listing(source.sells))
        for name, source in sellers.items()
        if source.sells
    ]
    quoted = {p.rank: p for p in (passage_of(quote, answer) for quote in quotes) if p is not None}
    lines += [_signals(quoted[rank], words) for rank in sorted(quoted)]
    sure = answer.confidence
    level = "sure" if sure >= _SURE else "likely" if sure >= _LIKELY else "unsure"
    lines.append(words(f"answer.{level}"))
    return f'<ul class="standing">{"".join(f"<li>{escape(line)}</li>" for line in lines)}</ul>'


def _voices(answer: Answer, words: Wording) -> str:
    count = answer.agreement.publishers
    if answer.agreement.conflict:
        differing = len(answer.agreement.groups)
        return words("answer.disagree_count", count=count, answers=differing)
    if count > 1:
        return words("answer.many_publishers", count=count)
    return words("answer.one_publisher")


def _signals(passage: CitedPassage, words: Wording) -> str:
    flags, rank = passage.flags, passage.rank
    if not flags:
        return words("answer.signals_none", rank=rank)
    labels = ", ".join(dict.fromkeys(f.label[:1].lower() + f.label[1:] for f in flags))
    key = "answer.signals_one" if len(flags) == 1 else "answer.signals_many"
    return words(key, count=len(flags), labels=labels, rank=rank)


def _passages(answer: Answer, documents: Documents, words: Wording, turn: str) -> str:
    if not answer.passages:
        return ""
    general = answer.outcome is Outcome.SEE_A_PROFESSIONAL
    head = escape(words("answer.general" if general else "answer.sources"))
    quoted = [p.rank for p in map(lambda q: passage_of(q, answer), answer.answers) if p]
    shown = max([_UNFOLDED, *quoted])
    first, rest = answer.passages[:shown], answer.passages[shown:]
    fold = ""
    if rest:
        label = escape(words("answer.more_passages", count=len(rest)))
        fold = (
            f'<details class="more"><summary>{label}</summary>'
            f"{_passage_list(rest, answer, documents, words, turn)}</details>"
        )
    return (
        f'<section class="look-up" aria-labelledby="sources-{turn}">'
        f'<h3 id="sources-{turn}">{head}</h3>'
        f"{_passage_list(first, answer, documents, words, turn)}{fold}</section>"
    )


def _passage_list(
    passages: Sequence[CitedPassage],
    answer: Answer,
    documents: Documents,
    words: Wording,
    turn: str,
) -> str:
    items = "".join(_passage(p, answer, documents, words, turn) for p in passages)
    return f'<ol class="passages" start="{passages[0].rank}">{items}</ol>'


def _passage(
    passage: CitedPassage, answer: Answer, documents: Documents, words: Wording, turn: str
) -> str:
    document = documents[passage.source]
    quotes = [
        (q.start, q.end)
        for q in [*answer.answers, *(q for g in answer.agreement.groups for q in g.quotes)]
        if q.source == passage.source
    ]
    inside = [(a, b) for a, b in quotes if a < passage.end and b > passage.start]
    marks = Marks(inside, passage.flags, note_letters(passage.flags))
    start, end = inside[0] if inside else (passage.start, passage.end)
    label = words("answer.open_article_of", rank=passage.rank, publisher=passage.publisher)
    return (
        f'<li class="passage" id="turn-{turn}-p{passage.rank}" tabindex="-1">'
        f'<p class="who"><span class="rank" aria-hidden="true">{passage.rank}</span>'
        f"{publisher(document.source, words)}</p>"
        f'<p class="where" lang="{_language(document.source)}">'
        f"{escape(section_path(passage.article, passage.section))}</p>"
        f'<div class="excerpt" lang="{_language(document.source)}" dir="auto">'
        f"{blocks(document, passage.start, passage.end, marks)}</div>"
        f"{_also(len(passage.also), words)}{chips(passage.flags, document, words)}"
        f"{_open_button(passage.source, start, end, words('answer.open_article'), label)}</li>"
    )


def _also(count: int, words: Wording) -> str:
    if not count:
        return ""
    key = "answer.also_one" if count == 1 else "answer.also_many"
    return _p("aside-note", words(key, count=count))


def chips(flags: Sequence[Flag], document: Document, words: Wording) -> str:
    """One chip a type of flag: its note letter, label and severity; open, why and on what basis."""
    letters = note_letters(flags)
    items = []
    for kind, letter in letters.items():
        same = [f for f in flags if f.type == kind]
        worst = max(same, key=lambda f: severity_rank(f.severity))
        level = severity(worst.severity)
        cues = dict.fromkeys(inline(document, f.cue_start, f.cue_end, Marks()) for f in same)
        found = "; ".join(f"“{' '.join(cue.split())}”" for cue in cues if cue.strip())
        basis = "".join(f"<li>{escape(b)}</li>" for b in worst.basis)
        notes = "".join(_p("flag-note", n) for n in dict.fromkeys(f.note for f in same) if n)
        times = f" ×{len(same)}" if len(same) > 1 else ""
        items.append(
            f'<li><details class="chip sev-{level}"><summary><b class="letter">{letter}</b>'
            f'<span class="sign" aria-hidden="true">{_SIGNS[level]}</span>'
            f"{escape(worst.label)}{times}"
            f' <span class="level">{escape(words(f"answer.severity_{level}"))}</span></summary>'
            f'<div class="chip-body"><p>{escape(worst.why)}</p>{notes}'
            f"{_term(words('answer.flag_found'), found) if found else ''}"
            f"{_term(words('answer.flag_basis'), f'<ul>{basis}</ul>') if basis else ''}"
            f"</div></details></li>"
        )
    return f'<ul class="chips">{"".join(items)}</ul>' if items else ""


def publisher(source: Source, words: Wording) -> str:
    """Who speaks: the name, a plain badge, and what they sell."""
    kind = words.name("kinds", source.publisher_kind)
    if source.sells:
        sells = words("answer.sells", things=words.listing(source.sells))
    elif source.publisher_kind in ("foundation", "public_body"):
        sells = words("answer.sells_nothing")
    else:
        sells = words("answer.sells_unknown")
    css = "sells" if source.sells else "plain"
    return (
        f'<span class="publisher" dir="auto">{escape(source.publisher or source.file)}</span> '
        f'<span class="badge {css}">{escape(kind)}</span> '
        f'<span class="sells">{escape(sells)}</span>'
    )


def section_path(article: str, section: Sequence[str]) -> str:
    """Article and section as one line, without saying a title twice."""
    parts = [article, *section]
    return " › ".join(dict.fromkeys(" ".join(p.split()) for p in parts if p.strip()))


def passage_of(quote: Quote, answer: Answer) -> CitedPassage | None:
    """The passage that a quote stands in: the one that holds it whole, else one that touches it."""
    same = [p for p in answer.passages if p.source == quote.source]
    for passage in same:
        if passage.start <= quote.start and quote.end <= passage.end:
            return passage
    return next((p for p in same if p.start < quote.end and p.end > quote.start), None)


def _open_button(source: str, start: int, end: int, text: str, label: str = "") -> str:
    aria = f' aria-label="{escape(label)}"' if label else ""
    return (
        f'<button type="button" class="open" data-do="open" data-source="{escape(source)}"'
        f' data-start="{start}" data-end="{end}"{aria}>{escape(text)}</button>'
    )


def _keep(answer: Answer, documents: Documents, words: Wording, *, feedback: bool) -> str:
    copies = {"text": citing.as_text(answer, documents, words)}
    copies["markdown"] = citing.as_markdown(answer, documents, words)
    if answer.answers:
        copies["bibtex"] = citing.as_bibtex(answer, documents)
    buttons = "".join(
        f'<button type="button" data-do="copy" data-kind="{kind}" data-copy="{escape(text)}">'
        f"{escape(words(f'answer.copy_{kind}'))}</button>"
        for kind, text in copies.items()
    )
    link = '<button type="button" data-do="link">' + escape(words("answer.copy_link")) + "</button>"
    verdict = ""
    if feedback:
        verdict = (
            f'<span class="verdict"><span>{escape(words("answer.good"))}</span>'
            f'<button type="button" data-do="verdict" data-good="yes">'
            f"{escape(words('answer.yes'))}</button>"
            f'<button type="button" data-do="verdict" data-good="no">'
            f"{escape(words('answer.no'))}</button></span>"
        )
    total = answer.timings_ms.get("total")
    timing = ""
    if total is not None:
        timing = _span("timing", words("answer.timing", seconds=f"{total / 1000:.2f}"))
    return (
        f'<footer class="keep"><details><summary>{escape(words("answer.keep"))}</summary>'
        f'<div class="keep-buttons">{buttons}{link}</div></details>{verdict}{timing}</footer>'
    )


def _term(name: str, html: str) -> str:
    return f'<div class="term"><b>{escape(name)}</b> {html}</div>'


def _p(css: str, text: str) -> str:
    return f'<p class="{css}">{escape(text)}</p>'


def _span(css: str, text: str) -> str:
    return f'<span class="{css}">{escape(text)}</span>'


def _language(source: Source) -> str:
    return "en" if source.language == "en" else "nl"
