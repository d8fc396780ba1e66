"""Facts about the videos' kind of network, measured on networks trained here: shifts, noise, and how gradients agree.

Run: python benchmarks/facts.py [--seeds 3] [--json FILE]
"""

import argparse
import json
import statistics
from pathlib import Path

import numpy as np

import glassnet
from glassnet import nudges
from glassnet.landscape import cosine_between

N_NOISE, N_MINI_BATCHES, N_ASKED = 1_000, 50, 1_000


def shifted(images, right):
    """Return images moved to the right by whole pixels; what moves in is paper."""
    moved = np.zeros_like(images)
    moved[:, :, right:] = images[:, :, : images.shape[2] - right]
    return moved


def accuracy(network, images, labels):
    return glassnet.evaluate(network, images, labels).accuracy


def cosines(network, inputs, wanted, rng, mini_batch_size=100):
    """Return the mean cosine of mini-batch gradients with the gradient over all the inputs."""
    full = glassnet.backprop(network, glassnet.feedforward(network, inputs), wanted)
    found = []
    for _ in range(N_MINI_BATCHES):
        some = rng.choice(len(inputs), mini_batch_size, replace=False)
        part = glassnet.backprop(network, glassnet.feedforward(network, inputs[some]), wanted[some])
        found.append(cosine_between(part, full))
    return statistics.mean(found)


def facts(digits, seed):
    """Return every fact of one seed."""
    rng = np.random.default_rng(seed)
    start = glassnet.Network.random((784, 16, 16, 10), rng=rng)
    *_, last = glassnet.train(start, digits, rng=rng, epochs=30)
    network = last.network
    told = {
        f"right when shifted {n} px": accuracy(network, shifted(digits.test_images, n), digits.test_labels)
        for n in range(5)
    }
    noise = rng.uniform(0, 1, (N_NOISE, 784))
    outputs = glassnet.feedforward(network.astype(np.float64), noise).outputs
    told["noise answered above 0.9"] = float(np.mean(outputs.max(axis=1) > 0.9))
    inputs = glassnet.as_inputs(digits.train_images)
    wanted = glassnet.one_hot(digits.train_labels)
    normal = glassnet.Network.random((784, 16, 16, 10), rng=rng, start="standard-normal")
    told["cosine with the full gradient, N(0, 1) start"] = cosines(normal, inputs, wanted, rng)
    told["cosine with the full gradient, trained"] = cosines(network, inputs, wanted, rng)
    some = rng.choice(len(inputs), N_ASKED, replace=False)
    gradients = glassnet.backprop(network, glassnet.feedforward(network, inputs[some]), wanted[some])
    shares = nudges.as_vector(nudges.disagreement(network, inputs[some], wanted[some]))
    used = nudges.as_vector(gradients) != 0  # pixels that are never inked ask for nothing
    told["examples asking for the opposite of the mean"] = float(shares[used].mean())
    return told


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    digits = glassnet.load_digits()
    told = [facts(digits, seed) for seed in range(arguments.seeds)]
    print(f"784-16-16-10 as glassnet train makes it, {arguments.seeds} seeds: mean (lowest to highest)")
    for name in told[0]:
        values = [each[name] for each in told]
        print(f"{name:>46}  {statistics.mean(values):.3f} ({min(values):.3f} to {max(values):.3f})")
    if arguments.json:
        arguments.json.write_text(json.dumps(told, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
