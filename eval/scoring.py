"""One question's observation becomes its measures, by name.

A measure that a question cannot judge is None. Names are stable: result files, comparisons and
``--fail-under`` use them. ``MEASURES`` says of each what a reader needs to know.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from eval.meaning import Meaning
from eval.measures import places, ranking, words
from eval.measures.places import Place
from eval.observation import Observation
from eval.questions import Question, Span
from qa.answer import Outcome

Measures = dict[str, float | None]


_SHOWN = ("hit@1", "hit@3", "hit@5", "recall@5", "mrr")
_RANKING = {
    "hit@1": "first passage answers",
    "hit@3": "an answering passage in the first 3",
    "hit@5": "an answering passage in the first 5",
    "hit@10": "an answering passage in the first 10",
    "recall@5": "answering passages found in the first 5",
    "recall@10": "answering passages found in the first 10",
    "mrr": "1 / rank of the first answering passage",
    "ndcg@10": "graded order of the first 10",
    "map": "mean precision where passages answer",
}
MEASURES: dict[str, Meaning] = {
    **{f"search.{name}": Meaning(f"search: {label}") for name, label in _RANKING.items()},
    **{f"shown.{name}": Meaning(f"shown: {_RANKING[name]}") for name in _SHOWN},
    "answer.in_passage": Meaning("top answer lies in an answering passage"),
    "answer.f1": Meaning("words of the top answer against the best gold answer (F1)"),
    "answer.exact": Meaning("top answer is a gold answer"),
    "answer.item_precision": Meaning("quoted list items that are right"),
    "answer.item_recall": Meaning("list items quoted, of all sources together"),
    "answer.item_recall_one_source": Meaning("list items quoted, of the best source"),
    "answer.groups": Meaning("sides shown where sources differ"),
    "silence.outcome": Meaning("ends as expected: answered, silent or referred"),
    "silence.coverage": Meaning("answerable questions answered"),
    "silence.false_silence": Meaning("answerable questions met with silence", False),
    "silence.false_answer": Meaning("unanswerable questions answered all the same", False),
    "silence.kept": Meaning("unanswerable questions met with silence"),
    "medical.referred": Meaning("personal medical questions referred"),
    "medical.general": Meaning("general passage worth citing is shown (first 5)"),
    "citation.exact": Meaning("citations that equal their slice (must be 1)"),
}
_OUTCOMES = {
    "answer": Outcome.ANSWERED,
    "abstain": Outcome.NOT_IN_SOURCES,
    "abstain_out_of_domain": Outcome.NOT_IN_SOURCES,
    "general_info_and_refer": Outcome.SEE_A_PROFESSIONAL,
}
_FULL = 2
# The passages that a reader sees without unfolding anything.
_SEEN = 5


def score(question: Question, seen: Observation, texts: Mapping[str, str], k: int = 10) -> Measures:
    """Every measure of ``MEASURES`` for one question, None where it cannot judge.

    ``k`` is how many passages were asked of the search.
    """
    values: Measures = dict.fromkeys(MEASURES)
    if question.answerable:
        if seen.found is not None:
            values |= _prefixed("search", ranked(question, seen.found, k))
        shown = ranked(question, seen.shown, _SEEN)
        values |= _prefixed("shown", {name: shown[name] for name in _SHOWN})
        values |= _answered(question, seen, texts)
    values |= _ended(question, seen)
    values["citation.exact"] = places.citation_exactness(seen.citations, texts)
    return values


def is_right(question: Question, seen: Observation) -> bool:
    """Whether what was answered is right: its top answer lies in a passage that answers.

    The correctness behind calibration and the risk-coverage curve. An answer where none is
    expected is wrong.
    """
    return bool(places.answer_in_passage(_top(seen), _places(question.passages, _FULL)))


def _prefixed(name: str, values: Measures) -> Measures:
    return {f"{name}.{measure}": value for measure, value in values.items()}


def ranked(question: Question, found: Sequence[Sequence[Place]], k: int) -> Measures:
    """The ranking measures; one that looks deeper than the ``k`` passages asked for declines."""
    run = hits(question.passages, question.answers, found)
    grades = {str(number): span.rel for number, span in enumerate(question.passages)}
    values: Measures = {
        **{f"hit@{n}": ranking.hit_at_k(run, grades, n) for n in (1, 3, 5, 10)},
        **{f"recall@{n}": ranking.recall_at_k(run, grades, n) for n in (5, 10)},
        "ndcg@10": ranking.ndcg_at_k(run, grades, 10),
        "mrr": ranking.reciprocal_rank(run, grades),
        "map": ranking.average_precision(run, grades),
    }
    for name in values:
        if int(name.partition("@")[2] or 0) > k:
            values[name] = None
    return values


def hits(
    passages: Sequence[Span], answers: Sequence[Span], found: Sequence[Sequence[Place]]
) -> list[list[str]]:
    """For every rank, the numbers (as text) of the gold passages that it hits in any of its places.

    An answer span counts for a passage of at most its own grade: a partial answer in a passage does
    not make that passage found.
    """
    return [
        [
            str(number)
            for number, gold in enumerate(passages)
            if any(
                places.passage_hit(place, _place(gold), _places(answers, gold.rel))
                for place in rank
            )
        ]
        for rank in found
    ]


def _answered(question: Question, seen: Observation, texts: Mapping[str, str]) -> Measures:
    top = _top(seen)
    quotes = seen.quotes if seen.outcome == Outcome.ANSWERED else ()
    gold = [texts[a.file][a.start : a.end] for a in question.answers if a.rel == _FULL]
    prediction = texts[top.file][top.start : top.end] if top and top.file in texts else ""
    values: Measures = {
        "answer.in_passage": places.answer_in_passage(top, _places(question.passages, _FULL)),
        "answer.f1": words.token_f1(prediction, gold) if top else 0.0,
        "answer.exact": words.exact_match(prediction, gold) if top else 0.0,
    }
    if question.match == "list":
        items = _places(question.items, _FULL)
        partial = [_place(item) for item in question.items if item.rel < _FULL]
        values["answer.item_precision"] = places.item_precision(quotes, items, partial, texts)
        values["answer.item_recall"] = places.item_recall(quotes, items, texts)
        values["answer.item_recall_one_source"] = places.item_recall_one_source(
            quotes, items, texts
        )
    if question.match == "conflict":
        groups: dict[str, list[Place]] = {}
        for answer in question.answers:
            if answer.rel == _FULL:
                groups.setdefault(answer.group, []).append(_place(answer))
        sides = seen.sides if seen.outcome == Outcome.ANSWERED else ()
        values["answer.groups"] = places.groups_covered((*quotes, *sides), groups)
    return values


def _ended(question: Question, seen: Observation) -> Measures:
    expected = _OUTCOMES[question.expected]
    values: Measures = {"silence.outcome": float(seen.outcome == expected)}
    answered = float(seen.outcome == Outcome.ANSWERED)
    silent = float(seen.outcome == Outcome.NOT_IN_SOURCES)
    if expected == Outcome.ANSWERED:
        values |= {"silence.coverage": answered, "silence.false_silence": silent}
    elif expected == Outcome.NOT_IN_SOURCES:
        values |= {"silence.false_answer": answered, "silence.kept": silent}
    else:
        values["medical.referred"] = values["silence.outcome"]
        if question.context_passages:
            run = hits(question.context_passages, (), seen.shown)
            values["medical.general"] = float(any(run[:_SEEN]))
    return values


def _top(seen: Observation) -> Place | None:
    return seen.quotes[0] if seen.quotes and seen.outcome == Outcome.ANSWERED else None


def _place(span: Span) -> Place:
    return Place(span.file, span.start, span.end)


def _places(spans: Sequence[Span], rel: int) -> list[Place]:
    return [_place(span) for span in spans if span.rel >= rel]
