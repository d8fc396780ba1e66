"""Paths: descents step by step, each step beside the steepest way down."""

import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.backpropagation import backprop, cost_of_examples
from glassnet.descent import mini_batches, step
from glassnet.errors import SettingError
from glassnet.landscape.directions import cosine_between
from glassnet.network import Network, feedforward
from glassnet.nudges import as_vector
from glassnet.nudges.parameters import check_finite

PATH_COLUMNS = ("n_steps", "cost", "seconds", "n_examples", "length", "cosine")
"""What is told of a step, apart from its network."""


@dataclass(frozen=True, slots=True, eq=False)
class PathStep:
    """One step of a descent, and how it compares with the steepest way down.

    Parameters
    ----------
    n_steps : int
        Steps taken, this one included; 0 is the start.
    network : Network
        After it.
    cost : float
        Mean cost of all the examples there.
    seconds : float
        Time that all steps so far took, without the measuring of cost and cosine.
    n_examples : int
        Examples that all steps so far were taken for.
    length : float
        Of this step, over all parameters.
    cosine : float
        Of the angle between this step and minus the full gradient where it began, equation (36): 1 is straight down.
        At the start, where no step was taken, 1.
    """

    n_steps: int
    network: Network
    cost: float
    seconds: float
    n_examples: int
    length: float
    cosine: float


def columns_of(steps: Iterable[PathStep]) -> dict[str, list[float]]:
    """Return the numbers of a descent column by column, by the names of `PATH_COLUMNS`.

    Parameters
    ----------
    steps : iterable of PathStep
        The descent, or a part of it.

    Returns
    -------
    dict of str to list
        One entry for each step, in every column.
    """
    steps = list(steps)
    return {name: [getattr(step, name) for step in steps] for name in PATH_COLUMNS}


def descent_path(
    network: Network,
    inputs: np.ndarray,
    wanted: np.ndarray,
    *,
    learning_rate: float,
    mini_batch_size: int | None,
    n_steps: int,
    rng: np.random.Generator,
) -> Iterator[PathStep]:
    """Yield a descent step by step, each compared with the steepest way down.

    Parameters
    ----------
    network : Network
        Where to start.
    inputs : ndarray, shape (n, n_in)
        All the examples; the cost and the full gradient are those of all of them.
    wanted : ndarray, shape (n, n_out)
        What their outputs should be.
    learning_rate : float
        Of every step.
    mini_batch_size : int or None
        Examples a step is taken for; None is all of them, full-gradient descent.
    n_steps : int
        Steps to take.
    rng : numpy.random.Generator
        Shuffles the examples anew for every epoch.

    Yields
    ------
    PathStep
        The start first, then every step.

    Raises
    ------
    SettingError
        If a size or a number of steps is below 1.
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If inputs or wanted outputs do not fit the network.

    Notes
    -----
    At a random N(0, 1) start a mini-batch of 100 points nearly where all examples do, in a trained network it does not:
    start from one of those to see the zig-zag.
    """
    check_finite(network)
    size = len(inputs) if mini_batch_size is None else mini_batch_size
    if size < 1 or n_steps < 1:
        raise SettingError(f"mini_batch_size and n_steps must be at least 1; they are {size} and {n_steps}.")
    seconds, n_examples, taken = 0.0, 0, 0
    # one pass forward for both the cost and the gradient there
    trace = feedforward(network, inputs)
    yield PathStep(0, network, float(np.mean(cost_of_examples(network, trace, wanted))), 0.0, 0, 0.0, 1.0)
    full = backprop(network, trace, wanted)
    while True:
        for examples in mini_batches(rng.permutation(len(inputs)), size):
            began = time.perf_counter()
            gradients = backprop(network, feedforward(network, inputs[examples]), wanted[examples])
            network = step(network, gradients, learning_rate)
            seconds += time.perf_counter() - began
            n_examples += len(examples)
            taken += 1
            length = learning_rate * float(np.linalg.norm(as_vector(gradients)))
            cosine = cosine_between(gradients, full)
            trace = feedforward(network, inputs)
            cost = float(np.mean(cost_of_examples(network, trace, wanted)))
            yield PathStep(taken, network, cost, seconds, n_examples, length, cosine)
            if taken == n_steps:
                return
            full = backprop(network, trace, wanted)
