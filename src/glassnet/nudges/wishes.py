"""Wishes: what one example wants of the outputs, of one neuron's three avenues, and of every layer before."""

from dataclasses import dataclass

import numpy as np

from glassnet.activation import ACTIVATIONS
from glassnet.arrays import minus
from glassnet.backpropagation import check_wanted, cost_of_examples, deltas, deltas_of
from glassnet.cost import cost_named
from glassnet.errors import SettingError, ShapeError
from glassnet.network import Network, Trace
from glassnet.nudges.parameters import check_finite, check_neuron


@dataclass(frozen=True, slots=True, eq=False)
class OutputWishes:
    """What one example wishes its outputs to do.

    Parameters
    ----------
    outputs, wanted : ndarray, shape (n_out,)
        What they are, and what they should be.
    costs : ndarray, shape (n_out,)
        The cost term by term; they add up to `cost`.
    cost : float
        Of the example.
    wishes : ndarray, shape (n_out,)
        ``-dC/da``: above 0 is up, below 0 is down; the size says how much the cost falls per nudge.
    z_wishes : ndarray, shape (n_out,)
        ``-dC/dz``, the same of the weighted inputs: a saturated output can wish for much and get nowhere.
    """

    outputs: np.ndarray
    wanted: np.ndarray
    costs: np.ndarray
    cost: float
    wishes: np.ndarray
    z_wishes: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class Avenues:
    """The three ways to change one neuron's activation, and what each does for the cost: equation (28).

    Parameters
    ----------
    layer, neuron : int
        Which neuron; layer 0 is the inputs.
    wish : float
        ``-dC/da``, what the example wants of it.
    bias : float
        ``-dC/db``: how much the cost falls per nudge of its bias.
    weights : ndarray, shape (n_in,)
        ``-dC/dw`` of each of its weights, in proportion to `activations_before`.
    activations : ndarray, shape (n_in,)
        ``-dC/da`` of each activation before, by way of this neuron alone, in proportion to `weights_now`.
    activations_before, weights_now : ndarray, shape (n_in,)
        What scales the two.
    fall_per_length : dict of str to float
        How much the cost falls per unit of length when an avenue is gone down as steeply as it goes: the lengths of the
        three gradients, by the names "bias", "weights" and "activations".
    """

    layer: int
    neuron: int
    wish: float
    bias: float
    weights: np.ndarray
    activations: np.ndarray
    activations_before: np.ndarray
    weights_now: np.ndarray
    fall_per_length: dict[str, float]

    @property
    def cheapest(self) -> str:
        """The avenue on which a nudge of a given length lowers the cost most."""
        return max(self.fall_per_length, key=self.fall_per_length.__getitem__)


@dataclass(frozen=True, slots=True, eq=False)
class LayerWishes:
    """What every neuron of a layer wants of each neuron before it, and what these wishes come to: equation (29).

    Parameters
    ----------
    layer : int
        The layer whose neurons are wished something; 0 are the inputs.
    activations : ndarray, shape (n,)
        What its neurons are.
    table : ndarray, shape (n_after, n)
        ``table[j, k]`` is what neuron j of the next layer wants of neuron k.
    wishes : ndarray, shape (n,)
        The columns' sums, ``-dC/da``.
    """

    layer: int
    activations: np.ndarray
    table: np.ndarray
    wishes: np.ndarray


def output_wishes(network: Network, trace: Trace, wanted: np.ndarray) -> OutputWishes:
    """Return what one example wishes its outputs to do: equation (27).

    Parameters
    ----------
    network : Network
        Of NumPy arrays, in float64 where numbers are to be shown.
    trace : Trace
        Of one example.
    wanted : ndarray, shape (1, n_out)
        What its outputs should be.

    Returns
    -------
    OutputWishes
        Sign, size, and the cost term by term.

    Raises
    ------
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If it is not one example, or `wanted` is not shaped as its outputs.

    Notes
    -----
    3Blue1Brown, *Neural networks*, chapter 3: outputs far from what is wanted are to be nudged a lot, near ones little.
    """
    check_one(network, trace, wanted)
    cost = cost_named(network.cost, network.output_activation)
    z, a = trace.zs[-1], trace.activations[-1]
    with np.errstate(divide="ignore", invalid="ignore"):  # cross-entropy's slope at a saturated output is infinite
        slopes = cost.derivative(a, wanted)[0]  # (n_out,)
    return OutputWishes(
        outputs=a[0],
        wanted=wanted[0],
        costs=cost.terms(z, a, wanted)[0],
        cost=float(cost_of_examples(network, trace, wanted)[0]),
        wishes=minus(slopes),
        z_wishes=minus(deltas(network, trace, wanted)[-1][0]),
    )


def avenues(network: Network, trace: Trace, wanted: np.ndarray, layer: int, neuron: int) -> Avenues:
    """Return the three ways to change one neuron's activation: equation (28).

    Parameters
    ----------
    network : Network
        Of NumPy arrays, in float64 where numbers are to be shown.
    trace : Trace
        Of one example.
    wanted : ndarray, shape (1, n_out)
        What its outputs should be.
    layer : int
        From 1 to the outputs' layer; -1 for the outputs.
    neuron : int
        Which one of it.

    Returns
    -------
    Avenues
        Bias, weights and activations before, with their true sizes.

    Raises
    ------
    SettingError
        If there is no such neuron, or it is an input, which has none of the three.
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If it is not one example, or `wanted` is not shaped as its outputs.
    """
    check_one(network, trace, wanted)
    if layer == -1:
        layer = len(network.weights)
    if layer == 0:
        raise SettingError("layer 0 is the inputs: an image's pixels have no bias and no weights before them.")
    check_neuron(network, layer, neuron)
    delta = deltas_of(network, trace, wanted, layer)[0, neuron]
    before, weights_now = trace.activations_before(layer)[0], network.weights_into(layer)[neuron]
    # z = w a_before + b, so dC/db = delta, dC/dw_k = delta a_k, dC/da_k = delta w_k by way of this neuron
    bias, weights, activations = minus(delta), minus(delta * before), minus(delta * weights_now)
    return Avenues(
        layer=layer,
        neuron=neuron,
        wish=float(wishes_of_layer(network, trace, wanted, layer)[neuron]),
        bias=float(bias),
        weights=weights,
        activations=activations,
        activations_before=before,
        weights_now=weights_now,
        fall_per_length={
            "bias": abs(float(bias)),
            "weights": float(np.linalg.norm(weights)),
            "activations": float(np.linalg.norm(activations)),
        },
    )


def layer_wishes(network: Network, trace: Trace, wanted: np.ndarray, layer: int) -> LayerWishes:
    """Return what the next layer's neurons want of each neuron of a layer, and the sum of it: equation (29).

    Parameters
    ----------
    network : Network
        Of NumPy arrays, in float64 where numbers are to be shown.
    trace : Trace
        Of one example.
    wanted : ndarray, shape (1, n_out)
        What its outputs should be.
    layer : int
        From 0, the inputs (what the example would have of its pixels), to the last hidden one.

    Returns
    -------
    LayerWishes
        The table and its columns' sums. From the last hidden layer backwards they are backpropagation's recursion.

    Raises
    ------
    SettingError
        If there is no such layer, or it is that of the outputs, after which comes nothing.
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If it is not one example, or `wanted` is not shaped as its outputs.
    """
    check_one(network, trace, wanted)
    if not 0 <= layer < len(network.weights):
        raise SettingError(f"wishes come from the layer after: choose a layer from 0 to {len(network.weights) - 1}.")
    after = layer + 1
    delta = deltas_of(network, trace, wanted, after)[0]  # (n_after,)
    table = minus(delta[:, None] * network.weights_into(after))  # (n_after, n)
    return LayerWishes(layer, trace.activations[layer][0], table, table.sum(axis=0))


def wishes_of_layer(network: Network, trace: Trace, wanted: np.ndarray, layer: int) -> np.ndarray:
    """Return ``-dC/da`` of every neuron of a layer, shape (n,): of outputs directly, of others as sums of wishes."""
    if layer == len(network.weights):
        return output_wishes(network, trace, wanted).wishes
    return layer_wishes(network, trace, wanted, layer).wishes


def slopes_of_layer(network: Network, trace: Trace, layer: int) -> np.ndarray | None:
    """Return da/dz of every neuron of a layer of one example, shape (n,); None for softmax, which has no single one."""
    name = network.output_activation if layer == len(network.weights) else network.activation
    slope = ACTIVATIONS[name].slope
    return None if slope is None else slope(trace.activations[layer][0])


def check_one(network: Network, trace: Trace, wanted: np.ndarray) -> None:
    """Refuse anything but one example, and a network whose numbers are not finite."""
    check_finite(network)
    check_wanted(trace, wanted)
    if wanted.shape[0] != 1:
        raise ShapeError(f"wishes are those of one example; these are {wanted.shape[0]}.")
