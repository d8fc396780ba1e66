"""NumPy's files, ``.npy`` and ``.npz``: what a header promises is checked before anything is unpacked."""

import math
import re
import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO, cast

import numpy as np

from glassnet.digits.idx import fill
from glassnet.errors import DamagedError, DigitsError, in_one_sentence

MAGIC = b"\x93NUMPY"
LONGEST_HEADER_BYTES = 10_000
"""As in NumPy; that of an array of images takes 118."""
LARGEST_NPZ_BYTES = 256 << 20
"""Unpacked, of all arrays together that are read from one file: 4 MB of zeros would become 4 GB.
The largest that glassnet has use for has 144 million."""
PLAIN_KINDS = "biufSU"
"""Truth, whole numbers, floats, bytes and text: all else could hold objects, or has parts with names."""
PACKINGS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)
"""NumPy's own. The header of an LZMA stream may ask for 4 GiB before the first byte is there."""
# NumPy reads its header with Python's own parser, which warns of what it finds there and takes a long row of brackets
# for too little memory; all that other programs write is of this form too
HEADER = re.compile(
    r"""\{\s*(?:(?:['"]descr['"]\s*:\s*['"](?P<dtype>[<>|=]?[a-zA-Z]\d{0,9})['"]
    |['"]fortran_order['"]\s*:\s*(?P<columns_first>True|False)
    |['"]shape['"]\s*:\s*\((?P<shape>(?:\s*\d{1,18}L?\s*,?)*)\s*\))\s*,?\s*){3}\}\s*""",
    re.VERBOSE,
)


@dataclass(frozen=True, slots=True)
class Header:
    """What an array file says of its array.

    Parameters
    ----------
    dtype : dtype
        Of its numbers: one of those that hold no objects.
    shape : tuple of int
        Of the array.
    has_columns_first : bool
        Whether the first axis is the fastest.
    offset : int
        Bytes before the numbers.
    """

    dtype: np.dtype
    shape: tuple[int, ...]
    has_columns_first: bool
    offset: int

    @property
    def n_bytes(self) -> int:
        """Of all numbers together."""
        return math.prod(self.shape) * self.dtype.itemsize


def read_header(file: IO[bytes] | zipfile.ZipExtFile, size: int) -> Header:
    """Return what an open array file promises, if a file of so many bytes can keep that; else DamagedError.

    Parameters
    ----------
    file : file
        At its first byte; afterwards at the array's.
    size : int
        Bytes of the file, unpacked.

    Returns
    -------
    Header
        Whose array fits into the file.

    Raises
    ------
    DamagedError
        If it is no array file, or one of objects, or has been cut short.

    Notes
    -----
    Format: https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html.
    """
    start = file.read(8)
    if start[:6] != MAGIC or start[6:] not in (b"\1\0", b"\2\0", b"\3\0"):
        raise DamagedError("it does not begin as an array file does.")
    n_length_bytes = 2 if start[6] == 1 else 4
    length = int.from_bytes(file.read(n_length_bytes), "little")
    if length > LONGEST_HEADER_BYTES:
        raise DamagedError(f"its header is of {length:,} bytes; at most {LONGEST_HEADER_BYTES:,} are possible.")
    text = file.read(length)
    found = HEADER.fullmatch(text.decode("latin-1"))
    if len(text) < length or found is None or None in found.groups():
        raise DamagedError("its header is damaged: it tells no type, order and shape of an array.")
    with in_one_sentence(DamagedError, otherwise="its header is damaged ({why})."):
        dtype = np.dtype(found["dtype"])
    if dtype.kind not in PLAIN_KINDS or not dtype.itemsize:
        raise DamagedError(f"it holds an array of {dtype}; numbers are expected.")
    shape = tuple(int(n) for n in re.findall(r"\d+", found["shape"]))
    header = Header(dtype, shape, found["columns_first"] == "True", 8 + n_length_bytes + length)
    if header.n_bytes > size - header.offset or len(shape) > 8:
        said = " x ".join(f"{n:,}" for n in shape[:8])
        raise DamagedError(f"its header promises {said} numbers of {dtype}, more than the file can hold.")
    return header


def read_npz(path: Path, names: tuple[str, ...], may_lack: tuple[str, ...] = ()) -> dict[str, np.ndarray]:
    """Return arrays of an ``.npz`` file.

    Parameters
    ----------
    path : Path
        The file.
    names : tuple of str
        Of the arrays that it must have.
    may_lack : tuple of str, default ()
        Of those that are returned if it has them.

    Returns
    -------
    dict of str to ndarray
        At most 256 MiB in all, unpacked: more is refused before any memory is taken. Others in the file are not looked
        at.

    Raises
    ------
    DigitsError
        If one is missing or damaged, they are too large, or the file is something else.
    OSError
        If it cannot be read.
    """
    with (
        in_one_sentence(DigitsError, f"cannot read {path}", "it is damaged or no .npz file ({why})."),
        path.open("rb") as file,
        zipfile.ZipFile(file) as archive,
    ):
        inside = {entry.filename.removesuffix(".npy"): entry for entry in archive.infolist()}
        if missing := [name for name in names if name not in inside]:
            raise DamagedError(f"it has no array {' and no array '.join(missing)}.")
        wanted = {name: inside[name] for name in (*names, *may_lack) if name in inside}
        if any(entry.compress_type not in PACKINGS or entry.flag_bits & 1 for entry in wanted.values()):
            raise DamagedError("it is encrypted, or packed as NumPy packs no file.")
        n_bytes = sum(entry.file_size for entry in wanted.values())
        if n_bytes > LARGEST_NPZ_BYTES:
            raise DamagedError(f"unpacked it takes {n_bytes:,} bytes; at most {LARGEST_NPZ_BYTES:,} are possible.")
        return {name: unpacked(archive, entry) for name, entry in wanted.items()}


def unpacked(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> np.ndarray:
    """Return an array of an open archive, which is never longer than it says."""
    with cast(zipfile.ZipExtFile, archive.open(entry)) as file:
        header = read_header(file, entry.file_size)
        array = np.empty(header.shape, header.dtype, order="F" if header.has_columns_first else "C")
        fill(file, array.T if header.has_columns_first else array, header.n_bytes, 0)
        if file.read(1):  # only who reads to the end learns whether the checksum fits
            raise DamagedError("an array in it goes on after the end that its header states.")
    return array.astype(header.dtype.newbyteorder("="), copy=False)
