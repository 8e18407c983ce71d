"""What is measured: an assistant with its retriever, opened from an index, and its texts."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Protocol

from eval.flag_measures import PredictedFlag
from eval.measures.places import Place
from index.model import Passage
from qa.answer import Answer, CitedPassage

if TYPE_CHECKING:
    from qa import Assistant


class Asks(Protocol):
    """The door of ``qa.Assistant`` that an evaluation uses."""

    def ask(self, question: str, history: Sequence[str] = ()) -> Answer:
        """The answer to a question that follows the earlier turns of ``history``."""
        ...


class Searches(Protocol):
    """The door of ``qa.Retriever`` that an evaluation uses."""

    def search(self, question: str, k: int = 5) -> Sequence[CitedPassage]:
        """The ``k`` best passages for a question, best first."""
        ...


@dataclass(frozen=True, slots=True)
class Subject:
    """What is measured.

    ``texts`` maps a source's file name to its canonical text; ``find_flags`` gives all flags of a
    source, by its file name. ``same`` maps the place where a
    passage is cited to every place where the same passage stands: repeated text is one passage.
    ``about`` says what was opened, for the record.
    """

    assistant: Asks
    retriever: Searches
    texts: Mapping[str, str]
    find_flags: Callable[[str], Iterable[PredictedFlag]]
    same: Mapping[Place, tuple[Place, ...]] = field(default_factory=dict)
    about: Mapping[str, Any] = field(default_factory=dict)


_WARMING = "Wat is magnesium?"


@contextmanager
def open_subject(
    index: Path | None = None, model: str | None = None, reader: str | None = None
) -> Iterator[Subject]:
    """Open the assistant on an index, with another encoder or reader where one is named.

    An index belongs to its encoder: ``model`` without ``index`` measures the shipped articles in a
    temporary index that is made with it and thrown away.
    """
    if model is None or index is not None:
        yield _opened(index, model, reader)
        return
    from index.build import build

    with TemporaryDirectory(prefix="bijsluiter-eval-") as folder:
        build(home=folder, model=model)
        yield _opened(Path(folder), model, reader)


def same_places(passages: Sequence[Passage]) -> dict[Place, tuple[Place, ...]]:
    """For every place of a repeated passage, all its places."""
    found = {}
    for passage in passages:
        places = tuple(Place(p.source, p.start, p.end) for p in passage.places)
        if len(places) > 1:
            found.update(dict.fromkeys(places, places))
    return found


def _opened(index: Path | None, model: str | None, reader: str | None) -> Subject:
    from qa import Assistant

    assistant = Assistant.open(index, model=model, reader=reader)
    # What loads with the first question is no part of a warm answer's time.
    assistant.ask(_WARMING)
    return of_assistant(assistant)


def of_assistant(assistant: Assistant) -> Subject:
    """What is measured, from an open assistant."""
    from qa.flags import find_in
    from qa.reader import Reader

    reader = assistant.reader
    retriever = assistant.retriever
    opened = retriever.index
    return Subject(
        assistant=assistant,
        retriever=retriever,
        texts={name: document.text for name, document in retriever.documents.items()},
        find_flags=lambda name: find_in(retriever.documents[name]),
        same=same_places(opened.passages),
        about={
            "model": opened.embedder.name,
            "model_fingerprint": opened.embedder.fingerprint,
            "reader_fingerprint": (
                reader.loaded.fingerprint if isinstance(reader, Reader) else type(reader).__name__
            ),
            "passages": len(opened.passages),
        },
    )
