"""Keeping: when a run is written to disk, and how much of it."""

import threading
from collections.abc import Callable

from glassnet.system import reason_of


class Keeping:
    """Writes a run when that is asked for, one writing at a time; never again once it was thrown away.

    Parameters
    ----------
    save : callable
        Writes the run, its history too if the argument says so; raises OSError if it cannot.
    """

    def __init__(self, save: Callable[[bool], None]) -> None:
        self.save = save
        self.saving = threading.Lock()
        self.lock = threading.Lock()
        self.is_due = False
        self.must_be_whole = False
        self.is_dropped = False

    def ask(self, *, whole: bool) -> None:
        """Note that the run is to be written, its history too if `whole`."""
        with self.lock:
            self.is_due = not self.is_dropped
            self.must_be_whole |= whole

    def keep(self) -> str | None:
        """Write what is to be written; return why that failed, empty if it did not, None if there was nothing to do.

        What failed is tried again when the next writing is asked for: at once it would only fail again.
        """
        with self.saving:
            with self.lock:
                if not self.is_due:
                    return None
                whole, self.is_due, self.must_be_whole = self.must_be_whole, False, False
            try:
                self.save(whole)
            except Exception as error:
                with self.lock:
                    self.must_be_whole |= whole
                if not isinstance(error, OSError):
                    raise
                return f"the run cannot be kept: {reason_of(error)}."
        return ""

    def drop(self) -> None:
        """Let whatever still holds the run write it no more; waits for a writing that has begun."""
        with self.saving, self.lock:
            self.is_dropped, self.is_due = True, False
