import math

import numpy as np
import pytest

import glassnet
from glassnet.activation import ACTIVATIONS, activation_named, softmax

PLACES = np.linspace(-4, 4, 41)


def test_values_from_the_definitions():
    by_hand = {
        "sigmoid": lambda z: 1 / (1 + math.exp(-z)),
        "tanh": lambda z: (math.exp(z) - math.exp(-z)) / (math.exp(z) + math.exp(-z)),
        "relu": lambda z: z if z > 0 else 0.0,
    }
    for name, function in by_hand.items():
        np.testing.assert_allclose(ACTIVATIONS[name].function(PLACES), [function(z) for z in PLACES], atol=1e-15)
    shares = [math.exp(z) for z in (1.0, 2.0, -1.0)]
    np.testing.assert_allclose(softmax(np.array([[1.0, 2.0, -1.0]]))[0], np.array(shares) / sum(shares), atol=1e-15)


@pytest.mark.parametrize("name", ["sigmoid", "tanh", "relu"])
def test_slopes_are_those_that_are_measured(name):
    places = PLACES[np.abs(PLACES) > 1e-3]  # relu has none at 0
    activation = ACTIVATIONS[name]
    measured = (activation.function(places + 1e-6) - activation.function(places - 1e-6)) / 2e-6
    np.testing.assert_allclose(activation.slope(activation.function(places)), measured, atol=1e-9)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_extremes_neither_warn_nor_break(dtype):
    """Warnings are errors in these tests."""
    expected = {
        "sigmoid": [[1, 0], [0, 1]],
        "tanh": [[1, -1], [-1, 1]],
        "relu": [[1e5, 0], [0, 1e5]],
        "softmax": [[1, 0], [0, 1]],
    }
    assert set(expected) == set(ACTIVATIONS)
    for name in ACTIVATIONS:
        network = glassnet.Network(
            (np.array([[1e5], [-1e5]], dtype=dtype),), (np.zeros(2, dtype=dtype),), output_activation=name
        )
        outputs = glassnet.feedforward(network, np.array([[1.0], [-1.0]], dtype=dtype)).outputs
        assert outputs.tolist() == expected[name]


def test_a_sigmoid_keeps_its_digits_far_from_the_middle():
    assert ACTIVATIONS["sigmoid"].function(np.array([-40.0]))[0] == pytest.approx(math.exp(-40), rel=1e-12)


def test_unknown_names_are_refused():
    with pytest.raises(glassnet.GlassnetError, match="no activation 'swish'"):
        activation_named("swish", last_layer=True)
    with pytest.raises(glassnet.GlassnetError, match="no activation 'softmax' inside a network"):
        activation_named("softmax", last_layer=False)
