"""Kept: results that took a while, so that a class that looks at the same network waits for them once."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from typing import TypeVar

from glassnet.studio.shown.seeing import Held

MOST_KEPT = 160
"""A result takes from some ten thousand to a few hundred thousand bytes."""

Result = TypeVar("Result")


class Slot:
    """A place for one result."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.results: list[object] = []


class Kept:
    """The results that were asked for last.

    Parameters
    ----------
    most : int, default 160
        How many.
    """

    def __init__(self, most: int = MOST_KEPT) -> None:
        self.most = most
        self.lock = threading.Lock()
        self.slots: OrderedDict[Hashable, Slot] = OrderedDict()

    def take(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """Return a result; whoever asks while it is being made waits for it."""
        with self.lock:
            slot = self.slots.setdefault(key, Slot())
            self.slots.move_to_end(key)
            if len(self.slots) > self.most:
                self.slots.popitem(last=False)
        with slot.lock:
            if not slot.results:
                slot.results.append(make())
            return slot.results[0]  # type: ignore[return-value] - what was made under this key

    def found(self, key: Hashable) -> object | None:
        """Return a result that is there already; None if it is not. It waits for nothing."""
        with self.lock:
            slot = self.slots.get(key)
        return slot.results[0] if slot is not None and slot.results else None


def key_of(held: Held) -> str:
    """Return what distinguishes a network from all others: its numbers, not its name, which a run begun again keeps."""
    network = held.network
    digest = hashlib.blake2b(digest_size=20)
    digest.update(
        repr(
            (network.layer_sizes, network.activation, network.output_activation, network.cost, held.calibration)
        ).encode()
    )
    for array in (*network.weights, *network.biases):
        digest.update(memoryview(array).cast("B") if array.flags.c_contiguous else array.tobytes())
    return digest.hexdigest()
