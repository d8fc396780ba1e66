"""``glassnet studio``: the page."""

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.console import open_model, out, print_json, says_errors


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
) -> None:
    """Open the studio: draw on a network, watch it learn.

    A page in your browser, served by this computer, which needs no internet. Ctrl-C stops it; runs are kept.

    For example:

      glassnet studio
      glassnet studio --host 0.0.0.0 --no-browser      for a class
    """
    signal.signal(signal.SIGTERM, stop)
    # every answer in one thread: many visitors share the cores better than threads within one of their small products
    os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
    from glassnet.studio.server import runs_folder, serve
    from glassnet.studio.visit.networks import Given

    def begun(address: str) -> None:
        if as_json:
            print_json({"address": address})
            return
        out.print(f"The studio is at {address}  (Ctrl-C stops it)", markup=False, highlight=False, soft_wrap=True)

    given = Given() if model is None else Given(open_model(model), model.stem)
    serve(host, port, folder or runs_folder(), begun=begun, open_browser=not no_browser, given=given)


def stop(number: int, _frame: object) -> None:
    """End as Ctrl-C does. A container's first process ignores signals unless it says what to do with them."""
    raise SystemExit(128 + number)
