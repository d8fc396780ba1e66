"""Events: what a training run tells those who listen."""

from dataclasses import dataclass
from typing import Any

from glassnet.network import Network

RECORDED = ("epoch", "cost", "test_accuracy", "validation_accuracy", "seconds")
"""What is kept of an epoch in histories and JSON."""


@dataclass(frozen=True, slots=True)
class Progress:
    """How far the current epoch is.

    Parameters
    ----------
    epoch : int
        From 1.
    n_seen, n_training : int
        Examples of it that have been learned from, and all there are.
    cost : float
        Mean cost over the examples of this epoch so far, each taken just before its own step.
    seconds : float
        Time of the descent in this epoch so far.
    network : Network
        As it is now.
    """

    epoch: int
    n_seen: int
    n_training: int
    cost: float
    seconds: float
    network: Network


@dataclass(frozen=True, slots=True)
class EpochEnded:
    """What was measured after every training example was seen once more.

    Parameters
    ----------
    epoch : int
        From 1.
    cost : float
        Mean cost over the training examples of this epoch, each taken just before its own mini-batch's step,
        regularisation included: the function that was differentiated.
    test_accuracy : float
        Share of the test digits that are read correctly, from 0 to 1.
    validation_accuracy : float or None
        The same of the validation digits, where some were held out.
    seconds : float
        Time of the descent alone, without evaluation and checkpoints.
    n_seen : int
        Training examples, all of which were learned from.
    network : Network
        What has been learned so far; the running average if one was asked for.
    """

    epoch: int
    cost: float
    test_accuracy: float
    validation_accuracy: float | None
    seconds: float
    n_seen: int
    network: Network


Event = Progress | EpochEnded


def record_of(ended: EpochEnded) -> dict[str, Any]:
    """Return an epoch's measurements without its network, as they are kept in histories and JSON.

    Parameters
    ----------
    ended : EpochEnded
        The event.

    Returns
    -------
    dict
        epoch, cost, test_accuracy, validation_accuracy, seconds.
    """
    return {name: getattr(ended, name) for name in RECORDED}
