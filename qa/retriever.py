"""The retriever: a question in, cited passages out. No reading, no verdict."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from corpus.errors import QuestionError
from corpus.model import Document, Source
from index.kept import Kept
from index.search import Index
from qa.answer import CitedPassage
from qa.cite import cited
from qa.opening import open_index
from qa.question import checked

_KEPT_FILTERS = 64  # of a million passages each takes a megabyte


@dataclass(frozen=True, slots=True)
class Filters:
    """Which passages may be found; an empty field allows all. All given fields must hold."""

    sources: frozenset[str] = frozenset()
    publishers: frozenset[str] = frozenset()
    publisher_kinds: frozenset[str] = frozenset()

    def allow(self, source: Source) -> bool:
        """Whether what this source published may be found."""
        return (
            (not self.sources or source.file in self.sources)
            and (not self.publishers or source.publisher in self.publishers)
            and (not self.publisher_kinds or source.publisher_kind in self.publisher_kinds)
        )


class Retriever:
    """Search over an index. Safe to share between threads.

    >>> from qa import Retriever
    >>> for passage in Retriever.open().search("Helpt magnesium bij migraine?", k=3):
    ...     print(passage.publisher, passage.start, passage.end)
    """

    def __init__(self, index: Index) -> None:
        self._index = index
        self._kept_allowed: Kept[Filters, NDArray[np.bool_]] = Kept(_KEPT_FILTERS)

    @classmethod
    def open(cls, path: Path | str | None = None, *, model: str | None = None) -> Retriever:
        """Open the index in ``path``; the user's own, made of the shipped articles if absent.

        Raises:
            StoreError: ``path`` was given and holds no index, or the index is damaged.
            ModelError: the encoder cannot be had.
        """
        return cls(open_index(path, model=model))

    @property
    def index(self) -> Index:
        """The opened index."""
        return self._index

    @property
    def documents(self) -> Mapping[str, Document]:
        """The documents that can be cited, by file name."""
        return self._index.documents

    def search(
        self, question: str, k: int = 5, filters: Filters | None = None
    ) -> list[CitedPassage]:
        """The ``k`` passages nearest to the question, best first, ranks from 1.

        Raises:
            QuestionError: the question is empty, too long or not text, or ``k`` is below 1.
        """
        if k < 1:
            raise QuestionError(f"k is {k}; ask for at least 1 passage.")
        allowed = None if filters is None else self.allowed(filters)
        found = self._index.search(checked(question), k, allowed)
        return [
            cited(one.passage, rank, one.score, self._index.sources)
            for rank, one in enumerate(found, start=1)
        ]

    def allowed(self, filters: Filters) -> NDArray[np.bool_]:
        """Which passages pass, by the source of their first place, shape (passages,)."""
        return self._kept_allowed.get(filters, lambda: self._work_out_allowed(filters))

    def _work_out_allowed(self, filters: Filters) -> NDArray[np.bool_]:
        passing = [filters.allow(source) for source in self._index.sources.all()]
        return np.array(passing, dtype=np.bool_)[self._index.source_numbers]
