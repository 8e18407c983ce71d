"""Documents in, a published index out; what was embedded before is not embedded again."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Sequence
from dataclasses import dataclass
from os import PathLike
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

import corpus
from corpus.errors import StoreError
from corpus.model import Document
from index import passages as splitting
from index import publish as publishing
from index import store, version
from index._progress import Progress, silent
from index.embedding import Embedder, open_embedder
from index.model import Passage
from index.store import Stored
from index.version import Problem
from index.words import Words

PathName = str | PathLike[str]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. ``embedded`` and ``reused`` count different texts, not rows.

    Documents are named in ``added``, ``changed``, ``unchanged`` and ``removed`` against the index
    that was there before. ``published`` is False where an update found nothing new to write.
    """

    version: str
    published: bool
    model_name: str
    documents: int
    passages: int
    units: int
    embedded: int
    reused: int
    added: tuple[str, ...]
    changed: tuple[str, ...]
    unchanged: tuple[str, ...]
    removed: tuple[str, ...]
    seconds: float


@dataclass(frozen=True, slots=True)
class ListedDocument:
    """A document of the index, for a listing."""

    name: str
    title: str
    publisher: str
    publisher_kind: str
    articles: int
    passages: int
    characters: int
    sha256: str


def build(
    folder: PathName | None = None,
    home: PathName | None = None,
    model: str | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Index a folder of articles, by default those that come with Bijsluiter, and publish it.

    A damaged index that was there is no obstacle: this is how it is mended.

    Raises:
        CorpusError: an article cannot be read. ModelError: the encoder cannot be prepared.
        StoreError: the index cannot be written, or another builder is at work.
    """
    documents = _read(folder)
    with publishing.writing(home) as root:
        previous = _previous(home)
        return _index(documents, _absolute(folder), previous, root, model, progress, always=True)


def update(
    folder: PathName | None = None,
    home: PathName | None = None,
    model: str | None = None,
    progress: Progress | None = None,
) -> BuildReport:
    """Bring the index up to date with its articles; embeds only what changed.

    ``folder`` and ``model`` default to those that the index was built with.

    Raises:
        StoreError: there is no sound index to update; and as ``build`` does.
    """
    with publishing.writing(home) as root:
        previous = store.open_stored(home)
        folder = folder if folder is not None else previous.manifest.folder
        model = model if model is not None else previous.manifest.model
        documents = _read(folder)
        return _index(documents, _absolute(folder), previous, root, model, progress, always=False)


def check(home: PathName | None = None) -> list[Problem]:
    """Everything that is wrong with the current version, every checksum worked out; [] if sound.

    Raises:
        StoreError: there is no index.
    """
    root = version.index_root(home)
    try:
        version.current_version(root)
    except StoreError:
        return [Problem("CURRENT", "it names no version")]
    folder = root / "versions" / version.required_version(root)
    try:
        manifest = version.read_manifest(folder)
    except StoreError as error:
        return [Problem(version.MANIFEST, str(error))]
    problems = version.damage(folder, manifest, checksums=True)
    if problems:
        return problems
    try:
        return _contradictions(store.open_stored(home))
    except StoreError as error:
        return [Problem(version.PASSAGES, str(error))]


def list_documents(home: PathName | None = None) -> list[ListedDocument]:
    """The documents of the index, in its order.

    Raises:
        StoreError: there is no index, or it is damaged.
    """
    stored = store.open_stored(home)
    counts = dict.fromkeys(stored.documents, 0)
    for passage in stored.passages:
        for name in {place.source for place in passage.places}:
            counts[name] += 1
    return [
        ListedDocument(
            name=name,
            title=document.source.title,
            publisher=document.source.publisher,
            publisher_kind=document.source.publisher_kind,
            articles=len(document.articles),
            passages=counts[name],
            characters=len(document.text),
            sha256=document.sha256,
        )
        for name, document in stored.documents.items()
    ]


def _read(folder: PathName | None) -> tuple[Document, ...]:
    return corpus.load(None if folder is None else Path(folder).expanduser())


def _absolute(folder: PathName | None) -> str | None:
    return None if folder is None else str(Path(folder).expanduser().absolute())


def _lasting(model: str | None) -> str | None:
    """The model's name as it holds from every working folder."""
    if model is not None and Path(model).expanduser().is_dir():
        return _absolute(model)
    return model


def _previous(home: PathName | None) -> Stored | None:
    """The index that is there, or None where there is none or it is damaged."""
    try:
        return store.open_stored(home)
    except StoreError:
        return None


def _index(
    documents: Sequence[Document],
    folder: str | None,
    previous: Stored | None,
    root: Path,
    model: str | None,
    progress: Progress | None,
    always: bool,
) -> BuildReport:
    """Split, embed what is new, publish; the caller holds the lock. ``always``: even if equal."""
    started = time.perf_counter()
    progress = progress or silent
    passages = splitting.make(documents)
    if not passages:
        where = folder or "the shipped folder"
        raise StoreError(f"There is nothing to index in {where}: no article has any text.")
    embedder = open_embedder(model, progress)
    passage_texts = [splitting.embedding_text(passage) for passage in passages]
    unit_texts = [
        splitting.unit_embedding_text(passage, unit)
        for passage in passages
        for unit in passage.units
    ]
    vectors = _Vectors(embedder, previous)
    embedded = vectors.embed([*passage_texts, *unit_texts], progress)
    published = always or previous is None or not _same(previous, documents, passages, embedder)
    if published:
        progress("Writing the index", 0, 1)
        manifest = publishing.publish(
            root,
            publishing.Content(
                documents=documents,
                passages=passages,
                passage_keys=[_key(text) for text in passage_texts],
                unit_keys=[_key(text) for text in unit_texts],
                passage_vectors=vectors.of(passage_texts),
                unit_vectors=vectors.of(unit_texts),
                words=Words.build(passages),
                model=_lasting(model),
                model_name=embedder.name,
                fingerprint=embedder.fingerprint,
                folder=folder,
            ),
        )
        progress("Writing the index", 1, 1)
    else:
        assert previous is not None
        manifest = previous.manifest
    before = {} if previous is None else dict(_checksums(previous))
    after = {document.name: document.sha256 for document in documents}
    return BuildReport(
        version=manifest.version,
        published=published,
        model_name=manifest.model_name,
        documents=manifest.documents,
        passages=manifest.passages,
        units=manifest.units,
        embedded=embedded,
        reused=len({*passage_texts, *unit_texts}) - embedded,
        added=tuple(name for name in after if name not in before),
        changed=tuple(n for n, digest in after.items() if before.get(n, digest) != digest),
        unchanged=tuple(n for n, digest in after.items() if before.get(n) == digest),
        removed=tuple(name for name in before if name not in after),
        seconds=time.perf_counter() - started,
    )


class _Vectors:
    """Vectors by the sha256 of their text: those of the last version, and new ones."""

    def __init__(self, embedder: Embedder, previous: Stored | None) -> None:
        self._embedder = embedder
        self._known: dict[str, NDArray[np.float32]] = {}
        if previous is not None and previous.manifest.fingerprint == embedder.fingerprint:
            passage_keys, unit_keys = previous.vector_keys()
            self._known.update(zip(unit_keys, previous.unit_vectors.all(), strict=True))
            self._known.update(zip(passage_keys, previous.passage_vectors.all(), strict=True))

    def embed(self, texts: Sequence[str], progress: Progress) -> int:
        """Embed the texts that have no vector yet, each once; how many that were."""
        new = {key: text for text in texts if (key := _key(text)) not in self._known}
        if new:
            vectors = self._embedder.embed_passages(list(new.values()), progress)
            self._known.update(zip(new, vectors, strict=True))
        return len(new)

    def of(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """The vectors of embedded texts, shape ``(len(texts), dim)``."""
        if not texts:
            return np.empty((0, self._embedder.dim), dtype=np.float32)
        return np.stack([self._known[_key(text)] for text in texts])


def _key(text: str) -> str:
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def _checksums(stored: Stored) -> list[tuple[str, str]]:
    return [(name, document.sha256) for name, document in stored.documents.items()]


def _same(
    previous: Stored,
    documents: Sequence[Document],
    passages: Sequence[Passage],
    embedder: Embedder,
) -> bool:
    return (
        previous.manifest.fingerprint == embedder.fingerprint
        and list(previous.documents.values()) == list(documents)
        and list(previous.passages) == list(passages)
    )


def _contradictions(stored: Stored) -> list[Problem]:
    """Where the parts of an index, each whole, do not fit together: a passage must be a slice."""
    problems = []
    for number, passage in enumerate(stored.passages):
        for place in passage.places:
            document = stored.documents.get(place.source)
            if document is None or document.text[place.start : place.end] != passage.text:
                what = f"passage {number} is not what stands at {place.source}:{place.start}"
                problems.append(Problem(version.PASSAGES, what))
    return problems
