"""The fused engine against the reference engine, which is the truth, and against itself."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import glassnet
from glassnet import descent as descent_module
from glassnet.backpropagation import cost_of_examples
from glassnet.descent import start
from glassnet.engines import choose, engine_for, fused, outputs_of
from glassnet.engines.reference import ReferenceEngine
from glassnet.errors import SettingError
from glassnet.nudges import as_vector
from glassnet.recipes import knobs
from glassnet.recipes.deform import deformed
from glassnet.settings import Settings
from glassnet.system import n_processors
from strategies import KINDS

kernel = fused.kernel
INSTRUCTIONS = kernel.instruction_sets()


@st.composite
def descents(draw):
    """Return a float32 network, images, labels, settings and an order: whatever the engine may meet."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    height, width = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    hidden = draw(st.lists(st.integers(1, 40), max_size=3))
    n_out = draw(st.integers(1, 20))
    activation, output_activation, cost = draw(st.sampled_from(KINDS))
    network = glassnet.Network.random(
        (height * width, *hidden, n_out),
        rng=rng,
        activation=activation,
        output_activation=output_activation,
        cost=cost,
    )
    n = draw(st.integers(1, 30))
    density = draw(st.sampled_from([0.0, 0.2, 0.5, 1.0]))
    images = rng.integers(1, 256, (n, height, width), dtype=np.uint8)
    images[rng.random(images.shape) >= density] = 0
    labels = rng.integers(0, n_out, n, dtype=np.uint8)
    optimizer = draw(st.sampled_from(["sgd", "momentum", "adamw"]))
    settings = Settings(
        epochs=1,
        mini_batch_size=draw(st.sampled_from([1, 2, 3, 7, 10, 13, 40])),
        learning_rate=0.01 if optimizer == "adamw" else 0.1,
        schedule=draw(st.sampled_from(["constant", "step", "cosine"])),
        optimizer="adamw" if optimizer == "adamw" else "sgd",
        momentum=0.5 if optimizer == "momentum" else 0.0,
        l2=draw(st.sampled_from([0.0, 0.5])),
        weight_decay=0.1 if optimizer == "adamw" else 0.0,
        average=draw(st.sampled_from([0.0, 0.9])),
    )
    return network, images, labels, settings, rng.permutation(n)


def after(engine, network, settings, order):
    n_steps = -(-len(order) // settings.mini_batch_size)
    return engine.descend(start(network, settings), order, settings, n_steps)


def values_of(descent):
    """All numbers of a descent in one row."""
    parts = [descent.network, *descent.moments, *([descent.average] if descent.average else [])]
    return np.concatenate([as_vector(part) for part in parts])


def assert_close(found, expected):
    """To the rounding of some float32 steps."""
    np.testing.assert_allclose(found, expected, rtol=1e-3, atol=2e-5)


def is_steady(images, labels, settings, order, network, truth):
    """Whether the steps, taken exactly from a network ten roundings away, end where the rounding of some steps may.

    Where they do not, the descent itself makes rounding large (a large momentum in small mini-batches can double it
    with each step, a kink of relu at once), and its end says nothing about the engine that took it.
    """
    rng = np.random.default_rng(0)
    weights, biases = (
        tuple(values * rng.uniform(1 - 1e-6, 1 + 1e-6, values.shape) for values in of_layers)
        for of_layers in (network.weights, network.biases)
    )
    nearby = replace(network, weights=weights, biases=biases)
    there, _ = after(ReferenceEngine(images, labels, nearby), nearby, settings, order)
    return np.allclose(values_of(there), values_of(truth), rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("instructions", INSTRUCTIONS)
@given(problem=descents(), threads=st.integers(1, 3))
def test_steps_are_those_of_the_reference_engine(instructions, problem, threads):
    network, images, labels, settings, order = problem
    if settings.optimizer == "adamw":
        # a step is a gradient over its own size: where that is rounding alone, so is the step, and all that comes of it
        order = order[: settings.mini_batch_size]
    exact = network.astype(np.float64)
    truth, costs = after(ReferenceEngine(images, labels, exact), exact, settings, order)
    assume(is_steady(images, labels, settings, order, exact, truth))
    engine = fused.FusedEngine(images, labels, network, threads=threads, instructions=instructions)
    found, found_costs = after(engine, network, settings, order)
    assert found.n_steps == truth.n_steps
    assert found.network.dtype == np.float32
    assert len(found.moments) == len(truth.moments)
    assert_close(found_costs, costs)
    for ours, theirs in zip(found.moments, truth.moments, strict=True):
        assert_close(as_vector(ours), as_vector(theirs))
    firm = np.ones(network.n_parameters, dtype=bool)
    if settings.optimizer == "adamw":
        firm = np.abs(as_vector(truth.moments[0])) > 1e-5
    assert_close(as_vector(found.network)[firm], as_vector(truth.network)[firm])
    assert (found.average is None) == (truth.average is None) == (not settings.average)
    assert_close(*(as_vector(descent.average or descent.network)[firm] for descent in (found, truth)))


def test_many_steps_of_adamw(few_digits):
    """On real digits few gradients are rounding alone."""
    images, labels = few_digits.train_images, few_digits.train_labels
    network = glassnet.Network.random((784, 20, 10), rng=np.random.default_rng(0), cost="cross-entropy")
    settings = Settings(mini_batch_size=10, learning_rate=0.001, optimizer="adamw", weight_decay=0.1, average=0.9)
    order, exact = np.random.default_rng(1).permutation(1000), network.astype(np.float64)
    truth, costs = after(ReferenceEngine(images, labels, exact), exact, settings, order)
    found, found_costs = after(fused.FusedEngine(images, labels, network), network, settings, order)
    np.testing.assert_allclose(found_costs, costs, rtol=1e-3, atol=1e-3)
    for ours, theirs in ((found.network, truth.network), (found.average, truth.average)):
        np.testing.assert_allclose(as_vector(ours), as_vector(theirs), atol=1e-3)


def test_the_constants_of_adamw_are_those_of_the_equations(few_digits, monkeypatch):
    """With others the fused engine takes the reference engine's steps too: it has none of its own."""
    for name, value in (("ADAM_BETA_1", 0.6), ("ADAM_BETA_2", 0.9), ("ADAM_EPSILON", 0.01)):
        monkeypatch.setattr(descent_module, name, value)
        monkeypatch.setattr(fused, name, value)
    images, labels = few_digits.train_images, few_digits.train_labels
    network = glassnet.Network.random((784, 20, 10), rng=np.random.default_rng(0), cost="cross-entropy")
    settings = Settings(mini_batch_size=10, learning_rate=0.001, optimizer="adamw")
    order, exact = np.arange(100), network.astype(np.float64)
    truth, _ = after(ReferenceEngine(images, labels, exact), exact, settings, order)
    found, _ = after(fused.FusedEngine(images, labels, network), network, settings, order)
    np.testing.assert_allclose(values_of(found), values_of(truth), rtol=1e-3, atol=2e-6)


@pytest.mark.parametrize("instructions", INSTRUCTIONS)
@pytest.mark.parametrize(
    "shrinking",
    [
        {"optimizer": "adamw", "weight_decay": 1.0},
        {"optimizer": "adamw", "l2": 4.0},
        {"l2": 4.0},
        {"l2": 4.0, "momentum": 0.5},
    ],
    ids=lambda shrinking: "-".join(shrinking),
)
def test_weights_shrink_and_biases_do_not(instructions, shrinking):
    """One step from biases that are not 0: equations (20) and (22)."""
    rng = np.random.default_rng(0)
    images, labels = rng.integers(1, 256, (20, 4, 4), dtype=np.uint8), rng.integers(0, 10, 20, dtype=np.uint8)
    network = glassnet.Network.random((16, 6, 10), rng=rng, start="standard-normal")
    exact = network.astype(np.float64)
    settings, order = Settings(mini_batch_size=20, learning_rate=0.1, **shrinking), np.arange(20)
    truth, _ = after(ReferenceEngine(images, labels, exact), exact, settings, order)
    engine = fused.FusedEngine(images, labels, network, instructions=instructions)
    found, _ = after(engine, network, settings, order)
    for ours, theirs in zip(found.network.weights, truth.network.weights, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)
    for ours, theirs in zip(found.network.biases, truth.network.biases, strict=True):
        np.testing.assert_allclose(ours, theirs, rtol=0, atol=1e-5)


@given(problem=descents())
def test_a_fault_of_a_hundredth_is_found(problem):
    """The check of the check: with another learning rate it fails, where a hundredth of a step is no rounding."""
    network, images, labels, settings, order = problem
    settings = replace(settings, optimizer="sgd", weight_decay=0.0, learning_rate=1.0, schedule="constant")
    truth, _ = after(ReferenceEngine(images, labels, network), network, settings, order)
    # of the parameters: the first step's momentum is the same at every learning rate
    there = as_vector(truth.network)
    assume((np.abs(there - as_vector(network)) > 0.01 + 0.4 * np.abs(there)).any())
    engine = fused.FusedEngine(images, labels, network)
    wrong, _ = after(engine, network, replace(settings, learning_rate=1.01), order)
    with pytest.raises(AssertionError):
        assert_close(values_of(wrong), values_of(truth))


@pytest.mark.parametrize("instructions", INSTRUCTIONS)
def test_an_epoch_of_real_digits(instructions, digits):
    network = glassnet.Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
    order = np.random.default_rng(1).permutation(60_000)
    settings = Settings(mini_batch_size=100, learning_rate=1.0)
    truth, costs = after(ReferenceEngine(digits.train_images, digits.train_labels, network), network, settings, order)
    engine = fused.FusedEngine(digits.train_images, digits.train_labels, network, instructions=instructions)
    found, found_costs = after(engine, network, settings, order)
    np.testing.assert_allclose(found_costs, costs, atol=1e-3)
    np.testing.assert_allclose(values_of(found), values_of(truth), atol=1e-3)


@pytest.mark.parametrize("sizes", [(784, 16, 16, 10), (784, 100, 10), (784, 130, 70, 10)])
@pytest.mark.parametrize("mini_batch_size", [10, 300])
@pytest.mark.parametrize("l2", [0.0, 1.0])
def test_nothing_depends_on_threads_or_borders_of_calls(sizes, mini_batch_size, l2, few_digits):
    network = glassnet.Network.random(sizes, rng=np.random.default_rng(0))
    settings = Settings(mini_batch_size=mini_batch_size, learning_rate=0.5, l2=l2)
    order = np.random.default_rng(1).permutation(1000)
    images, labels = few_digits.train_images, few_digits.train_labels
    n_steps = -(-1000 // mini_batch_size)
    whole, costs = after(fused.FusedEngine(images, labels, network, threads=1), network, settings, order)
    for threads in (1, 2, 3, 5):
        again, again_costs = after(
            fused.FusedEngine(images, labels, network, threads=threads), network, settings, order
        )
        np.testing.assert_array_equal(values_of(again), values_of(whole))
        np.testing.assert_array_equal(again_costs, costs)
    engine = fused.FusedEngine(images, labels, network, threads=2)
    descent, parts = start(network, settings), []
    for first in range(0, 1000, mini_batch_size):
        descent, some = engine.descend(descent, order[first : first + mini_batch_size], settings, n_steps)
        parts.append(some)
    np.testing.assert_array_equal(values_of(descent), values_of(whole))
    np.testing.assert_array_equal(np.concatenate(parts), costs)
    # from a descent that it did not make itself, too
    half = 1000 // mini_batch_size // 2 * mini_batch_size
    middle, _ = engine.descend(start(network, settings), order[:half], settings, n_steps)
    fresh = fused.FusedEngine(images, labels, network)
    end, _ = fresh.descend(middle, order[half:], settings, n_steps)
    np.testing.assert_array_equal(values_of(end), values_of(whole))


@pytest.mark.parametrize("instructions", INSTRUCTIONS)
@pytest.mark.parametrize("kind", KINDS, ids="-".join)
@pytest.mark.parametrize("beyond", [10, 255])
def test_a_label_beyond_the_outputs_wants_all_of_them_off(instructions, kind, beyond, few_digits):
    """What is no digit is taught the zero vector."""
    activation, output_activation, cost = kind
    images, labels = few_digits.train_images[:40], few_digits.train_labels[:40].copy()
    labels[::2] = beyond
    network = glassnet.Network.random(
        (784, 12, 10),
        rng=np.random.default_rng(0),
        activation=activation,
        output_activation=output_activation,
        cost=cost,
    )
    settings = Settings(mini_batch_size=40, learning_rate=0.5)
    engine = fused.FusedEngine(images, labels, network, instructions=instructions)
    found, costs = after(engine, network, settings, np.arange(40))
    exact = network.astype(np.float64)
    trace = glassnet.feedforward(exact, glassnet.as_inputs(images, dtype=np.float64))
    wanted = np.where(labels[:, None] == np.arange(10), 1.0, 0.0)
    assert_close(values_of(found), as_vector(exact) - 0.5 * as_vector(glassnet.backprop(exact, trace, wanted)))
    assert_close(costs, cost_of_examples(exact, trace, wanted))


# ---------------------------------------------------------------- activations


@pytest.mark.parametrize("instructions", INSTRUCTIONS)
@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_activations_are_exact_to_rounding_over_the_whole_range(instructions, name):
    rng = np.random.default_rng(0)
    steps = np.linspace(-120, 120, 400_001)
    tiny = np.geomspace(1e-30, 1, 100_000)
    z = np.concatenate([steps, tiny, -tiny, rng.normal(0, 3, 500_000), [0.0, 1e30, -1e30, np.inf, -np.inf]])
    z = z.astype(np.float32)
    exact = z.astype(np.float64)
    with np.errstate(over="ignore"):
        truth = {"sigmoid": 1 / (1 + np.exp(-exact)), "tanh": np.tanh(exact), "relu": np.maximum(exact, 0)}[name]
    found = kernel.applied(name, z, instructions)
    # the relative error, but for what is too small to be a normal float32
    finite = np.isfinite(exact)
    error, allowed = np.abs(found[finite] - truth[finite]), 3e-7 * np.abs(truth[finite]) + 2e-38
    assert (error <= allowed).all(), f"{z[finite][np.argmax(error - allowed)]}"
    assert kernel.applied(name, np.array([np.inf, -np.inf], np.float32), instructions) == pytest.approx(
        truth[-2:], abs=2e-38
    )
    assert np.isnan(kernel.applied(name, np.full(17, np.nan, np.float32), instructions)).all()


@pytest.mark.parametrize("instructions", INSTRUCTIONS)
def test_every_byte_is_learned_from_as_the_number_that_as_inputs_makes_of_it(instructions):
    """One step of a linear neuron: its only weight moves by the pixel, exactly."""
    images = np.arange(256, dtype=np.uint8).reshape(256, 1, 1)
    for i in range(256):  # relu(0 x + 1) wants to be 0: the weight's slope is 2 x
        network = glassnet.Network((np.zeros((1, 1), np.float32),), (np.ones(1, np.float32),), "relu", "relu")
        held = np.concatenate([images[i : i + 1], np.zeros((3, 1, 1), np.uint8)])  # mostly off, so that it is ink
        engine = fused.FusedEngine(held, np.full(4, 255, np.uint8), network, instructions=instructions)
        settings = Settings(mini_batch_size=1, learning_rate=0.5)
        found, _ = after(engine, network, settings, np.array([0]))
        assert found.network.weights[0][0, 0] == -glassnet.as_inputs(images[i : i + 1])[0, 0]


@pytest.mark.parametrize("instructions", INSTRUCTIONS)
def test_every_byte_is_the_number_that_as_inputs_makes_of_it(instructions):
    """A network that hands its input through, as nearly as weights can: relu of one pixel, times 1."""
    network = glassnet.Network((np.ones((1, 1), np.float32),), (np.zeros(1, np.float32),), "relu", "relu")
    images = np.arange(256, dtype=np.uint8).reshape(256, 1, 1)
    found = fused.FusedOutputs(network, instructions=instructions)(images)
    np.testing.assert_array_equal(found, glassnet.as_inputs(images))


@pytest.mark.parametrize("instructions", INSTRUCTIONS)
@pytest.mark.parametrize("shape", [(1, 1), (3, 5), (784, 16), (7, 1), (64, 1030)])
@pytest.mark.parametrize("density", [0.0, 0.2, 1.0])
def test_weighted_sums_are_those_of_the_equations_in_float64(instructions, shape, density, rng):
    weights, biases = rng.normal(size=shape[::-1]).astype(np.float32), rng.normal(size=shape[1])
    activations = np.where(rng.random(shape[0]) < density, rng.normal(size=shape[0]), 0.0)
    found = kernel.weighted_sums(np.ascontiguousarray(weights.T), activations, biases, instructions)
    np.testing.assert_allclose(found, weights.astype(np.float64) @ activations + biases, rtol=1e-13, atol=1e-13)


# ---------------------------------------------------------------- reading


@pytest.mark.parametrize("instructions", INSTRUCTIONS)
@given(problem=descents(), threads=st.integers(1, 3))
def test_outputs_are_those_of_feedforward(instructions, problem, threads):
    network, images, _, _, _ = problem
    exact = glassnet.feedforward(network.astype(np.float64), glassnet.as_inputs(images, dtype=np.float64)).outputs
    read = fused.FusedOutputs(network, threads=threads, instructions=instructions)
    np.testing.assert_allclose(read(images), exact, rtol=1e-5, atol=1e-6)
    inputs = glassnet.as_inputs(images)
    np.testing.assert_array_equal(read.reader.outputs_of_inputs(inputs, threads), read(images))


def test_outputs_of_many_digits(trained, digits):
    exact = glassnet.feedforward(trained, glassnet.as_inputs(digits.test_images)).outputs
    np.testing.assert_allclose(outputs_of(trained, digits.test_images), exact, atol=1e-5)
    for n in (1, 3, 47, 48, 49, 500):
        np.testing.assert_array_equal(
            outputs_of(trained, digits.test_images[:n]), outputs_of(trained, digits.test_images)[:n]
        )
    double = trained.astype(np.float64)
    np.testing.assert_allclose(outputs_of(double, digits.test_images[:2500]), exact[:2500], atol=1e-5)
    assert outputs_of(trained, digits.test_images[:0]).shape == (0, 10)


def test_many_callers_share_the_helpers(trained, digits):
    """Who finds the helpers taken works alone; nobody gets another's outputs."""
    read = fused.FusedOutputs(trained, threads=4)
    parts = [digits.test_images[1500 * start :][: 1500 + 100 * start] for start in range(6)]
    exact = [fused.FusedOutputs(trained, threads=1)(part) for part in parts]
    with ThreadPoolExecutor(len(parts)) as callers:
        for _ in range(30):
            for found, wanted in zip(callers.map(read, parts), exact, strict=True):
                np.testing.assert_array_equal(found, wanted)


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there are no forks on this system")
def test_a_forked_process_gets_helpers_of_its_own():
    code = (
        "import os, sys, numpy as np, glassnet\n"
        "from glassnet.engines.fused import FusedOutputs\n"
        "network = glassnet.Network.random((784, 16, 10), rng=np.random.default_rng(0))\n"
        "images = np.random.default_rng(1).integers(0, 256, (5000, 28, 28), dtype=np.uint8)\n"
        "read = FusedOutputs(network, threads=2)\n"
        "before = read(images)\n"
        "child = os.fork()\n"
        "assert (read(images) == before).all()\n"
        "sys.exit(os.waitpid(child, 0)[1] if child else 0)"
    )
    subprocess.run([sys.executable, "-W", "ignore", "-c", code], check=True, timeout=600)


# ---------------------------------------------------------------- choosing, and living beside others


def test_which_engine_is_chosen(trained, few_digits, monkeypatch):
    images, labels = few_digits.train_images, few_digits.train_labels
    settings = Settings()
    double = trained.astype(np.float64)
    assert choose("auto", images, labels, start(trained, settings)).name == "fused"
    assert choose("reference", images, labels, start(trained, settings)).name == "reference"
    assert choose("auto", images, labels, start(double, settings)).name == "reference"
    with pytest.raises(SettingError, match="because it computes in float32"):
        choose("fused", images, labels, start(double, settings))
    with pytest.raises(SettingError, match="there is no engine 'abacus'"):
        engine_for("abacus", trained)
    monkeypatch.setattr(fused, "kernel", None)
    with pytest.raises(SettingError, match="because this build of glassnet has no compiled kernel"):
        choose("fused", images, labels, start(trained, settings))


def test_a_build_without_the_kernel_works_and_says_so_once(few_digits_folder, tmp_path):
    code = (
        "import sys; sys.modules['glassnet.engines._kernel'] = None; sys.argv[0] = 'glassnet'\n"
        "from glassnet.__main__ import main; main()"
    )
    command = [sys.executable, "-c", code, "train", "--epochs", "2", "--data", few_digits_folder, "--json"]
    result = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert result.stderr.count("without its compiled kernel") == 1
    assert result.stderr.startswith("note: ")
    assert '"engine": "reference"' in result.stdout


def test_others_may_run_meanwhile(digits):
    """The interpreter is free while the kernel works, so that several networks can learn at once."""
    network = glassnet.Network.random((784, 100, 10), rng=np.random.default_rng(0))
    settings = Settings(mini_batch_size=10, learning_rate=0.1)
    engine = fused.FusedEngine(digits.train_images, digits.train_labels, network, threads=1)
    order = np.tile(np.arange(60_000), 5)
    done = threading.Event()

    def learn():
        after(engine, network, settings, order)
        done.set()

    thread = threading.Thread(target=learn)
    began, ticks = time.monotonic(), 0
    thread.start()
    while not done.is_set():
        ticks += 1
        time.sleep(0.001)
    thread.join()
    assert time.monotonic() - began > 0.1, "too short a run to tell"
    assert ticks > 20


def test_one_run_is_not_descended_from_two_threads_at_once(digits):
    network = glassnet.Network.random((784, 100, 10), rng=np.random.default_rng(0))
    run = fused.started(start(network, Settings()), Settings())
    held = kernel.Digits(digits.train_images, digits.train_labels)
    order, rates = np.tile(np.arange(60_000), 4), np.full(24_000, 0.1, np.float32)
    began, refused = threading.Event(), []

    def learn():
        began.set()
        run.descend(held, order, 10, rates)

    thread = threading.Thread(target=learn)
    thread.start()
    began.wait()
    while thread.is_alive() and not refused:
        try:
            run.descend(held, order[:10], 10, rates[:1])
        except ValueError as error:
            refused.append(str(error))
        time.sleep(0.001)
    thread.join()
    assert refused == ["this run is descending in another thread already."]


def test_tiny_numbers_do_not_slow_it_down(few_digits):
    """Weights so small that their products leave float32's normal range."""
    network = glassnet.Network.random((784, 64, 10), rng=np.random.default_rng(0), activation="relu")
    tiny = network.with_parameters(
        tuple((w * 1e-30).astype(np.float32) for w in network.weights), tuple(b * 0 for b in network.biases)
    )
    order, settings = np.tile(np.arange(1000), 20), Settings(mini_batch_size=100, learning_rate=1e-12)
    seconds = {}
    for name, start_network in (("plain", network), ("tiny", tiny)):
        engine = fused.FusedEngine(few_digits.train_images, few_digits.train_labels, start_network, threads=1)
        times = []
        for _ in range(5):
            began = time.process_time()
            after(engine, start_network, settings, order)
            times.append(time.process_time() - began)
        seconds[name] = min(times)
    assert seconds["tiny"] < 3 * seconds["plain"]  # without flushing it is 10 to 100 times


@pytest.mark.parametrize(("work", "threads"), [(0, 1), (1_999_999, 1), (3_999_999, 1), (4e6, 2), (7.9e6, 3), (1e9, 4)])
def test_two_million_multiplications_are_worth_a_thread(monkeypatch, work, threads):
    monkeypatch.setattr(fused, "n_processors", lambda: 4)
    assert fused.threads_for(work) == threads


def test_the_work_of_a_mini_batch_is_counted(monkeypatch):
    """Twice for every weight that ink meets, three times for each of the other layers; of dense images all is ink."""
    counted = []
    monkeypatch.setattr(fused, "threads_for", lambda work: counted.append(int(work)) or 1)
    images, labels = np.zeros((20, 6, 7), dtype=np.uint8), np.zeros(20, dtype=np.uint8)
    images[:, 2, :5] = 9
    for image, inked in ((images, 8), (images + 1, 42)):  # five marks are kept as eight
        network = glassnet.Network.random((42, 8, 5, 3), rng=np.random.default_rng(0))
        after(fused.FusedEngine(image, labels, network), network, Settings(mini_batch_size=20), np.arange(20))
        assert counted.pop(0) == 20 * (2 * inked * 8 + 3 * (8 * 5 + 5 * 3))
    fused.FusedOutputs(network)(images)
    assert counted == [20 * (0.2 * 42 * 8 + 8 * 5 + 5 * 3)]


def test_more_threads_than_processors_sleep_meanwhile(few_digits):
    """Who waits for a member that has no processor leaves its own to it, and takes nearly no time of one."""
    threads, n_steps = 8 * n_processors(), 100
    images, labels = few_digits.train_images[:, :7, :7], few_digits.train_labels
    network = glassnet.Network.random((49, 100, 100, 10), rng=np.random.default_rng(0))
    engine = fused.FusedEngine(images, labels, network, threads=threads)
    times = []
    for _ in range(5):
        began = time.process_time()
        after(engine, network, Settings(mini_batch_size=10, learning_rate=0.1), np.arange(1000))
        times.append(time.process_time() - began)
    assert min(times) < 100e-6 * threads * n_steps  # some 25; while they kept looking it was 900


# ---------------------------------------------------------------- whatever Python may hand over


def whole():
    images = np.zeros((6, 3, 4), np.uint8)
    images[:, 1, 2] = 200
    labels = np.arange(6, dtype=np.uint8) % 3
    arrays = [np.ones((5, 12), np.float32), np.ones((3, 5), np.float32), np.ones(5, np.float32), np.ones(3, np.float32)]
    return images, labels, arrays


def new_run(**changes):
    _, _, arrays = whole()
    options = {
        "sizes": [12, 5, 3],
        "hidden": "sigmoid",
        "output": "sigmoid",
        "cost": "quadratic",
        "optimizer": "sgd",
        "network": arrays,
    }
    return kernel.Run(**options | changes)


def steps(run, **changes):
    images, labels, _ = whole()
    options = {"order": np.arange(6), "mini_batch_size": 2, "rates": np.ones(3, np.float32)} | changes
    return run.descend(options.pop("digits", None) or kernel.Digits(images, labels), **options)


def unaligned(array):
    """The same numbers, one byte off from where a processor reads them at once."""
    moved = np.frombuffer(b"x" + array.tobytes(), dtype=array.dtype, offset=1).reshape(array.shape)
    assert not moved.flags.aligned
    return moved


def refused_knobs(**moved):
    n, fine = 2, (56, 56)
    arrays = {"sources": np.zeros((1, *fine), np.uint8), "which": np.zeros(n, np.int64)}
    arrays |= {"knobs": np.ones((n, len(knobs.NAMES)), np.float32), "fields": np.zeros((n, 2, 8, 8), np.float32)}
    return kernel.deformed(**arrays | {name: unaligned(arrays[name]) for name in moved})


def test_arrays_that_begin_anywhere_in_memory_are_taken_as_they_are(rng):
    """As `numpy.frombuffer` has them: over a part of a file, or of a message."""
    network = glassnet.Network.random((12, 5, 3), rng=rng)
    moved = network.with_parameters(tuple(map(unaligned, network.weights)), tuple(map(unaligned, network.biases)))
    images, labels, _ = whole()
    settings, order = Settings(mini_batch_size=2), np.arange(6)
    results = []
    for one, places in ((network, order), (moved, unaligned(order))):
        engine = fused.FusedEngine(images, labels, one)
        after, costs = engine.descend(start(one, settings), places, settings, 3)
        results.append([*after.network.weights, *after.network.biases, costs, outputs_of(one, images)])
    for array, same in zip(*results, strict=True):
        np.testing.assert_array_equal(array, same)
    which, fields = np.zeros(2, np.int64), np.zeros((2, 2, 8, 8), np.float32)
    drawn = knobs.draw(2, knobs.MILD, rng)
    sources = np.zeros((1, 56, 56), np.uint8)
    sources[:, 20:36, 24:32] = 255
    arrays = [deformed(sources, move(which), move(drawn), move(fields)) for move in (np.asarray, unaligned)]
    np.testing.assert_array_equal(*arrays)


def test_what_the_kernel_takes():
    costs = steps(new_run())
    assert costs.shape == (6,)
    read_only = [a.copy() for a in whole()[2]]
    for array in read_only:
        array.flags.writeable = False
    np.testing.assert_array_equal(steps(new_run(network=read_only)), costs)


def sums(rows=None, activations=None, biases=None, instructions=None):
    return kernel.weighted_sums(
        np.zeros((3, 2), np.float32) if rows is None else rows,
        np.zeros(3) if activations is None else activations,
        np.zeros(2) if biases is None else biases,
        instructions,
    )


REFUSED = {
    "no layers": lambda: new_run(sizes=[12]),
    "a negative size": lambda: new_run(sizes=[12, -5, 3]),
    "a size of 0": lambda: new_run(sizes=[12, 0, 3]),
    "a huge size": lambda: new_run(sizes=[12, 2**40, 3]),
    "sizes of text": lambda: new_run(sizes=["12", "5", "3"]),
    "too few arrays": lambda: new_run(network=whole()[2][:3]),
    "arrays in another order": lambda: new_run(network=whole()[2][::-1]),
    "float64": lambda: new_run(network=[a.astype(np.float64) for a in whole()[2]]),
    "strides": lambda: new_run(network=[np.ones((5, 24), np.float32)[:, ::2], *whole()[2][1:]]),
    "Fortran's order": lambda: new_run(network=[np.asfortranarray(whole()[2][0]), *whole()[2][1:]]),
    "None": lambda: new_run(network=None),
    "an activation": lambda: new_run(hidden="step"),
    "softmax inside": lambda: new_run(hidden="softmax"),
    "a cost": lambda: new_run(cost="none"),
    "cross-entropy of tanh": lambda: new_run(output="tanh", cost="cross-entropy"),
    "an optimizer": lambda: new_run(optimizer="none"),
    "no moments": lambda: new_run(optimizer="momentum"),
    "moments of another shape": lambda: new_run(optimizer="momentum", first_moment=whole()[2][::-1]),
    "a mini-batch of 0": lambda: steps(new_run(), mini_batch_size=0),
    "a negative mini-batch": lambda: steps(new_run(), mini_batch_size=-2),
    "too few rates": lambda: steps(new_run(), rates=np.ones(2, np.float32)),
    "rates of float64": lambda: steps(new_run(), rates=np.ones(3)),
    "an example that is not there": lambda: steps(new_run(), order=np.arange(1, 7)),
    "a negative example": lambda: steps(new_run(), order=np.arange(-1, 5)),
    "a huge example": lambda: steps(new_run(), order=np.full(6, 2**62)),
    "an order of int32": lambda: steps(new_run(), order=np.arange(6, dtype=np.int32)),
    "a table for an order": lambda: steps(new_run(), order=np.zeros((2, 3), np.int64)),
    "no threads": lambda: steps(new_run(), threads=0),
    "too many threads": lambda: steps(new_run(), threads=100_000),
    "negative steps": lambda: steps(new_run(), n_steps_before=-1),
    "other images": lambda: steps(new_run(), digits=kernel.Digits(np.zeros((6, 3, 3), np.uint8), whole()[1])),
    "unknown parameters": lambda: new_run().arrays("secrets"),
    "images of float": lambda: kernel.Digits(np.zeros((6, 3, 4)), whole()[1]),
    "images in a row": lambda: kernel.Digits(np.zeros(6, np.uint8), whole()[1]),
    "no images": lambda: kernel.Digits(np.zeros((0, 3, 4), np.uint8), whole()[1][:0]),
    "images without pixels": lambda: kernel.Digits(np.zeros((6, 0, 4), np.uint8), whole()[1]),
    "too large images": lambda: kernel.Digits(np.zeros((6, 300, 300), np.uint8), whole()[1]),
    "labels of int64": lambda: kernel.Digits(whole()[0], np.arange(6)),
    "too few labels": lambda: kernel.Digits(whole()[0], whole()[1][:5]),
    "turned images": lambda: kernel.Digits(whole()[0].transpose(0, 2, 1), whole()[1]),
    "an instruction set": lambda: kernel.Digits(whole()[0], whole()[1], "mmx"),
    "too few pixels to read": lambda: kernel.Reader([12, 5, 3], "relu", "relu", whole()[2]).outputs(
        np.zeros((2, 11), np.uint8)
    ),
    "a single axis to read": lambda: kernel.Reader([12, 5, 3], "relu", "relu", whole()[2]).outputs(
        np.zeros(12, np.uint8)
    ),
    "inputs of another width": lambda: kernel.Reader([12, 5, 3], "relu", "relu", whole()[2]).outputs_of_inputs(
        np.zeros((2, 13), np.float32)
    ),
    "unaligned weights": lambda: new_run(network=[unaligned(whole()[2][0]), *whole()[2][1:]]),
    "unaligned biases": lambda: new_run(network=[*whole()[2][:3], unaligned(whole()[2][3])]),
    "an unaligned order": lambda: steps(new_run(), order=unaligned(np.arange(6))),
    "unaligned rates": lambda: steps(new_run(), rates=unaligned(np.ones(3, np.float32))),
    "unaligned inputs": lambda: kernel.Reader([12, 5, 3], "relu", "relu", whole()[2]).outputs_of_inputs(
        unaligned(np.zeros((2, 12), np.float32))
    ),
    "unaligned places": lambda: refused_knobs(which=1),
    "unaligned knobs": lambda: refused_knobs(knobs=1),
    "unaligned fields": lambda: refused_knobs(fields=1),
    "unaligned z": lambda: kernel.applied("tanh", unaligned(np.zeros(2, np.float32))),
    "z of two axes": lambda: kernel.applied("tanh", np.zeros((2, 2), np.float32)),
    "sums of other rows": lambda: sums(rows=np.zeros((3, 4), np.float32)),
    "sums of rows of one axis": lambda: sums(rows=np.zeros(3, np.float32)),
    "sums with other biases": lambda: sums(biases=np.zeros(4)),
    "sums in float32": lambda: sums(activations=np.zeros(3, np.float32)),
    "sums of rows in float64": lambda: sums(rows=np.zeros((3, 2))),
    "sums of rows by column": lambda: sums(rows=np.zeros((2, 3), np.float32).T),
    "unaligned rows": lambda: sums(rows=unaligned(np.zeros((3, 2), np.float32))),
    "unaligned activations": lambda: sums(activations=unaligned(np.zeros(3))),
    "unaligned sums' biases": lambda: sums(biases=unaligned(np.zeros(2))),
    "sums by no instructions": lambda: sums(instructions="mmx"),
    "softmax alone": lambda: kernel.applied("softmax", np.zeros(2, np.float32)),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_the_kernel_refuses(name):
    with pytest.raises((ValueError, TypeError)):
        REFUSED[name]()


@pytest.mark.parametrize("amount", [np.nan, np.inf, -np.inf, 3e38])
def test_numbers_that_are_no_numbers_do_not_crash_it(amount):
    arrays = [a.copy() for a in whole()[2]]
    arrays[1][0, 0] = amount
    for output, cost in (("sigmoid", "quadratic"), ("softmax", "cross-entropy"), ("sigmoid", "cross-entropy")):
        costs = steps(new_run(network=arrays, output=output, cost=cost), rates=np.array([1, amount, 1], np.float32))
        assert costs.shape == (6,)
    assert steps(new_run(), order=np.zeros(0, np.int64), rates=np.zeros(0, np.float32)).shape == (0,)
