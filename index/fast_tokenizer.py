"""The packaged encoder's tokeniser, as the JSON file that the ``tokenizers`` library reads."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

from index.packaged_weights import PackagedWeights

if TYPE_CHECKING:
    from tokenizers.normalizers import Normalizer
    from tokenizers.pre_tokenizers import PreTokenizer


def tokenizer_json(package: PackagedWeights) -> bytes:
    """A fast tokeniser after XLM-RoBERTa: Unigram over words that start with U+2581."""
    from tokenizers import Tokenizer, decoders, models, processors

    tokenizer = Tokenizer(models.Unigram(package.pieces(), unk_id=package.special["<unk>"]))
    tokenizer.normalizer = normalizer(package)
    tokenizer.pre_tokenizer = pre_tokenizer()
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    bos, eos = package.special["<s>"], package.special["</s>"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", bos), ("</s>", eos)],
    )
    tokenizer.add_special_tokens(special_names(package))
    return tokenizer.to_str().encode("utf-8")


def special_names(package: PackagedWeights) -> list[str]:
    """The tokens that a text may name: what looks like one is one."""
    return [*package.special, "<mask>"]


def normalizer(package: PackagedWeights) -> Normalizer:
    """SentencePiece's ``nmt_nfkc``: NFKC, control characters dropped, odd spaces made plain.

    Which characters those are is read from the package's own table. NFKC runs over the whole text,
    as in the original, so that a letter and its loose accent are one.
    """
    from tokenizers import Regex, normalizers

    steps = [
        normalizers.Replace(Regex(f"[{characters}]"), replacement)
        for replacement, characters in _beyond_nfkc(package.normalisation()).items()
    ]
    return normalizers.Sequence(
        [
            *steps,
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )


def pre_tokenizer() -> PreTokenizer:
    """Words with a U+2581 before each."""
    from tokenizers import pre_tokenizers

    return pre_tokenizers.Metaspace(prepend_scheme="always")


def _beyond_nfkc(normalisation: dict[str, str]) -> dict[str, str]:
    """Characters, by replacement, that the table drops or makes a space and NFKC does not.

    Given as the inside of a regular expression's class. Characters that NFKC changes and the
    table does not know (newer than its Unicode) stay with NFKC.
    """
    classes: dict[str, str] = {}
    for character, replacement in normalisation.items():
        if unicodedata.normalize("NFKC", character) != replacement:
            escaped = f"\\x{{{ord(character):X}}}"
            classes[replacement] = classes.get(replacement, "") + escaped
    return classes
