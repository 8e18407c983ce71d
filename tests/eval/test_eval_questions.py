"""The questions format: what is right is read, what is wrong is all reported with its line."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from corpus.errors import EvaluationError
from eval import labels, shipped
from eval.lines import Problems
from eval.questions import load, parse
from tests.eval.world import ALL, LIST, NUMBER, TEXTS, UNANSWERABLE, answer_span, span

Write = Callable[..., Path]


# How many questions each file of ours holds at least: none may lose any.
AT_LEAST = {"qa-dev": 60, "own": 295, "elsewhere": 70, "held": 39}


@pytest.mark.parametrize("name", AT_LEAST)
def test_shipped_questions_are_valid_and_none_was_dropped(name: str) -> None:
    path = shipped.QUESTIONS[0].with_name(f"{name}.jsonl")
    assert len(load(path, shipped.articles())) >= AT_LEAST[name]


def test_every_file_of_questions_has_its_least_number() -> None:
    folder = shipped.LABELS.parent
    files = {path.stem for path in folder.glob("*.jsonl") if path != shipped.LABELS}
    assert files == set(AT_LEAST)
    assert {path.stem for path in shipped.QUESTIONS} < files


def test_our_own_questions_are_at_least_120_in_both_languages_and_of_all_types() -> None:
    own = load(shipped.QUESTIONS[1], shipped.articles())
    development = load(shipped.QUESTIONS[0], shipped.articles())
    assert len(own) >= 120
    assert {q.lang for q in own} == {"nl", "en"}
    assert {q.type for q in own} >= {q.type for q in development}
    assert not {q.id for q in own} & {q.id for q in development}


def test_shipped_labels_are_valid() -> None:
    assert len(labels.load(shipped.LABELS, shipped.articles())) == 487


def test_reads_what_is_there(write: Write) -> None:
    found = load(write(*ALL, ""), TEXTS)
    assert [q.id for q in found] == ["t1", "t2", "t3", "t4", "t5"]
    assert found[0].sources == ("een.txt", "twee.txt")
    assert TEXTS["een.txt"][found[1].items[1].start : found[1].items[1].end] == "zaden"
    assert [q.answerable for q in found] == [True, True, True, False, False]


def test_offsets_count_characters_not_bytes(write: Write) -> None:
    question = {
        **LIST,
        "match": "any",
        "items": [],
        "answers": [answer_span("twee.txt", "👍 eind")],
        "passages": [span("twee.txt", "'Ünïcode' 👍 eind.")],
    }
    assert load(write(question), TEXTS)[0].answers[0].text == "👍 eind"


GOLD = LIST["answers"][0]
WRONG: list[tuple[dict[str, Any] | str, str]] = [
    ("{", "not JSON"),
    ("[1]", "one JSON object"),
    ('{"id": "a", "id": "b"}', "'id' is given twice"),
    ('{"id": NaN}', "NaN"),
    ("[" * 100_000, "nested too deeply"),
    ({**LIST, "colour": 1}, "unknown field 'colour'"),
    ({k: v for k, v in LIST.items() if k != "question"}, "'question' is missing"),
    ({**LIST, "question": "  "}, "'question' must be a text"),
    ({**LIST, "lang": "fr"}, "'lang' is 'fr'; choose from nl, en"),
    ({**LIST, "type": "riddle"}, "'type' is 'riddle'"),
    ({**LIST, "expected": "abstain"}, "goes with 'expected': 'answer'"),
    ({**UNANSWERABLE, "answers": [GOLD]}, "'answers' must be empty"),
    ({**LIST, "answerable": False}, "'answerable' must be true exactly when"),
    ({**LIST, "tags": "x"}, "'tags' must be a list"),
    ({**LIST, "history": [1]}, "'history' must be a list"),
    ({**LIST, "match": None}, "'match' must not be null"),
    ({**LIST, "answers": "x"}, "'answers' must be a list of spans"),
    ({**LIST, "answers": [[]]}, "answers[0] must be an object"),
    ({**LIST, "answers": [{**GOLD, "page": 1}]}, "unknown field 'page'"),
    ({**LIST, "answers": [{**GOLD, "start": 1.5}]}, "'start' must be a whole number"),
    ({**LIST, "answers": [{**GOLD, "end": True}]}, "'end' must be a whole number"),
    ({**LIST, "answers": [{**GOLD, "rel": 3}]}, "'rel' is 3"),
    ({**LIST, "answers": [{**GOLD, "file": "drie.txt"}]}, "'drie.txt' is not in the index"),
    ({**LIST, "answers": [{**GOLD, "end": 999}]}, "past the end of een.txt (69 characters)"),
    ({**LIST, "answers": [{**GOLD, "start": 60, "end": 50}]}, "needs 0 <= start < end"),
    ({**LIST, "answers": [{**GOLD, "start": -3}]}, "needs 0 <= start < end"),
    ({**LIST, "answers": [{**GOLD, "text": "noten"}]}, "is not the slice"),
    ({**LIST, "answers": [GOLD, GOLD]}, "repeats an earlier span"),
    ({**LIST, "passages": [span("een.txt", " Noten en zaden")]}, "white space"),
    ({**LIST, "passages": [span("een.txt", "bevatten magnesium.")]}, "lies in no passage"),
    ({**LIST, "answers": [{**GOLD, "rel": 1}]}, "needs a span with rel 2"),
    ({**LIST, "items": []}, "a list needs them"),
    ({**LIST, "match": "any"}, "'items' go with"),
    ({**LIST, "answers": [{**GOLD, "group": "x"}]}, "goes with 'match': 'conflict'"),
    (
        {**NUMBER, "pair": "", "answers": [{**a, "group": ""} for a in NUMBER["answers"]]},
        "needs a 'group'",
    ),
    (
        {**NUMBER, "pair": "", "answers": [{**a, "group": "1"} for a in NUMBER["answers"]]},
        "at least two groups",
    ),
    (NUMBER, "pair 'p1' needs one question in nl and one in en"),
]


@pytest.mark.parametrize(("line", "message"), WRONG, ids=[message for _, message in WRONG])
def test_a_fault_is_reported_with_its_line(
    line: dict[str, Any] | str, message: str, write: Write
) -> None:
    with pytest.raises(EvaluationError) as caught:
        load(write(UNANSWERABLE, line), TEXTS)
    assert message in str(caught.value)
    assert "questions.jsonl:2:" in str(caught.value)


def test_all_faults_are_reported_together(write: Write) -> None:
    path = write(
        "{", {**LIST, "lang": "fr", "colour": 1}, LIST, {**UNANSWERABLE, "id": LIST["id"]}, LIST
    )
    with pytest.raises(EvaluationError) as caught:
        load(path, TEXTS)
    lines = str(caught.value).splitlines()
    assert lines[0].startswith("6 problems in questions.jsonl")
    assert [line.split(":")[1] for line in lines[1:]] == ["1", "2", "2", "4", "5", "5"]


def test_a_pair_must_have_the_same_gold(write: Write) -> None:
    other = {**NUMBER, "id": "x", "lang": "en", "answers": NUMBER["answers"][::-1]}
    load(write(NUMBER, other), TEXTS)  # in another order it is the same gold
    partial = {
        **other,
        "answers": [*NUMBER["answers"], answer_span("een.txt", "Magnesium", rel=1)],
    }
    with pytest.raises(EvaluationError, match="different gold"):
        load(write(NUMBER, partial), TEXTS)


@pytest.mark.parametrize("content", [b"", b"\n\n", b"\xff\xfe"])
def test_an_empty_or_binary_file_is_refused(content: bytes, tmp_path: Path) -> None:
    path = tmp_path / "q.jsonl"
    path.write_bytes(content)
    with pytest.raises(EvaluationError):
        load(path, TEXTS)


def test_a_missing_file_is_refused_with_its_name(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match=r"gone\.jsonl: cannot be read"):
        load(tmp_path / "gone.jsonl", TEXTS)


def test_a_byte_order_mark_and_windows_lines_are_no_fault(tmp_path: Path, write: Write) -> None:
    path = write(LIST)
    path.write_bytes(b"\xef\xbb\xbf" + path.read_bytes().replace(b"\n", b"\r\n"))
    assert len(load(path, TEXTS)) == 1


def test_a_label_with_faults_is_refused(write: Write) -> None:
    good = {**answer_span("een.txt", "Noten"), "label": "plain"}
    good.pop("rel")
    assert len(labels.load(write(good), TEXTS)) == 1
    faults = [
        ({**good, "label": "odd"}, "'label' is 'odd'"),
        ({**good, "text": "noten"}, "is not the slice"),
        ({**good, "label": "flag", "flag": "x"}, "cue_start None"),
        ({**good, "label": "flag"}, "needs the 'flag'"),
        ({**good, "file": "drie.txt"}, "not in the index"),
        ({**good, "odd": 1}, "unknown field 'odd'"),
    ]
    for line, message in faults:
        with pytest.raises(EvaluationError) as caught:
            labels.load(write(line), TEXTS)
        assert message in str(caught.value)


_JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200) | st.floats(allow_nan=False) | st.text(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*NUMBER, *GOLD, "items", "context_passages", "x"]), inner, max_size=6
        )
    ),
    max_leaves=12,
)


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from([NUMBER, LIST, UNANSWERABLE]),
    st.dictionaries(
        st.sampled_from([*NUMBER, "items", "history", "context_passages", "note"]),
        _JSON,
        max_size=3,
    ),
)
def test_whatever_a_line_holds_it_is_read_or_refused_in_words(
    base: dict[str, Any], changes: dict[str, Any]
) -> None:
    problems = Problems("q.jsonl")
    question = parse({**base, **changes}, TEXTS, problems, 1)
    assert question is not None or problems.found
    if question is not None and not problems.found:
        for spans in (question.answers, question.items):
            assert all(TEXTS[s.file][s.start : s.end] for s in spans)
