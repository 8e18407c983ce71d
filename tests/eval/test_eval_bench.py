"""The benchmark's page, targets and plain stack; the measuring itself is ``make bench``."""

from __future__ import annotations

import shutil
import time
import tomllib
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from corpus.errors import EvaluationError, StoreError
from eval import shipped
from eval.bench import blocks, machine, measuring, plain, work
from eval.bench.page import filled, write
from eval.bench.targets import verdicts
from eval.summary import ALL_MEASURES
from index.paths import HOME_VARIABLE
from index.store import index_root
from qa import Reader, Retriever
from tests.eval.world import TEXTS

PAGE = """# Title
typed <!-- generated: a -->
old
<!-- end of generated --> typed
<!-- generated: b -->
<!-- end of generated -->
"""


def test_figures_are_put_between_their_markers_and_prose_is_kept() -> None:
    once = filled(PAGE, {"a": "| 1 |", "b": "two\n"})
    assert once == PAGE.replace("old", "| 1 |").replace("b -->\n", "b -->\ntwo\n")
    assert filled(once, {"a": "| 1 |", "b": "two"}) == once
    assert "old" in filled(PAGE, {"b": "two"})


def test_a_page_without_a_blocks_markers_is_refused() -> None:
    with pytest.raises(EvaluationError, match="no markers for c"):
        filled(PAGE, {"c": "x"})


def test_a_page_that_is_not_there_begins_from_the_skeleton(tmp_path: Path) -> None:
    names = ("machine", "targets", "finding", "vectors", "speed", "answers", "slices", "flags")
    write(tmp_path / "docs" / "page.md", {name: f"[{name}]" for name in names})
    text = (tmp_path / "docs" / "page.md").read_text("utf-8")
    assert all(f"<!-- generated: {name} -->\n[{name}]\n" in text for name in names)
    assert "What this comparison cannot tell" in text


def test_the_start_is_told_step_by_step(home: Path) -> None:
    asked = ["Wat is GABA?", "Is it safe?"]
    job = {"folder": str(home), "started": time.time(), "questions": asked}
    steps = work.ours_start(job)["steps"]
    assert [step["step"] for step in steps][-2:] == [
        "first question answered",
        "second question answered",
    ]
    assert all(step["cpu"] >= 0 and step["wall"] >= 0 and step["megabytes"] > 0 for step in steps)
    table = blocks.start(steps).splitlines()
    assert len(table) == 2 + len(steps) + 1
    total = sum(step["cpu"] for step in steps[:-1])
    assert table[-2].startswith(f"| **all of it** | {total:.2f} |")


def test_answers_are_timed_by_how_many_passages_are_read(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    read = Reader.read

    def watched(self: Reader, question: str, passages: list[str], contexts: list[str]) -> Any:
        asked.append(len(passages))
        return read(self, question, passages, contexts)

    monkeypatch.setattr(Reader, "read", watched)
    monkeypatch.setattr(work, "_WARMING", 1)
    questions = ["Wat is GABA?", "Is het veilig?", "Wat doet magnesium?", "Helpt het bij stress?"]
    job = {"folder": str(home), "questions": questions, "candidates": [1, 2]}
    times = work.ours_read(job)["milliseconds"]
    assert [len(each) for each in times] == [2, 1]
    assert asked == [2, 1, 2, 1]
    table = blocks.read({10: (114.6, 147.2), 20: (210.0, 260.0)}).splitlines()
    assert table[-1] == "| 20 | 210 | 260 |"


def test_no_figure_is_typed_in_the_skeleton() -> None:
    text = files("eval.bench").joinpath("skeleton.md").read_text("utf-8")
    for block in text.split("<!-- generated: ")[1:]:
        assert block.split("-->\n", 1)[1].startswith("<!-- end of generated -->")


def test_targets_are_held_missed_or_not_measured() -> None:
    figures = {"dev.search.hit@1": 0.65, "speed.command_s": 2.1}
    found = {each.what: each for each in verdicts(figures)}
    assert found["first passage found answers (hit@1)"].holds is True
    assert found["command line, from process start to answer (s)"].holds is False
    unmeasured = found["micro F1"]
    assert (unmeasured.value, unmeasured.holds) == (None, None)
    table = blocks.targets(list(found.values()))
    assert "| at most 2 | 2.1 | **no** |" in table
    assert "not measured by this command" in table


def test_every_target_names_a_figure_that_exists() -> None:
    data = tomllib.loads(files("eval.bench").joinpath("targets.toml").read_text("utf-8"))
    for target in data["target"]:
        room, _, name = target["figure"].partition(".")
        assert room in ("dev", "flags", "speed", "questions")
        if room == "dev":
            assert name.removeprefix("pairs.") in ALL_MEASURES
        assert ("at_least" in target) != ("at_most" in target)


def test_the_plain_stack_splits_into_slices_of_at_most_500_characters() -> None:
    texts = {**TEXTS, "lang.txt": "Een zin met woorden. " * 100}
    found = plain.split(texts)
    assert {place.file for place in found} == set(texts)
    for place in found:
        chunk = texts[place.file][place.start : place.end]
        assert 0 < len(chunk) <= plain.CHUNK
        assert chunk == chunk.strip()


def test_reciprocal_rank_fusion_by_hand() -> None:
    class Stack(plain.PlainStack):
        def _dense(self, question: str, k: int) -> list[int]:
            return [0, 1, 2][:k]

        def _words(self, question: str, k: int) -> list[int]:
            return [2, 1][:k]

    chunks = plain.split({"a": "x", "b": "y", "c": "z"})
    # 2: 1/63 + 1/61; 1: 1/62 + 1/62; 0: 1/61
    assert Stack(chunks, None, None, None).fused("?", 3) == [chunks[2], chunks[1], chunks[0]]
    assert Stack(chunks, None, None, None).dense("?", 2) == chunks[:2]


def test_the_machine_is_described_without_naming_it() -> None:
    facts = machine.describe()
    assert int(facts["cores"]) >= 1
    assert "/" not in facts["processor"] and str(Path.home()) not in str(facts)
    assert machine.peak_bytes() >= machine.resident_bytes() // 2 > 1_000_000


@pytest.fixture
def bench(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> measuring.Bench:
    """A bench whose index is built, for a user whose own index cannot be opened."""
    bench = measuring.Bench(tmp_path / "bench", shipped.articles(), Console(quiet=True))
    shutil.copytree(home, bench.home)
    users = index_root(tmp_path / "users")
    users.mkdir(parents=True)
    (users / "CURRENT").write_text("of an older version\n", "ascii")
    monkeypatch.setenv(HOME_VARIABLE, str(tmp_path / "users"))
    with pytest.raises(StoreError):
        Retriever.open()
    return bench


def test_the_flags_by_article_are_of_the_shipped_articles(bench: measuring.Bench) -> None:
    scores = measuring._flags_by_article(bench)
    assert len(scores) > 1 and set(scores) <= set(bench.texts)
    assert all(score.figures()["flags.micro_f1"] > 0.5 for score in scores.values())


def test_no_process_of_the_bench_can_open_the_users_own_index(bench: measuring.Bench) -> None:
    names = "from qa import Retriever; print(*sorted(Retriever.open().documents))"
    assert bench.run("-c", names).split() == sorted(bench.texts)
    flagged = bench.phase("ours_flags", "ours")
    assert flagged["characters"] == sum(len(text) for text in bench.texts.values())


def test_the_command_and_the_evaluation_are_measured_on_the_benchs_index(
    bench: measuring.Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[str, ...]] = []
    run = measuring.Bench.run

    def briefly(self: measuring.Bench, *arguments: str, codes: tuple[int, ...] = (0,)) -> str:
        asked.append(arguments)
        return run(self, *arguments, *few.get(arguments[1], ()), codes=codes)

    few = {"eval": ("--slice", "type=multi_source", "--slice", "lang=en")}
    monkeypatch.setattr(measuring, "_COMMAND_RUNS", 1)
    monkeypatch.setattr(measuring.Bench, "run", briefly)
    assert measuring._command(bench) > 0
    result = measuring._evaluation(bench, 0)
    assert set(result.setup["texts"]) == set(bench.texts)
    assert [arguments[1] for arguments in asked] == ["cli.main", "eval"]
