"""Waiting for what must come, however busy the machine is."""

import time

DEADLINE_SECONDS = 600.0  # nothing is said of how soon


def wait_for(is_so, seconds=DEADLINE_SECONDS):
    """Return what is_so returns as soon as that is true."""
    until = time.monotonic() + seconds
    while not (found := is_so()):
        assert time.monotonic() < until, "it took too long"
        time.sleep(0.02)
    return found
