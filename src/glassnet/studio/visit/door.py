"""Door: a class lets in whoever has its PIN. It is asked once; the cookie that follows is signed with it."""

import hmac
import html
import secrets
from typing import Annotated
from urllib.parse import parse_qs

from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from glassnet.studio.visit.asker import asking
from glassnet.studio.visit.guard import App, Receive, Scope, Send, refuse
from glassnet.studio.visit.state import Studio, TheStudio, give_cookie

PIN_DIGITS = 6
OF_A_FORM = {"cache-control": "no-store", "referrer-policy": "same-origin"}
"""Headers of a page with a form: without a referrer browsers say of what it sends that it came from nowhere (null)."""
OPEN = ("/healthz", "/door", "/host")
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>glassnet studio: the door</title>
<style>
body {{ font: 1.1rem/1.5 system-ui, sans-serif; display: grid; place-content: center; min-height: 90vh; margin: 1rem;
  grid-template-columns: minmax(0, 22rem) }}
form {{ display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr) }}
input, button {{ font: inherit; padding: .5rem .7rem; min-width: 0 }}
input {{ letter-spacing: .3em; font-size: 1.6rem }}
@media (prefers-color-scheme: dark) {{ :root {{ color-scheme: dark }} }}
</style>
<form method="post" action="/door">
<h1>glassnet studio</h1>
<label for="pin">The PIN of this class</label>
<input id="pin" name="pin" autocomplete="off" inputmode="{inputmode}" maxlength="64" required autofocus>
<p role="alert">{sentence}</p>
<button>Come in</button>
</form></html>"""

router = APIRouter(include_in_schema=False)


def new_pin() -> str:
    """Return a PIN that nobody can guess within a lesson."""
    return f"{secrets.randbelow(10**PIN_DIGITS):0{PIN_DIGITS}}"


class Door:
    """Lets in who may come in; others are shown where the PIN is asked.

    Parameters
    ----------
    app : ASGI application
        Behind it.
    pin : str
        Empty leaves the door open.
    """

    def __init__(self, app: App, pin: str) -> None:
        self.app = app
        self.pin = pin

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or pass on."""
        if scope["type"] != "http" or asking.get().is_admitted or scope["path"] in OPEN:
            await self.app(scope, receive, send)
        elif scope["path"].startswith("/api/"):
            await refuse(send, 401, "this class has a PIN: open this server's address in a browser and type it.")
        else:
            await asked_for(self.pin, "")(scope, receive, send)


def asked_for(pin: str, sentence: str) -> Response:
    """Return the page that asks for the PIN, and says what was wrong."""
    inputmode = "numeric" if pin.isdigit() else "text"
    page = PAGE.format(sentence=html.escape(sentence), inputmode=inputmode)
    return HTMLResponse(page, headers=OF_A_FORM)


@router.get("/door")
async def come_by_link(request: Request, studio: TheStudio, pin: Annotated[str, Query(max_length=64)] = "") -> Response:
    """Let in who has the PIN in their link, as the square code has it that the server shows."""
    return come_in(request, studio, pin)


@router.post("/door")
async def come_by_form(request: Request, studio: TheStudio) -> Response:
    """Let in who types the PIN."""
    return come_in(request, studio, (await fields_of(request)).get("pin", ""))


def come_in(request: Request, studio: Studio, pin: str) -> Response:
    """Let in who has the PIN; each address may be wrong a few times."""
    tokens, asker = studio.visitors.tokens, asking.get()
    if not tokens.pin:
        return RedirectResponse("/", status_code=303)
    if studio.tries.level(asker.address) < 1:
        return asked_for(tokens.pin, "Too many wrong PINs came from where you are; wait a minute.")
    if not hmac.compare_digest(pin.strip().encode(), tokens.pin.encode()):
        if pin:
            studio.tries.take(asker.address)
        return asked_for(tokens.pin, "That is not the PIN." if pin else "")
    response = RedirectResponse("/", status_code=303)
    give_cookie(request, response, asker.token or tokens.new())
    return response


async def fields_of(request: Request) -> dict[str, str]:
    """Return what a form sends, the first of each name."""
    sent = parse_qs((await request.body()).decode("utf-8", "replace"), max_num_fields=20)
    return {name: values[0] for name, values in sent.items()}
