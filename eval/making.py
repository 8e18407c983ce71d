"""The commands that make questions: talk with a person, or take over readers' verdicts."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import typer

from eval.annotation import Annotator, Talk
from eval.feedback import candidates
from eval.gold import units
from eval.writing import append, ids, new_id
from qa.answer import CitedPassage

_SEARCHED = 10


@dataclass(frozen=True, slots=True)
class Terminal:
    """Talk on the terminal; the end of input counts as an empty answer."""

    def ask(self, prompt: str) -> str:
        """Ask on one line."""
        try:
            answer: str = typer.prompt(prompt, default="", show_default=False, prompt_suffix=" ")
        except typer.Abort:
            return ""
        return answer.strip()

    def say(self, text: str) -> None:
        """Show a text as it is."""
        typer.echo(text)


def talk(out: Path, verdicts: Path | None, index: Path | None, terminal: Talk | None = None) -> int:
    """Make questions until the person stops; each is written once it is valid. Gives how many."""
    from qa import Retriever
    from qa.language import detect

    retriever = Retriever.open(index)
    texts = {name: document.text for name, document in retriever.documents.items()}
    known = units(retriever.index.passages)
    taken = ids(out, texts)
    waiting = candidates(verdicts, texts, known).to_annotate if verdicts else None
    annotator = Annotator(
        _searching(retriever.search), detect, texts, known, terminal or Terminal()
    )
    added = 0
    for asked in _questions(waiting):
        made = annotator.question(new_id(out, taken), asked)
        if made is not None:
            append(out, [made], texts)
            taken.add(made["id"])
            added += 1
        elif not asked:
            break
    return added


def import_verdicts(verdicts: Path, out: Path, index: Path | None) -> tuple[int, int]:
    """Add the candidates of a verdicts file; gives how many, and how many have no gold yet."""
    from qa import Retriever

    retriever = Retriever.open(index)
    texts = {name: document.text for name, document in retriever.documents.items()}
    found = candidates(verdicts, texts, units(retriever.index.passages))
    append(out, found.questions, texts)
    return len(found.questions), len(found.to_annotate)


def _searching(
    search: Callable[[str, int], Sequence[CitedPassage]],
) -> Callable[[str], Sequence[CitedPassage]]:
    return lambda question: search(question, _SEARCHED)


def _questions(waiting: Sequence[str] | None) -> Iterator[str]:
    """Those that wait, or empty texts without end: the person gives the question."""
    if waiting is not None:
        yield from waiting
        return
    while True:
        yield ""
