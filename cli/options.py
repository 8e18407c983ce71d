"""Options that several commands share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

IndexPath = Annotated[
    Path | None,
    typer.Option(
        "--index", help="Folder of the index (default: $BIJSLUITER_HOME or your data folder)."
    ),
]
Passages = Annotated[int, typer.Option("--k", min=1, max=100, help="How many passages to show.")]
Json = Annotated[bool, typer.Option("--json", help="Print JSON for programs.")]
