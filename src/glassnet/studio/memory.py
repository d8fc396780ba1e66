"""Memory: what runs that are gone held is given back to the system."""

import ctypes
import gc
import sys

M_ARENA_MAX = -8
ARENAS = 2


def share_heaps() -> None:
    """Let all threads share two of glibc's heaps: with one for each thread, what is freed stays in forty places."""
    if sys.platform == "linux":
        set_option = getattr(ctypes.CDLL(None), "mallopt", None)
        if set_option is not None:
            set_option(M_ARENA_MAX, ARENAS)


def give_back() -> None:
    """Give back memory that nothing uses any more; glibc would keep 100 MB after a class."""
    gc.collect()
    if sys.platform == "linux":
        trim = getattr(ctypes.CDLL(None), "malloc_trim", None)  # other C libraries have none, and no need of it
        if trim is not None:
            trim(0)
