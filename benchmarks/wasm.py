"""Time an epoch of the videos' network by the kernel as a WebAssembly module, in Node, beside the native kernel.

python benchmarks/wasm.py [--epochs 8]

Makes the module (scripts/kernel_elsewhere.py), takes the same steps with every instruction set of this processor, one
thread each, and prints the median of the epochs after the first, which is also compiled or fills caches; the module's
size; and whether its weights are those of SSE4.2, which has as many lanes, bit by bit.
"""

import argparse
import gzip
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import median

import numpy as np

import glassnet
from glassnet.descent import start
from glassnet.engines.fused import FusedEngine, kernel
from glassnet.settings import Settings

SCRIPTS = Path(__file__).parents[1] / "scripts"
SIZES = (784, 16, 16, 10)


def by_wasm(module: Path, folder: Path, digits: glassnet.Digits, orders: np.ndarray, size: int, before: np.ndarray):
    """Return the seconds and costs of the module's epochs, and the parameters that it ends with."""
    files = {"images": digits.train_images, "labels": digits.train_labels, "orders": orders, "parameters": before}
    for name, array in files.items():
        (folder / name).write_bytes(array.tobytes())
    kinds, rule = ("hidden", "output", "cost", "optimizer"), ("beta_1", "beta_2", "epsilon", "weight_decay")
    nothing = dict.fromkeys((*kinds, *rule, "average", "momentum", "l2"), 0)
    task = {"n": orders.shape[1], "sizes": SIZES, "epochs": len(orders), "mini_batch_size": size, "learning_rate": 1.0}
    (folder / "task.json").write_text(json.dumps(task | nothing), encoding="utf-8")
    command = ["node", SCRIPTS / "wasm_descent.mjs", module, folder / "task.json"]
    epochs = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)["epochs"]
    found = np.frombuffer((folder / "found").read_bytes(), np.float32)
    return [epoch["seconds"] for epoch in epochs], [epoch["cost"] for epoch in epochs], found


def natively(name: str, digits: glassnet.Digits, orders: np.ndarray, size: int, network: glassnet.Network):
    """Return the same of an instruction set."""
    settings = Settings(epochs=len(orders), mini_batch_size=size, learning_rate=1.0)
    engine = FusedEngine(digits.train_images, digits.train_labels, network, threads=1, instructions=name)
    descent, seconds, costs = start(network, settings), [], []
    for order in orders:
        began = time.perf_counter()
        descent, each = engine.descend(descent, order, settings, len(orders) * -(-len(order) // size))
        seconds.append(time.perf_counter() - began)
        costs.append(float(np.mean(each, dtype=np.float64)))
    return seconds, costs, in_a_row(descent.network)


def in_a_row(network: glassnet.Network) -> np.ndarray:
    """Return all weights and biases, layer by layer."""
    pairs = zip(network.weights, network.biases, strict=True)
    return np.concatenate([np.asarray(array, np.float32).ravel() for pair in pairs for array in pair])


def main() -> None:
    """Print a line for each."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--epochs", type=int, default=8)
    n_epochs = parser.parse_args().epochs
    digits, rng = glassnet.load_digits(), np.random.default_rng(0)
    network = glassnet.Network.random(SIZES, rng=rng).astype(np.float32)
    orders = np.stack([rng.permutation(len(digits.train_images)) for _ in range(n_epochs)])
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary)
        module = folder / "kernel.wasm"
        subprocess.run([sys.executable, SCRIPTS / "kernel_elsewhere.py", "wasm", module], check=True)
        packed = len(gzip.compress(module.read_bytes(), 9))
        print(f"{module.stat().st_size:,} bytes, {packed:,} as gzip")
        for size in (10, 100):
            seconds, costs, found = by_wasm(module, folder, digits, orders, size, in_a_row(network))
            print(f"mini-batches of {size}: wasm {median(seconds[1:]):.4f} s, last cost {costs[-1]:.6f}")
            for name in kernel.instruction_sets():
                seconds, own_costs, own = natively(name, digits, orders, size, network)
                same = ", the same weights bit by bit" if np.array_equal(own, found) else ""
                print(f"  {name} {median(seconds[1:]):.4f} s, last cost {own_costs[-1]:.6f}{same}")


if __name__ == "__main__":
    main()
