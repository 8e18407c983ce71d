"""Documents in, a published index out; what was embedded before is not embedded again.

A build goes through the articles once and then works from what it wrote, so it holds a few
hundred passages in memory, however many there are (``index.writing``). Killed, it leaves the
vectors that it made for the next one (``index.work``).
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from os import PathLike
from pathlib import Path

import corpus
from corpus.errors import StoreError
from corpus.model import Document
from index import counting, store, version, writing
from index import passages as splitting
from index import publish as publishing
from index._arrays import open_array
from index._progress import Progress, silent
from index.embedded import Embedding, different_texts
from index.embedding import Embedder, open_embedder
from index.store import Stored, Table
from index.vectors import Method, methods
from index.version import Manifest, Problem
from index.work import Work

PathName = str | PathLike[str]


@dataclass(frozen=True, slots=True)
class BuildReport:
    """What a build did. ``embedded`` and ``reused`` count different texts, not rows.

    Documents are named in ``added``, ``changed``, ``unchanged`` and ``removed`` against the index
    that was there before. ``published`` is False where an update found nothing new to write.
    ``search`` is how passages are searched, ``recall`` how much of the ten nearest that finds: 1 if
    exact, else measured in a trial on sentences of the index.
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
    search: Method = Method.EXACT
    recall: float = 1.0


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
    problems = version.damage(folder, manifest, whole=True)
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


def _read(folder: PathName | None) -> Iterator[Document]:
    return corpus.each(None if folder is None else Path(folder).expanduser())


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
    documents: Iterator[Document],
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
    before = {} if previous is None else previous.documents.checksums()
    with publishing.new_version(root) as new:
        passages = writing.texts(new, ((one, splitting.of_document(one)) for one in documents))
        if not passages:
            where = folder or "the shipped folder"
            raise StoreError(f"There is nothing to index in {where}: no article has any text.")
        after = store.Documents(Table(new / version.PASSAGES)).checksums()
        embedder = open_embedder(model, progress)
        published = always or previous is None or not _same(previous, new, embedder)
        if published:
            manifest, texts, made = _publish(
                root, new, previous, embedder, _lasting(model), folder, len(after), progress
            )
        else:
            assert previous is not None
            manifest, made = previous.manifest, 0
            texts = different_texts(previous.folder)
    return BuildReport(
        version=manifest.version,
        published=published,
        model_name=manifest.model_name,
        documents=manifest.documents,
        passages=manifest.passages,
        units=manifest.units,
        embedded=made,
        reused=texts - made,
        added=tuple(name for name in after if name not in before),
        changed=tuple(n for n, digest in after.items() if before.get(n, digest) != digest),
        unchanged=tuple(n for n, digest in after.items() if before.get(n) == digest),
        removed=tuple(name for name in before if name not in after),
        seconds=time.perf_counter() - started,
        search=manifest.passage_search,
        recall=manifest.recall,
    )


def _publish(
    root: Path,
    new: Path,
    previous: Stored | None,
    embedder: Embedder,
    model: str | None,
    folder: str | None,
    documents: int,
    progress: Progress,
) -> tuple[Manifest, int, int]:
    """Add words and vectors to the texts in ``new`` and publish; the manifest, how many different
    texts there are, and how many of them were embedded."""
    passages = store.Passages(Table(new / version.PASSAGES))
    units = int(open_array(new / version.UNIT_STARTS)[-1])
    progress("Counting words", 0, 1)
    counting.count(passages, new / version.WORDS)
    progress("Counting words", 1, 1)
    work = Work(root, embedder.fingerprint, embedder.dim)
    keep = True
    try:
        embedding = Embedding(embedder, previous, work)
        search = methods(len(passages), units)
        embedding.write(new, passages, units, search, progress)
        texts = different_texts(new)
        trial = writing.searchable(new, search[0], progress)
        made = version.Made(
            model=model,
            model_name=embedder.name,
            fingerprint=embedder.fingerprint,
            dim=embedder.dim,
            folder=folder,
            documents=documents,
            passages=len(passages),
            units=units,
            passage_search=search[0],
            unit_search=search[1],
            recall=trial.recall,
            probes=trial.probes,
        )
        progress("Writing the index", 0, 1)
        manifest = publishing.publish(root, new, made)
        progress("Writing the index", 1, 1)
        keep = False
    finally:
        work.close(keep)
    return manifest, texts, embedding.made


def _same(previous: Stored, new: Path, embedder: Embedder) -> bool:
    """Whether what was written in ``new`` is what the last version was made of."""
    if previous.manifest.fingerprint != embedder.fingerprint:
        return False
    files = (previous.folder / version.PASSAGES, new / version.PASSAGES)
    tables = [Table(file) for file in files]
    parts = (("name, sha256, source, structure", "documents"), ("passage", "passages"))
    return all(
        old == now
        for columns, name in parts
        for old, now in zip_longest(*(table.each(columns, name) for table in tables))
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
