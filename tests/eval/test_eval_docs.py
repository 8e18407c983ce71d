"""The evaluation's page names every measure, field and command that there is."""

from __future__ import annotations

from importlib.resources import files

import pytest
from typer.main import get_command
from typer.testing import CliRunner

from eval import questions
from eval.commands import app
from eval.summary import ALL_MEASURES

README = files("eval").joinpath("README.md").read_text("utf-8")


@pytest.mark.parametrize("measure", ALL_MEASURES)
def test_every_measure_is_defined(measure: str) -> None:
    name = measure.removeprefix("search.").removeprefix("shown.")
    known = {"hit", "recall"} if name.partition("@")[0] in ("hit", "recall") else set()
    names = {name} | {f"{each}@k" for each in known}
    assert any(f"`{each}`" in README for each in names)


@pytest.mark.parametrize("field", questions._FIELDS)
def test_every_field_is_described(field: str) -> None:
    assert f"`{field}`" in README or f"`{field}[]`" in README


def test_every_command_has_an_example_in_its_help_and_on_the_page() -> None:
    group = get_command(app)
    for name in group.commands:  # type: ignore[attr-defined]
        assert f"bijsluiter eval {name}" in README
        assert (
            f"Example: bijsluiter eval {name}" in CliRunner().invoke(app, [name, "--help"]).stdout
        )
    assert "Example: bijsluiter eval" in CliRunner().invoke(app, ["--help"]).stdout


@pytest.mark.parametrize("type_", questions.TYPES)
def test_every_type_is_named(type_: str) -> None:
    assert type_ in README
