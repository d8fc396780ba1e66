import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import glassnet
from glassnet import features
from strategies import problems


@pytest.fixture
def network(trained):
    return trained.astype(np.float64)


@pytest.mark.parametrize(("layer", "neuron"), [(1, 3), (2, 15), (3, 7)])
def test_the_digits_that_excite_a_neuron_most(network, digits, layer, neuron):
    images = digits.test_images[:2500]  # more than are fed forward at a time
    found = features.most_exciting_digits(network, images, layer, neuron, 12)
    all_of_them = glassnet.feedforward(network, glassnet.as_inputs(images, dtype=np.float64)).activations[layer]
    column = all_of_them[:, neuron].tolist()
    expected = sorted(range(len(column)), key=lambda i: -column[i])[:12]
    assert found.indices.tolist() == expected
    np.testing.assert_allclose(found.activations, [column[i] for i in expected], rtol=1e-12)


@given(problems(), st.data())
def test_a_neurons_sum_adds_up_term_by_term(problem, data):
    network, inputs, _, _ = problem
    inputs = inputs[:1]
    layer = data.draw(st.integers(1, len(network.weights)))
    neuron = data.draw(st.integers(0, network.layer_sizes[layer] - 1))
    k = data.draw(st.integers(0, network.layer_sizes[layer - 1]))
    trace = glassnet.feedforward(network, inputs)
    found = features.weighted_sum(network, trace, layer, neuron)
    terms = [
        float(weight * activation)
        for weight, activation in zip(network.weights[layer - 1][neuron], trace.activations[layer - 1][0], strict=True)
    ]
    assert found.products.tolist() == terms
    by_size = sorted(range(len(terms)), key=lambda i: -abs(terms[i]))
    assert found.order.tolist() == by_size
    assert found.rest(k).tolist() == [terms[i] for i in sorted(by_size[k:])]
    assert sum(terms) == pytest.approx(found.without_bias, rel=1e-9, abs=1e-12)
    assert (found.bias, found.z) == (network.biases[layer - 1][neuron], trace.zs[layer - 1][0, neuron])
    assert found.activation == trace.activations[layer][0, neuron]
    assert found.threshold == -found.bias


def test_an_output_is_excited_by_its_digit(network, digits):
    found = features.most_exciting_digits(network, digits.test_images, 3, 7, 50)
    assert np.mean(digits.test_labels[found.indices] == 7) > 0.9


@given(problems(), st.data())
def test_slopes_to_the_pixels_are_those_that_are_measured(problem, data):
    network, inputs, _, _ = problem
    inputs = inputs[:1]
    assume(network.activation != "relu")
    layer = data.draw(st.integers(1, len(network.weights)))
    neuron = data.draw(st.integers(0, network.layer_sizes[layer] - 1))
    z, slopes = features.z_and_slopes(network, inputs, layer, neuron)

    def z_at(k, amount):
        moved = inputs.copy()
        moved[0, k] += amount
        return glassnet.feedforward(network, moved).zs[layer - 1][0, neuron]

    assert z == z_at(0, 0.0)
    for k in range(inputs.shape[1]):
        assert slopes[0, k] == pytest.approx((z_at(k, 1e-5) - z_at(k, -1e-5)) / 2e-5, rel=1e-5, abs=1e-9)


def test_a_first_layer_neuron_likes_ink_where_its_weights_are_positive(network):
    found = features.exciting_input(network, 1, 4)
    w, b = network.weights[0][4], network.biases[0][4]
    np.testing.assert_array_equal(found.inputs, (w > 0).astype(float))
    assert found.z == pytest.approx(w[w > 0].sum() + b)
    assert found.activation == pytest.approx(1 / (1 + np.exp(-found.z)))


@pytest.mark.parametrize(("layer", "neuron"), [(2, 0), (2, 12), *((3, j) for j in range(10))])
def test_a_deeper_neuron_is_excited_more_than_by_any_digit(network, digits, layer, neuron):
    found = features.exciting_input(network, layer, neuron)
    assert found.inputs.min() >= 0
    assert found.inputs.max() <= 1
    trace = glassnet.feedforward(network, found.inputs[None])
    assert trace.zs[layer - 1][0, neuron] == pytest.approx(found.z)
    assert found.z == found.z_on_the_way.max()
    assert len(found.z_on_the_way) == 101
    best = features.most_exciting_digits(network, digits.test_images, layer, neuron, 1)
    # a neuron that is nearly saturated has little to gain: what counts is how far it is past its threshold
    digit = glassnet.as_inputs(digits.test_images[best.indices], dtype=np.float64)
    assert found.z >= glassnet.feedforward(network, digit).zs[layer - 1][0, neuron]


def test_a_neuron_without_bias_has_the_threshold_0_and_no_sign():
    network = glassnet.Network((np.ones((1, 2)),), (np.zeros(1),))
    found = features.weighted_sum(network, glassnet.feedforward(network, np.ones((1, 2))), 1, 0)
    assert str(found.threshold) == "0.0"


def test_what_looks_for_nothing_is_refused(network, digits):
    trace, two = (glassnet.feedforward(network, np.zeros((n, 784))) for n in (1, 2))
    for refused, sentence in (
        (lambda: features.exciting_input(network, 0, 5), "a pixel looks for nothing but itself"),
        (lambda: features.weighted_sum(network, trace, 1, 16), "no neuron 16 in layer 1"),
        (lambda: features.weighted_sum(network, trace, 0, 5), "layer 0 is the inputs: a pixel adds nothing up"),
        (lambda: features.weighted_sum(network, two, 1, 5), "a neuron's sum is that of one example; these are 2"),
        (lambda: features.exciting_input(network, 1, 16), "no neuron 16 in layer 1"),
        (lambda: features.exciting_input(network, 9, 0), "no layer 9"),
        (lambda: features.exciting_input(network, 1, 0, n_steps=0), "must be above 0"),
        (lambda: features.most_exciting_digits(network, digits.test_images, 1, 0, 0), "at least one digit"),
    ):
        with pytest.raises(glassnet.GlassnetError, match=sentence):
            refused()
