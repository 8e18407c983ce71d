"""``bijsluiter index`` and ``bijsluiter doctor``: output for people and programs; exit codes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from cli import doctor as doctoring
from cli import index as indexing
from corpus.errors import StoreError
from index import model_package, store

pytestmark = pytest.mark.usefixtures("embedder")

app = typer.Typer()
app.add_typer(indexing.app, name="index")
app.command("doctor")(doctoring.doctor)


@pytest.fixture(autouse=True)
def wide(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "300")


def _run(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(one) for one in arguments])


def test_build_update_check_and_list(articles: Path, tmp_path: Path) -> None:
    built = _run("index", "build", articles, "--index", tmp_path)
    assert built.exit_code == 0, built.output
    assert "3 documents" in built.stdout
    (articles / "een.txt").write_text("Over magnesium\n\nHeel iets anders.\n")
    updated = _run("index", "update", "--index", tmp_path, "--json")
    report = json.loads(updated.stdout)
    assert report["changed"] == ["een.txt"]
    assert report["embedded"] > 0 < report["reused"]
    assert _run("index", "check", "--index", tmp_path).exit_code == 0
    listed = json.loads(_run("index", "list", "--index", tmp_path, "--json").stdout)
    assert [one["name"] for one in listed] == ["drie.txt", "een.txt", "twee.txt"]
    table = _run("index", "list", "--index", tmp_path).stdout
    assert all(name in table for name in ("drie.txt", "een.txt", "twee.txt"))


def test_the_environment_names_the_index(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIJSLUITER_HOME", str(tmp_path / "home"))
    assert _run("index", "build", articles).exit_code == 0
    assert store.open_stored(tmp_path / "home").manifest.documents == 3


def test_check_names_the_damaged_file(articles: Path, tmp_path: Path) -> None:
    _run("index", "build", articles, "--index", tmp_path)
    file = next((tmp_path / "index" / "versions").glob("*/units.faiss"))
    raw = bytearray(file.read_bytes())
    raw[-1] ^= 1
    file.write_bytes(raw)
    checked = _run("index", "check", "--index", tmp_path)
    assert checked.exit_code == 2
    assert "units.faiss" in checked.stdout
    problems = json.loads(_run("index", "check", "--index", tmp_path, "--json").stdout)
    assert [one["file"] for one in problems["problems"]] == ["units.faiss"]
    examined = _run("doctor", "--index", tmp_path)
    assert examined.exit_code == 2
    assert "units.faiss" in examined.stdout


def test_names_with_brackets_are_not_markup(tmp_path: Path) -> None:
    folder = tmp_path / "articles"
    folder.mkdir()
    (folder / "[red]vet[bold].txt").write_text("Over magnesium\n\nMagnesium is een mineraal.\n")
    built = _run("index", "build", folder, "--index", tmp_path)
    assert "[red]vet[bold].txt" in built.stdout
    assert "[red]vet[bold].txt" in _run("index", "list", "--index", tmp_path).stdout


def test_without_an_index_the_error_is_ours(tmp_path: Path) -> None:
    for command in ("update", "check", "list"):
        failed = _run("index", command, "--index", tmp_path)
        assert isinstance(failed.exception, StoreError)
        assert "bijsluiter index build" in str(failed.exception)


def test_doctor_before_and_after_a_build(
    articles: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("BIJSLUITER_CACHE", str(tmp_path / "cache"))
    before = _run("doctor", "--index", tmp_path, "--json")
    assert before.exit_code == 0, before.output
    states = {one["what"]: one["state"] for one in json.loads(before.stdout)}
    assert states["torch"] == "good"
    assert (states["encoder"], states["index"]) == ("absent", "absent")
    assert not (tmp_path / "index").exists()  # looking changes nothing
    assert not (tmp_path / "cache").exists()
    _run("index", "build", articles, "--index", tmp_path)
    after = json.loads(_run("doctor", "--index", tmp_path, "--json").stdout)
    found = {one["what"]: one for one in after}
    assert found["index"]["state"] == "good"
    assert "3 documents" in found["index"]["detail"]
    assert str(tmp_path / "cache") in found["cache"]["detail"]


def test_doctor_finds_a_damaged_encoder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BIJSLUITER_CACHE", str(tmp_path))
    folder = model_package.model_dir()
    folder.mkdir(parents=True)
    (folder / "config.json").write_text("{}")
    examined = _run("doctor", "--index", tmp_path)
    assert examined.exit_code == 2
    assert model_package.MANIFEST in examined.stdout
