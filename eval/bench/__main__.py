"""``python -m eval.bench --out docs/benchmarks.md``: measure everything, write the page."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from corpus.errors import as_exit_code


def bench(
    out: Annotated[Path, typer.Option("--out", help="The page to write or to bring up to date.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the intervals.")] = 0,
) -> None:
    """Measure Bijsluiter beside a plain stack and write the benchmarks page."""
    from eval.bench.measuring import measure
    from eval.bench.page import write

    write(out, measure(seed, out.parent / "images"))
    typer.echo(f"Wrote {out}")


with as_exit_code():
    typer.run(bench)
