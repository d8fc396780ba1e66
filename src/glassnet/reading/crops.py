"""Crops: thousands or millions of images of one digit each, from one file, a few thousand at a time."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glassnet.digits import npy
from glassnet.digits.idx import DTYPES, GZIP_MAGIC, open_images
from glassnet.digits.normalise import SIDE_PX
from glassnet.errors import DigitsError, in_one_sentence

AT_ONCE = 8192


@dataclass(frozen=True, slots=True, eq=False)
class Crops:
    """Images of one digit each, already 28 x 28.

    Parameters
    ----------
    n : int
        How many.
    chunks : iterator of ndarray of uint8, shape (at most 8192, 28, 28)
        All of them, in order; can be iterated over once.
    """

    n: int
    chunks: Iterator[np.ndarray]


def open_crops(path: str | Path) -> Crops | None:
    """Return the crops in a ``.npy`` or IDX file, plain or gzip; None if the file is neither.

    Parameters
    ----------
    path : str or Path
        The file; its kind is recognised by its content.

    Returns
    -------
    Crops or None
        Read as they are asked for: memory does not grow with the file.

    Raises
    ------
    DigitsError
        If the file is damaged or holds anything but 28 x 28 images of uint8.
    OSError
        If it cannot be read.
    """
    path = Path(path)
    with path.open("rb") as file:
        magic = file.read(6)
    if magic == npy.MAGIC:
        return npy_crops(path)
    if magic.startswith(GZIP_MAGIC) or (magic.startswith(b"\0\0") and len(magic) > 2 and magic[2] in DTYPES):
        shape, chunks = open_images(path, AT_ONCE)
        if shape[1:] != (SIDE_PX, SIDE_PX):
            said = " x ".join(map(str, shape))
            raise DigitsError(
                f"{path} holds {said} numbers; only images of {SIDE_PX} x {SIDE_PX} pixels are read from such files."
            )
        return Crops(shape[0], chunks)
    return None


def npy_crops(path: Path) -> Crops:
    """Return the crops in an array file."""
    with in_one_sentence(DigitsError, f"cannot read {path}"), path.open("rb") as file:
        header = npy.read_header(file, path.stat().st_size)
    if header.dtype != np.uint8 or header.shape[1:] not in ((SIDE_PX, SIDE_PX), (SIDE_PX * SIDE_PX,)):
        raise DigitsError(
            f"{path} holds {header.dtype} {header.shape}; an array of crops is of uint8, shape (n, 28, 28) or (n, 784)."
        )
    n = header.shape[0]
    # on Windows nobody can replace or remove a mapped file: only one whose columns come first stays mapped
    is_mapped = header.has_columns_first and n
    mapped = np.memmap(path, np.uint8, "r", header.offset, header.shape, "F") if is_mapped else None

    def chunks() -> Iterator[np.ndarray]:
        if mapped is not None:
            for start in range(0, n, AT_ONCE):
                yield np.ascontiguousarray(mapped[start : start + AT_ONCE]).reshape(-1, SIDE_PX, SIDE_PX)
            return
        with path.open("rb") as file:  # a mapped file would stay in memory as long as there is room
            file.seek(header.offset)
            for start in range(0, n, AT_ONCE):
                crops = np.empty((min(AT_ONCE, n - start), SIDE_PX, SIDE_PX), np.uint8)
                with in_one_sentence(DigitsError, f"cannot read {path}"):  # somebody may have cut it short meanwhile
                    npy.fill(file, crops, header.n_bytes, start * SIDE_PX**2)
                yield crops

    return Crops(n, chunks())
