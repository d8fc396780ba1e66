"""How long it takes to start: medians of whole processes, beside a Python that does nothing.

Run: python benchmarks/start_up.py [--rounds 15]
"""

import argparse
import statistics
import subprocess
import sys
import time

INK = "import glassnet; from glassnet.engines import fused; d = glassnet.load_digits(); "
INK += "fused.kernel.Digits(d.train_images, d.train_labels)"
CASES = {
    "python, nothing": ["-c", "pass"],
    "import glassnet": ["-c", "import glassnet"],
    "glassnet -h": ["-m", "glassnet", "-h"],
    "glassnet train -h": ["-m", "glassnet", "train", "-h"],
    "glassnet.load_digits()": ["-c", "import glassnet; glassnet.load_digits()"],
    "... and the ink": ["-c", INK],
}


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    seconds = {name: [] for name in CASES}
    for round_ in range(rounds + 1):  # the first warms up
        for name, arguments in CASES.items():
            began = time.perf_counter()
            subprocess.run([sys.executable, *arguments], stdout=subprocess.DEVNULL, check=True)
            if round_:
                seconds[name].append(time.perf_counter() - began)
    print(f"seconds, median of {rounds} (lowest to highest)")
    for name, taken in seconds.items():
        print(f"{name:>24}  {statistics.median(taken):.3f} ({min(taken):.3f} to {max(taken):.3f})")


if __name__ == "__main__":
    main()
