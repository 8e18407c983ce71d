"""One phase of one stack, in a process of its own: ``python -m eval.bench.work PHASE JOB.json``.

The job says where the stack's folder is, the moment when the process was started, and what to ask;
the figures are printed as one line of JSON. Seconds unless the name says otherwise.
"""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from eval.bench.machine import peak_bytes, resident_bytes
from eval.measures.places import Place

Figures = dict[str, Any]
_REPEATS = 2
_WARMING = 10  # questions


def ours_index(job: Mapping[str, Any]) -> Figures:
    """Build the index of the shipped articles."""
    from index.build import build

    start = time.perf_counter()
    report = build(home=job["folder"])
    return {"seconds": time.perf_counter() - start, "passages": report.passages}


def plain_index(job: Mapping[str, Any]) -> Figures:
    """Split, encode and index the same articles the plain way."""
    from eval.bench import plain

    start = time.perf_counter()
    chunks = plain.build(job["texts"], Path(job["folder"]))
    return {"seconds": time.perf_counter() - start, "passages": chunks}


def ours_search(job: Mapping[str, Any]) -> Figures:
    """Search every question once; a repeated passage is found in all its places."""
    from eval.observation import everywhere
    from eval.subject import same_places
    from qa import Retriever

    retriever = Retriever.open(job["folder"])
    figures = _searched(lambda question, k: retriever.search(question, k=k), job)
    same = same_places(retriever.index.passages)
    return {**figures, "found": [everywhere(each, same) for each in figures["found"]]}


def plain_dense(job: Mapping[str, Any]) -> Figures:
    """Search every question once, by meaning alone."""
    from eval.bench.plain import PlainStack

    stack = PlainStack.open(Path(job["folder"]))
    return _searched(lambda question, k: [[place] for place in stack.dense(question, k)], job)


def plain_fused(job: Mapping[str, Any]) -> Figures:
    """Search every question once, by meaning and words."""
    from eval.bench.plain import PlainStack

    stack = PlainStack.open(Path(job["folder"]))
    return _searched(lambda question, k: [[place] for place in stack.fused(question, k)], job)


def ours_encode(job: Mapping[str, Any]) -> Figures:
    """Encode passages as the index does."""
    from index.embedding import open_embedder

    embedder = open_embedder()
    return _encoded(embedder.embed_passages, job["passages"])


def plain_encode(job: Mapping[str, Any]) -> Figures:
    """Encode the same passages with sentence-transformers on torch."""
    from eval.bench.plain import encoder

    model = encoder()
    return _encoded(
        lambda texts: model.encode(
            texts, prompt="passage: ", normalize_embeddings=True, show_progress_bar=False
        ),
        job["passages"],
    )


def ours_vectors(job: Mapping[str, Any]) -> Figures:
    """Rank the index's passages by meaning alone: as served, and by torch in single precision."""
    from eval.bench.plain import encoder
    from eval.subject import same_places
    from index.embedding import open_embedder
    from qa import Retriever

    passages = Retriever.open(job["folder"]).index.passages
    same = same_places(passages)
    firsts = [Place(p.places[0].source, p.places[0].start, p.places[0].end) for p in passages]
    texts, questions, k = [p.text for p in passages], job["questions"], job["k"]
    served, torch = open_embedder(), encoder()

    def by_torch(given: Sequence[str], prompt: str) -> Any:
        return torch.encode(
            list(given), prompt=prompt, normalize_embeddings=True, show_progress_bar=False
        )

    found = {}
    for name, left, right in (
        ("served", served.embed_queries(questions), served.embed_passages(texts)),
        ("torch", by_torch(questions, "query: "), by_torch(texts, "passage: ")),
    ):
        best = (-(left @ right.T)).argsort(axis=1, kind="stable")[:, :k]
        found[name] = [
            [same.get(firsts[row], (firsts[row],)) for row in rows] for rows in best.tolist()
        ]
    return found


def ours_signals(job: Mapping[str, Any]) -> Figures:
    """Search with each signal of the ranking alone and together."""
    from eval.bench.signals import searched

    found = searched(Path(job["folder"]), job["questions"], job["k"])
    return {
        "found": {
            name: [
                [[(p.source, p.start, p.end) for p in one.passage.places] for one in ranks]
                for ranks in each
            ]
            for name, each in found.items()
        }
    }


def ours_serve(job: Mapping[str, Any]) -> Figures:
    """Ask as many questions as a server would, and watch the memory."""
    from qa import Assistant

    assistant = Assistant.open(job["folder"])
    questions: Sequence[str] = job["questions"]
    for number in range(job["asked"]):
        assistant.ask(questions[number % len(questions)])
    return {"resident_bytes": resident_bytes()}


def ours_read(job: Mapping[str, Any]) -> Figures:
    """Ask with so many passages read and with so many, in turns, warm; no question twice."""
    from qa import Assistant

    plain = Assistant.open(job["folder"])
    assistants = [
        Assistant(plain.retriever, plain.reader, candidates=number) for number in job["candidates"]
    ]
    questions: Sequence[str] = job["questions"]
    for question in questions[:_WARMING]:
        assistants[-1].ask(question)
    times: list[list[float]] = [[] for _ in assistants]
    for number, question in enumerate(questions[_WARMING:]):
        start = time.perf_counter()
        assistants[number % len(assistants)].ask(question)
        times[number % len(assistants)].append((time.perf_counter() - start) * 1000)
    return {"milliseconds": times}


def ours_start(job: Mapping[str, Any]) -> Figures:
    """Where a process that answers one question spends its start, step by step."""
    steps: list[dict[str, Any]] = []
    spent, at = 0.0, job["started"]

    def done(step: str) -> None:
        nonlocal spent, at
        cpu, now = time.process_time(), time.time()
        megabytes = resident_bytes() / 1e6
        steps.append({"step": step, "cpu": cpu - spent, "wall": now - at, "megabytes": megabytes})
        spent, at = cpu, now

    done("Python")
    import faiss  # noqa: F401

    done("numpy and faiss imported")
    import wordfreq  # noqa: F401

    done("wordfreq imported")
    from qa import Assistant, Reader, Retriever

    done("the rest of Bijsluiter imported")
    retriever = Retriever.open(job["folder"])
    done("index opened")
    assistant = Assistant(retriever, Reader.open())
    done("reader opened")
    first, second = job["questions"]
    assistant.ask(first)
    done("first question answered")
    assistant.ask(second)
    done("second question answered")
    return {"steps": steps}


def ours_flags(job: Mapping[str, Any]) -> Figures:
    """Flag all articles, after a first time that loads the rules."""
    from qa import Retriever
    from qa.flags import find_in

    documents = list(Retriever.open(job["folder"]).documents.values())
    find_in(documents[0])
    start = time.perf_counter()
    for document in documents:
        find_in(document)
    seconds = time.perf_counter() - start
    return {"seconds": seconds, "characters": sum(len(d.text) for d in documents)}


PHASES: dict[str, Callable[[Mapping[str, Any]], Figures]] = {
    each.__name__: each
    for each in (
        *(ours_index, plain_index, ours_search, plain_dense, plain_fused),
        *(ours_encode, plain_encode, ours_vectors, ours_signals, ours_serve, ours_flags),
        *(ours_start, ours_read),
    )
}


def _searched(search: Callable[[str, int], Any], job: Mapping[str, Any]) -> Figures:
    ready = time.time() - job["started"]
    questions: Sequence[str] = job["questions"]
    k: int = job["k"]
    # The first is not asked again: a stack may remember the vector of a question.
    search("magnesium", k)
    first = time.time() - job["started"]
    found, milliseconds = [], []
    for question in questions:
        start = time.perf_counter()
        found.append(search(question, k))
        milliseconds.append((time.perf_counter() - start) * 1000)
    return {"ready": ready, "first": first, "found": found, "milliseconds": milliseconds}


def _encoded(encode: Callable[[list[str]], Any], passages: list[str]) -> Figures:
    encode(passages[:8])
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        encode(passages)
        times.append(time.perf_counter() - start)
    return {"passages_per_second": len(passages) / min(times)}


def main() -> None:
    """Do one phase and print its figures, with the most memory that the process held."""
    phase, file = sys.argv[1:]
    figures = PHASES[phase](json.loads(Path(file).read_text("utf-8")))
    print(json.dumps({**figures, "peak_bytes": peak_bytes()}))


if __name__ == "__main__":
    main()
