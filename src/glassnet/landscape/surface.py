"""Surfaces: the real cost over a plane through a network."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.activation import ACTIVATIONS
from glassnet.backpropagation import Gradients
from glassnet.cost import cost_named
from glassnet.landscape.directions import check_direction, moved
from glassnet.network import Network, feedforward
from glassnet.nudges.parameters import check_finite

CHUNK = 1_000
"""Examples that are fed forward at a time: their activations stay in the processor's cache from layer to layer."""


@dataclass(frozen=True, slots=True, eq=False)
class SurfaceRow:
    """One row of a cost surface: equation (35).

    Parameters
    ----------
    index : int
        Which one, from 0.
    n_rows : int
        How many there will be.
    costs : ndarray, shape (n_columns,)
        Mean cost of the examples at each of its points.
    """

    index: int
    n_rows: int
    costs: np.ndarray


def cost_surface(
    network: Network,
    inputs: np.ndarray,
    wanted: np.ndarray,
    directions: tuple[Gradients, Gradients],
    distances: tuple[np.ndarray, np.ndarray],
) -> Iterator[SurfaceRow]:
    """Yield the cost over a plane through a network, row by row: equation (35).

    Parameters
    ----------
    network : Network
        Of NumPy arrays, in float64 where numbers are to be shown.
    inputs : ndarray, shape (n, n_in)
        The examples.
    wanted : ndarray, shape (n, n_out)
        What their outputs should be.
    directions : tuple of two Gradients
        Along a row, and from row to row.
    distances : tuple of two ndarrays, shapes (n_columns,) and (n_rows,)
        Where to look, along each.

    Yields
    ------
    SurfaceRow
        As soon as it is computed; whoever has seen enough stops listening.

    Raises
    ------
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If directions, inputs or wanted outputs do not fit the network.

    Notes
    -----
    The first layer's weighted inputs change in a straight line along each direction, so its large matrix product is
    taken three times in all and not once a point: (x, y) -> z + x z_first + y z_second.
    """
    check_finite(network)
    for direction in directions:
        check_direction(network, direction)
    feedforward(network, inputs[:1])  # refuses inputs of another width at once
    columns, rows = distances
    first, second = directions
    # three arrays, each (n, neurons of the first layer)
    starts = tuple(inputs @ part.weights[0].T + part.biases[0] for part in (network, first, second))
    for index, y in enumerate(rows.tolist()):
        costs = np.empty(len(columns))
        for i, x in enumerate(columns.tolist()):
            costs[i] = cost_from_first_layer(moved(network, (x, first), (y, second)), starts, (x, y), wanted)
        yield SurfaceRow(index, len(rows), costs)


def cost_from_first_layer(
    there: Network, starts: tuple[np.ndarray, ...], place: tuple[float, float], wanted: np.ndarray
) -> float:
    """Return the mean cost at a place of a plane, from the first layer's weighted inputs at 0 and along both ways."""
    rest = None
    if len(there.weights) > 1:
        rest = there.with_parameters(there.weights[1:], there.biases[1:])
    total = 0.0
    cost = cost_named(there.cost, there.output_activation)
    kind = ACTIVATIONS[there.activation if rest is not None else there.output_activation]
    with np.errstate(over="ignore"):
        for begin in range(0, len(wanted), CHUNK):
            some = slice(begin, begin + CHUNK)
            z = starts[0][some] + place[0] * starts[1][some] + place[1] * starts[2][some]
            a = kind.function(z)
            if rest is not None:
                trace = feedforward(rest, a)
                z, a = trace.zs[-1], trace.activations[-1]
            total += float(np.sum(cost.of_examples(z, a, wanted[some])))
    return total / len(wanted)
