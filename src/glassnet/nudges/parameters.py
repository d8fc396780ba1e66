"""Weights and biases by their places: every one of a network's 13,002 has a name, and a number in one long vector."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from glassnet.backpropagation import Gradients
from glassnet.errors import DivergedError, SettingError
from glassnet.network import Network, index_of


@dataclass(frozen=True, slots=True)
class Parameter:
    """One weight or bias, by its place.

    Parameters
    ----------
    layer : int
        That of the neuron it belongs to: 1 is the first hidden one, since the inputs, layer 0, have no parameters.
    neuron : int
        Which one of that layer.
    source : int or None, default None
        The neuron of the layer before that a weight comes from; None for a bias.

    Examples
    --------
    >>> Parameter(1, 3, 400).name, Parameter(3, 7).name
    ('weights[0][3, 400]', 'biases[2][7]')
    """

    layer: int
    neuron: int
    source: int | None = None

    @property
    def index(self) -> int:
        """Where the array that it is in stands in `Network.weights` or `Network.biases`."""
        return index_of(self.layer)

    @property
    def name(self) -> str:
        """Say it in the words of the code: ``weights[0][3, 400]`` or ``biases[2][7]``."""
        if self.source is None:
            return f"biases[{self.index}][{self.neuron}]"
        return f"weights[{self.index}][{self.neuron}, {self.source}]"

    def of(self, values: Network | Gradients) -> float:
        """Return its number in a network or in gradients."""
        if self.source is None:
            return float(values.biases[self.index][self.neuron])
        return float(values.weights[self.index][self.neuron, self.source])


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
    check_layer(network, parameter.layer)
    check_neuron(network, parameter.layer, parameter.neuron)
    if parameter.source is not None:
        before = parameter.layer - 1
        check_neuron(network, before, parameter.source)


def check_layer(network: Network, layer: int) -> None:
    """Refuse a layer that has no weights and biases: the inputs', and what the network does not have.

    Parameters
    ----------
    network : Network
        Any network.
    layer : int
        From 1, the first hidden one, to that of the outputs.

    Raises
    ------
    SettingError
        If there is no such layer.
    """
    if layer == 0:
        raise SettingError("layer 0 is the inputs: no weights lead into them, and they have no biases.")
    check_neuron(network, layer, 0)


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
    for layer, (w, b) in enumerate(zip(network.weights, network.biases, strict=True), 1):
        n_out, n_in = w.shape
        if index < n_out * n_in:
            return Parameter(layer, index // n_in, index % n_in)
        index -= n_out * n_in
        if index < len(b):
            return Parameter(layer, index)
        index -= len(b)
    raise AssertionError("the layers are shorter than the network")


def parameter_named(network: Network, name: str) -> Parameter:
    """Return the parameter of a name in the words of the code: the inverse of `Parameter.name`.

    Parameters
    ----------
    network : Network
        Any network.
    name : str
        Such as ``weights[2][3, 7]`` or ``biases[2][3]``.

    Returns
    -------
    Parameter
        Its layer and neurons.

    Raises
    ------
    SettingError
        If it is no such name, or the network has no such parameter.

    Examples
    --------
    >>> parameter_named(Network.random((784, 16, 16, 10), rng=np.random.default_rng(0)), "weights[2][3, 7]")
    Parameter(layer=3, neuron=3, source=7)
    """
    weight = re.fullmatch(r"\s*weights\[([0-9]+)\]\[([0-9]+),\s*([0-9]+)\]\s*", name)
    bias = re.fullmatch(r"\s*biases\[([0-9]+)\]\[([0-9]+)\]\s*", name)
    found = weight or bias
    if found is None:
        raise SettingError(f'"{name}" is no weight or bias: write it as weights[2][3, 7] or biases[2][3].')
    index, *neurons = map(int, found.groups())
    layer = index + 1  # of `index_of` the inverse
    parameter = Parameter(layer, *neurons)
    check_parameter(network, parameter)
    return parameter


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
        moved = biases[parameter.index] = biases[parameter.index].copy()
        moved[parameter.neuron] += amount
    else:
        moved = weights[parameter.index] = weights[parameter.index].copy()
        moved[parameter.neuron, parameter.source] += amount
    return network.with_parameters(tuple(weights), tuple(biases))


def with_values(network: Network, values: Mapping[Parameter, float]) -> Network:
    """Return the network with some of its parameters set to other values.

    Parameters
    ----------
    network : Network
        Of NumPy arrays; it stays as it is.
    values : mapping of Parameter to float
        Which ones, and what they become.

    Returns
    -------
    Network
        A new value.

    Raises
    ------
    SettingError
        If the network has no such parameter.
    """
    weights, biases = [w.copy() for w in network.weights], [b.copy() for b in network.biases]
    for parameter, value in values.items():
        check_parameter(network, parameter)
        if parameter.source is None:
            biases[parameter.index][parameter.neuron] = value
        else:
            weights[parameter.index][parameter.neuron, parameter.source] = value
    return network.with_parameters(tuple(weights), tuple(biases))
