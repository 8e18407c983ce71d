"""The packaged encoder's tokeniser, as the JSON file that the ``tokenizers`` library reads."""

from __future__ import annotations

import unicodedata

from index.packaged_weights import PackagedWeights


def tokenizer_json(package: PackagedWeights) -> bytes:
    """A fast tokeniser after XLM-RoBERTa: Unigram over words that start with U+2581.

    The normalisation is SentencePiece's ``nmt_nfkc``: NFKC, with control characters dropped and
    odd spaces made plain. Which characters those are is read from the package's own table. NFKC
    runs over the whole text, as in the original, so that a letter and its loose accent are one.
    """
    from tokenizers import (
        Regex,
        Tokenizer,
        decoders,
        models,
        normalizers,
        pre_tokenizers,
        processors,
    )

    steps = [
        normalizers.Replace(Regex(f"[{characters}]"), replacement)
        for replacement, characters in _beyond_nfkc(package.normalisation).items()
    ]
    tokenizer = Tokenizer(models.Unigram(package.pieces, unk_id=package.special["<unk>"]))
    tokenizer.normalizer = normalizers.Sequence(
        [
            *steps,
            normalizers.NFKC(),
            normalizers.Replace(Regex(" {2,}"), " "),
            normalizers.Strip(),
        ]
    )
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="always")
    bos, eos = package.special["<s>"], package.special["</s>"]
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", bos), ("</s>", eos)],
    )
    tokenizer.add_special_tokens([*package.special, "<mask>"])
    return tokenizer.to_str().encode("utf-8")


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
