"""Routes: networks to take away."""

from typing import Annotated

from fastapi import APIRouter, Query, Response

from glassnet.export import OneFile, one_file
from glassnet.studio.share.models import file_of, model_of, name_of
from glassnet.studio.shown.schema import Chosen, NetworkName
from glassnet.studio.visit.state import Studio, TheStudio, TheVisitor
from glassnet.studio.visit.visitors import Visitor

router = APIRouter(prefix="/api/share")


@router.get("/page", response_class=Response)
async def page(visitor: TheVisitor, studio: TheStudio, network: Annotated[NetworkName, Query()] = "videos") -> Response:
    """Give a network as one HTML file, which draws and recognises without a server."""
    return await page_of(Chosen(network=network), visitor, studio)


@router.post("/page", response_class=Response)
async def page_with_changes(chosen: Chosen, visitor: TheVisitor, studio: TheStudio) -> Response:
    """Give a network, with what was changed in it by hand, as one HTML file."""
    return await page_of(chosen, visitor, studio)


async def page_of(chosen: Chosen, visitor: Visitor, studio: Studio) -> Response:
    """Return the file; those of networks that never change are made once."""
    model, title = model_of(chosen, visitor, studio)

    def make() -> OneFile:
        return one_file(model, visitor.classroom.digits, title=title)

    is_lasting = studio.given.has(chosen)
    made = await (studio.once(studio.pages, chosen.network, make) if is_lasting else studio.heavily(make))
    return attached(made.data, "text/html; charset=utf-8", name_of(title, ".html"))


@router.get("/model", response_class=Response)
async def model(
    visitor: TheVisitor, studio: TheStudio, network: Annotated[NetworkName, Query()] = "videos"
) -> Response:
    """Give a network as a model file."""
    return await model_file_of(Chosen(network=network), visitor, studio)


@router.post("/model", response_class=Response)
async def model_with_changes(chosen: Chosen, visitor: TheVisitor, studio: TheStudio) -> Response:
    """Give a network, with what was changed in it by hand, as a model file."""
    return await model_file_of(chosen, visitor, studio)


async def model_file_of(chosen: Chosen, visitor: Visitor, studio: Studio) -> Response:
    """Return the file."""
    model, title = model_of(chosen, visitor, studio)
    data = await studio.heavily(lambda: file_of(model))
    return attached(data, "application/octet-stream", name_of(title, ".safetensors"))


def attached(data: bytes, kind: str, name: str) -> Response:
    """Return a file to be saved rather than opened, where it would be the studio's own page."""
    headers = {"content-disposition": f'attachment; filename="{name}"', "cache-control": "no-store"}
    return Response(data, media_type=kind, headers=headers)
