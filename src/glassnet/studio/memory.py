"""Memory: what runs that are gone held is given back to the system."""

import ctypes
import gc
import sys


def give_back() -> None:
    """Give back memory that nothing uses any more; glibc would keep 100 MB after a class."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none, and no need of it
        if trim is not None:
            trim(0)
