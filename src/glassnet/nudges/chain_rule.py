"""The chain rule with its numbers: for any weight, bias or activation its factors, their product, a measurement."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.backpropagation import cost_of_examples, deltas_of
from glassnet.errors import SettingError
from glassnet.network import Network, Trace, feedforward
from glassnet.nudges.parameters import Parameter, check_neuron, check_parameter, nudged
from glassnet.nudges.wishes import check_one, slopes_of_layer, wishes_of_layer

MEASURING_NUDGE = 1e-3
"""How far a number is moved both ways to measure a slope, equation (24): the error shrinks with its fourth power."""


@dataclass(frozen=True, slots=True)
class Path:
    """One of the ways in which an activation reaches the cost: through one neuron of the layer after it.

    Parameters
    ----------
    through : int
        The neuron of the next layer.
    dz_da : float
        The weight on the way to it.
    dC_dz : float
        How the cost changes with that neuron's weighted input.
    product : float
        Of the two.
    """

    through: int
    dz_da: float
    dC_dz: float
    product: float


@dataclass(frozen=True, slots=True)
class ChainRule:
    """How the cost of one example changes with one number of the network: equation (30).

    Parameters
    ----------
    name : str
        Of the number: ``weights[0][3, 400]``, ``biases[2][7]`` or ``activations[1][5]``.
    value : float
        What it is now.
    factors : tuple of (str, float)
        In the order of the equation: of a weight dz/dw, da/dz, dC/da. Where the outputs are softmax, which has no
        single da/dz, or a cross-entropy's dC/da is infinite at a saturated output, the last two stand as one, dC/dz. Of
        an activation before the outputs there is only dC/da, the sum of the paths.
    product : float
        Of the factors.
    paths : tuple of Path
        By which the activation reaches the cost, their products adding up to dC/da; empty for outputs.
    measured : float
        The same slope from the cost alone, by a central difference.
    """

    name: str
    value: float
    factors: tuple[tuple[str, float], ...]
    product: float
    paths: tuple[Path, ...]
    measured: float


def chain_rule(network: Network, inputs: np.ndarray, wanted: np.ndarray, parameter: Parameter) -> ChainRule:
    """Return how the cost of one example changes with a weight or bias, factor by factor: equation (30).

    Parameters
    ----------
    network : Network
        Of NumPy arrays and float64.
    inputs : ndarray, shape (1, n_in)
        The example.
    wanted : ndarray, shape (1, n_out)
        What its outputs should be.
    parameter : Parameter
        Any weight or bias of any layer.

    Returns
    -------
    ChainRule
        Factors, product, the paths of the activation in the middle, and the measured slope.

    Raises
    ------
    SettingError
        If there is no such parameter, or the network is not of float64.
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If it is not one example.
    """
    check_float64(network)
    check_parameter(network, parameter)
    trace = feedforward(network, inputs)
    check_one(network, trace, wanted)
    layer, j = parameter.layer, parameter.neuron
    if parameter.source is None:
        first = ("dz/db", 1.0)
    else:
        first = ("dz/dw", float(trace.activations_before(layer)[0, parameter.source]))
    factors = (first, *error_factors(network, trace, wanted, layer, j))

    def cost_at(amount: float) -> float:
        moved = nudged(network, parameter, amount)
        return float(cost_of_examples(moved, feedforward(moved, inputs), wanted)[0])

    return ChainRule(
        name=parameter.name,
        value=parameter.of(network),
        factors=factors,
        product=float(np.prod([factor for _, factor in factors])),
        paths=paths_from(network, trace, wanted, layer, j),
        measured=measured_slope(cost_at),
    )


def activation_chain_rule(
    network: Network, inputs: np.ndarray, wanted: np.ndarray, layer: int, neuron: int
) -> ChainRule:
    """Return how the cost of one example changes with an activation, path by path: equation (31).

    Parameters
    ----------
    network : Network
        Of NumPy arrays and float64.
    inputs : ndarray, shape (1, n_in)
        The example.
    wanted : ndarray, shape (1, n_out)
        What its outputs should be.
    layer : int
        0, the inputs, to the last hidden one.
    neuron : int
        Which one of it.

    Returns
    -------
    ChainRule
        With every path and their sum.

    Raises
    ------
    SettingError
        If there is no such neuron, it is an output, or the network is not of float64.
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If it is not one example.
    """
    check_float64(network)
    check_neuron(network, layer, neuron)
    if layer == len(network.weights):
        raise SettingError("an output reaches the cost directly; paths lead from a layer before it.")
    trace = feedforward(network, inputs)
    check_one(network, trace, wanted)
    paths = paths_from(network, trace, wanted, layer, neuron)
    total = sum(path.product for path in paths)
    after = Network(  # the layers after this one
        network.weights[layer:], network.biases[layer:], network.activation, network.output_activation, network.cost
    )

    def cost_at(amount: float) -> float:
        moved = trace.activations[layer].copy()
        moved[0, neuron] += amount
        return float(cost_of_examples(after, feedforward(after, moved), wanted)[0])

    return ChainRule(
        name=f"activations[{layer}][{neuron}]",
        value=float(trace.activations[layer][0, neuron]),
        factors=(("dC/da", total),),
        product=total,
        paths=paths,
        measured=measured_slope(cost_at),
    )


def error_factors(
    network: Network, trace: Trace, wanted: np.ndarray, layer: int, j: int
) -> tuple[tuple[str, float], ...]:
    """Return da/dz and dC/da of a neuron, or where they cannot be told apart their product dC/dz."""
    slopes = slopes_of_layer(network, trace, layer)
    slope_of_cost = -float(wishes_of_layer(network, trace, wanted, layer)[j])
    if slopes is None or not np.isfinite(slope_of_cost):
        return (("dC/dz", float(deltas_of(network, trace, wanted, layer)[0, j])),)
    return ("da/dz", float(slopes[j])), ("dC/da", slope_of_cost)


def paths_from(network: Network, trace: Trace, wanted: np.ndarray, layer: int, neuron: int) -> tuple[Path, ...]:
    """Return the ways from an activation to the cost, one through each neuron of the layer after it."""
    if layer == len(network.weights):
        return ()
    after = layer + 1
    errors = deltas_of(network, trace, wanted, after)[0]  # (n_after,)
    weights = network.weights_into(after)[:, neuron]  # (n_after,)
    pairs = enumerate(zip(weights.tolist(), errors.tolist(), strict=True))
    return tuple(Path(i, weight, error, weight * error) for i, (weight, error) in pairs)


def measured_slope(cost_at: Callable[[float], float]) -> float:
    """Return the slope of a cost at 0 from four of its values: equation (24)."""
    h = MEASURING_NUDGE
    return (8 * (cost_at(h) - cost_at(-h)) - (cost_at(2 * h) - cost_at(-2 * h))) / (12 * h)


def check_float64(network: Network) -> None:
    """Refuse a network in whose rounding a measured slope would drown."""
    if network.dtype != np.float64:
        raise SettingError(f"slopes are measured in float64, not in {network.dtype}: use network.astype(float64).")
