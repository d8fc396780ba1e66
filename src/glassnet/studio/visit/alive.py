"""Alive: whether the server answers, for whoever watches over it (a container's health check, a proxy)."""

from fastapi import APIRouter, Request, Response

from glassnet.studio.shown.schema import Alive

router = APIRouter()


# It runs where all answers are given, so that it comes only if they come. It asks nobody who they are: a check every
# few seconds would otherwise be a visitor every few seconds.
@router.get("/healthz")
async def healthz(request: Request, response: Response) -> Alive:
    """Tell that the server answers, and which version it is. Needs no cookie, and makes no visitor of who asks."""
    response.headers["cache-control"] = "no-store"
    return Alive(status="ok", version=request.app.version)
