"""An explanation: its numbers for JSON, a table for CSV, a picture for a file, and what a terminal shows."""

import csv as csv_format
import io
from abc import ABC, abstractmethod
from collections.abc import Iterable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.cli.console import print_json
from glassnet.errors import DivergedError, SettingError
from glassnet.system import is_same_place, resolved
from glassnet.tensor_file import is_own_file, write_whole

if TYPE_CHECKING:
    from matplotlib.figure import Figure

TABLE_WIDTH = 84
PICTURES = (".png", ".svg", ".pdf")
WITHOUT_PICTURE = ("weight",)
"""A product of three factors is not what one wants as a picture."""


class Explanation(ABC):
    """Results, and every way in which they can be had."""

    __slots__ = ()

    @abstractmethod
    def numbers(self) -> dict[str, Any]:
        """Return every number, as JSON can say it."""

    @abstractmethod
    def show(self) -> None:
        """Print the same for people."""

    @abstractmethod
    def rows(self) -> Iterable[Sequence[Any]]:
        """Return the table for CSV, the names of its columns first."""

    def draw(self, figure: "Figure") -> None:
        """Draw it into a figure of matplotlib; those that cannot be drawn are in `WITHOUT_PICTURE`."""
        raise NotImplementedError


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
        if not resolved(path).parent.is_dir():
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
    if png is not None:
        write_whole(png, picture_bytes(explanation, png.suffix.lower()[1:]))
    print_json(explanation.numbers()) if as_json else explanation.show()


def check_finite(values: Any, remedy: str) -> None:
    """Refuse results that overflowed: nothing that is said of them would mean anything."""
    if not np.isfinite(values).all():
        raise DivergedError(f"the cost is no longer a finite number there: {remedy}.")


def table_bytes(explanation: Explanation) -> bytes:
    """Return the explanation's table as CSV, numbers with all their digits."""
    text = io.StringIO()
    csv_format.writer(text, lineterminator="\n").writerows(explanation.rows())
    return text.getvalue().encode()


def picture_bytes(explanation: Explanation, kind: str) -> bytes:
    """Return the explanation's picture as the bytes of a file."""
    from matplotlib.figure import Figure

    figure = Figure(figsize=(8, 6), dpi=150, layout="constrained")
    explanation.draw(figure)
    picture = io.BytesIO()
    figure.savefig(picture, format=kind)
    return picture.getvalue()
