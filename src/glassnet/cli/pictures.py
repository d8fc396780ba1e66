"""Pictures in the terminal: images as half blocks, curves as eighth blocks."""

from collections.abc import Sequence

import numpy as np
from rich.columns import Columns
from rich.console import Console, Group
from rich.style import Style
from rich.table import Table
from rich.text import Text

SHADES = " ░▒▓█"
EIGHTHS = " ▁▂▃▄▅▆▇█"


def image_text(image: np.ndarray, console: Console) -> Text:
    """Return an image as text: two rows of pixels in one line of half blocks.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width)
        0 is black.
    console : Console
        Where it will be printed. Without colours, shades of one character for two pixels one above the other.

    Returns
    -------
    Text
        ceil(height / 2) lines of `width` characters.
    """
    upper = image[0::2]
    lower = np.zeros_like(upper)
    lower[: len(image[1::2])] = image[1::2]
    lines = []
    for row_above, row_below in zip(upper.tolist(), lower.tolist(), strict=True):
        line = Text()
        for above, below in zip(row_above, row_below, strict=True):
            if console.color_system is None:
                line.append(SHADES[round((above + below) / 510 * (len(SHADES) - 1))])
            else:
                style = Style(color=f"rgb({above},{above},{above})", bgcolor=f"rgb({below},{below},{below})")
                line.append("▀", style)
        lines.append(line)
    return Text("\n").join(lines)


def image_row(images: Sequence[np.ndarray], captions: Sequence[str], console: Console) -> Columns:
    """Return images beside each other with a line under each, as many in a row as fit."""
    parts = [Group(image_text(image, console), Text(caption)) for image, caption in zip(images, captions, strict=True)]
    return Columns(parts, padding=(1, 2), equal=True)


def curve(values: Sequence[float], *, height: int = 6, most_columns: int = 60) -> Text:
    """Return a curve as columns of eighth blocks on a logarithmic scale, from the smallest value to the largest.

    Parameters
    ----------
    values : sequence of float
        Above 0; one column each, or means of neighbours where there are too many.
    height : int, default 6
        Lines.
    most_columns : int, default 60
        Columns at the most.

    Returns
    -------
    Text
        `height` lines, the largest value written beside the first, the smallest beside the last.
    """
    columns = np.array([np.mean(part) for part in np.array_split(values, min(len(values), most_columns))])
    low, high = float(columns.min()), float(columns.max())
    share = np.log(columns / low) / np.log(high / low) if high > low > 0 else np.ones(len(columns))
    eighths = 1 + np.rint(share * (height * 8 - 1)).astype(int)  # the smallest one is a thin line
    wide = max(1, min(3, most_columns // len(columns)))  # a short run is drawn with wider columns
    lines = []
    for line in range(height - 1, -1, -1):
        label = f"{high:.4f}" if line == height - 1 else f"{low:.4f}" if line == 0 else ""
        blocks = "".join(EIGHTHS[min(max(n - 8 * line, 0), 8)] * wide for n in eighths.tolist())
        lines.append(f"{label:>8} ▕{blocks}")
    return Text("\n".join(lines))


def bar(share: float, width: int = 24) -> str:
    """Return a number from 0 to 1 as a horizontal bar of eighth blocks."""
    eighths = round(min(max(share, 0.0), 1.0) * width * 8)
    full, rest = divmod(eighths, 8)
    return ("█" * full + (" ▏▎▍▌▋▊▉"[rest] if rest else "")).ljust(width)


def arrow(value: float, largest: float, width: int = 12) -> str:
    """Return an arrow to the right (above 0) or left (below 0), as long as the number, `largest` being `width` long."""
    if not np.isfinite(value) or not largest:
        return "·"
    length = round(abs(value) / largest * width)
    if not length:
        return "·"
    shaft = "─" * (length - 1)
    return f"{shaft}▶" if value > 0 else f"◀{shaft}"


def plain_table(*columns: str) -> Table:
    """Return an empty table whose columns are right-aligned and lightly ruled."""
    table = Table(box=None, pad_edge=False, header_style="dim")
    for column in columns:
        table.add_column(column, justify="right")
    return table
