"""Blocks of texts that are not ours: other layouts, hostile input, and the promise of cover."""

from __future__ import annotations

import time
from pathlib import Path
from timeit import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

import corpus
from corpus import Block, Document, Kind
from corpus.structure import segment


def read(folder: Path, text: str, name: str = "artikel.txt") -> Document:
    path = folder / name
    path.write_bytes(text.encode())
    return corpus.read(path)


def kinds(document: Document) -> list[tuple[Kind, str]]:
    return [
        (block.kind, document.text[block.start + block.marker : block.end])
        for block in document.blocks
    ]


def assert_covered(text: str, blocks: tuple[Block, ...]) -> None:
    position = 0
    for index, block in enumerate(blocks):
        assert position <= block.start < block.end
        assert not text[position : block.start].strip()
        assert block.lead is None or block.lead < index
        assert 0 <= block.marker <= block.end - block.start
        position = block.end
        for cell in block.cells:
            assert block.start <= cell.start <= cell.end <= block.end
    assert not text[position:].strip()


PIECES = st.sampled_from(
    """Een kop;Wat is zink?;Een zin over zink.;zonder hoofdletter;• punt;  - dieper;1. Eerste
2) twee;VormEigenschap;CitraatGoed;a\tb;| a | b |;|---|---|;V: Wat? A: Dit. V: En?;A: Zo.
Referenties;Trefwoorden:;Disclaimer;Lees ook:;1024 683 Jan Jansen;3 maart 2024;doi:10.1000/x
Vrouw die slaapt;<b>vet</b>;# Kop;***;\ufeff;\u200f• rtl;\x00;\x0c;é\u0301;…;12;©""".replace(
        "\n", ";"
    ).split(";")
)
LAYOUT = st.sampled_from(["\n", "\n\n", "\r\n", "\r", "\u2028", " ", "\n\t", "\n    "])


@given(st.lists(st.tuples(PIECES, LAYOUT), max_size=40))
def test_blocks_cover_any_text_made_of_what_articles_are_made_of(
    parts: list[tuple[str, str]],
) -> None:
    text = "".join(piece + layout for piece, layout in parts)
    articles, blocks = segment(text, title="Titel")
    assert_covered(text, blocks)
    assert articles[0].start == 0
    assert articles[-1].end == len(text)
    for block in blocks:
        assert articles[block.article].start <= block.start
        assert block.end <= articles[block.article].end


@given(st.text(max_size=300))
def test_blocks_cover_any_text_at_all(text: str) -> None:
    assert_covered(text, segment(text)[1])


def test_windows_line_ends_and_a_byte_order_mark_stay_in_the_text(tmp_path: Path) -> None:
    lines = ["\ufeffTitel", "Een zin over zink.", "Goed voor:", "\u200f• de huid\r\n• haar\r\n"]
    text = "\r\n\r\n".join(lines)
    document = read(tmp_path, text)
    assert document.text == text
    assert document.articles[0].title == "Titel"
    assert kinds(document) == [
        (Kind.HEADING, "\ufeffTitel"),
        (Kind.PARAGRAPH, "Een zin over zink."),
        (Kind.PARAGRAPH, "Goed voor:"),
        (Kind.LIST_ITEM, "de huid"),
        (Kind.LIST_ITEM, "haar"),
    ]


def test_an_empty_file_has_one_article_and_no_blocks(tmp_path: Path) -> None:
    document = read(tmp_path, "", "leeg-bestand.txt")
    assert document.blocks == ()
    assert document.articles[0].title == "leeg bestand"


def test_markup_in_a_text_is_text(tmp_path: Path) -> None:
    text = '<script>alert("x")</script>\n\n<p onclick="y()">Zink helpt.</p>'
    assert [block for _, block in kinds(read(tmp_path, text))] == text.split("\n\n")


@pytest.mark.parametrize(
    "text",
    [
        "Zink helpt de weerstand. " * 40_000,
        "x" * 1_000_000,
        "aaaaBbbb" * 125_000,
        "a|" * 500_000,
        "Zink 10 mg. " * 83_000,
    ],
)
def test_a_line_of_a_megabyte_takes_less_than_two_seconds(text: str) -> None:
    segment("Zink\n\nZin.\n")  # the word lists are read once
    began = time.process_time()
    segment(text)
    assert time.process_time() - began < 2.0


@pytest.mark.parametrize(
    "lines",
    [
        "VormEigenschap\nzo\nA B\nJonge vrouw die slaapt.\nV: x\n",
        "Een kop\n\n",
        "  • punt\n",
        "V: Wat? A: Dit. ",
        "Kop\n\nBy Jane Doe\n\n",
        "VormEigenschap\n",
    ],
)
def test_many_lines_take_time_in_proportion(lines: str) -> None:
    def seconds(count: int) -> float:  # timeit keeps the collector of the whole suite's garbage out
        return timeit(lambda: segment(lines * count), timer=time.process_time, number=1)

    seconds(100)
    few, many = seconds(250), seconds(4000)
    assert many < 16 * few * 4 + 0.5  # quadratic time would be 16 times 16


def test_an_english_page_in_markdown(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "# Zinc and you\n\n*By Jane Doe* | Updated March 3, 2024\n\nZinc is a mineral.\n\n"
        "## Dosage\n\n| Age | Dose |\n|---|---|\n| 1-3 | 3 mg |\n| Adults | 8-11 mg |\n\n"
        "## References\n\n1. Smith J. Zinc. Nutrients. 2015;7(9):81-99.\n\n"
        "This content is for informational purposes only.\n\nRead more:",
    )
    assert [kind for kind, _ in kinds(document)] == [
        Kind.HEADING,
        Kind.BYLINE,
        Kind.PARAGRAPH,
        Kind.HEADING,
        Kind.TABLE_HEADER,
        Kind.TABLE_ROW,
        Kind.TABLE_ROW,
        Kind.HEADING,
        Kind.REFERENCE,
        Kind.DISCLAIMER,
        Kind.NAVIGATION,
    ]
    (article,) = document.articles
    assert (article.title, article.author, article.date) == (
        "Zinc and you",
        "Jane Doe",
        "2024-03-03",
    )
    row = document.blocks[6]
    assert [(document.text[c.start : c.end], c.column) for c in row.cells] == [
        ("Adults", "Age"),
        ("8-11 mg", "Dose"),
    ]


def test_a_page_without_white_lines(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "Home\nBlog\nZink: waarom | Winkel\nZink: waarom\n"
        "Gepubliceerd op 3 januari 2024 door Jan Jansen\n"
        "Zink zit in vlees. Ook in noten.\nHoeveel heb je nodig?\nVolwassenen hebben 9 mg nodig.\n"
        "Symptomen van een tekort\nMoeheid\nHaaruitval\nHuidklachten\n"
        "Tags: zink, huid\n© 2024 Winkel",
    )
    assert kinds(document) == [
        (Kind.NAVIGATION, "Home"),
        (Kind.NAVIGATION, "Blog"),
        (Kind.NAVIGATION, "Zink: waarom | Winkel"),
        (Kind.HEADING, "Zink: waarom"),
        (Kind.BYLINE, "Gepubliceerd op 3 januari 2024 door Jan Jansen"),
        (Kind.PARAGRAPH, "Zink zit in vlees. Ook in noten."),
        (Kind.HEADING, "Hoeveel heb je nodig?"),
        (Kind.PARAGRAPH, "Volwassenen hebben 9 mg nodig."),
        (Kind.HEADING, "Symptomen van een tekort"),
        (Kind.LIST_ITEM, "Moeheid"),
        (Kind.LIST_ITEM, "Haaruitval"),
        (Kind.LIST_ITEM, "Huidklachten"),
        (Kind.KEYWORDS, "Tags: zink, huid"),
        (Kind.NAVIGATION, "© 2024 Winkel"),
    ]


def test_paragraphs_wrapped_by_hand_are_whole(tmp_path: Path) -> None:
    wrapped = (
        "Zink is een sporenelement dat het lichaam niet zelf kan maken. Het zit\n"
        "onder andere in vlees, vis en noten. De aanbevolen hoeveelheid is voor\n"
        "mannen 9 mg per dag en voor vrouwen 7 mg per dag. De\n"
        "Gezondheidsraad noemt dit de referentie-inname en herziet die om de\n"
        "zoveel jaar."
    )
    document = read(tmp_path, f"Over zink\n\n{wrapped}\n\nTekort\n{wrapped}")
    assert kinds(document) == [
        (Kind.HEADING, "Over zink"),
        (Kind.PARAGRAPH, wrapped),
        (Kind.HEADING, "Tekort"),
        (Kind.PARAGRAPH, wrapped),
    ]


def test_three_columns_fused_with_amounts_come_apart(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "Zink\n\nEen zin.\n\nVoedingsmiddelZink per 100 gVerpakking\nOesters22,6 mgBlik\n"
        "Rundvlees5,0 mgVers\nKaas (48+)4,0 mgPlak\n",
    )
    rows = [
        [document.text[cell.start : cell.end] for cell in block.cells]
        for block in document.blocks
        if block.cells
    ]
    assert rows == [
        ["Voedingsmiddel", "Zink per 100 g", "Verpakking"],
        ["Oesters", "22,6 mg", "Blik"],
        ["Rundvlees", "5,0 mg", "Vers"],
        ["Kaas (48+)", "4,0 mg", "Plak"],
    ]


def test_amounts_fused_to_words_come_apart(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "Zinc\n\nA sentence.\n\nLife StageRecommended Amount\nBirth to 6 months2 mg\n"
        "Children 4–8 years5 mg\nMen11 mg\nPregnant teens (14+)12–13 mg\n",
    )
    rows = [
        [document.text[cell.start : cell.end] for cell in block.cells]
        for block in document.blocks
        if block.kind is Kind.TABLE_ROW
    ]
    assert rows == [
        ["Birth to 6 months", "2 mg"],
        ["Children 4–8 years", "5 mg"],
        ["Men", "11 mg"],
        ["Pregnant teens (14+)", "12–13 mg"],
    ]


def test_names_with_a_capital_inside_make_no_table(tmp_path: Path) -> None:
    text = "Onze merken\n\nVitaShop levert\nMagTein poeder\nZinkPlus tabletten\n\nDit is een zin."
    document = read(tmp_path, "VitaShop en MagTein en ZinkPlus zijn merken.\n\n" + text)
    assert not any(block.cells for block in document.blocks)


def test_what_is_said_of_people_is_no_caption(tmp_path: Path) -> None:
    facts = ["Een oudere vrouw heeft 320 mg nodig.", "Een man heeft meer magnesium nodig."]
    document = read(tmp_path, "Zink\n\n" + "\n\n".join(facts) + "\n\nVerder lezen hier\n\nTekst.")
    assert [words for kind, words in kinds(document) if kind is Kind.PARAGRAPH][:2] == facts


def test_a_picture_and_its_caption_are_no_answer(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "Zink\n\nEen zin.\n\nVrouw die oesters eet\nOesters zijn rijk aan zink.\n\nNog een zin.",
    )
    assert [kind for kind, _ in kinds(document)][2:] == [Kind.CAPTION, Kind.CAPTION, Kind.PARAGRAPH]


def test_several_articles_on_a_page_are_told_by_their_bylines(tmp_path: Path) -> None:
    document = read(
        tmp_path,
        "Over zink\n\nBy Jane Doe\n\nZinc is a mineral.\n\n"
        "Over ijzer\n\nBy John Smith\n\nIron too.",
    )
    assert [(a.title, a.author) for a in document.articles] == [
        ("Over zink", "Jane Doe"),
        ("Over ijzer", "John Smith"),
    ]
    assert document.blocks[-1].headings == ("Over ijzer",)
