import math

import numpy as np
import pytest

import glassnet
from glassnet import Network, Settings
from glassnet.backpropagation import Gradients
from glassnet.descent import advance, l2_cost, mini_batches, start, step, with_l2
from glassnet.settings import learning_rate_at


@pytest.fixture
def network():
    return Network((np.array([[1.0, -2.0]]),), (np.array([0.5]),))


SLOPES = [(0.3, -0.1, 0.2), (-0.5, 0.4, 0.0), (0.2, 0.2, -0.7)]
"""Three gradients: of the first weight, the second, the bias."""


def gradients(slope):
    return Gradients((np.array([[slope[0], slope[1]]]),), (np.array([slope[2]]),))


def parameters(network):
    return [*network.weights[0][0].tolist(), *network.biases[0].tolist()]


def descended(network, settings, learning_rate=0.1):
    descent = start(network, settings)
    for slope in SLOPES:
        descent = advance(descent, gradients(slope), learning_rate, settings)
    return descent


def test_plain_steps(network):
    expected = [1.0, -2.0, 0.5]
    for slope in SLOPES:
        expected = [p - 0.1 * g for p, g in zip(expected, slope, strict=True)]
    assert parameters(descended(network, Settings()).network) == pytest.approx(expected, abs=1e-15)
    assert parameters(step(network, gradients(SLOPES[0]), 0.1)) == pytest.approx([0.97, -1.99, 0.48], abs=1e-15)
    assert parameters(network) == [1.0, -2.0, 0.5], "the network that was stepped from has changed"


def test_momentum(network):
    expected, velocity = [1.0, -2.0, 0.5], [0.0, 0.0, 0.0]
    for slope in SLOPES:
        velocity = [0.9 * v + g for v, g in zip(velocity, slope, strict=True)]
        expected = [p - 0.1 * v for p, v in zip(expected, velocity, strict=True)]
    assert parameters(descended(network, Settings(momentum=0.9)).network) == pytest.approx(expected, abs=1e-15)


def test_adamw(network):
    """Loshchilov and Hutter's algorithm 2, one number at a time."""
    expected, m, s = [1.0, -2.0, 0.5], [0.0] * 3, [0.0] * 3
    for t, slope in enumerate(SLOPES, start=1):
        for i, g in enumerate(slope):
            m[i] = 0.9 * m[i] + 0.1 * g
            s[i] = 0.999 * s[i] + 0.001 * g**2
            step_ = (m[i] / (1 - 0.9**t)) / (math.sqrt(s[i] / (1 - 0.999**t)) + 1e-8)
            decay = 0.01 * expected[i] if i < 2 else 0.0  # the bias is not shrunk
            expected[i] -= 0.1 * (step_ + decay)
    settings = Settings(optimizer="adamw", weight_decay=0.01)
    assert parameters(descended(network, settings).network) == pytest.approx(expected, abs=1e-14)


def test_running_average(network):
    settings = Settings(average=0.2)
    expected, at = [1.0, -2.0, 0.5], [1.0, -2.0, 0.5]
    for n, slope in enumerate(SLOPES):
        at = [p - 0.1 * g for p, g in zip(at, slope, strict=True)]
        kept = min(0.2, (1 + n) / (10 + n))
        expected = [kept * e + (1 - kept) * p for e, p in zip(expected, at, strict=True)]
    descent = descended(network, settings)
    assert parameters(descent.average) == pytest.approx(expected, abs=1e-15)
    assert descent.result is descent.average
    assert parameters(descent.network) == pytest.approx(at, abs=1e-15)


def test_float32_parameters_stay_float32(network):
    narrow = network.astype(np.float32)
    slopes = [Gradients((np.ones((1, 2), np.float32),), (np.ones(1, np.float32),))] * 2
    for settings in (
        Settings(average=0.9),
        Settings(momentum=0.5, l2=0.1),
        Settings(optimizer="adamw", weight_decay=0.1),
    ):
        descent = start(narrow, settings)
        for slope in slopes:
            descent = advance(descent, with_l2(slope, narrow, 0.1, 10), 0.1, settings)
        moments = [array for moment in descent.moments for array in (*moment.weights, *moment.biases)]
        arrays = [*descent.result.weights, *descent.network.biases, *moments]
        assert {array.dtype for array in arrays} == {np.dtype(np.float32)}


def test_l2_adds_the_slope_of_what_it_adds_to_the_cost(rng):
    network = Network.random((3, 2, 1), rng=rng, dtype=np.float64)
    nothing = Gradients(tuple(map(np.zeros_like, network.weights)), tuple(map(np.zeros_like, network.biases)))
    slopes = with_l2(nothing, network, 0.7, 50)
    for layer, w in enumerate(network.weights):
        for place in np.ndindex(w.shape):
            costs = []
            for nudge in (1e-5, -1e-5):
                moved = [x.copy() for x in network.weights]
                moved[layer][place] += nudge
                costs.append(l2_cost(network.with_parameters(tuple(moved), network.biases), 0.7, 50))
            assert (costs[0] - costs[1]) / 2e-5 == pytest.approx(slopes.weights[layer][place], rel=1e-6)
    assert not any(b.any() for b in slopes.biases)
    assert l2_cost(network, 0.7, 50) == pytest.approx(0.7 / 50 * sum((w**2).sum() for w in network.weights))
    one_layer = Network((np.full((2, 3), 0.5),), (np.zeros(2),))
    assert l2_cost(one_layer, 0.7, 50) == pytest.approx(0.7 / 50 * 6 * 0.25)


def test_mini_batches_are_every_example_once_in_order():
    order = np.array([4, 2, 0, 3, 1])
    assert [batch.tolist() for batch in mini_batches(order, 2)] == [[4, 2], [0, 3], [1]]
    assert [batch.tolist() for batch in mini_batches(order, 9)] == [[4, 2, 0, 3, 1]]


def test_schedules():
    def rates(schedule):
        return [learning_rate_at(Settings(learning_rate=2.0, schedule=schedule), n, 8) for n in range(8)]

    assert rates("constant") == [2.0] * 8
    assert rates("step") == pytest.approx([2.0] * 4 + [0.2] * 2 + [0.02] * 2)
    assert rates("cosine") == pytest.approx([1 + math.cos(math.pi * n / 8) for n in range(8)])


def test_one_mini_batch_of_everything_is_full_gradient_descent(few_digits, rng):
    network = Network.random((784, 5, 10), rng=rng, dtype=np.float64)
    *_, last = glassnet.train(network, few_digits, epochs=3, mini_batch_size=1000, learning_rate=0.5)
    inputs = glassnet.as_inputs(few_digits.train_images, dtype=np.float64)
    wanted = glassnet.one_hot(few_digits.train_labels, dtype=np.float64)
    for _ in range(3):
        gradient = glassnet.backprop(network, glassnet.feedforward(network, inputs), wanted)
        network = step(network, gradient, 0.5)
    for ours, expected in zip(last.network.weights, network.weights, strict=True):
        np.testing.assert_allclose(ours, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"epochs": 0}, "epochs must be a whole number from 1 to 1,000,000,000, not 0"),
        ({"epochs": 2.5}, "epochs must be a whole number"),
        ({"mini_batch_size": -1}, "mini_batch_size must be a whole number"),
        ({"mini_batch_size": 10**29}, "mini_batch_size must be a whole number from 1 to 1,000,000,000"),
        ({"mini_batch_size": True}, "mini_batch_size must be a whole number"),
        ({"learning_rate": 0}, "learning_rate must be above 0"),
        ({"learning_rate": float("nan")}, "learning_rate must be a number that is finite"),
        ({"learning_rate": "fast"}, "learning_rate must be a number"),
        ({"momentum": 1.0, "learning_rate": 1}, "momentum must be below 1"),
        ({"average": 1.5}, "average must be below 1"),
        ({"l2": -0.1}, "l2 must be a number that is finite and not negative"),
        ({"optimizer": "lion"}, "no optimizer 'lion'"),
        ({"schedule": "warm"}, "no schedule 'warm'"),
        ({"optimizer": "adamw", "momentum": 0.9}, "momentum belongs to the optimizer sgd"),
        ({"weight_decay": 0.1}, "weight_decay belongs to the optimizer adamw"),
    ],
)
def test_impossible_settings_are_refused(settings, sentence):
    with pytest.raises(glassnet.GlassnetError, match=sentence):
        Settings(**settings)


def test_the_learning_rate_that_is_taken_where_none_is_given():
    """Equal gradients take as long a way with momentum as without; AdamW's steps are of its own length."""
    assert Settings().learning_rate == 1
    assert Settings(momentum=0.9).learning_rate == pytest.approx(0.1)
    assert Settings(optimizer="adamw").learning_rate == 0.003
