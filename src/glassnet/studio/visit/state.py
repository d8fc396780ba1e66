"""State: what the server's answers share."""

import asyncio
from collections.abc import Callable, Hashable
from dataclasses import dataclass, field
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Response

from glassnet.studio.runs.memory import give_back
from glassnet.studio.shown.kept import Kept
from glassnet.studio.shown.schema import Told
from glassnet.studio.visit.networks import Given
from glassnet.studio.visit.visitors import TooMany, Visitor, Visitors

COOKIE = "glassnet-visitor"
MONTH_SECONDS = 30 * 24 * 3600
MOST_HEAVY = 2
"""Heavy answers that are worked on at once: a page to be read, a network to be judged, and the like."""
MOST_WAITING = 40
MOST_CHECKUPS, MOST_LIKED, MOST_JUDGED, MOST_PAGES = 64, 512, 160, 8
"""Results that are kept: some thousand bytes each; some ten thousand; up to a few hundred thousand; up to a million."""

Result = TypeVar("Result")


@dataclass
class Studio:
    """What the server's answers share.

    Parameters
    ----------
    visitors : Visitors
        Who is here.
    given : Given
        Networks for everybody.
    checkups, liked, judged, pages : Kept
        The health of runs; what neurons of the networks for everybody look for; how networks judge; the networks for
        everybody as pages.
    is_closing : bool
        Whether the server is about to stop.
    n_waiting : int
        Heavy answers that are worked on or wait.
    heavy : asyncio.Semaphore
        Whose turn it is among them.
    """

    visitors: Visitors
    given: Given
    checkups: Kept = field(default_factory=lambda: Kept(MOST_CHECKUPS))
    liked: Kept = field(default_factory=lambda: Kept(MOST_LIKED))
    judged: Kept = field(default_factory=lambda: Kept(MOST_JUDGED))
    pages: Kept = field(default_factory=lambda: Kept(MOST_PAGES))
    is_closing: bool = False
    n_waiting: int = 0
    heavy: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(MOST_HEAVY))

    def clean(self) -> None:
        """Release visitors who have been idle for long."""
        self.visitors.let_go()
        give_back()

    async def heavily(self, work: Callable[[], Result]) -> Result:
        """Return what some heavy work returns, done in a thread when it is its turn."""
        if self.n_waiting >= MOST_WAITING:
            raise TooMany("too many are waiting for that; try again in a moment.")
        self.n_waiting += 1
        try:
            async with self.heavy:
                return await asyncio.to_thread(work)
        finally:
            self.n_waiting -= 1

    async def once(self, kept: Kept, key: Hashable, work: Callable[[], Result]) -> Result:
        """Return what some heavy work returns, which is kept; at once if it is there already."""
        there = kept.found(key)
        return await self.heavily(lambda: kept.take(key, work)) if there is None else there


async def studio_of(request: Request) -> Studio:
    """Return what the answers share."""
    return request.app.state.studio


async def visitor_of(request: Request, response: Response) -> Visitor:
    """Return who asks; a new visitor gets a cookie."""
    visitors = request.app.state.studio.visitors
    token = request.cookies.get(COOKIE, "")
    is_new = not 20 <= len(token) <= 64
    if is_new:
        token = visitors.new_token()
    if is_new or request.url.path == "/api/welcome":  # a month from the last visit, not from the first
        response.set_cookie(COOKIE, token, max_age=MONTH_SECONDS, httponly=True, samesite="strict")
    return visitors.known(token) or await asyncio.to_thread(visitors.visitor, token)


TheVisitor = Annotated[Visitor, Depends(visitor_of)]
TheStudio = Annotated[Studio, Depends(studio_of)]


def in_json(told: Told, response: Response) -> Response:
    """Return what is told as it is: FastAPI would check its numbers again, which takes longer than making them."""
    return Response(told.model_dump_json(), media_type="application/json", headers=dict(response.headers))
