"""Image files of any kind as arrays of grey or colours: opened by content, PDFs in a process of their own."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from glassnet.digits.apart import decoded_apart
from glassnet.digits.decoding import decoded, is_pdf
from glassnet.errors import ImageError

LARGEST_FILE_BYTES = 256 << 20


def read_grey(source: str | Path | bytes, *, apart: bool = False) -> np.ndarray:
    """Return an image as shades of grey, upright, with what is transparent on paper that shows the ink.

    Parameters
    ----------
    source : str, Path or bytes
        A file, or its content. PNG, JPEG, WebP, TIFF (first page), BMP, GIF (first frame), PPM and PGM, HEIC and AVIF.
    apart : bool, default False
        Whether to decode it in a process of its own, as befits what strangers send.

    Returns
    -------
    ndarray of uint8, shape (height, width)
        At most 2,048 pixels on its longer side; larger images are averaged down.

    Raises
    ------
    ImageError
        If it is not an image, is damaged, or is too large.
    OSError
        If the file cannot be read.
    """
    return next((decoded_apart if apart else decoded)(*content_of(source), "L"))


def read_pages(source: str | Path | bytes, *, apart: bool = False) -> Iterator[np.ndarray]:
    """Yield the pages of an image file or PDF in colour, upright, one after the other.

    Parameters
    ----------
    source : str, Path or bytes
        A file, or its content. As for `read_grey`; every page of a TIFF or PDF.
    apart : bool, default False
        Whether to decode images, too, in a process of their own; PDFs always are.

    Yields
    ------
    ndarray of uint8, shape (height, width, 3)
        Red, green and blue; at most 2,048 pixels on its longer side.

    Raises
    ------
    ImageError
        If it is not an image or PDF, is damaged, or is too large; if a page takes too long to decode apart.
    OSError
        If the file cannot be read.
    """
    data, name = content_of(source)
    # a PDF holds a program that draws it, which may never end, and its decoder serves one thread at a time
    yield from (decoded_apart if apart or is_pdf(data) else decoded)(data, name, "RGB")


def content_of(source: str | Path | bytes) -> tuple[bytes, str]:
    """Return the content of a file, and what to call it."""
    if isinstance(source, bytes):
        return source, "the image"
    path = Path(source)
    if not path.is_file():
        path.stat()  # says so where there is nothing at all
        raise ImageError(f"cannot read {path}: it is not a file.")
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise ImageError(f"cannot read {path}: {path.stat().st_size:,} bytes are too many for an image.")
    return path.read_bytes(), str(path)
