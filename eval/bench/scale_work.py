"""One phase at one size, in a process of its own: see ``eval.bench.scale``.

``python -m eval.bench.scale_work PHASE JOB.json``: the job says where the index is, how many
passages, and what to ask; the figures are printed as one line of JSON. Seconds unless the name
says otherwise.
"""

from __future__ import annotations

import json
import sys
import time
from array import array
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from eval.bench import generated
from eval.bench.drawn import Drawn
from eval.bench.generated import Generated
from eval.bench.machine import mapped_bytes, peak_bytes, resident_bytes
from index._progress import silent
from index.embedding import Vectors

Figures = dict[str, Any]
Numbers = NDArray[np.int64]
_BLOCK = 4096  # passages whose vectors are drawn, or compared, at a time
_FOUND = 10
_WARMING = 20  # questions
_THREADS = (1, 2, 4)
_READ_AT_ONCE = 2**24  # bytes


def make(job: Mapping[str, Any]) -> Figures:
    """An index of generated passages with drawn vectors; each part timed, the drawing left out."""
    from index import counting, publish, store, version, writing
    from index.embedding import open_embedder
    from index.vectors import methods

    embedder, home = open_embedder(), Path(job["folder"])
    drawn = Drawn.of(embedder, Path(job["cache"]))
    times: Figures = {}
    with publish.writing(home) as root, publish.new_version(root) as new:
        start = time.perf_counter()
        origins = array("i")
        writing.texts(new, _told(generated.documents(job["passages"]), origins))
        times["texts"], start = _since(start)
        passages = store.Passages(store.Table(new / version.PASSAGES))
        counting.count(passages, new / version.WORDS)
        times["words"], start = _since(start)
        starts = np.load(new / version.UNIT_STARTS)
        search = methods(len(passages), int(starts[-1]))
        _draw(drawn, new, np.array(origins, np.int64), starts, search)
        start = time.perf_counter()
        trial = writing.searchable(new, search[0], silent)
        times["vectors"], start = _since(start)
        made = version.Made(
            model=None,
            model_name=embedder.name,
            fingerprint=embedder.fingerprint,
            dim=embedder.dim,
            folder=None,
            documents=store.Table(new / version.PASSAGES).count("documents"),
            passages=len(passages),
            units=int(starts[-1]),
            passage_search=search[0],
            unit_search=search[1],
            recall=trial.recall,
            probes=trial.probes,
        )
        manifest = publish.publish(root, new, made)
        times["publishing"], _ = _since(start)
    return {
        **times,
        "bytes": sum(file.bytes for file in manifest.files.values()),
        "method": manifest.passage_search,
        "trial": manifest.recall,
        "probes": manifest.probes,
        "units": manifest.units,
        "peak_bytes": peak_bytes(),
    }


def _told(documents: Iterable[Generated], origins: array[int]) -> Iterator[tuple[Any, Any]]:
    """Documents with their passages; ``origins`` gets what their units are made from."""
    for one in documents:
        origins.extend(one.origins)
        yield one.document, one.passages


def _draw(drawn: Drawn, new: Path, origins: Numbers, starts: Numbers, search: Any) -> None:
    """Write drawn vectors, a block at a time."""
    from index import version, writing

    dim, count = drawn.sentences.shape[1], len(starts) - 1
    assert len(origins) == starts[-1], "two passages were equal"
    whole = writing.VectorWriter(new / version.PASSAGE_VECTORS, count, dim, search[0])
    parts = writing.VectorWriter(new / version.UNIT_VECTORS, len(origins), dim, search[1])
    chance = np.random.default_rng(1)
    for first in range(0, count, _BLOCK):
        ends = starts[first : first + _BLOCK + 1]
        vectors, units = drawn.draw(origins[ends[0] : ends[-1]], np.diff(ends), chance)
        whole.add([b"drawn"] * len(vectors), vectors)
        parts.add([b"drawn"] * len(units), units)
    whole.close()
    parts.close()


def search(job: Mapping[str, Any]) -> Figures:
    """Ask every question once, after some that are not counted: whole and without encoding.

    The index's files are read through first: the system may have put them out of its memory since
    they were made, and what is measured is a server that has been asked before.
    """
    from qa import Retriever

    for file in sorted(Path(job["folder"]).rglob("*")):
        if file.is_file():
            with file.open("rb", buffering=0) as stream:
                while stream.read(_READ_AT_ONCE):
                    pass
    began = time.perf_counter()
    retriever = Retriever.open(job["folder"])
    opened, _ = _since(began)
    questions: Sequence[str] = job["questions"]
    for question in questions[:_WARMING]:
        retriever.search(question, k=_FOUND)
    asked = questions[_WARMING:]
    whole = [_timed(partial(retriever.search, question, _FOUND)) for question in asked]
    # its vector is remembered by now
    rest = [_timed(partial(retriever.search, question, _FOUND)) for question in asked]
    return {
        "open": opened,
        "milliseconds": whole,
        "encoded_milliseconds": rest,
        "resident_bytes": resident_bytes(),
        "mapped_bytes": mapped_bytes(),
    }


def recall(job: Mapping[str, Any]) -> Figures:
    """The share of the ten best passages that search finds, every passage compared in full."""
    from index.likeness import met
    from index.search import Index, default_weights
    from index.store import open_stored

    index, stored = Index.open(job["folder"]), open_stored(job["folder"])
    weights, questions = default_weights(), job["questions"]
    vectors = index.embedder.embed_queries(questions)
    scores = [
        weights.words * met(index.question_words(question), index.words) for question in questions
    ]
    starts = stored.unit_starts
    for first in range(0, len(index.passages), _BLOCK):
        last = min(first + _BLOCK, len(index.passages))
        meanings = stored.passage_vectors.at(np.arange(first, last)) @ vectors.T
        units = stored.unit_vectors.at(np.arange(starts[first], starts[last])) @ vectors.T
        best = np.maximum.reduceat(units, starts[first:last] - starts[first], axis=0)
        for number, score in enumerate(scores):
            score[first:last] += (
                weights.meaning * meanings[:, number] + weights.unit * best[:, number]
            )
    shares = [_share(index, *one) for one in zip(questions, scores, strict=True)]
    return {"recall": float(np.mean(shares))}


def _share(index: Any, question: str, scores: Vectors) -> float:
    """Of the ten best; what scores the same as the tenth is as good."""
    least = np.sort(scores)[-_FOUND:][0] - 1e-5
    found = [one.number for one in index.search(question, _FOUND)]
    return float((scores[found] >= least).sum() / min(_FOUND, len(scores)))


def threads(job: Mapping[str, Any]) -> Figures:
    """Questions answered a second by one open assistant, by so many threads at once."""
    from qa import Assistant

    assistant, questions = Assistant.open(job["folder"]), job["questions"]
    for question in questions:
        assistant.ask(question)  # vectors, flags and words are remembered from here on
    rates = {}
    for count in _THREADS:
        with ThreadPoolExecutor(count) as pool:
            start = time.perf_counter()
            list(pool.map(assistant.ask, questions))
            rates[str(count)] = len(questions) / (time.perf_counter() - start)
    return {"rates": rates}


def build(job: Mapping[str, Any]) -> Figures:
    """A whole build from text files, encoding included."""
    from index.build import build as whole

    folder = Path(job["folder"]) / "articles"
    generated.write(folder, job["passages"])
    before = peak_bytes()
    report = whole(folder, job["folder"])
    return {
        "seconds": report.seconds,
        "passages": report.passages,
        "texts": report.embedded,
        "peak_bytes": peak_bytes(),
        "before_bytes": before,
    }


def _timed(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return (time.perf_counter() - start) * 1000


def _since(start: float) -> tuple[float, float]:
    now = time.perf_counter()
    return now - start, now


_PHASES: Mapping[str, Callable[[Mapping[str, Any]], Figures]] = {
    each.__name__: each for each in (make, search, recall, threads, build)
}


def main() -> None:
    """Run the phase that is asked for and print its figures."""
    name, file = sys.argv[1:]
    print(json.dumps(_PHASES[name](json.loads(Path(file).read_text("utf-8")))))


if __name__ == "__main__":
    main()
