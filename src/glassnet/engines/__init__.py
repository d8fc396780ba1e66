"""Engines: ways to run a descent. They all follow the same equations; they differ in how fast, and on what."""

import functools
import warnings
from collections.abc import Callable
from typing import Protocol

import numpy as np

from glassnet import left_out
from glassnet.arrays import laid_out
from glassnet.descent import Descent
from glassnet.engines import fused
from glassnet.engines.reference import ReferenceEngine
from glassnet.errors import KernelMissingWarning, SettingError
from glassnet.evaluation import traces
from glassnet.network import Network
from glassnet.settings import Settings

ENGINES = ("fused", "reference")


class Engine(Protocol):
    """What `glassnet.train` asks of an engine, which holds the training digits in the form that suits it."""

    name: str

    def descend(
        self, descent: Descent, order: np.ndarray, settings: Settings, n_steps_in_all: int
    ) -> tuple[Descent, np.ndarray]:
        """Return the descent after a run of mini-batches, and the cost of each example before its step.

        Parameters
        ----------
        descent : Descent
            Where it stands.
        order : ndarray of int, shape (n,)
            The examples to learn from, in this order, cut into mini-batches from the front.
        settings : Settings
            How to descend.
        n_steps_in_all : int
            Steps of the whole run, which the learning-rate schedule is laid out over.

        Returns
        -------
        tuple of Descent and ndarray of float, shape (n,)
            New values; the costs include regularisation. However a run is divided into calls, between mini-batches,
            the result is the same.
        """
        ...


def choose(name: str, images: np.ndarray, labels: np.ndarray, descent: Descent) -> Engine:
    """Return an engine that holds the training digits.

    Parameters
    ----------
    name : {"auto", "fused", "reference"}
        "auto" takes the fastest that can do what is asked for.
    images : ndarray of uint8, shape (n, height, width)
        The training digits.
    labels : ndarray of uint8, shape (n,)
        Theirs.
    descent : Descent
        What will be run; the engine computes in its network's precision.

    Returns
    -------
    Engine
        Ready to descend.

    Raises
    ------
    SettingError
        If there is no such engine, or it cannot run this network here.
    """
    if engine_for(name, descent.network) == "fused":
        return fused.FusedEngine(images, labels, descent.network)
    return ReferenceEngine(images, labels, descent.network)


def engine_for(name: str, network: Network) -> str:
    """Return the name of the engine that `choose` takes.

    Parameters
    ----------
    name : {"auto", "fused", "reference"}
        "auto" takes the fastest that can run the network; where it would be "fused" in a build that has the kernel, a
        warning says once that this one has not.
    network : Network
        What is to run.

    Returns
    -------
    str
        A name from `ENGINES`.

    Raises
    ------
    SettingError
        If there is no such engine.
    """
    if name not in ("auto", *ENGINES):
        raise SettingError(f"there is no engine {name!r} in this build; choose auto or {', '.join(ENGINES)}.")
    if name != "auto":
        return name
    if fused.kernel is None:
        warn_once()
    return "reference" if fused.why_not(network) else "fused"


@functools.cache
def warn_once() -> None:
    """Say that there is no kernel."""
    warnings.warn(left_out.sentence(left_out.KERNEL, fused.KERNEL_FAILS), KernelMissingWarning, stacklevel=2)


def outputs_of(network: Network, images: np.ndarray) -> np.ndarray:
    """Return what a network answers to images, in the fastest way there is.

    Parameters
    ----------
    network : Network
        Of NumPy arrays.
    images : ndarray of uint8, shape (n, height, width)
        Any number of them.

    Returns
    -------
    ndarray, shape (n, n_out)
        The outputs for each; the two ways differ by rounding alone.

    Raises
    ------
    ShapeError
        If the images have another number of pixels than the network has inputs.
    """
    return made_ready(network)(images)


def made_ready(network: Network) -> Callable[[np.ndarray], np.ndarray]:
    """Return what answers to images as `outputs_of` does: for whoever asks one network again and again.

    Parameters
    ----------
    network : Network
        Of NumPy arrays. To make one of 200,000 weights ready takes as long as to ask it about a thousand images.

    Returns
    -------
    callable
        Takes images and returns outputs; any number of threads may call it.
    """
    ready = fused.FusedOutputs(network) if fused.why_not(network) is None else None

    def answered(images: np.ndarray) -> np.ndarray:
        if ready is not None and images.size == len(images) * network.layer_sizes[0]:
            return ready(laid_out(images))
        outputs = np.empty((len(images), network.layer_sizes[-1]), dtype=network.dtype)
        for some, trace in traces(network, images):
            outputs[some] = trace.outputs
        return outputs

    return answered
