"""Seeing: what a network makes of one picture, every number of it a field of its trace in float64."""

import itertools
from dataclasses import dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np
from pydantic_core import to_json

from glassnet.activation import ACTIVATIONS
from glassnet.digits import as_inputs
from glassnet.engines import fused
from glassnet.network import Network, Trace, feedforward
from glassnet.nudges.parameters import Parameter, with_values
from glassnet.reading import Calibration, Verdict, decide, explained_by_ink
from glassnet.reading.verdict import NOTHING
from glassnet.studio.shown.pictures import Prepared
from glassnet.studio.shown.schema import Answer, Change, Edges, Layer, ParameterPlace, Seen

ALL_SHOWN = 20
"""The most neurons of a layer that are all shown; of a wider one, some at either end."""
AT_AN_END = 8
LOG10_OF_2 = float(np.log10(2))
DIGITS_TOLD = 9
"""Significant digits of numbers that are told; more than anyone is shown, fewer than a float64 has."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
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
    rows : tuple of ndarray of float32, shapes (n_in, n_out), default ()
        Its weights once more, for a network that is looked through often: `rows_of`.
    """

    name: str
    network: Network
    calibration: Calibration | None = None
    rows: tuple[np.ndarray, ...] = ()


def changed(held: Held, changes: list[Change]) -> Held:
    """Return a network with some of its numbers set by hand; SettingError if it has no such number."""
    if not changes:
        return held
    return replace(held, rows=(), network=with_values(held.network, {parameter_of(one): one.value for one in changes}))


def parameter_of(place: ParameterPlace) -> Parameter:
    """Return a parameter by the place that was asked for."""
    return Parameter(place.layer, place.neuron, place.source)


def place_of(parameter: Parameter) -> ParameterPlace:
    """Return the place of a parameter, as it is told."""
    return ParameterPlace(layer=parameter.layer, neuron=parameter.neuron, source=parameter.source)


def rows_of(network: Network) -> tuple[np.ndarray, ...]:
    """Return a network's weights as `traced` is quick with: what leads out of one neuron lies together, in float32.

    Empty where the compiled kernel is missing, or where float32 cannot hold the weights exactly.
    """
    if fused.kernel is None or not fused.kernel.instruction_sets():
        return ()
    rows = tuple(np.ascontiguousarray(w.T, dtype=np.float32) for w in network.weights)
    are_exact = all(np.array_equal(row.T, w) for row, w in zip(rows, network.weights, strict=True))
    return rows if are_exact else ()


def traced(held: Held, image: np.ndarray) -> Trace:
    """Return what becomes of one image, shape (28, 28), in float64: equations (1) and (2).

    With `Held.rows` without what is 0, as three of four pixels are, and as many neurons of the reader.
    """
    network, inputs = held.network, as_inputs(image[None], dtype=np.float64)
    if not held.rows:
        return feedforward(network, inputs)
    activations, zs = [inputs], []
    with np.errstate(over="ignore"):  # as in `feedforward`
        for layer, (rows, b) in enumerate(zip(held.rows, network.biases, strict=True), 1):
            zs.append(fused.kernel.weighted_sums(rows, activations[-1][0], b)[None])
            name = network.activation if layer < len(network.weights) else network.output_activation
            activations.append(ACTIVATIONS[name].function(zs[-1]))
    return Trace(tuple(zs), tuple(activations))


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
    """Return arrays as they are told, rounded together."""
    flat, parts, begin = rounded(np.concatenate([array.ravel() for array in arrays])), [], 0
    for array in arrays:
        parts.append(flat[begin : begin + array.size].reshape(array.shape).tolist())
        begin += array.size
    return parts


def shown_of(size: int) -> list[int]:
    """Return which neurons of a layer are shown."""
    if size <= ALL_SHOWN:
        return list(range(size))
    return [*range(AT_AN_END), *range(size - AT_AN_END, size)]


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """What is told of a network whatever it looks at; a picture's own numbers go into its gaps.

    Parameters
    ----------
    shown : list of list of int
        Which neurons of each layer.
    weights : list of ndarray
        What runs between those of two layers: [to][from].
    text : list of bytes
        JSON of a `Seen`, cut where its numbers are another picture's: of the inputs, then of each layer weighted
        inputs, activations, and products with the layer before; outputs; answer.
    """

    shown: list[list[int]]
    weights: list[np.ndarray]
    text: list[bytes]


GAP = "<gap>"
"""Stands in a frame where a picture's numbers go: text, which none of its numbers can be."""
FRAMES: "WeakKeyDictionary[Held, Frame]" = WeakKeyDictionary()


def frame_of(held: Held) -> Frame:
    """Return a network's frame, made when it first looks."""
    frame = FRAMES.get(held)
    if frame is None:
        frame = FRAMES[held] = new_frame(held)
    return frame


def new_frame(held: Held) -> Frame:
    """Return a network's frame."""
    network = held.network
    shown = [shown_of(size) for size in network.layer_sizes]
    weights = [
        np.ascontiguousarray(network.weights_into(layer)[np.ix_(some, before)])
        for layer, (before, some) in enumerate(itertools.pairwise(shown), 1)
    ]
    layers = [Layer.model_construct(size=network.layer_sizes[0], shown=shown[0], z=[], activations=GAP, biases=[])]
    for layer, some in enumerate(shown[1:], 1):
        biases = told(network.biases_of(layer)[some])
        size = network.layer_sizes[layer]
        layers.append(Layer.model_construct(size=size, shown=some, z=GAP, activations=GAP, biases=biases))
    around = Seen.model_construct(
        network=held.name,
        layers=layers,
        edges=[Edges.model_construct(weights=told(between), products=GAP) for between in weights],
        outputs=GAP,
        answer=GAP,
        rejects=held.calibration is not None,
    )
    return Frame(shown, weights, around.model_dump_json(warnings=False).encode().split(f'"{GAP}"'.encode()))


def seen(held: Held, prepared: Prepared) -> bytes:
    """Return what a network sees in a picture: a `Seen`, in JSON."""
    frame, trace = frame_of(held), traced(held, prepared.image)
    activations = [told_of[0, some] for told_of, some in zip(trace.activations, frame.shown, strict=True)]
    zs = [told_of[0, some] for told_of, some in zip(trace.zs, frame.shown[1:], strict=True)]
    products = [between * before for between, before in zip(frame.weights, activations[:-1], strict=True)]
    outputs = trace.outputs[0]
    # in the order of the gaps, rounded all in one go: thirty small ones took as long as all the rest
    layers = itertools.chain.from_iterable(zip(zs, activations[1:], strict=True))
    numbers = told_together([activations[0], *layers, *products, outputs])
    filled = [to_json(some, inf_nan_mode="null") for some in numbers]
    filled.append(answer_of(held, outputs, prepared).model_dump_json().encode())
    return b"".join(itertools.chain.from_iterable(zip(frame.text, [*filled, b""], strict=True)))


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
