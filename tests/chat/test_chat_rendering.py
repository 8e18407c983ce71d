"""What is rendered: marks by offset, texts in both languages, citations that can be pasted."""

from __future__ import annotations

import html
import json
import re
import string
from dataclasses import replace
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from chat.article import render_article
from chat.citing import as_bibtex, as_markdown, as_text
from chat.marking import Marks, blocks, inline, note_letters
from chat.page import ASSETS
from chat.turn import chips, passage_of, render_turn, section_path
from chat.wording import wording
from corpus.model import Article, Block, Cell, Document, Kind
from qa.answer import Agreement, Answer, Flag, Group, Outcome, Quote, SentenceSpan
from tests.chat.fakes import FakeAssistant, document

TEXT = (
    "Kop van het stuk\n\nMagnesium helpt. Magnesium helpt. Koop <b>nu</b> & meer.\n\nSlaap goed.\n"
)


def _flag(kind: str, start: int, end: int, severity: str = "low") -> Flag:
    return Flag(kind, start, end, start, end, severity, kind, "waarom", ("regel",))


def _text_of(markup: str) -> str:
    return html.unescape(re.sub(r"<[^>]*>", "", markup))


def _marked(markup: str) -> str:
    return "".join(_text_of(part) for part in re.findall(r"<mark[^>]*>(.*?)</mark>", markup, re.S))


spans = st.tuples(st.integers(0, len(TEXT)), st.integers(0, len(TEXT))).map(sorted)


@given(spans, spans, st.lists(spans, max_size=5))
def test_marks_add_and_lose_no_character(
    part: list[int], quote: list[int], flagged: list[list[int]]
) -> None:
    doc = document("a.txt", TEXT)
    flags = [_flag(f"k{n}", *span) for n, span in enumerate(flagged)]
    marks = Marks([(quote[0], quote[1])], flags, note_letters(flags))
    shown = inline(doc, part[0], part[1], marks)
    assert _text_of(shown) == TEXT[part[0] : part[1]]
    expected = TEXT[max(part[0], quote[0]) : min(part[1], quote[1])] if quote[0] < quote[1] else ""
    assert _marked(shown) == expected
    assert shown.count("<mark") == (1 if expected else 0)


def test_a_sentence_that_occurs_twice_is_marked_where_it_was_quoted() -> None:
    doc = document("a.txt", TEXT)
    second = TEXT.index("Magnesium helpt.", TEXT.index("Magnesium helpt.") + 1)
    shown = blocks(doc, 0, len(TEXT), Marks([(second, second + 16)]))
    before = shown[: shown.index("<mark")]
    assert _text_of(before).endswith("Magnesium helpt. ")


def test_fused_cells_are_shown_apart_without_a_character_more() -> None:
    text = "MetformineRenale verliezen"
    row = Block(Kind.TABLE_ROW, 0, len(text), cells=(Cell(0, 10), Cell(10, len(text))))
    doc = replace(document("a.txt", text), blocks=(row,))
    shown = blocks(doc, 0, len(text), Marks([(10, len(text))]))
    assert '<i class="gap"></i><mark class="quote">Renale verliezen</mark>' in shown
    assert _text_of(shown) == text


def test_underlines_show_the_worst_severity_and_every_kind_has_its_letter() -> None:
    doc = document("a.txt", TEXT)
    flags = [_flag("b", 20, 40, "low"), _flag("a", 25, 30, "high")]
    shown = inline(doc, 18, 50, Marks((), flags, note_letters(flags)))
    assert 'class="flag cue sev-high"' in shown and 'class="flag cue sev-low"' in shown
    assert note_letters(flags) == {"b": "a", "a": "b"}
    assert shown.count('class="note"') == 2


def test_the_words_that_set_a_flag_off_bear_the_line_of_that_flag() -> None:
    doc = document("a.txt", TEXT)
    mild = replace(_flag("b", 20, 40, "low"), cue_start=30, cue_end=35)
    heavy = replace(_flag("a", 18, 50, "high"), cue_start=18, cue_end=20)
    shown = inline(doc, 18, 50, Marks((), [mild, heavy]))
    assert f'<span class="flag cue sev-low">{TEXT[30:35]}</span>' in shown
    assert f'<span class="flag sev-high">{TEXT[20:30]}</span>' in shown


def _answered(**changes: object) -> tuple[Answer, dict[str, Document]]:
    docs = [document("a.txt", TEXT, title="Stuk", publisher="Winkel & <Co>")]
    answer = FakeAssistant(docs).ask("magnesium slaap")
    return replace(answer, **changes), {d.name: d for d in docs}  # type: ignore[arg-type]


def test_a_turn_shows_quote_publisher_what_it_sells_and_signals() -> None:
    answer, docs = _answered()
    shown = _text_of(render_turn(answer, docs, "1a"))
    for words in ("Winkel & <Co>", "webwinkel", "verkoopt voedingssupplementen", "Eén uitgever"):
        assert words in shown
    assert "heeft dus belang bij wat hier staat" in shown
    assert "1 marketingsignaal: merkpromotie Magnesium" in shown  # names keep their capitals


def test_the_answer_itself_shows_the_words_that_set_its_flags_off() -> None:
    answer, docs = _answered()
    quote = answer.answers[0]
    said = render_turn(answer, docs, "1a").split("<blockquote")[1].split("</blockquote>")[0]
    assert '<span class="flag cue sev-high">Magnesium he</span>' in said
    assert said.count('class="flag') == 1 and "note" not in said
    assert _marked(said) == quote.quote


def test_words_found_in_fused_cells_are_shown_apart() -> None:
    text = "HartritmeStabilisatie"
    row = Block(Kind.TABLE_ROW, 0, len(text), cells=(Cell(0, 9), Cell(9, len(text))))
    doc = replace(document("a.txt", text), blocks=(row,))
    shown = chips([_flag("a", 0, len(text))], doc, wording("nl"))
    assert 'Hartritme<i class="gap"></i>Stabilisatie' in shown


def test_numbers_never_skip_and_point_at_the_passage_of_the_quote() -> None:
    answer, docs = _answered()
    shown = render_turn(answer, docs, "1a")
    ranks = [int(n) for n in re.findall(r'id="turn-1a-p(\d+)"', shown)]
    assert ranks == list(range(1, len(answer.passages) + 1))
    for quote in answer.answers:
        passage = passage_of(quote, answer)
        assert passage is not None
        assert passage.start <= quote.start and quote.end <= passage.end


def test_the_frame_follows_the_question_and_the_quote_stays_dutch() -> None:
    answer, docs = _answered(language="en")
    shown = render_turn(answer, docs, "1a")
    assert "You asked" in shown and "Read in the article" in shown
    assert '<blockquote lang="nl"' in shown
    assert "the quote is shown as it stands" in shown


def test_silence_offers_the_nearest_passages_under_a_fold() -> None:
    answer, docs = _answered(outcome=Outcome.NOT_IN_SOURCES, answers=())
    shown = render_turn(answer, docs, "1a")
    assert "Dit staat niet in de artikelen" in shown
    assert '<details class="nearest">' in shown and "<blockquote" not in shown


def test_a_medical_question_is_referred_before_anything_is_quoted() -> None:
    answer, docs = _answered(outcome=Outcome.SEE_A_PROFESSIONAL)
    shown = render_turn(answer, docs, "1a")
    assert shown.index("arts of apotheker") < shown.index("<blockquote")


def test_publishers_that_differ_stand_in_columns_with_who_says_what() -> None:
    answer, docs = _answered()
    quote = answer.answers[0]
    groups = (Group("300", ("Winkel",), (quote,)), Group("600", ("Merk",), (quote,)))
    shown = render_turn(replace(answer, agreement=Agreement(2, True, groups)), docs, "1a")
    assert shown.count('<section class="side">') == 2
    assert "De uitgevers zijn het niet eens" in shown
    assert re.search(r"Winkel.*300.*Merk.*600", _text_of(shown), re.S)


def test_several_quotes_from_one_passage_are_a_list() -> None:
    answer, docs = _answered()
    first = answer.answers[0]
    halves = tuple(
        Quote(TEXT[a:b], "a.txt", a, b, SentenceSpan(a, b), 0.9)
        for a, b in [(first.start, first.start + 16), (first.start + 17, first.start + 33)]
    )
    shown = render_turn(replace(answer, answers=halves), docs, "1a")
    assert "2 antwoorden uit één artikel" in shown
    assert shown.count("<li><mark") == 2


def test_the_turn_carries_the_json_contract() -> None:
    answer, docs = _answered()
    found = re.search(r'data-answer="([^"]*)"', render_turn(answer, docs, "1a"))
    assert found is not None
    assert json.loads(html.unescape(found[1])) == json.loads(json.dumps(answer.to_dict()))


def test_citations_hold_the_sentence_the_publisher_and_the_offsets() -> None:
    answer, docs = _answered()
    quote = answer.answers[0]
    text = as_text(answer, docs, wording("nl"))
    assert f"[{quote.start}:{quote.end}]" in text
    assert "Winkel & <Co> (webwinkel; verkoopt voedingssupplementen)" in text
    markdown = as_markdown(answer, docs, wording("nl"))
    assert r"\<b\>nu\</b\>" in markdown and "## magnesium slaap" in markdown
    bibtex = as_bibtex(answer, docs)
    assert bibtex.startswith("@online{a,") and r"Winkel \& <Co>" in bibtex


def test_bibtex_keeps_an_address_as_it_is() -> None:
    answer, docs = _answered()
    source = replace(docs["a.txt"].source, url="https://example.org/a_b?c=1&d=%20#x")
    docs = {"a.txt": replace(docs["a.txt"], source=source)}
    assert "url = {https://example.org/a_b?c=1&d=%20#x}" in as_bibtex(answer, docs)


def test_the_article_view_shows_who_speaks_and_only_the_article_of_the_quote() -> None:
    text = "Eerste stuk\n\nTekst een.\n\nTweede stuk\n\nTekst twee.\n"
    cut = text.index("Tweede")
    articles = (Article("Eerste stuk", 0, cut), Article("Tweede stuk", cut, len(text)))
    doc = replace(document("a.txt", text, publisher="Merk"), articles=articles)
    start = text.index("Tekst twee")
    shown = render_article(doc, start, start + 5, [], wording("nl"))
    assert "Een van de 2 artikelen op deze pagina van Merk" in _text_of(shown)
    assert "Tekst een" not in shown and _marked(shown) == "Tekst"


def test_a_section_path_says_no_title_twice() -> None:
    assert section_path("Titel", ("Titel", "  Kop\n een ", "")) == "Titel › Kop een"


def test_whole_numbers_have_the_languages_thousands() -> None:
    assert [wording(w).whole(9960) for w in ("nl", "en")] == ["9.960", "9,960"]


def _keys(value: object, path: str = "") -> set[str]:
    if isinstance(value, dict):
        return {key for name, part in value.items() for key in _keys(part, f"{path}.{name}")}
    if isinstance(value, list):
        return {f"{path}[{len(value)}]"}
    assert isinstance(value, str)
    fields = sorted(name for _, name, _, _ in string.Formatter().parse(value) if name)
    return {f"{path}{fields}"}


def test_both_languages_have_the_same_texts_with_the_same_places_to_fill() -> None:
    assert _keys(wording("nl").tables) == _keys(wording("en").tables)


def test_every_text_that_the_script_and_the_frame_ask_for_exists() -> None:
    frame = wording("nl").tables["frame"]
    asked = re.findall(r'data-t="(\w+)"', (ASSETS / "frame.html").read_text(encoding="utf-8"))
    asked += re.findall(r"\bt\('(\w+)'\)", (ASSETS / "reader.js").read_text(encoding="utf-8"))
    own = {"thanks", "article_error", "feedback_error", "stage_loading"}
    assert {key for key in asked if key not in own} <= set(frame)


def test_every_text_is_used() -> None:
    """A text that nothing shows is a text that nobody checks."""
    chat = Path(__file__).parents[2] / "chat"
    paths = [*chat.glob("*.py"), *ASSETS.glob("*.js"), *ASSETS.glob("*.html")]
    code = "".join(path.read_text(encoding="utf-8") for path in paths)
    built = ("stage", "kinds", "things", "errors", "examples")  # named by data
    unused = [
        f"{table}.{key}"
        for table, entries in wording("nl").tables.items()
        if table not in built
        for key in entries
        if not re.search(rf"\b{key}\b", code)
        and f"{table}.{key.rsplit('_', 1)[0]}_{{" not in code
        and f"{table}.{{" not in code
    ]
    assert not unused
