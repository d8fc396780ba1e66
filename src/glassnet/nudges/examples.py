"""Many examples: what each asks of each parameter, how far they agree, and that the average is minus the gradient."""

from dataclasses import dataclass

import numpy as np

from glassnet.arrays import minus
from glassnet.backpropagation import Gradients, backprop, deltas
from glassnet.errors import SettingError
from glassnet.network import Network, feedforward
from glassnet.nudges.parameters import Parameter, as_vector, check_finite, check_parameter, parameter_at

CHUNK = 200
"""Examples whose own gradients are held at a time where every parameter counts: 21 MB for the videos' network."""


@dataclass(frozen=True, slots=True, eq=False)
class Asks:
    """What n examples ask of k parameters: equation (32).

    Parameters
    ----------
    parameters : tuple of Parameter
        The k columns.
    table : ndarray, shape (n, k)
        ``-dC/dp`` of each example alone: above 0 it asks for more.
    means : ndarray, shape (k,)
        Of the columns.
    gradient : ndarray, shape (k,)
        dC/dp of the batch, as backpropagation averages it; `means` are minus this.
    disagreeing : ndarray, shape (k,)
        Share of the examples that ask for the opposite of the mean.
    """

    parameters: tuple[Parameter, ...]
    table: np.ndarray
    means: np.ndarray
    gradient: np.ndarray
    disagreeing: np.ndarray


def asks(network: Network, inputs: np.ndarray, wanted: np.ndarray, parameters: tuple[Parameter, ...]) -> Asks:
    """Return what each example asks of chosen parameters: equation (32).

    Parameters
    ----------
    network : Network
        Of NumPy arrays, in float64 where numbers are to be shown.
    inputs : ndarray, shape (n, n_in)
        The examples.
    wanted : ndarray, shape (n, n_out)
        What their outputs should be.
    parameters : tuple of Parameter
        At least one.

    Returns
    -------
    Asks
        The table with its means, and how many disagree with them.

    Raises
    ------
    SettingError
        If there is no such parameter, or none was chosen.
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If inputs or wanted outputs do not fit.

    Notes
    -----
    3Blue1Brown, *Neural networks*, chapter 3: the table of what every training example wishes for, averaged column by
    column. 1,000 examples by all 13,002 parameters of the videos' network are 104 MB.
    """
    check_finite(network)
    if not parameters:
        raise SettingError("choose at least one weight or bias to ask about.")
    for parameter in parameters:
        check_parameter(network, parameter)
    trace = feedforward(network, inputs)
    errors = deltas(network, trace, wanted)
    gradients = backprop(network, trace, wanted)
    table = np.empty((len(inputs), len(parameters)), dtype=wanted.dtype)
    for layer, error in enumerate(errors, 1):
        weights = [i for i, p in enumerate(parameters) if p.layer == layer and p.source is not None]
        biases = [i for i, p in enumerate(parameters) if p.layer == layer and p.source is None]
        table[:, biases] = minus(error[:, [parameters[i].neuron for i in biases]])
        neurons, sources = [parameters[i].neuron for i in weights], [parameters[i].source for i in weights]
        before = trace.activations_before(layer)
        for first in range(0, len(inputs), CHUNK):  # so that all that is in memory beside the table is small
            some = slice(first, first + CHUNK)
            table[some, weights] = minus(error[some][:, neurons] * before[some][:, sources])
    means = table.mean(axis=0)
    return Asks(
        parameters=parameters,
        table=table,
        means=means,
        gradient=np.array([parameter.of(gradients) for parameter in parameters]),
        disagreeing=np.mean(np.sign(table) * np.sign(means) < 0, axis=0),
    )


def disagreement(network: Network, inputs: np.ndarray, wanted: np.ndarray) -> Gradients:
    """Return for every parameter the share of the examples that ask for the opposite of the mean.

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
        Shaped as the parameters, from 0 to 1. Memory is bounded: examples are taken a few hundred at a time.

    Raises
    ------
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If inputs or wanted outputs do not fit.
    """
    check_finite(network)
    mean = backprop(network, feedforward(network, inputs), wanted)
    counts = [np.zeros(p.shape) for p in (*mean.weights, *mean.biases)]
    for first in range(0, len(inputs), CHUNK):
        some = slice(first, first + CHUNK)
        own = backprop(network, feedforward(network, inputs[some]), wanted[some], per_example=True)
        for count, each, of_all in zip(counts, (*own.weights, *own.biases), (*mean.weights, *mean.biases), strict=True):
            count += np.count_nonzero(np.sign(each) * np.sign(of_all) < 0, axis=0)
    shares = [count / len(inputs) for count in counts]
    n_layers = len(network.weights)
    return Gradients(tuple(shares[:n_layers]), tuple(shares[n_layers:]))


def most_disputed(network: Network, inputs: np.ndarray, wanted: np.ndarray, k: int) -> tuple[Parameter, ...]:
    """Return the parameters about which most examples disagree with the mean.

    Parameters
    ----------
    network : Network
        Of NumPy arrays.
    inputs : ndarray, shape (n, n_in)
        The examples.
    wanted : ndarray, shape (n, n_out)
        What their outputs should be.
    k : int
        How many; at most as many as there are.

    Returns
    -------
    tuple of Parameter
        The most disputed first.

    Raises
    ------
    SettingError
        If `k` is not above 0.
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If inputs or wanted outputs do not fit.
    """
    if k < 1:
        raise SettingError(f"choose at least one weight or bias to ask about, not {k}.")
    shares = as_vector(disagreement(network, inputs, wanted))
    order = np.argsort(-shares, kind="stable")[:k]
    return tuple(parameter_at(network, int(index)) for index in order)
