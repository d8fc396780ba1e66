"""Which learning rate the videos' network learns best with: chosen on 10,000 validation digits, never on test digits.

Run: python benchmarks/learning_rate.py [--rates 0.25,0.5,1,2,4] [--seeds 5] [--hidden 16,16] [--json FILE]
"""

import argparse
import json
import statistics
from pathlib import Path

import numpy as np

import glassnet


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rates", default="0.25,0.5,0.75,1,1.5,2,3,5")
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--epochs", type=int, default=30)
    parser.add_argument("--hidden", default="16,16")
    parser.add_argument("--mini-batch-size", type=int, default=100)
    parser.add_argument("--schedules", default="constant,cosine")
    parser.add_argument("--json", type=Path)
    arguments = parser.parse_args()
    digits = glassnet.load_digits().hold_out(10_000)
    sizes = (784, *map(int, arguments.hidden.split(",")), 10)
    print(f"{sizes}, {arguments.epochs} epochs, mini-batches of {arguments.mini_batch_size}, {arguments.seeds} seeds")
    print("validation accuracy after the last epoch: mean, lowest, highest")
    rows = []
    for schedule in arguments.schedules.split(","):
        for rate in map(float, arguments.rates.split(",")):
            accuracies = []
            for seed in range(arguments.seeds):
                rng = np.random.default_rng(seed)
                events = glassnet.train(
                    glassnet.Network.random(sizes, rng=rng),
                    digits,
                    rng=rng,
                    epochs=arguments.epochs,
                    mini_batch_size=arguments.mini_batch_size,
                    learning_rate=rate,
                    schedule=schedule,
                )
                accuracies.append(list(events)[-1].validation_accuracy)
            mean = statistics.mean(accuracies)
            rows.append({"schedule": schedule, "learning_rate": rate, "mean": mean, "validation": accuracies})
            print(f"{schedule:>9} {rate:>5g}  {mean:.4f}  {min(accuracies):.4f}  {max(accuracies):.4f}", flush=True)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=1), encoding="utf-8")


if __name__ == "__main__":
    main()
