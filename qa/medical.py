"""Recognise a personal medical question: one that a doctor or pharmacist should answer."""

from __future__ import annotations

import re
import tomllib
from functools import cache
from importlib.resources import files

from qa.language import Language

_NEITHER = r"(?<![\w'])(?:{})(?![\w'])"


@cache
def _patterns(language: Language) -> dict[str, re.Pattern[str]]:
    table = tomllib.loads(files("qa").joinpath("data/medical.toml").read_text("utf-8"))[language]
    return {name: re.compile(_NEITHER.format("|".join(rows))) for name, rows in table.items()}


def is_personal(question: str, language: Language) -> bool:
    """True where somebody asks about their own (or a relative's) complaint or treatment.

    General questions ("Is magnesium veilig bij nierfalen?") are not personal, nor is wondering
    about one's food ("Hoe weet ik of ik genoeg magnesium binnenkrijg?").
    """
    text = question.lower().replace("’", "'")
    pattern = _patterns(language)
    if not pattern["matter"].search(text):
        return False
    if pattern["decision"].search(text):
        return True
    return bool(pattern["owner"].search(text)) and bool(pattern["self"].search(text))
