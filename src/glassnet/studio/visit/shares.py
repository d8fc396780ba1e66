"""Shares: nobody's share is everybody's: what an address may hold of something that there is a limit of."""

import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

MOST_BUCKETS = 4096


class TooMany(Exception):
    """A limit is reached; its text is one sentence."""


def is_within_share(held: Mapping[str, int], address: str, most: int) -> bool:
    """Return whether an address may have more of something that there is a limit of.

    Parameters
    ----------
    held : mapping of str to int
        What addresses have.
    address : str
        Who wants more.
    most : int
        The limit, for all together.

    Returns
    -------
    bool
        Up to half of the limit anybody may. Above it an address has its share at most: with one kept free for a
        newcomer, ``most / (addresses + 1)``.
    """
    total, own = sum(held.values()), held.get(address, 0)
    if total < most // 2:
        return True
    n_addresses = sum(1 for size in held.values() if size) + (not own)
    return total < most and own < most // (n_addresses + 1)


class Shares:
    """Counts what each address holds of something that there is a limit of.

    Parameters
    ----------
    most : int
        The limit, for all together.
    sentence : str
        Told to whoever comes too late.
    """

    def __init__(self, most: int, sentence: str) -> None:
        self.most = most
        self.sentence = sentence
        self.held: Counter[str] = Counter()
        self.lock = threading.Lock()

    def may(self, address: str) -> bool:
        """Whether an address may have one more."""
        with self.lock:
            return is_within_share(self.held, address, self.most)

    def take(self, address: str) -> None:
        """Count one more; TooMany with a sentence where an address has its share."""
        with self.lock:
            if not is_within_share(self.held, address, self.most):
                raise TooMany(self.sentence)
            self.held[address] += 1

    def give_back(self, address: str) -> None:
        """Count one less."""
        with self.lock:
            self.held[address] -= 1
            self.held = +self.held

    @contextmanager
    def one(self, address: str) -> Iterator[None]:
        """Hold one as long as the block lasts."""
        self.take(address)
        try:
            yield
        finally:
            self.give_back(address)


class Buckets:
    """Buckets that fill at a pace, one for each asker; what is asked takes from them what it costs.

    Parameters
    ----------
    per_second : float
        How fast a bucket fills.
    at_once : float
        How much it holds.
    """

    def __init__(self, per_second: float, at_once: float) -> None:
        self.per_second = per_second
        self.at_once = at_once
        self.left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def level(self, who: str, times: float = 1.0) -> float:
        """Return what is in somebody's bucket, which is so many times as large as the usual ones."""
        now = time.monotonic()
        left, since = self.left.pop(who, (times * self.at_once, now))
        left = min(times * self.at_once, left + (now - since) * times * self.per_second)
        self.left[who] = (left, now)
        if len(self.left) > MOST_BUCKETS:
            self.left.popitem(last=False)
        return left

    def take(self, who: str, cost: float = 1.0, times: float = 1.0) -> bool:
        """Whether somebody may have something of a cost, which is then taken from their bucket."""
        left = self.level(who, times)
        may = left >= min(cost, times * self.at_once)  # what costs more than a whole bucket is possible, but rarely
        if may:
            self.left[who] = (left - cost, self.left[who][1])
        return may
