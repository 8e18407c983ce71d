"""The door of the flags: all rules over all units of a text or document."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Sequence

from corpus.errors import BijsluiterError
from corpus.model import Document, Kind, Source
from qa.answer import Flag
from qa.flags import dose, health, science, selling, shortage
from qa.flags.authorised import Embed, ListCheck, check_claims
from qa.flags.lexicon import (
    DEFAULT_LANGUAGE,
    Nutrient,
    book,
    brands,
    flag_texts,
    language_of,
    languages,
    nutrients,
)
from qa.flags.notes import level_of, note_on
from qa.flags.patterns import Marks
from qa.flags.reading import Finding, Reading
from qa.flags.tokens import tokenise
from qa.flags.units import Unit, units

SPOKEN = ("nl", "en")
"""The languages in which flags are explained."""

Rule = Callable[[Reading], Finding | None]
RULES: tuple[Rule, ...] = (
    health.disease_claim,
    health.drug_comparison,
    health.off_list_health_claim,
    shortage.deficiency_alarm,
    shortage.diet_inadequacy,
    selling.brand_promotion,
    selling.supplement_push,
    selling.superiority_claim,
    science.vague_science_appeal,
    science.evidence_overreach,
    selling.persuasive_language,
    dose.dose_above_ul,
)
# An article is about the nutrient when at least this share of its sentences name it.
_SHARE = 0.25
# A brand of at least so many letters is recognised inside a fused word.
_FUSED = 6
# A name that its writer marks as registered is a brand: 'Magtein®', 'Sucrosomial™'.
_MARK = re.compile("[®™]")
_MARKED = re.compile(r"([^\W\d_][\w-]{1,40})\s?\Z")
_REACH = 42  # letters before the mark


def find(
    text: str,
    language: str = DEFAULT_LANGUAGE,
    source: Source | None = None,
    embed: Embed | None = None,
) -> list[Flag]:
    """The flags of a raw text, whatever its structure; offsets are into ``text``.

    ``language`` (nl or en) is that of the labels and explanations, ``source`` what is known of the
    publisher, ``embed`` an encoder that refines which authorised claim is nearest.
    """
    return list(find_in(document_of(text, source), language, embed))


def document_of(text: str, source: Source | None = None) -> Document:
    """A raw text with the structure that the corpus room finds in it."""
    from corpus.structure import segment  # only a raw text needs it

    articles, blocks = segment(text)
    known = source if source is not None else Source(file="")
    return Document(known.file, text, "", known, articles, blocks)


def find_in(
    document: Document,
    language: str = DEFAULT_LANGUAGE,
    embed: Embed | None = None,
    article: int | None = None,
) -> tuple[Flag, ...]:
    """The flags of a document in order of place, with texts in ``language`` (nl or en).

    ``article``: of this one of the document's articles only; they are the same as among all. Takes
    time linear in the length of the text. Any text will do; another language raises
    :class:`BijsluiterError`.
    """
    if language not in SPOKEN:
        raise BijsluiterError(f"Flags are explained in {' and '.join(SPOKEN)}, not in {language}.")
    found = readings(document, article)
    checks = check_claims(found, language, embed)
    flags = [
        _flag(reading, finding, language, checks.get(index))
        for index, reading in enumerate(found)
        for finding in _findings(reading)
    ]
    return tuple(sorted(flags, key=lambda flag: (flag.start, flag.end, flag.type)))


def readings(document: Document, article: int | None = None) -> list[Reading]:
    """Every unit of the document, or of one of its articles, read in its own language."""
    all_units = units(document)
    profile = _nutrient_of(document.text)
    names = _brand_names(document.text, document.source)
    main = language_of(token for unit in all_units for token in unit.tokens)
    # No unit leans on one of another article, so those need not be read.
    wanted = {n: unit for n, unit in enumerate(all_units) if article in (None, unit.article)}
    read = {
        number: _read(unit, language_of(unit.tokens, main), profile.id, names)
        for number, unit in wanted.items()
    }
    subjects = _articles_on_nutrient([*wanted.values()], [marks for _, marks in read.values()])
    found: dict[int | None, Reading] = {}
    for number, unit in wanted.items():
        around = (found.get(unit.lead), found.get(unit.heading), found.get(unit.before))
        about = unit.article in subjects
        found[number] = Reading(
            document, unit, read[number][0], profile, read[number][1], *around, about
        )
    return [*found.values()]


def _read(
    unit: Unit, language: str | None, nutrient: str, brand_names: tuple[str, ...]
) -> tuple[str, Marks]:
    """The unit's language and marks; undecided, the language in which it says most."""
    tried = (language,) if language is not None else languages()
    read = {tongue: book(tongue, nutrient, brand_names).marks(unit.tokens) for tongue in tried}
    return max(read.items(), key=lambda item: sum(map(len, item[1].values())))


def _articles_on_nutrient(all_units: list[Unit], marks: Sequence[Marks]) -> frozenset[int]:
    """The articles whose title, or at least a quarter of whose sentences, name the nutrient."""
    sizes: Counter[int] = Counter()
    naming: Counter[int] = Counter()
    for unit, found in zip(all_units, marks, strict=True):
        sizes[unit.article] += 1
        naming[unit.article] += "nutrient" in found
    titled = {
        unit.article
        for unit, found in zip(all_units, marks, strict=True)
        if unit.kind is Kind.HEADING and unit.heading is None and "nutrient" in found
    }
    often = {article for article in sizes if naming[article] >= _SHARE * sizes[article]}
    return frozenset(titled | often)


def _findings(reading: Reading) -> list[Finding]:
    rules = (selling.shop_call,) if reading.unit.kind is Kind.NAVIGATION else RULES
    return [finding for rule in rules if (finding := rule(reading)) is not None]


def _flag(reading: Reading, finding: Finding, language: str, check: ListCheck | None) -> Flag:
    unit, text = reading.unit, flag_texts()[finding.type]
    nutrient = reading.nutrient
    why = text.why[language].format(
        nutrient=nutrient.label[language],
        claims=len(nutrient.claims),
        level=level_of(nutrient, language),
        scope=nutrient.upper_level_scope[language],
    )
    return Flag(
        type=finding.type,
        start=unit.start,
        end=unit.end,
        cue_start=unit.tokens[finding.cue.first].start,
        cue_end=unit.tokens[finding.cue.last - 1].end,
        severity=text.severity,
        label=text.label[language],
        why=why,
        basis=(*nutrient.basis.get(finding.type, ()), *text.basis),
        note=note_on(reading, finding, language, check),
    )


def _nutrient_of(text: str) -> Nutrient:
    """The nutrient named most often; the first profile where none is."""
    lowered = text.lower()
    counts = Counter(
        {
            p.id: sum(lowered.count(name.lower()) for name in set(p.label.values()))
            for p in nutrients().values()
        }
    )
    return nutrients()[counts.most_common(1)[0][0]]


def _brand_names(text: str, source: Source) -> tuple[str, ...]:
    """The patterns of brand names: known, promoted by the publisher, or marked in the text.

    A long single word also matches fused with what follows ('Magteinom'), as pages often have it.
    """
    names = {brand.name for brand in brands()} | set(source.promotes)
    for mark in _MARK.finditer(text):  # rare, where a search for all names would be slow
        before = text[max(0, mark.start() - _REACH) : mark.start()]
        if marked := _MARKED.search(before):
            names.add(marked[1])
    plain = {" ".join(token.word for token in tokenise(name, 0, len(name))) for name in names}
    fused = {f"{name}*" for name in plain if name.isalpha() and len(name) >= _FUSED}
    return tuple(sorted((plain | fused) - {""}))
