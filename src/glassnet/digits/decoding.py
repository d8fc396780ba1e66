"""Decoding: the content of image files and PDFs as arrays, bounded before it is decoded."""

import importlib
import io
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet.errors import ImageError, in_one_sentence, words_of

if TYPE_CHECKING:
    from PIL import Image

FORMATS = ("PNG", "JPEG", "WEBP", "TIFF", "BMP", "GIF", "PPM")
"""No others: some of Pillow's decoders start other programs (EPS)."""
DAMAGED = "the image is damaged ({why})."
LARGEST_PIXELS = 120_000_000
"""A large phone camera has 108 million."""
ORIENTATION_TAG = 0x0112
MOST_PAGES = 1000
LARGEST_SIDE_PX = 2048
"""Larger images are averaged down to this, which is far more than a digit needs."""
STRIP_ROWS = 64
"""Of the smaller image, that are made at a time."""


@contextmanager
def told_in_one_sentence(name: str) -> Iterator[None]:
    """Turn whatever a decoder says of a file that is damaged, too large or not an image into an ImageError."""
    from PIL import Image, UnidentifiedImageError

    with warnings.catch_warnings(), in_one_sentence(ImageError, f"cannot read {name}", DAMAGED):
        warnings.simplefilter("ignore")  # about odd metadata, and about size, which is checked below
        try:
            yield
        except UnidentifiedImageError:
            raise ImageError(
                f"cannot read {name}: it is not an image of a known kind ({', '.join(FORMATS)}, HEIC, AVIF)."
            ) from None
        except Image.DecompressionBombError:
            raise ImageError(f"cannot read {name}: it claims to have more pixels than are possible.") from None


def is_pdf(data: bytes) -> bool:
    """Return whether some content is that of a PDF."""
    return data[:1024].lstrip()[:5] == b"%PDF-"


def decoded(data: bytes, name: str, mode: str) -> Iterator[np.ndarray]:
    """Yield the pages of an image file or PDF, upright: shape (height, width) in mode L, (height, width, 3) in RGB.

    Parameters
    ----------
    data : bytes
        The file's content.
    name : str
        What to call it.
    mode : {"L", "RGB"}
        Shades of grey, for which a PDF is no image, or colours.

    Yields
    ------
    ndarray of uint8
        At most 2,048 pixels on its longer side.

    Raises
    ------
    ImageError
        If it is not what it should be, is damaged, or is too large.
    """
    return pdf_pages(data, name) if mode == "RGB" and is_pdf(data) else image_pages(data, name, mode)


def image_pages(data: bytes, name: str, mode: str) -> Iterator[np.ndarray]:
    """Yield the pages of an image file's content, of mode L or RGB."""
    from PIL import Image

    formats: list[str] = list(FORMATS)
    if data[4:8] == b"ftyp":  # HEIC and AVIF, for which Pillow has, or until lately had, no decoder of its own
        pillow_heif = decoder("pillow_heif", "HEIC and AVIF images", name)
        pillow_heif.register_heif_opener()
        Image.init()
        formats = [name for name in ("HEIF", "AVIF") if name in Image.OPEN]
    place = 0
    while True:
        with told_in_one_sentence(name), Image.open(io.BytesIO(data), formats=formats) as image:
            n_pages = min(getattr(image, "n_frames", 1), MOST_PAGES) if image.format == "TIFF" else 1
            image.seek(place)
            if image.width * image.height > LARGEST_PIXELS:
                raise ImageError(
                    f"cannot read {name}: {image.width:,} x {image.height:,} pixels are too many "
                    f"(at most {LARGEST_PIXELS:,} are possible)."
                )
            image.draft(mode, (LARGEST_SIDE_PX, LARGEST_SIDE_PX))  # a large JPEG is decoded at a fraction of its size
            orientation = image.getexif().get(ORIENTATION_TAG, 1)
            small = reduced(image)
            page = upright(np.asarray(grey_of(small) if mode == "L" else colours_of(small)), orientation)
        yield page
        place += 1
        if place >= n_pages:
            return


def pdf_pages(data: bytes, name: str) -> Iterator[np.ndarray]:
    """Yield the pages of a PDF, drawn so that the longer side has `LARGEST_SIDE_PX` pixels."""
    pypdfium2 = decoder("pypdfium2", "PDFs", name)
    try:
        document = pypdfium2.PdfDocument(data)
        n_pages = min(len(document), MOST_PAGES)
    except pypdfium2.PdfiumError as error:
        raise ImageError(f"cannot read {name}: the PDF is damaged or locked ({words_of(error)}).") from None
    try:
        for place in range(n_pages):
            try:
                page = document[place]
                scale = LARGEST_SIDE_PX / max(*page.get_size(), 1.0)
                picture = page.render(scale=scale, rev_byteorder=True).to_numpy()
            except (pypdfium2.PdfiumError, ValueError) as error:
                why = words_of(error)
                raise ImageError(f"cannot read page {place + 1} of {name}: it is damaged ({why}).") from None
            yield np.ascontiguousarray(picture[:, :, :3])
    finally:
        document.close()


def decoder(module: str, what: str, name: str) -> Any:
    """Return a module that decodes what Pillow does not. Not every system has it: none in a browser decodes PDFs."""
    try:
        return importlib.import_module(module)
    except ImportError:
        package = module.replace("_", "-")
        raise ImageError(f"cannot read {name}: {what} are read with {package}, which is not here.") from None


def reduced(image: "Image.Image") -> "Image.Image":
    """Return an image averaged down to `LARGEST_SIDE_PX`: strip by strip, since all at once is converted by copying."""
    from PIL import Image

    if max(image.size) <= LARGEST_SIDE_PX:
        return image
    factor = -(-max(image.size) // LARGEST_SIDE_PX)
    image.load()
    strips = []
    for top in range(0, image.height, factor * STRIP_ROWS):
        strip = image.crop((0, top, image.width, min(top + factor * STRIP_ROWS, image.height)))
        strips.append(averageable(strip).reduce(factor))
    small = Image.new(strips[0].mode, (strips[0].width, sum(strip.height for strip in strips)))
    small.info = strips[0].info
    for place, strip in enumerate(strips):
        small.paste(strip, (0, place * STRIP_ROWS))
    return small


def averageable(image: "Image.Image") -> "Image.Image":
    """Return an image in a mode whose numbers are shades, which have an average."""
    if image.mode in ("1", "P", "PA"):
        return image.convert("RGBA" if image.has_transparency_data else "RGB" if image.mode == "P" else "L")
    return grey_of(image) if image.mode.startswith("I;") else image


def upright(grey: np.ndarray, orientation: object) -> np.ndarray:
    """Return an image turned as its EXIF orientation (1 to 8, else nothing is known) says it is to be looked at."""
    if orientation in (5, 6, 7, 8):  # rows and columns are exchanged
        grey = np.swapaxes(grey, 0, 1)
    if orientation in (3, 4, 7, 8):
        grey = grey[::-1]
    if orientation in (2, 3, 6, 7):
        grey = grey[:, ::-1]
    return np.ascontiguousarray(grey)


def colours_of(image: "Image.Image") -> "Image.Image":
    """Return an image as mode RGB, what is transparent on white, or on black where the ink is light."""
    from PIL import Image

    if image.mode in ("1", "L", "I", "F") or image.mode.startswith("I;"):
        return grey_of(image).convert("RGB")
    if not image.has_transparency_data:
        return image.convert("RGB")
    layered = image.convert("RGBA")
    opacity = np.asarray(layered)[:, :, 3].astype(np.float32)
    shades = np.asarray(layered.convert("L"))[opacity > 127]
    if np.mean(opacity) > 127:  # a sheet with transparent corners: more of the same
        background = int(np.median(shades)) if shades.size else 255
    else:  # ink on nothing: light ink shows on dark paper only
        background = 255 if not shades.size or np.mean(shades) < 128 else 0
    paper = Image.new("RGB", image.size, (background,) * 3)
    paper.paste(layered.convert("RGB"), mask=layered.split()[3])
    return paper


def grey_of(image: "Image.Image") -> "Image.Image":
    """Return an image as mode L, whatever its mode was."""
    from PIL import Image

    if image.mode.startswith("I;"):  # 16 bits; the upper eight are the shade
        return Image.fromarray((np.asarray(image) >> 8).astype(np.uint8))
    if image.mode in ("I", "F"):  # nobody knows what their range means: from the darkest to the lightest
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
