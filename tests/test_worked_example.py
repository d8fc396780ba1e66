"""One step of a 3-2-1 network worked out with nothing but a pocket calculator's functions, to 1e-12."""

from math import exp

import numpy as np
import pytest

import glassnet
from glassnet.backpropagation import cost_of_examples
from glassnet.descent import step

# The network: three inputs, two hidden neurons, one output, all sigmoid.
#
#        to neuron 0: weights  0.5 -1.0  2.0, bias  0.1
#        to neuron 1: weights -1.5  0.25 1.0, bias -0.2
#        to the output: weights 1.0 -2.0, bias 0.3
#
# One example: the inputs 1, 0, 0.5; the output should be 1. Learning rate 2.
WEIGHTS = (np.array([[0.5, -1.0, 2.0], [-1.5, 0.25, 1.0]]), np.array([[1.0, -2.0]]))
BIASES = (np.array([0.1, -0.2]), np.array([0.3]))
INPUTS, WANTED, LEARNING_RATE = np.array([[1.0, 0.0, 0.5]]), np.array([[1.0]]), 2.0


def sigmoid(z):
    return 1 / (1 + exp(-z))


# forward
Z0 = 0.5 * 1 + -1.0 * 0 + 2.0 * 0.5 + 0.1  # = 1.6
Z1 = -1.5 * 1 + 0.25 * 0 + 1.0 * 0.5 - 0.2  # = -1.2
A0, A1 = sigmoid(Z0), sigmoid(Z1)
Z = 1.0 * A0 - 2.0 * A1 + 0.3
A = sigmoid(Z)
# backward: dC/da = 2 (a - 1), dC/dz = dC/da * a (1 - a)
DELTA = 2 * (A - 1) * A * (1 - A)
DELTA0, DELTA1 = 1.0 * DELTA * A0 * (1 - A0), -2.0 * DELTA * A1 * (1 - A1)


@pytest.fixture
def network():
    return glassnet.Network(WEIGHTS, BIASES)


@pytest.fixture
def trace(network):
    return glassnet.feedforward(network, INPUTS)


def assert_close(actual, expected):
    np.testing.assert_allclose(actual, expected, rtol=0, atol=1e-12)


def test_the_way_forward(trace):
    assert_close(trace.zs[0], [[1.6, -1.2]])
    assert_close(trace.activations[0], [[1.0, 0.0, 0.5]])
    assert_close(trace.activations[1], [[0.832018385133924, 0.231475216500982]])
    assert_close(trace.zs[1], [[Z]])
    assert_close(trace.outputs, [[A]])


def test_the_cost(network, trace):
    assert_close(cost_of_examples(network, trace, WANTED), [(A - 1) ** 2])


def test_the_way_back(network, trace):
    gradients = glassnet.backprop(network, trace, WANTED)
    assert_close(gradients.biases[1], [DELTA])
    assert_close(gradients.weights[1], [[DELTA * A0, DELTA * A1]])
    assert_close(gradients.biases[0], [DELTA0, DELTA1])
    # the second input is 0: its weights get no nudge
    assert_close(gradients.weights[0], [[DELTA0 * 1, 0.0, DELTA0 * 0.5], [DELTA1 * 1, 0.0, DELTA1 * 0.5]])


def test_the_step(network, trace):
    stepped = step(network, glassnet.backprop(network, trace, WANTED), LEARNING_RATE)
    assert_close(stepped.biases[1], [0.3 - 2 * DELTA])
    assert_close(stepped.weights[1], [[1.0 - 2 * DELTA * A0, -2.0 - 2 * DELTA * A1]])
    assert_close(stepped.biases[0], [0.1 - 2 * DELTA0, -0.2 - 2 * DELTA1])
    assert_close(stepped.weights[0], [[0.5 - 2 * DELTA0, -1.0, 2 - DELTA0], [-1.5 - 2 * DELTA1, 0.25, 1 - DELTA1]])
    assert glassnet.feedforward(stepped, INPUTS).outputs[0, 0] > A, "the output did not move towards 1"
    assert_close(network.weights[0], WEIGHTS[0])
    assert_close(WEIGHTS[0][0], [0.5, -1.0, 2.0])
