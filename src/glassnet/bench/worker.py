"""A contestant in a process of its own, so that no two share threads, flags or memory.

Run: python -m glassnet.bench.worker CONTESTANT CASE THREADS   (a line on standard input is a lap; its answer is JSON)
"""

import json
import sys
import time
from typing import Any

import numpy as np

from glassnet.bench.cases import CASES, Material, material
from glassnet.bench.contestants import contestant

CALLS = {"read": 10, "read-one": 200}
"""Reading takes micro- or milliseconds; this many calls are timed together, after one that is not."""
SETTLING_SECONDS = 0.15
"""Libraries let their threads spin for a while when there is nothing to do; this lets them go to sleep before a lap."""


def lap_of(racer: Any, given: Material, lap: int) -> dict[str, Any]:
    """Run a lap; return its seconds, and what proves that the work was done."""
    if given.case.task == "train":
        order = given.order(lap)
        began = time.perf_counter()
        weights = racer.epoch(order)
        seconds = time.perf_counter() - began
        return {"seconds": seconds, "checksum": [float(np.abs(w).sum()) for w in weights]}
    calls = CALLS[given.case.task]
    outputs = racer.read()
    began = time.perf_counter()
    for _ in range(calls):
        outputs = racer.read()
    seconds = (time.perf_counter() - began) / calls
    return {"seconds": seconds, "checksum": np.asarray(outputs)[:20].astype(float).ravel().tolist()}


def say(answer: dict[str, Any]) -> None:
    """Write a line of JSON."""
    print(json.dumps(answer), flush=True)  # noqa: T201 - is read by a program


def main() -> None:
    """Take laps until standard input ends."""
    name, case_name, threads = sys.argv[1:]
    case = next(case for case in CASES if case.name == case_name)
    given = material(case, int(threads))
    racer = contestant(name, given)
    lap_of(racer, given, 0)  # compiles, allocates, fills caches
    say({"name": racer.name, "version": racer.version})
    for line in sys.stdin:
        time.sleep(SETTLING_SECONDS)
        say(lap_of(racer, given, int(line)))


if __name__ == "__main__":
    main()
