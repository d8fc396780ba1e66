"""Pictures: what the page sends and is sent, and how a drawing becomes the network's image."""

import base64
import binascii
import io
from dataclasses import dataclass

import numpy as np

from glassnet.digits.normalise import SIDE_PX, boxed, corner_of, find_ink, placed
from glassnet.errors import ImageError
from glassnet.studio.shown.schema import Picture, Steps

JPEG_QUALITY = 85
CANVAS_PX = 140
"""Sides of a drawing, and the longest that those of an opened image may be."""


@dataclass(frozen=True, slots=True, eq=False)
class Prepared:
    """A picture as the network is shown it.

    Parameters
    ----------
    image : ndarray of uint8, shape (28, 28)
        0 is paper, 255 is ink.
    ink : ndarray of float or None, shape (height, width)
        What was taken for ink; None if nothing was, or if none was looked for.
    steps : Steps
        How it was made.
    """

    image: np.ndarray
    ink: np.ndarray | None
    steps: Steps


def in_text(values: np.ndarray) -> str:
    """Return shades as bytes in base64."""
    return base64.b64encode(np.asarray(values, dtype=np.uint8).tobytes()).decode()


def as_jpeg(picture: np.ndarray) -> str:
    """Return a picture in colour, uint8, shape (height, width, 3), as a JPEG in base64."""
    from PIL import Image

    content = io.BytesIO()
    Image.fromarray(picture).save(content, "JPEG", quality=JPEG_QUALITY)
    return base64.b64encode(content.getvalue()).decode()


def shades_of(picture: Picture) -> np.ndarray:
    """Return the shades of a picture, shape (height, width), 255 being ink.

    Raises
    ------
    ImageError
        If there are not as many bytes as pixels.
    """
    try:
        data = binascii.a2b_base64(picture.ink, strict_mode=True)  # base64.b64decode looks through it twice
    except ValueError:  # of which binascii.Error is one
        raise ImageError("the picture's ink is not base64.") from None
    if len(data) != picture.width * picture.height:
        raise ImageError(
            f"a picture of {picture.width} x {picture.height} has {picture.width * picture.height} bytes of ink, "
            f"not {len(data)}."
        )
    return np.frombuffer(data, dtype=np.uint8).reshape(picture.height, picture.width)


def prepared(picture: Picture) -> Prepared:
    """Return a picture as the network is shown it: normalised as MNIST's digits were, or only made small."""
    shades = shades_of(picture)
    if not picture.normalise:
        return unplaced(made_small(shades))
    try:
        ink = find_ink(255 - shades)
        small, box, scale = boxed(ink)
    except ImageError:
        return unplaced(np.zeros((SIDE_PX, SIDE_PX), dtype=np.uint8))
    corner = corner_of(small)
    image = placed(small, corner)
    steps = Steps(
        box=box,
        scale=scale,
        small_width=small.shape[1],
        small_height=small.shape[0],
        small=in_text(np.rint(small * 255)),
        corner=(corner[1], corner[0]),
        centre=centre_of(image),
        image=in_text(image),
    )
    return Prepared(image, ink, steps)


def unplaced(image: np.ndarray) -> Prepared:
    """Return an image that was not normalised."""
    steps = Steps(
        box=None,
        scale=None,
        small_width=0,
        small_height=0,
        small="",
        corner=None,
        centre=centre_of(image),
        image=in_text(image),
    )
    return Prepared(image, None, steps)


def made_small(shades: np.ndarray) -> np.ndarray:
    """Return a picture of any size as 28 x 28 shades, its sides kept: each pixel the mean of those it covers."""
    from PIL import Image

    height, width = shades.shape
    if (height, width) == (SIDE_PX, SIDE_PX):
        return shades
    side = max(height, width)
    square = np.zeros((side, side), dtype=np.uint8)
    top, left = (side - height) // 2, (side - width) // 2
    square[top : top + height, left : left + width] = shades
    return np.asarray(Image.fromarray(square).resize((SIDE_PX, SIDE_PX), Image.Resampling.BOX))


def centre_of(image: np.ndarray) -> tuple[float, float] | None:
    """Return the centre of mass of an image's ink, right and down, in pixels counted from 0; None for an empty one."""
    total = float(image.sum(dtype=np.float64))
    if not total:
        return None
    rows, columns = (image.sum(axis=axis, dtype=np.float64) for axis in (1, 0))
    places = np.arange(SIDE_PX)
    return float(columns @ places / total), float(rows @ places / total)


def as_drawing(grey: np.ndarray) -> np.ndarray:
    """Return a photo or scan of one mark as a drawing's shades, 255 being ink, sides at most `CANVAS_PX`."""
    from PIL import Image

    ink = np.rint(find_ink(grey) * 255).astype(np.uint8)
    height, width = ink.shape
    factor = CANVAS_PX / max(height, width)
    if factor >= 1:
        return ink
    size = max(3, round(width * factor)), max(3, round(height * factor))
    return np.asarray(Image.fromarray(ink).resize(size, Image.Resampling.BOX))
