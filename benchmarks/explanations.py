"""How long explanations take, loading apart, and how much memory the largest table needs.

Run: python benchmarks/explanations.py [--rounds 5]   (trains the videos' network for an epoch first)
"""

import argparse
import contextlib
import io
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from statistics import median

import numpy as np

import glassnet
from glassnet import landscape, nudges
from glassnet.cli.explain import many_digits, one_digit, one_neuron
from glassnet.cli.explain.example import chosen_example
from glassnet.cli.explain.explanation import Explanation
from glassnet.cli.explain.sample import chosen_sample


def seconds(function: Callable[[], object]) -> float:
    began = time.perf_counter()
    function()
    return time.perf_counter() - began


def printed(explain: Callable[[], Explanation]) -> Callable[[], None]:
    """Return a function that explains and prints, as a command does once the digit is there."""

    def shown() -> None:
        with contextlib.redirect_stdout(io.StringIO()):
            explain().show()

    return shown


def peak_mebibytes() -> float:
    """Return the most memory that this process has held so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 if sys.platform == "linux" else 1024) / 1024


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds

    network = glassnet.Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
    *_, last = glassnet.train(network, glassnet.load_digits(), epochs=1, mini_batch_size=10)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "network.safetensors"
        glassnet.save_model(glassnet.Model(last.network), path)
        example = chosen_example(path, 8, None, None, None)
        sample = chosen_sample(path, False, 100, 0, 0, None)
        thousand = chosen_sample(path, False, 1_000, 0, 0, None)
        many = chosen_sample(path, False, 10_000, 0, 0, None)

    tables = {
        "outputs": printed(lambda: one_digit.outputs(example)),
        "neuron 1 3": printed(lambda: one_neuron.neuron(example, 1, 3)),
        "neuron 3 5": printed(lambda: one_neuron.neuron(example, 3, 5)),
        "weight 1 3 400": printed(lambda: one_digit.weight(example, 1, 3, 400)),
        "gradient": printed(lambda: one_digit.gradient(example, 10, 0.01)),
        "step": printed(lambda: one_digit.step(example, 1.0, 10, 0)),
        "examples": printed(lambda: many_digits.examples(sample, [], 0, None)),
    }
    print(f"seconds, median (largest) of {rounds} rounds in turn; the first, which imports, apart")
    took: dict[str, list[float]] = {name: [] for name in tables}
    for round_ in range(rounds + 1):
        for name, table in tables.items():
            time_taken = seconds(table)
            if round_:
                took[name].append(time_taken)
    for name, times in took.items():
        print(f"  {name:16} {median(times):7.4f} ({max(times):.4f})")

    places = tuple(nudges.parameter_at(thousand.network, i) for i in range(thousand.network.n_parameters))
    before = peak_mebibytes()
    times = [
        seconds(lambda: nudges.asks(thousand.network, thousand.inputs, thousand.wanted, places)) for _ in range(rounds)
    ]
    print(
        f"  1,000 x {len(places):,} table: {median(times):.3f} ({max(times):.3f}), {peak_mebibytes() - before:.0f} MiB"
    )

    plane = tuple(landscape.scaled_random_direction(many.network, many.rng) for _ in "xy")
    grid = np.linspace(-1, 1, 41)

    def surface() -> None:
        list(landscape.cost_surface(many.network, many.inputs, many.wanted, (plane[0], plane[1]), (grid, grid)))

    print(f"  41 x 41 surface over 10,000 digits: {median([seconds(surface) for _ in range(min(rounds, 3))]):.2f}")


if __name__ == "__main__":
    main()
