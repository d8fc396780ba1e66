"""Views: which lines and which parts of a plane are worth looking at, and how long a first step is."""

import numpy as np

from glassnet.arrays import minus
from glassnet.backpropagation import Gradients, backprop
from glassnet.errors import SettingError
from glassnet.network import Network, feedforward
from glassnet.nudges import as_vector

REACH_OF_PARAMETER, REACH_AT_RANDOM = 5.0, 1.0
"""How far a line is looked at each way, along one parameter and along a random direction."""
REACH_DOWNHILL = 0.1
"""Of the length of all parameters, that the line down the gradient is looked at each way."""
LARGEST_STEP = 0.2
"""Of the reach, that the first step goes from the steepest start on a slice."""
MARGIN = 0.15
"""Of a descent's width, that its surface shows beyond it on each side."""


def downhill(network: Network, inputs: np.ndarray, wanted: np.ndarray) -> Gradients:
    """Return minus the gradient: a distance along it is a learning rate.

    Parameters
    ----------
    network : Network
        Of NumPy arrays.
    inputs : ndarray, shape (n, n_in)
        The examples.
    wanted : ndarray, shape (n, n_out)
        What their outputs should be.

    Returns
    -------
    Gradients
        The steepest way down.

    Raises
    ------
    SettingError
        If the gradient is 0, so that no way leads down.
    """
    gradients = backprop(network, feedforward(network, inputs), wanted)
    down = Gradients(tuple(map(minus, gradients.weights)), tuple(map(minus, gradients.biases)))
    if not as_vector(down).any():
        raise SettingError("the gradient is 0 here: no way leads down. Look along a parameter or at random.")
    return down


def reach_downhill(network: Network, down: Gradients) -> float:
    """Return how far the line down the gradient is worth looking at each way.

    Parameters
    ----------
    network : Network
        Where the line begins.
    down : Gradients
        As `downhill` returns it.

    Returns
    -------
    float
        A learning rate.
    """
    return REACH_DOWNHILL * float(np.linalg.norm(as_vector(network))) / float(np.linalg.norm(as_vector(down)))


def rate_for(slopes: np.ndarray, reach: float) -> float:
    """Return a learning rate whose first steps are seen: the steepest start goes `LARGEST_STEP` of the reach.

    Parameters
    ----------
    slopes : ndarray, shape (n_starts,)
        dC/d(distance) at each start.
    reach : float
        How far the slice is looked at each way.

    Returns
    -------
    float
        Distance per slope; where all is level, as if the steepest slope were 1.
    """
    return LARGEST_STEP * reach / (float(np.abs(slopes).max()) or 1.0)


def box_around(places: np.ndarray) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return what part of a plane shows all of some places, x first.

    Parameters
    ----------
    places : ndarray, shape (n, 2)
        As `place_on` returns them.

    Returns
    -------
    tuple of (low, high)
        For each of the two directions, with a margin that is the same on all sides, so that a straight descent has a
        plane too.
    """
    low, high = places.min(axis=0), places.max(axis=0)
    margin = MARGIN * max(high - low)
    (x_low, y_low), (x_high, y_high) = (low - margin).tolist(), (high + margin).tolist()
    return (x_low, x_high), (y_low, y_high)
