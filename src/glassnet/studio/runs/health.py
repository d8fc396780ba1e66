"""Health: how each layer of a network fares, and why a run may be stuck, with what was measured."""

from dataclasses import dataclass

import numpy as np

from glassnet.activation import ACTIVATIONS
from glassnet.backpropagation import Gradients, backprop, cost_of_examples
from glassnet.digits import as_inputs, one_hot
from glassnet.network import Network, feedforward
from glassnet.studio.runs.course import Course
from glassnet.studio.runs.history import History, Snapshot
from glassnet.studio.runs.learned import Learned
from glassnet.studio.runs.schema import LayerHealth, Remedy, RunSettings, Trouble
from glassnet.studio.shown.kept import Kept

N_PROBED = 500
N_BARS = 24
FLAT = 0.01
"""Slope of an activation function below which a neuron hardly learns any more."""
GOOD_ENOUGH = 0.9
"""Accuracy at or above which nobody would call a run stuck."""
LEAST_EPOCHS = 0.3
"""Share of an epoch before which nobody can tell."""
LEAST_SPREAD = 0.005
MOST_SATURATED = 0.6
LEAST_GAIN = 0.05
"""Share of the cost that an epoch of steps should gain, were the slope to stay as it is."""


@dataclass(frozen=True, slots=True, eq=False)
class Checkup:
    """What was measured of a network on some training digits.

    Parameters
    ----------
    layers : list of LayerHealth
        From the first hidden one to the outputs.
    cost : float
        Mean over those digits.
    gradient_size : float
        Length of the whole gradient.
    spread : float
        Mean over the outputs of their standard deviation from digit to digit.
    """

    layers: list[LayerHealth]
    cost: float
    gradient_size: float
    spread: float


def checkup(network: Network, images: np.ndarray, labels: np.ndarray) -> Checkup:
    """Return how a network fares on some digits, in float64."""
    network = network.astype(np.float64)
    trace = feedforward(network, as_inputs(images, dtype=np.float64))
    wanted = one_hot(labels, network.layer_sizes[-1], dtype=np.float64)
    gradients = backprop(network, trace, wanted)
    layers = []
    for place, weights in enumerate(network.weights):
        is_last = place == len(network.weights) - 1
        slope = ACTIVATIONS[network.output_activation if is_last else network.activation].slope
        activations = trace.activations[place + 1]
        # of softmax, which has no slope of its own, that of one output beside the nine others
        slopes = activations * (1 - activations) if slope is None else slope(activations)
        low, high = float(weights.min()), float(weights.max())
        counts, _ = np.histogram(weights, bins=N_BARS, range=(low, high if high > low else low + 1))
        layers.append(
            LayerHealth(
                layer=place + 1,
                gradient_size=size_of(gradients, place),
                saturated=float(np.mean(slopes < FLAT)),
                weight_mean=float(weights.mean()),
                weight_spread=float(weights.std()),
                histogram=counts.tolist(),
                low=low,
                high=high,
            )
        )
    whole = float(np.sqrt(sum(layer.gradient_size**2 for layer in layers)))
    cost = float(np.mean(cost_of_examples(network, trace, wanted)))
    return Checkup(layers, cost, whole, float(trace.outputs.std(axis=0).mean()))


def size_of(gradients: Gradients, place: int) -> float:
    """Return the length of a layer's gradient."""
    return float(np.sqrt(np.sum(gradients.weights[place] ** 2) + np.sum(gradients.biases[place] ** 2)))


def troubles(settings: RunSettings, history: History, measured: Checkup, *, has_failed: bool) -> list[Trouble]:
    """Return why a run is stuck, if it is, each reason with its numbers and what may help."""
    newest = history.newest
    if has_failed:
        return [too_high(settings, "The cost is no longer a finite number.")]
    found = [one_step_an_epoch(settings, newest)]
    if newest.epoch >= LEAST_EPOCHS and newest.test_accuracy < GOOD_ENOUGH:
        found += [saturated(settings, measured), rising(settings, history)]
        # outputs are alike at the start, too, and stay so where steps are too short
        found.append(too_low(settings, measured) or all_alike(settings, measured))
    return [trouble for trouble in found if trouble is not None]


def one_step_an_epoch(settings: RunSettings, newest: Snapshot) -> Trouble | None:
    """Return the trouble of a mini-batch that holds all digits."""
    if settings.mini_batch_size < settings.n_training or not newest.moment or newest.test_accuracy >= GOOD_ENOUGH:
        return None
    return Trouble(
        kind="whole-set",
        title="One step for a whole epoch",
        evidence=f"A mini-batch holds all {settings.n_training:,} digits: {newest.moment:,} steps so far.",
        advice="The exact gradient is hardly a better guide than that of 100 digits, and costs many times more.",
        remedies=[remedy("mini-batches of 100", settings, mini_batch_size=min(100, settings.n_training // 10))],
    )


def all_alike(settings: RunSettings, measured: Checkup) -> Trouble | None:
    """Return the trouble that the outputs do not depend on the digit."""
    if measured.spread >= LEAST_SPREAD:
        return None
    return Trouble(
        kind="alike",
        title="It says the same to every digit",
        evidence=f"From digit to digit an output changes by {measured.spread:.4f} on average.",
        advice="The inputs hardly reach the outputs: a smaller learning rate or scaled start values help.",
        remedies=gentler(settings),
    )


def saturated(settings: RunSettings, measured: Checkup) -> Trouble | None:
    """Return the trouble that most neurons of a layer sit where their curve is flat."""
    share, layer = max((layer.saturated, layer.layer) for layer in measured.layers[:-1] or measured.layers)
    if share <= MOST_SATURATED:
        return None
    return Trouble(
        kind="saturated",
        title=f"Most neurons are {'dead' if settings.activation == 'relu' else 'saturated'}",
        evidence=f"{100 * share:.0f} % of the activations of layer {layer} have a slope below {FLAT:g}.",
        advice="Where the curve is flat no nudge gets through: start with smaller weights, or take smaller steps.",
        remedies=gentler(settings),
    )


def rising(settings: RunSettings, history: History) -> Trouble | None:
    """Return the trouble that the cost has been lower already."""
    costs = [snapshot.cost for snapshot in history.snapshots if snapshot.cost is not None]
    if len(costs) < 3 or costs[-1] <= 1.1 * min(costs):
        return None
    return too_high(settings, f"The cost is {costs[-1]:.3f}; it was {min(costs):.3f} already.")


def too_high(settings: RunSettings, evidence: str) -> Trouble:
    """Return the trouble that steps are too long."""
    return Trouble(
        kind="too-high",
        title="The steps are too long",
        evidence=f"{evidence} The learning rate is {settings.learning_rate:g}.",
        advice="It jumps over the valley and lands higher on the other side: take shorter steps.",
        remedies=[remedy("a tenth of the learning rate", settings, learning_rate=settings.learning_rate / 10)],
    )


def too_low(settings: RunSettings, measured: Checkup) -> Trouble | None:
    """Return the trouble that steps are too short."""
    # what a step gains while the slope stays as it is: learning_rate * |gradient|^2
    gain = settings.learning_rate * measured.gradient_size**2
    in_epoch = gain * -(-settings.n_training // settings.mini_batch_size) / measured.cost
    if settings.learning_rate >= usual_rate(settings) or in_epoch >= LEAST_GAIN:
        return None
    longer = min(settings.learning_rate * 10, 1000.0)
    return Trouble(
        kind="too-low",
        title="The steps are too short",
        evidence=(
            f"A step, {settings.learning_rate:g} times a gradient of length {measured.gradient_size:.4f}, lowers the "
            f"cost of {measured.cost:.3f} by {gain:.2e}: {100 * in_epoch:.2g} % in an epoch."
        ),
        advice="Take longer steps.",
        remedies=[remedy("ten times the learning rate", settings, learning_rate=longer)],
    )


def usual_rate(settings: RunSettings) -> float:
    """Return a learning rate that suits most networks of a kind (docs/decisions/0003)."""
    return 1.0 if settings.activation == "sigmoid" and settings.cost == "quadratic" else 0.1


def gentler(settings: RunSettings) -> list[Remedy]:
    """Return what helps neurons out of the flat parts of their curves, or keeps them out of there."""
    usual = usual_rate(settings)
    rate = usual if settings.learning_rate > usual else settings.learning_rate / 3
    slower = remedy(f"a learning rate of {rate:.3g}", settings, learning_rate=rate)
    return [slower] if settings.start == "scaled" else [remedy("scaled start values", settings, start="scaled"), slower]


def remedy(title: str, settings: RunSettings, **changes: object) -> Remedy:
    """Return settings that may help, and in a few words what is different about them."""
    return Remedy(title=title, change=settings.model_copy(update=changes))


def checkup_of(course: Course, learned: Learned, snapshot: Snapshot, kept: Kept) -> Checkup:
    """Return how a run fared at a moment, measured on training digits of its own."""
    n = min(N_PROBED, course.n_training)
    digits = course.classroom.digits
    return kept.take(
        (learned.number, snapshot.moment),
        lambda: checkup(snapshot.network, digits.train_images[:n], digits.train_labels[:n]),
    )
