"""The shipped articles: the mess that issue 2 lists, read as a person reads it."""

from __future__ import annotations

import hashlib

import pytest

import corpus
from corpus import ANSWERING, Block, Document, Kind
from corpus.sentences import split


@pytest.fixture(scope="module")
def shipped() -> dict[str, Document]:
    return {document.name: document for document in corpus.load()}


def words(document: Document, block: Block) -> str:
    return document.text[block.start : block.end]


def block_at(document: Document, phrase: str) -> Block:
    """The block that holds the first place of ``phrase``."""
    start = document.text.index(phrase)
    return next(block for block in document.blocks if block.start <= start < block.end)


def of_kind(document: Document, kind: Kind) -> list[Block]:
    return [block for block in document.blocks if block.kind is kind]


def test_five_articles_are_shipped_byte_for_byte(shipped: dict[str, Document]) -> None:
    assert len(shipped) == 5
    for name, document in shipped.items():
        raw = (corpus.ARTICLES / name).read_bytes()
        assert document.text.encode() == raw
        assert document.sha256 == hashlib.sha256(raw).hexdigest()
        assert document.source.publisher


def test_blocks_cover_the_text_without_overlap(shipped: dict[str, Document]) -> None:
    for document in shipped.values():
        position = 0
        for block in document.blocks:
            assert position <= block.start < block.end
            assert not document.text[position : block.start].strip()
            position = block.end
            for cell in block.cells:
                assert block.start <= cell.start <= cell.end <= block.end
        assert not document.text[position:].strip()


def test_the_tag_page_holds_ten_articles_each_with_its_parts(shipped: dict[str, Document]) -> None:
    document = shipped["magtein-blog.txt"]
    assert [article.title for article in document.articles] == [
        "De neuroplasticiteitslink: hoe magnesium-L-threonaat de synaptische flexibiliteit "
        "ondersteunt",
        "Magnesium en slaap: hoe magnesium een diepe en herstellende nachtrust bevordert",
        "12 tips om stress te verminderen tijdens de feestdagen",
        "Topische magnesiumoliën, lotions en Epsomzoutbaden: Werken ze?",
        "Hoe medicijnen het magnesiumgehalte beïnvloeden (en wat je moet weten)",
        "Magnesium ter ondersteuning van de stemming: De link tussen stress en neurotransmitters",
        "De verschillende vormen van magnesium en waarom Magtein® opvalt",
        "Uitgeputte bodem en wereldwijd tekort aan magnesium",
        "De relatie tussen magnesium en vitamine C: Cellulaire gezondheid ontsluiten",
        "Hoe Magtein® u helpt met vakantiestress om te gaan",
    ]
    references = [5, 4, 7, 5, 5, 5, 5, 7, 5, 4]
    for index, article in enumerate(document.articles):
        blocks = [block for block in document.blocks if block.article == index]
        assert all(article.start <= block.start < block.end <= article.end for block in blocks)
        assert article.author == "Riley Forbes"
        kinds = [block.kind for block in blocks]
        assert kinds.count(Kind.BYLINE) == 1
        assert kinds.count(Kind.DISCLAIMER) == 1
        assert kinds.count(Kind.REFERENCE) == references[index]
        title = next(block for block in blocks if block.kind is Kind.HEADING)
        assert words(document, title) == article.title
        assert all(
            block.headings[0] == article.title for block in blocks if block.start > title.start
        )
    assert len(document.articles) == document.source.articles


def test_references_stand_under_their_heading_and_others_do_not(
    shipped: dict[str, Document],
) -> None:
    document = shipped["magtein-blog.txt"]
    for block in document.blocks:
        under = bool(block.headings) and block.headings[-1] == "Referenties"
        assert under == (block.kind is Kind.REFERENCE)
    source = block_at(shipped["goedgezond-gezonde-hersenen.txt"], "Uit Medical Hypothesis")
    assert source.kind is Kind.REFERENCE


TABLES = [
    ["Functie", "Toelichting"],
    ["Gevolg", "Mechanisme"],
    ["Effect", "Mechanisme"],
    ["Situatie", "Gevolg"],
    ["Situatie", "Effect"],
    ["Medicatie", "Mechanisme"],
    ["Signaal", "Categorie"],
    ["Voedingsmiddel", "Toelichting"],
    ["Vorm", "Eigenschap"],
]
ROWS = [
    "Energieproductie|ATP-vorming in mitochondriën",
    "Slaap verslechtert|Minder GABA",
    "Bloeddruk|Vaatontspanning",
    "Te streng zoutbeperkt dieet|Verlies natrium én magnesium",
    "Diabetes|Extra magnesiumverlies via nieren",
    "Herstel van tekort|Verbetering glucose, HbA1c, bloeddruk, lipiden",
    "Protonpompremmers (PPI’s)|Verminderde darmopname",
    "Metformine|Renale verliezen",
    "Vermoeidheid, ‘brain fog’|Energie",
    "Hartkloppingen, verhoogde bloeddruk|Hart/vaten",
    "Pure cacao (>85%)|Rijke bron",
    "Vette vis|Gecombineerd met omega-3",
    "Magnesium-L-threonaat|Brein, cognitie",
]


def test_nine_fused_tables_have_headers_and_rows_of_two_cells(
    shipped: dict[str, Document],
) -> None:
    document = shipped["leefstijl-als-medicijn-magnesium.txt"]
    headers = of_kind(document, Kind.TABLE_HEADER)
    assert [
        [document.text[cell.start : cell.end] for cell in header.cells] for header in headers
    ] == TABLES
    rows = of_kind(document, Kind.TABLE_ROW)
    assert len(rows) == 40
    for row in rows:
        header = [block for block in headers if block.start < row.start][-1]
        names = [document.text[cell.start : cell.end] for cell in header.cells]
        assert [cell.column for cell in row.cells] == names
        assert "".join(document.text[c.start : c.end] for c in row.cells) == words(document, row)


@pytest.mark.parametrize("row_as_read", ROWS)
def test_a_fused_row_is_cut_between_its_cells_and_cited_as_it_stands(
    shipped: dict[str, Document], row_as_read: str
) -> None:
    cells = row_as_read.split("|")
    raw = "".join(cells)
    document = shipped["leefstijl-als-medicijn-magnesium.txt"]
    row = block_at(document, raw)
    assert row.kind is Kind.TABLE_ROW
    assert words(document, row) == raw
    assert [document.text[cell.start : cell.end] for cell in row.cells] == cells


def test_a_table_is_introduced_by_the_sentence_above_it(shipped: dict[str, Document]) -> None:
    document = shipped["leefstijl-als-medicijn-magnesium.txt"]
    row = block_at(document, "MetformineRenale")
    assert row.lead is not None
    assert words(document, document.blocks[row.lead]) == (
        "Verschillende geneesmiddelen verlagen de magnesiumstatus:"
    )


@pytest.mark.parametrize(
    ("name", "question", "answer"),
    [
        (
            "topvitamine-hersenen.txt",
            "Kan magnesium helpen bij angst en stress?",
            "Ja, magnesium moduleert",
        ),
        (
            "topvitamine-hersenen.txt",
            "Hoe kan ik zeker weten dat ik genoeg magnesium binnenkrijg?",
            "Via een magnesiumrijk dieet",
        ),
        (
            "leefstijl-als-medicijn-magnesium.txt",
            "Hoe herken ik een magnesiumtekort?",
            "Signalen zijn: nervositeit",
        ),
    ],
)
def test_a_question_is_the_heading_of_its_answer(
    shipped: dict[str, Document], name: str, question: str, answer: str
) -> None:
    document = shipped[name]
    asked, answered = block_at(document, question), block_at(document, answer)
    assert asked.kind is Kind.HEADING
    assert answered.kind is Kind.PARAGRAPH
    assert document.blocks.index(answered) == document.blocks.index(asked) + 1
    assert answered.headings[-1] == question
    assert document.text[answered.start + answered.marker : answered.end].startswith(answer)
    assert words(document, asked)[asked.marker :] == question


def test_the_questions_run_together_are_five_pairs(shipped: dict[str, Document]) -> None:
    document = shipped["topvitamine-hersenen.txt"]
    pairs = [b for b in document.blocks if "V&A-sectie" in b.headings]
    assert [block.kind for block in pairs] == [Kind.HEADING, Kind.PARAGRAPH] * 5


@pytest.mark.parametrize(
    ("name", "phrase", "kind"),
    [
        ("topvitamine-hersenen.txt", "What does magnesium do to the brain?", Kind.NAVIGATION),
        ("topvitamine-hersenen.txt", "Oct 20, 2025Topvitamine", Kind.BYLINE),
        ("topvitamine-hersenen.txt", "magnesium hersengezondheid,", Kind.KEYWORDS),
        ("topvitamine-hersenen.txt", "More articles", Kind.NAVIGATION),
        ("leefstijl-als-medicijn-magnesium.txt", "Ga naar inhoud", Kind.NAVIGATION),
        ("leefstijl-als-medicijn-magnesium.txt", "Download origineel", Kind.NAVIGATION),
        ("leefstijl-als-medicijn-magnesium.txt", "Pure chocolade, amandelen", Kind.CAPTION),
        ("leefstijl-als-medicijn-magnesium.txt", "het mineraal van rust", Kind.CAPTION),
        ("leefstijl-als-medicijn-magnesium.txt", "Medische Disclaimer", Kind.DISCLAIMER),
        ("leefstijl-als-medicijn-magnesium.txt", "Medical Disclaimer", Kind.DISCLAIMER),
        ("goedgezond-gezonde-hersenen.txt", "magnesium voor gezonde hersenen", Kind.CAPTION),
        ("goedgezond-gezonde-hersenen.txt", "Magnesium helpt ook tegen", Kind.CAPTION),
        ("magtein-blog.txt", "Berichten getagd :", Kind.NAVIGATION),
        ("magtein-blog.txt", "1024 683 Riley Forbes", Kind.BYLINE),
        ("magtein-blog.txt", "Oudere vrouw die stress ervaart", Kind.CAPTION),
        ("magtein-blog.txt", "Dagelijkse routines met goed onderzochte", Kind.CAPTION),
        ("magtein-blog.txt", "Wat is neuroplasticiteit – en waarom", Kind.HEADING),
        ("magtein-blog.txt", 'Oefen "micro-herstelmomenten".', Kind.HEADING),
        ("magtein-blog.txt", "Hoewel het niet bedoeld is om ziekten", Kind.PARAGRAPH),
        ("vitaminepillen-zenuwstelsel.txt", "klik hier!", Kind.NAVIGATION),
        ("vitaminepillen-zenuwstelsel.txt", "Magnesium en neurotransmissie", Kind.HEADING),
        ("vitaminepillen-zenuwstelsel.txt", "Deze supplementen kunnen", Kind.PARAGRAPH),
    ],
)
def test_what_a_block_is(shipped: dict[str, Document], name: str, phrase: str, kind: Kind) -> None:
    assert block_at(shipped[name], phrase).kind is kind


def test_no_question_can_be_an_answer(shipped: dict[str, Document]) -> None:
    for document in shipped.values():
        for block in document.blocks:
            if block.kind in ANSWERING and block.kind is not Kind.REFERENCE:
                text = words(document, block)
                assert not (text.endswith("?") and len(split(text)) == 1), text


def test_facts_in_the_text_are_read_from_it(shipped: dict[str, Document]) -> None:
    (article,) = shipped["topvitamine-hersenen.txt"].articles
    assert (article.title, article.author, article.date) == (
        "Wat doet magnesium met de hersenen?",
        "Topvitamine",
        "2025-10-20",
    )
    (untitled,) = shipped["vitaminepillen-zenuwstelsel.txt"].articles
    assert untitled.title == "Magnesium en het zenuwstelsel"


def test_list_items_keep_their_lead_their_depth_and_their_second_line(
    shipped: dict[str, Document],
) -> None:
    document = shipped["magtein-blog.txt"]
    item = block_at(document, "Minder vaak 's nachts wakker worden")
    assert item.kind is Kind.LIST_ITEM
    assert item.lead is not None
    assert words(document, document.blocks[item.lead]).endswith("innamen, het volgende ervoeren:")
    nested = block_at(document, "Dierstudies tonen aan dat hogere")
    assert nested.level == 1
    assert nested.lead is not None
    assert words(document, document.blocks[nested.lead]).startswith("2. Ondersteuning van")
    titled = block_at(document, "Beweeg regelmatig")
    assert "Zowel aerobe training als krachttraining" in words(document, titled)
    assert document.text[titled.start + titled.marker :].startswith("Beweeg regelmatig")


def test_a_heading_path_goes_from_title_over_section_to_numbered_heading(
    shipped: dict[str, Document],
) -> None:
    document = shipped["magtein-blog.txt"]
    assert block_at(document, "Medicijnen uit de aminoglycoside").headings == (
        "Hoe medicijnen het magnesiumgehalte beïnvloeden (en wat je moet weten)",
        "Medicijnen die het magnesiumgehalte kunnen verlagen",
        "Bepaalde antibiotica",
    )
