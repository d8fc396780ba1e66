"""Engines: ways to run a descent. They all follow the same equations; they differ in how fast, and on what."""

from typing import Protocol

import numpy as np

from glassnet.descent import Descent
from glassnet.engines.reference import ReferenceEngine
from glassnet.errors import SettingError
from glassnet.settings import Settings

ENGINES = ("reference",)


class Engine(Protocol):
    """What `glassnet.train` asks of an engine; it holds the training digits in the form that suits it."""

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
            New values; the costs with regularisation. However a run is divided into calls, at the borders of
            mini-batches, the result is the same.
        """
        ...


def choose(name: str, images: np.ndarray, labels: np.ndarray, descent: Descent) -> Engine:
    """Return an engine that holds the training digits.

    Parameters
    ----------
    name : {"auto", "reference"}
        "auto" takes the fastest that can do what is asked.
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
        If there is no such engine.
    """
    if name not in ("auto", *ENGINES):
        raise SettingError(f"there is no engine {name!r} in this build; choose auto or {', '.join(ENGINES)}.")
    return ReferenceEngine(images, labels, descent.network)
