"""``python -m eval.bench --out docs/benchmarks.md``: measure everything, write the page."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from corpus.errors import BijsluiterError


def bench(
    out: Annotated[Path, typer.Option("--out", help="The page to write or to bring up to date.")],
    seed: Annotated[int, typer.Option("--seed", min=0, help="Seed of the intervals.")] = 0,
) -> None:
    """Measure Bijsluiter beside a plain stack and write the benchmarks page."""
    from eval.bench.measuring import measure
    from eval.bench.page import write

    write(out, measure(seed, out.parent / "images"))
    typer.echo(f"Wrote {out}")


def main() -> None:
    """Run the benchmark; an error of ours is printed as it is and exits with 2."""
    try:
        typer.run(bench)
    except BijsluiterError as error:
        print(error, file=sys.stderr)
        raise SystemExit(error.exit_code) from None


main()
