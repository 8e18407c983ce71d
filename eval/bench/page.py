"""The benchmarks page: prose written by people, figures written between markers by a run."""

from __future__ import annotations

import re
from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path

from corpus.errors import EvaluationError
from eval.result import write_whole

_BLOCK = re.compile(
    r"(<!-- generated: (?P<name>[\w-]+) -->\n).*?(<!-- end of generated -->)", re.DOTALL
)


def write(path: Path, blocks: Mapping[str, str]) -> None:
    """Put every block between its markers; a page that is not there begins from the skeleton.

    Text outside the markers is kept. Raises EvaluationError when the page lacks a block's markers.
    """
    if path.exists():
        page = path.read_text("utf-8")
    else:
        page = files("eval.bench").joinpath("skeleton.md").read_text("utf-8")
    write_whole(path, filled(page, blocks))


def filled(page: str, blocks: Mapping[str, str]) -> str:
    """The page with its blocks; EvaluationError when markers and blocks do not match."""
    names = [match["name"] for match in _BLOCK.finditer(page)]
    missing = sorted(set(blocks) - set(names))
    if missing:
        raise EvaluationError(
            f"The benchmarks page has no markers for {', '.join(missing)}; put "
            "'<!-- generated: NAME -->' and '<!-- end of generated -->' where they belong."
        )

    def put(match: re.Match[str]) -> str:
        text = blocks.get(match["name"])
        return match[0] if text is None else f"{match[1]}{text.strip()}\n{match[3]}"

    return _BLOCK.sub(put, page)
