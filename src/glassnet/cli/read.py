"""``glassnet read``: what a network reads in an image file, and what it was shown."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.console import (
    DEFAULT_MODEL,
    FAILED,
    open_model,
    out,
    print_json,
    print_wide,
    say_error,
    says_errors,
    sentence_of,
)
from glassnet.errors import GlassnetError, ImageError

if TYPE_CHECKING:
    from glassnet.reading import Reading


@says_errors
def read(
    files: Annotated[
        list[Path], typer.Argument(help="Image files of one digit each; - is standard input.", readable=False)
    ],
    model: Annotated[
        Path, typer.Option("--model", help="The network; glassnet train writes it.", readable=False)
    ] = DEFAULT_MODEL,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per image instead.")] = False,
) -> None:
    """Read a digit from each image.

    Any image of one digit will do: of any size, dark on light or light on dark, anywhere in the picture. It is made
    like the digits that the network learned from (scaled to 20 x 20 pixels, centre of mass in the middle of 28 x 28);
    that is what you see beside its ten outputs. The brightest output is the answer, whatever the picture shows: this
    kind of network does not know what is no digit.

    For example:

      glassnet read seven.png
      glassnet read --json *.jpg
    """
    from glassnet.reading import read_digit

    network = open_model(model).network
    failed = False
    for path in files:
        try:
            reading = read_digit(network, standard_input() if str(path) == "-" else path)
        except (GlassnetError, OSError) as error:
            sentence = sentence_of(error)
            say_error(sentence if str(path) in sentence else f"{path}: {sentence}")
            failed = True
            continue
        if as_json:
            print_json(summary(reading, path))
        else:
            show(reading, path)
    if failed:
        raise typer.Exit(FAILED)


LARGEST_STDIN_BYTES = 256 << 20
PICTURE_WIDTH = 70


def standard_input() -> bytes:
    """Return all of standard input."""
    data = sys.stdin.buffer.read(LARGEST_STDIN_BYTES + 1) if sys.stdin is not None else b""
    if len(data) > LARGEST_STDIN_BYTES:
        raise ImageError("standard input is too long for an image.")
    return data


def summary(reading: "Reading", path: Path) -> dict[str, Any]:
    """Return what ``--json`` prints of one image."""
    mark = {
        "digit": reading.digit,
        "confidence": float(reading.outputs[reading.digit]),
        "reason": None,
        "box": list(reading.normalised.box),
        "outputs": reading.outputs.tolist(),
    }
    return {"file": str(path), "lines": [{"text": str(reading.digit), "marks": [mark]}]}


def show(reading: "Reading", path: Path) -> None:
    """Print what the network was shown, beside its ten outputs."""
    from rich.table import Table
    from rich.text import Text

    from glassnet.cli.pictures import bar, image_text

    bars = Text()
    for digit, output in enumerate(reading.outputs.tolist()):
        style = "bold" if digit == reading.digit else "dim"
        bars.append(f"{digit}  {bar(output)} {output:.4f}\n", style)
    side_by_side = Table.grid(padding=(0, 3))
    side_by_side.add_row(image_text(reading.normalised.image, out), bars)
    out.print(Text.assemble(f"\n{path}: ", (f"{reading.digit}", "bold")))
    print_wide(side_by_side, PICTURE_WIDTH)
