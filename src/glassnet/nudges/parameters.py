"""Weights and biases by their places: every one of a network's 13,002 has a name, and a number in one long vector."""

from dataclasses import dataclass

import numpy as np

from glassnet.backpropagation import Gradients
from glassnet.errors import DivergedError, SettingError
from glassnet.network import Network


@dataclass(frozen=True, slots=True)
class Parameter:
    """One weight or bias, by its place.

    Parameters
    ----------
    layer : int
        Index into `Network.weights` and `Network.biases`; 0 leads out of the inputs.
    to : int
        The neuron, of layer `layer` + 1 where layer 0 are the inputs, that it belongs to.
    source : int or None, default None
        The neuron of layer `layer` that a weight comes from; None for a bias.
    """

    layer: int
    to: int
    source: int | None = None

    @property
    def name(self) -> str:
        """Say it in the words of the code: ``weights[0][3, 400]`` or ``biases[2][7]``."""
        if self.source is None:
            return f"biases[{self.layer}][{self.to}]"
        return f"weights[{self.layer}][{self.to}, {self.source}]"

    def of(self, values: Network | Gradients) -> float:
        """Return its number in a network or in gradients."""
        if self.source is None:
            return float(values.biases[self.layer][self.to])
        return float(values.weights[self.layer][self.to, self.source])


def check_finite(network: Network) -> None:
    """Refuse a network whose numbers are not finite: nothing that is said of it would mean anything.

    Parameters
    ----------
    network : Network
        Of NumPy arrays.

    Raises
    ------
    DivergedError
        If a weight or bias is infinite or not a number.
    """
    if not network.is_finite:
        raise DivergedError("the network has weights or biases that are not finite numbers: it cannot be explained.")


def check_parameter(network: Network, parameter: Parameter) -> None:
    """Refuse a weight or bias that the network does not have.

    Parameters
    ----------
    network : Network
        Any network.
    parameter : Parameter
        A place in it.

    Raises
    ------
    SettingError
        If there is no such layer or neuron.
    """
    if not 0 <= parameter.layer < len(network.weights):
        last = len(network.weights) - 1
        raise SettingError(f"there are no weights[{parameter.layer}]: this network has weights[0] to weights[{last}].")
    check_neuron(network, parameter.layer + 1, parameter.to)
    if parameter.source is not None:
        check_neuron(network, parameter.layer, parameter.source)


def check_neuron(network: Network, layer: int, neuron: int) -> None:
    """Refuse a neuron that the network does not have.

    Parameters
    ----------
    network : Network
        Any network.
    layer : int
        0 are the inputs, the last one are the outputs.
    neuron : int
        From 0.

    Raises
    ------
    SettingError
        If there is no such layer or neuron.
    """
    sizes = network.layer_sizes
    if not 0 <= layer < len(sizes):
        raise SettingError(f"there is no layer {layer}: this network has layers 0 (the inputs) to {len(sizes) - 1}.")
    if not 0 <= neuron < sizes[layer]:
        raise SettingError(f"there is no neuron {neuron} in layer {layer}: it has neurons 0 to {sizes[layer] - 1}.")


def parameter_at(network: Network, index: int) -> Parameter:
    """Return the parameter at a place of the long vector that `as_vector` makes.

    Parameters
    ----------
    network : Network
        Any network.
    index : int
        From 0 to n_parameters - 1.

    Returns
    -------
    Parameter
        Its layer and neurons.

    Raises
    ------
    SettingError
        If there is no such place.

    Examples
    --------
    >>> network = Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
    >>> parameter_at(network, 785).name, parameter_at(network, 13_001).name
    ('weights[0][1, 1]', 'biases[2][9]')
    """
    if not 0 <= index < network.n_parameters:
        raise SettingError(f"there is no parameter {index}: this network has 0 to {network.n_parameters - 1}.")
    for layer, (w, b) in enumerate(zip(network.weights, network.biases, strict=True)):
        n_out, n_in = w.shape
        if index < n_out * n_in:
            return Parameter(layer, index // n_in, index % n_in)
        index -= n_out * n_in
        if index < len(b):
            return Parameter(layer, index)
        index -= len(b)
    raise AssertionError("the layers are shorter than the network")


def as_vector(values: Network | Gradients) -> np.ndarray:
    """Return all weights and biases, or their gradients, as one vector: of each layer first the weights, row by row.

    Parameters
    ----------
    values : Network or Gradients
        Of NumPy arrays.

    Returns
    -------
    ndarray, shape (n_parameters,)
        A copy.
    """
    parts = [p.reshape(-1) for w, b in zip(values.weights, values.biases, strict=True) for p in (w, b)]
    return np.concatenate(parts)


def nudged(network: Network, parameter: Parameter, amount: float) -> Network:
    """Return the network with one of its parameters moved.

    Parameters
    ----------
    network : Network
        Of NumPy arrays; it stays as it is.
    parameter : Parameter
        Which one.
    amount : float
        Is added to it.

    Returns
    -------
    Network
        A new value; all arrays but one are shared.

    Raises
    ------
    SettingError
        If the network has no such parameter.
    """
    check_parameter(network, parameter)
    weights, biases = list(network.weights), list(network.biases)
    if parameter.source is None:
        moved = biases[parameter.layer] = biases[parameter.layer].copy()
        moved[parameter.to] += amount
    else:
        moved = weights[parameter.layer] = weights[parameter.layer].copy()
        moved[parameter.to, parameter.source] += amount
    return network.with_parameters(tuple(weights), tuple(biases))
