"""IDX files, the format that MNIST is published in: a few bytes that say type and shape, then the numbers."""

import gzip
import math
import os
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import Protocol

import numpy as np

from glassnet.errors import DamagedError, DigitsError, in_one_sentence

try:  # twice as fast as zlib: MNIST is loaded 0.08 s sooner
    from isal.igzip import IGzipFile as GzipFile
except ImportError:  # on processors that it does not support
    from gzip import GzipFile

DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}
"""The format's third byte and the big-endian type it stands for."""
GZIP_MAGIC = b"\x1f\x8b"
MOST_GZIP_RATIO = 1032
"""Deflate cannot pack tighter than this (zlib's technical notes): a header that promises more is lying."""
AT_ONCE_BYTES = 1 << 20
"""A file within a zip file unpacks all that it is asked for beside the memory that it fills."""
LARGEST_BYTES = 2 << 30
"""Uncompressed; MNIST's largest file has 47 million."""


class Filling(Protocol):
    """A file that fills memory which is there already."""

    def readinto(self, buffer: memoryview, /) -> int | None:
        """Fill a part of it, and return of how many bytes; of none at the end of the file."""


def read_idx(path: str | Path, *, largest_bytes: int = LARGEST_BYTES) -> np.ndarray:
    """Return the array in an IDX file, plain or compressed with gzip (recognised by its content, not its name).

    Parameters
    ----------
    path : str or Path
        The file.
    largest_bytes : int, default 2 GiB
        A file that says it holds more is refused before any memory is taken.

    Returns
    -------
    ndarray
        Of the type and shape that the file states, in the machine's byte order.

    Raises
    ------
    DigitsError
        If the file is not an IDX file, is damaged, is cut short, goes on after its end, or claims to be too large.
    OSError
        If it cannot be read.

    Notes
    -----
    Format: http://yann.lecun.com/exdb/mnist/, "the IDX file format": two zero bytes, a type, the number of axes, the
    length of each as a big-endian 32-bit integer, then the numbers, last axis fastest.
    """
    path = Path(path)
    with opened(path, largest_bytes) as (file, most_bytes):
        return read_array(file, most_bytes)


def header_of(path: Path) -> tuple[np.dtype, tuple[int, ...]]:
    """Return the type and shape that an IDX file states, before any memory is taken; DigitsError if it is not one."""
    with opened(path, 1 << 62) as (file, most_bytes):
        return read_header(file, most_bytes)


@contextmanager
def opened(path: Path, largest_bytes: int) -> Iterator[tuple[BufferedReader | GzipFile, int]]:
    """Open an IDX file, plain or gzip; whatever is wrong with it becomes one sentence."""
    if not path.is_file():
        path.stat()  # says so where there is nothing at all
        raise DigitsError(f"cannot read {path}: it is not a file.")
    size = path.stat().st_size
    with path.open("rb") as plain:
        is_gzip = plain.read(2) == GZIP_MAGIC
        plain.seek(0)
        damaged = "its gzip data are damaged ({why})." if is_gzip else "it is damaged ({why})."
        with in_one_sentence(DigitsError, f"cannot read {path} as an IDX file", damaged):
            if is_gzip:
                with GzipFile(fileobj=plain) as file:
                    yield file, min(largest_bytes, size * MOST_GZIP_RATIO)
            else:
                yield plain, min(largest_bytes, size)


def open_images(path: Path, at_once: int) -> tuple[tuple[int, ...], Iterator[np.ndarray]]:
    """Return the shape of an IDX file of images, and the images, a chunk at a time.

    Parameters
    ----------
    path : Path
        The file, plain or gzip, of any size.
    at_once : int
        Images in a chunk.

    Returns
    -------
    tuple
        The shape, (n, height, width); and an iterator of ndarrays of uint8, shape (at most at_once, height, width).

    Raises
    ------
    DigitsError
        If the file is damaged or holds no images of uint8; while iterating, if it is cut short.
    OSError
        If it cannot be read.
    """
    with opened(path, 1 << 62) as (file, most_bytes):
        dtype, shape = read_header(file, most_bytes)
        if dtype != np.uint8 or len(shape) != 3:
            raise DamagedError(f"it holds {dtype} {shape}, not images of bytes.")

    def chunks() -> Iterator[np.ndarray]:
        with opened(path, 1 << 62) as (file, most_bytes):
            read_header(file, most_bytes)
            for start in range(0, shape[0], at_once):
                images = np.empty((min(at_once, shape[0] - start), *shape[1:]), dtype=np.uint8)
                fill(file, images, math.prod(shape), start * math.prod(shape[1:]))
                yield images

    return shape, chunks()


def read_array(file: BufferedReader | GzipFile, most_bytes: int) -> np.ndarray:
    """Return the array in an open file; DamagedError with one sentence where it is not one."""
    dtype, shape = read_header(file, most_bytes)
    data = np.empty(math.prod(shape), dtype)
    fill(file, data, data.nbytes, 0)
    if file.read(1):
        raise DamagedError("it goes on after the end that its header states.")
    # in place: as a copy the array would be there twice
    return (data if dtype.isnative else data.byteswap(inplace=True).view(dtype.newbyteorder("="))).reshape(shape)


def read_header(file: BufferedReader | GzipFile, most_bytes: int) -> tuple[np.dtype, tuple[int, ...]]:
    """Return the type and shape that an open file states; DamagedError where it is not an IDX file."""
    magic = file.read(4)
    if len(magic) < 4 or magic[:2] != b"\0\0" or magic[2] not in DTYPES:
        raise DamagedError(f"it begins with the bytes {magic.hex(' ') or 'of nothing'}, not with two zeros and a type.")
    dtype = np.dtype(DTYPES[magic[2]])
    lengths = file.read(4 * magic[3])
    if not magic[3] or len(lengths) < 4 * magic[3]:
        raise DamagedError("it ends within its header.")
    shape = tuple(int(n) for n in np.frombuffer(lengths, dtype=">u4"))
    if math.prod(shape) * dtype.itemsize > most_bytes:
        said = " x ".join(f"{n:,}" for n in shape)
        raise DamagedError(f"its header promises {said} numbers, more than the file can hold or this program accepts.")
    return dtype, shape


def fill(file: Filling, data: np.ndarray, n_bytes_in_all: int, n_bytes_before: int) -> None:
    """Fill an array from an open file; DamagedError where it ends too soon."""
    view = memoryview(data.reshape(-1).view(np.uint8).data)
    n_read = 0
    while n_read < len(view) and (some := file.readinto(view[n_read : n_read + AT_ONCE_BYTES])):
        n_read += some
    if n_read < len(view):
        raise DamagedError(
            f"it was cut short: {n_bytes_before + n_read:,} of the {n_bytes_in_all:,} bytes that its header promises "
            f"are there."
        )


def write_idx(path: str | Path, array: np.ndarray) -> None:
    """Write an array as an IDX file, compressed where the name ends in .gz.

    Parameters
    ----------
    path : str or Path
        Where to.
    array : ndarray
        Of one of the format's six types, with 1 to 255 axes.

    Raises
    ------
    DigitsError
        If the format has no such type or number of axes.
    OSError
        If it cannot be written.
    """
    codes = {np.dtype(name).newbyteorder("="): code for code, name in DTYPES.items()}
    dtype = array.dtype.newbyteorder("=")
    if dtype not in codes or not 1 <= array.ndim <= 255:
        raise DigitsError(f"an IDX file cannot hold an array of {array.dtype} with {array.ndim} axes.")
    header = bytes([0, 0, codes[dtype], array.ndim]) + np.array(array.shape, dtype=">u4").tobytes()
    data = header + array.astype(array.dtype.newbyteorder(">")).tobytes()
    path = Path(path)
    # mtime=0: the same array gives the same file
    path.write_bytes(gzip.compress(data, mtime=0) if os.fspath(path).endswith(".gz") else data)
