"""Backpropagation against measured slopes, and the checker against planted faults."""

import inspect
from dataclasses import replace

import array_api_strict
import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import glassnet
from glassnet import activation, backpropagation, cost
from glassnet.backpropagation import cost_of_examples, deltas
from glassnet.gradient_check import check_gradients, random_direction
from strategies import KINDS, away_from_kinks, problems

TOLERANCE = 1e-6
"""What rounding and curvature leave; a fault of 0.1 % leaves a thousand times as much."""


@given(problems())
def test_gradients_equal_measured_slopes(problem):
    network, inputs, wanted, rng = problem
    assume(away_from_kinks(network, glassnet.feedforward(network, inputs).zs))
    check = check_gradients(network, inputs, wanted, random_direction(network, rng), nudge=1e-4)
    assume(abs(check.measured) > 1e-6)  # a slope of nothing has no relative error
    assert check.relative_difference < TOLERANCE


@pytest.mark.parametrize(("hidden", "output", "cost_name"), KINDS)
def test_every_kind_of_network_is_checked(hidden, output, cost_name, rng):
    network = glassnet.Network.random(
        (4, 5, 3, 2), rng=rng, activation=hidden, output_activation=output, cost=cost_name, dtype=np.float64
    )
    network = network.with_parameters(network.weights, (*network.biases[:-1], np.ones(2)))  # no relu output is dead
    inputs, wanted = rng.uniform(0, 1, (3, 4)), rng.uniform(0, 1, (3, 2))
    checks = [
        check_gradients(network, inputs, wanted, random_direction(network, rng), nudge=nudge)
        for nudge in (1e-3, 1e-4, 1e-5)
    ]
    assert min(check.relative_difference for check in checks) < TOLERANCE
    assert all(check.predicted for check in checks)


def with_line_changed(function, old, new):
    """Return a function of this library with one piece of its source replaced."""
    source = inspect.getsource(function)
    assert source.count(old) == 1, f"{function.__name__} no longer has the line {old!r} once"
    names = dict(function.__globals__)
    exec(source.replace(old, new), names)
    return names[function.__name__]


FAULTS = {
    "error of the last layer": (backpropagation.output_error, "return ACTIVATIONS", "return 1.001 * ACTIVATIONS"),
    "error of an earlier layer": (backpropagation.propagated_back, "delta @ network", "1.001 * delta @ network"),
    "gradient of the weights": (backpropagation.backprop, "tuple([d.T @ a", "tuple([1.001 * d.T @ a"),
    "gradient of the biases": (backpropagation.backprop, "tuple([sum_over", "tuple([1.001 * sum_over"),
    "derivative of the cost": (cost.quadratic_derivative, "return 2 *", "return 2.002 *"),
    "slope of the sigmoid": (activation.sigmoid_slope, "return a *", "return 1.001 * a *"),
    "slope of tanh": (activation.tanh_slope, "return 1 -", "return 1.001 -"),
    "slope of relu": (activation.relu_slope, "return", "return 1.001 *"),
    "slopes of softmax": (activation.softmax_pull_back, "(gradient -", "(1.001 * gradient -"),
    "error of the binary cross-entropy": (cost.binary_cross_entropy_error, "return a", "return 1.001 * a"),
    "error of the categorical cross-entropy": (cost.categorical_cross_entropy_error, "return a", "return 1.001 * a"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_a_thousandth_is_found(fault, rng, monkeypatch):
    function, old, new = FAULTS[fault]
    faulty = with_line_changed(function, old, new)
    plant(monkeypatch, function, faulty)
    kind = {
        "slope of tanh": ("tanh", "sigmoid", "quadratic"),
        "slope of relu": ("relu", "sigmoid", "quadratic"),
        "slopes of softmax": ("sigmoid", "softmax", "quadratic"),
        "error of the binary cross-entropy": ("sigmoid", "sigmoid", "cross-entropy"),
        "error of the categorical cross-entropy": ("sigmoid", "softmax", "cross-entropy"),
    }.get(fault, ("sigmoid", "sigmoid", "quadratic"))
    network = glassnet.Network.random(
        (4, 5, 3), rng=rng, activation=kind[0], output_activation=kind[1], cost=kind[2], dtype=np.float64
    )
    inputs, wanted = rng.uniform(0, 1, (3, 4)), rng.uniform(0, 1, (3, 3))
    differences = [
        check_gradients(
            network, inputs, wanted, random_direction(network, rng), backprop=backpropagation.backprop, nudge=1e-4
        ).relative_difference
        for _ in range(5)
    ]
    assert max(differences) > 20 * TOLERANCE


def plant(monkeypatch, function, faulty):
    """Put a faulty function in the place of the right one, wherever it is used."""
    for module in (backpropagation, cost, activation):
        if getattr(module, function.__name__, None) is function:
            monkeypatch.setattr(module, function.__name__, faulty)
    for name, kind in activation.ACTIVATIONS.items():
        if kind.slope is function:
            monkeypatch.setitem(activation.ACTIVATIONS, name, replace(kind, slope=faulty))
    faulty_costs = {
        name: replace(kind, error=faulty) for name, kind in cost.CROSS_ENTROPIES.items() if kind.error is function
    }
    for name, kind in faulty_costs.items():
        monkeypatch.setitem(cost.CROSS_ENTROPIES, name, kind)
    if cost.QUADRATIC.derivative is function:
        monkeypatch.setattr(cost, "QUADRATIC", replace(cost.QUADRATIC, derivative=faulty))


def test_a_backprop_of_zeros_is_found(rng):
    network = glassnet.Network.random((3, 2), rng=rng, dtype=np.float64)

    def nothing(network, trace, wanted):
        return glassnet.Gradients(
            tuple(np.zeros_like(w) for w in network.weights), tuple(np.zeros_like(b) for b in network.biases)
        )

    inputs, wanted = rng.uniform(0, 1, (3, 3)), rng.uniform(0, 1, (3, 2))
    check = check_gradients(network, inputs, wanted, random_direction(network, rng), backprop=nothing)
    assert check.relative_difference == 1


def test_the_checker_refuses_float32(rng):
    network = glassnet.Network.random((3, 2), rng=rng)
    with pytest.raises(glassnet.GlassnetError, match="float64"):
        check_gradients(network, np.ones((1, 3)), np.ones((1, 2)), random_direction(network, rng))


@given(problems())
def test_gradients_are_the_mean_of_each_examples_own(problem):
    network, inputs, wanted, _ = problem
    trace = glassnet.feedforward(network, inputs)
    mean = glassnet.backprop(network, trace, wanted)
    own = glassnet.backprop(network, trace, wanted, per_example=True)
    for part in ("weights", "biases"):
        for m, o in zip(getattr(mean, part), getattr(own, part), strict=True):
            assert o.shape == (len(inputs), *m.shape)
            np.testing.assert_allclose(o.mean(axis=0), m, rtol=1e-10, atol=1e-13)


@given(problems(), st.data())
def test_each_examples_own_gradients_are_those_of_it_alone(problem, data):
    network, inputs, wanted, _ = problem
    i = data.draw(st.integers(0, len(inputs) - 1))
    own = glassnet.backprop(network, glassnet.feedforward(network, inputs), wanted, per_example=True)
    alone = glassnet.backprop(network, glassnet.feedforward(network, inputs[i : i + 1]), wanted[i : i + 1])
    for o, a in zip((*own.weights, *own.biases), (*alone.weights, *alone.biases), strict=True):
        np.testing.assert_allclose(o[i], a, rtol=1e-10, atol=1e-13)


def test_errors_are_how_the_cost_changes_with_each_weighted_input(rng):
    network = glassnet.Network.random((4, 3, 2), rng=rng, dtype=np.float64)
    inputs, wanted = rng.uniform(0, 1, (2, 4)), rng.uniform(0, 1, (2, 2))
    errors = deltas(network, glassnet.feedforward(network, inputs), wanted)
    for layer, error in enumerate(errors):
        for j in range(error.shape[1]):
            # a bias moves its neuron's z one to one, for every example
            costs = []
            for nudge in (1e-5, -1e-5):
                biases = [b.copy() for b in network.biases]
                biases[layer][j] += nudge
                moved = network.with_parameters(network.weights, tuple(biases))
                costs.append(cost_of_examples(moved, glassnet.feedforward(moved, inputs), wanted))
            np.testing.assert_allclose((costs[0] - costs[1]) / 2e-5, error[:, j], rtol=1e-6, atol=1e-10)


@pytest.mark.parametrize("kind", KINDS)
def test_the_equations_run_on_any_array_library(kind, rng):
    """array-api-strict has nothing but what the standard says: what runs on it runs on all."""
    xp = array_api_strict
    network = glassnet.Network.random(
        (4, 3, 2), rng=rng, activation=kind[0], output_activation=kind[1], cost=kind[2], dtype=np.float64
    )
    inputs, wanted = rng.uniform(0, 1, (5, 4)), rng.uniform(0, 1, (5, 2))
    strict = network.with_parameters(
        tuple(xp.asarray(w) for w in network.weights), tuple(xp.asarray(b) for b in network.biases)
    )
    trace = glassnet.feedforward(network, inputs)
    strict_trace = glassnet.feedforward(strict, xp.asarray(inputs))
    gradients = glassnet.backprop(network, trace, wanted)
    strict_gradients = glassnet.backprop(strict, strict_trace, xp.asarray(wanted))
    assert type(strict_gradients.weights[0]) is type(xp.asarray(wanted))
    pairs = [
        (strict_trace.outputs, trace.outputs),
        (
            cost_of_examples(strict, strict_trace, xp.asarray(wanted)),
            cost_of_examples(network, trace, wanted),
        ),
        *zip(
            (*strict_gradients.weights, *strict_gradients.biases), (*gradients.weights, *gradients.biases), strict=True
        ),
    ]
    for ours, numpys in pairs:
        np.testing.assert_allclose(np.asarray(ours), numpys, rtol=1e-12, atol=1e-15)


def test_float32_stays_float32(rng):
    for kind in KINDS:
        network = glassnet.Network.random(
            (4, 3, 2), rng=rng, activation=kind[0], output_activation=kind[1], cost=kind[2]
        )
        inputs = rng.uniform(0, 1, (5, 4)).astype(np.float32)
        trace = glassnet.feedforward(network, inputs)
        gradients = glassnet.backprop(network, trace, np.ones((5, 2), np.float32))
        arrays = (*trace.zs, *trace.activations, *gradients.weights, *gradients.biases)
        assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_wanted_outputs_of_another_shape_are_refused(rng):
    network = glassnet.Network.random((4, 2), rng=rng)
    trace = glassnet.feedforward(network, np.ones((3, 4)))
    for shape in ((3, 3), (2, 2), (3,)):
        with pytest.raises(glassnet.GlassnetError, match=r"must have the shape of the outputs, \(3, 2\)"):
            glassnet.backprop(network, trace, np.ones(shape))
