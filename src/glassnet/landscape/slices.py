"""Slices: the real cost along a line through a network, and the way down it."""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.backpropagation import Gradients, backprop, cost_of_examples
from glassnet.errors import SettingError
from glassnet.landscape.directions import check_direction, moved
from glassnet.network import Network, feedforward
from glassnet.nudges import as_vector
from glassnet.nudges.parameters import check_finite


@dataclass(frozen=True, slots=True, eq=False)
class Slice:
    """The cost along a line through a network: equation (34).

    Parameters
    ----------
    distances : ndarray, shape (n,)
        How far along the direction; 0 is the network itself.
    costs : ndarray, shape (n,)
        Mean cost of the examples there.
    slopes : ndarray, shape (n,)
        dC/d(distance) there.
    """

    distances: np.ndarray
    costs: np.ndarray
    slopes: np.ndarray


@dataclass(frozen=True, slots=True)
class SlicePoint:
    """One place on the way down a slice: equation (37).

    Parameters
    ----------
    n_steps : int
        Steps taken; 0 is the start.
    distance : float
        How far along the direction it lies.
    cost : float
        Mean cost of the examples there.
    slope : float
        dC/d(distance) there; the next step is minus the learning rate times this.
    """

    n_steps: int
    distance: float
    cost: float
    slope: float


def cost_slice(
    network: Network, inputs: np.ndarray, wanted: np.ndarray, direction: Gradients, distances: np.ndarray
) -> Slice:
    """Return the cost along a line through a network, with its slope everywhere: equation (34).

    Parameters
    ----------
    network : Network
        Of NumPy arrays, in float64 where numbers are to be shown.
    inputs : ndarray, shape (n, n_in)
        The examples.
    wanted : ndarray, shape (n, n_out)
        What their outputs should be.
    direction : Gradients
        `along` a parameter, `scaled_random_direction`, minus the gradient, or any other.
    distances : ndarray, shape (n_points,)
        Where to look.

    Returns
    -------
    Slice
        Costs and slopes.

    Raises
    ------
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If direction, inputs or wanted outputs do not fit the network.
    """
    check_finite(network)
    check_direction(network, direction)
    costs, slopes = [], []
    along_it = as_vector(direction)
    for distance in distances.tolist():
        there = moved(network, (distance, direction))
        trace = feedforward(there, inputs)
        costs.append(float(np.mean(cost_of_examples(there, trace, wanted))))
        # dC/d(distance) = gradient . direction
        slopes.append(float(as_vector(backprop(there, trace, wanted)) @ along_it))
    return Slice(distances, np.array(costs), np.array(slopes))


def descent_along(
    network: Network,
    inputs: np.ndarray,
    wanted: np.ndarray,
    direction: Gradients,
    *,
    start: float,
    learning_rate: float,
    n_steps: int,
) -> Iterator[SlicePoint]:
    """Yield the way down a slice by steps in proportion to the slope, which shrink as it flattens: equation (37).

    Parameters
    ----------
    network : Network
        Of NumPy arrays, in float64 where numbers are to be shown.
    inputs : ndarray, shape (n, n_in)
        The examples.
    wanted : ndarray, shape (n, n_out)
        What their outputs should be.
    direction : Gradients
        The line to stay on: `along` a parameter, or any other.
    start : float
        Distance at which to begin; other starts roll into other valleys.
    learning_rate : float
        Length of a step per slope.
    n_steps : int
        How many; 0 looks at the start alone.

    Yields
    ------
    SlicePoint
        The start first, then the place after every step.

    Raises
    ------
    SettingError
        If a number of steps is below 0, or a number is not finite.
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If direction, inputs or wanted outputs do not fit the network.

    Notes
    -----
    3Blue1Brown, *Neural networks*, chapter 2: with steps in proportion to the slope one does not overshoot the bottom.
    """
    if n_steps < 0 or not (math.isfinite(start) and math.isfinite(learning_rate)):
        raise SettingError(
            f"a way down needs a finite start ({start}) and learning_rate ({learning_rate}), and steps ({n_steps})."
        )
    distance = start
    for taken in range(n_steps + 1):
        here = cost_slice(network, inputs, wanted, direction, np.array([distance]))
        yield SlicePoint(taken, distance, float(here.costs[0]), float(here.slopes[0]))
        distance -= learning_rate * float(here.slopes[0])
