"""Memory: what was held by runs that are gone is given back to the system."""

import gc

from glassnet.system import trim_heaps


def give_back() -> None:
    """Give back memory that nothing uses any more."""
    gc.collect()
    trim_heaps()
