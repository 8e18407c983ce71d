"""The web chat: ``chat.serve()`` opens it; ``chat.server.application`` is for other hosts."""

from __future__ import annotations

from typing import Any


def serve(host: str | None = None, port: int | str | None = None, **options: Any) -> None:
    """See ``chat.server.serve``; imported late because Gradio takes seconds to import."""
    from chat.server import serve as serve_page

    serve_page(host, port, **options)
