"""``bijsluiter flags`` and ``bijsluiter sources``."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from cli.flags import flags
from cli.sources import bar, sources
from corpus.errors import CorpusError

app = typer.Typer()
app.command("flags")(flags)
app.command("sources")(sources)
run = CliRunner()


def test_json_of_standard_input() -> None:
    text = "Magnesium verbetert de slaap.\n"
    result = run.invoke(app, ["flags", "-", "--json", "--lang", "en"], input=text)
    assert result.exit_code == 0
    answer = json.loads(result.stdout)
    (flag,) = answer["flags"]
    assert text[flag["start"] : flag["end"]] == "Magnesium verbetert de slaap."
    assert {"type", "cue_start", "cue_end", "severity", "label", "why", "basis"} <= set(flag)
    assert flag["label"] == "Health claim outside the EU list"


def test_nothing_flagged_is_exit_code_one() -> None:
    assert run.invoke(app, ["flags", "-"], input="Noten zijn lekker.").exit_code == 1


def test_words_and_page(tmp_path: Path) -> None:
    article = tmp_path / "artikel.txt"
    article.write_text("Magnesium helpt tegen <migraine>.", encoding="utf-8")
    page = tmp_path / "artikel.html"
    result = run.invoke(app, ["flags", str(article), "--html", str(page)])
    assert result.exit_code == 0
    assert "Medische claim" in result.stdout
    html = page.read_text(encoding="utf-8")
    assert "&lt;" in html
    assert "<migraine" not in html


@pytest.mark.parametrize("content", [b"\xff\xfe bad", None])
def test_bad_input_is_one_clear_error(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "x.txt"
    if content is not None:
        file.write_bytes(content)
    assert isinstance(run.invoke(app, ["flags", str(file)]).exception, CorpusError)


def test_standard_input_that_is_not_utf8() -> None:
    result = run.invoke(app, ["flags", "-"], input=b"\xff\xfe")
    assert isinstance(result.exception, CorpusError)
    assert "UTF-8" in str(result.exception)


def test_a_page_that_cannot_be_written(tmp_path: Path) -> None:
    result = run.invoke(
        app, ["flags", "-", "--html", str(tmp_path / "no" / "x.html")], input="Magnesium kalmeert."
    )
    assert isinstance(result.exception, CorpusError)


def test_sources_in_words_and_json() -> None:
    shown = run.invoke(app, ["sources", "--lang", "en"])
    assert shown.exit_code == 0
    assert "flags per 1,000 words" in shown.stdout
    assert "█" in shown.stdout
    listed = json.loads(run.invoke(app, ["sources", "--json"]).stdout)
    assert len(listed) == 5
    assert all(entry["flags_per_thousand"] > 0 for entry in listed)


def test_a_bar_shows_anything_above_nothing() -> None:
    assert bar(0, 10) == ""
    assert bar(0.01, 10) == "█"
    assert bar(10, 10, 24) == "█" * 24
