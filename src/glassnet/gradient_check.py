"""The gradient checker: what the equations say about a slope, beside the slope that is measured."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.arrays import Array
from glassnet.backpropagation import Gradients, backprop, cost_of_examples
from glassnet.errors import SettingError
from glassnet.network import Network, Trace, feedforward

Backprop = Callable[[Network, Trace, Array], Gradients]


@dataclass(frozen=True, slots=True)
class GradientCheck:
    """One slope of the cost, computed in two ways that share nothing but the cost.

    Parameters
    ----------
    predicted : float
        From the gradients: their product with the direction.
    measured : float
        From the cost alone: a central difference, equation (24).
    relative_difference : float
        ``|predicted - measured| / max(|predicted|, |measured|)``, 0 where both are 0.
    """

    predicted: float
    measured: float
    relative_difference: float


def random_direction(network: Network, rng: np.random.Generator) -> Gradients:
    """Return a direction from N(0, 1) in every parameter.

    Parameters
    ----------
    network : Network
        Of NumPy arrays; the direction is shaped like its parameters.
    rng : numpy.random.Generator
        Where the numbers come from.

    Returns
    -------
    Gradients
        The direction.
    """
    return Gradients(
        tuple(rng.standard_normal(w.shape) for w in network.weights),
        tuple(rng.standard_normal(b.shape) for b in network.biases),
    )


def check_gradients(
    network: Network,
    inputs: Array,
    wanted: Array,
    direction: Gradients,
    *,
    backprop: Backprop = backprop,
    nudge: float = 1e-4,
) -> GradientCheck:
    """Return the slope of the cost along a direction as backpropagation has it and as it is measured: equation (24).

    Parameters
    ----------
    network : Network
        Of float64: in float32 rounding would drown what is measured.
    inputs : Array, shape (batch, n_in)
        The examples.
    wanted : Array, shape (batch, n_out)
        What the outputs should be.
    direction : Gradients
        `random_direction`, where nothing is known in advance, finds every wrong entry with probability one.
    backprop : callable
        What is checked; the library's own unless a test plants a fault.
    nudge : float, default 1e-4
        How far along the direction the cost is measured, both ways. Four measurements at h and 2h are combined so
        that the error shrinks with h^4.

    Returns
    -------
    GradientCheck
        The two slopes, and how far apart they are.

    Raises
    ------
    SettingError
        If the network is not of float64.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> network = Network.random((3, 2, 1), rng=rng, dtype=np.float64)
    >>> inputs, wanted = rng.random((5, 3)), rng.random((5, 1))
    >>> check_gradients(network, inputs, wanted, random_direction(network, rng)).relative_difference < 1e-8
    True
    """
    if network.dtype != np.float64:
        raise SettingError(f"gradients are checked in float64, not in {network.dtype}: use network.astype(float64).")

    def cost_at(distance: float) -> float:
        """Return the cost that far along the direction."""
        moved = network.with_parameters(
            tuple(w + distance * d for w, d in zip(network.weights, direction.weights, strict=True)),
            tuple(b + distance * d for b, d in zip(network.biases, direction.biases, strict=True)),
        )
        return float(np.mean(cost_of_examples(moved, feedforward(moved, inputs), wanted)))

    gradients = backprop(network, feedforward(network, inputs), wanted)
    predicted = sum(
        float(np.sum(g * d))
        for gs, ds in ((gradients.weights, direction.weights), (gradients.biases, direction.biases))
        for g, d in zip(gs, ds, strict=True)
    )
    # C'(0) = (8 (C(h) - C(-h)) - (C(2h) - C(-2h))) / 12 h + O(h^4)
    near, far = cost_at(nudge) - cost_at(-nudge), cost_at(2 * nudge) - cost_at(-2 * nudge)
    measured = (8 * near - far) / (12 * nudge)
    scale = max(abs(predicted), abs(measured))
    return GradientCheck(predicted, measured, abs(predicted - measured) / scale if scale else 0.0)
