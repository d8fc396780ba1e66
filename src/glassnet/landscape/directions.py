"""Directions: ways through the space of all weights and biases, and the networks along them."""

from collections.abc import Sequence

import numpy as np

from glassnet.backpropagation import Gradients
from glassnet.errors import SettingError, ShapeError
from glassnet.network import Network
from glassnet.nudges import Parameter, as_vector
from glassnet.nudges.parameters import check_parameter

CLEAR_SQUARE = 1e-6
"""Share of the largest squared singular value above which the next one can be told from rounding errors."""


def along(parameter: Parameter, network: Network) -> Gradients:
    """Return the direction in which one parameter grows by 1 and all others stay.

    Parameters
    ----------
    parameter : Parameter
        Any weight or bias.
    network : Network
        Whose it is.

    Returns
    -------
    Gradients
        Zeros but for one 1.

    Raises
    ------
    SettingError
        If the network has no such parameter.
    """
    check_parameter(network, parameter)
    weights = tuple(np.zeros_like(w) for w in network.weights)
    biases = tuple(np.zeros_like(b) for b in network.biases)
    if parameter.source is None:
        biases[parameter.index][parameter.neuron] = 1
    else:
        weights[parameter.index][parameter.neuron, parameter.source] = 1
    return Gradients(weights, biases)


def scaled_random_direction(network: Network, rng: np.random.Generator) -> Gradients:
    """Return a random direction, each array of it as long as the network's own.

    Parameters
    ----------
    network : Network
        Of NumPy arrays.
    rng : numpy.random.Generator
        Draws from N(0, 1) before the lengths are set.

    Returns
    -------
    Gradients
        A distance of 1 along it changes every layer by as much as the layer is large; without that the picture would
        show the layer with the largest weights and no other.

    Notes
    -----
    After H. Li, Z. Xu, G. Taylor, C. Studer and T. Goldstein, *Visualizing the loss landscape of neural nets*, 2018,
    who scale filter by filter.
    """

    def like(array: np.ndarray) -> np.ndarray:
        drawn = rng.standard_normal(array.shape)
        return (drawn * (np.linalg.norm(array) / np.linalg.norm(drawn))).astype(array.dtype)

    return Gradients(tuple(like(w) for w in network.weights), tuple(like(b) for b in network.biases))


def principal_directions(networks: Sequence[Network]) -> tuple[Gradients, Gradients]:
    """Return the two directions in which a recorded descent moved most, each of length 1 and at right angles.

    Parameters
    ----------
    networks : sequence of Network
        Of the same shape, at least three; the directions are those through the last one.

    Returns
    -------
    tuple of Gradients and Gradients
        The first two principal components of the way.

    Raises
    ------
    SettingError
        If there are fewer than three networks, or they lie on one line.
    """
    if len(networks) < 3:
        raise SettingError(f"two directions need at least three networks of a descent; these are {len(networks)}.")
    last = as_vector(networks[-1]).astype(np.float64)
    moves = np.stack([as_vector(network) - last for network in networks[:-1]])  # (n - 1, n_parameters)
    sizes, directions = principal_components(moves)
    if sizes[1] <= 1e-9 * sizes[0]:
        raise SettingError("these networks lie on one line: they have no second direction.")
    return from_vector(directions[0], networks[-1]), from_vector(directions[1], networks[-1])


def principal_components(moves: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the two largest singular values of moves (n, n_parameters), and their directions (2, n_parameters).

    Where the second is not far smaller than the first, the n x n matrix of products of the moves tells them: 20 times
    as fast for 240 moves of 13,002 parameters, and exact to ten digits. Else its squares would lose too many digits.
    """
    if len(moves) > 2:
        squares, mixtures = np.linalg.eigh(moves @ moves.T)  # ascending
        if squares[-2] > CLEAR_SQUARE * squares[-1]:
            directions, _ = np.linalg.qr((mixtures[:, :-3:-1].T @ moves).T)  # (n_parameters, 2)
            return np.sqrt(squares[:-3:-1]), directions.T
    _, sizes, directions = np.linalg.svd(moves, full_matrices=False)
    return sizes[:2], directions[:2]


def place_on(plane: tuple[Gradients, Gradients], origin: Network, network: Network) -> tuple[float, float]:
    """Return where a network lies on a plane through another, seen at right angles: equation (38).

    Parameters
    ----------
    plane : tuple of Gradients and Gradients
        Two directions, which need not be at right angles nor of length 1.
    origin : Network
        The network at (0, 0).
    network : Network
        Any other of the same shape.

    Returns
    -------
    tuple of float and float
        Distances along the two; the point there is the nearest of the plane.

    Raises
    ------
    SettingError
        If the two directions lie on one line.
    """
    axes = np.stack([as_vector(direction) for direction in plane]).astype(np.float64)  # (2, n_parameters)
    difference = as_vector(network).astype(np.float64) - as_vector(origin)
    gram = axes @ axes.T  # (2, 2)
    if np.linalg.det(gram) <= 1e-12 * gram[0, 0] * gram[1, 1]:
        raise SettingError("two directions that lie on one line make no plane.")
    x, y = np.linalg.solve(gram, axes @ difference).tolist()
    return x, y


def from_vector(vector: np.ndarray, network: Network) -> Gradients:
    """Return a long vector, shape (n_parameters,), in the shapes of the network's parameters."""
    weights, biases, first = [], [], 0
    for w, b in zip(network.weights, network.biases, strict=True):
        weights.append(vector[first : first + w.size].reshape(w.shape).astype(w.dtype))
        biases.append(vector[first + w.size : first + w.size + b.size].astype(b.dtype))
        first += w.size + b.size
    return Gradients(tuple(weights), tuple(biases))


def moved(network: Network, *moves: tuple[float, Gradients]) -> Network:
    """Return the network so far along one or more directions.

    Parameters
    ----------
    network : Network
        Where to start; it stays as it is.
    moves : tuple of float and Gradients
        Distance and direction.

    Returns
    -------
    Network
        A new value.
    """
    weights, biases = network.weights, network.biases
    for distance, direction in moves:
        weights = tuple(w + distance * d for w, d in zip(weights, direction.weights, strict=True))
        biases = tuple(b + distance * d for b, d in zip(biases, direction.biases, strict=True))
    return network.with_parameters(weights, biases)


def cosine_between(first: Gradients, second: Gradients) -> float:
    """Return the cosine of the angle between two gradients, over all parameters: equation (36).

    Parameters
    ----------
    first, second : Gradients
        Shaped alike.

    Returns
    -------
    float
        From -1 to 1; 0 if one of them has no length.
    """
    one, other = as_vector(first), as_vector(second)
    lengths = float(np.linalg.norm(one)) * float(np.linalg.norm(other))
    return float(one @ other) / lengths if lengths else 0.0


def check_direction(network: Network, direction: Gradients) -> None:
    """Refuse a direction that is not shaped as the network's parameters."""
    shapes = [p.shape for p in (*direction.weights, *direction.biases)]
    if shapes != [p.shape for p in (*network.weights, *network.biases)]:
        raise ShapeError("a direction must be shaped as the network's weights and biases.")
