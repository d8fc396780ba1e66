"""The landscape against costs that are computed one network at a time."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import assume, given

import glassnet
from glassnet import landscape, nudges
from glassnet.backpropagation import Gradients, cost_of_examples
from glassnet.errors import DivergedError
from glassnet.landscape import paths, surface
from glassnet.landscape.directions import from_vector
from glassnet.nudges import Parameter
from strategies import problems


def cost_at(network, inputs, wanted):
    return float(cost_of_examples(network, glassnet.feedforward(network, inputs), wanted).mean())


def vector_moved(network, vector):
    """The network with a long vector added, put together in another way than the landscape's own."""
    weights, biases, first = [], [], 0
    for w, b in zip(network.weights, network.biases, strict=True):
        weights.append(w + vector[first : first + w.size].reshape(w.shape))
        first += w.size
        biases.append(b + vector[first : first + b.size])
        first += b.size
    return network.with_parameters(tuple(weights), tuple(biases))


@pytest.fixture
def some(digits):
    inputs = glassnet.as_inputs(digits.train_images[:2300], dtype=np.float64)
    return inputs, glassnet.one_hot(digits.train_labels[:2300], dtype=np.float64)


@given(problems())
def test_a_slice_is_the_cost_of_networks_along_it(problem):
    network, inputs, wanted, rng = problem
    direction = landscape.scaled_random_direction(network, rng)
    distances = np.array([-0.3, 0.0, 0.2])
    found = landscape.cost_slice(network, inputs, wanted, direction, distances)
    for distance, cost in zip(distances, found.costs, strict=True):
        there = vector_moved(network, distance * nudges.as_vector(direction))
        assert cost == pytest.approx(cost_at(there, inputs, wanted), rel=1e-10)


def test_slopes_of_a_slice_are_those_that_are_measured(trained, some):
    network = trained.astype(np.float64)
    for direction in (
        landscape.along(Parameter(1, 3, 400), network),
        landscape.along(Parameter(3, 7), network),
        landscape.scaled_random_direction(network, np.random.default_rng(0)),
    ):
        h = 1e-5
        found = landscape.cost_slice(network, *some, direction, np.array([0.5 - h, 0.5, 0.5 + h]))
        assert (found.costs[2] - found.costs[0]) / (2 * h) == pytest.approx(found.slopes[1], rel=1e-5)


def test_down_a_slice_each_step_is_the_slope_times_the_learning_rate(trained, some):
    network = trained.astype(np.float64)
    direction = landscape.along(Parameter(3, 7, 3), network)
    way = list(landscape.descent_along(network, *some, direction, start=-2.0, learning_rate=30.0, n_steps=60))
    assert [point.n_steps for point in way] == list(range(61))
    assert way[0].distance == -2.0
    for before, after in itertools.pairwise(way):
        assert after.distance == pytest.approx(before.distance - 30.0 * before.slope, rel=1e-12)
        there = nudges.nudged(network, Parameter(3, 7, 3), after.distance)
        assert after.cost == pytest.approx(cost_at(there, *some), rel=1e-10)
    steps = [abs(after.distance - before.distance) for before, after in itertools.pairwise(way)]
    assert way[-1].cost < way[0].cost
    assert steps[-1] < 0.1 * max(steps), "steps do not shrink where it flattens"
    with pytest.raises(glassnet.GlassnetError, match="a finite start"):
        next(landscape.descent_along(network, *some, direction, start=math.nan, learning_rate=1.0, n_steps=1))


@given(problems())
def test_the_place_on_a_plane_is_the_nearest(problem):
    network, _, _, rng = problem
    plane = (landscape.scaled_random_direction(network, rng), landscape.scaled_random_direction(network, rng))
    axes = np.stack([nudges.as_vector(direction) for direction in plane])
    assume(np.linalg.matrix_rank(axes, tol=1e-3) == 2)
    other = vector_moved(network, rng.normal(size=network.n_parameters))
    place = landscape.place_on(plane, network, other)
    difference = nudges.as_vector(other) - nudges.as_vector(network)
    expected, *_ = np.linalg.lstsq(axes.T, difference, rcond=None)
    np.testing.assert_allclose(place, expected, rtol=1e-6, atol=1e-9)


def test_two_directions_on_one_line_make_no_plane(trained):
    direction = landscape.along(Parameter(1, 3), trained)
    with pytest.raises(glassnet.GlassnetError, match="make no plane"):
        landscape.place_on((direction, direction), trained, trained)


def test_directions_of_any_lengths_make_a_plane_unless_they_lie_on_one_line(trained):
    """The share of one that is at a right angle to the other decides: beyond a millionth the plane can be measured."""
    one, other = (landscape.along(Parameter(1, neuron), trained) for neuron in (3, 4))
    for lengths in ((1.0, 1.0), (1e-3, 1e3), (1e3, 1e-3)):
        for aside, is_plane in ((3e-6, True), (3e-7, False)):
            vectors = (nudges.as_vector(one), nudges.as_vector(one) + aside * nudges.as_vector(other))
            plane = [from_vector(n * v, trained) for n, v in zip(lengths, vectors, strict=True)]
            if is_plane:
                landscape.place_on((plane[0], plane[1]), trained, trained)
            else:
                with pytest.raises(glassnet.GlassnetError, match="make no plane"):
                    landscape.place_on((plane[0], plane[1]), trained, trained)


@given(problems())
def test_a_surface_is_the_cost_of_networks_on_it(problem):
    network, inputs, wanted, rng = problem
    directions = (landscape.scaled_random_direction(network, rng), landscape.scaled_random_direction(network, rng))
    xs, ys = np.array([-0.4, 0.0, 0.3]), np.array([0.0, 0.7])
    rows = list(landscape.cost_surface(network, inputs, wanted, directions, (xs, ys)))
    assert [(row.index, row.n_rows) for row in rows] == [(0, 2), (1, 2)]
    for (j, y), (i, x) in itertools.product(enumerate(ys), enumerate(xs)):
        vector = x * nudges.as_vector(directions[0]) + y * nudges.as_vector(directions[1])
        assert rows[j].costs[i] == pytest.approx(cost_at(vector_moved(network, vector), inputs, wanted), rel=1e-9)


def test_a_surface_of_many_digits(trained, some):
    """More examples than are fed forward at a time, and not a multiple of it."""
    network = trained.astype(np.float64)
    rng = np.random.default_rng(1)
    directions = (landscape.scaled_random_direction(network, rng), landscape.scaled_random_direction(network, rng))
    (row,) = landscape.cost_surface(network, *some, directions, (np.array([0.0, 0.5]), np.array([0.25])))
    there = vector_moved(network, 0.5 * nudges.as_vector(directions[0]) + 0.25 * nudges.as_vector(directions[1]))
    assert row.costs[1] == pytest.approx(cost_at(there, *some), rel=1e-10)
    assert row.costs[0] > cost_at(network, *some), "a trained network does not lie in a valley"


def test_a_first_step_goes_a_fifth_of_the_reach_from_the_steepest_start():
    assert landscape.rate_for(np.array([2.0, -4.0]), 1.5) == pytest.approx(0.2 * 1.5 / 4)
    assert landscape.rate_for(np.array([0.5]), 1.5) == pytest.approx(0.6)
    assert landscape.rate_for(np.zeros(3), 1.5) == pytest.approx(0.3), "where all is level, as for a slope of 1"


def test_the_line_downhill_is_looked_at_for_a_tenth_of_the_parameters_length():
    network = glassnet.Network((np.array([[3.0, 0.0]]),), (np.array([4.0]),))
    down = Gradients((np.array([[0.0, -2.0]]),), (np.array([0.0]),))
    assert landscape.reach_downhill(network, down) == pytest.approx(0.1 * 5 / 2)


def test_downhill_is_minus_the_gradient(trained, some):
    network = trained.astype(np.float64)
    gradients = glassnet.backprop(network, glassnet.feedforward(network, some[0]), some[1])
    down = nudges.as_vector(landscape.downhill(network, *some))
    np.testing.assert_array_equal(down, -nudges.as_vector(gradients))
    dead = glassnet.Network((np.zeros((2, 1)),), (np.array([-1.0, -1.0]),), "relu", "relu")
    with pytest.raises(glassnet.GlassnetError, match="no way leads down"):
        landscape.downhill(dead, np.ones((1, 1)), np.zeros((1, 2)))
    half = dead.with_parameters(dead.weights, (np.array([-1.0, 1.0]),))
    down = nudges.as_vector(landscape.downhill(half, np.ones((1, 1)), np.zeros((1, 2))))
    assert down.tolist() == [0, -2, 0, -2]
    assert np.signbit(down).tolist() == [False, True, False, True], "0 is shown without a sign"


def test_a_box_around_places_has_the_same_margin_on_all_sides():
    places = np.array([[1.0, 7.0], [5.0, 5.0], [3.0, 5.5]])
    box = landscape.box_around(places)
    assert box == (pytest.approx((0.4, 5.6)), pytest.approx((4.4, 7.6)))
    (x_low, x_high), (y_low, y_high) = landscape.box_around(np.array([[0.0, 2.0], [10.0, 2.0]]))
    assert (x_low, x_high, y_low, y_high) == pytest.approx((-1.5, 11.5, 0.5, 3.5)), "a straight way has a plane too"


def test_a_random_direction_is_as_long_as_each_layer(trained, rng):
    direction = landscape.scaled_random_direction(trained, rng)
    for own, drawn in zip((*trained.weights, *trained.biases), (*direction.weights, *direction.biases), strict=True):
        assert np.linalg.norm(drawn) == pytest.approx(np.linalg.norm(own), rel=1e-5)
        assert drawn.dtype == own.dtype


def test_principal_directions_are_those_of_the_way(rng):
    network = glassnet.Network.random((5, 4, 3), rng=rng, dtype=np.float64)
    size = network.n_parameters
    basis, _ = np.linalg.qr(rng.normal(size=(size, 2)))
    way = [vector_moved(network, basis @ place) for place in ([9.0, 0.5], [6.0, -1.0], [3.0, 0.8], [0.0, 0.0])]
    first, second = landscape.principal_directions(way)
    one, other = nudges.as_vector(first), nudges.as_vector(second)
    assert np.linalg.norm(one) == pytest.approx(1)
    assert one @ other == pytest.approx(0, abs=1e-12)
    for direction in (one, other):
        assert np.linalg.norm(basis.T @ direction) == pytest.approx(1), "it leaves the plane of the way"
    assert abs(basis[:, 0] @ one) > 0.95
    with pytest.raises(glassnet.GlassnetError, match="at least three networks"):
        landscape.principal_directions(way[:2])
    line = [vector_moved(network, basis @ np.array([t, 0.0])) for t in (0.0, 1.0, 2.0)]
    with pytest.raises(glassnet.GlassnetError, match="lie on one line"):
        landscape.principal_directions(line)


def test_the_full_gradient_goes_straight_down(trained, some):
    network = trained.astype(np.float64)
    steps = list(
        landscape.descent_path(
            network, *some, learning_rate=0.3, mini_batch_size=None, n_steps=3, rng=np.random.default_rng(0)
        )
    )
    assert [s.n_steps for s in steps] == [0, 1, 2, 3]
    assert [s.n_examples for s in steps] == [0, 2300, 4600, 6900]
    assert [s.cosine for s in steps] == pytest.approx([1.0] * 4, abs=1e-12)
    assert steps[0].cost > steps[1].cost > steps[2].cost > steps[3].cost
    for before, after in itertools.pairwise(steps):
        gradients = glassnet.backprop(before.network, glassnet.feedforward(before.network, some[0]), some[1])
        difference = nudges.as_vector(after.network) - nudges.as_vector(before.network)
        np.testing.assert_allclose(difference, -0.3 * nudges.as_vector(gradients), rtol=1e-6, atol=1e-12)
        assert after.length == pytest.approx(np.linalg.norm(difference))
        assert after.cost == pytest.approx(cost_at(after.network, *some))
        assert after.seconds > before.seconds
    columns = landscape.columns_of(iter(steps))
    assert tuple(columns) == landscape.PATH_COLUMNS
    assert columns["cost"] == [s.cost for s in steps]
    assert columns["n_examples"] == [0, 2300, 4600, 6900]


def test_a_way_begins_at_nothing_and_its_time_is_that_of_its_steps(trained, some, monkeypatch):
    """The clock is looked at before and after each step, and goes on by a second each time."""
    monkeypatch.setattr(paths.time, "perf_counter", map(float, itertools.count()).__next__)
    options = {"learning_rate": 0.3, "n_steps": 3, "rng": np.random.default_rng(0)}
    steps = list(landscape.descent_path(trained, *some, mini_batch_size=100, **options))
    assert [step.seconds for step in steps] == [0.0, 1.0, 2.0, 3.0]
    assert (steps[0].n_steps, steps[0].n_examples, steps[0].length, steps[0].cosine) == (0, 0, 0.0, 1.0)


def test_mini_batches_zig_zag(trained, some):
    network = trained.astype(np.float64)
    options = {"learning_rate": 0.3, "n_steps": 25, "rng": np.random.default_rng(0)}
    steps = list(landscape.descent_path(network, *some, mini_batch_size=100, **options))
    assert steps[24].n_examples == 2300 + 100, "an epoch has 23 mini-batches"
    cosines = [s.cosine for s in steps[1:]]
    assert 0.05 < np.mean(cosines) < 0.7
    before, after = steps[9], steps[10]
    full = glassnet.backprop(before.network, glassnet.feedforward(before.network, some[0]), some[1])
    move = nudges.as_vector(after.network) - nudges.as_vector(before.network)
    downhill = -nudges.as_vector(full)
    expected = move @ downhill / np.linalg.norm(move) / np.linalg.norm(downhill)
    assert after.cosine == pytest.approx(expected, rel=1e-6)


def test_a_fault_of_a_thousandth_is_found(trained, some, monkeypatch):
    """A surface whose second direction is 0.1 % too long is not that of the networks on it."""
    network = trained.astype(np.float64)
    directions = tuple(landscape.scaled_random_direction(network, np.random.default_rng(seed)) for seed in (1, 2))
    whole = surface.cost_from_first_layer

    def faulty(there, starts, place, wanted):
        return whole(there, (starts[0], starts[1], 1.001 * starts[2]), place, wanted)

    there = vector_moved(network, 0.5 * nudges.as_vector(directions[1]))
    expected = cost_at(there, *some)
    for function, is_right in ((whole, True), (faulty, False)):
        monkeypatch.setattr(surface, "cost_from_first_layer", function)
        (row,) = landscape.cost_surface(network, *some, directions, (np.array([0.0]), np.array([0.5])))
        assert (row.costs[0] == pytest.approx(expected, rel=1e-7)) == is_right


def test_a_network_that_is_not_finite_has_no_landscape(trained, some):
    network = nudges.nudged(trained.astype(np.float64), Parameter(2, 2), math.inf)
    direction = landscape.along(Parameter(1, 0), network)
    options = {"learning_rate": 1.0, "n_steps": 5, "rng": np.random.default_rng(0)}
    for refused in (
        lambda: landscape.cost_slice(network, *some, direction, np.zeros(1)),
        lambda: next(landscape.cost_surface(network, *some, (direction, direction), (np.zeros(1), np.zeros(1)))),
        lambda: next(landscape.descent_path(network, *some, mini_batch_size=10, **options)),
    ):
        with pytest.raises(DivergedError, match="not finite numbers"):
            refused()


def test_what_does_not_fit_is_refused(trained, some):
    network = trained.astype(np.float64)
    wrong = Gradients(network.weights[:2], network.biases[:2])
    with pytest.raises(glassnet.GlassnetError, match="a direction must be shaped"):
        landscape.cost_slice(network, *some, wrong, np.zeros(1))
    with pytest.raises(glassnet.GlassnetError, match="no neuron 99 in layer 1"):
        landscape.along(Parameter(1, 99), network)
    options = {"learning_rate": 1.0, "n_steps": 5, "rng": np.random.default_rng(0)}
    for wrong in ({"mini_batch_size": 0}, {"mini_batch_size": 1, "n_steps": 0}):
        path = landscape.descent_path(network, *some, **(options | wrong))
        with pytest.raises(glassnet.GlassnetError, match="must be at least 1"):
            next(path)
    assert len(list(landscape.descent_path(network, *some, mini_batch_size=1, **(options | {"n_steps": 1})))) == 2


def test_one_parameters_direction_is_one_at_its_place():
    network = glassnet.Network.random((3, 4, 2), rng=np.random.default_rng(0))
    for parameter in (Parameter(1, 2, None), Parameter(1, 2, 1), Parameter(2, 1, None), Parameter(2, 0, 3)):
        direction = landscape.along(parameter, network)
        numbers = np.concatenate([np.ravel(a) for a in (*direction.weights, *direction.biases)])
        assert sorted(numbers)[-2:] == [0, 1]
        assert numbers.sum() == 1
        at = direction.biases if parameter.source is None else direction.weights
        place = (parameter.neuron,) if parameter.source is None else (parameter.neuron, parameter.source)
        assert at[parameter.layer - 1][place] == 1


def test_a_way_down_of_no_steps_is_where_it_starts():
    network = glassnet.Network.random((3, 4, 2), rng=np.random.default_rng(0))
    inputs, wanted = np.full((2, 3), 0.5), np.eye(2)
    direction = landscape.along(Parameter(2, 0, None), network)
    (start,) = landscape.descent_along(network, inputs, wanted, direction, start=0.25, learning_rate=1.0, n_steps=0)
    assert start.distance == 0.25
