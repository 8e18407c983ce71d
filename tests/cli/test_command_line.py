"""The command line as a person and a program meet it: real processes, exit codes, one sentence."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]


def run(
    home: Path, *arguments: str, stdin: str = "", **environment: str
) -> subprocess.CompletedProcess[str]:
    """``bijsluiter`` in a process of its own."""
    return subprocess.run(
        [sys.executable, "-m", "cli.main", *arguments],
        input=stdin,
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"BIJSLUITER_HOME": str(home), "COLUMNS": "100"} | environment,
        timeout=300,
        check=False,
    )


def _one_sentence(result: subprocess.CompletedProcess[str]) -> str:
    lines = [line for line in result.stderr.splitlines() if line.startswith("bijsluiter: ")]
    assert len(lines) == 1, result.stderr
    assert "Traceback" not in result.stderr
    return lines[0]


def test_ask_quotes_with_source_and_what_it_sells(home: Path) -> None:
    result = run(home, "ask", "Bij hoeveel patiënten was de behandeling in 1921 succesvol?")
    assert result.returncode == 0, result.stderr
    assert "220 van de 250" in result.stdout
    assert "goedgezond" in result.stdout


def test_ask_says_that_a_source_sells_what_it_writes_of(home: Path) -> None:
    result = run(home, "ask", "Welke vorm van magnesium passeert de bloed-hersenbarrière?")
    assert result.returncode == 0, result.stderr
    assert "magnesium L-threon" in result.stdout
    assert "topvitamine-hersenen.txt" in result.stdout
    assert "verkoopt" in result.stdout


def test_ask_json_holds_to_the_contract(home: Path) -> None:
    result = run(home, "ask", "--json", "--k", "3", "What is neuroplasticity?")
    assert result.returncode == 0, result.stderr
    answer = json.loads(result.stdout)
    assert answer["outcome"] == "answered"
    assert len(answer["passages"]) == 3


def test_silence_exits_with_one(home: Path) -> None:
    result = run(home, "ask", "Wat is de hoofdstad van Frankrijk?")
    assert result.returncode == 1
    assert "Dit staat niet in de artikelen" in result.stdout


def test_many_questions_are_answered_in_order_with_their_ids(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "vragen.jsonl"
    asked = [
        {"id": "a", "question": "Wat is neuroplasticiteit?"},
        {"id": 7, "question": ""},
        {"id": "c", "question": "En bij ouderen?", "history": ["Helpt magnesium het geheugen?"]},
        {"question": "Waar zit magnesium in?", "k": 2},
    ]
    file.write_text("\n".join(json.dumps(one) for one in asked), encoding="utf-8")
    result = run(home, "ask", "--questions", str(file))
    answers = [json.loads(line) for line in result.stdout.splitlines()]
    assert [answer.get("id") for answer in answers] == ["a", 7, "c", None]
    assert "empty" in answers[1]["error"]
    assert "geheugen" in answers[2]["standalone_question"]
    assert len(answers[3]["passages"]) == 2
    assert result.returncode == 2


def test_a_faulty_questions_file_is_refused_whole(home: Path) -> None:
    lines = '{"question": "Wat?"}\nno json\n{"question": 3}\n{"question": "Wat?", "k": 0}\n'
    result = run(home, "ask", "--questions", "-", stdin=lines)
    assert result.returncode == 2
    assert result.stdout == ""
    sentence = _one_sentence(result)
    assert all(f"line {number}" in sentence for number in (2, 3, 4))


@pytest.mark.parametrize(
    ("arguments", "stdin", "says"),
    [
        (["ask", ""], "", "empty"),
        (["ask", "-"], "x" * 100_000, "100,000 characters"),
        (["ask", "-"], "Wat is \x07?", "control characters"),
        (["ask", "Pourquoi le magnésium est-il important pour nous ?"], "", "French"),
        (["ask", "Wat?", "--questions", "x.jsonl"], "", "not both"),
        (["ask", "--questions", "nowhere.jsonl"], "", "nowhere.jsonl"),
        (["ask", "Wat doet magnesium?", "--index", "nowhere"], "", "index build"),
        (["index", "build", "nowhere"], "", "nowhere"),
        (["flags", "nowhere.txt"], "", "nowhere.txt"),
    ],
)
def test_bad_input_gets_one_sentence_and_exit_two(
    home: Path, arguments: list[str], stdin: str, says: str
) -> None:
    result = run(home, *arguments, stdin=stdin)
    assert result.returncode == 2, result.stdout + result.stderr
    assert says in _one_sentence(result)


def test_search_filters_by_publisher(home: Path) -> None:
    result = run(home, "search", "slaap", "--json", "--k", "5", "--publisher", "Topvitamine")
    assert result.returncode == 0, result.stderr
    assert {passage["publisher"] for passage in json.loads(result.stdout)} == {"Topvitamine"}


def test_every_command_has_help_with_an_example(home: Path) -> None:
    commands = ["ask", "search", "flags", "index", "sources", "eval", "serve", "doctor"]
    top = run(home, "--help")
    assert top.returncode == 0
    for command in commands:
        assert command in top.stdout
        shown = run(home, command, "--help")
        assert shown.returncode == 0
        assert "Example" in shown.stdout, command


def test_an_article_that_cannot_be_read_is_named_and_loses_nothing(
    home: Path, tmp_path: Path
) -> None:
    articles = tmp_path / "articles"
    articles.mkdir()
    (articles / "goed.txt").write_text("Titel\n\nEen zin over slaap.\n", encoding="utf-8")
    assert run(tmp_path / "home", "index", "build", str(articles)).returncode == 0
    (articles / "kapot.txt").write_bytes(b"\xff\xfe\x00\xd8")
    result = run(tmp_path / "home", "index", "build", str(articles))
    assert result.returncode == 2
    assert "kapot.txt" in _one_sentence(result)
    assert run(tmp_path / "home", "search", "slaap").returncode == 0


def test_a_folder_that_cannot_be_written_to(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("not a folder", encoding="utf-8")
    result = run(tmp_path / "file" / "home", "index", "build")
    assert result.returncode == 2
    assert "file" in _one_sentence(result)
    cache = run(
        tmp_path / "other", "index", "build", BIJSLUITER_CACHE=str(tmp_path / "file" / "cache")
    )
    assert cache.returncode == 2
    assert "cache" in _one_sentence(cache)


def test_doctor_says_that_all_is_sound(home: Path) -> None:
    result = run(home, "doctor")
    assert result.returncode == 0, result.stdout + result.stderr
    assert "multilingual-e5-small" in result.stdout


def test_a_reader_that_goes_away_is_no_error(home: Path) -> None:
    command = f"{sys.executable} -m cli.main search slaap --json --k 50 | head -c 10"
    result = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"BIJSLUITER_HOME": str(home)},
        timeout=300,
        check=False,
    )
    assert "Traceback" not in result.stderr
