"""Layer map: where digits lie in a layer, seen from the side on which they are spread widest."""

from dataclasses import dataclass

import numpy as np

from glassnet.errors import DivergedError, SettingError
from glassnet.evaluation import traces
from glassnet.network import Network


@dataclass(frozen=True, slots=True, eq=False)
class Plane:
    """Points seen on the plane in which they are spread widest: principal component analysis.

    Parameters
    ----------
    places : ndarray of float, shape (n, 2)
        Each point along the first and the second axis, counted from the mean of all.
    axes : ndarray of float, shape (2, width)
        The two directions, of length 1 and at right angles.
    shares : tuple of float
        What part of the points' variance lies along each axis; 0 where they are all alike.
    """

    places: np.ndarray
    axes: np.ndarray
    shares: tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class LayerMap:
    """Where images lie in a layer.

    Parameters
    ----------
    plane : Plane
        Of their activations in that layer.
    answers : ndarray of int, shape (n,)
        The digit with the largest output, for each image.
    """

    plane: Plane
    answers: np.ndarray


def widest_plane(points: np.ndarray) -> Plane:
    """Return points on the plane in which they are spread widest.

    Parameters
    ----------
    points : ndarray of float, shape (n, width)
        At least one; with a width of 1 the second axis is 0.

    Returns
    -------
    Plane
        The axes are the eigenvectors of the points' covariance with the two largest eigenvalues. Each is turned so
        that its largest entry by size is above 0, since an eigenvector's sign is arbitrary.

    Examples
    --------
    >>> plane = widest_plane(np.array([[0.0, 0.0], [3.0, 3.0], [6.0, 6.0]]))
    >>> round(plane.shares[0], 9), (plane.places[:, 0] ** 2).round(9).tolist()
    (1.0, [18.0, 0.0, 18.0])
    """
    from scipy.linalg import eigh

    n, width = points.shape
    centred = points - points.mean(axis=0)
    total = float(np.sum(centred * centred)) / n
    axes, shares = np.zeros((2, width)), [0.0, 0.0]
    # X'X and XX' have the same eigenvalues, and X' takes one's vectors to the other's: the smaller one is solved
    is_wide = width > n
    product = (centred @ centred.T if is_wide else centred.T @ centred) / n
    n_axes = min(2, len(product))
    values, vectors = eigh(product, subset_by_index=[len(product) - n_axes, len(product) - 1])  # the largest last
    for place in range(n_axes):
        axis = vectors[:, n_axes - 1 - place]
        axis = centred.T @ axis if is_wide else axis
        length = float(np.linalg.norm(axis))
        if length > 0:
            axes[place] = axis / (length * np.sign(axis[np.argmax(np.abs(axis))]))
        shares[place] = max(float(values[n_axes - 1 - place]), 0.0) / total if total > 0 else 0.0
    return Plane(centred @ axes.T, axes, (shares[0], shares[1]))


def layer_map(network: Network, images: np.ndarray, layer: int) -> LayerMap:
    """Return where images lie in a layer of a network.

    Parameters
    ----------
    network : Network
        Of NumPy arrays.
    images : ndarray of uint8, shape (n, height, width)
        At least one.
    layer : int
        0, the inputs, to the outputs' layer.

    Returns
    -------
    LayerMap
        On the plane in which their activations are spread widest.

    Raises
    ------
    SettingError
        If there is no such layer.
    DivergedError
        If an activation is not a finite number.
    """
    if not 0 <= layer < len(network.layer_sizes):
        raise SettingError(f"there is no layer {layer}: this network's are 0 to {len(network.layer_sizes) - 1}.")
    activations = np.empty((len(images), network.layer_sizes[layer]))
    answers = np.empty(len(images), dtype=np.int64)
    for some, trace in traces(network, images):
        activations[some] = trace.activations[layer]
        answers[some] = np.argmax(trace.outputs, axis=1)
    if not np.isfinite(activations).all():
        raise DivergedError("the network's activations are not finite numbers: its weights are too large.")
    return LayerMap(widest_plane(activations), answers)
