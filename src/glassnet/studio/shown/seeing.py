"""Seeing: what a network makes of one picture, every number of it a field of its trace in float64."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.digits import as_inputs
from glassnet.network import Network, Trace, feedforward
from glassnet.nudges.parameters import Parameter, with_values
from glassnet.reading import Calibration, Verdict, decide, explained_by_ink
from glassnet.reading.verdict import NOTHING
from glassnet.studio.shown.pictures import Prepared
from glassnet.studio.shown.schema import Answer, Change, Edges, Layer, ParameterPlace, Seen

ALL_SHOWN = 20
"""The most neurons of a layer that are all shown; of a wider one some at either end are."""
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
        As the page has it.
    network : Network
        Of float64.
    calibration : Calibration or None
        What makes confidences of its outputs; None if it was not taught to reject non-digits.
    """

    name: str
    network: Network
    calibration: Calibration | None = None


def changed(held: Held, changes: list[Change]) -> Held:
    """Return a network with some of its numbers set by hand; SettingError if it has no such number."""
    if not changes:
        return held
    return replace(held, network=with_values(held.network, {parameter_of(one): one.value for one in changes}))


def parameter_of(place: ParameterPlace) -> Parameter:
    """Return a parameter by the place that was asked for."""
    return Parameter(place.layer, place.neuron, place.source)


def place_of(parameter: Parameter) -> ParameterPlace:
    """Return the place of a parameter, as it is told."""
    return ParameterPlace(layer=parameter.layer, neuron=parameter.neuron, source=parameter.source)


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
    before, arrays = shown[0], [trace.activations[0][0, shown[0]]]
    for layer, some in enumerate(shown[1:], 1):
        between = network.weights_into(layer)[np.ix_(some, before)]
        products = between * trace.activations_before(layer)[0, before]
        activations, biases = trace.activations[layer][0, some], network.biases_of(layer)[some]
        arrays += [trace.z_of(layer)[0, some], activations, biases, between, products]
        before = some
    inputs, *numbers = told_together(arrays)
    layers = [layer_of(network.layer_sizes[0], shown[0], [], inputs, [])]
    edges = []
    # five arrays of each layer
    for size, some, *told_of in zip(
        network.layer_sizes[1:], shown[1:], *(numbers[i::5] for i in range(5)), strict=True
    ):
        z, activations, biases, weights, products = told_of
        layers.append(layer_of(size, some, z, activations, biases))
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
    """Return what outputs come to: as the reader says it, or of a network that cannot reject the largest one."""
    largest = int(outputs.argmax())
    if held.calibration is None:
        return Answer(digit=largest, confidence=None, reason=None, largest=largest)
    verdict = decide(outputs[None], held.calibration, held.calibration.at_least)[0]
    if not prepared.image.any():
        verdict = Verdict(None, 0.0, NOTHING, outputs)
    elif prepared.ink is not None:
        verdict = explained_by_ink(verdict, prepared.ink)
    return Answer(digit=verdict.digit, confidence=verdict.confidence, reason=verdict.reason, largest=largest)
