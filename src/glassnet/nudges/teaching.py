"""Teaching: steps taken for one example, alone or among others, and what they do to it and elsewhere."""

from dataclasses import dataclass

import numpy as np

from glassnet.backpropagation import backprop, cost_of_examples
from glassnet.descent import step
from glassnet.errors import DivergedError, SettingError
from glassnet.network import Network, feedforward
from glassnet.nudges.parameters import Parameter, as_vector, check_finite, parameter_at


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What some steps for one example made of a network.

    Parameters
    ----------
    network : Network
        After the last step.
    costs : ndarray, shape (n_steps + 1,)
        Of the example, before the first step and after each.
    outputs : ndarray, shape (n_steps + 1, n_out)
        Of the network for the example, likewise.
    length : float
        Of the way from the first network to the last, over all parameters.
    """

    network: Network
    costs: np.ndarray
    outputs: np.ndarray
    length: float


def teach(
    network: Network,
    inputs: np.ndarray,
    wanted: np.ndarray,
    *,
    learning_rate: float,
    n_steps: int,
    beside: tuple[np.ndarray, np.ndarray] | None = None,
) -> Lesson:
    """Return what steps down the cost of one example make of a network: equation (9), again and again.

    Parameters
    ----------
    network : Network
        Of NumPy arrays, in float64 where numbers are to be shown; it stays as it is.
    inputs : ndarray, shape (1, n_in)
        The example.
    wanted : ndarray, shape (1, n_out)
        What its outputs should be.
    learning_rate : float
        Above 0; length of a step per length of the gradient.
    n_steps : int
        How many, at least 1.
    beside : tuple of ndarray and ndarray, shapes (n, n_in) and (n, n_out), or None, default None
        Other examples with what is wanted of them, learned in the same mini-batch so that they are not forgotten; each
        counts as much as the example. None takes the steps for it alone.

    Returns
    -------
    Lesson
        The network after the steps, and how the example fared on the way.

    Raises
    ------
    SettingError
        If there is no step to take.
    DivergedError
        If the network's numbers are not finite, or do not stay so.
    ShapeError
        If inputs or wanted outputs do not fit.
    """
    check_finite(network)
    if n_steps < 1 or not learning_rate > 0:
        raise SettingError(f"n_steps and learning_rate must be above 0; they are {n_steps} and {learning_rate}.")
    batch, wanted_of_batch = inputs, wanted
    if beside is not None:
        batch, wanted_of_batch = np.concatenate([inputs, beside[0]]), np.concatenate([wanted, beside[1]])
    taught, costs, outputs = network, [], []
    for left in range(n_steps, -1, -1):
        trace = feedforward(taught, inputs)
        costs.append(float(cost_of_examples(taught, trace, wanted)[0]))
        outputs.append(trace.outputs[0])
        if left:
            gradients = backprop(taught, feedforward(taught, batch), wanted_of_batch)
            taught = step(taught, gradients, learning_rate)
        if not (taught.is_finite and np.isfinite(costs[-1])):
            raise DivergedError(f"these steps lead to numbers that are not finite: take less than {learning_rate:g}.")
    return Lesson(taught, np.array(costs), np.stack(outputs), float(np.linalg.norm(difference(network, taught))))


def largest_moves(before: Network, after: Network, k: int) -> tuple[Parameter, ...]:
    """Return the k weights and biases that differ most between two networks of the same shape, the largest first.

    Parameters
    ----------
    before, after : Network
        Of NumPy arrays.
    k : int
        How many; at most as many as there are.

    Returns
    -------
    tuple of Parameter
        Of equals the earlier first.
    """
    order = np.argsort(-np.abs(difference(before, after)), kind="stable")[:k]
    return tuple(parameter_at(before, int(index)) for index in order)


def difference(before: Network, after: Network) -> np.ndarray:
    """Return what every parameter moved by, shape (n_parameters,)."""
    return as_vector(after) - as_vector(before)
