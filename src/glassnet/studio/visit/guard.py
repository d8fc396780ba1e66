"""Guard: what never reaches the studio: other sites' pages, names that are not ours, floods, and endless bodies."""

import asyncio
import ipaddress
import json
import re
import socket
import time
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any

from starlette.exceptions import HTTPException

from glassnet.studio.visit.asker import Asker, Tokens, address_of, asking
from glassnet.studio.visit.shares import Buckets

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]
App = Callable[[Scope, Receive, Send], Awaitable[None]]

MOST_BYTES = {
    "/api/read": 30 << 20,
    "/api/picture": 30 << 20,
    "/api/judge/file": 30 << 20,
    "/api/runs/load": 16 << 20,
}
"""Of a request's body, by its path; of all others `MOST_OTHER_BYTES`."""
MOST_OTHER_BYTES = 1 << 20
IMAGE = {
    "requestBody": {
        "required": True,
        "description": "An image file (PNG, JPEG, WebP, TIFF, HEIC, ...) or a PDF, as it is.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}
"""What OpenAPI tells of the body of routes that take an image."""
BODY_SECONDS = 30.0
"""How long a whole body may take."""
PER_SECOND, AT_ONCE = 120.0, 360.0
"""Requests of one visitor: so many a second (a page asks once a frame at most), and so many in a burst."""
CLASS = 50
"""Times as many from one address: a class may sit behind it."""
NEWCOMERS = 10
"""Times as many from all at one address who are no visitors yet."""
ANYTHING = "*"
"""Among the names that we answer to: all."""
NAMED = re.compile(r"(?:\[([0-9a-f:.]+)\]|([^\[\]:@/]*))(?::\d*)?")
"""A name or address, and perhaps a port."""
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (
        b"content-security-policy",
        b"default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'; "
        b"frame-ancestors 'none'; base-uri 'none'; form-action 'self'",
    ),
)


class Guard:
    """Lets through what may reach an application.

    Parameters
    ----------
    app : ASGI application
        Behind it.
    hosts : frozenset of str or None
        Names and addresses that we answer to; None answers to every address that is a number, and to this machine's
        name, but to no other name: another site may have pointed its own at us.
    tokens : Tokens
        What visitors are known by.
    buckets : Buckets
        Of requests.
    """

    def __init__(self, app: App, hosts: frozenset[str] | None, tokens: Tokens, buckets: Buckets) -> None:
        self.app = app
        self.hosts = hosts
        self.tokens = tokens
        self.buckets = buckets
        self.own_names = frozenset({"localhost", socket.gethostname().lower()})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # no WebSockets here
            return
        headers = {name.lower(): value for name, value in scope["headers"]}
        asker = Asker(address_of(scope), *self.tokens.in_cookie(headers.get(b"cookie", b"").decode("latin-1")))
        asking.set(asker)
        refusal = self.refusal(scope, headers, asker)
        if refusal is not None:
            await refuse(send, *refusal)
            return
        limit = MOST_BYTES.get(scope["path"], MOST_OTHER_BYTES)
        length = headers.get(b"content-length", b"")
        if length and (not length.isdigit() or int(length) > limit):
            await refuse(send, 413, too_much(limit))
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                own = message.get("headers", [])
                said = {name.lower() for name, _ in own}
                message["headers"] = [*own, *((name, value) for name, value in HEADERS if name not in said)]
            await send(message)

        await self.app(scope, Bounded(receive, limit), with_headers)

    def refusal(self, scope: Scope, headers: dict[bytes, bytes], asker: Asker) -> tuple[int, str] | None:
        """Return the status and sentence to refuse a request with, or None."""
        host = headers.get(b"host", b"").decode("latin-1").lower()
        if not self.is_ours(name_in(host)):
            return 421, "this server does not answer to that name; use the address that it printed when it started."
        origin = headers.get(b"origin")
        if origin is not None and origin.decode("latin-1").lower() != f"{scope.get('scheme', 'http')}://{host}":
            return 403, "requests from other sites' pages are refused."
        site = headers.get(b"sec-fetch-site", b"none").lower()
        if site in (b"cross-site", b"same-site") and scope["path"].startswith("/api/"):
            return 403, "requests from other sites' pages are refused."
        own = (asker.token, 1) if asker.token else (f"new at {asker.address}", NEWCOMERS)
        if not (self.buckets.take(own[0], times=own[1]) and self.buckets.take(asker.address, times=CLASS)):
            return 429, "too many requests at once; wait a moment."
        return None

    def is_ours(self, name: str) -> bool:
        """Whether we answer to a name."""
        if self.hosts is not None:
            return name in self.hosts or ANYTHING in self.hosts
        if name in self.own_names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


class Bounded:
    """Receives a body that is not larger, and does not take longer, than it may; else raises what FastAPI passes on.

    Parameters
    ----------
    receive : callable
        ASGI's.
    limit : int
        Bytes.
    """

    def __init__(self, receive: Receive, limit: int) -> None:
        self.receive = receive
        self.left = self.limit = limit
        self.until = time.monotonic() + BODY_SECONDS
        self.is_complete = False

    async def __call__(self) -> Message:
        """Return the next message."""
        if self.is_complete:  # all that can come now, some time, is that the browser has gone
            return await self.receive()
        try:
            message = await asyncio.wait_for(self.receive(), max(self.until - time.monotonic(), 0.01))
        except TimeoutError:
            raise HTTPException(408, "the request took too long to arrive.", {"connection": "close"}) from None
        if message["type"] == "http.request":
            self.left -= len(message.get("body", b""))
            self.is_complete = not message.get("more_body", False)
            if self.left < 0:
                raise HTTPException(413, too_much(self.limit), {"connection": "close"})
        return message


def too_much(limit: int) -> str:
    """Return the sentence that refuses a body."""
    return f"that is too much: at most {limit:,} bytes are taken here."


def name_in(host: str) -> str:
    """Return the name in a Host header, without its port; empty where there is anything else in it."""
    named = NAMED.fullmatch(host)
    return (named[1] or named[2] or "") if named else ""


async def refuse(send: Send, status: int, sentence: str) -> None:
    """Answer with one sentence."""
    body = json.dumps({"detail": sentence}).encode()
    headers = [(b"content-type", b"application/json"), (b"content-length", str(len(body)).encode()), *HEADERS]
    if status in (408, 413):
        headers.append((b"connection", b"close"))
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
