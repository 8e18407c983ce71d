"""The texts that gold points into, by file name."""

from __future__ import annotations

from pathlib import Path

from corpus.errors import EvaluationError
from index.store import open_stored


def from_folder(folder: Path) -> dict[str, str]:
    """The canonical text of every ``.txt`` file in a folder: UTF-8, nothing stripped.

    Raises EvaluationError when the folder has none or when one is not UTF-8.
    """
    try:
        texts = {
            path.name: path.read_bytes().decode("utf-8") for path in sorted(folder.glob("*.txt"))
        }
    except UnicodeDecodeError as error:
        raise EvaluationError(f"{folder}: an article is not UTF-8 ({error}).") from error
    except OSError as error:
        raise EvaluationError(f"{folder}: cannot be read ({error.strerror}).") from error
    if not texts:
        raise EvaluationError(f"{folder}: holds no .txt article; give the folder of the articles.")
    return texts


def from_index(path: Path | None) -> dict[str, str]:
    """The canonical text of every document of an index, without loading any model.

    Raises StoreError when there is no index.
    """
    return {name: document.text for name, document in open_stored(path).documents.items()}
