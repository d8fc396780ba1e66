"""Files of named arrays with a JSON header (safetensors): written whole or not at all, checked before they are used."""

import contextlib
import errno
import glob
import hashlib
import json
import os
import secrets
import time
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from glassnet.errors import DamagedError, DivergedError, ShapeError, in_one_sentence
from glassnet.system import replace_file, resolved, sync_folder

LARGEST_FILE_BYTES = 4 << 30
LARGEST_HEADER_BYTES = 16 << 20
ABANDONED_SECONDS = 60
LONGEST_NAME_BYTES = 200
"""Of a file whose partial files are named after it; file systems allow 255."""
HEADER_KEY = "glassnet"
FLOATS = (np.float16, np.float32, np.float64)
CHECKSUM_KEY = "sha256"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that its name always has the old content or the new, never a part of either.

    Parameters
    ----------
    path : Path
        Where to. The bytes go to a file of their own beside it (``.NAME.xxxxxxxx.partial``), reach the disk, and take
        the name in one move. A writer that is killed leaves its partial file; the next one that finds it older than a
        minute removes it. A symbolic link is followed.
    data : bytes
        All of it.

    Raises
    ------
    OSError
        If it cannot be written, or something that is not a file has the name.
    """
    path = resolved(path)
    if path.exists() and not path.is_file():  # a device, a pipe: not ours to replace
        raise FileExistsError(errno.EEXIST, "It exists and is not a file", str(path))
    remove_abandoned(path)
    partial = path.with_name(f"{partial_stem(path)}.{secrets.token_hex(4)}.partial")
    try:
        with partial.open("xb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        replace_file(partial, path)
    except BaseException:
        partial.unlink(missing_ok=True)
        raise
    sync_folder(path.parent)  # the move itself reaches the disk with the folder


def partial_stem(path: Path) -> str:
    """Return what the names of a file's partial files begin with: its own, if that leaves room for what follows."""
    if len(os.fsencode(path.name)) <= LONGEST_NAME_BYTES:
        return f".{path.name}"
    return f".{hashlib.sha256(os.fsencode(path.name)).hexdigest()}"


def remove_abandoned(path: Path) -> None:
    """Remove partial files of this name whose writer must be dead: writing one takes a fraction of a second."""
    for partial in path.parent.glob(f"{glob.escape(partial_stem(path))}.*.partial"):
        with contextlib.suppress(OSError):  # another writer may have removed it
            if time.time() - partial.stat().st_mtime > ABANDONED_SECONDS:
                partial.unlink()


def pack(arrays: dict[str, np.ndarray], header: dict[str, Any]) -> bytes:
    """Return the bytes of a safetensors file; the same arrays and header always give the same bytes.

    Parameters
    ----------
    arrays : dict of str to ndarray
        What to keep.
    header : dict
        Anything JSON can hold. It is kept as one string: the format's own dictionary of strings has no fixed order.

    Returns
    -------
    bytes
        The file.

    Raises
    ------
    DivergedError
        If an array has numbers that are not finite.
    ShapeError
        If an array is of another type than float16, float32 or float64.
    """
    from safetensors.numpy import save

    for name, array in arrays.items():
        if array.dtype not in FLOATS:
            raise ShapeError(f"{name} are of {array.dtype}; only float16, float32 and float64 can be saved.")
        if not np.isfinite(array).all():
            raise DivergedError(f"{name} have numbers that are not finite: there is nothing worth saving.")

    # the library copies memory as it lies, so a transposed view would come back scrambled
    contiguous = {name: np.ascontiguousarray(array) for name, array in arrays.items()}
    told = header | {CHECKSUM_KEY: checksum(contiguous, header)}
    return save(contiguous, metadata={HEADER_KEY: json.dumps(told, sort_keys=True, allow_nan=False)})


def checksum(arrays: dict[str, np.ndarray], header: dict[str, Any]) -> str:
    """Return the SHA-256 of arrays and header, in hexadecimal: a flipped bit leaves most weights finite."""
    digest = hashlib.sha256(json.dumps(header, sort_keys=True, allow_nan=False).encode())
    for name in sorted(arrays):
        digest.update(f"{name} {arrays[name].dtype.str} {arrays[name].shape}".encode())
        digest.update(arrays[name].data)
    return digest.hexdigest()


def is_own_file(path: Path) -> bool:
    """Return whether a file has a header that glassnet wrote, or is empty: such a file may be overwritten.

    Parameters
    ----------
    path : Path
        A file.

    Returns
    -------
    bool
        A file of ours whose arrays are damaged still counts; somebody's photo does not.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    size = path.stat().st_size
    if not size:
        return True
    with path.open("rb") as file:
        try:
            own_header(file, size, "ours")
        except DamagedError:
            return False
    return True


def own_header(file: BinaryIO, size: int, what: str) -> dict[str, Any]:
    """Return glassnet's own header of an open file; DamagedError where there is none."""
    header_bytes = int.from_bytes(file.read(8), "little")
    if size < 8 or header_bytes > min(size - 8, LARGEST_HEADER_BYTES):
        raise DamagedError(f"it is not {what}, or was cut short: it does not begin as a safetensors file does.")
    with in_one_sentence(DamagedError, otherwise=f"it is not {what}: it has no header written by glassnet."):
        header = json.loads(json.loads(file.read(header_bytes))["__metadata__"][HEADER_KEY])
    if not isinstance(header, dict):
        raise DamagedError("its header is damaged.")
    return header


def unpack(path: Path, what: str) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """Return the arrays and the header of a file written by `pack`, or refuse it.

    Parameters
    ----------
    path : Path
        The file.
    what : str
        What it should be, for the sentence that refuses it: "a model", "a checkpoint".

    Returns
    -------
    tuple of dict and dict
        Arrays by name, and the header, as they were packed. Every array is finite and of a float type.

    Raises
    ------
    DamagedError
        If the file is not what it should be; the text is one sentence without the file's name.
    OSError
        If it cannot be read.
    """
    from safetensors.numpy import load

    if not path.is_file():
        path.stat()  # says so where there is nothing at all
        raise DamagedError("it is not a file.")
    size = path.stat().st_size
    if size > LARGEST_FILE_BYTES:
        raise DamagedError(f"it is too large to be {what}: {size:,} bytes.")
    with path.open("rb") as file:
        header = own_header(file, size, what)
        file.seek(0)
        data = file.read()
    with in_one_sentence(DamagedError, otherwise="its arrays are damaged ({why})."):
        arrays = load(data)
    for name, array in arrays.items():
        if array.dtype not in FLOATS:
            raise DamagedError(f"its array {name} is of {array.dtype}; floating-point numbers are expected.")
        if not np.isfinite(array).all():
            raise DamagedError(f"its array {name} has numbers that are not finite.")
    with in_one_sentence(DamagedError, otherwise="its header is damaged ({why})."):  # JSON cannot say NaN again
        is_whole = header.pop(CHECKSUM_KEY, None) == checksum(arrays, header)
    if not is_whole:
        raise DamagedError("it is damaged: its checksum does not match its contents.")
    return arrays, header
