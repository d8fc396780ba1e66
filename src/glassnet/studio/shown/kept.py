"""Kept: results that took a while, so that a class that looks at the same network waits for them once."""

import hashlib
import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Any, TypeVar

from glassnet.studio.shown.seeing import Held

Result = TypeVar("Result")


class Kept:
    """The results that were asked for last, each made by one asker while all others wait for it.

    Parameters
    ----------
    most : int
        How many. What is being made comes on top of that: one result for each thread that asks, at most.
    """

    def __init__(self, most: int) -> None:
        self.most = most
        self.lock = threading.Lock()
        self.results: OrderedDict[Hashable, Any] = OrderedDict()  # least recently asked for first
        self.making: dict[Hashable, Future[Any]] = {}

    def take(self, key: Hashable, make: Callable[[], Result]) -> Result:
        """Return a result, made if it is not there; if making fails, that leaves nothing, and the next asker tries."""
        while True:
            with self.lock:
                if key in self.results:
                    self.results.move_to_end(key)
                    return self.results[key]
                others = self.making.get(key)
                if others is None:
                    ours = self.making[key] = Future()
                    break
            if others.exception() is None:  # it waits
                return others.result()
        try:
            result = make()
        except BaseException as error:
            with self.lock:
                del self.making[key]
            ours.set_exception(error)
            raise
        with self.lock:
            del self.making[key]
            self.results[key] = result
            if len(self.results) > self.most:
                self.results.popitem(last=False)
        ours.set_result(result)
        return result

    def found(self, key: Hashable) -> Any:
        """Return a result that is there already; None if it is not. It waits for nothing."""
        with self.lock:
            if key in self.results:
                self.results.move_to_end(key)
            return self.results.get(key)


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
