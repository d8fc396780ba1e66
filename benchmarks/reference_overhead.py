"""What the reference engine's readability costs: its epochs beside a bare NumPy loop over the same mini-batches.

Run: python benchmarks/reference_overhead.py [--rounds 7] [--json FILE]
"""

import argparse
import json
import os
import platform
import statistics
import time
from pathlib import Path

import numpy as np

import glassnet
from glassnet.descent import start
from glassnet.engines.reference import ReferenceEngine
from glassnet.settings import Settings

CASES = [((784, 16, 16, 10), 10), ((784, 16, 16, 10), 100), ((784, 100, 10), 10), ((784, 100, 10), 100)]
LEARNING_RATE = 1.0


def sigmoid(z):
    return 1 / (1 + np.exp(-z))


def bare_epoch(weights, biases, inputs, wanted, order, mini_batch_size):
    """Descend in place through one epoch, as a person who writes NumPy well would: no checks, no costs, no values."""
    learning_rate = np.float32(LEARNING_RATE)
    for first in range(0, len(order), mini_batch_size):
        examples = order[first : first + mini_batch_size]
        activations = [inputs[examples]]
        for w, b in zip(weights, biases, strict=True):
            activations.append(sigmoid(activations[-1] @ w.T + b))
        a = activations[-1]
        delta = 2 * (a - wanted[examples]) * a * (1 - a) / np.float32(len(examples))
        for layer in range(len(weights) - 1, -1, -1):
            gradient_w, gradient_b = delta.T @ activations[layer], delta.sum(axis=0)
            if layer:
                a = activations[layer]
                delta = (delta @ weights[layer]) * a * (1 - a)
            weights[layer] -= learning_rate * gradient_w
            biases[layer] -= learning_rate * gradient_b


def timed(function):
    began = time.perf_counter()
    result = function()
    return result, time.perf_counter() - began


def compare(digits, sizes, mini_batch_size, rounds):
    """Return the seconds of an epoch of both, measured in turn, and how far apart 20 steps leave them."""
    network = glassnet.Network.random(sizes, rng=np.random.default_rng(0))
    settings = Settings(mini_batch_size=mini_batch_size, learning_rate=LEARNING_RATE)
    engine = ReferenceEngine(digits.train_images, digits.train_labels, network)
    inputs, wanted = engine.inputs, engine.wanted
    ours, bare = [], []
    # both do the same: over a whole epoch rounding drives them apart, over twenty steps it cannot
    few = np.random.default_rng(0).permutation(len(inputs))[: 20 * mini_batch_size]
    weights, biases = [w.copy() for w in network.weights], [b.copy() for b in network.biases]
    bare_epoch(weights, biases, inputs, wanted, few, mini_batch_size)
    stepped = engine.descend(start(network, settings), few, settings, 10**6)[0].network
    pairs = zip((*stepped.weights, *stepped.biases), (*weights, *biases), strict=True)
    apart = max(float(np.abs(x - y).max()) for x, y in pairs)
    for round_ in range(rounds + 1):  # the first warms up
        order = np.random.default_rng(round_).permutation(len(inputs))
        weights, biases = [w.copy() for w in network.weights], [b.copy() for b in network.biases]
        runs = {
            "bare": lambda w=weights, b=biases, o=order: bare_epoch(w, b, inputs, wanted, o, mini_batch_size),
            "ours": lambda o=order: engine.descend(start(network, settings), o, settings, 10**6),
        }
        names = ["bare", "ours"] if round_ % 2 else ["ours", "bare"]
        results = {name: timed(runs[name]) for name in names}
        if round_:
            ours.append(results["ours"][1])
            bare.append(results["bare"][1])
    return ours, bare, apart


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    digits = glassnet.load_digits()
    print(f"one epoch of {len(digits.train_images):,} digits, float32, medians of {arguments.rounds} rounds in turn")
    print(f"Python {platform.python_version()}, NumPy {np.__version__}, {os.cpu_count()} cores, {platform.machine()}")
    print("apart: the largest difference of a parameter after 20 steps of both")
    print(f"{'network':>16} {'batch':>6} {'bare s':>8} {'ours s':>8} {'ratio':>6}  apart")
    rows = []
    for sizes, mini_batch_size in CASES:
        ours, bare, apart = compare(digits, sizes, mini_batch_size, arguments.rounds)
        ratio = statistics.median(o / b for o, b in zip(ours, bare, strict=True))
        name = "-".join(map(str, sizes))
        row = {"network": name, "mini_batch_size": mini_batch_size, "bare": bare, "ours": ours, "ratio": ratio}
        rows.append(row | {"largest_difference": apart})
        print(
            f"{name:>16} {mini_batch_size:>6} {statistics.median(bare):>8.3f} {statistics.median(ours):>8.3f} "
            f"{ratio:>6.2f}  {apart:.1e}"
        )
    if arguments.json:
        told = {"numpy": np.__version__, "python": platform.python_version(), "rows": rows}
        arguments.json.write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
