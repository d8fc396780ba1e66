"""Seeing: what a network makes of one picture, every number of it a field of its trace in float64."""

from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from glassnet.activation import ACTIVATIONS
from glassnet.digits import as_inputs
from glassnet.errors import SettingError
from glassnet.features import exciting_input, most_exciting_digits
from glassnet.network import Network, Trace, feedforward
from glassnet.nudges.parameters import check_neuron
from glassnet.reading import Calibration, Verdict, decide, explained_by_ink
from glassnet.reading.verdict import NOTHING
from glassnet.studio.pictures import Prepared, in_text
from glassnet.studio.schema import Answer, Change, Curve, Edges, Layer, Likes, NeuronDetail, Seen, Term

ALL_SHOWN = 20
"""Neurons of a layer up to which all are shown; of a wider one some at either end."""
AT_AN_END = 8
N_LARGEST = 10
N_LIKED = 12
MOST_SEARCHED = 2_000
"""Test digits that are searched for those that excite a neuron of a wide network; of small ones all are."""
WIDE = 100_000
"""Parameters from which on a network is wide."""
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
        What makes confidences of its outputs; None if it was not taught what is no digit.
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


def neuron_detail(held: Held, prepared: Prepared, layer: int, neuron: int) -> NeuronDetail:
    """Return how a neuron comes to its activation; SettingError if there is no such neuron."""
    network = held.network
    check_neuron(network, layer, neuron)
    if layer == 0:
        raise SettingError("layer 0 are the inputs: a pixel adds nothing up.")
    trace = traced(network, prepared.image)
    before = trace.activations[layer - 1][0]  # (n_in,)
    weights = network.weights[layer - 1][neuron]  # (n_in,)
    products = weights * before
    largest = np.argsort(-np.abs(products), kind="stable")[:N_LARGEST]
    rest = np.delete(products, largest)
    bias, z = float(network.biases[layer - 1][neuron]), float(trace.zs[layer - 1][0, neuron])
    name = network.output_activation if layer == len(network.weights) else network.activation
    function = ACTIVATIONS[name]
    # softmax looks at all ten at once; its curve is that of this neuron's z, the others as they are
    zs = trace.zs[layer - 1]  # (1, n_out)
    reach = max(8.0, 1.2 * abs(z))
    x = np.linspace(-reach, reach, 161)
    others = np.repeat(zs, len(x), axis=0)
    others[:, neuron] = x
    activations = function.function(others)[:, neuron]
    only = np.zeros_like(zs)
    only[0, neuron] = 1
    slope = function.pull_back(trace.activations[layer], only)[0, neuron]
    return NeuronDetail(
        layer=layer,
        neuron=neuron,
        n_inputs=len(weights),
        weights=told(weights),
        products=told(products),
        largest=[
            Term(
                source=int(k),
                activation=told(before[k]),
                weight=told(weights[k]),
                product=told(products[k]),
            )
            for k in largest
        ],
        n_rest=len(rest),
        sum_of_rest=told(rest.sum()),
        weighted_sum=told(z - bias),
        bias=told(bias),
        threshold=told(-bias),
        z=told(z),
        activation=told(trace.activations[layer][0, neuron]),
        slope=told(slope),
        function=name,
        curve=Curve(x=told(x), y=told(activations)),
    )


def likes(held: Held, images: np.ndarray, labels: np.ndarray, layer: int, neuron: int) -> Likes:
    """Return what a neuron looks for: the test digits that excite it most, and the image that would."""
    network = held.network
    n_parameters = sum(w.size for w in network.weights)
    n_steps = 100
    if n_parameters > WIDE:
        images, labels, n_steps = images[:MOST_SEARCHED], labels[:MOST_SEARCHED], 40
        network = network.astype(np.float32)
    found = most_exciting_digits(network, images, layer, neuron, N_LIKED)
    best = exciting_input(network, layer, neuron, n_steps=n_steps)
    return Likes(
        n_searched=len(images),
        indices=found.indices.tolist(),
        labels=labels[found.indices].tolist(),
        activations=told(found.activations),
        images=[in_text(images[place]) for place in found.indices],
        best_image=in_text(np.rint(best.inputs.reshape(28, 28) * 255)),
        best_z=told(best.z),
        best_activation=told(best.activation),
    )
