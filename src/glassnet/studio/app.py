"""App: the studio's server, put together."""

import asyncio
import contextlib
import html
import logging
from collections.abc import AsyncIterator
from importlib.metadata import version
from importlib.resources import files
from pathlib import Path

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import HTMLResponse, JSONResponse, Response
from fastapi.staticfiles import StaticFiles
from starlette.exceptions import HTTPException
from starlette.middleware.gzip import GZipMiddleware
from starlette.types import Receive, Scope, Send

from glassnet import left_out
from glassnet.digits.apart import warm_up
from glassnet.errors import GlassnetError
from glassnet.studio.descend import routes as descend_routes
from glassnet.studio.draw import routes as draw_routes
from glassnet.studio.draw.beside import Beside
from glassnet.studio.draw.looks import Looks
from glassnet.studio.judge import routes as judge_routes
from glassnet.studio.learn import routes as learn_routes
from glassnet.studio.nudge import routes as nudge_routes
from glassnet.studio.runs.classroom import Classroom
from glassnet.studio.share import routes as share_routes
from glassnet.studio.shown.schema import Problem
from glassnet.studio.visit import alive, door, host
from glassnet.studio.visit.asker import is_here
from glassnet.studio.visit.guard import Guard
from glassnet.studio.visit.line import Line
from glassnet.studio.visit.networks import Given
from glassnet.studio.visit.shares import TooMany
from glassnet.studio.visit.state import Studio
from glassnet.studio.visit.visitors import Visitors
from glassnet.system import know_file_types, reason_of

COMPRESSED_FROM_BYTES = 2_000
CLEANING_SECONDS = 60.0
ABOUT = """Draw on a network, watch it learn, read a page. The page uses nothing but what is listed here.

A visitor is known by a cookie; every visitor has runs of their own. Errors are one sentence under `detail`."""


def create_app(
    folder: Path,
    hosts: frozenset[str] | None = None,
    *,
    classroom: Classroom | None = None,
    given: Given | None = None,
    pin: str = "",
) -> FastAPI:
    """Return the studio's application.

    Parameters
    ----------
    folder : Path
        Where runs are kept; nothing is written anywhere else.
    hosts : frozenset of str or None, default None
        Names that it answers to: see `Guard`.
    classroom : Classroom or None, default None
        Digits and engines; None takes MNIST.
    given : Given or None, default None
        Networks for everybody; None takes those that come with glassnet.
    pin : str, default ""
        Of those who may come in; empty lets everybody in.

    Returns
    -------
    FastAPI
        Ready to be served; ``/docs`` explains its API.
    """
    studio = Studio(Visitors(folder, classroom or Classroom(), pin), given or Given())
    beside = Beside(studio.given.held)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        cleaning = asyncio.create_task(clean(studio))
        warming = asyncio.create_task(asyncio.to_thread(warm_up))  # so that the first photo need not wait
        yield
        cleaning.cancel()
        await warming
        await beside.close()
        studio.is_closing = True
        await asyncio.to_thread(studio.visitors.close)

    app = FastAPI(
        title="glassnet studio",
        description=ABOUT,
        version=version("glassnet"),
        lifespan=lifespan,
        responses={status: {"model": Problem} for status in (400, 404, 413, 422, 429)},
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/openapi.json",
    )
    app.state.studio, app.state.beside = studio, beside
    for routes in (alive, door, host):
        app.include_router(routes.router)
    app.include_router(draw_routes.router)
    for routes in (learn_routes, descend_routes, nudge_routes, judge_routes, share_routes):
        app.include_router(routes.router)
    app.add_exception_handler(RequestValidationError, tell_invalid)
    app.add_exception_handler(GlassnetError, tell_refused)
    app.add_exception_handler(KeyError, tell_missing)
    app.add_exception_handler(OSError, tell_not_kept)
    app.add_exception_handler(TooMany, tell_too_many)
    app.add_exception_handler(HTTPException, tell_http)
    add_page(app)
    app.add_middleware(Line, has_stayed=studio.visitors.has_stayed)
    app.add_middleware(Looks, studio=studio, beside=beside)
    app.add_middleware(Compressed, minimum_size=COMPRESSED_FROM_BYTES, compresslevel=1)
    app.add_middleware(door.Door, pin=pin)
    app.add_middleware(Guard, hosts=hosts, tokens=studio.visitors.tokens, buckets=studio.buckets)
    return app


class Compressed(GZipMiddleware):
    """Compresses answers, but not those to this computer, where it takes longer than it saves."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass on, compressed or not."""
        if is_here(scope) and scope["path"].startswith("/api/"):
            await self.app(scope, receive, send)
        else:
            await super().__call__(scope, receive, send)


async def clean(studio: Studio) -> None:
    """Once a minute, release visitors who have long been idle."""
    while True:
        await asyncio.sleep(CLEANING_SECONDS)
        try:
            await asyncio.to_thread(studio.clean)
        except Exception:  # one failure must not end all cleaning
            logging.getLogger(__name__).exception("cleaning")


def page_folder() -> Path | None:
    """Return the folder of the built page; None where it was not built."""
    built = Path(str(files("glassnet.studio") / "page"))
    in_checkout = Path(__file__).parents[3] / "page" / "dist"
    for place in (in_checkout, built):
        if (place / "index.html").is_file():
            return place
    return None


def add_page(app: FastAPI) -> None:
    """Serve the page, or say why it is missing."""
    folder = page_folder()
    if folder is None:

        @app.get("/", include_in_schema=False)
        def without_page() -> HTMLResponse:
            return HTMLResponse(
                f"<h1>The page is missing</h1><p>{html.escape(left_out.sentence(left_out.PAGE))} "
                "The API works all the same: see /api/openapi.json.</p>",
                status_code=503,
            )

        return

    know_file_types()

    class Page(StaticFiles):
        """Files whose names change with their content are kept by browsers; the first page is not."""

        def file_response(self, *args: object, **kwargs: object) -> Response:
            response = super().file_response(*args, **kwargs)  # type: ignore[arg-type] - passed on unchanged
            is_named = "/assets/" in str(args[0]).replace("\\", "/")
            response.headers["cache-control"] = "public, max-age=31536000, immutable" if is_named else "no-cache"
            return response

    app.mount("/", Page(directory=folder, html=True), name="page")


def tell(status: int, sentence: str) -> JSONResponse:
    """Return one sentence."""
    return JSONResponse({"detail": sentence}, status_code=status)


async def tell_invalid(_request: Request, error: Exception) -> Response:
    """Say the first thing that is wrong with a request's values."""
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    if first["type"] == "json_invalid":
        return tell(422, "what was sent is no JSON.")
    where = ".".join(str(part) for part in first["loc"] if part not in ("body", "query", "path"))
    what = str(first["msg"])
    return tell(422, f"{where + ': ' if where else ''}{what[0].lower()}{what[1:]}.")


async def tell_refused(_request: Request, error: Exception) -> Response:
    """Say what glassnet refuses."""
    return tell(400, str(error))


async def tell_missing(_request: Request, error: Exception) -> Response:
    """Say what is not there."""
    return tell(404, str(error.args[0]) if error.args else "there is no such thing here.")


async def tell_not_kept(_request: Request, error: Exception) -> Response:
    """Say that the folder of runs does not accept what should be kept in it."""
    assert isinstance(error, OSError)
    return tell(507, f"that cannot be kept here: {reason_of(error).lower()}.")


async def tell_too_many(_request: Request, error: Exception) -> Response:
    """Say which limit has been reached."""
    return tell(429, str(error))


async def tell_http(_request: Request, error: Exception) -> Response:
    """Say what HTTP says."""
    assert isinstance(error, HTTPException)
    what = {404: "there is nothing of that name here.", 405: "that is not done this way here."}
    if error.detail == "There was an error parsing the body":  # FastAPI's words for text in no known encoding
        what[400] = "what was sent is no JSON."
    answer = tell(error.status_code, what.get(error.status_code, str(error.detail)))
    answer.headers.update(error.headers or {})
    return answer
