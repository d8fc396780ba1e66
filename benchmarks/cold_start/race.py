"""From the shell's prompt to 97 % of the test digits: whole processes, glassnet beside scripts for its peers.

Run: python benchmarks/cold_start/race.py [--rounds 5]   (peers that are not installed do not take part)

Everybody trains 784-100-10 with relu, softmax and cross-entropy on MNIST's 60,000 digits, from the same four files, and
says its accuracy on the test digits. Settings were chosen on validation digits: mini-batches of 100, 5 epochs, a
learning rate of 0.5 along a cosine; "own settings" are those with which glassnet gets there soonest.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from importlib import resources
from importlib.util import find_spec
from pathlib import Path

HERE = Path(__file__).parent
NETWORK = ["--hidden", "100", "--activation", "relu", "--output-activation", "softmax", "--cost", "cross-entropy"]
SAME = ["--mini-batch-size", "100", "--epochs", "5", "--learning-rate", "0.5", "--schedule", "cosine"]
OWN = ["--mini-batch-size", "10", "--epochs", "2", "--learning-rate", "0.2", "--schedule", "cosine"]
GOAL = 0.97


def contestants(data):
    train = [sys.executable, "-m", "glassnet", "train", *NETWORK, "--json"]
    found = {"glassnet, same settings": [*train, *SAME], "glassnet, own settings": [*train, *OWN]}
    for name, module in (("PyTorch", "torch"), ("JAX", "jax"), ("scikit-learn", "sklearn")):
        if find_spec(module):
            found[name] = [sys.executable, str(HERE / f"with_{module}.py"), str(data)]
    return found


def accuracy_of(text):
    told = json.loads(text)
    return told["test_accuracy"] if isinstance(told, dict) else told


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("--rounds", type=int, default=5)
    rounds = options.parse_args().rounds
    data = resources.files("glassnet.digits") / "mnist"
    seconds, accuracies = {}, {}
    with tempfile.TemporaryDirectory() as folder:
        for round_ in range(rounds + 1):  # the first fills the disk's cache
            # bytecode of everybody's modules is there after the first round, as after any installation
            environment = os.environ | {"PYTHONPYCACHEPREFIX": f"{folder}/bytecode"}
            environment.pop("PYTHONDONTWRITEBYTECODE", None)
            for name, command in contestants(data).items():
                began = time.perf_counter()
                done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, check=True, text=True)
                if round_:
                    seconds.setdefault(name, []).append(time.perf_counter() - began)
                accuracies[name] = accuracy_of(done.stdout)
    print(f"seconds of the whole process, median of {rounds} (lowest to highest), and what it got right")
    ours = statistics.median(seconds["glassnet, same settings"])
    for name, taken in seconds.items():
        middle = statistics.median(taken)
        reached = "" if accuracies[name] >= GOAL else "  (has not reached 97 %)"
        print(
            f"{name:>24}  {middle:6.2f} ({min(taken):.2f} to {max(taken):.2f})  {middle / ours:5.2f} x  "
            f"{100 * accuracies[name]:.2f} %{reached}"
        )


if __name__ == "__main__":
    main()
