"""Activations: what a neuron makes of its weighted input, and how the slope of that passes a gradient back."""

from collections.abc import Callable
from dataclasses import dataclass

from glassnet.arrays import Array, namespace
from glassnet.errors import SettingError


def sigmoid(z: Array) -> Array:
    """Return the activation of a sigmoid neuron, a number from 0 to 1: equation (10).

    Parameters
    ----------
    z : Array, shape (..., n)
        Weighted inputs.

    Returns
    -------
    Array, shape (..., n)
        ``1 / (1 + exp(-z))``. Where exp overflows (z below -709, in float32 -88) that is 0, as it should be; NumPy
        would warn of it, and `glassnet.feedforward` tells it not to.

    Examples
    --------
    >>> import numpy as np
    >>> sigmoid(np.array([-2.0, 0.0, 2.0])).round(4).tolist()
    [0.1192, 0.5, 0.8808]
    """
    return 1 / (1 + namespace(z).exp(-z))


def tanh(z: Array) -> Array:
    """Return the hyperbolic tangent of z, a number from -1 to 1: equation (12).

    Parameters
    ----------
    z : Array, shape (..., n)
        Weighted inputs.

    Returns
    -------
    Array, shape (..., n)
        ``tanh(z)``.
    """
    return namespace(z).tanh(z)


def relu(z: Array) -> Array:
    """Return z where it is positive and 0 elsewhere: equation (13).

    Parameters
    ----------
    z : Array, shape (..., n)
        Weighted inputs.

    Returns
    -------
    Array, shape (..., n)
        ``max(z, 0)``.
    """
    return namespace(z).maximum(z, 0.0)


def softmax(z: Array) -> Array:
    """Return shares that are positive and add up to 1 over the last axis: equation (14).

    Parameters
    ----------
    z : Array, shape (..., n)
        Weighted inputs of one whole layer.

    Returns
    -------
    Array, shape (..., n)
        ``exp(z) / sum(exp(z))``, computed with the largest z subtracted, which keeps exp from overflowing and changes
        nothing else.
    """
    xp = namespace(z)
    exponentials = xp.exp(z - xp.max(z, axis=-1, keepdims=True))
    return exponentials / xp.sum(exponentials, axis=-1, keepdims=True)


def sigmoid_slope(a: Array) -> Array:
    """Return sigmoid'(z) in terms of the activation, ``a (1 - a)``: equation (11)."""
    return a * (1 - a)


def tanh_slope(a: Array) -> Array:
    """Return tanh'(z) in terms of the activation, ``1 - a^2``: equation (12)."""
    return 1 - a * a


def relu_slope(a: Array) -> Array:
    """Return relu'(z) in terms of the activation, 1 where it is positive and 0 elsewhere: equation (13)."""
    return namespace(a).astype(a > 0, a.dtype)


def softmax_pull_back(a: Array, gradient: Array) -> Array:
    """Return dC/dz of a softmax layer from its activations and dC/da: equation (14)."""
    # dC/dz_j = a_j (dC/da_j - sum_k a_k dC/da_k)
    return a * (gradient - namespace(a).sum(a * gradient, axis=-1, keepdims=True))


@dataclass(frozen=True, slots=True)
class Activation:
    """One kind of neuron.

    Parameters
    ----------
    name : str
        What it is called on the command line, in files and on the screen.
    function : callable
        z, shape (..., n), to activations, shape (..., n).
    slope : callable or None
        Activations, shape (..., n), to da/dz, shape (..., n). None for softmax, where every activation depends on
        every z of its layer, so that no single slope says it all.
    """

    name: str
    function: Callable[[Array], Array]
    slope: Callable[[Array], Array] | None

    def pull_back(self, a: Array, gradient: Array) -> Array:
        """Return dC/dz of a layer: equations (5) and (6).

        Parameters
        ----------
        a : Array, shape (..., n)
            Activations of the layer.
        gradient : Array, shape (..., n)
            dC/da, how the cost changes with each of them.

        Returns
        -------
        Array, shape (..., n)
            ``gradient * slope(a)``; for softmax the product with its full matrix of slopes.
        """
        if self.slope is None:
            return softmax_pull_back(a, gradient)
        return gradient * self.slope(a)


ACTIVATIONS = {
    "sigmoid": Activation("sigmoid", sigmoid, sigmoid_slope),
    "tanh": Activation("tanh", tanh, tanh_slope),
    "relu": Activation("relu", relu, relu_slope),
    "softmax": Activation("softmax", softmax, None),
}
"""Every activation by its name; softmax for the last layer only."""


def activation_named(name: str, *, last_layer: bool) -> Activation:
    """Return the activation of that name.

    Parameters
    ----------
    name : str
        A key of `ACTIVATIONS`.
    last_layer : bool
        Whether it is for the outputs, where softmax is possible too.

    Returns
    -------
    Activation
        Its function and slope.

    Raises
    ------
    SettingError
        If there is no such activation, or softmax is asked for inside the network.
    """
    possible = [known for known in ACTIVATIONS if last_layer or known != "softmax"]
    if name not in possible:
        where = "for the last layer" if last_layer else "inside a network"
        raise SettingError(f"there is no activation {name!r} {where}; choose one of {', '.join(possible)}.")
    return ACTIVATIONS[name]
