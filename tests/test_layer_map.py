from dataclasses import replace

import numpy as np
import pytest

import glassnet
from glassnet.errors import DivergedError, SettingError
from glassnet.layer_map import layer_map, widest_plane


def by_eigenvectors(points):
    """The same by NumPy's covariance and all of its eigenvectors."""
    values, vectors = np.linalg.eigh(np.cov(points.T))
    order = np.argsort(values)[::-1][:2]
    return vectors[:, order].T, values[order] / values.sum()


@pytest.mark.parametrize(("n", "width"), [(300, 2), (300, 5), (300, 60), (30, 60)])
def test_the_plane_is_that_of_the_eigenvectors_of_the_covariance(rng, n, width):
    points = rng.standard_normal((n, width)) @ rng.standard_normal((width, width)) + 7
    plane = widest_plane(points)
    axes, shares = by_eigenvectors(points)
    assert plane.shares == pytest.approx(shares, rel=1e-9)
    for place in range(2):
        assert abs(plane.axes[place] @ axes[place]) == pytest.approx(1, abs=1e-9)
        assert plane.axes[place, np.abs(plane.axes[place]).argmax()] > 0
        along = (points - points.mean(axis=0)) @ plane.axes[place]
        np.testing.assert_allclose(plane.places[:, place], along, atol=1e-9)
    # and by the singular values of the points themselves
    singular = np.linalg.svd(points - points.mean(axis=0), compute_uv=False)
    assert plane.shares == pytest.approx(singular[:2] ** 2 / (singular**2).sum(), rel=1e-9)


def test_one_neuron_and_points_that_are_all_alike(rng):
    points = rng.random((20, 1))
    plane = widest_plane(points)
    np.testing.assert_allclose(plane.places, np.hstack([points - points.mean(), np.zeros((20, 1))]), atol=1e-12)
    assert plane.shares == pytest.approx((1, 0))
    alike = widest_plane(np.full((20, 4), 0.5))
    assert (alike.places == 0).all()
    assert alike.shares == (0, 0)


@pytest.mark.parametrize("layer", [0, 1, 2, 3])
def test_the_map_is_that_of_the_traces_activations(rng, few_digits, layer):
    network = glassnet.Network.random((784, 12, 9, 10), rng=rng).astype(np.float64)
    found = layer_map(network, few_digits.test_images, layer)
    inputs = glassnet.as_inputs(few_digits.test_images, dtype=np.float64)
    trace = glassnet.feedforward(network, inputs)
    expected = widest_plane(np.asarray(trace.activations[layer]))
    np.testing.assert_allclose(found.plane.places, expected.places, atol=1e-9)
    assert found.plane.shares == pytest.approx(expected.shares)
    np.testing.assert_array_equal(found.answers, trace.outputs.argmax(axis=1))


def test_layers_that_are_not_there_and_numbers_that_are_none(rng, few_digits):
    network = glassnet.Network.random((784, 4, 10), rng=rng, activation="relu")
    for layer in (-1, 3):
        with pytest.raises(SettingError, match="0 to 2"):
            layer_map(network, few_digits.test_images, layer)
    broken = replace(network, weights=(network.weights[0] * np.inf, network.weights[1]))
    with np.errstate(all="ignore"), pytest.raises(DivergedError, match="finite"):
        layer_map(broken, few_digits.test_images, 1)
