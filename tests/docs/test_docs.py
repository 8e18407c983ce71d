"""What the documents show is what one gets."""

from __future__ import annotations

import contextlib
import io
import re
from pathlib import Path

from typer.testing import CliRunner

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def _fenced(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def test_the_python_example_gives_the_output_beside_it(home: Path) -> None:
    (example,) = _fenced("python")
    printed = io.StringIO()
    with contextlib.redirect_stdout(printed):
        exec(compile(example, "README.md", "exec"), {})
    assert printed.getvalue().strip() in README


def test_every_command_is_documented(home: Path) -> None:
    from cli.main import app

    shown = CliRunner().invoke(app, ["--help"]).stdout
    commands = re.findall(r"│ (\w+) {2,}", shown)
    assert {"ask", "search", "flags", "index", "sources", "eval", "serve", "doctor"} <= set(
        commands
    )
    for command in commands:
        assert f"bijsluiter {command}" in README, command


def test_the_pages_name_only_files_that_exist() -> None:
    for page in ("README.md", "docs/architecture.md", "CHANGELOG.md"):
        text = (ROOT / page).read_text(encoding="utf-8")
        for name in re.findall(r"`((?:corpus|index|qa|eval|chat|cli|tests|docs)/[\w./-]+)`", text):
            assert (ROOT / name).exists(), f"{page} names {name}"
