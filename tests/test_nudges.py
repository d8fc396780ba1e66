"""Nudges against computations that share nothing with them: differences of costs, and sums over every single path."""

import itertools
import math
from importlib import import_module

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import glassnet
from glassnet import features, nudges
from glassnet.backpropagation import cost_of_examples
from glassnet.errors import DivergedError, SettingError
from glassnet.nudges import Parameter
from strategies import KINDS, away_from_kinks, problems


def cost_of(network, inputs, wanted):
    return float(cost_of_examples(network, glassnet.feedforward(network, inputs), wanted)[0])


def layers_from(network, layer):
    """The network that is left when the first layers are taken away."""
    return glassnet.Network(
        network.weights[layer:], network.biases[layer:], network.activation, network.output_activation, network.cost
    )


def slope(function, h=1e-5):
    return (function(h) - function(-h)) / (2 * h)


def one_of(problem):
    """The first example of a problem."""
    network, inputs, wanted, rng = problem
    return network, inputs[:1], wanted[:1], rng


@pytest.fixture
def example(trained, digits):
    """The first test digit that the trained network misreads."""
    network = trained.astype(np.float64)
    inputs = glassnet.as_inputs(digits.test_images[:500], dtype=np.float64)
    answers = glassnet.feedforward(network, inputs).outputs.argmax(axis=1)
    i = int(np.flatnonzero(answers != digits.test_labels[:500])[0])
    return network, inputs[i : i + 1], glassnet.one_hot(digits.test_labels[i : i + 1], dtype=np.float64)


# ---------------------------------------------------------------- the outputs


def test_the_wishes_of_a_misread_digit(example):
    network, inputs, wanted = example
    trace = glassnet.feedforward(network, inputs)
    wishes = nudges.output_wishes(network, trace, wanted)
    a, y = trace.outputs[0], wanted[0]
    np.testing.assert_allclose(wishes.wishes, [2 * (q - p) for p, q in zip(a, y, strict=True)], rtol=1e-13)
    np.testing.assert_allclose(wishes.costs, [(p - q) ** 2 for p, q in zip(a, y, strict=True)], rtol=1e-13)
    assert wishes.cost == pytest.approx(sum((p - q) ** 2 for p, q in zip(a, y, strict=True)), rel=1e-13)
    assert wishes.wishes[y.argmax()] > 0, "the right output is not wished up"
    assert wishes.wishes[a.argmax()] < 0, "the wrong one is not wished down"


@given(problems())
def test_wishes_are_minus_measured_slopes(problem):
    network, inputs, wanted, _ = one_of(problem)
    trace = glassnet.feedforward(network, inputs)
    assume(away_from_kinks(network, trace.zs))
    wishes = nudges.output_wishes(network, trace, wanted)
    assert wishes.costs.sum() == pytest.approx(wishes.cost, rel=1e-12)
    for j in range(wanted.shape[1]):

        def moved(amount, j=j):
            biases = network.biases[-1].copy()
            biases[j] += amount
            return cost_of(network.with_parameters(network.weights, (*network.biases[:-1], biases)), inputs, wanted)

        assert wishes.z_wishes[j] == pytest.approx(-slope(moved), rel=1e-5, abs=1e-8)


# ---------------------------------------------------------------- the three avenues


@given(problems(), st.data())
def test_avenues_are_minus_measured_slopes(problem, data):
    network, inputs, wanted, _ = one_of(problem)
    trace = glassnet.feedforward(network, inputs)
    assume(away_from_kinks(network, trace.zs))
    layer = data.draw(st.integers(1, len(network.weights)))
    j = data.draw(st.integers(0, network.layer_sizes[layer] - 1))
    found = nudges.avenues(network, trace, wanted, layer, j)
    assert_slope(found.bias, lambda h: cost_of(nudges.nudged(network, Parameter(layer, j), h), inputs, wanted))
    for k in range(network.layer_sizes[layer - 1]):
        place = Parameter(layer, j, k)
        assert_slope(found.weights[k], lambda h, p=place: cost_of(nudges.nudged(network, p, h), inputs, wanted))
        # an activation that is moved for neuron j alone moves its z by the weight, as a nudge of the bias would
        by_weight = network.weights[layer - 1][j, k]
        assert_slope(
            found.activations[k],
            lambda h, w=by_weight: cost_of(nudges.nudged(network, Parameter(layer, j), w * h), inputs, wanted),
        )
    assert found.fall_per_length["bias"] == pytest.approx(abs(found.bias))
    assert found.fall_per_length["weights"] == pytest.approx(math.sqrt(sum(w * w for w in found.weights)))
    assert found.fall_per_length["activations"] == pytest.approx(math.sqrt(sum(a * a for a in found.activations)))
    assert found.fall_per_length[found.cheapest] == max(found.fall_per_length.values())


def assert_slope(wish, cost_at):
    assert wish == pytest.approx(-slope(cost_at), rel=1e-5, abs=1e-8)


def test_an_avenue_is_what_scales_it_times_the_bias(example):
    network, inputs, wanted = example
    found = nudges.avenues(network, glassnet.feedforward(network, inputs), wanted, -1, 3)
    assert found.layer == 3
    np.testing.assert_allclose(found.weights, found.bias * found.activations_before)
    np.testing.assert_allclose(found.activations, found.bias * found.weights_now)


# ---------------------------------------------------------------- layers before, and paths


@given(problems(), st.data())
def test_wishes_of_a_layer_are_minus_measured_slopes(problem, data):
    network, inputs, wanted, _ = one_of(problem)
    trace = glassnet.feedforward(network, inputs)
    assume(away_from_kinks(network, trace.zs))
    layer = data.draw(st.integers(0, len(network.weights) - 1))
    found = nudges.layer_wishes(network, trace, wanted, layer)
    np.testing.assert_allclose(found.table.sum(axis=0), found.wishes, atol=1e-14)
    after = layers_from(network, layer)
    for k in range(network.layer_sizes[layer]):

        def moved(amount, k=k):
            activations = trace.activations[layer].copy()
            activations[0, k] += amount
            return cost_of(after, activations, wanted)

        assert_slope(found.wishes[k], moved)


def test_every_path_counted_on_its_own(rng):
    """From a pixel through 4, 3 and 2 neurons there are 24 ways to the cost; here each is multiplied out alone."""
    network = glassnet.Network.random((2, 4, 3, 2), rng=rng, dtype=np.float64)
    inputs, wanted = rng.uniform(0, 1, (1, 2)), rng.uniform(0, 1, (1, 2))
    trace = glassnet.feedforward(network, inputs)

    def step_through(layer, source, to):
        a = trace.activations[layer + 1][0, to]
        return network.weights[layer][to, source] * a * (1 - a)

    total = 0.0
    for i, j, k in itertools.product(range(4), range(3), range(2)):
        slope_of_cost = 2 * (trace.outputs[0, k] - wanted[0, k])
        total += step_through(0, 1, i) * step_through(1, i, j) * step_through(2, j, k) * slope_of_cost
    found = nudges.activation_chain_rule(network, inputs, wanted, 0, 1)
    assert found.product == pytest.approx(total, rel=1e-12)
    assert len(found.paths) == 4
    assert sum(path.dz_da * path.dC_dz for path in found.paths) == pytest.approx(total, rel=1e-12)


def assert_chain_rule_holds(found, expected):
    assert math.prod(factor for _, factor in found.factors) == pytest.approx(found.product, rel=1e-12)
    assert found.product == pytest.approx(expected, rel=1e-10, abs=1e-13)
    assert found.product == pytest.approx(found.measured, rel=1e-6, abs=1e-9)


def test_parameters_are_of_the_layer_of_their_neuron(example):
    network, _, _ = example
    for place in (*range(0, 13_002, 617), 12_543, 12_544, 13_001):
        parameter = nudges.parameter_at(network, place)
        assert nudges.parameter_named(network, f" {parameter.name} ") == parameter
        assert nudges.as_vector(network)[place] == parameter.of(network)
    assert nudges.parameter_at(network, 12_544) == Parameter(1, 0)
    changed = nudges.with_values(network, {Parameter(1, 3, 400): 7.5, Parameter(3, 7): -2.5})
    assert (changed.weights[0][3, 400], changed.biases[2][7]) == (7.5, -2.5)
    moved = np.flatnonzero(nudges.as_vector(changed) != nudges.as_vector(network)).tolist()
    assert [nudges.parameter_at(network, place).name for place in moved] == ["weights[0][3, 400]", "biases[2][7]"]


@given(problems(), st.data())
def test_the_chain_rule_gives_the_gradient_and_the_measured_slope(problem, data):
    network, inputs, wanted, _ = one_of(problem)
    trace = glassnet.feedforward(network, inputs)
    assume(away_from_kinks(network, trace.zs))
    gradients = glassnet.backprop(network, trace, wanted)
    parameter = nudges.parameter_at(network, data.draw(st.integers(0, network.n_parameters - 1)))
    found = nudges.chain_rule(network, inputs, wanted, parameter)
    assert found.name == parameter.name
    assert found.value == parameter.of(network)
    assert_chain_rule_holds(found, parameter.of(gradients))
    # an output leads on to nothing
    sum_of_paths = dict(found.factors)["dC/da"] if parameter.layer < len(network.weights) else 0
    assert sum(path.product for path in found.paths) == pytest.approx(sum_of_paths, rel=1e-10, abs=1e-13)


@pytest.mark.parametrize(("hidden", "output", "cost"), KINDS)
def test_which_factors_there_are(hidden, output, cost, rng):
    network = glassnet.Network.random(
        (3, 4, 2), rng=rng, activation=hidden, output_activation=output, cost=cost, dtype=np.float64
    )
    inputs, wanted = rng.uniform(0, 1, (1, 3)), rng.uniform(0, 1, (1, 2))
    names = [name for name, _ in nudges.chain_rule(network, inputs, wanted, Parameter(2, 0, 2)).factors]
    assert names == (["dz/dw", "dC/dz"] if output == "softmax" else ["dz/dw", "da/dz", "dC/da"])
    names = [name for name, _ in nudges.chain_rule(network, inputs, wanted, Parameter(1, 0)).factors]
    assert names == ["dz/db", "da/dz", "dC/da"]


def test_a_saturated_output_has_a_finite_chain_rule():
    network = glassnet.Network((np.array([[900.0]]),), (np.zeros(1),), cost="cross-entropy")
    found = nudges.chain_rule(network, np.array([[1.0]]), np.array([[0.0]]), Parameter(1, 0, 0))
    assert found.factors == (("dz/dw", 1.0), ("dC/dz", 1.0))
    assert found.measured == pytest.approx(1.0)


def test_a_fault_of_a_thousandth_is_found(example, monkeypatch):
    """The check of the check: errors that are 0.1 % too large fail it, in every function that uses them."""
    network, inputs, wanted = example
    gradients = glassnet.backprop(network, glassnet.feedforward(network, inputs), wanted)
    ranked = nudges.largest_entries(network, nudges.ranked_gradient(gradients), 5_000)
    parameter = next(parameter for parameter, _ in ranked if parameter.layer == 1)  # an output's needs no deltas
    assert_chain_rule_holds(nudges.chain_rule(network, inputs, wanted, parameter), parameter.of(gradients))
    trace = glassnet.feedforward(network, inputs)
    right = nudges.layer_wishes(network, trace, wanted, 2)

    for module in (import_module("glassnet.backpropagation"), import_module("glassnet.nudges.wishes")):
        whole = module.deltas
        monkeypatch.setattr(module, "deltas", lambda *a, whole=whole: tuple(1.001 * d for d in whole(*a)))
    with pytest.raises(AssertionError):
        assert_chain_rule_holds(nudges.chain_rule(network, inputs, wanted, parameter), parameter.of(gradients))
    found = nudges.activation_chain_rule(network, inputs, wanted, 2, 3)
    with pytest.raises(AssertionError):
        assert_chain_rule_holds(found, -right.wishes[3])


# ---------------------------------------------------------------- many examples


@given(problems(), st.data())
def test_what_examples_ask_is_minus_their_own_gradients(problem, data):
    network, inputs, wanted, _ = problem
    places = data.draw(st.lists(st.integers(0, network.n_parameters - 1), min_size=1, max_size=6))
    parameters = tuple(nudges.parameter_at(network, place) for place in places)
    found = nudges.asks(network, inputs, wanted, parameters)
    for i in range(len(inputs)):
        alone = glassnet.backprop(network, glassnet.feedforward(network, inputs[i : i + 1]), wanted[i : i + 1])
        np.testing.assert_allclose(found.table[i], [-p.of(alone) for p in parameters], rtol=1e-10, atol=1e-14)
    np.testing.assert_allclose(found.means, -found.gradient, rtol=1e-10, atol=1e-14)
    for column, mean, share in zip(found.table.T, found.means, found.disagreeing, strict=True):
        against = sum(1 for ask in column if ask * mean < 0)
        assert share == pytest.approx(against / len(inputs))


def test_the_most_disputed_parameters(trained, digits):
    network = trained.astype(np.float64)
    inputs = glassnet.as_inputs(digits.train_images[:450], dtype=np.float64)
    wanted = glassnet.one_hot(digits.train_labels[:450], dtype=np.float64)
    disputed = nudges.most_disputed(network, inputs, wanted, 5)
    shares = nudges.as_vector(nudges.disagreement(network, inputs, wanted))
    found = nudges.asks(network, inputs, wanted, disputed)
    np.testing.assert_allclose(found.disagreeing, np.sort(shares)[::-1][:5])
    assert found.disagreeing[0] > 0.5
    some = tuple(nudges.parameter_at(network, place) for place in range(0, 13_002, 997))
    np.testing.assert_allclose(nudges.asks(network, inputs, wanted, some).disagreeing, shares[::997])


@pytest.mark.parametrize("wrong", [Parameter(1, 16, 0), Parameter(4, 0), Parameter(1, -1, 0), Parameter(2, 0, 16)])
def test_examples_are_asked_about_parameters_that_are_there(trained, digits, wrong):
    inputs, wanted = glassnet.as_inputs(digits.train_images[:3]), glassnet.one_hot(digits.train_labels[:3])
    with pytest.raises(SettingError):
        nudges.asks(trained, inputs, wanted, (Parameter(1, 0, 0), wrong))


# ---------------------------------------------------------------- effects


@given(problems())
def test_the_long_vector_and_its_names_agree(problem):
    network, _, _, _ = problem
    vector = nudges.as_vector(network)
    assert len(vector) == network.n_parameters
    assert [nudges.parameter_at(network, i).of(network) for i in range(len(vector))] == vector.tolist()
    assert len({nudges.parameter_at(network, i).name for i in range(len(vector))}) == len(vector)


def test_the_ranked_gradient(example):
    network, inputs, wanted = example
    gradients = glassnet.backprop(network, glassnet.feedforward(network, inputs), wanted)
    ranked = nudges.ranked_gradient(gradients)
    assert sorted(ranked.order.tolist()) == list(range(13_002))
    sizes = np.abs(ranked.slopes)
    assert (sizes[:-1] >= sizes[1:]).all()
    assert ranked.length == pytest.approx(math.sqrt(sum(s * s for s in ranked.slopes.tolist())))
    top = nudges.largest_entries(network, ranked, 4)
    assert [parameter.of(gradients) for parameter, _ in top] == [s for _, s in top] == ranked.slopes[:4].tolist()


def test_a_nudge_does_what_was_predicted(example):
    network, inputs, wanted = example
    gradients = glassnet.backprop(network, glassnet.feedforward(network, inputs), wanted)
    (first, slope_of_first), *_ = nudges.largest_entries(network, nudges.ranked_gradient(gradients), 1)
    for amount in (1e-4, -1e-4):
        effect = nudges.nudge_effect(network, inputs, wanted, first, amount)
        assert effect.predicted == slope_of_first * amount
        assert effect.actual == effect.cost_after - effect.cost_before
        assert effect.actual == pytest.approx(effect.predicted, rel=1e-3)
    wide = nudges.nudge_effect(network, inputs, wanted, first, 3.0)
    assert wide.actual != pytest.approx(wide.predicted, rel=1e-2), "a curve is no straight line"


def test_nudging_leaves_the_network_as_it_was(rng):
    network = glassnet.Network.random((3, 2), rng=rng, dtype=np.float64)
    before = nudges.as_vector(network)
    for place in range(network.n_parameters):
        moved = nudges.nudged(network, nudges.parameter_at(network, place), 0.5)
        difference = nudges.as_vector(moved) - before
        assert difference[place] == pytest.approx(0.5)
        assert np.count_nonzero(difference) == 1
    np.testing.assert_array_equal(nudges.as_vector(network), before)


def test_a_step_and_what_it_does(example, digits):
    network, inputs, wanted = example
    test_inputs = glassnet.as_inputs(digits.test_images[:200], dtype=np.float64)
    test_wanted = glassnet.one_hot(digits.test_labels[:200], dtype=np.float64)
    sets = {"example": (inputs, wanted), "test": (test_inputs, test_wanted)}
    effect = nudges.step_effect(network, inputs, wanted, 0.5, sets)
    gradients = glassnet.backprop(network, glassnet.feedforward(network, inputs), wanted)
    difference = nudges.as_vector(effect.network) - nudges.as_vector(network)
    np.testing.assert_allclose(difference, -0.5 * nudges.as_vector(gradients), rtol=1e-9, atol=1e-15)
    assert effect.length == pytest.approx(np.linalg.norm(difference))
    assert effect.costs_after["example"] < effect.costs_before["example"]
    for name, pair in sets.items():
        costs = cost_of_examples(effect.network, glassnet.feedforward(effect.network, pair[0]), pair[1])
        assert effect.costs_after[name] == pytest.approx(costs.mean())


# ---------------------------------------------------------------- what cannot be


def test_a_lesson_is_step_after_step(example, digits):
    network, inputs, wanted = example
    among = glassnet.as_inputs(digits.train_images[:7], dtype=np.float64)
    aims = glassnet.one_hot(digits.train_labels[:7], dtype=np.float64)
    for beside in (None, (among, aims)):
        lesson = nudges.teach(network, inputs, wanted, learning_rate=0.3, n_steps=4, beside=beside)
        batch = (inputs, wanted) if beside is None else (np.vstack([inputs, among]), np.vstack([wanted, aims]))
        taught, costs = network, [cost_of(network, inputs, wanted)]
        for _ in range(4):
            taught = nudges.step_effect(taught, *batch, 0.3, {}).network
            costs.append(cost_of(taught, inputs, wanted))
        np.testing.assert_allclose(nudges.as_vector(lesson.network), nudges.as_vector(taught), rtol=1e-12)
        np.testing.assert_allclose(lesson.costs, costs, rtol=1e-12)
        np.testing.assert_allclose(lesson.outputs[-1], glassnet.feedforward(taught, inputs).outputs[0], rtol=1e-12)
        np.testing.assert_allclose(lesson.outputs[0], glassnet.feedforward(network, inputs).outputs[0], rtol=1e-12)
        move = nudges.as_vector(taught) - nudges.as_vector(network)
        assert lesson.length == pytest.approx(np.linalg.norm(move))
        largest = [abs(p.of(taught) - p.of(network)) for p in nudges.largest_moves(network, taught, 5)]
        assert largest == pytest.approx(np.sort(np.abs(move))[::-1][:5])
        assert costs[-1] < costs[0]


def test_a_lesson_that_leads_beyond_all_numbers_is_refused(rng):
    network = glassnet.Network.random(
        (4, 3, 2), rng=rng, activation="relu", output_activation="relu", dtype=np.float64, start="standard-normal"
    )
    network = network.with_parameters(network.weights, tuple(b + 5 for b in network.biases))
    inputs, wanted = rng.random((1, 4)), np.zeros((1, 2))
    with np.errstate(all="ignore"), pytest.raises(DivergedError, match="take less than 1e\\+308"):
        nudges.teach(network, inputs, wanted, learning_rate=1e308, n_steps=100)
    for rate, n_steps in ((0.0, 1), (0.1, 0), (float("nan"), 1)):
        with pytest.raises(SettingError):
            nudges.teach(network, inputs, wanted, learning_rate=rate, n_steps=n_steps)


def test_a_last_step_beyond_all_numbers_is_refused(rng):
    """After it the weights are numbers yet, and the cost is none."""
    network = glassnet.Network.random((4, 2), rng=rng, output_activation="relu", dtype=np.float64)
    network = network.with_parameters(network.weights, tuple(b - b + 1 for b in network.biases))
    with np.errstate(all="ignore"), pytest.raises(DivergedError, match="take less than 1e\\+200"):
        nudges.teach(network, np.ones((1, 4)), np.full((1, 2), 9.0), learning_rate=1e200, n_steps=1)


def test_a_network_that_is_not_finite_is_taught_nothing(rng):
    network = glassnet.Network.random((4, 2), rng=rng, dtype=np.float64)
    network = network.with_parameters(network.weights, (np.array([np.nan, 0.0]),))
    with pytest.raises(DivergedError, match="weights or biases that are not finite numbers"):
        nudges.teach(network, np.ones((1, 4)), np.ones((1, 2)), learning_rate=0.1, n_steps=1)


def test_places_that_are_not_there_are_refused(example):
    network, inputs, wanted = example
    trace = glassnet.feedforward(network, inputs)
    refusals = [
        (lambda: nudges.avenues(network, trace, wanted, 4, 0), "no layer 4: this network has layers 0"),
        (lambda: nudges.avenues(network, trace, wanted, 2, 16), "no neuron 16 in layer 2: it has neurons 0 to 15"),
        (lambda: nudges.avenues(network, trace, wanted, 0, 5), "pixels have no bias"),
        (lambda: nudges.layer_wishes(network, trace, wanted, 3), "choose a layer from 0 to 2"),
        (lambda: nudges.chain_rule(network, inputs, wanted, Parameter(1, 0, 784)), "no neuron 784 in layer 0"),
        (lambda: nudges.chain_rule(network, inputs, wanted, Parameter(0, 0)), "layer 0 is the inputs: no weights"),
        (lambda: nudges.chain_rule(network, inputs, wanted, Parameter(0, 0, 0)), "layer 0 is the inputs: no weights"),
        (lambda: nudges.chain_rule(network, inputs, wanted, Parameter(4, 0)), "no layer 4: this network has layers 0"),
        (lambda: nudges.chain_rule(network, inputs, wanted, Parameter(-1, 0)), "no layer -1: this network has layers"),
        (lambda: nudges.chain_rule(network.astype(np.float32), inputs, wanted, Parameter(1, 0)), "in float64"),
        (lambda: nudges.activation_chain_rule(network, inputs, wanted, 3, 0), "an output reaches the cost directly"),
        (lambda: nudges.parameter_at(network, 13_002), "no parameter 13002"),
        (lambda: nudges.asks(network, inputs, wanted, ()), "at least one"),
        (lambda: nudges.most_disputed(network, inputs, wanted, 0), "at least one"),
        (lambda: nudges.output_wishes(network, trace, wanted[:, :5]), "the shape of the outputs"),
    ]
    for refused, sentence in refusals:
        with pytest.raises(glassnet.GlassnetError, match=sentence):
            refused()
    two = glassnet.feedforward(network, np.repeat(inputs, 2, axis=0))
    with pytest.raises(glassnet.GlassnetError, match="wishes are those of one example; these are 2"):
        nudges.output_wishes(network, two, np.repeat(wanted, 2, axis=0))


@pytest.mark.parametrize("amount", [math.inf, math.nan])
def test_a_network_whose_numbers_are_not_finite_is_refused(example, amount):
    whole, inputs, wanted = example
    trace = glassnet.feedforward(whole, inputs)
    for place in (Parameter(1, 0, 0), Parameter(3, 3)):  # pixel 0 is off, so that its weight counts for nothing
        network = nudges.nudged(whole, place, amount)
        for refused in (
            lambda n=network: nudges.output_wishes(n, trace, wanted),
            lambda n=network: nudges.avenues(n, trace, wanted, 2, 3),
            lambda n=network: nudges.layer_wishes(n, trace, wanted, 1),
            lambda n=network: nudges.chain_rule(n, inputs, wanted, Parameter(2, 2)),
            lambda n=network: nudges.activation_chain_rule(n, inputs, wanted, 1, 2),
            lambda n=network: nudges.asks(n, inputs, wanted, (Parameter(2, 2),)),
            lambda n=network: nudges.most_disputed(n, inputs, wanted, 1),
            lambda n=network: nudges.nudge_effect(n, inputs, wanted, Parameter(2, 2), 0.1),
            lambda n=network: nudges.step_effect(n, inputs, wanted, 0.1, {}),
            lambda n=network: features.exciting_input(n, 1, 3),
            lambda n=network: features.most_exciting_digits(n, np.zeros((1, 28, 28), np.uint8), 1, 3, 1),
        ):
            with (
                pytest.raises(DivergedError, match="not finite numbers: it cannot be explained"),
                np.errstate(invalid="ignore"),
            ):
                refused()
