"""Who may speak to the server: this machine, by the right name, with the token."""

from __future__ import annotations

import secrets
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""Content-Security-Policy: nothing is loaded from, or sent, anywhere else."""

_HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"cache-control", b"no-store"),
)


@dataclass(frozen=True)
class Guard:
    """ASGI middleware: checks Host, origin and token, and sets the headers of every answer.

    The token is the first part of the path, so that every address the page uses carries it and
    no other page can guess one. A wrong Host is refused because another name for this machine's
    address may have been set up by a hostile page (DNS rebinding).

    Attributes
    ----------
    app : ASGI application
    token : str
    port : int
    """

    app: App
    token: str
    port: int

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http":
            return
        headers = {key.lower(): value for key, value in scope["headers"]}
        refusal = self._refusal(headers) or self._wrong_token(scope["path"])
        if refusal:
            await _refuse(_with_headers(send), refusal)
            return
        rest = scope["path"].removeprefix(f"/{self.token}")
        await self.app(
            {**scope, "path": rest, "raw_path": rest.encode()}, receive, _with_headers(send)
        )

    def _refusal(self, headers: dict[bytes, bytes]) -> str:
        hosts = {f"127.0.0.1:{self.port}", f"localhost:{self.port}"}
        if headers.get(b"host", b"").decode("latin-1") not in hosts:
            return "This server answers to 127.0.0.1 only."
        origin = headers.get(b"origin", b"").decode("latin-1")
        if origin and origin.removeprefix("http://") not in hosts:
            return "Requests from other pages are refused."
        if headers.get(b"sec-fetch-site", b"none") not in (b"none", b"same-origin"):
            return "Requests from other pages are refused."
        return ""

    def _wrong_token(self, path: str) -> str:
        given = path.split("/")[1] if path.count("/") > 1 else ""
        right = secrets.compare_digest(given.encode(), self.token.encode())
        return "" if right else "Open the whole address that `emgdetect review` printed."


def _with_headers(send: Send) -> Send:
    async def send_with_headers(message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            ours = {name for name, _ in _HEADERS}
            kept = [pair for pair in message.get("headers", []) if pair[0].lower() not in ours]
            message = {**message, "headers": [*kept, *_HEADERS]}
        await send(message)

    return send_with_headers


async def _refuse(send: Send, sentence: str) -> None:
    body = sentence.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"),
               (b"content-length", str(len(body)).encode())]  # fmt: skip
    await send({"type": "http.response.start", "status": 403, "headers": headers})
    await send({"type": "http.response.body", "body": body})
