"""The stack that most tutorials build, as the thing to compare with.

LangChain's RecursiveCharacterTextSplitter (500 characters, 50 overlap), the same encoder through
sentence-transformers on torch, exact FAISS, and BM25 joined by reciprocal rank fusion (Cormack,
Clarke and Büttcher 2009; k = 60 and equal weights, as LangChain's EnsembleRetriever has them).
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from eval.measures.places import Place

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

CHUNK, OVERLAP = 500, 50
_RRF = 60
_DEEP = 50  # how many of each ranking are fused


def split(texts: Mapping[str, str]) -> list[Place]:
    """Where the chunks of all texts stand."""
    from langchain_text_splitters import RecursiveCharacterTextSplitter

    splitter = RecursiveCharacterTextSplitter(
        chunk_size=CHUNK, chunk_overlap=OVERLAP, add_start_index=True
    )
    found = []
    for name, text in texts.items():
        for chunk in splitter.create_documents([text]):
            start = chunk.metadata["start_index"]
            found.append(Place(name, start, start + len(chunk.page_content)))
    return found


def encoder() -> SentenceTransformer:
    """The packaged encoder through sentence-transformers on torch, in single precision."""
    from sentence_transformers import SentenceTransformer

    from index.model_package import prepare

    return SentenceTransformer(str(prepare()), device="cpu", local_files_only=True)


def words(texts: Sequence[str]) -> Any:
    """The words of texts as bm25s splits them: lower case, no stemming, no stop words."""
    import bm25s

    return bm25s.tokenize(list(texts), stopwords=None, show_progress=False, return_ids=False)


def build(texts: Mapping[str, str], folder: Path) -> int:
    """Split, encode and index the texts into ``folder``; gives the number of chunks."""
    import bm25s
    import faiss

    chunks = split(texts)
    passages = [texts[place.file][place.start : place.end] for place in chunks]
    vectors = encoder().encode(
        passages, prompt="passage: ", normalize_embeddings=True, show_progress_bar=False
    )
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    faiss.write_index(index, str(folder / "faiss"))
    ranker = bm25s.BM25()
    ranker.index(words(passages), show_progress=False)
    ranker.save(str(folder / "bm25"))
    (folder / "chunks.json").write_text(json.dumps(chunks), "utf-8")
    return len(chunks)


class PlainStack:
    """The stack, opened from a folder that ``build`` filled."""

    def __init__(self, chunks: list[Place], model: Any, vectors: Any, ranker: Any) -> None:
        self._chunks = chunks
        self._model = model
        self._vectors = vectors
        self._ranker = ranker

    @classmethod
    def open(cls, folder: Path) -> PlainStack:
        """Load everything, the encoder too."""
        import bm25s
        import faiss

        chunks = [Place(*each) for each in json.loads((folder / "chunks.json").read_text("utf-8"))]
        return cls(
            chunks,
            encoder(),
            faiss.read_index(str(folder / "faiss")),
            bm25s.BM25.load(str(folder / "bm25")),
        )

    def dense(self, question: str, k: int) -> list[Place]:
        """The ``k`` chunks nearest in meaning."""
        return [self._chunks[row] for row in self._dense(question, k)]

    def fused(self, question: str, k: int) -> list[Place]:
        """The ``k`` chunks that meaning and words together rank first."""
        scores: dict[int, float] = defaultdict(float)
        deep = min(_DEEP, len(self._chunks))
        for ranking in (self._dense(question, deep), self._words(question, deep)):
            for rank, row in enumerate(ranking, start=1):
                scores[row] += 1 / (_RRF + rank)
        best = sorted(scores, key=lambda row: (-scores[row], row))
        return [self._chunks[row] for row in best[:k]]

    def _dense(self, question: str, k: int) -> list[int]:
        vector = self._model.encode(
            [question], prompt="query: ", normalize_embeddings=True, show_progress_bar=False
        )
        rows: list[int] = self._vectors.search(vector, k)[1][0].tolist()
        return rows

    def _words(self, question: str, k: int) -> list[int]:
        found = self._ranker.retrieve(words([question]), k=k, show_progress=False)
        rows: list[int] = [int(row) for row in found.documents[0]]
        return rows
