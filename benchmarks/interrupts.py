"""How long a run takes to stop when Ctrl-C is pressed: from the signal to the exception that ends `glassnet.train`.

Run: python benchmarks/interrupts.py [--presses 30]
"""

import argparse
import os
import signal
import threading
import time

import numpy as np

import glassnet

CASES = (
    ((16, 16), 10),
    ((16, 16), 100),
    ((100,), 10),
    ((512, 512), 128),
    ((1024, 1024), 256),
    ((512, 512), 2000),
)


def seconds_to_stop(digits: glassnet.Digits, hidden: tuple[int, ...], size: int, rng: np.random.Generator) -> float:
    """Return how long one press took, at a random moment of a run."""
    network = glassnet.Network.random((784, *hidden, 10), rng=rng)
    pressed: list[float] = []

    def press() -> None:
        pressed.append(time.perf_counter())
        os.kill(os.getpid(), signal.SIGINT)

    timer = threading.Timer(rng.uniform(0.2, 1.0), press)
    timer.start()
    try:
        for _ in glassnet.train(network, digits, epochs=10_000, mini_batch_size=size, learning_rate=0.1):
            pass
    except KeyboardInterrupt:
        return time.perf_counter() - pressed[0]
    raise AssertionError("the run ended before it was stopped")


def main() -> None:
    """Print a table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--presses", type=int, default=30)
    presses = parser.parse_args().presses
    signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background jobs are deaf to it
    digits = glassnet.load_digits()
    rng = np.random.default_rng(0)
    print(f"seconds from Ctrl-C to the end of the run, {presses} presses each")
    for hidden, size in CASES:
        seconds = [seconds_to_stop(digits, hidden, size, rng) for _ in range(presses)]
        name = "-".join(map(str, (784, *hidden, 10)))
        print(f"  {name:18} mini-batches of {size:5}   median {np.median(seconds):.3f}   longest {max(seconds):.3f}")


if __name__ == "__main__":
    main()
