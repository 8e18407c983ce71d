"""One real index of the shipped articles for the whole session, and the assistant over it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from corpus.model import Document
from qa import Assistant, Retriever


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A BIJSLUITER_HOME with an index of the shipped articles, made by the packaged encoder."""
    from index.build import build

    folder = tmp_path_factory.mktemp("home")
    before = os.environ.get("BIJSLUITER_HOME")
    os.environ["BIJSLUITER_HOME"] = str(folder)
    build(home=folder)
    yield folder
    if before is None:
        del os.environ["BIJSLUITER_HOME"]
    else:
        os.environ["BIJSLUITER_HOME"] = before


@pytest.fixture(scope="session")
def assistant(home: Path) -> Assistant:
    """The real assistant over the shipped articles."""
    return Assistant.open(home)


@pytest.fixture(scope="session")
def retriever(assistant: Assistant) -> Retriever:
    """The retriever of that assistant."""
    return assistant.retriever


@pytest.fixture(scope="session")
def texts(assistant: Assistant) -> dict[str, str]:
    """The canonical text of every document, by file name."""
    return {document.name: document.text for document in assistant.documents}


@pytest.fixture(scope="session")
def documents(assistant: Assistant) -> tuple[Document, ...]:
    """The documents as they were indexed."""
    return assistant.documents
