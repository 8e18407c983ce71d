"""Serving the page: the address from the environment, the application, the server itself."""

from __future__ import annotations

import os
import re
import socket
import sys
from collections.abc import Callable, Mapping
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import Any

# Read by Gradio when it is imported: no telemetry, no look at the hub for a newer version. The last
# two stop it from summing up its last 10,000 events in a pandas table after every single question.
os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", "1")
os.environ.setdefault("GRADIO_ANALYTICS_CACHE_FREQUENCY", "1000000000")
os.environ.setdefault("HF_HUB_DISABLE_TELEMETRY", "1")

import gradio as gr
import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse

from chat.api import give_tools_json
from chat.desk import Desk, Opened
from chat.feedback import is_loopback, keeps_verdicts, verdicts_path
from chat.guard import Guard, Rate
from chat.page import ASSETS, asset, build, translations
from corpus.errors import BijsluiterError
from index.store import current_version, index_root
from qa import Assistant
from qa.profile import SourceProfile, profiles
from qa.reader import Reader

DEFAULT_HOST, DEFAULT_PORT = "127.0.0.1", 7860
_SERIF = ("Iowan Old Style", "Palatino Linotype", "Palatino", "Georgia", "serif")
_SANS = ("system-ui", "Segoe UI", "Roboto", "Helvetica Neue", "Arial", "sans-serif")


class ServeError(BijsluiterError):
    """The page cannot be served as it was asked for (address, rate, MCP)."""


def serve(
    host: str | None = None,
    port: int | str | None = None,
    *,
    index: str | Path | None = None,
    mcp: bool = False,
    rate: str | None = None,
    root_path: str | None = None,
) -> None:
    """Serve the chat until it is interrupted.

    ``host`` and ``port`` default to ``HOST`` and ``PORT``, then 127.0.0.1:7860; ``rate`` (such as
    ``30/60``) to ``BIJSLUITER_RATE``; ``root_path``, the sub-path behind a reverse proxy, to
    ``ROOT_PATH``. ``mcp`` also offers the endpoints as MCP tools. Raises ``ServeError`` when the
    address is malformed or taken.
    """
    host = host or os.environ.get("HOST") or DEFAULT_HOST
    listening = _listen(host, _port(port if port is not None else os.environ.get("PORT")))
    rate = rate or os.environ.get("BIJSLUITER_RATE")
    desk = Desk(lambda report: open_assistant(index, report))
    app = application(
        desk,
        verdicts=verdicts_path() if keeps_verdicts(host) else None,
        mcp=mcp,
        rate=_rate(rate) if rate else None,
        root_path=root_path or os.environ.get("ROOT_PATH", ""),
    )
    desk.open()
    shown = f"[{host}]" if ":" in host else host
    print(f"Bijsluiter: http://{shown}:{listening.getsockname()[1]}/", file=sys.stderr, flush=True)
    if not is_loopback(host):
        print("Bijsluiter: other computers can reach this page.", file=sys.stderr, flush=True)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=3)
    uvicorn.Server(config).run(sockets=[listening])


def application(
    desk: Desk,
    *,
    verdicts: Path | None = None,
    mcp: bool = False,
    rate: Rate | None = None,
    root_path: str = "",
) -> Callable[..., Any]:
    """The ASGI application: the page at ``/``, ``/health``, and the guard in front of both."""
    if mcp and find_spec("mcp") is None:
        raise ServeError("MCP needs an extra package: pip install 'bijsluiter[mcp]'")
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)

    @app.get("/health")
    def health() -> JSONResponse:
        status = desk.status
        return JSONResponse(
            {"status": status.state, "stage": status.stage, "waiting": desk.waiting},
            status_code=503 if status.state == "failed" else 200,
            headers={"cache-control": "no-store"},
        )

    page = build(desk, verdicts=verdicts)
    mounted = gr.mount_gradio_app(
        app,
        page,
        path="/",
        footer_links=[],
        run_history=False,
        root_path=root_path or None,
        allowed_paths=[],
        favicon_path=str(ASSETS / "icon.png"),
        show_error=False,
        max_file_size=1,
        ssr_mode=False,
        enable_monitoring=False,
        pwa=False,
        i18n=translations(),
        mcp_server=mcp,
        theme=_theme(),
        head=_style(),
    )
    if mcp:
        give_tools_json(page.mcp_server_obj)
    return Guard(mounted, rate=rate)


def _style() -> str:
    """The style sheet without spare spaces; ``css=`` would have it scoped and applied twice."""
    lean = re.sub(r"\s*([{};,])\s*|(?<=:)\s+", lambda spare: spare[1] or "", asset("reader.css"))
    return f"<style>{lean}</style>"


def _theme() -> gr.themes.Base:
    """Gradio's plainest theme with fonts that are on the reader's computer already."""
    return gr.themes.Base(
        primary_hue="teal", neutral_hue="stone", font=list(_SANS), font_mono=["monospace"]
    )


def open_assistant(index: str | Path | None, report: Callable[[str], None]) -> Opened:
    """Open the index, or build the shipped one where there is none yet."""
    first_time = index is None and current_version(index_root(None)) is None
    report("indexing" if first_time else "loading")
    assistant = Assistant.open(index)
    retriever, reader = assistant.retriever, assistant.reader
    manifest = retriever.index.manifest

    @cache
    def by_file(language: str) -> Mapping[str, SourceProfile]:
        found = profiles(retriever.documents.values(), language)
        return {file: one for one in found for file in one.files}

    return Opened(
        assistant=assistant,
        calm=Assistant(retriever, reader, prefer_less_commercial=True),
        searcher=retriever,
        documents=retriever.documents,
        profiles=by_file,
        fingerprints={
            "version": _version(),
            "model": f"{manifest.model_name} ({manifest.fingerprint})",
            "reader": reader.name if isinstance(reader, Reader) else type(reader).__name__,
            "index": f"{manifest.version} ({manifest.created})",
        },
    )


def _version() -> str:
    try:
        return version("bijsluiter")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "-"


def _port(value: int | str | None) -> int:
    if value is None or value == "":
        return DEFAULT_PORT
    try:
        port = int(value)
    except ValueError:
        port = -1
    if not 0 <= port <= 65_535:
        raise ServeError(f"PORT is {value!r}; give a whole number from 1 to 65535")
    return port


def _rate(text: str) -> Rate:
    try:
        return Rate.parse(text)
    except ValueError as error:
        raise ServeError(str(error)) from error


def _listen(host: str, port: int) -> socket.socket:
    """A socket on the address; taken before anything is loaded, so that a clash costs no time."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(128)
    except PermissionError as error:
        raise ServeError(f"port {port} is not allowed for you; try PORT={port + 8000}") from error
    except socket.gaierror as error:
        raise ServeError(f"HOST {host!r} is not an address of this computer") from error
    except OSError as error:
        raise ServeError(
            f"{host}:{port} cannot be used ({error.strerror}); "
            f"choose another port, for instance PORT={port + 1}"
        ) from error
    return listening
