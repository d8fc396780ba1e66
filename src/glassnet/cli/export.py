"""``glassnet export``: a network as one web page that works without a server."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from glassnet.cli.console import DEFAULT_MODEL, err, open_model, out, percent, print_json, says_errors
from glassnet.errors import SettingError

if TYPE_CHECKING:
    from glassnet.export import OneFile


@says_errors
def export(
    model: Annotated[
        Path,
        typer.Argument(
            help="The network that glassnet train saved; or reader or videos, which come with glassnet.", readable=False
        ),
    ] = DEFAULT_MODEL,
    out_file: Annotated[
        Path | None,
        typer.Option("--out", help="Where the page is saved.  [default: NETWORK.html]", readable=False),
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="Folder of digits that it is measured on: IDX files, or images in 0/ ... 9/.  [default: MNIST]",
            readable=False,
        ),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Save a network as one HTML file: draw on it and it answers, offline, with no server.

    The file has at most 1,000,000 bytes, the network included. Up to some 170,000 weights are kept exactly as they are;
    more are rounded until they fit, and the file says how many test digits it still reads correctly.

    For example:

      glassnet export videos
      glassnet export reader --out reader.html
      glassnet export glassnet.safetensors --json
    """
    from glassnet.digits import load_digits
    from glassnet.export import is_own_page, one_file
    from glassnet.tensor_file import write_whole

    path = out_file or Path(f"{model.stem}.html")
    if path.exists() and not is_own_page(path):
        raise SettingError(f"{path} exists and is not a page of glassnet's; name another file with --out.")
    loaded = open_model(model)
    with err.status("Packing and measuring ..."):
        page = one_file(loaded, load_digits(data), title=TITLES.get(str(model), model.stem))
    write_whole(path, page.data)
    if as_json:
        print_json(summary(page, path))
    else:
        show(page, path)


TITLES = {"reader": "the reader", "videos": "the videos' network"}


def summary(page: "OneFile", path: Path) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    rounding = page.rounding
    return {
        "file": str(path),
        "bytes": len(page.data),
        "layer_sizes": list(page.network.layer_sizes),
        "rounding": {"steps": list(rounding.steps), "coarseness": rounding.coarseness} if rounding else None,
        "n": page.n_test,
        "accuracy": page.accuracy,
        "accuracy_before": page.accuracy_before,
        "agreement": page.agreement,
    }


def show(page: "OneFile", path: Path) -> None:
    """Print what was saved, and how good it is."""
    out.print(f"[bold]{escape(str(path))}[/]: {len(page.data):,} bytes, everything included")
    if page.rounding is None:
        out.print(f"exact     {percent(page.accuracy)} of {page.n_test:,} test digits are read correctly")
    else:
        out.print(
            f"rounded   {percent(page.accuracy)} of {page.n_test:,} test digits are read correctly; "
            f"before {percent(page.accuracy_before)}\n"
            f"the same  {percent(page.agreement)} of the answers"
        )
