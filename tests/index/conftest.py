"""Small articles, a tiny sentence-transformers model, and an encoder without any."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.index.fakes import HashEmbedder

TEXTS = {
    "een.txt": "Over magnesium\n\nMagnesium is een mineraal. Het zit in noten en zaden.\n\n"
    "Het lichaam maakt het niet zelf. Volwassenen krijgen het uit hun eten.\n",
    "twee.txt": "Over slaap\n\nWie slecht slaapt, is overdag moe. Rust helpt bij herstel.\r\n"
    "\r\nEen donkere kamer is beter dan een lichte kamer. Café’s zijn ’s avonds druk.\n",
    "drie.txt": "Over stress\n\nStress kost energie. Bewegen helpt tegen spanning.\n",
}


@pytest.fixture
def articles(tmp_path: Path) -> Path:
    """A folder of three small articles."""
    folder = tmp_path / "articles"
    folder.mkdir()
    for name, text in TEXTS.items():
        (folder / name).write_bytes(text.encode("utf-8"))
    return folder


@pytest.fixture
def embedder(monkeypatch: pytest.MonkeyPatch) -> HashEmbedder:
    """The encoder that ``index.build`` opens, whichever it asks for."""
    fake = HashEmbedder()
    monkeypatch.setattr("index.build.open_embedder", lambda model, progress: fake)
    return fake


@pytest.fixture(scope="session")
def tiny_models(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Two real sentence-transformers directories that differ in their weights only."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Pooling, Transformer
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import BertConfig, BertModel, PreTrainedTokenizerFast

    characters = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {piece: i for i, piece in enumerate(["[PAD]", "[CLS]", "[SEP]", *characters])}
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=[]))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", special_tokens=[("[CLS]", 1), ("[SEP]", 2)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="[PAD]",
        cls_token="[CLS]",
        sep_token="[SEP]",
        model_max_length=64,
    )
    folders = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        config = BertConfig(
            vocab_size=len(vocabulary),
            hidden_size=16,
            num_hidden_layers=1,
            num_attention_heads=2,
            intermediate_size=32,
            max_position_embeddings=64,
        )
        base = tmp_path_factory.mktemp(f"base-{seed}")
        BertModel(config).save_pretrained(base)
        fast.save_pretrained(base)
        prompts = {"query": "vraag: ", "passage": "stuk: "}
        model = SentenceTransformer(
            modules=[Transformer(str(base)), Pooling(16, "mean")], prompts=prompts, device="cpu"
        )
        folder = tmp_path_factory.mktemp(f"model-{seed}")
        model.save(str(folder))
        folders.append(folder)
    return folders[0], folders[1]
