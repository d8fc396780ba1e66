"""State: what the server's answers share."""

import asyncio
import secrets
from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from threading import Lock
from typing import Annotated, TypeVar

from fastapi import Depends, Request, Response

from glassnet.studio.runs.memory import give_back
from glassnet.studio.shown.kept import Kept
from glassnet.studio.shown.schema import Told
from glassnet.studio.shown.seeing import Held
from glassnet.studio.visit.asker import COOKIE, asking
from glassnet.studio.visit.guard import AT_ONCE, PER_SECOND
from glassnet.studio.visit.networks import Given
from glassnet.studio.visit.shares import Buckets, TooMany
from glassnet.studio.visit.turns import Turns
from glassnet.studio.visit.visitors import Visitor, Visitors

MONTH_SECONDS = 30 * 24 * 3600
MOST_HEAVY = 2
"""Heavy answers that are worked on at once: a network to be judged, and the like."""
MOST_UPLOADS = 3
"""Files that are decoded and read at once, one for each visitor: they are apart, and hold back nothing else."""
MOST_WAITING = 80
READING = Lock()
"""Held while a page is read: two that hold the interpreter in turn would keep every other answer waiting."""
LOOKS_PER_SECOND, LOOKS_AT_ONCE = 150e6, 450e6
"""Parameters of networks that look at what one visitor draws: the reader and two small ones, sixty times a second and
more; three of the largest, 26 times. They are computed where all answers are given."""
TRIES_AT_ONCE, TRIES_PER_SECOND = 10.0, 1 / 6
"""Wrong PINs from one address: to try half of a million takes a month."""
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
    heavy, uploads : Turns
        Whose turn it is among those who ask for something that takes long, and who send files.
    buckets, looks, tries : Buckets
        How much each may ask, how many parameters they may have computed for what they draw, and how often a PIN may
        be wrong.
    host_key : str
        Whoever has it may see who is here, and send them away.
    address : str
        Where others come in; empty where nobody else can.
    """

    visitors: Visitors
    given: Given
    checkups: Kept = field(default_factory=lambda: Kept(MOST_CHECKUPS))
    liked: Kept = field(default_factory=lambda: Kept(MOST_LIKED))
    judged: Kept = field(default_factory=lambda: Kept(MOST_JUDGED))
    pages: Kept = field(default_factory=lambda: Kept(MOST_PAGES))
    is_closing: bool = False
    heavy: Turns = field(default_factory=lambda: Turns(MOST_HEAVY, MOST_WAITING))
    uploads: Turns = field(default_factory=lambda: Turns(MOST_UPLOADS, MOST_WAITING, most_each=1))
    buckets: Buckets = field(default_factory=lambda: Buckets(PER_SECOND, AT_ONCE))
    looks: Buckets = field(default_factory=lambda: Buckets(LOOKS_PER_SECOND, LOOKS_AT_ONCE))
    tries: Buckets = field(default_factory=lambda: Buckets(TRIES_PER_SECOND, TRIES_AT_ONCE))
    host_key: str = field(default_factory=lambda: secrets.token_urlsafe(12))
    address: str = ""

    def clean(self) -> None:
        """Release visitors who have been idle for long."""
        self.visitors.let_go()
        self.visitors.stock.let_old_go()
        give_back()

    async def heavily(self, work: Callable[[], Result]) -> Result:
        """Return what some heavy work returns, done in a thread when it is its turn."""
        return await self.heavy.take(work)

    def look(self, networks: Iterable[Held]) -> None:
        """Let networks look at what somebody draws; TooMany if that has cost too much of late."""
        asker, cost = asking.get(), sum(held.network.n_parameters for held in networks)
        if not self.looks.take(asker.token or f"new at {asker.address}", cost):
            raise TooMany("networks as large as these cannot look so often; wait a moment.")

    async def once(self, kept: Kept, key: Hashable, work: Callable[[], Result]) -> Result:
        """Return what some heavy work returns, which is kept; at once if it is there already."""
        there = kept.found(key)
        return await self.heavily(lambda: kept.take(key, work)) if there is None else there


async def studio_of(request: Request) -> Studio:
    """Return what the answers share."""
    return request.app.state.studio


def give_cookie(request: Request, response: Response, token: str) -> None:
    """Let somebody be known for a month, by no script and on no other page."""
    tokens, is_secret = request.app.state.studio.visitors.tokens, request.url.scheme == "https"
    response.set_cookie(
        COOKIE, tokens.signed(token), max_age=MONTH_SECONDS, httponly=True, samesite="strict", secure=is_secret
    )


async def visitor_of(request: Request, response: Response) -> Visitor:
    """Return who asks; a new visitor gets a cookie."""
    visitors, token = request.app.state.studio.visitors, asking.get().token
    is_new = not token
    if is_new:
        token = visitors.tokens.new()
    if is_new or request.url.path == "/api/welcome":  # a month from the last visit, not from the first
        give_cookie(request, response, token)
    return visitors.known(token) or await asyncio.to_thread(
        visitors.visitor, token, asking.get().address, is_new=is_new
    )


TheVisitor = Annotated[Visitor, Depends(visitor_of)]
TheStudio = Annotated[Studio, Depends(studio_of)]


def in_json(told: Told, response: Response) -> Response:
    """Return what is told as it is: FastAPI would check its numbers again, which takes longer than making them."""
    return Response(told.model_dump_json(), media_type="application/json", headers=dict(response.headers))
