"""Connections: how many there are, from where, and which is closed where one more is wanted."""

import asyncio
import json
from collections import Counter
from typing import Any

from glassnet.studio.visit.asker import address_of
from glassnet.studio.visit.protocol import Protocol

MOST_CONNECTIONS = 800
HEAD_SECONDS = 10.0
"""In which the head of a request must have come; a browser sends it in one piece."""
READ_SECONDS = 30.0
"""In which some of an answer must be read."""


class Connection(Protocol):
    """A connection, which is closed if it says nothing for long, or if it says nothing and its place is wanted.

    Half a request costs its sender nothing. So the head of each has a deadline, and where there are too many
    connections, the oldest that waits for a head is closed, of the address that has most: whoever really asks has
    sent theirs long before its turn comes.
    """

    head_timer: asyncio.TimerHandle | None = None
    read_timer: asyncio.TimerHandle | None = None
    born = 0.0

    @property
    def is_waiting(self) -> bool:
        """Whether nothing is being answered: a head has not come, or the next one is waited for."""
        return self.cycle is None or self.cycle.response_complete

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override] - as uvicorn has it
        """Take a connection, and make room for it."""
        super().connection_made(transport)
        self.born = self.loop.time()
        self.head_timer = self.loop.call_later(HEAD_SECONDS, self.close_if_silent)
        # what was closed a moment ago is among them still
        others: list[Any] = [o for o in self.connections if o is not self and not o.transport.is_closing()]
        if len(others) >= MOST_CONNECTIONS:
            self.close_one_of(others)

    def close_one_of(self, others: "list[Connection]") -> None:
        """Close the connection that has waited longest, of the address that has most; this one if none waits."""
        n_from = Counter(address_of(other.client) for other in others)
        waiting = [other for other in others if other.is_waiting]
        most = max((n_from[address_of(other.client)] for other in waiting), default=0)
        first = next((o for o in by_age(waiting) if n_from[address_of(o.client)] == most), self)
        first.transport.abort()

    def close_if_silent(self) -> None:
        """Close a connection whose first head has not come."""
        if self.cycle is None:
            self.transport.abort()

    def data_received(self, data: bytes) -> None:
        """Take what comes; a head that comes bit by bit must be there in time."""
        if self.is_waiting and self.cycle is not None and self.head_timer is None:
            self.head_timer = self.loop.call_later(HEAD_SECONDS, self.close_if_unfinished, self.cycle)
        super().data_received(data)
        if not self.is_waiting and self.head_timer is not None:
            self.head_timer.cancel()
            self.head_timer = None

    def send_400_response(self, msg: str) -> None:
        """Refuse what is no request, in a sentence like all others."""
        body = json.dumps({"detail": "that is no request that a browser would send."}).encode()
        head = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n"
        self.transport.write(f"{head}content-length: {len(body)}\r\n\r\n".encode() + body)
        self.transport.close()

    def close_if_unfinished(self, before: object) -> None:
        """Close a connection whose next head has not come since an answer."""
        self.head_timer = None
        if self.cycle is before and self.is_waiting:
            self.transport.abort()

    def pause_writing(self) -> None:
        """Hold back an answer that is not read; whoever reads nothing of it for long is let go."""
        super().pause_writing()
        self.read_timer = self.loop.call_later(READ_SECONDS, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on with an answer."""
        super().resume_writing()
        self.forget_timers()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget a connection."""
        self.forget_timers()
        super().connection_lost(exc)

    def forget_timers(self) -> None:
        """Stop waiting for a head, or for an answer to be read."""
        for timer in (self.head_timer, self.read_timer):
            if timer is not None:
                timer.cancel()
        self.head_timer = self.read_timer = None


def by_age(connections: list[Connection]) -> list[Connection]:
    """Return connections, the oldest first."""
    return sorted(connections, key=lambda one: one.born)
