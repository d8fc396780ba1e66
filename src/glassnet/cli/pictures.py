"""Pictures in the terminal: images as half blocks, curves as eighth blocks."""

from collections.abc import Mapping, Sequence

import numpy as np
from rich.columns import Columns
from rich.console import Console, Group
from rich.style import Style
from rich.table import Table
from rich.text import Text

from glassnet.cli.look_alikes import has

SHADES = " ░▒▓█"
POSITIVE, NEGATIVE = " ░▒▓█", " ·-=#"
HALF = "▀"
BLUE, ORANGE = (0, 90, 181), (220, 95, 0)
"""A pair that people can tell apart whatever colours they see."""
EIGHTHS = " ▁▂▃▄▅▆▇█"


def image_text(image: np.ndarray, console: Console) -> Text:
    """Return an image as text: two rows of pixels in one line of half blocks.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, width)
        0 is black.
    console : Console
        Where it will be printed. Without colours, one character is the shade of two pixels, one above the other.

    Returns
    -------
    Text
        ceil(height / 2) lines of `width` characters.
    """
    in_colours = has_half_blocks(console)
    upper = image[0::2]
    lower = np.zeros_like(upper)
    lower[: len(image[1::2])] = image[1::2]
    lines = []
    for row_above, row_below in zip(upper.tolist(), lower.tolist(), strict=True):
        line = Text()
        for above, below in zip(row_above, row_below, strict=True):
            if not in_colours:
                line.append(SHADES[round((above + below) / 510 * (len(SHADES) - 1))])
            else:
                style = Style(color=f"rgb({above},{above},{above})", bgcolor=f"rgb({below},{below},{below})")
                line.append(HALF, style)
        lines.append(line)
    return Text("\n").join(lines)


def weights_text(weights: np.ndarray, console: Console) -> Text:
    """Return weights as text, two rows in one line: blue above 0, orange below, white where they are 0.

    Parameters
    ----------
    weights : ndarray, shape (height, width)
        Any numbers; the largest in size has the full colour.
    console : Console
        Where it will be printed. Without colours, one character is the mean of two weights, one above the other, as
        `weight_legend` says.

    Returns
    -------
    Text
        ceil(height / 2) lines of `width` characters.
    """
    in_colours = has_half_blocks(console)
    largest = np.abs(weights).max() or 1.0
    share = weights / largest  # from -1 to 1
    upper, lower = share[0::2], np.zeros_like(share[0::2])
    lower[: len(share[1::2])] = share[1::2]
    lines = []
    for row_above, row_below in zip(upper.tolist(), lower.tolist(), strict=True):
        line = Text()
        for above, below in zip(row_above, row_below, strict=True):
            if not in_colours:
                mean = (above + below) / 2
                steps = POSITIVE if mean > 0 else NEGATIVE
                line.append(steps[min(int(abs(mean) * 2 * len(steps)), len(steps) - 1)])
            else:
                line.append(HALF, Style(color=signed_colour(above), bgcolor=signed_colour(below)))
        lines.append(line)
    return Text("\n").join(lines)


def has_half_blocks(console: Console) -> bool:
    """Return whether half of a character can have one colour and half another there."""
    return console.color_system is not None and has(console.file, HALF)


def weight_legend(console: Console) -> str:
    """Return what the characters or colours of `weights_text` mean."""
    if has_half_blocks(console):
        return "Blue weights are above 0, orange ones below."
    return f"{POSITIVE[1:]} are above 0, {NEGATIVE[1:]} below."


def signed_colour(share: float) -> str:
    """Return the colour of a number from -1 (orange) through 0 (white) to 1 (blue)."""
    end = BLUE if share > 0 else ORANGE
    red, green, blue = (round(255 + (channel - 255) * min(abs(share), 1.0)) for channel in end)
    return f"rgb({red},{green},{blue})"


def heat_text(values: np.ndarray, console: Console, marks: Mapping[tuple[int, int], str]) -> Text:
    """Return a surface as text, two rows in one line, on a logarithmic scale: dark is low, bright is high.

    Parameters
    ----------
    values : ndarray, shape (n_rows, n_columns)
        The first row is printed last, as y grows upwards.
    console : Console
        Where it will be printed.
    marks : mapping of (row, column) to str
        Characters that stand there instead.

    Returns
    -------
    Text
        ceil(n_rows / 2) lines.
    """
    low, high = float(values.min()), float(values.max())
    levels = shares(values[::-1].reshape(-1), low, high, logarithmic=True).reshape(values.shape)
    levels = np.pad(levels, ((0, len(levels) % 2), (0, 0)), mode="edge")  # an odd last row fills its line
    picture = image_text(np.rint(255 * levels).astype(np.uint8), console)
    width = values.shape[1] + 1  # a line, and its end
    plain = list(picture.plain)
    places = {(len(values) - 1 - row) // 2 * width + column: mark for (row, column), mark in marks.items()}
    for place, mark in places.items():
        plain[place] = mark
    marked = Text("".join(plain), spans=picture.spans)
    for place in places:
        marked.stylize("bold rgb(255,150,40)", place, place + 1)
    return marked


def captioned(pictures: Sequence[Text], captions: Sequence[str]) -> Columns:
    """Return pictures beside each other with a line under each, as many in a row as fit."""
    parts = [Group(picture, Text(caption)) for picture, caption in zip(pictures, captions, strict=True)]
    return Columns(parts, padding=(1, 2), equal=True)


def image_row(images: Sequence[np.ndarray], captions: Sequence[str], console: Console) -> Columns:
    """Return images beside each other with a line under each, as many in a row as fit."""
    return captioned([image_text(image, console) for image in images], captions)


def curve(values: Sequence[float], *, height: int = 6, most_columns: int = 60, logarithmic: bool = True) -> Text:
    """Return a curve as columns of eighth blocks, from the smallest value to the largest.

    Parameters
    ----------
    values : sequence of float
        One column each, or means of neighbours where there are too many.
    height : int, default 6
        Lines.
    most_columns : int, default 60
        Columns at most.
    logarithmic : bool, default True
        The scale; values that are not all above 0 have a linear one.

    Returns
    -------
    Text
        `height` lines, the largest value written beside the first, the smallest beside the last.
    """
    columns = np.array([np.mean(part) for part in np.array_split(values, min(len(values), most_columns))])
    low, high = float(columns.min()), float(columns.max())
    share = shares(columns, low, high, logarithmic=logarithmic)
    eighths = 1 + np.rint(share * (height * 8 - 1)).astype(int)  # the smallest one is a thin line
    wide = max(1, min(3, most_columns // len(columns)))  # a short run is drawn with wider columns
    lines = []
    for line in range(height - 1, -1, -1):
        label = f"{high:.4f}" if line == height - 1 else f"{low:.4f}" if line == 0 else ""
        blocks = "".join(EIGHTHS[min(max(n - 8 * line, 0), 8)] * wide for n in eighths.tolist())
        lines.append(f"{label:>8} ▕{blocks}")
    return Text("\n".join(lines))


def shares(values: np.ndarray, low: float, high: float, *, logarithmic: bool) -> np.ndarray:
    """Return where values lie from low, 0, to high, 1; it is 1 where there is no room between them."""
    if not high > low:
        return np.ones(len(values))
    if logarithmic and low > 0:
        return np.log(values / low) / np.log(high / low)
    return (values - low) / (high - low)


def sparkline(values: Sequence[float], low: float, high: float, most_columns: int = 16) -> str:
    """Return a curve in one line of eighth blocks, on a logarithmic scale that other curves may share."""
    columns = np.array([np.mean(part) for part in np.array_split(values, min(len(values), most_columns))])
    levels = 1 + np.rint(shares(columns, low, high, logarithmic=True) * 7).astype(int)
    return "".join(EIGHTHS[level] for level in levels.tolist())


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
