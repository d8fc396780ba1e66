"""Line: who is next where more is asked than can be answered at once: a flood holds up those who have just come."""

import asyncio
import contextlib
import heapq
import itertools
from collections import Counter
from collections.abc import Callable
from contextvars import ContextVar
from dataclasses import dataclass, field

from glassnet.studio.visit.asker import Asker, asking
from glassnet.studio.visit.came import Came
from glassnet.studio.visit.guard import MOST_BYTES, App, Message, Receive, Scope, Send, refuse

AT_ONCE = 4
"""Requests that are answered at once. They take turns on one loop: with more, each would only take longer."""
INSIDE_SECONDS = 0.1
"""After which a request that is not answered yet does not count any more: it waits for something itself."""
MOST_NEW = 1000
"""Requests of those who have just come that wait; of others all, since each has a limit of their own."""
MOST_NEW_AT_ONCE = 2
"""Of these, of those who have just come, where others of theirs wait: else a flood fills the loop with them."""
OF_THREE = 3
"""Every third turn is one of those who have just come, if any of them wait."""

stepping_aside: ContextVar[Callable[[], None] | None] = ContextVar("stepping_aside", default=None)
"""What a request calls that will wait for its turn elsewhere."""


@dataclass(order=True)
class Waiting:
    """A request in the line: first who has fewest before it there, then who came first."""

    n_before: int
    place: int
    asker: Asker = field(compare=False)
    has_stayed: bool = field(compare=False)
    turn: asyncio.Future[None] = field(compare=False)


class Line:
    """Lets requests in as they can be answered.

    Where fewer are asked than that, nobody waits. Where more are, those who have been here for a while go first, and
    of all others those with least in the line.

    Parameters
    ----------
    app : ASGI application
        Behind it.
    has_stayed : callable
        Whether a visitor, by their token, has been here for a while.
    """

    def __init__(self, app: App, has_stayed: Callable[[str], bool]) -> None:
        self.app = app
        self.has_stayed = has_stayed
        self.n_inside = 0
        self.n_new_inside = 0
        self.lines: dict[bool, list[Waiting]] = {True: [], False: []}
        self.n_of: Counter[Asker] = Counter()
        self.places = itertools.count()
        self.n_turns = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, when it is its turn."""
        if scope["type"] != "http" or scope["path"] in MOST_BYTES:  # files have a queue of their own
            await self.app(scope, receive, send)
            return
        came = Came(receive)
        await came.whole()  # whoever sends it bit by bit takes nobody's place
        asker = asking.get()
        has_stayed = bool(asker.token) and self.has_stayed(asker.token)
        if not has_stayed and len(self.lines[False]) >= MOST_NEW:
            await refuse(send, 429, "too many ask at once; try again in a moment.")
            return
        await self.turn_of(asker, has_stayed)
        with contextlib.ExitStack() as inside:
            leave = inside.callback(self.once(lambda: self.leave(has_stayed)))

            async def answering(message: Message) -> None:
                leave()
                await send(message)

            asyncio.get_running_loop().call_later(INSIDE_SECONDS, leave)
            stepping_aside.set(leave)
            await self.app(scope, came, answering)

    async def turn_of(self, asker: Asker, has_stayed: bool) -> None:
        """Wait until it is somebody's turn."""
        if self.n_inside < AT_ONCE and not (self.lines[False] and not has_stayed):
            self.enter(has_stayed)
            return
        turn = asyncio.get_running_loop().create_future()
        n_before = self.n_of[asker] if asker.token else 0  # newcomers cannot be told apart: they are not one
        heapq.heappush(self.lines[has_stayed], Waiting(n_before, next(self.places), asker, has_stayed, turn))
        self.n_of[asker] += 1
        try:
            await turn
        except asyncio.CancelledError:
            if turn.done() and not turn.cancelled():
                self.leave(has_stayed)
            raise

    def enter(self, has_stayed: bool) -> None:
        """Count one that is answered."""
        self.n_inside += 1
        self.n_new_inside += not has_stayed

    @staticmethod
    def once(leave: Callable[[], None]) -> Callable[[], None]:
        """Return what leaves the first time that it is called."""
        left = iter((leave,))

        def leave_once() -> None:
            for first in left:
                first()

        return leave_once

    def leave(self, has_stayed: bool) -> None:
        """Let the next one in."""
        self.n_inside -= 1
        self.n_new_inside -= not has_stayed
        while self.n_inside < AT_ONCE and (one := self.next_one()):
            self.n_of[one.asker] -= 1
            if not self.n_of[one.asker]:
                del self.n_of[one.asker]
            if not one.turn.cancelled():
                one.turn.set_result(None)
                self.enter(one.has_stayed)

    def next_one(self) -> Waiting | None:
        """Take whose turn it is out of the line."""
        stayed, new = self.lines[True], self.lines[False]
        if self.n_new_inside >= MOST_NEW_AT_ONCE:
            return heapq.heappop(stayed) if stayed else None
        self.n_turns += 1
        line = new if new and (not stayed or self.n_turns % OF_THREE == 0) else stayed
        return heapq.heappop(line) if line else None


def step_aside() -> None:
    """Leave one's place to others while one waits for something."""
    leave = stepping_aside.get()
    if leave is not None:
        leave()
