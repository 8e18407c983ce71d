"""A tiny encoder and tiny training data, made here: no download, nothing of the real sets."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from transformers import (
    BertConfig,
    BertForQuestionAnswering,
    BertModel,
    PreTrainedTokenizerFast,
)

SPECIAL = ["<s>", "<pad>", "</s>", "<unk>"]


def _tokenizer() -> PreTrainedTokenizerFast:
    characters = "▁abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,?|-'"
    pieces = [(name, 0.0) for name in SPECIAL] + [(c, -5.0) for c in characters]
    tokenizer = Tokenizer(models.Unigram(pieces, unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>",
        pair="<s> $A </s> </s> $B </s>",
        special_tokens=[("<s>", 0), ("</s>", 2)],
    )
    names = ("bos", "pad", "eos", "unk")
    tokens = {f"{name}_token": token for name, token in zip(names, SPECIAL, strict=True)}
    return PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        cls_token="<s>",
        sep_token="</s>",
        model_max_length=128,
        **tokens,
    )


def _config() -> BertConfig:
    return BertConfig(
        vocab_size=80,
        hidden_size=16,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=32,
        max_position_embeddings=512,
        pad_token_id=1,
    )


@pytest.fixture(scope="session")
def tiny_encoder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory like the converted encoder's, random and very small."""
    folder = tmp_path_factory.mktemp("encoder")
    torch.manual_seed(7)
    BertModel(_config(), add_pooling_layer=False).save_pretrained(folder)
    _tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_reader(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A directory of a random question-answering model, as the hub has them."""
    folder = tmp_path_factory.mktemp("named")
    torch.manual_seed(8)
    BertForQuestionAnswering(_config()).save_pretrained(folder)
    _tokenizer().save_pretrained(folder)
    return folder


@pytest.fixture(scope="session")
def tiny_data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A training set of 120 made-up questions in SQuAD's layout."""
    folder = tmp_path_factory.mktemp("data")
    articles = []
    for a in range(4):
        paragraphs = []
        for p in range(10):
            town, number = f"Stad{a}{p}", str(1000 + 37 * a + p)
            context = f"{town} is old. It was built in {number}. The river is {town}water."
            asked = [
                (f"When was {town} built?", number),
                (f"Which river is in {town}?", f"{town}water"),
                ("What is old?", town),
            ]
            records = [
                {"question": q, "answers": [{"text": t, "answer_start": context.index(t)}]}
                for q, t in asked
            ]
            paragraphs.append({"context": context, "qas": records})
        articles.append({"title": f"Towns_{a}", "paragraphs": paragraphs})
    path = folder / "squad-train-v1.1.json"
    path.write_text(json.dumps({"data": articles}), encoding="utf-8")
    return folder
