"""Descent: shuffle, cut into mini-batches, and step down the slope that each of them shows."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from glassnet.arrays import Array, namespace
from glassnet.backpropagation import Gradients
from glassnet.network import Network
from glassnet.settings import Settings

ADAM_BETA_1, ADAM_BETA_2, ADAM_EPSILON = 0.9, 0.999, 1e-8


@dataclass(frozen=True, slots=True)
class Descent:
    """Where a descent stands: a value, so that it can be kept, looked at, saved and continued.

    Parameters
    ----------
    network : Network
        The parameters that the next mini-batch will move.
    moments : tuple of Gradients
        What the optimizer remembers: nothing for plain SGD, the velocity with momentum, the two averages for AdamW.
    average : Network or None
        The running average of the networks so far, if one was asked for.
    n_steps : int
        Steps taken.
    """

    network: Network
    moments: tuple[Gradients, ...] = ()
    average: Network | None = None
    n_steps: int = 0

    @property
    def result(self) -> Network:
        """The running average where there is one, else the network itself."""
        return self.network if self.average is None else self.average


def start(network: Network, settings: Settings) -> Descent:
    """Return the descent before its first step.

    Parameters
    ----------
    network : Network
        Where it starts.
    settings : Settings
        How it will descend.

    Returns
    -------
    Descent
        With moments of zeros as the optimizer needs them.
    """
    n_moments = 2 if settings.optimizer == "adamw" else 1 if settings.momentum else 0
    xp = namespace(network.weights[0])
    zeros = Gradients(tuple(xp.zeros_like(w) for w in network.weights), tuple(xp.zeros_like(b) for b in network.biases))
    return Descent(network, (zeros,) * n_moments, network if settings.average else None)


def step(network: Network, gradients: Gradients, learning_rate: float) -> Network:
    """Return the network one plain step further down: equation (9).

    Parameters
    ----------
    network : Network
        Where we stand.
    gradients : Gradients
        The slope there.
    learning_rate : float
        Length of the step per length of the gradient.

    Returns
    -------
    Network
        ``parameter - learning_rate * gradient`` for every parameter.

    Examples
    --------
    >>> import numpy as np
    >>> network = Network((np.array([[1.0]]),), (np.array([0.0]),))
    >>> stepped = step(network, Gradients((np.array([[0.5]]),), (np.array([-0.25]),)), learning_rate=2.0)
    >>> stepped.weights[0].item(), stepped.biases[0].item()
    (0.0, 0.5)
    """
    return network.with_parameters(
        tuple([stepped(w, g, learning_rate) for w, g in zip(network.weights, gradients.weights, strict=True)]),
        tuple([stepped(b, g, learning_rate) for b, g in zip(network.biases, gradients.biases, strict=True)]),
    )


def stepped(parameter: Array, gradient: Array, learning_rate: float) -> Array:
    """Return ``parameter - learning_rate * gradient``, shaped like both."""
    # The difference goes into the product's memory: with an array more for it, 784-100-10 took 1.3 times as long.
    result = -learning_rate * gradient
    result += parameter
    return result


def advance(descent: Descent, gradients: Gradients, learning_rate: float, settings: Settings) -> Descent:
    """Return the descent one step further, by whatever optimizer the settings name: equations (9), (19), (20), (23).

    Parameters
    ----------
    descent : Descent
        Where it stands.
    gradients : Gradients
        The slope there, regularisation included.
    learning_rate : float
        Of this step, as the schedule has it.
    settings : Settings
        Optimizer, momentum, weight decay and running average.

    Returns
    -------
    Descent
        A new value.
    """
    moments = descent.moments
    if settings.optimizer == "adamw":
        network, moments = adamw_step(descent, gradients, learning_rate, settings.weight_decay)
    elif settings.momentum:
        moments = (combine(lambda v, g: settings.momentum * v + g, moments[0], gradients),)
        network = step(descent.network, moments[0], learning_rate)
    else:
        network = step(descent.network, gradients, learning_rate)
    average = descent.average
    if average is not None:
        average = running_average(average, network, settings.average, descent.n_steps)
    return Descent(network, moments, average, descent.n_steps + 1)


def adamw_step(
    descent: Descent, gradients: Gradients, learning_rate: float, weight_decay: float
) -> tuple[Network, tuple[Gradients, Gradients]]:
    """Return the network after one step of AdamW, and its two moments: equation (20).

    Parameters
    ----------
    descent : Descent
        Where it stands; its moments are the running means of the gradients and of their squares.
    gradients : Gradients
        The slope there.
    learning_rate : float
        Of this step.
    weight_decay : float
        Biases are not shrunk: they say where a neuron's threshold is, not how much anything matters.

    Returns
    -------
    tuple of Network and (Gradients, Gradients)
        New values.

    Notes
    -----
    I. Loshchilov and F. Hutter, *Decoupled weight decay regularization*, 2019, algorithm 2, with the decay multiplied
    by the learning rate as PyTorch has it; D. Kingma and J. Ba, *Adam*, 2015, for the moments.
    """
    xp = namespace(gradients.biases[0])
    mean = combine(lambda m, g: ADAM_BETA_1 * m + (1 - ADAM_BETA_1) * g, descent.moments[0], gradients)
    square = combine(lambda s, g: ADAM_BETA_2 * s + (1 - ADAM_BETA_2) * g * g, descent.moments[1], gradients)
    n = descent.n_steps + 1
    # the moments start at 0; these undo what that takes from their early values
    mean_scale, square_scale = 1 / (1 - ADAM_BETA_1**n), 1 / (1 - ADAM_BETA_2**n)
    direction = combine(lambda m, s: m * mean_scale / (xp.sqrt(s * square_scale) + ADAM_EPSILON), mean, square)
    shrink = 1 - learning_rate * weight_decay
    weights = tuple(
        w * shrink - learning_rate * d for w, d in zip(descent.network.weights, direction.weights, strict=True)
    )
    biases = tuple(b - learning_rate * d for b, d in zip(descent.network.biases, direction.biases, strict=True))
    return descent.network.with_parameters(weights, biases), (mean, square)


def combine(function: Any, first: Gradients, second: Gradients) -> Gradients:
    """Return `function` of every pair of arrays of two gradients."""
    return Gradients(
        tuple(function(x, y) for x, y in zip(first.weights, second.weights, strict=True)),
        tuple(function(x, y) for x, y in zip(first.biases, second.biases, strict=True)),
    )


def running_average(average: Network, network: Network, share_kept: float, n_steps: int) -> Network:
    """Return the running average of the networks after one more of them: equation (23).

    Parameters
    ----------
    average : Network
        Of the networks so far.
    network : Network
        The newest.
    share_kept : float in [0, 1)
        How much of the old average stays. In the first steps less, (1 + n) / (10 + n) after n of them, so that the
        random start is soon forgotten.
    n_steps : int
        Steps taken before this one.

    Returns
    -------
    Network
        A new value.
    """
    kept = min(share_kept, (1 + n_steps) / (10 + n_steps))
    return average.with_parameters(
        tuple(kept * a + (1 - kept) * w for a, w in zip(average.weights, network.weights, strict=True)),
        tuple(kept * a + (1 - kept) * b for a, b in zip(average.biases, network.biases, strict=True)),
    )


def mini_batches(order: Array, mini_batch_size: int) -> Iterator[Array]:
    """Yield the shuffled order of the examples in groups; the last one may be smaller.

    Parameters
    ----------
    order : Array of int, shape (n,)
        Indices of the examples in the order in which they are to be seen.
    mini_batch_size : int
        Examples in a group.

    Yields
    ------
    Array of int, shape (mini_batch_size,)
        One group after the other.
    """
    for first in range(0, len(order), mini_batch_size):
        yield order[first : first + mini_batch_size]


def l2_cost(network: Network, l2: float, n_training: int) -> float:
    """Return what the regularisation adds to the cost: equation (22).

    Parameters
    ----------
    network : Network
        Whose weights (not biases) are to stay small.
    l2 : float
        How much that matters.
    n_training : int
        Training examples in all; never those of one mini-batch.

    Returns
    -------
    float
        ``l2 / n_training * sum of squared weights``.
    """
    xp = namespace(network.weights[0])
    return l2 / n_training * sum(float(xp.sum(w * w)) for w in network.weights)


def with_l2(gradients: Gradients, network: Network, l2: float, n_training: int) -> Gradients:
    """Return the gradients with those of the regularisation added: equation (22).

    Parameters
    ----------
    gradients : Gradients
        Of the cost alone.
    network : Network
        Where they were taken.
    l2 : float
        As for `l2_cost`.
    n_training : int
        As for `l2_cost`.

    Returns
    -------
    Gradients
        ``dC/dW + 2 l2 / n_training * W``; those of the biases as they are.
    """
    factor = 2 * l2 / n_training
    weights = tuple(g + factor * w for g, w in zip(gradients.weights, network.weights, strict=True))
    return replace(gradients, weights=weights)
