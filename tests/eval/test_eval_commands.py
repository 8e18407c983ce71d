"""The commands: what they print, write and exit with, on the tiny world."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree

import pytest
from typer.testing import CliRunner

from corpus.errors import EvaluationError
from eval import session
from eval.commands import app
from eval.subject import Subject
from tests.eval.world import ALL, LIST, FakeAssistant, Script

Write = Callable[..., Path]
runner = CliRunner()


@pytest.fixture(autouse=True)
def _fake(subject: Subject, monkeypatch: pytest.MonkeyPatch) -> None:
    @contextmanager
    def opened(*_: object) -> Iterator[Subject]:
        yield subject

    monkeypatch.setattr(session, "open_subject", opened)


def test_a_table_for_people_says_what_came(write: Write) -> None:
    outcome = runner.invoke(app, ["--questions", str(write(*ALL))], env={"COLUMNS": "200"})
    assert outcome.exit_code == 0
    for words in (
        "search.hit@5",
        "type=list",
        "Dutch minus English",
        "Worst questions",
        "How much zinc?",
        "expected  abstain",
        "came      Magnesium",
        "retrieve",
    ):
        assert words in outcome.stdout


def test_json_goes_to_stdout_alone_and_equals_what_is_saved(write: Write, tmp_path: Path) -> None:
    save = tmp_path / "deep" / "r.json"
    arguments = ["--questions", str(write(*ALL)), "--json", "--save", str(save)]
    outcome = runner.invoke(app, arguments)
    assert outcome.exit_code == 0
    assert outcome.stdout == save.read_text("utf-8")
    assert [q["id"] for q in json.loads(outcome.stdout)["questions"]] == [q["id"] for q in ALL]
    assert [path.name for path in save.parent.iterdir()] == ["r.json"]


def test_lines_to_hold_decide_the_exit_code(write: Write) -> None:
    path = str(write(*ALL))
    held = ["--questions", path, "--fail-under", "answer.f1=0.6"]
    assert runner.invoke(app, held).exit_code == 0
    missed = runner.invoke(app, ["--questions", path, "--fail-under", "answer.f1=0.7"])
    assert missed.exit_code == 1
    assert "answer.f1 is 0.6667; it must be at least 0.7" in missed.stderr.replace("\n", " ")


def test_compare_says_what_was_won_and_holds_the_line(
    write: Write, tmp_path: Path, fake: FakeAssistant
) -> None:
    path = str(write(*ALL))
    a, b = str(tmp_path / "a.json"), str(tmp_path / "b.json")
    runner.invoke(app, ["--questions", path, "--save", a])
    fake.scripts["How many enzymes?"] = Script(
        quotes=[("twee.txt", "600")], passages=[("twee.txt", "Volgens ons zijn het er 600.")]
    )
    runner.invoke(app, ["--questions", path, "--save", b])
    better = runner.invoke(app, ["compare", a, b, "--no-worse-than", "answer.f1=0"])
    assert better.exit_code == 0
    assert "Won: 1 questions" in better.stdout
    assert "t3" in better.stdout
    worse = runner.invoke(app, ["compare", b, a, "--no-worse-than", "answer.f1=0.1", "--json"])
    assert worse.exit_code == 1
    assert list(json.loads(worse.stdout)["lost"]) == ["t3"]


def test_bad_input_leaves_nothing_behind(write: Write, tmp_path: Path) -> None:
    save = tmp_path / "r.json"
    arguments = ["--questions", str(write({**LIST, "lang": "fr"})), "--save", str(save)]
    outcome = runner.invoke(app, arguments)
    assert isinstance(outcome.exception, EvaluationError)
    assert outcome.exception.exit_code == 2
    assert {path.name for path in tmp_path.iterdir()} == {"questions.jsonl"}


@pytest.mark.parametrize(
    "arguments",
    [["--resume"], ["--slice", "type=x"], ["--fail-under", "x=1"], ["--questions", "gone.jsonl"]],
)
def test_wrong_use_is_one_sentence(arguments: list[str], write: Write) -> None:
    outcome = runner.invoke(app, ["--questions", str(write(LIST)), *arguments])
    assert isinstance(outcome.exception, EvaluationError)


def test_an_unwritable_result_is_refused_before_the_run(
    write: Write, tmp_path: Path, fake: FakeAssistant
) -> None:
    (tmp_path / "file").write_text("", "utf-8")
    save = tmp_path / "file" / "r.json"
    outcome = runner.invoke(app, ["--questions", str(write(LIST)), "--save", str(save)])
    assert isinstance(outcome.exception, EvaluationError)
    assert fake.asked == []


class Page(HTMLParser):
    """Notes every tag, everything that would be fetched, and the text."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.fetched: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.fetched += [str(v) for name, v in attrs if name in ("src", "href", "srcset")]


def test_the_plots_of_confidence_are_files_of_their_own(write: Write, tmp_path: Path) -> None:
    images = tmp_path / "images"
    outcome = runner.invoke(app, ["--questions", str(write(*ALL)), "--plots", str(images)])
    assert outcome.exit_code == 0, outcome.exception
    for name in ("reliability", "coverage"):
        drawn = ElementTree.parse(images / f"{name}.svg").getroot()
        assert [child.tag.rpartition("}")[2] for child in drawn][:2] == ["style", "title"]


def test_the_page_is_whole_offline_and_escaped(
    write: Write, tmp_path: Path, fake: FakeAssistant
) -> None:
    hostile = "<script>alert(1)</script> <img src=x onerror=alert(2)> {{ 7*7 }}"
    fake.scripts[hostile] = Script()
    questions = write(*ALL, {**LIST, "id": "h", "question": hostile, "tags": ["<b>tag</b>"]})
    html = tmp_path / "report.html"
    outcome = runner.invoke(app, ["--questions", str(questions), "--html", str(html)])
    assert outcome.exit_code == 0, outcome.exception
    text = html.read_text("utf-8")
    page = Page()
    page.feed(text)
    assert "script" not in page.tags and "img" not in page.tags and "b" not in page.tags
    assert page.fetched == []
    assert "{{ 7*7 }}" in text
    assert page.tags.count("svg") >= 4
    for words in (
        "Reliability",
        "Risk and coverage",
        "Time by stage",
        "type=list",
        "How much zinc?",
    ):
        assert words in text


def test_check_says_how_many_are_valid(write: Write) -> None:
    articles = write("", name="een.txt").parent
    question = {
        "id": "a",
        "lang": "nl",
        "question": "Wat?",
        "type": "out_of_domain",
        "expected": "abstain_out_of_domain",
    }
    outcome = runner.invoke(app, ["check", str(write(question)), "--texts", str(articles)])
    assert outcome.stdout == "1 questions, all valid\n"
