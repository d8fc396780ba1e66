"""Files of named arrays with a JSON header (safetensors): written whole or not at all, checked before they are used."""

import hashlib
import json
import os
from pathlib import Path
from typing import Any

import numpy as np

LARGEST_FILE_BYTES = 4 << 30
LARGEST_HEADER_BYTES = 16 << 20
HEADER_KEY = "glassnet"
CHECKSUM_KEY = "sha256"


def write_whole(path: Path, data: bytes) -> None:
    """Write a file so that under its name there is the old content or the new, never a part of either.

    Parameters
    ----------
    path : Path
        Where to. The bytes go to `path` + ".partial" first, reach the disk, and take the name in one move. A writer
        that is killed leaves that partial file, and the next one writes over it.
    data : bytes
        All of it.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    partial = path.with_name(path.name + ".partial")
    try:
        with partial.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        partial.replace(path)
    except OSError:
        partial.unlink(missing_ok=True)
        raise


def pack(arrays: dict[str, np.ndarray], header: dict[str, Any]) -> bytes:
    """Return the bytes of a safetensors file; the same arrays and header always give the same bytes.

    Parameters
    ----------
    arrays : dict of str to ndarray
        What to keep.
    header : dict
        Anything JSON can say. It is kept as one string: the format's own dictionary of strings has no fixed order.

    Returns
    -------
    bytes
        The file.
    """
    from safetensors.numpy import save

    # the library copies the memory as it lies, so a transposed view would come back as its transpose
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
    """Return whether a file's header is one that glassnet writes, or the file is empty: what may be written over.

    Parameters
    ----------
    path : Path
        A file.

    Returns
    -------
    bool
        A damaged file of ours still counts; somebody's photo does not.

    Raises
    ------
    OSError
        If it cannot be read.
    """
    with path.open("rb") as file:
        size = int.from_bytes(file.read(8), "little")
        return not path.stat().st_size or f'"{HEADER_KEY}"'.encode() in file.read(min(size, LARGEST_HEADER_BYTES))


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
        Arrays by name, and the header, as they were packed. Every array is finite and of float32 or float64.

    Raises
    ------
    ValueError
        If the file is not what it should be; the text is one sentence without the file's name.
    OSError
        If it cannot be read.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if not path.is_file():
        path.stat()  # says so where there is nothing at all
        raise ValueError("it is not a file.")
    size = path.stat().st_size
    if size > LARGEST_FILE_BYTES:
        raise ValueError(f"it is too large to be {what}: {size:,} bytes.")
    with path.open("rb") as file:
        header_bytes = int.from_bytes(file.read(8), "little")
        if size < 8 or header_bytes > min(size - 8, LARGEST_HEADER_BYTES):
            raise ValueError(f"it is not {what}, or was cut short: it does not begin as a safetensors file does.")
        try:
            own = json.loads(file.read(header_bytes))["__metadata__"][HEADER_KEY]
            header = json.loads(own)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise ValueError(f"it is not {what}: it has no header written by glassnet.") from None
        if not isinstance(header, dict):
            raise ValueError("its header is damaged.")
        file.seek(0)
        data = file.read()
    try:
        arrays = load(data)
    except (SafetensorError, ValueError, TypeError, KeyError) as error:
        raise ValueError(f"its arrays are damaged ({str(error).rstrip('.')}).") from None
    for name, array in arrays.items():
        if array.dtype not in (np.float32, np.float64):
            raise ValueError(f"its array {name} is of {array.dtype}; float32 or float64 is expected.")
        if not np.isfinite(array).all():
            raise ValueError(f"its array {name} has numbers that are not finite.")
    if header.pop(CHECKSUM_KEY, None) != checksum(arrays, header):
        raise ValueError("it is damaged: its checksum does not fit what is in it.")
    return arrays, header
