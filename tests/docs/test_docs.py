"""What the documents show is what one gets."""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from typer.testing import CliRunner

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


PAGES = [
    *("README.md", "CHANGELOG.md", "eval/README.md", "qa/reader/trained/README.md"),
    *("docs/architecture.md", "docs/benchmarks.md", "docs/chat.md"),
]
WIDTH = "96"  # of the terminal that the page shows


def _fenced(language: str) -> list[str]:
    return re.findall(rf"```{language}\n(.*?)```", README, flags=re.DOTALL)


def _commands() -> list[tuple[str, str]]:
    """Every command at a prompt on the page, with what stands below it."""
    parts = [part for block in _fenced("console") for part in re.split(r"^\$ ", block, flags=re.M)]
    return [(part.partition("\n")[0], part.partition("\n")[2]) for part in parts[1:] if part]


def _run(command: str, home: Path) -> subprocess.CompletedProcess[str]:
    """A command as it stands on the page, in a shell, with ``bijsluiter`` from this checkout."""
    ours = f'bijsluiter() {{ "{sys.executable}" -m cli.main "$@"; }}'
    return subprocess.run(
        ["sh", "-c", f"{ours}\n{command}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"BIJSLUITER_HOME": str(home), "COLUMNS": WIDTH},
        timeout=300,
        check=False,
    )


SHOWN = [(c, output) for c, output in _commands() if c.startswith("bijsluiter") and output]


@pytest.mark.parametrize(("command", "output"), SHOWN, ids=[command for command, _ in SHOWN])
def test_a_command_prints_what_stands_below_it(home: Path, command: str, output: str) -> None:
    ran = _run(command, home)
    printed = [line.rstrip() for line in ran.stdout.strip("\n").splitlines()]
    assert printed == output.rstrip("\n").splitlines(), ran.stderr


def test_an_answer_and_silence_are_shown() -> None:
    assert [command.split()[:2] for command, _ in SHOWN] == [["bijsluiter", "ask"]] * 2
    assert "exit code 1" in SHOWN[1][1]


def test_ones_own_articles_are_indexed_and_asked(tmp_path: Path) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "kiwi.txt").write_text("Kiwi\n\nEen kiwi bevat 93 mg vitamine C.\n", "utf-8")
    mine = [command for command, _ in _commands() if "MYINDEX" in command]
    assert [command.split()[1] for command in mine] == ["index", "ask"]
    for command in mine:
        meant = command.replace("FOLDER", str(articles)).replace("MYINDEX", str(tmp_path / "mine"))
        ran = _run(meant.replace("…", "Hoeveel vitamine C bevat een kiwi?"), tmp_path / "none")
        assert ran.returncode == 0, ran.stderr
    assert "93 mg" in ran.stdout and "kiwi.txt" in ran.stdout


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
    for page in PAGES:
        text = (ROOT / page).read_text(encoding="utf-8")
        for name in re.findall(r"`((?:corpus|index|qa|eval|chat|cli|tests|docs)/[\w./-]+)`", text):
            assert (ROOT / name).exists(), f"{page} names {name}"
