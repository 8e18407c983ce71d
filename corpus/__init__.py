"""Read articles: documents, the articles in them, and their blocks with exact offsets.

>>> import corpus
>>> len(corpus.load())
5
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from corpus.errors import CorpusError
from corpus.model import ANSWERING, Article, Block, Cell, Document, Kind, Source
from corpus.readers import READERS, read
from corpus.sources import load_sources

__all__ = [
    "ANSWERING",
    "ARTICLES",
    "Article",
    "Block",
    "Cell",
    "CorpusError",
    "Document",
    "Kind",
    "Source",
    "each",
    "load",
    "read",
]

ARTICLES = Path(__file__).parent / "articles"
"""The folder of the articles that come with the package."""


def load(folder: Path | None = None) -> tuple[Document, ...]:
    """Every article file in ``folder`` (not in folders below it), sorted by name.

    The shipped articles by default. Facts come from ``sources.toml`` in the folder, if there is
    one. Raises :class:`CorpusError` where the folder is missing, unreadable or has no article.
    """
    return tuple(each(folder))


def each(folder: Path | None = None) -> Iterator[Document]:
    """``load``, an article at a time: a folder may hold more than memory does."""
    folder = ARTICLES if folder is None else Path(folder)
    try:
        paths = sorted(
            path
            for path in folder.iterdir()
            if path.suffix.lower() in READERS and not path.name.startswith(".") and path.is_file()
        )
    except FileNotFoundError as error:
        raise CorpusError(f"{folder} does not exist: name a folder of .txt files.") from error
    except NotADirectoryError as error:
        raise CorpusError(f"{folder} is not a folder: name the folder the file is in.") from error
    except OSError as error:
        raise CorpusError(
            f"{folder} cannot be read ({error.strerror}): check its permissions."
        ) from error
    if not paths:
        raise CorpusError(f"{folder} has no {' or '.join(READERS)} file: put the articles in it.")
    sources = load_sources(folder)
    return (read(path, sources.get(path.name)) for path in paths)
