"""Annotated pages: boxes around the marks, and what they were read as."""

import io
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet.tensor_file import write_whole

if TYPE_CHECKING:
    from glassnet.reading import Page

ACCEPTED, REJECTED, THING = (20, 110, 220), (220, 50, 30), (130, 130, 130)
LEAST_SIDE_PX = 1000
"""Smaller pictures are enlarged, or nobody could read what is written on them."""


def save_annotated(picture: np.ndarray, page: "Page", path: Path) -> None:
    """Write a page as an image with its marks' boxes and digits on it, frames and edges in grey, whole or not at all.

    Parameters
    ----------
    picture : ndarray of uint8, shape (height, width, 3)
        The page.
    page : Page
        What was read on it.
    path : Path
        The ending of its name decides the format.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    from PIL import Image, ImageDraw, ImageFont

    factor = max(1, -(-LEAST_SIDE_PX // max(picture.shape[:2])))
    image = Image.fromarray(picture).resize((picture.shape[1] * factor, picture.shape[0] * factor))
    pen = ImageDraw.Draw(image)
    heights = [mark.box[3] for line in page.lines for mark in line.marks]
    size = int(np.clip(0.4 * factor * np.median(heights), 12, 48)) if heights else 12
    font = ImageFont.load_default(size)
    for thing in page.things:
        left, top, width, height = (factor * value for value in thing.box)
        pen.rectangle((left, top, left + width - 1, top + height - 1), outline=THING)
    for line in page.lines:
        for mark in line.marks:
            left, top, width, height = (factor * value for value in mark.box)
            colour = REJECTED if mark.text == "?" else ACCEPTED
            pen.rectangle((left - 2, top - 2, left + width + 1, top + height + 1), outline=colour, width=max(1, factor))
            at = (left, top - 1.25 * size if top > 1.3 * size else top + height + 2)
            pen.text(at, mark.text, fill=colour, font=font, stroke_width=2, stroke_fill=(255, 255, 255))
    content = io.BytesIO()
    ending = path.suffix.lower().lstrip(".")
    image.save(content, {"jpg": "JPEG", "jpeg": "JPEG", "webp": "WEBP"}.get(ending, "PNG"))
    write_whole(path, content.getvalue())
