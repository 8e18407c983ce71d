"""``bijsluiter serve``: the web chat, the same as ``python app.py``."""

from __future__ import annotations

from typing import Annotated

import typer

import chat


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; HOST, else 127.0.0.1.")
    ] = None,
    port: Annotated[int | None, typer.Option(help="Port; PORT, else 7860.")] = None,
    index: Annotated[str | None, typer.Option(help="Folder of the index.")] = None,
    mcp: Annotated[
        bool, typer.Option("--mcp", help="Also offer ask, search and flags as MCP tools.")
    ] = False,
    rate: Annotated[
        str | None, typer.Option(help="At most COUNT/SECONDS questions a reader, such as 30/60.")
    ] = None,
    root_path: Annotated[
        str | None, typer.Option(help="Sub-path behind a reverse proxy, such as /bijsluiter.")
    ] = None,
) -> None:
    """Open the web chat in a browser.

    Example: bijsluiter serve --port 8080
    """
    chat.serve(host, port, index=index, mcp=mcp, rate=rate, root_path=root_path)
