import dataclasses

import numpy as np
import pytest

import glassnet
from glassnet import Network


def test_the_videos_network_has_13002_parameters(rng):
    network = Network.random((784, 16, 16, 10), rng=rng)
    assert network.n_parameters == 13_002 == sum(p.size for p in (*network.weights, *network.biases))
    assert network.layer_sizes == (784, 16, 16, 10)
    assert network.dtype == np.float32


def test_start_values_are_spread_as_they_say(rng):
    scaled = Network.random((400, 300, 2), rng=rng)
    assert np.std(scaled.weights[0]) == pytest.approx(1 / 20, rel=0.02)
    assert np.std(scaled.weights[1]) == pytest.approx(1 / np.sqrt(300), rel=0.1)
    assert abs(np.mean(scaled.weights[0])) < 1e-3
    assert not scaled.biases[0].any()
    assert not scaled.biases[1].any()
    normal = Network.random((400, 300, 2), rng=rng, start="standard-normal")
    assert np.std(normal.weights[0]) == pytest.approx(1, rel=0.02)
    assert np.std(normal.biases[0]) == pytest.approx(1, rel=0.15)


def test_values_say_what_they_are_in_one_line(rng, digits):
    network = Network.random((784, 16, 10), rng=rng)
    assert repr(network) == "Network(784-16-10, sigmoid, sigmoid outputs, quadratic cost, float32)"
    trace = glassnet.feedforward(network, glassnet.as_inputs(digits.test_images[:3]))
    assert repr(trace) == "Trace(3 examples through 784-16-10)"
    gradients = glassnet.backprop(network, trace, glassnet.one_hot(digits.test_labels[:3]))
    assert repr(gradients) == "Gradients((16, 784), (10, 16))"
    assert repr(digits.hold_out(5)) == "Digits(MNIST: 59,995 to train on, 5 for validation, 10,000 to test)"


def test_the_same_seed_gives_the_same_network():
    first, second = (Network.random((5, 4), rng=np.random.default_rng(3)) for _ in range(2))
    np.testing.assert_array_equal(first.weights[0], second.weights[0])


def test_a_network_is_a_value(rng):
    network = Network.random((3, 2), rng=rng)
    with pytest.raises(dataclasses.FrozenInstanceError):
        network.cost = "cross-entropy"
    inputs = np.ones((1, 3), np.float32)
    glassnet.feedforward(network, inputs)
    assert inputs.tolist() == [[1, 1, 1]]


def test_astype_is_exact_towards_float64(rng):
    network = Network.random((3, 2), rng=rng)
    wider = network.astype(np.float64)
    assert wider.dtype == np.float64
    np.testing.assert_array_equal(wider.astype(np.float32).weights[0], network.weights[0])


def test_a_layer_of_neurons_has_the_arrays_that_lead_into_it(rng):
    network = Network.random((5, 4, 3, 2), rng=rng, start="standard-normal", dtype=np.float64)
    trace = glassnet.feedforward(network, rng.normal(size=(2, 5)))
    for layer, size in enumerate(network.layer_sizes[1:], start=1):
        weights, biases = network.weights_into(layer), network.biases_of(layer)
        assert weights.shape == (size, network.layer_sizes[layer - 1])
        assert trace.activations_before(layer) is trace.activations[layer - 1]
        np.testing.assert_array_equal(trace.z_of(layer), trace.activations[layer - 1] @ weights.T + biases)
        np.testing.assert_array_equal(trace.activations[layer], 1 / (1 + np.exp(-trace.z_of(layer))))
    for of_the_inputs in (network.weights_into, network.biases_of, trace.z_of, trace.activations_before):
        with pytest.raises(glassnet.GlassnetError, match="layer 0 is the inputs"):
            of_the_inputs(0)  # and not the last layer's, as an index of -1 would give


@pytest.mark.parametrize(
    ("weights", "biases", "sentence"),
    [
        ([], [], "at least one of each"),
        ([(2, 3)], [(2,), (2,)], "these are 1 and 2"),
        ([(2, 3)], [(3,)], r"weights\[0\] must have shape"),
        ([(2, 3), (1, 3)], [(2,), (1,)], r"weights\[1\] take 3 activations, but layer 1 has 2 neurons"),
        ([(0, 3)], [(0,)], r"weights\[0\] must have shape"),
        ([(3,)], [(3,)], r"weights\[0\] must have shape"),
    ],
)
def test_layers_that_do_not_fit_are_refused(weights, biases, sentence):
    with pytest.raises(glassnet.GlassnetError, match=sentence):
        Network(tuple(map(np.zeros, weights)), tuple(map(np.zeros, biases)))


@pytest.mark.parametrize(
    ("sizes", "options", "sentence"),
    [
        ((784,), {}, "two or more layers"),
        ((784, 0, 10), {}, "one or more neurons"),
        ((784, 10**9, 10), {}, "500,000,000 are possible"),
        ((784, 10), {"start": "zeros"}, "no start values 'zeros'"),
        ((784, 10), {"activation": "softmax"}, "softmax"),
        ((784, 10), {"activation": "step"}, "there is no activation 'step'"),
        ((784, 10), {"output_activation": "step"}, "there is no activation 'step' for the last layer"),
        ((784, 10), {"output_activation": "step", "cost": "cross-entropy"}, "there is no activation 'step'"),
        ((784, 10), {"cost": "nothing"}, "there is no cost 'nothing'"),
        ((784, 10), {"output_activation": "relu", "cost": "cross-entropy"}, "those of relu are not"),
    ],
)
def test_impossible_networks_are_refused(sizes, options, sentence, rng):
    with pytest.raises(glassnet.GlassnetError, match=sentence):
        Network.random(sizes, rng=rng, **options)


def test_inputs_of_another_width_are_refused(rng):
    network = Network.random((3, 2), rng=rng)
    for shape in ((1, 4), (3,), (1, 3, 1)):
        with pytest.raises(glassnet.GlassnetError, match=r"inputs must have shape \(batch, 3\)"):
            glassnet.feedforward(network, np.ones(shape))
