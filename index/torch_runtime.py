"""The encoder on sentence-transformers and torch: any of its models, by name or directory."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from corpus.errors import ModelError
from index import model_package
from index._progress import Progress, silent
from index.embedding import Vectors, fingerprint_of, normalised, prepared_fingerprint

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

_BATCH = 8  # texts a forward pass: 32 took half as long again on two cores
_HUB_SECONDS = 10.0
_PASSAGE_PROMPTS = ("passage", "document", "corpus")
_E5_NAME = re.compile(r"(^|[-_./])e5([-_./]|$)")


class SentenceTransformerEmbedder:
    """An ``Embedder`` on torch. Threads are torch's default, the number of cores."""

    def __init__(
        self,
        name: str,
        dim: int,
        fingerprint: str,
        prompts: dict[str, str],
        model: SentenceTransformer,
    ) -> None:
        self.name = name
        self.dim = dim
        self.fingerprint = fingerprint
        self._prompts = prompts
        self._model = model

    @classmethod
    def from_name(cls, name: str) -> SentenceTransformerEmbedder:
        """Any sentence-transformers directory or hub name; loaded now, for its fingerprint.

        A model without prompts of its own gets the e5 prefixes if its name says e5, else none.

        Raises:
            ModelError: it is no such model, or it is not here and cannot be fetched.
        """
        if not name.strip():
            raise ModelError("The encoder's name is empty; give --model a name or a folder.")
        folder = Path(name).expanduser()
        model = _load(str(folder) if folder.is_dir() else name)
        prompts = _prompts(name, model)
        dim = model.get_embedding_dimension()
        if dim is None:  # some models cannot tell
            dim = int(model.encode(["x"], show_progress_bar=False).shape[1])
        known = prepared_fingerprint(folder)
        fingerprint = known or fingerprint_of(_checksums(model), prompts)
        return cls(name, dim, fingerprint, prompts, model)

    def embed_queries(self, texts: Sequence[str]) -> Vectors:
        return self._embed(texts, self._prompts["query"], silent)

    def embed_passages(self, texts: Sequence[str], progress: Progress | None = None) -> Vectors:
        return self._embed(texts, self._prompts["passage"], progress or silent)

    def _embed(self, texts: Sequence[str], prompt: str, progress: Progress) -> Vectors:
        """Batches of like length, so that little time goes to padding; longest first."""
        vectors = np.zeros((len(texts), self.dim), dtype=np.float32)
        if not texts:
            return vectors
        order = sorted(range(len(texts)), key=lambda row: -len(texts[row]))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            vectors[rows] = self._model.encode(
                [texts[row] for row in rows],
                prompt=prompt,
                batch_size=_BATCH,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
            progress("Embedding", start + len(rows), len(texts))
        return normalised(vectors)


def _load(name: str) -> SentenceTransformer:
    """Load a directory, or a hub name: what is already on this machine first, then the network."""
    from sentence_transformers import SentenceTransformer  # takes seconds

    if os.path.isdir(name):
        try:
            with _quiet():
                return SentenceTransformer(name, local_files_only=True)
        except Exception as error:
            raise ModelError(
                f"The folder {name} cannot be loaded as a sentence-transformers model "
                f"({_reason(error)}); give --model another name or folder."
            ) from error
    try:
        with _quiet():
            return SentenceTransformer(name, local_files_only=True)
    except Exception:  # not (wholly) on this machine: the hub says what is wrong with it
        _require_hub(name)
    try:
        with _quiet():
            return SentenceTransformer(name)
    except Exception as error:
        raise ModelError(
            f"The encoder {name} is not on this machine and cannot be fetched from the hub "
            f"({_reason(error)}); check the name and the network, or give --model a folder."
        ) from error


def _require_hub(name: str) -> None:
    """One attempt with a time limit: the hub's own client tries for over a minute, noisily."""
    from huggingface_hub import constants, get_session

    try:
        get_session().head(constants.ENDPOINT, timeout=_HUB_SECONDS)
    except Exception as error:
        raise ModelError(
            f"The encoder {name} is not on this machine and the hub cannot be reached "
            f"({_reason(error)}); connect to a network, or give --model a folder."
        ) from error


@contextmanager
def _quiet() -> Iterator[None]:
    """Loading without the libraries' own progress bars."""
    from transformers.utils import logging

    shown = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    try:
        yield
    finally:
        if shown:
            logging.enable_progress_bar()  # type: ignore[no-untyped-call]


def _reason(error: Exception) -> str:
    first = str(error).strip().splitlines()[:1]
    return f"{type(error).__name__}: {first[0][:160]}" if first else type(error).__name__


def _prompts(name: str, model: SentenceTransformer) -> dict[str, str]:
    query = model.prompts.get("query") or ""
    passage = next(filter(None, map(model.prompts.get, _PASSAGE_PROMPTS)), "")
    if not query and not passage and _E5_NAME.search(name.lower()):
        return dict(model_package.PROMPTS)
    return {"query": query, "passage": passage}


def _checksums(model: SentenceTransformer) -> dict[str, str]:
    """sha256 of the weights, tokeniser and modules as they are in memory, whatever their files."""
    import torch

    weights = hashlib.sha256()
    for key, tensor in sorted(model.state_dict().items()):
        values = tensor.detach().cpu().contiguous()
        weights.update(f"{key} {values.dtype} {tuple(values.shape)}\n".encode())
        weights.update(values.reshape(-1).view(torch.uint8).numpy().data)
    backend = getattr(model.tokenizer, "backend_tokenizer", None)
    tokenizer = backend.to_str() if backend else json.dumps(model.tokenizer.get_vocab())
    modules = f"{model} {model.max_seq_length}"
    return {
        "weights": weights.hexdigest(),
        "tokenizer": hashlib.sha256(tokenizer.encode("utf-8")).hexdigest(),
        "modules": hashlib.sha256(modules.encode("utf-8")).hexdigest(),
    }
