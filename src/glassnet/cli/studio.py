"""``glassnet studio``: the page."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glassnet.cli.console import open_model, out, print_json, says_errors
from glassnet.cli.look_alikes import has
from glassnet.errors import SettingError

if TYPE_CHECKING:
    from glassnet.studio.visit.state import Studio

LONGEST_PIN = 40
HALVES = {(False, False): "█", (False, True): "▀", (True, False): "▄", (True, True): " "}
"""What is light in a square code, above and below, in the foreground's colour."""
CODE_SIGNS = "".join(HALVES.values())
LIGHT_ON_DARK = "bright_white on black"


@says_errors
def studio(
    port: Annotated[
        int, typer.Option("--port", help="Where it listens; 0 takes any that is free.", min=0, max=65535)
    ] = 8000,
    host: Annotated[
        str,
        typer.Option(
            "--host", help="Address that it listens on: 0.0.0.0 lets others on your network in, each for themselves."
        ),
    ] = "127.0.0.1",
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", help="A network of yours to look at, besides those that come with glassnet.", readable=False
        ),
    ] = None,
    no_browser: Annotated[bool, typer.Option("--no-browser", help="Do not open the browser.")] = False,
    folder: Annotated[
        Path | None,
        typer.Option("--folder", help="Where runs are kept.  [default: your user's data folder]", readable=False),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object with the address, then serve.")
    ] = False,
    pin: Annotated[
        str | None,
        typer.Option("--pin", help="What a class types to come in.  [default: six digits, made anew, if others can]"),
    ] = None,
    no_pin: Annotated[bool, typer.Option("--no-pin", help="Let everybody in who has the address.")] = False,
    certificate: Annotated[
        Path | None,
        typer.Option("--certificate", help="A certificate (PEM), for https; with --key.", readable=False),
    ] = None,
    key: Annotated[Path | None, typer.Option("--key", help="The certificate's key (PEM).", readable=False)] = None,
    proxy: Annotated[
        str,
        typer.Option("--proxy", help="Address of a proxy in front, which is believed who asks, and whether by https."),
    ] = "",
) -> None:
    """Open the studio: draw on a network, watch it learn.

    A page in your browser, served by this computer, which needs no internet. Ctrl-C stops it; runs are kept.

    For example:

      glassnet studio
      glassnet studio --host 0.0.0.0 --no-browser      for a class, which types the PIN
    """
    if pin is not None and (no_pin or not pin.strip() or len(pin) > LONGEST_PIN):
        raise SettingError(f"--pin takes 1 to {LONGEST_PIN} characters, and does not go together with --no-pin.")
    signal.signal(signal.SIGTERM, stop)
    # every answer in one thread: many visitors share the cores better than threads within one of their small products
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from glassnet.studio.server import LOCAL, Secrecy, runs_folder, serve
    from glassnet.studio.visit.door import new_pin
    from glassnet.studio.visit.host import link_of
    from glassnet.studio.visit.networks import Given

    is_open = no_pin or (pin is None and host in LOCAL and not proxy)
    wanted = "" if is_open else new_pin() if pin is None else pin.strip()

    def begun(studio: "Studio", address: str) -> None:
        if as_json:
            told = {"address": address, "host": host_page(studio, address)}
            print_json(
                told | ({"pin": wanted} if wanted else {}) | ({"others": studio.address} if studio.address else {})
            )
            return
        for line in told_of(studio, address):
            out.print(line, markup=False, highlight=False, soft_wrap=True)
        if studio.address and has(out.file, CODE_SIGNS):
            code = square_code(link_of(studio.address, wanted))
            out.print(code, style=LIGHT_ON_DARK, markup=False, highlight=False, soft_wrap=True)

    given = Given() if model is None else Given(open_model(model), model.stem)
    serve(
        host,
        port,
        folder or runs_folder(),
        begun=begun,
        open_browser=not no_browser,
        given=given,
        pin=wanted,
        secrecy=Secrecy(certificate, key, proxy),
    )


def told_of(studio: "Studio", address: str) -> Iterator[str]:
    """Yield what whoever starts the studio is told: where it is, and how others come in."""
    pin, kept = studio.visitors.tokens.pin, studio.visitors.stock.told()
    yield f"The studio is at {address}  (Ctrl-C stops it)"
    if kept:
        yield kept
    if studio.address:
        yield f"Others come in at {studio.address}{f'  PIN {pin}' if pin else ''}"
        yield f"Who is here: {host_page(studio, address)}"


def host_page(studio: "Studio", address: str) -> str:
    """Return the address of the page that shows who is here."""
    return f"{address.partition('#')[0]}host?key={studio.host_key}"


def square_code(text: str) -> str:
    """Return a text as a square code of half blocks, two of its rows in each line."""
    import segno

    rows = [list(row) for row in segno.make(text, error="l").matrix_iter(border=2)]
    rows += [[0] * len(rows[0])] * (len(rows) % 2)
    return "\n".join(
        "".join(HALVES[bool(above), bool(below)] for above, below in zip(*pair, strict=True))
        for pair in zip(rows[::2], rows[1::2], strict=True)
    )


def stop(number: int, _frame: object) -> None:
    """End as Ctrl-C does. A container's first process ignores signals unless it says what to do with them."""
    raise SystemExit(128 + number)
