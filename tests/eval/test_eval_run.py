"""Running and scoring: the tiny world worked out by hand, resumed, and told apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from corpus.errors import EvaluationError
from eval import session, summary
from eval.measures.places import Place
from eval.questions import load
from eval.result import Result, Row, row_to_dict, to_json
from eval.result import load as load_result
from eval.run import Journal, run
from eval.slices import select, slices
from eval.subject import Subject
from qa.answer import Outcome
from tests.eval.world import ALL, LIST, TEXTS, FakeAssistant, Script

Write = Callable[..., Path]


@pytest.fixture
def rows(subject: Subject, write: Write) -> dict[str, Row]:
    found = run(load(write(*ALL), TEXTS), subject, k=10)
    return {row.id: row for row in found}


def judged(row: Row) -> dict[str, float]:
    return row.measures


def test_a_conflict_question_by_hand(rows: dict[str, Row]) -> None:
    # rank 1 misses, rank 2 hits one of two gold passages; one of two sides is quoted
    values = judged(rows["t1"])
    assert values["search.hit@1"] == 0.0
    assert values["search.hit@3"] == 1.0
    assert values["search.recall@10"] == 0.5
    assert values["search.mrr"] == 0.5
    assert values["search.map"] == 0.25
    assert values["shown.hit@1"] == 0.0
    assert values["answer.exact"] == values["answer.f1"] == 1.0
    assert values["answer.in_passage"] == 1.0
    assert values["answer.groups"] == 0.5
    assert values["silence.coverage"] == values["silence.outcome"] == 1.0
    assert values["citation.exact"] == 1.0
    assert "answer.item_recall" not in values
    assert "silence.false_answer" not in values
    assert rows["t1"].right


def test_a_list_question_by_hand(rows: dict[str, Row]) -> None:
    values = judged(rows["t2"])
    assert values["answer.item_precision"] == 1.0
    assert values["answer.item_recall"] == values["answer.item_recall_one_source"] == 1.0
    assert "answer.groups" not in values


def test_silence_on_an_answerable_question_scores_nothing(rows: dict[str, Row]) -> None:
    values = judged(rows["t3"])
    assert values["answer.f1"] == values["answer.in_passage"] == values["answer.groups"] == 0.0
    assert values["silence.false_silence"] == 1.0
    assert values["silence.coverage"] == 0.0


def test_an_answer_where_none_is_expected_is_false_and_declines_the_rest(
    rows: dict[str, Row],
) -> None:
    assert judged(rows["t4"]) == {
        "silence.outcome": 0.0,
        "silence.false_answer": 1.0,
        "silence.kept": 0.0,
        "citation.exact": 1.0,
    }
    assert not rows["t4"].right


def test_a_personal_medical_question_is_referred_with_general_text(rows: dict[str, Row]) -> None:
    assert judged(rows["t5"]) == {
        "silence.outcome": 1.0,
        "medical.referred": 1.0,
        "medical.general": 1.0,
        "citation.exact": 1.0,
    }


def test_a_measure_deeper_than_the_search_declines(subject: Subject, write: Write) -> None:
    row = run(load(write(LIST), TEXTS), subject, k=3)[0]
    assert {name for name in judged(row) if "@" in name and name.startswith("search")} == {
        "search.hit@1",
        "search.hit@3",
    }


def test_a_quote_that_is_not_its_slice_shows(subject: Subject, write: Write) -> None:
    class Liar(FakeAssistant):
        def ask(self, question, history=()):  # type: ignore[no-untyped-def]
            answer = super().ask(question, history)
            wrong = replace(answer.answers[0], start=answer.answers[0].start + 1)
            return replace(answer, answers=(wrong,))

    liar = Liar(subject.assistant.scripts)  # type: ignore[attr-defined]
    row = run(load(write(LIST), TEXTS), replace(subject, assistant=liar))[0]
    assert row.measures["citation.exact"] == 0.5


def test_every_place_of_a_repeated_passage_counts(subject: Subject, write: Write) -> None:
    elsewhere, gold = Place("twee.txt", 29, 40), Place("een.txt", 0, 34)
    script = Script(quotes=[("een.txt", "300")], passages=[("twee.txt", "Neem advies")])
    fake = FakeAssistant({"Hoeveel enzymen?": script})
    question = load(write(*ALL), TEXTS)[:1]
    alone = run(question, replace(subject, assistant=fake, retriever=fake))[0]
    both = run(
        question,
        replace(subject, assistant=fake, retriever=fake, same={elsewhere: (elsewhere, gold)}),
    )[0]
    assert alone.measures["shown.hit@1"] == 0.0
    assert both.measures["shown.hit@1"] == both.measures["search.hit@1"] == 1.0


def test_a_follow_up_is_asked_with_its_history(
    subject: Subject, fake: FakeAssistant, write: Write
) -> None:
    run(load(write({**LIST, "history": ["Wat is magnesium?"]}), TEXTS), subject)
    assert fake.asked == [("Waar zit magnesium in?", ("Wat is magnesium?",))]


def test_a_question_that_fails_is_kept_with_its_error(subject: Subject, write: Write) -> None:
    row = run(load(write({**LIST, "question": "?"}), TEXTS), subject)[0]
    assert row.outcome == "failed"
    assert row.error == "Too strange a question; ask another."
    assert row.measures["answer.f1"] == 0.0


def test_jobs_do_not_change_the_order_or_the_rows(subject: Subject, write: Write) -> None:
    questions = load(write(*ALL), TEXTS)
    one, many = (run(questions, subject, jobs=jobs) for jobs in (1, 4))
    strip = [replace(row, timings={}) for row in one]
    assert [replace(row, timings={}) for row in many] == strip


def settings(path: Path, save: Path, **more: object) -> session.Settings:
    return session.Settings(questions=(path,), save=save, **more)  # type: ignore[arg-type]


def test_an_interrupted_run_keeps_its_part_and_resumes_to_the_same_result(
    subject: Subject, fake: FakeAssistant, write: Write, tmp_path: Path
) -> None:
    path, save = write(*ALL), tmp_path / "result.json"
    whole = session.evaluate(settings(path, tmp_path / "whole.json"), subject)
    fake.asked.clear()
    fake.break_at = 3
    with pytest.raises(KeyboardInterrupt):
        session.evaluate(settings(path, save), subject)
    assert not save.exists()
    fake.asked.clear()
    fake.break_at = None
    resumed = session.evaluate(settings(path, save, resume=True), subject)
    assert len(fake.asked) == 2
    assert [replace(row, timings={}) for row in resumed.rows] == [
        replace(row, timings={}) for row in whole.rows
    ]


def test_a_journal_cut_off_in_its_last_line_gives_what_is_whole(
    rows: dict[str, Row], tmp_path: Path
) -> None:
    journal = Journal.beside(tmp_path / "r.json")
    with journal.open({"k": 10}, {}) as write:
        write.row(rows["t1"])
        write.row(rows["t2"])
    text = journal.path.read_text("utf-8")
    journal.path.write_text(text[:-40], "utf-8")
    assert row_to_dict(journal.read({"k": 10})["t1"]) == row_to_dict(rows["t1"])
    assert set(journal.read({"k": 10})) == {"t1"}


def test_a_journal_of_other_settings_is_refused(tmp_path: Path) -> None:
    journal = Journal.beside(tmp_path / "r.json")
    with journal.open({"k": 10}, {}):
        pass
    with pytest.raises(EvaluationError, match="other settings"):
        journal.read({"k": 5})


def test_a_repeat_gives_the_same_bytes_but_for_timings(
    subject: Subject, write: Write, tmp_path: Path
) -> None:
    path = write(*ALL)
    texts = []
    for name in ("a.json", "b.json"):
        result = session.evaluate(settings(path, tmp_path / name, seed=3), subject)
        timeless = Result(
            result.setup, tuple(replace(row, timings={}) for row in result.rows), result.flags
        )
        texts.append(to_json(timeless, summary.Summary.of(result, 3).to_dict()))
    assert texts[0] == texts[1]
    (tmp_path / "r.json").write_text(texts[0], "utf-8")
    assert (
        to_json(load_result(tmp_path / "r.json"), summary.Summary.of(result, 3).to_dict())
        == texts[0]
    )


@pytest.mark.parametrize(
    "content", ["", "{}", '{"schema": "bijsluiter-eval/1"}', '{"schema": "bijsluiter-eval/9"}']
)
def test_a_damaged_result_is_refused(content: str, tmp_path: Path) -> None:
    path = tmp_path / "r.json"
    path.write_text(content, "utf-8")
    with pytest.raises(EvaluationError, match=r"r\.json"):
        load_result(path)


def test_ids_in_two_files_are_refused(write: Write) -> None:
    paths = [write(LIST, name=name) for name in ("a.jsonl", "b.jsonl")]
    with pytest.raises(EvaluationError, match="t2"):
        session.read(paths, TEXTS)


def test_slices_and_their_selection(write: Write) -> None:
    questions = session.read([write(*ALL)], TEXTS)
    found = slices(questions)
    assert [q.id for q in found["source=twee.txt"]] == ["t1", "t3"]
    assert [q.id for q in found["origin=questions"]] == ["t1", "t2", "t3", "t4", "t5"]
    assert [q.id for q in select(questions, ["lang=nl", "type=list"])] == ["t2"]
    for wrong in (["colour=red"], ["type"], ["type=riddle"], ["lang=en", "type=list"]):
        with pytest.raises(EvaluationError, match="--slice"):
            select(questions, wrong)


def test_summary_by_hand(rows: dict[str, Row]) -> None:
    found = summary.estimates(list(rows.values()), 0)
    assert found["silence.coverage"].value == pytest.approx(2 / 3)
    assert found["silence.false_answer"].value == 1.0
    # answerable 0.9, 0.6, 0.3 against unanswerable 0.4: two of three pairs the right way round
    assert found["silence.auroc"].value == pytest.approx(2 / 3)
    assert found["answer.f1"].questions == 3
    assert found["answer.f1"].low <= found["answer.f1"].value <= found["answer.f1"].high
    assert summary.pairs_of(list(rows.values())) == [("t1", "t3")]
    assert summary.pair_parity(list(rows.values()), 0)["answer.f1"].value == 1.0
    worst = summary.worst(list(rows.values()))
    assert worst[0].id == "t4"  # as bad as t3, and surer of it
    assert "t5" not in {row.id for row in worst}
    searched = replace(rows["t1"], measures={"search.mrr": 0.5})
    assert summary.quality(searched) == 1.0  # nothing that a reader would notice


def test_every_known_outcome_is_one_of_the_contract() -> None:
    assert {str(outcome) for outcome in Outcome} == {
        "answered",
        "not_in_sources",
        "see_a_professional",
    }
