"""Image files of any kind as arrays of grey: opened by content, bounded before they are decoded."""

import io
import warnings
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from glassnet.errors import ImageError

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM")
"""No others: some of Pillow's decoders start other programs (EPS)."""
LARGEST_PIXELS = 120_000_000
"""A large phone camera has 108 million."""
LARGEST_FILE_BYTES = 256 << 20
ORIENTATION_TAG = 0x0112
LARGEST_SIDE_PX = 2048
"""Larger images are averaged down to this: far more than a digit needs."""


def read_grey(source: str | Path | bytes) -> np.ndarray:
    """Return an image as shades of grey, upright, with what is transparent on paper that lets the ink be seen.

    Parameters
    ----------
    source : str, Path or bytes
        A file, or its content. PNG, JPEG, WebP, TIFF (first page), BMP, GIF (first frame), PPM and PGM.

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
    if isinstance(source, bytes):
        return grey_of_bytes(source, "the image")
    path = Path(source)
    if not path.is_file():
        path.stat()  # says so where there is nothing at all
        raise ImageError(f"cannot read {path}: it is not a file.")
    if path.stat().st_size > LARGEST_FILE_BYTES:
        raise ImageError(f"cannot read {path}: {path.stat().st_size:,} bytes are too many for an image.")
    return grey_of_bytes(path.read_bytes(), str(path))


def grey_of_bytes(data: bytes, name: str) -> np.ndarray:
    """Return the shades of grey of an image file's content."""
    from PIL import Image, UnidentifiedImageError

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of odd metadata and of size, which is looked at below
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                if image.width * image.height > LARGEST_PIXELS:
                    raise ImageError(
                        f"cannot read {name}: {image.width:,} x {image.height:,} pixels are too many "
                        f"({LARGEST_PIXELS:,} are possible)."
                    )
                image.draft("L", (LARGEST_SIDE_PX, LARGEST_SIDE_PX))  # a large JPEG is decoded at a fraction
                orientation = image.getexif().get(ORIENTATION_TAG, 1)
                return upright(np.asarray(grey_of(reduced(image))), orientation)
    except UnidentifiedImageError:
        raise ImageError(f"cannot read {name}: it is not an image of a known kind ({', '.join(FORMATS)}).") from None
    except Image.DecompressionBombError:
        raise ImageError(f"cannot read {name}: it says it has more pixels than are possible.") from None
    except (ImageError, MemoryError):
        raise
    # Pillow's decoders answer damaged files with whatever they stumble over
    except Exception as error:
        raise ImageError(f"cannot read {name}: the image is damaged ({told_by(error)}).") from None


def told_by(error: Exception) -> str:
    """Return the beginning of what an error says, or what it is called."""
    return (str(error).splitlines() or [type(error).__name__])[0][:100].rstrip(".")


def reduced(image: "Image.Image") -> "Image.Image":
    """Return an image averaged down to `LARGEST_SIDE_PX`, before anything takes more memory than its own pixels."""
    if max(image.size) <= LARGEST_SIDE_PX:
        return image
    if image.mode in ("1", "P", "PA"):  # their numbers are no shades and have no average
        image = image.convert("RGBA" if image.has_transparency_data else "RGB" if image.mode == "P" else "L")
    if image.mode.startswith("I;"):
        image = grey_of(image)
    return image.reduce(-(-max(image.size) // LARGEST_SIDE_PX))


def upright(grey: np.ndarray, orientation: object) -> np.ndarray:
    """Return an image turned as its EXIF orientation (1 to 8, else nothing is known) says it is to be looked at."""
    if orientation in (5, 6, 7, 8):  # rows and columns are exchanged
        grey = grey.T
    if orientation in (3, 4, 7, 8):
        grey = grey[::-1]
    if orientation in (2, 3, 6, 7):
        grey = grey[:, ::-1]
    return np.ascontiguousarray(grey)


def grey_of(image: "Image.Image") -> "Image.Image":
    """Return an image as mode L, whatever its mode was."""
    from PIL import Image

    if image.mode.startswith("I;"):  # 16 bits; the upper eight are the shade
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):  # what their range means nobody knows: from the darkest to the lightest
        values = np.asarray(image, dtype=np.float32)
        low, high = float(np.min(values)), float(np.max(values))
        return Image.fromarray(((values - low) * (255 / max(high - low, 1e-9))).astype(np.uint8))
    if not image.has_transparency_data:
        return image.convert("L")
    grey, alpha = image.convert("LA").split()
    opacity = np.asarray(alpha, dtype=np.float32)
    shades = np.asarray(grey)[opacity > 127]
    if np.mean(opacity) > 127:  # a sheet with transparent corners: more of the same
        background = int(np.median(shades))
    else:  # ink on nothing: light ink shows on dark paper only
        background = 255 if not shades.size or np.mean(shades) < 128 else 0
    paper = Image.new("L", image.size, background)
    paper.paste(grey, mask=alpha)
    return paper
