"""The kernel as a WebAssembly module, as a page will load it: the same numbers as the native one, in Node."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import glassnet
from glassnet.descent import ADAM_BETA_1, ADAM_BETA_2, ADAM_EPSILON, start
from glassnet.engines import fused
from glassnet.settings import Settings

SCRIPTS = Path(__file__).parents[1] / "scripts"
ACTIVATIONS, COSTS = ["sigmoid", "tanh", "relu", "softmax"], ["quadratic", "binary", "categorical"]
OPTIMIZERS = ["sgd", "momentum", "adamw"]
SAME_LANES = "sse42"
"""The native instruction set with as many lanes, and no fused multiply-add either: its numbers are the module's, bit by
bit."""

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def wasm(tmp_path_factory):
    assert shutil.which("node"), "the module is run by Node"
    module = tmp_path_factory.mktemp("wasm") / "kernel.wasm"
    made = subprocess.run(
        [sys.executable, SCRIPTS / "kernel_elsewhere.py", "wasm", module], capture_output=True, text=True, check=False
    )
    assert made.returncode == 0, made.stdout + made.stderr
    return module


def descended(wasm, folder, network, digits, orders, settings, kinds):
    """Let the module take epochs; return what it told, the parameters it ended with, and its outputs."""
    arrays = [array for pair in zip(network.weights, network.biases, strict=True) for array in pair]
    files = {
        "images": digits.train_images,
        "labels": digits.train_labels,
        "orders": orders.astype(np.int64),
        "parameters": np.concatenate([array.ravel() for array in arrays]),
    }
    for name, array in files.items():
        (folder / name).write_bytes(array.tobytes())
    hidden, output, cost, optimizer = kinds
    task = {
        "n": len(digits.train_images),
        "sizes": network.layer_sizes,
        "hidden": ACTIVATIONS.index(hidden),
        "output": ACTIVATIONS.index(output),
        "cost": COSTS.index(cost),
        "optimizer": OPTIMIZERS.index(optimizer),
        "epochs": len(orders),
        "beta_1": ADAM_BETA_1,
        "beta_2": ADAM_BETA_2,
        "epsilon": ADAM_EPSILON,
        **{
            name: getattr(settings, name)
            for name in ("mini_batch_size", "learning_rate", "momentum", "l2", "weight_decay", "average")
        },
    }
    (folder / "task.json").write_text(json.dumps(task), encoding="utf-8")
    command = ["node", SCRIPTS / "wasm_descent.mjs", wasm, folder / "task.json"]
    told = json.loads(subprocess.run(command, capture_output=True, text=True, check=True).stdout)
    outputs = np.frombuffer((folder / "outputs").read_bytes(), np.float32).reshape(-1, network.layer_sizes[-1])
    return told, np.frombuffer((folder / "found").read_bytes(), np.float32), outputs


@pytest.mark.parametrize(
    ("kinds", "settings"),
    [
        (("sigmoid", "sigmoid", "quadratic", "sgd"), {"mini_batch_size": 10, "learning_rate": 1.0}),
        (("tanh", "softmax", "categorical", "momentum"), {"momentum": 0.9, "l2": 1.0, "learning_rate": 0.01}),
        (("relu", "sigmoid", "binary", "adamw"), {"optimizer": "adamw", "average": 0.9, "learning_rate": 0.001}),
    ],
    ids=["the videos'", "softmax with momentum", "relu with AdamW"],
)
def test_it_takes_the_native_kernels_steps(wasm, few_digits, tmp_path, kinds, settings):
    hidden, output, cost, _ = kinds
    network = glassnet.Network.random(
        (784, 20, 10),
        rng=np.random.default_rng(0),
        activation=hidden,
        output_activation=output,
        cost="quadratic" if cost == "quadratic" else "cross-entropy",
    )
    settings = Settings(epochs=2, **({"mini_batch_size": 7} | settings))
    rng = np.random.default_rng(1)
    orders = np.stack([rng.permutation(1000) for _ in range(2)])
    told, found, outputs = descended(wasm, tmp_path, network, few_digits, orders, settings, kinds)

    native = SAME_LANES if SAME_LANES in fused.kernel.instruction_sets() else None
    engine = fused.FusedEngine(
        few_digits.train_images, few_digits.train_labels, network, threads=1, instructions=native
    )
    descent, costs = start(network, settings), []
    for order in orders:
        descent, each = engine.descend(descent, order, settings, 2 * -(-1000 // settings.mini_batch_size))
        costs.append(float(np.mean(each, dtype=np.float64)))
    layers = zip(descent.network.weights, descent.network.biases, strict=True)
    expected = np.concatenate([array.ravel() for pair in layers for array in pair])
    expected_outputs = fused.FusedOutputs(descent.network, instructions=native)(few_digits.train_images)
    np.testing.assert_allclose([epoch["cost"] for epoch in told["epochs"]], costs, rtol=1e-6)
    if native and settings.optimizer == "sgd" and cost == "quadratic":
        np.testing.assert_array_equal(found, expected)
        np.testing.assert_array_equal(outputs, expected_outputs)
    else:  # logarithms and powers are those of another library
        np.testing.assert_allclose(found, expected, rtol=2e-3, atol=2e-5)
        np.testing.assert_allclose(outputs, expected_outputs, rtol=2e-3, atol=2e-5)


def test_it_asks_for_nothing_and_is_small(wasm):
    look = (
        "const m = new WebAssembly.Module(require('fs').readFileSync(process.argv[1]));"
        "console.log(JSON.stringify(WebAssembly.Module.imports(m).map((i) => i.name)))"
    )
    asked = json.loads(subprocess.run(["node", "-e", look, wasm], capture_output=True, check=True).stdout)
    assert asked == []
    assert wasm.stat().st_size < 200_000
