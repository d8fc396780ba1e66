"""Turns: who is next among those who ask for something that takes long, so that nobody's many hold up another's one."""

import asyncio
import contextlib
import threading
from collections import Counter
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TypeVar

from glassnet.studio.visit.asker import Asker, asking
from glassnet.studio.visit.line import step_aside
from glassnet.studio.visit.shares import Shares, TooMany

Result = TypeVar("Result")

MOST_OF_ONE = 16
"""Answers that one visitor may wait for; a page of ours asks for six at once."""
SECONDS = 60.0
"""How long somebody waits for one that is worked on."""
HEAVY = "heavy"
"""What the threads are called that work on them."""


@dataclass(eq=False)
class Turn:
    """Somebody who waits."""

    asker: Asker
    begun: asyncio.Event = field(default_factory=asyncio.Event)


class Turns:
    """Works on a few things at once. Next is whoever has least that is worked on; among equals, who came first.

    Parameters
    ----------
    at_once : int
        Things that are worked on at once.
    most : int
        That wait or are worked on, for all askers together.
    most_each : int or None, default None
        That are worked on at once for one visitor, even while nobody else waits; None sets no such limit.
    """

    def __init__(self, at_once: int, most: int, most_each: int | None = None) -> None:
        self.at_once = at_once
        self.most_each = at_once if most_each is None else most_each
        self.shares = Shares(most, "too many are waiting for that; try again in a moment.")
        self.waiting: list[Turn] = []
        self.visitors: Counter[str] = Counter()
        self.of_address: Counter[str] = Counter()
        self.of_visitor: Counter[str] = Counter()

    @property
    def n_working(self) -> int:
        """Things that are worked on."""
        return self.of_visitor.total()

    async def take(self, work: Callable[[], Result]) -> Result:
        """Return what some work returns, done in a thread of its own when it is its turn.

        Raises
        ------
        TooMany
            If too many wait already, the asker has too much waiting, or it takes too long.
        """
        step_aside()
        asker = asking.get()
        if self.visitors[visitor_of(asker)] >= MOST_OF_ONE:
            raise TooMany("you are waiting for too much at once; try again in a moment.")
        self.visitors[visitor_of(asker)] += 1
        try:
            with self.shares.one(asker.address):
                try:
                    await self.turn_of(asker)
                    return await self.done(work, asker)
                except asyncio.CancelledError:  # whoever still waits when it ends is told so, and the log of no fault
                    raise TooMany("this server is ending.") from None
        finally:
            self.visitors[visitor_of(asker)] -= 1
            self.visitors = +self.visitors

    async def turn_of(self, asker: Asker) -> None:
        """Wait until it is somebody's turn."""
        turn = Turn(asker)
        self.waiting.append(turn)
        self.call_next()
        try:
            await turn.begun.wait()
        except asyncio.CancelledError:
            if turn.begun.is_set():
                self.leave(asker)
            else:
                self.waiting.remove(turn)
            raise

    def call_next(self) -> None:
        """Let those begin whose turn it is."""
        while self.n_working < self.at_once:
            may = [turn for turn in self.waiting if self.of_visitor[visitor_of(turn.asker)] < self.most_each]
            if not may:
                return
            turn = min(
                may, key=lambda one: (self.of_address[one.asker.address], self.of_visitor[visitor_of(one.asker)])
            )
            self.waiting.remove(turn)
            self.of_address[turn.asker.address] += 1
            self.of_visitor[visitor_of(turn.asker)] += 1
            turn.begun.set()

    def leave(self, asker: Asker) -> None:
        """Make room for the next."""
        self.of_address[asker.address] -= 1
        self.of_visitor[visitor_of(asker)] -= 1
        self.of_address, self.of_visitor = +self.of_address, +self.of_visitor
        self.call_next()

    async def done(self, work: Callable[[], Result], asker: Asker) -> Result:
        """Return what work returns; its place is taken until it has ended, whoever still waits for it."""
        loop = asyncio.get_running_loop()
        ended: Future[Result] = Future()

        def run() -> None:
            try:
                ended.set_result(work())
            except BaseException as error:
                ended.set_exception(error)

        def left(_: object) -> None:
            with contextlib.suppress(RuntimeError):  # the server has ended meanwhile
                loop.call_soon_threadsafe(self.leave, asker)

        ended.add_done_callback(left)
        waited = asyncio.wrap_future(ended)
        waited.add_done_callback(
            lambda one: one.cancelled() or one.exception()
        )  # it may fail when nobody waits any more
        try:
            # when the server ends nobody waits for it, as they would for a thread of an executor
            threading.Thread(target=run, name=HEAVY, daemon=True).start()
        except RuntimeError:
            ended.set_exception(TooMany("this computer can begin no more work now; try again in a moment."))
        done, _ = await asyncio.wait([waited], timeout=SECONDS)
        if not done:
            raise TooMany("that takes too long here, now; try again later.")
        return waited.result()


def visitor_of(asker: Asker) -> str:
    """Return what tells visitors apart; newcomers at one address are one."""
    return asker.token or f"at {asker.address}"
