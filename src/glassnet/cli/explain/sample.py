"""The training digits that ``glassnet explain`` speaks of where it speaks of many."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.cli.console import open_model
from glassnet.digits import as_inputs, load_digits, one_hot
from glassnet.errors import SettingError
from glassnet.network import Network


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Training digits before a network, in float64.

    Parameters
    ----------
    name : str
        What to call them.
    network : Network
        Of float64.
    indices : ndarray of int, shape (n,)
        Which training digits.
    labels : ndarray of int, shape (n,)
        Their right answers.
    inputs : ndarray, shape (n, n_in)
        From 0 to 1.
    wanted : ndarray, shape (n, n_out)
        What the outputs should be.
    rng : numpy.random.Generator
        For whatever else is random.
    """

    name: str
    network: Network
    indices: np.ndarray
    labels: np.ndarray
    inputs: np.ndarray
    wanted: np.ndarray
    rng: np.random.Generator

    @property
    def numbers(self) -> dict[str, Any]:
        """What every explanation of it begins with, for JSON."""
        return {"digits": self.name, "n_digits": len(self.indices), "layer_sizes": list(self.network.layer_sizes)}


def chosen_sample(
    model: Path, untrained: bool, n: int | None, n_customary: int, seed: int, data: Path | None
) -> Sample:
    """Return the sample that the options name.

    Parameters
    ----------
    model : Path
        The network.
    untrained : bool
        Take a new one of its sizes from N(0, 1) instead.
    n : int or None
        How many digits; 0 is all of them, None as many as is customary and there are.
    n_customary : int
        How many that is.
    seed : int
        Draws them.
    data : Path or None
        Where the digits are from; None is MNIST.

    Returns
    -------
    Sample
        In the order of the training digits.

    Raises
    ------
    SettingError
        If there are not so many digits, or the seed is negative.
    GlassnetError
        If the model or the digits cannot be read, or do not fit each other.
    """
    network = open_model(model).network.astype(np.float64)
    digits = load_digits(data)
    n_digits = len(digits.train_images)
    if n is None:
        n = min(n_customary, n_digits)
    if not 0 <= n <= n_digits:
        raise SettingError(f"--digits must be from 1 to {n_digits}, or 0 for all; it is {n}.")
    if seed < 0:
        raise SettingError(f"--seed must be 0 or more; it is {seed}.")
    rng = np.random.default_rng(seed)
    if untrained:
        network = Network.random(
            network.layer_sizes,
            rng=rng,
            start="standard-normal",
            activation=network.activation,
            output_activation=network.output_activation,
            cost=network.cost,
            dtype=np.float64,
        )
    indices = np.arange(n_digits) if n in (0, n_digits) else np.sort(rng.choice(n_digits, n, replace=False))
    labels, n_out = digits.train_labels[indices], network.layer_sizes[-1]
    if labels.max(initial=0) >= n_out:
        raise SettingError(f"these digits have labels up to {labels.max()}, and the network has {n_out} outputs.")
    inputs = as_inputs(digits.train_images[indices], dtype=np.float64)
    if inputs.shape[1] != network.layer_sizes[0]:
        raise SettingError(
            f"these digits have {inputs.shape[1]} pixels, and the network has {network.layer_sizes[0]} inputs."
        )
    which = f"all {n_digits:,}" if len(indices) == n_digits else f"{len(indices):,} of {n_digits:,}"
    name = f"{which} training digits" + ("" if len(indices) == n_digits else f" (drawn with seed {seed})")
    return Sample(name, network, indices, labels, inputs, one_hot(labels, n_out, dtype=np.float64), rng)
