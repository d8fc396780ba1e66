"""Effects: the gradient as a ranked list, what one nudge does to the cost, and what one whole step does."""

from dataclasses import dataclass

import numpy as np

from glassnet.backpropagation import Gradients, backprop, cost_of_examples
from glassnet.descent import step
from glassnet.network import Network, feedforward
from glassnet.nudges.parameters import Parameter, as_vector, check_finite, check_parameter, nudged, parameter_at


@dataclass(frozen=True, slots=True, eq=False)
class RankedGradient:
    """The gradient as one vector of all weights and biases, the largest entries first.

    Parameters
    ----------
    order : ndarray of int, shape (n_parameters,)
        Places in the long vector of `glassnet.nudges.as_vector`.
    slopes : ndarray, shape (n_parameters,)
        dC/dp in that order, falling in size.
    length : float
        Of the gradient.
    """

    order: np.ndarray
    slopes: np.ndarray
    length: float


@dataclass(frozen=True, slots=True)
class NudgeEffect:
    """What nudging one parameter does to the mean cost of some examples: equation (33).

    Parameters
    ----------
    parameter : Parameter
        Which one.
    amount : float
        What was added to it.
    slope : float
        dC/dp before.
    cost_before, cost_after : float
        Measured.
    predicted, actual : float
        Change of the cost: slope times amount, and the difference of the two costs.
    """

    parameter: Parameter
    amount: float
    slope: float
    cost_before: float
    cost_after: float
    predicted: float
    actual: float


@dataclass(frozen=True, slots=True, eq=False)
class StepEffect:
    """What one step does, and to whom.

    Parameters
    ----------
    network : Network
        After the step.
    length : float
        Of the step, over all parameters.
    costs_before, costs_after : dict of str to float
        Mean costs of the sets of examples that were named.
    """

    network: Network
    length: float
    costs_before: dict[str, float]
    costs_after: dict[str, float]


def ranked_gradient(gradients: Gradients) -> RankedGradient:
    """Return the gradient's entries, the largest first.

    Parameters
    ----------
    gradients : Gradients
        Of NumPy arrays.

    Returns
    -------
    RankedGradient
        With the place of each in the network; `glassnet.nudges.parameter_at` names it.
    """
    vector = as_vector(gradients)
    order = np.argsort(-np.abs(vector), kind="stable")
    return RankedGradient(order, vector[order], float(np.linalg.norm(vector)))


def largest_entries(network: Network, ranked: RankedGradient, k: int) -> tuple[tuple[Parameter, float], ...]:
    """Return the k largest entries of a gradient with the names of their parameters.

    Parameters
    ----------
    network : Network
        Whose gradient it is.
    ranked : RankedGradient
        As `ranked_gradient` returns it.
    k : int
        How many; at most as many as there are.

    Returns
    -------
    tuple of (Parameter, float)
        The largest first, with its sign.
    """
    pairs = zip(ranked.order[:k].tolist(), ranked.slopes[:k].tolist(), strict=True)
    return tuple((parameter_at(network, index), slope) for index, slope in pairs)


def mean_cost(network: Network, inputs: np.ndarray, wanted: np.ndarray) -> float:
    """Return the mean cost of some examples: equation (4)."""
    return float(np.mean(cost_of_examples(network, feedforward(network, inputs), wanted)))


def nudge_effect(
    network: Network, inputs: np.ndarray, wanted: np.ndarray, parameter: Parameter, amount: float
) -> NudgeEffect:
    """Return what nudging one parameter does to the cost, predicted and actual: equation (33).

    Parameters
    ----------
    network : Network
        Of NumPy arrays, in float64 where numbers are to be shown.
    inputs : ndarray, shape (n, n_in)
        The examples.
    wanted : ndarray, shape (n, n_out)
        What their outputs should be.
    parameter : Parameter
        Any weight or bias.
    amount : float
        Is added to it.

    Returns
    -------
    NudgeEffect
        The smaller the amount, the closer the two changes.

    Raises
    ------
    SettingError
        If there is no such parameter.
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If inputs or wanted outputs do not fit.

    Notes
    -----
    3Blue1Brown, *Neural networks*, chapter 3: the cost is some 32 times more sensitive to one weight than to another.
    """
    check_finite(network)
    check_parameter(network, parameter)
    slope = parameter.of(backprop(network, feedforward(network, inputs), wanted))
    before = mean_cost(network, inputs, wanted)
    after = mean_cost(nudged(network, parameter, amount), inputs, wanted)
    return NudgeEffect(parameter, amount, slope, before, after, slope * amount, after - before)


def step_effect(
    network: Network,
    inputs: np.ndarray,
    wanted: np.ndarray,
    learning_rate: float,
    examples: dict[str, tuple[np.ndarray, np.ndarray]],
) -> StepEffect:
    """Return what one step, equation (9), does to the costs of several sets of examples.

    Parameters
    ----------
    network : Network
        Of NumPy arrays, in float64 where numbers are to be shown.
    inputs : ndarray, shape (n, n_in)
        The examples that the step is taken for: one, or a mini-batch.
    wanted : ndarray, shape (n, n_out)
        What their outputs should be.
    learning_rate : float
        Length of the step per length of the gradient.
    examples : dict of str to (inputs, wanted)
        By name, whose costs are to be compared: the example, its mini-batch, the test digits.

    Returns
    -------
    StepEffect
        The network after the step, and the costs before and after it.

    Raises
    ------
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If inputs or wanted outputs do not fit.
    """
    check_finite(network)
    gradients = backprop(network, feedforward(network, inputs), wanted)
    stepped = step(network, gradients, learning_rate)
    return StepEffect(
        network=stepped,
        length=learning_rate * float(np.linalg.norm(as_vector(gradients))),
        costs_before={name: mean_cost(network, *pair) for name, pair in examples.items()},
        costs_after={name: mean_cost(stepped, *pair) for name, pair in examples.items()},
    )
