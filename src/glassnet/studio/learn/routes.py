"""Routes of runs: begin, steer and watch them, go back in them, take their networks away."""

import asyncio
import re
import tempfile
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import ValidationError

from glassnet.errors import ModelFileError
from glassnet.model_file import load_model, model_bytes
from glassnet.studio.learn.schema import Checked, RunAction, RunNews, WeightPictures
from glassnet.studio.learn.watching import checked, health_of, news_of, weight_pictures
from glassnet.studio.runs.course import Course
from glassnet.studio.runs.schema import LayerHealth, RunChange, RunSettings, RunTold
from glassnet.studio.visit.networks import course_model, run_from
from glassnet.studio.visit.state import TheStudio, TheVisitor
from glassnet.studio.visit.visitors import Visitor

NEWS_SECONDS = 1 / 12
"""Between two messages of a run that is running."""
HEARTBEAT_SECONDS = 10.0
LARGEST_NUMBER = 1e6

router = APIRouter(prefix="/api/runs")
Moment = Annotated[int | None, Query(ge=0, le=10**9)]
MODEL = {
    "requestBody": {
        "required": True,
        "description": "A model file (safetensors), as glassnet saves it.",
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    }
}


@router.get("")
def runs(visitor: TheVisitor) -> list[RunTold]:
    """List your runs."""
    return [course.told() for course in visitor.all_courses()]


@router.post("", status_code=201)
async def begin(settings: RunSettings, visitor: TheVisitor, studio: TheStudio) -> RunTold:
    """Make a new run, before its first step."""
    course = await studio.heavily(lambda: visitor.new_course(settings))
    return course.told()


@router.post("/load", status_code=201, openapi_extra=MODEL)
async def load(
    request: Request, visitor: TheVisitor, studio: TheStudio, name: Annotated[str, Query(max_length=60)] = ""
) -> RunTold:
    """Make a run that goes on from a model file."""
    data = await request.body()
    course = await studio.uploads.take(lambda: course_of(data, name, visitor))
    return course.told()


def course_of(data: bytes, name: str, visitor: Visitor) -> Course:
    """Return a new run that begins with a model file's network."""
    visitor.shelf.folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=visitor.shelf.folder, prefix=".load-", ignore_cleanup_errors=True) as folder:
        path = Path(folder) / "model.safetensors"
        path.write_bytes(data)
        try:
            model = load_model(path)
        except ModelFileError as error:
            raise ModelFileError(str(error).replace(str(path), "this file")) from None
    network = model.network
    if max(float(np.abs(array).max()) for array in (*network.weights, *network.biases)) > LARGEST_NUMBER:
        raise ModelFileError("cannot use this file here: it has weights or biases beyond a million.")
    if network.layer_sizes[0] != 784 or network.layer_sizes[-1] != 10:
        raise ModelFileError("cannot use this file here: a network needs 784 inputs and 10 outputs.")
    try:
        return run_from(network.astype(np.float32), name or "a loaded network", "the network of a model file", visitor)
    except ValidationError:
        raise ModelFileError(
            "cannot use this file here: its network is too wide, or of a kind that cannot go on."
        ) from None


@router.get("/{name}")
def news(name: str, visitor: TheVisitor, studio: TheStudio) -> RunNews:
    """Tell everything about a run: its costs, its moments, its layers' health, and why it is stuck if it is."""
    return news_of(visitor.course(name), studio.checkups)


@router.patch("/{name}")
def change(name: str, wish: RunChange, visitor: TheVisitor) -> RunTold:
    """Change what can be changed once a run has begun."""
    course = visitor.course(name)
    course.change(wish)
    return course.told()


@router.post("/{name}/do")
def do(name: str, asked: RunAction, visitor: TheVisitor) -> RunTold:
    """Start, pause, step, stop, or begin again."""
    return visitor.do(name, asked.action).told()


@router.delete("/{name}", status_code=204)
def drop(name: str, visitor: TheVisitor) -> Response:
    """Throw a run away."""
    visitor.drop(name)
    return Response(status_code=204)


@router.get("/{name}/events", response_class=StreamingResponse)
async def events(name: str, request: Request, visitor: TheVisitor, studio: TheStudio) -> StreamingResponse:
    """Stream a run's news as server-sent events, the newest only: a slow reader misses some and holds nobody up."""
    course = visitor.course(name)
    visitor.check_listening()

    async def stream() -> AsyncIterator[str]:
        told_version, told_at = -1, 0.0
        loop = asyncio.get_running_loop()
        with visitor.listening():
            while not studio.is_closing and not course.is_closed and not await request.is_disconnected():
                if course.version != told_version:
                    told_version, told_at = course.version, loop.time()
                    message = await asyncio.to_thread(lambda: news_of(course, studio.checkups).model_dump_json())
                    yield f"data: {message}\n\n"
                elif loop.time() - told_at > HEARTBEAT_SECONDS:
                    told_at = loop.time()
                    yield ": still here\n\n"
                await asyncio.sleep(NEWS_SECONDS)

    return StreamingResponse(stream(), media_type="text/event-stream", headers={"cache-control": "no-store"})


@router.get("/{name}/weights")
def weights(
    name: str, visitor: TheVisitor, layer: Annotated[int, Query(ge=1, le=12)] = 1, moment: Moment = None
) -> WeightPictures:
    """Give the weights of a layer as pictures, now or as they were."""
    return weight_pictures(visitor.course(name), layer, moment)


@router.get("/{name}/checked")
def check(name: str, visitor: TheVisitor, moment: Moment = None) -> Checked:
    """Give test digits and what the network makes of them, now or as it was."""
    return checked(visitor.course(name), moment)


@router.get("/{name}/health")
def health(name: str, visitor: TheVisitor, studio: TheStudio, moment: Moment = None) -> list[LayerHealth]:
    """Tell how each layer fares, now or as it was."""
    return health_of(visitor.course(name), moment, studio.checkups)


@router.get("/{name}/model", response_class=Response)
def model(name: str, visitor: TheVisitor, moment: Moment = None) -> Response:
    """Give the network as a model file, now or as it was."""
    course = visitor.course(name)
    about = course_model(course, moment)
    stem = re.sub("[^A-Za-z0-9_]+", "-", course.told().name).strip("-") or "network"
    return Response(
        model_bytes(about),
        media_type="application/octet-stream",
        headers={"content-disposition": f'attachment; filename="{stem}.safetensors"'},
    )
