import math

import numpy as np
import pytest

import glassnet
from glassnet.activation import ACTIVATIONS
from glassnet.backpropagation import cost_of_examples
from glassnet.cost import BINARY_CROSS_ENTROPY, CATEGORICAL_CROSS_ENTROPY, QUADRATIC, cost_named

COSTS = [("sigmoid", QUADRATIC), ("sigmoid", BINARY_CROSS_ENTROPY), ("softmax", CATEGORICAL_CROSS_ENTROPY)]


def test_the_quadratic_cost_of_the_videos_example():
    """A network sure of a 3 that should have said nothing of it: one term a square, no half."""
    a, y = np.array([[0.2, 0.9, 0.5]]), np.array([[0.0, 1.0, 0.0]])
    assert QUADRATIC.of_examples(a, a, y)[0] == pytest.approx(0.04 + 0.01 + 0.25, abs=1e-15)


def test_cross_entropies_from_the_definitions(rng):
    z, y = rng.normal(size=(4, 3)), rng.uniform(0, 1, (4, 3))
    a = ACTIVATIONS["sigmoid"].function(z)
    by_hand = [
        sum(-q * math.log(p) - (1 - q) * math.log(1 - p) for p, q in zip(ps, qs, strict=True))
        for ps, qs in zip(a, y, strict=True)
    ]
    np.testing.assert_allclose(BINARY_CROSS_ENTROPY.of_examples(z, a, y), by_hand, rtol=1e-12)
    a = ACTIVATIONS["softmax"].function(z)
    by_hand = [sum(-q * math.log(p) for p, q in zip(ps, qs, strict=True)) for ps, qs in zip(a, y, strict=True)]
    np.testing.assert_allclose(CATEGORICAL_CROSS_ENTROPY.of_examples(z, a, y), by_hand, rtol=1e-12)


@pytest.mark.parametrize(("output", "cost"), COSTS)
def test_derivatives_are_those_that_are_measured(output, cost, rng):
    z, y = rng.normal(size=(1, 3)), rng.uniform(0, 1, (1, 3))
    a = ACTIVATIONS[output].function(z)
    derivative = cost.derivative(a, y)
    for j in range(3):
        costs = []
        for nudge in (1e-6, -1e-6):
            moved = a.copy()
            moved[0, j] += nudge
            # these costs are computed from z; its value for an activation moved on its own is the log of it
            z_of = np.log(moved) - np.log1p(-moved) if output == "sigmoid" else np.log(moved)
            if cost is CATEGORICAL_CROSS_ENTROPY:
                costs.append(float(-(y * np.log(moved)).sum()))
            else:
                costs.append(cost.of_examples(z_of, moved, y)[0])
        assert (costs[0] - costs[1]) / 2e-6 == pytest.approx(derivative[0, j], rel=1e-6)


@pytest.mark.parametrize(("output", "cost"), COSTS[1:])
def test_closed_form_errors_are_the_chain_rule(output, cost, rng):
    z, y = rng.normal(size=(5, 3)), rng.uniform(0, 1, (5, 3))
    a = ACTIVATIONS[output].function(z)
    np.testing.assert_allclose(cost.error(a, y), ACTIVATIONS[output].pull_back(a, cost.derivative(a, y)), rtol=1e-10)


@pytest.mark.parametrize(("output", "cost"), COSTS)
def test_saturated_outputs_cost_a_finite_amount(output, cost):
    network = glassnet.Network((np.array([[900.0], [-900.0]]),), (np.zeros(2),), "sigmoid", output, cost.name)
    wanted = np.array([[0.0, 1.0]])
    trace = glassnet.feedforward(network, np.array([[1.0]]))
    assert 1 < cost_of_examples(network, trace, wanted)[0] < 2000
    assert np.isfinite(glassnet.backprop(network, trace, wanted).weights[0]).all()


def test_impossible_costs_are_refused():
    with pytest.raises(glassnet.GlassnetError, match="no cost 'hinge'"):
        cost_named("hinge", "sigmoid")
    with pytest.raises(glassnet.GlassnetError, match="those of tanh are not"):
        cost_named("cross-entropy", "tanh")
