"""Seeing: what a network makes of one picture, every number of it a field of its trace in float64."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.digits import as_inputs
from glassnet.network import Network, Trace, feedforward
from glassnet.nudges.parameters import check_neuron
from glassnet.reading import Calibration, Verdict, decide, explained_by_ink
from glassnet.reading.verdict import NOTHING
from glassnet.studio.shown.pictures import Prepared
from glassnet.studio.shown.schema import Answer, Change, Edges, Layer, Seen

ALL_SHOWN = 20
"""The most neurons of a layer that are all shown; of a wider one, some at either end."""
AT_AN_END = 8
LOG10_OF_2 = float(np.log10(2))
DIGITS_TOLD = 9
"""Significant digits of numbers that are told; more than anyone is shown, fewer than a float64 has."""


@dataclass(frozen=True, slots=True, eq=False)
class Held:
    """A network to be looked at.

    Parameters
    ----------
    name : str
        As the page calls it.
    network : Network
        Of float64.
    calibration : Calibration or None
        What makes confidences of its outputs; None if it was not taught about non-digits.
    """

    name: str
    network: Network
    calibration: Calibration | None = None


def changed(held: Held, changes: list[Change]) -> Held:
    """Return a network with some of its numbers set by hand; SettingError if it has no such number."""
    if not changes:
        return held
    network = held.network
    weights, biases = [w.copy() for w in network.weights], [b.copy() for b in network.biases]
    for change in changes:
        check_neuron(network, change.layer, change.neuron)
        if change.source is None:
            biases[change.layer - 1][change.neuron] = change.value
        else:
            check_neuron(network, change.layer - 1, change.source)
            weights[change.layer - 1][change.neuron, change.source] = change.value
    return replace(held, network=network.with_parameters(tuple(weights), tuple(biases)))


def traced(network: Network, image: np.ndarray) -> Trace:
    """Return what becomes of one image, shape (28, 28), in float64."""
    return feedforward(network, as_inputs(image[None], dtype=np.float64))


def rounded(values: np.ndarray | float) -> np.ndarray:
    """Return numbers rounded to `DIGITS_TOLD` significant digits, or one more."""
    values = np.asarray(values, dtype=np.float64)
    # the power of ten of each from its power of two; the smallest keep fewer digits
    _, exponents = np.frexp(values)
    power = 10.0 ** (DIGITS_TOLD - np.clip(np.ceil(exponents * LOG10_OF_2), -280, 280))
    return np.rint(values * power) / power


def told(values: np.ndarray | float) -> Any:
    """Return numbers as they are told: lists, or one number."""
    return rounded(values).tolist()


def told_together(arrays: list[np.ndarray]) -> list[Any]:
    """Return arrays as they are told: all in one go, since thirty small ones took as long as all the rest."""
    flat = rounded(np.concatenate([array.ravel() for array in arrays]))
    parts = np.split(flat, np.cumsum([array.size for array in arrays])[:-1])
    return [part.reshape(array.shape).tolist() for part, array in zip(parts, arrays, strict=True)]


def shown_of(size: int) -> list[int]:
    """Return which neurons of a layer are shown."""
    if size <= ALL_SHOWN:
        return list(range(size))
    return [*range(AT_AN_END), *range(size - AT_AN_END, size)]


def seen(held: Held, prepared: Prepared) -> Seen:
    """Return what a network sees in a picture."""
    network = held.network
    trace = traced(network, prepared.image)
    shown = [shown_of(size) for size in network.layer_sizes]
    arrays = [trace.activations[0][0, shown[0]]]
    for place, (weights, biases, z) in enumerate(zip(network.weights, network.biases, trace.zs, strict=True)):
        before, some = shown[place], shown[place + 1]
        between = weights[np.ix_(some, before)]
        products = between * trace.activations[place][0, before]
        arrays += [z[0, some], trace.activations[place + 1][0, some], biases[some], between, products]
    inputs, *numbers = told_together(arrays)
    layers = [layer_of(network.layer_sizes[0], shown[0], [], inputs, [])]
    edges = []
    for place in range(len(network.weights)):
        z, activations, biases, weights, products = numbers[5 * place : 5 * place + 5]
        layers.append(layer_of(network.layer_sizes[place + 1], shown[place + 1], z, activations, biases))
        edges.append(Edges.model_construct(weights=weights, products=products))
    outputs = trace.outputs[0]
    return Seen(
        network=held.name,
        layers=layers,
        edges=edges,
        outputs=told(outputs),
        answer=answer_of(held, outputs, prepared),
        rejects=held.calibration is not None,
    )


def layer_of(size: int, shown: list[int], z: list[float], activations: list[float], biases: list[float]) -> Layer:
    """Return a layer's numbers; they are our own and need no checking."""
    return Layer.model_construct(size=size, shown=shown, z=z, activations=activations, biases=biases)


def answer_of(held: Held, outputs: np.ndarray, prepared: Prepared) -> Answer:
    """Return what outputs come to: as the reader says it, or for a network that cannot reject, the largest one."""
    largest = int(outputs.argmax())
    if held.calibration is None:
        return Answer(digit=largest, confidence=None, reason=None, largest=largest)
    verdict = decide(outputs[None], held.calibration, held.calibration.at_least)[0]
    if not prepared.image.any():
        verdict = Verdict(None, 0.0, NOTHING, outputs)
    elif prepared.ink is not None:
        verdict = explained_by_ink(verdict, prepared.ink)
    return Answer(digit=verdict.digit, confidence=verdict.confidence, reason=verdict.reason, largest=largest)
