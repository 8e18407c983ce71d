"""JSON Lines read strictly: every problem is collected with its line number, none hides another."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from corpus.errors import EvaluationError


@dataclass(slots=True)
class Problems:
    """What is wrong with a file. ``raise_if_any`` reports all of it in one EvaluationError."""

    name: str
    found: list[tuple[int, str]] = field(default_factory=list)

    def add(self, line: int, message: str) -> None:
        """Note one problem; ``line`` counts from 1, and 0 stands for the file as a whole."""
        self.found.append((line, message))

    def raise_if_any(self) -> None:
        """Raise EvaluationError with all problems in line order, or return when there are none."""
        if not self.found:
            return
        lines = [
            f"{self.name}:{line}: {message}" if line else f"{self.name}: {message}"
            for line, message in sorted(self.found, key=lambda item: item[0])
        ]
        count = f"{len(lines)} problem{'s' if len(lines) > 1 else ''}"
        raise EvaluationError("\n".join([f"{count} in {self.name}; mend and run again:", *lines]))


def _no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    keys = [key for key, _ in pairs]
    for key in keys:
        if keys.count(key) > 1:
            raise ValueError(f"field '{key}' is given twice")
    return dict(pairs)


def _no_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")


def read_objects(path: Path, problems: Problems) -> list[tuple[int, dict[str, Any]]]:
    """The objects of a JSON Lines file with their line numbers; blank lines are passed over.

    Lines end at ``\\n`` only: a separator such as U+2028 inside a string is text. Problems go to
    ``problems``; a file that cannot be read at all raises EvaluationError at once.
    """
    try:
        raw = path.read_bytes()
    except OSError as error:
        reason = error.strerror or str(error)
        raise EvaluationError(f"{path}: cannot be read ({reason}); give another file.") from error
    objects: list[tuple[int, dict[str, Any]]] = []
    for number, line in enumerate(raw.removeprefix(b"\xef\xbb\xbf").split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            value = json.loads(
                line.decode("utf-8"),
                object_pairs_hook=_no_duplicates,
                parse_constant=_no_constant,
            )
        except UnicodeDecodeError:
            problems.add(number, "not UTF-8; save the file as UTF-8")
        except RecursionError:
            problems.add(number, "nested too deeply to be a question")
        except json.JSONDecodeError as error:
            problems.add(number, f"not JSON ({error.msg} at column {error.colno})")
        except ValueError as error:
            problems.add(number, str(error))
        else:
            if isinstance(value, dict):
                objects.append((number, value))
            else:
                problems.add(number, "a line must be one JSON object")
    return objects
