"""An explanation: its numbers for JSON, a table for CSV, a picture for a file, and what a terminal shows."""

import csv as csv_format
import io
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.cli.console import print_json
from glassnet.errors import DivergedError, SettingError
from glassnet.system import is_same_place
from glassnet.tensor_file import is_own_file, write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TABLE_WIDTH = 84
PICTURES = (".png", ".svg", ".pdf")
WITHOUT_PICTURE = ("weight",)
"""A product of three factors is not what one wants as a picture."""


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What there is to say, in every way it can be had.

    Parameters
    ----------
    numbers : dict
        Every number, as JSON can say it.
    show : callable
        Prints the same for people.
    columns : sequence of str
        Names of the table's columns, for CSV.
    rows : iterable of sequences
        The table, row by row.
    draw : callable or None
        Draws it into a figure of matplotlib; None where there is nothing to draw.
    """

    numbers: dict[str, Any]
    show: Callable[[], None]
    columns: Sequence[str]
    rows: Iterable[Sequence[Any]]
    draw: "Callable[[Figure], None] | None" = None


def plain(value: Any) -> Any:
    """Return a frozen value's fields as JSON can say them; what is not finite is None."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def check_outlets(name: str, as_json: bool, csv: Path | None, png: Path | None) -> None:
    """Refuse what cannot be written, before the work is done."""
    for path in filter(None, (csv, png)):
        if not path.resolve().parent.is_dir():
            raise SettingError(f"there is no folder {path.parent} to write {path.name} into.")
        if path.is_dir():
            raise SettingError(f"{path} is a folder; name a file to write.")
        if path.is_file() and is_own_file(path):
            raise SettingError(f"{path} is a network or a checkpoint, which would be lost: name another file.")
    if csv is not None and png is not None and is_same_place(csv, png):
        raise SettingError("--csv and --png are two files; give them two names.")
    if png is None:
        return
    if name in WITHOUT_PICTURE:
        raise SettingError(f"there is no picture of a {name}: its numbers are in --json and --csv.")
    if png.suffix.lower() not in PICTURES:
        raise SettingError(f"--png draws {', '.join(PICTURES)} files; {png.name} is none of them.")
    if find_spec("matplotlib") is None:
        raise SettingError("--png draws with matplotlib, which is not installed: pip install 'glassnet[plot]'.")


def tell(explanation: Explanation, as_json: bool, csv: Path | None, png: Path | None) -> None:
    """Write the files that are asked for, and print the explanation."""
    if csv is not None:
        write_whole(csv, table_bytes(explanation))
    if png is not None and explanation.draw is not None:
        write_whole(png, picture_bytes(explanation.draw, png.suffix.lower()[1:]))
    print_json(explanation.numbers) if as_json else explanation.show()


def check_finite(values: Any, remedy: str) -> None:
    """Refuse results that overflowed: nothing that is said of them would mean anything."""
    if not np.isfinite(values).all():
        raise DivergedError(f"the cost is no longer a finite number there: {remedy}.")


def table_bytes(explanation: Explanation) -> bytes:
    """Return the explanation's table as CSV, numbers with all their digits."""
    text = io.StringIO()
    writer = csv_format.writer(text, lineterminator="\n")
    writer.writerow(explanation.columns)
    writer.writerows(explanation.rows)
    return text.getvalue().encode()


def picture_bytes(draw: "Callable[[Figure], None]", kind: str) -> bytes:
    """Return a figure as the bytes of a file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 6), dpi=150, layout="constrained")
    draw(figure)
    picture = io.BytesIO()
    figure.savefig(picture, format=kind)
    return picture.getvalue()
