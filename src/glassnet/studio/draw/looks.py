"""Looks: what networks see in a drawing. Of those that everybody has, a whole class asks it again and again."""

from pydantic import ValidationError

from glassnet.errors import GlassnetError
from glassnet.studio.draw.beside import Beside, look
from glassnet.studio.draw.schema import See
from glassnet.studio.visit.asker import asking, is_here
from glassnet.studio.visit.came import Came
from glassnet.studio.visit.guard import App, Receive, Scope, Send
from glassnet.studio.visit.shares import TooMany
from glassnet.studio.visit.state import Studio

try:  # a fifth of the time of zlib, and smaller
    from isal import igzip
except ImportError:  # not for every processor; then the answer is compressed as all others are
    igzip = None

PATH = "/api/see"
JSON = b"application/json"


class Looks:
    """Answers what the networks that everybody has see, in a third of the time; the application has all the rest.

    Whatever is not as usual, a newcomer, a fault in what is asked, a network of one's own, is answered there, and in
    its words.

    Parameters
    ----------
    app : ASGI application
        Behind it.
    studio : Studio
        What the answers share.
    beside : Beside
        Where most of them are computed when a class is drawing.
    """

    def __init__(self, app: App, studio: Studio, beside: Beside) -> None:
        self.app = app
        self.studio = studio
        self.beside = beside

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] != "http" or scope["path"] != PATH or scope["method"] != "POST":
            await self.app(scope, receive, send)
            return
        came = Came(receive)
        body = await came.whole()
        is_json = any(name == b"content-type" and value.startswith(JSON) for name, value in scope["headers"])
        answer = await self.answer(body) if is_json and body is not None else None
        if answer is None:
            await self.app(scope, came, send)
            return
        headers = [(b"content-type", JSON), (b"vary", b"accept-encoding")]
        if igzip is not None and not is_here(scope) and accepts_gzip(scope):
            answer = igzip.compress(answer, compresslevel=1)
            headers.append((b"content-encoding", b"gzip"))
        headers.append((b"content-length", str(len(answer)).encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": answer})

    async def answer(self, body: bytes) -> bytes | None:
        """Return the answer to a request's body; None where the application shall answer."""
        studio, asker = self.studio, asking.get()
        try:
            asked = See.model_validate_json(body)
            if not all(studio.given.has(one) for one in asked.networks) or not studio.visitors.known(asker.token):
                return None
            networks = [studio.given.held[one.network] for one in asked.networks]
            studio.look(networks)
            return await self.beside.answer(body) or look(asked.picture, networks)
        except (ValidationError, GlassnetError, TooMany):
            return None


def accepts_gzip(scope: Scope) -> bool:
    """Whether a browser takes answers that are compressed."""
    return any(name == b"accept-encoding" and b"gzip" in value for name, value in scope["headers"])
