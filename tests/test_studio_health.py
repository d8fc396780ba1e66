"""Health: each reason why a run may be stuck, from both sides of each of its limits, on measurements made by hand."""

import numpy as np
import pytest

import glassnet
from glassnet.studio.runs import health, history
from glassnet.studio.runs.health import Checkup, checkup, troubles
from glassnet.studio.runs.history import History, Snapshot
from glassnet.studio.runs.schema import LayerHealth, RunSettings

NETWORK = glassnet.Network.random((784, 3, 10), rng=np.random.default_rng(0))


def layer(number, saturated=0.0):
    return LayerHealth(
        layer=number,
        gradient_size=1.0,
        saturated=saturated,
        weight_mean=0.0,
        weight_spread=1.0,
        histogram=[0] * 24,
        low=-1.0,
        high=1.0,
    )


def measured(saturated=(0.0, 0.0), cost=1.0, gradient_size=1.0, spread=0.1):
    layers = [layer(number, share) for number, share in enumerate(saturated, start=1)]
    return Checkup(layers, cost, gradient_size, spread)


def run_of(*costs, moment=600, epoch=1.0, accuracy=0.5):
    return History([Snapshot(moment, epoch, cost, accuracy, accuracy, NETWORK) for cost in costs or (1.0,)])


def kinds(settings=None, past=None, found=None, **more):
    told = troubles(settings or RunSettings(), past or run_of(), found or measured(), has_failed=False, **more)
    return [trouble.kind for trouble in told]


def test_a_run_that_fares_well_has_no_trouble():
    assert kinds() == []


@pytest.mark.parametrize(
    ("size", "n_training", "moment", "accuracy", "is_told"),
    [
        (1000, 1000, 1, 0.0, True),
        (999, 1000, 1, 0.0, False),
        (2000, 1000, 1, 0.899, True),
        (1000, 1000, 0, 0.0, False),  # before its first step
        (1000, 1000, 1, 0.9, False),  # good enough
    ],
)
def test_one_step_for_a_whole_epoch(size, n_training, moment, accuracy, is_told):
    settings = RunSettings(mini_batch_size=size, n_training=n_training)
    assert kinds(settings, run_of(moment=moment, epoch=0.0, accuracy=accuracy)) == ["whole-set"] * is_told


@pytest.mark.parametrize(("n_training", "instead"), [(60_000, 100), (1010, 100), (990, 99), (50, 5)])
def test_instead_of_all_digits_a_hundred_are_averaged_or_a_tenth(n_training, instead):
    settings = RunSettings(mini_batch_size=60_000, n_training=n_training, name="mine")
    (trouble,) = troubles(settings, run_of(moment=1234), measured(), has_failed=False)
    assert trouble.evidence == f"A mini-batch holds all {n_training:,} digits: 1,234 steps so far."
    (remedy,) = trouble.remedies
    assert remedy.change == settings.model_copy(update={"mini_batch_size": instead})


@pytest.mark.parametrize(
    ("epoch", "accuracy", "is_told"), [(0.3, 0.899, True), (0.29, 0.1, False), (1.0, 0.9, False), (1.0, 0.0, True)]
)
def test_nobody_is_stuck_before_a_third_of_an_epoch_or_above_nine_tenths(epoch, accuracy, is_told):
    assert kinds(past=run_of(epoch=epoch, accuracy=accuracy), found=measured(spread=0.0)) == ["alike"] * is_told


@pytest.mark.parametrize(("spread", "is_told"), [(0.005, False), (0.00499, True)])
def test_the_same_to_every_digit(spread, is_told):
    assert kinds(found=measured(spread=spread)) == ["alike"] * is_told


@pytest.mark.parametrize(
    ("saturated", "is_told"),
    [((0.61, 0.0), True), ((0.6, 0.0), False), ((0.0, 0.99), False), ((0.99,), True)],  # outputs may be flat
)
def test_neurons_where_their_curve_is_flat(saturated, is_told):
    assert kinds(found=measured(saturated)) == ["saturated"] * is_told


def test_the_worst_layer_is_named():
    (trouble,) = troubles(RunSettings(), run_of(), measured((0.7, 0.8, 0.9)), has_failed=False)
    assert trouble.title == "Most neurons are saturated"
    assert trouble.evidence == "80 % of the activations of layer 2 have a slope below 0.01."
    (trouble,) = troubles(RunSettings(activation="relu"), run_of(), measured((0.7, 0.0)), has_failed=False)
    assert trouble.title == "Most neurons are dead"


@pytest.mark.parametrize(
    ("costs", "is_told"),
    [
        ((1.0, 0.5, 0.56), True),
        ((1.0, 0.5, 0.55), False),  # a tenth more is noise
        ((0.5, 0.56), False),  # two are too few
        ((None, 0.5, 0.56), False),
        ((None, 0.5, 0.4, 0.6), True),
    ],
)
def test_a_cost_that_was_lower_already(costs, is_told):
    assert kinds(past=run_of(*costs)) == ["too-high"] * is_told


def test_steps_that_are_too_long_are_made_a_tenth():
    settings = RunSettings(learning_rate=3.0)
    for failed, evidence in (
        (True, "The cost is no longer a finite number."),
        (False, "The cost is 0.900; it was 0.500 already."),
    ):
        (trouble,) = troubles(settings, run_of(0.5, 0.7, 0.9), measured(), has_failed=failed)
        assert trouble.evidence == f"{evidence} The learning rate is 3."
        (remedy,) = trouble.remedies
        assert remedy.change == settings.model_copy(update={"learning_rate": pytest.approx(0.3)})


@pytest.mark.parametrize(
    ("rate", "gradient_size", "n_training", "cost", "is_told"),
    [
        # 0.001 * 0.5^2 * 100 steps of 0.5 is 0.05 of it, as much as an epoch should gain
        (0.001, 0.5, 10_000, 0.5, False),
        (0.001, 0.499, 10_000, 0.5, True),
        (0.001, 0.499, 10_001, 0.5, False),  # a step more, with the one digit that is left
        (0.001, 0.5, 10_000, 0.51, True),
        (1.0, 0.001, 10_000, 0.5, False),  # a usual rate
        (0.99, 0.001, 10_000, 0.5, True),
    ],
)
def test_steps_that_are_too_short(rate, gradient_size, n_training, cost, is_told):
    settings = RunSettings(learning_rate=rate, n_training=n_training, mini_batch_size=100)
    assert kinds(settings, found=measured(cost=cost, gradient_size=gradient_size)) == ["too-low"] * is_told


def test_what_short_steps_gain_is_said_and_ten_times_as_long_ones_are_offered():
    settings, found = (
        RunSettings(learning_rate=0.01, n_training=1000),
        measured(cost=2.0, gradient_size=0.3, spread=0.0),
    )
    (trouble,) = troubles(settings, run_of(), found, has_failed=False)
    assert trouble.kind == "too-low", "that outputs are alike comes of it"
    assert trouble.evidence == (
        "A step, 0.01 times a gradient of length 0.3000, lowers the cost of 2.000 by 9.00e-04: 0.45 % in an epoch."
    )
    (remedy,) = trouble.remedies
    assert remedy.change == settings.model_copy(update={"learning_rate": 0.1})


@pytest.mark.parametrize(
    ("activation", "cost", "rate"),
    [
        ("sigmoid", "quadratic", 1.0),
        ("sigmoid", "cross-entropy", 0.1),
        ("tanh", "quadratic", 0.1),
        ("relu", "cross-entropy", 0.1),
    ],
)
def test_the_usual_rate(activation, cost, rate):
    assert health.usual_rate(RunSettings(activation=activation, cost=cost)) == rate


@pytest.mark.parametrize(("rate", "instead"), [(5.0, 1.0), (1.0, 1 / 3), (0.3, 0.1)])
def test_gentler_is_the_usual_rate_or_a_third_and_scaled_start_values(rate, instead):
    for start, n_remedies in (("scaled", 1), ("standard-normal", 2)):
        remedies = health.gentler(settings := RunSettings(learning_rate=rate, start=start))
        assert len(remedies) == n_remedies
        assert remedies[-1].change == settings.model_copy(update={"learning_rate": pytest.approx(instead)})
        assert remedies[-1].title == f"a learning rate of {instead:.3g}"
        if n_remedies == 2:
            assert remedies[0].change == settings.model_copy(update={"start": "scaled"})


def test_a_checkup_by_hand(rng):
    """Two inputs, two hidden neurons, one of them far out on its curve."""
    network = glassnet.Network(
        (np.array([[9.0, 0.0], [0.0, 1.0]]), np.ones((2, 2))), (np.array([0.0, -0.5]), np.zeros(2))
    )
    images = np.array([[[255, 0]], [[255, 255]]], dtype=np.uint8)
    labels = np.array([0, 1], dtype=np.uint8)
    found = checkup(network, images, labels)
    assert [one.layer for one in found.layers] == [1, 2]
    assert found.layers[0].saturated == 0.5, "sigmoid(9) has a slope of 0.0001, sigmoid(0.5) of 0.24"
    inputs, wanted = np.array([[1.0, 0.0], [1.0, 1.0]]), np.eye(2)
    trace = glassnet.feedforward(network, inputs)
    gradients = glassnet.backprop(network, trace, wanted)
    for place, one in enumerate(found.layers):
        both = np.concatenate([gradients.weights[place].ravel(), gradients.biases[place]])
        assert one.gradient_size == pytest.approx(np.linalg.norm(both))
        weights = network.weights[place]
        assert (one.weight_mean, one.weight_spread) == pytest.approx((weights.mean(), weights.std()))
        assert sum(one.histogram) == weights.size
        assert len(one.histogram) == 24
    assert (found.layers[0].low, found.layers[0].high) == (0.0, 9.0)
    assert found.cost == pytest.approx(float(np.mean(np.sum((trace.outputs - wanted) ** 2, axis=1))))
    # all weights alike: the bars go from there on
    assert found.layers[1].histogram == [4] + [0] * 23
    assert found.gradient_size == pytest.approx(np.hypot(*(one.gradient_size for one in found.layers)))
    assert found.spread == pytest.approx(trace.outputs.std(axis=0).mean())


@pytest.mark.parametrize(("bytes_each", "n_kept"), [(history.MOST_BYTES, 4), (history.MOST_BYTES // 9, 9), (1, 160)])
def test_as_many_moments_are_kept_as_there_is_room_for(bytes_each, n_kept, monkeypatch):
    """At least four; when there is one more every second goes."""
    monkeypatch.setattr(history, "MOST_BYTES", history.MOST_BYTES * 4 * NETWORK.n_parameters // bytes_each)
    past = History()
    for moment in range(n_kept):
        past.add(Snapshot(moment, 0.0, None, 0.0, 0.0, NETWORK))
        assert len(past.snapshots) == moment + 1
    past.add(Snapshot(n_kept, 0.0, None, 0.0, 0.0, NETWORK))
    assert [one.moment for one in past.snapshots] == [*range(0, n_kept, 2), n_kept]
