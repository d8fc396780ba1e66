"""Inks: what of a page in colour is written in one of them, for handwriting on print."""

from collections.abc import Callable

import numpy as np

from glassnet.errors import ImageError
from glassnet.reading.paper import paper_of

LEAST_SHADES = 8.0
"""What is darker than the paper by less, in its strongest colour, is paper."""
AROUND_PX = 5
"""The colour is that of a square so wide: pictures keep less of it than of light."""
COLOURED, RED, GREEN, GREY = 0.22, 0.3, 0.14, 0.3
"""Shares of what ink takes away of its strongest colour: by so much a colour differs from grey; grey by less."""

INKS: dict[str, Callable[[np.ndarray, np.ndarray, np.ndarray], np.ndarray]] = {
    # shares that are taken away of red, green and blue: blue ink takes red, and lets blue pass
    "blue": lambda red, green, blue: (red - blue > COLOURED) & (green >= blue - 0.1),
    "red": lambda red, green, blue: np.minimum(green, blue) - red > RED,
    "green": lambda red, green, blue: np.minimum(red, blue) - green > GREEN,
    "black": lambda red, green, blue: (
        np.maximum(np.maximum(red, green), blue) - np.minimum(np.minimum(red, green), blue) < GREY
    ),
}
"""Whether something is of an ink, by name."""


def with_one_ink(page: np.ndarray, name: str) -> np.ndarray:
    """Return a page on which only what is written in one ink is left; paper stands in place of all other ink.

    Parameters
    ----------
    page : ndarray of uint8, shape (height, width, 3)
        In colour, dark ink on lighter paper.
    name : str
        One of `INKS`.

    Returns
    -------
    ndarray of uint8, shape (height, width, 3)

    Raises
    ------
    ImageError
        If the page has no colours.
    """
    import cv2

    if page.ndim != 3 or all((page[..., 0] == page[..., other]).all() for other in (1, 2)):
        raise ImageError("the picture is in shades of grey: which ink is which cannot be told.")
    page = np.ascontiguousarray(page)
    paper = paper_of(page)
    taken = (paper - page).clip(0, None)
    colour = np.asarray(cv2.blur(taken, (AROUND_PX, AROUND_PX)))
    strongest = colour.max(axis=2)
    shares = np.moveaxis(colour / np.maximum(strongest, 1.0)[..., None], 2, 0)
    is_other = (taken.max(axis=2) > LEAST_SHADES) & ~INKS[name](*shares)
    # the soft edge of other ink goes with it, but no stroke that is to stay
    soft = np.asarray(cv2.dilate(is_other.astype(np.uint8), np.ones((3, 3), np.uint8))) > 0
    is_other |= soft & (taken.max(axis=2) > LEAST_SHADES / 2) & (strongest < 4 * LEAST_SHADES)
    return np.where(is_other[..., None], np.rint(paper).clip(0, 255).astype(np.uint8), page)
