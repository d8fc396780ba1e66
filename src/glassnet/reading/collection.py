"""Collections: files and folders of marks, and how a reader answers to them."""

import csv
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glassnet.digits.image_file import read_grey
from glassnet.digits.normalise import SIDE_PX
from glassnet.digits.npy import read_npz
from glassnet.errors import DamagedError, DigitsError, in_one_sentence
from glassnet.reading.crops import open_crops
from glassnet.reading.page import edit_distance
from glassnet.reading.reader import Reader

IMAGE_SUFFIXES = {".png", ".jpg", ".jpeg", ".webp", ".tif", ".tiff", ".bmp", ".gif", ".ppm", ".pgm", ".heic", ".avif"}
LONGEST_NAME = 1000
"""Of a page's file, with the folders it is in."""
LARGEST_TABLE_BYTES = 16 << 20
"""Of labels.csv: far more than anybody has pages for, and little enough to be in memory as rows."""


def outputs_of_collection(reader: Reader, path: str | Path) -> np.ndarray:
    """Return a reader's outputs for the marks in a file or folder.

    Parameters
    ----------
    reader : Reader
        What answers.
    path : str or Path
        A folder of images of one mark each; a ``.npy`` or IDX file of 28 x 28 images; or an ``.npz`` file with an array
        ``images`` of uint8, shape (n, height, width), without those that an array ``looks_like_a_digit`` marks. Images
        of 28 x 28 are taken as they are, others are normalised.

    Returns
    -------
    ndarray of float32, shape (n, 10)
        One row for each mark; a picture with nothing in it has those of a blank image.

    Raises
    ------
    DigitsError
        If there are no marks, or the file is something else.
    OSError
        If it cannot be read.
    """
    path = Path(path)
    if path.is_dir():
        files = sorted(p for p in path.rglob("*") if p.suffix.lower() in IMAGE_SUFFIXES)
        if not files:
            raise DigitsError(f"there are no images in the folder {path}.")
        return np.stack([reader.mark(read_grey(file)).verdict.outputs for file in files])
    if path.suffix == ".npz":
        return outputs_of_images(reader, images_of_npz(path))
    crops = open_crops(path)
    if crops is None:
        raise DigitsError(f"{path} holds no marks: neither an IDX, .npy or .npz file nor a folder of images.")
    if not crops.n:
        raise DigitsError(f"{path} is empty.")
    return np.concatenate([reader.outputs(images) for images in crops.chunks])


def images_of_npz(path: Path) -> np.ndarray:
    """Return the images in an npz file, shape (n, height, width), without those that look like digits."""
    arrays = read_npz(path, ("images",), may_lack=("looks_like_a_digit",))
    images, looks = arrays["images"], arrays.get("looks_like_a_digit")
    if images.dtype != np.uint8 or images.ndim != 3 or not images.size:
        raise DigitsError(
            f"the images in {path} must be of uint8, shape (n, height, width), not {images.dtype} {images.shape}."
        )
    if looks is not None:
        if looks.shape != (len(images),) or looks.dtype.kind not in "bu":
            raise DigitsError(
                f"{path} must tell of each of its {len(images):,} images whether it looks like a digit; it tells "
                f"{looks.dtype}, shape {looks.shape}."
            )
        images = images[~looks.astype(bool)]
        if not len(images):
            raise DigitsError(f"{path} has no images but those that look like digits.")
    return images


def outputs_of_images(reader: Reader, images: np.ndarray) -> np.ndarray:
    """Return a reader's outputs for images, shape (n, height, width): 28 x 28 as they are, others normalised."""
    if images.shape[1:] == (SIDE_PX, SIDE_PX):
        return reader.outputs(images)
    return np.stack([reader.mark(image).verdict.outputs for image in images])


@dataclass(frozen=True, slots=True)
class ReadPage:
    """A page and what is written on it.

    Parameters
    ----------
    file : str
        Its name.
    text : str
        As it was read, lines one below the other.
    wanted : str
        What is written there.
    """

    file: str
    text: str
    wanted: str

    @property
    def n_errors(self) -> int:
        """Characters that have to be inserted, left out or changed."""
        return edit_distance(self.text, self.wanted)


def read_labelled_pages(reader: Reader, folder: str | Path) -> Iterator[ReadPage]:
    """Yield the pages of a folder, read.

    Parameters
    ----------
    reader : Reader
        What reads.
    folder : str or Path
        With ``labels.csv``: a column ``file``, and a column ``numbers`` with the page's lines, joined by ``|``.

    Yields
    ------
    ReadPage
        In the order of the table.

    Raises
    ------
    DigitsError
        If the table is missing or something else.
    ImageError
        If a page is not an image.
    OSError
        If it cannot be read.
    """
    for file, numbers in rows_of(Path(folder) / "labels.csv"):
        yield ReadPage(file, reader.read(Path(folder) / file).text, numbers.replace("|", "\n"))


def rows_of(table: Path) -> list[tuple[str, str]]:
    """Return the name and the numbers of every page in a table; DigitsError if it is something else."""
    if not table.is_file():
        raise DigitsError(f"{table.parent} has no {table.name} with the columns file and numbers.")
    with in_one_sentence(DigitsError, f"cannot read {table}", "it is no table of text in UTF-8 ({why})."):
        if table.stat().st_size > LARGEST_TABLE_BYTES:
            raise DamagedError(f"{table.stat().st_size:,} bytes are too many for a table of pages.")
        with table.open(newline="", encoding="utf-8-sig") as file:
            lines = csv.DictReader(file, strict=True)
            rows = list(lines)
    if not rows or not {"file", "numbers"} <= set(rows[0]):
        raise DigitsError(f"{table} has no columns file and numbers.")
    for place, row in enumerate(rows, start=2):
        # what lies beyond the columns is filed under None, and what a short row lacks is None
        name = row["file"] or ""
        is_name = name.isprintable() and 0 < len(name) < LONGEST_NAME
        if None in row or row["numbers"] is None or not is_name:
            raise DigitsError(f"{table} does not name one file and its numbers in row {place}.")
    return [(row["file"], row["numbers"]) for row in rows]
