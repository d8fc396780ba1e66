"""``glassnet read``: what is written on photos, scans and crops."""

import math
import sys
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glassnet.cli.console import FAILED, err, open_model, percent, say_error, says_errors, sentence_of
from glassnet.errors import GlassnetError, ImageError, SettingError
from glassnet.system import resolved

if TYPE_CHECKING:
    from glassnet.cli.readings import Form
    from glassnet.reading import Reader
    from glassnet.reading.regions import Region

IMAGE_ENDINGS = {
    *(".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".pgm", ".pbm"),
    *(".heic", ".heif", ".avif", ".pdf"),
}
LARGEST_STDIN_BYTES = 256 << 20


class Signs(StrEnum):
    """What may be told of signs between digits."""

    ALL = "all"
    NONE = "none"


class Ink(StrEnum):
    """Inks that can be told apart."""

    BLACK = "black"
    BLUE = "blue"
    GREEN = "green"
    RED = "red"


@says_errors
def read(
    files: Annotated[
        list[Path],
        typer.Argument(
            help="Images, PDFs, folders of them, patterns; .npy or IDX files of 28 x 28 crops; - is standard input.",
            readable=False,
        ),
    ],
    model: Annotated[
        Path | None,
        typer.Option(
            "--model", help="Another network.  [default: the reader that comes with glassnet]", readable=False
        ),
    ] = None,
    digit: Annotated[
        bool, typer.Option("--digit", help="Take each whole image for one digit, and show what the network saw.")
    ] = False,
    at_least: Annotated[
        float | None,
        typer.Option(
            "--at-least",
            help="Reject what is less sure than this, from 0 to 1; 0 takes everything for a digit.  "
            "[default: the model's own]",
        ),
    ] = None,
    signs: Annotated[
        Signs,
        typer.Option("--signs", help="Whether points, commas, colons, dashes and slashes between digits are told."),
    ] = Signs.ALL,
    ink: Annotated[
        Ink | None,
        typer.Option(
            "--ink", help="Read only what is written in this ink, on pictures in colour: handwriting on print."
        ),
    ] = None,
    expect: Annotated[
        str | None,
        typer.Option(
            "--expect",
            help="What each line says: d for a digit, digits, signs and spaces for themselves (dddd-dd-dd); luhn, ean "
            "or isbn for a checksum; or both (luhn:dddd dddd dddd dddd).",
        ),
    ] = None,
    region: Annotated[
        list[str] | None,
        typer.Option(
            "--region",
            help="Read only there: x,y,w,h in pixels, or each in per cent of the sheet (10%,20%,30%,5%), with a name: "
            "total=10%,20%,30%,5%. May be given several times.",
        ),
    ] = None,
    form: Annotated[
        Path | None,
        typer.Option("--form", help="Read only the regions that a form's JSON file names.", readable=False),
    ] = None,
    as_table: Annotated[
        bool,
        typer.Option(
            "--table",
            help="Print CSV with a column for each cell of a grid, each number of a row or each named region.",
        ),
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object per image instead.")] = False,
    as_csv: Annotated[bool, typer.Option("--csv", help="Print one line of CSV per mark instead.")] = False,
    annotate: Annotated[
        Path | None,
        typer.Option(
            "--annotate",
            help="Save the image with boxes and digits drawn on it: a file, or for several images a folder.",
            readable=False,
        ),
    ] = None,
) -> None:
    """Read the digits on photos, scans and drawings.

    Any image of handwritten numbers will do: in lines and columns, dark on light or light on dark, in any colour, on
    plain, ruled or squared paper, a sheet on a table, one digit or a line cropped closely. A gap between numbers is a
    space; points, commas, colons, dashes and slashes between digits are told; boxes and grids are no marks. A page
    that lies upside down or sideways is noticed. A mark that is not a digit, or not surely one, is read as ?, with the
    reason.

    For example:

      glassnet read page.jpg
      glassnet read --at-least 0.99 --csv scans/ > numbers.csv
      glassnet read --annotate seen.png form.png
      glassnet read --table --form form.json scans/ > values.csv
      glassnet read --expect luhn:dddddddddddddddd cards/
      glassnet read --ink blue --region total=60%,80%,30%,10% invoice.jpg
      glassnet read --digit seven.png
      glassnet read --csv crops.npy
    """
    from glassnet.cli.readings import CsvForm, Form, JsonForm, TableForm
    from glassnet.reading import Reader

    if as_json + as_csv + as_table > 1:
        raise SettingError("--json, --csv and --table do not go together: choose one.")
    regions = regions_of(region or [], form)
    if digit and (regions or as_table or expect is not None):
        raise SettingError(
            "--digit takes a whole image for one digit: it does not go with --region, --form, --expect or --table."
        )
    reader = Reader(
        None if model is None else open_model(model),
        at_least=at_least,
        signs=signs is Signs.ALL,
        ink=None if ink is None else ink.value,
        expect=expect,
    )
    if at_least is not None and not (as_json or as_csv or as_table):
        err.print(what_it_buys(reader), markup=False)
    paths = list(found(files))
    if annotate is not None:
        check_annotate(annotate, paths)
    kind = JsonForm if as_json else CsvForm if as_csv else TableForm if as_table else Form
    failed = read_all(paths, reader, kind(reader, digit, annotate, len(paths), regions))
    if failed:
        raise typer.Exit(FAILED)


def regions_of(texts: list[str], form: Path | None) -> "list[Region]":
    """Return the regions that options name: those of a form's file first."""
    from glassnet.reading.regions import MOST_REGIONS, Region, load_form

    regions = [] if form is None else load_form(form)
    regions += [Region.from_text(text) for text in texts]
    if len(regions) > MOST_REGIONS:
        raise SettingError(f"there are {len(regions)} regions; at most {MOST_REGIONS} can be read.")
    return regions


def what_it_buys(reader: "Reader") -> str:
    """Return what the threshold buys, as it was measured when the network was calibrated."""
    known = reader.calibration
    choices = [c for c in known.choices if c.at_least <= reader.at_least and not math.isnan(c.accuracy)]
    if not choices:
        return "This network was not calibrated: what such a threshold buys is not known."
    best = max(choices, key=lambda choice: choice.at_least)
    return (
        f"With {best.at_least:g}, of {known.n} digits by writers it had not seen, {percent(best.coverage)} are "
        f"accepted, and {percent(best.accuracy)} of those are right."
    )


def found(files: list[Path]) -> Iterator[Path]:
    """Yield the files that arguments name: themselves, the images in a folder, what a pattern matches."""
    for path in files:
        if path.is_dir():
            inside = sorted(p for p in path.rglob("*") if p.suffix.lower() in IMAGE_ENDINGS and p.is_file())
            if not inside:
                raise ImageError(f"there are no images in the folder {path}.")
            yield from inside
        elif str(path) != "-" and not path.exists() and any(sign in str(path) for sign in "*?["):
            # from a shell that leaves patterns alone (Windows), or in quotes
            anchor = Path(path.anchor) if path.anchor else Path()
            matches = sorted(anchor.glob(str(path.relative_to(path.anchor) if path.anchor else path)))
            if not matches:
                raise ImageError(f"no file matches {path}.")
            yield from matches
        else:
            yield path


def check_annotate(annotate: Path, paths: list[Path]) -> None:
    """Refuse a place for annotated images before anything is read."""
    if len(paths) > 1 and annotate.exists() and not annotate.is_dir():
        raise SettingError(f"--annotate {annotate} is a file; for several images name a folder.")
    if len(paths) == 1 and not annotate.is_dir() and annotate.suffix.lower() not in {".png", ".jpg", ".jpeg", ".webp"}:
        raise SettingError(f"--annotate {annotate}: name a .png, .jpg or .webp file, or a folder that exists.")
    if len(paths) == 1 and not (folder := resolved(annotate).parent).is_dir():
        raise SettingError(f"there is no folder {folder} to save {annotate.name} in.")
    if any(path.exists() and annotate.exists() and path.samefile(annotate) for path in paths if str(path) != "-"):
        raise SettingError(f"--annotate {annotate} is the image itself: it would be overwritten.")


def read_all(paths: list[Path], reader: "Reader", form: "Form") -> bool:
    """Read all files, even if one of them is bad; return whether one was."""
    from rich.progress import Progress

    failed = False
    form.begin()
    is_shown = err.is_terminal and len(paths) >= 3
    with Progress(console=err, transient=True, disable=not is_shown, auto_refresh=is_shown and err.moves) as bar:
        for path in bar.track(paths, description="reading"):
            try:
                read_one(path, reader, form)
            except (GlassnetError, OSError) as error:
                if isinstance(error, BrokenPipeError):
                    raise
                sentence = sentence_of(error)
                say_error(sentence if str(path) in sentence else f"{path}: {sentence}")
                failed = True
    return failed


def read_one(path: Path, reader: "Reader", form: "Form") -> None:
    """Read one file, whatever it holds."""
    from glassnet.digits.image_file import read_pages
    from glassnet.reading import open_crops

    if str(path) == "-":
        source: Path | bytes = standard_input()
    else:
        source = path
        crops = open_crops(path) if path.is_file() else None
        if crops is not None:
            form.crops(path, crops)
            return
    if form.one_digit:
        form.digit(path, reader.mark(source))
        return
    for number, picture in enumerate(read_pages(source), 1):
        try:
            page = reader.read(picture, form.regions)
        except ImageError as error:
            raise error if number == 1 else ImageError(f"page {number} of {path}: {error}") from None
        form.page(path, number, picture, page)


def standard_input() -> bytes:
    """Return all of standard input."""
    data = sys.stdin.buffer.read(LARGEST_STDIN_BYTES + 1) if sys.stdin is not None else b""
    if len(data) > LARGEST_STDIN_BYTES:
        raise ImageError("standard input is too long for an image.")
    return data
