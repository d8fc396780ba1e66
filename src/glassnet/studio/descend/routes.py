"""Routes of the landscape: slices, surfaces that grow, and the gradient as a list."""

import asyncio
from collections.abc import AsyncIterator

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from glassnet.studio.descend.gradient import gradient_of, nudges_of
from glassnet.studio.descend.schema import (
    AskGradient,
    AskNudges,
    AskSlice,
    AskSurface,
    GradientTold,
    NudgesTold,
    SliceTold,
    SurfaceTold,
)
from glassnet.studio.descend.slices import slice_of
from glassnet.studio.descend.surface import Heard
from glassnet.studio.descend.surfaces import surfaces_of
from glassnet.studio.visit.networks import held
from glassnet.studio.visit.state import TheStudio, TheVisitor, in_json

NEWS_SECONDS = 0.4
"""Between two messages: every one is a picture to be drawn, and whoever draws it may need the same processor."""
LOOK_SECONDS = 1 / 25
"""How often the stream looks for what must not wait: the first rows, and the end."""
HEARTBEAT_SECONDS = 10.0

router = APIRouter(prefix="/api/descend")


@router.post("/slice")
async def cost_along(asked: AskSlice, visitor: TheVisitor, studio: TheStudio) -> SliceTold:
    """Tell the cost along a line through a network, its slope everywhere, and ways down it."""
    network = held(asked.chosen, visitor, studio.given)
    return await studio.heavily(lambda: slice_of(network, visitor.classroom.digits, asked))


@router.post("/gradient")
async def gradient(asked: AskGradient, visitor: TheVisitor, studio: TheStudio) -> GradientTold:
    """Tell a part of the gradient as a list, the largest first."""
    network = held(asked.chosen, visitor, studio.given)
    return await studio.heavily(lambda: gradient_of(network, visitor.classroom.digits, asked))


@router.post("/nudge")
async def nudge(asked: AskNudges, visitor: TheVisitor, studio: TheStudio) -> NudgesTold:
    """Tell what nudging one or two parameters does to the cost, each on its own: as predicted, and measured."""
    network = held(asked.chosen, visitor, studio.given)
    return await studio.heavily(lambda: nudges_of(network, visitor.classroom.digits, asked))


@router.post("/surfaces", response_model=SurfaceTold | None)
async def begin(
    asked: AskSurface, visitor: TheVisitor, studio: TheStudio, response: Response, only_find: bool = False
) -> Response:
    """Begin a surface, or find the one for the same network and settings; with only_find none is begun."""
    network = held(asked.chosen, visitor, studio.given)

    def found() -> SurfaceTold | None:
        surface = surfaces_of(visitor).begun(network, asked, only_find=only_find)
        return None if surface is None else surface.told()[0]

    message = await asyncio.to_thread(found)
    if message is None:
        return Response("null", media_type="application/json", headers=dict(response.headers))
    return in_json(message, response)


@router.get("/surfaces/{name}", response_model=SurfaceTold)
def surface(name: str, visitor: TheVisitor, response: Response) -> Response:
    """Tell a surface so far."""
    return in_json(surfaces_of(visitor).of(name).told()[0], response)


@router.post("/surfaces/{name}/stop", response_model=SurfaceTold)
def stop(name: str, visitor: TheVisitor, response: Response) -> Response:
    """Stop a surface; what there is of it stays."""
    return in_json(surfaces_of(visitor).stop(name).told()[0], response)


@router.delete("/surfaces/{name}", status_code=204)
def drop(name: str, visitor: TheVisitor) -> Response:
    """Stop a surface and throw it away."""
    surfaces_of(visitor).drop(name)
    return Response(status_code=204)


@router.get("/surfaces/{name}/events", response_class=StreamingResponse)
async def events(name: str, request: Request, visitor: TheVisitor, studio: TheStudio) -> StreamingResponse:
    """Stream what is new of a surface as server-sent events: everything so far first, nothing once it has ended."""
    surface = surfaces_of(visitor).of(name)
    visitor.check_listening()

    async def stream() -> AsyncIterator[str]:
        heard: Heard | None = None
        told_version, told_at = -1, 0.0
        loop = asyncio.get_running_loop()
        with visitor.listening():
            while not studio.is_closing and not visitor.is_gone and not await request.is_disconnected():
                is_new = surface.version != told_version
                if is_new and (surface.is_urgent(heard) or loop.time() - told_at > NEWS_SECONDS):
                    told_version, told_at = surface.version, loop.time()
                    message, heard = await asyncio.to_thread(surface.told, heard)
                    yield f"data: {message.model_dump_json()}\n\n"
                    if message.state != "running":
                        return
                elif not is_new and loop.time() - told_at > HEARTBEAT_SECONDS:
                    told_at = loop.time()
                    yield ": still here\n\n"
                await asyncio.sleep(LOOK_SECONDS)

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"cache-control": "no-store"})
