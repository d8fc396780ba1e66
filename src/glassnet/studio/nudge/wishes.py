"""Wishes: what one example wants of outputs, layers and neurons, as the page is told it."""

from dataclasses import dataclass

import numpy as np

from glassnet.digits import as_inputs
from glassnet.network import Network, Trace, feedforward
from glassnet.nudges import avenues, layer_wishes, output_wishes
from glassnet.nudges.parameters import check_neuron
from glassnet.studio.nudge.schema import AvenuesTold, Falls, OutputsTold, WishesTold, WishTable
from glassnet.studio.shown.pictures import Prepared, in_text
from glassnet.studio.shown.seeing import told

MOST_TOLD = 20
"""The most neurons of a layer that all stand in a table; of wider layers the `SOME` that matter most do."""
SOME = 16


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """One example before a network, with what its outputs should be.

    Parameters
    ----------
    network : Network
        Of float64.
    image : ndarray of uint8, shape (28, 28)
        As the network is shown it.
    inputs : ndarray, shape (1, 784)
        The same as numbers.
    wanted : ndarray, shape (1, 10)
        What the outputs should be; zeros for no digit.
    trace : Trace
        What became of the inputs.
    """

    network: Network
    image: np.ndarray
    inputs: np.ndarray
    wanted: np.ndarray
    trace: Trace


def lesson_of(network: Network, prepared: Prepared, digit: int | None) -> Lesson:
    """Return an example before a network, and the right answer."""
    inputs = as_inputs(prepared.image[None], dtype=np.float64)
    wanted = np.zeros((1, 10))
    if digit is not None:
        wanted[0, digit] = 1
    return Lesson(network, prepared.image, inputs, wanted, feedforward(network, inputs))


def finite(values: np.ndarray) -> list[float | None]:
    """Return numbers as they are told, None for those that JSON has no word for."""
    return [value if np.isfinite(value) else None for value in told(values)]


def wishes_told(lesson: Lesson) -> WishesTold:
    """Return what an example wishes of the outputs and of every layer before."""
    network, trace, wanted = lesson.network, lesson.trace, lesson.wanted
    found = output_wishes(network, trace, wanted)
    outputs = OutputsTold(
        outputs=told(found.outputs),
        wanted=told(found.wanted),
        costs=told(found.costs),
        cost=told(found.cost),
        cost_name=network.cost,
        wishes=finite(found.wishes),
        z_wishes=told(found.z_wishes),
        answer=int(found.outputs.argmax()),
    )
    hidden = range(len(network.weights) - 1, 0, -1)
    return WishesTold(
        image=in_text(lesson.image),
        layer_sizes=list(network.layer_sizes),
        outputs=outputs,
        tables=[wish_table(lesson, layer) for layer in hidden],
        pixels=told(layer_wishes(network, trace, wanted, 0).wishes),
    )


def wish_table(lesson: Lesson, layer: int) -> WishTable:
    """Return what the next layer wishes of a hidden layer's neurons."""
    found = layer_wishes(lesson.network, lesson.trace, lesson.wanted, layer)
    columns = of_most_weight(np.abs(found.wishes))
    rows = of_most_weight(np.abs(found.table).sum(axis=1))
    others = np.delete(found.table, rows, axis=0)[:, columns]  # (n_rest, n_columns)
    return WishTable(
        layer=layer,
        size=found.table.shape[1],
        size_after=found.table.shape[0],
        columns=columns.tolist(),
        activations=told(found.activations[columns]),
        rows=rows.tolist(),
        table=told(found.table[np.ix_(rows, columns)]),
        rest=told(others.sum(axis=0)),
        n_rest=len(others),
        wishes=told(found.wishes[columns]),
    )


def of_most_weight(sizes: np.ndarray) -> np.ndarray:
    """Return which neurons stand in a table, in their order: all of a small layer, else those of the largest sizes."""
    if len(sizes) <= MOST_TOLD:
        return np.arange(len(sizes))
    return np.sort(np.argsort(-sizes, kind="stable")[:SOME])


def avenues_told(lesson: Lesson, layer: int, neuron: int) -> AvenuesTold:
    """Return the three ways to change a neuron; SettingError if there is none."""
    network, trace = lesson.network, lesson.trace
    check_neuron(network, layer, neuron)
    found = avenues(network, trace, lesson.wanted, layer, neuron)
    return AvenuesTold(
        layer=layer,
        neuron=neuron,
        wish=finite(np.array([found.wish]))[0],
        z=told(trace.z_of(layer)[0, neuron]),
        activation=told(trace.activations[layer][0, neuron]),
        bias_now=told(network.biases_of(layer)[neuron]),
        bias=told(found.bias),
        weights=told(found.weights),
        activations=told(found.activations),
        activations_before=told(found.activations_before),
        weights_now=told(found.weights_now),
        fall_per_length=Falls(**{name: told(fall) for name, fall in found.fall_per_length.items()}),
        cheapest=found.cheapest,
    )
