"""What stands before the page: which addresses exist, how large a request may be, what a browser
may load, and (for public hosting) how often one reader may ask.

Plain ASGI, because answers are streamed and must not be buffered.
"""

from __future__ import annotations

import base64
import hashlib
import re
import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

BODY_LIMIT = 256_000  # bytes of a request; a question of 1,000 characters needs some 5,000
_READERS = 10_000  # addresses remembered for the rate limit

# Gradio brings dozens of addresses (uploads, a proxy, monitoring, an editor). These are the ones
# the page, gradio_client and MCP need; every other address is answered with 404.
_OPEN = re.compile(
    r"/(?:$|config/?$|health$|theme\.css$|favicon\.ico$|robots\.txt$|manifest\.json$"
    r"|(?:assets|static)/"
    r"|gradio_api/(?:info/?$|openapi\.json$|startup-events$|app_id/?$|heartbeat/|component_server/?$"
    r"|queue/(?:join|data)$|call/|cancel$|reset/?$|mcp(?:/|$)))"
)
_ASKING = re.compile(r"/gradio_api/(?:queue/join$|call/|mcp)")
_INLINE = re.compile(rb"<script(?![^>]*\bsrc=)[^>]*>(.*?)</script>", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Rate:
    """At most ``count`` questions in ``seconds`` from one address."""

    count: int
    seconds: float

    @classmethod
    def parse(cls, text: str) -> Rate:
        """``30/60`` is thirty questions a minute. Raises ``ValueError`` with the mend."""
        found = re.fullmatch(r"(\d+)/(\d+)", text.strip())
        if not found or not int(found[1]) or not int(found[2]):
            raise ValueError(f"rate limit {text!r} is not COUNT/SECONDS, such as 30/60")
        return cls(int(found[1]), float(found[2]))


class Guard:
    """ASGI middleware in front of the whole application."""

    def __init__(self, app: App, *, rate: Rate | None = None) -> None:
        self._app = app
        self._rate = rate
        self._asked: OrderedDict[str, list[float]] = OrderedDict()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        path = _path(scope)
        if not _OPEN.match(path):
            await _refuse(send, 404, "not found")
        elif int(_header(scope, b"content-length") or 0) > BODY_LIMIT:
            await _refuse(send, 413, f"a request may have at most {BODY_LIMIT} bytes")
        elif self._rate and scope["method"] == "POST" and _ASKING.match(path) and self._over(scope):
            await _refuse(send, 429, "too many questions; wait a moment")
        elif path == "/":
            await self._page(scope, receive, send)
        else:
            await self._app(scope, _bounded(receive), _with_headers(send, _policy(())))

    async def _page(self, scope: Scope, receive: Receive, send: Send) -> None:
        """The page itself: its own inline scripts are allowed by hash, any other is refused.

        The hash is over the bytes sent, so the page is asked for uncompressed.
        """
        plain = [(k, v) for k, v in scope["headers"] if k.lower() != b"accept-encoding"]
        start: Message = {}
        body = bytearray()

        async def collect(message: Message) -> None:
            if message["type"] == "http.response.start":
                start.update(message)
            elif message["type"] == "http.response.body":
                body.extend(message.get("body", b""))

        await self._app({**scope, "headers": plain}, receive, collect)
        headers = _with_headers(send, _policy(_INLINE.findall(bytes(body))))
        await headers(start)
        await headers({"type": "http.response.body", "body": bytes(body)})

    def _over(self, scope: Scope) -> bool:
        """Whether this reader has used up the rate; counts the question if not."""
        assert self._rate is not None
        reader = scope["client"][0] if scope.get("client") else ""
        now = time.monotonic()
        recent = [t for t in self._asked.pop(reader, []) if now - t < self._rate.seconds]
        over = len(recent) >= self._rate.count
        self._asked[reader] = recent if over else [*recent, now]
        while len(self._asked) > _READERS:
            self._asked.popitem(last=False)
        return over


def _policy(inline: list[bytes] | tuple[()]) -> str:
    """The content-security policy; ``inline`` are the page's own inline scripts.

    ``unsafe-eval`` cannot go: Gradio runs the template and script of ``gr.HTML`` through
    ``Function``. Inline handlers, inline scripts of others and ``javascript:`` links are refused.
    """
    hashes = "".join(
        f" 'sha256-{base64.b64encode(hashlib.sha256(script).digest()).decode()}'"
        for script in inline
    )
    return (
        f"default-src 'none'; script-src 'self' 'unsafe-eval'{hashes}; "
        "style-src 'self' 'unsafe-inline'; img-src 'self' data:; font-src 'self' data:; "
        "connect-src 'self'; manifest-src 'self'; base-uri 'self'; form-action 'none'; "
        "frame-ancestors 'self'"
    )


def _with_headers(send: Send, policy: str) -> Send:
    extra = {
        b"content-security-policy": policy.encode(),
        b"x-content-type-options": b"nosniff",
        b"referrer-policy": b"no-referrer",
        b"cross-origin-opener-policy": b"same-origin",
        b"permissions-policy": b"camera=(), microphone=(), geolocation=()",
    }

    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            kept = [(k, v) for k, v in message.get("headers", ()) if k.lower() not in extra]
            message = {**message, "headers": [*kept, *extra.items()]}
        await send(message)

    return sending


def _bounded(receive: Receive) -> Receive:
    """Bodies without a length are counted as they come in; one that grows too large is cut off."""
    seen = 0

    async def receiving() -> Message:
        nonlocal seen
        message = await receive()
        seen += len(message.get("body", b""))
        return {"type": "http.disconnect"} if seen > BODY_LIMIT else message

    return receiving


def _path(scope: Scope) -> str:
    """The path below the root under which a reverse proxy serves us."""
    path: str = scope["path"]
    root: str = scope.get("root_path", "").rstrip("/")
    inside = path.removeprefix(root) if root and path.startswith(f"{root}/") else path
    return inside or "/"


def _header(scope: Scope, name: bytes) -> str:
    value = next((v for k, v in scope["headers"] if k.lower() == name), b"")
    return value.decode("latin-1") if value.isdigit() else ""


async def _refuse(send: Send, status: int, reason: str) -> None:
    headers = [(b"content-type", b"application/json")]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": f'{{"detail": "{reason}"}}'.encode()})
