"""Stock: how much of the disk kept runs take, each visitor's and all together, and which are let go when."""

import contextlib
import logging
import os
import shutil
import threading
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

from glassnet.errors import SettingError

MOST_BYTES = 8 << 30
"""Of all runs of all visitors."""
MOST_BYTES_EACH = 256 << 20
"""Of one visitor: twenty runs of the videos' network take 60 MB."""
LEAST_FREE_BYTES = 512 << 20
"""That are left to others on the disk."""
KEPT_DAYS = 40
"""After somebody's last visit; their cookie lasts thirty."""


class Stock:
    """What the folder of runs holds. It is counted when it is first asked for, and then visitor by visitor.

    Parameters
    ----------
    folder : Path
        Of all runs; each visitor has a folder in it.
    address : callable
        Tells where somebody is who is here, by the name of their folder; None if they are not. Nothing of those who are
        here is let go.
    """

    def __init__(self, folder: Path, address: Callable[[str], str | None]) -> None:
        self.folder = folder
        self.address = address
        self.lock = threading.Lock()
        self.held: dict[str, int] | None = None

    def sizes(self) -> dict[str, int]:
        """Return how many bytes each visitor's folder holds."""
        with self.lock:
            if self.held is None:
                self.held = {path.name: bytes_in(path) for path in self.places()}
            return dict(self.held)

    def places(self) -> list[Path]:
        """Return the visitors' folders."""
        try:
            return [entry for entry in self.folder.iterdir() if len(entry.name) == 20 and entry.is_dir()]
        except OSError:
            return []

    def by_address(self) -> Counter[str]:
        """Return how many bytes those hold who are here, by where they are."""
        held: Counter[str] = Counter()
        for name, size in self.sizes().items():
            address = self.address(name)
            if address is not None:
                held[address] += size
        return held

    def count(self, name: str) -> None:
        """Count a visitor's folder anew."""
        self.sizes()
        size = bytes_in(self.folder / name)
        with self.lock:
            if self.held is not None:
                self.held[name] = size

    def seen(self, name: str) -> None:
        """Note that somebody is here, who has a folder already."""
        with contextlib.suppress(OSError):
            os.utime(self.folder / name)

    def make_room(self, name: str) -> None:
        """Let the runs of others go that have been away longest, if all is full; SettingError if that is not enough."""
        sizes = self.sizes()
        if sizes.get(name, 0) > MOST_BYTES_EACH:
            raise SettingError(
                f"your runs take {MOST_BYTES_EACH >> 20} MB, which is all there is: throw some away first."
            )
        away = sorted((path for path in self.places() if self.address(path.name) is None), key=last_seen)
        for path in away:
            if not self.is_full():
                return
            self.let_go(path, "the folder of runs is full")
        if self.is_full():
            raise SettingError("the folder of runs is full: throw some away first.")

    def is_full(self) -> bool:
        """Whether there is no room for another run."""
        with contextlib.suppress(OSError):
            if shutil.disk_usage(self.folder).free < LEAST_FREE_BYTES:
                return True
        return sum(self.sizes().values()) > MOST_BYTES

    def let_old_go(self) -> None:
        """Let go what visitors kept who were here last `KEPT_DAYS` ago."""
        since = time.time() - KEPT_DAYS * 24 * 3600
        for path in self.places():
            if self.address(path.name) is None and last_seen(path) < since:
                self.let_go(path, f"nobody has come for them in {KEPT_DAYS} days")

    def let_go(self, path: Path, why: str) -> None:
        """Throw a visitor's folder away, and say so to whoever looks after this server."""
        size = self.sizes().get(path.name, 0)
        shutil.rmtree(path, ignore_errors=True)
        self.count(path.name)
        logging.getLogger(__name__).warning(
            "let go %.1f MB of runs that visitor %s kept: %s", size / 1e6, path.name, why
        )

    def told(self) -> str:
        """Return what there is, in a sentence; empty if there is nothing."""
        sizes = self.sizes()
        n_bytes = sum(sizes.values())
        if not n_bytes:
            return ""
        who = "one visitor" if len(sizes) == 1 else f"{len(sizes):,} visitors"
        return f"Runs of {who} are kept in {self.folder} ({n_bytes / 1e6:,.0f} MB)."


def last_seen(path: Path) -> float:
    """Return when something in a visitor's folder was last written, or they last came."""
    times = [0.0]
    for place in (path, *path.glob("*/run.json")):
        with contextlib.suppress(OSError):  # it may have gone since
            times.append(place.stat().st_mtime)
    return max(times)


def bytes_in(folder: Path) -> int:
    """Return how many bytes the files of a folder hold; a file that goes meanwhile holds nothing."""
    total = 0
    for place, _, names in os.walk(folder):
        for name in names:
            with contextlib.suppress(OSError):
                total += (Path(place) / name).lstat().st_size
    return total
