"""Host: a page for whoever started this server: who is here, what they run, and a way to send them away or pause it."""

import hmac
import html
import time
from typing import Annotated

import segno
from fastapi import APIRouter, Query, Request
from fastapi.responses import HTMLResponse, RedirectResponse, Response

from glassnet.studio.visit.door import OF_A_FORM, fields_of
from glassnet.studio.visit.state import Studio, TheStudio
from glassnet.studio.visit.visitors import Visitor

HOST_COOKIE = "glassnet-host"
PAGE = """<!doctype html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>glassnet studio: who is here</title>
<style>
:root {{ color-scheme: light dark }}
body {{ font: 1rem/1.5 system-ui, sans-serif; margin: 1.5rem; max-width: 70rem }}
table {{ border-collapse: collapse; width: 100% }}
th, td {{ text-align: left; padding: .35rem .8rem .35rem 0; border-bottom: 1px solid #8884; vertical-align: top }}
form {{ display: inline }}
a {{ color: inherit }}
.wide {{ overflow-x: auto }}
.pin {{ font-size: 2.5rem; letter-spacing: .2em }}
.code {{ background: #fff; display: inline-block; padding: .5rem }}
</style>
<h1>Who is here</h1>
{door}
<p>{kept} <a href="/host">Look again</a></p>
<div class="wide" tabindex="0" role="region" aria-label="Visitors and their runs">
<table><caption hidden>Visitors and their runs</caption>
<thead><tr><th scope="col">visitor</th><th scope="col">from</th><th scope="col">last asked</th>
<th scope="col">on disk</th><th scope="col">runs</th><th scope="col"></th></tr></thead>
<tbody>{rows}</tbody></table></div>
</html>"""
ROW = """<tr><th scope="row">{name}</th><td>{address}</td><td>{ago} s ago</td><td>{megabytes:,.1f} MB</td>
<td>{runs}</td><td>{end}</td></tr>"""
BUTTON = """<form method="post" action="/host"><input type="hidden" name="visitor" value="{visitor}">
<input type="hidden" name="run" value="{run}"><button name="do" value="{do}">{label}</button></form>"""
WAY_IN = """<p>Others come in at <b>{address}</b>, or by this code:</p><p class="code">{code}</p>{pin}"""

router = APIRouter(include_in_schema=False)


@router.get("/host")
async def host(request: Request, studio: TheStudio, key: Annotated[str, Query(max_length=64)] = "") -> Response:
    """Show who is here, to whoever has the key that the server printed when it started."""
    if key and hmac.compare_digest(key.encode(), studio.host_key.encode()):
        response = RedirectResponse("/host", status_code=303)
        is_secret = request.url.scheme == "https"
        response.set_cookie(HOST_COOKIE, key, path="/host", httponly=True, samesite="strict", secure=is_secret)
        return response
    if not is_host(request, studio):
        return closed()
    return HTMLResponse(page_of(studio), headers=OF_A_FORM)


@router.post("/host")
async def act(request: Request, studio: TheStudio) -> Response:
    """Pause a run, or send a visitor away."""
    if not is_host(request, studio):
        return closed()
    fields = await fields_of(request)
    name = fields.get("visitor", "")
    if fields.get("do") == "end":
        await studio.heavily(lambda: studio.visitors.end(name))
    visitor = studio.visitors.here.get(name)
    if visitor is not None and fields.get("do") == "pause" and fields.get("run") in visitor.courses:
        await studio.heavily(lambda: visitor.do(fields["run"], "pause"))
    return RedirectResponse("/host", status_code=303)


def is_host(request: Request, studio: Studio) -> bool:
    """Whether a request comes from whoever started this server."""
    return hmac.compare_digest(request.cookies.get(HOST_COOKIE, "").encode(), studio.host_key.encode())


def closed() -> Response:
    """Refuse, with where to find the way."""
    return HTMLResponse("<p>This page is for whoever started this server: its address is in their terminal.</p>", 403)


def page_of(studio: Studio) -> str:
    """Return the page."""
    now, sizes = time.monotonic(), studio.visitors.stock.sizes()
    everybody = sorted(studio.visitors.here.items(), key=lambda pair: -pair[1].seen_at)
    rows = [
        ROW.format(
            name=name[:6],
            address=html.escape(visitor.address),
            ago=round(now - visitor.seen_at),
            megabytes=sizes.get(name, 0) / 1e6,
            runs="<br>".join(runs_of(name, visitor)) or "none",
            end=BUTTON.format(visitor=name, run="", do="end", label="send away"),
        )
        for name, visitor in everybody
    ]
    kept = html.escape(studio.visitors.stock.told())
    return PAGE.format(door=way_in(studio), kept=kept, rows="".join(rows))


def runs_of(name: str, visitor: Visitor) -> list[str]:
    """Return what is told of somebody's runs."""
    told = []
    for course in visitor.all_courses():
        run = course.told()
        line = f"{html.escape(run.name)}: {run.n_parameters:,} parameters, epoch {run.epoch:.1f}, {run.state}"
        if run.state == "running":
            line += " " + BUTTON.format(visitor=name, run=run.id, do="pause", label="pause")
        told.append(line)
    return told


def way_in(studio: Studio) -> str:
    """Return how others come in, to be shown on a wall."""
    if not studio.address:
        return ""
    pin = studio.visitors.tokens.pin
    code = segno.make(link_of(studio.address, pin), error="m").svg_inline(scale=6)
    shown = f'<p>The PIN is <b class="pin">{html.escape(pin)}</b></p>' if pin else ""
    return WAY_IN.format(address=html.escape(studio.address), code=code, pin=shown)


def link_of(address: str, pin: str) -> str:
    """Return the address that lets somebody in at once."""
    from urllib.parse import quote

    return f"{address}door?pin={quote(pin)}" if pin else address
