"""Marked text: safe, whole, and marked where it stands."""

from __future__ import annotations

import re
from html import unescape

from hypothesis import given, settings
from hypothesis import strategies as st

import corpus
from qa.answer import Flag
from qa.flags import find_in, marked_claims
from qa.flags.find import document_of
from qa.flags.page import article_page, mark_up


def flag(start: int, end: int, cue_start: int, cue_end: int, severity: str = "low") -> Flag:
    return Flag(
        "persuasive_language", start, end, cue_start, cue_end, severity, '<L">', "why", ("b",)
    )


def plain(html: str) -> str:
    return unescape(re.sub(r"<[^>]*>", "", html))


@given(
    st.text(alphabet="ab <>&\"'\n", max_size=40),
    st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50), st.integers(0, 50)), max_size=5),
    st.integers(0, 20),
)
@settings(max_examples=200)
def test_the_text_comes_back_whole(
    text: str, places: list[tuple[int, int, int]], offset: int
) -> None:
    flags = [flag(min(p), max(p), sorted(p)[0], sorted(p)[1]) for p in places]
    html = mark_up(text, flags, quote=(offset + 1, offset + 5), offset=offset)
    assert plain(html) == text
    assert html.count("<span") == html.count("</span>")


def test_nothing_reaches_the_page_unescaped() -> None:
    text = "<script>alert(1)</script> Magnesium verbetert de slaap & <b>meer</b>."
    document = document_of(text)
    html = article_page(document, find_in(document), "nl")
    assert "<script" not in html
    assert "<b>" not in html
    assert "&lt;script&gt;" in html


def test_labels_are_escaped_in_attributes() -> None:
    assert 'title="&lt;L&quot;&gt;"' in mark_up("abc", [flag(0, 3, 0, 1)])


def test_the_gravest_flag_and_the_cue_decide() -> None:
    flags = [flag(0, 6, 0, 2), flag(0, 6, 4, 6, "high")]
    html = mark_up("abcdef", flags, quote=(1, 3))
    assert re.findall(r'class="([^"]+)"', html) == [
        "cue sev-low",
        "quote cue sev-low",
        "quote flagged sev-high",
        "flagged sev-high",
        "cue sev-high",
    ]


def test_a_passage_is_marked_by_the_sources_offsets() -> None:
    html = mark_up("cdef", [flag(0, 4, 2, 3)], quote=(5, 9), offset=2)
    assert html.startswith('<span class="cue sev-low"')
    assert '<span class="quote">f</span>' in html


def test_chips_stand_behind_the_sentence() -> None:
    html = mark_up("ab cd", [flag(0, 2, 0, 1)], chips=True)
    assert html.index("chip") < html.index(" cd")


def test_the_page_of_an_article_is_self_contained() -> None:
    document = next(d for d in corpus.load() if d.source.publisher_kind == "brand")
    marked = marked_claims(document, "en")
    html = article_page(document, find_in(document, "en"), "en", marked)
    assert not re.search(r"""(?:src|href)\s*=|url\(|@import""", html)
    assert '<html lang="en">' in html
    assert html.count("not evaluated by the US regulator") == len(marked)
