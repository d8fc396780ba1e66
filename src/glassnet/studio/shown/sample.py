"""Sample: the training digits that a cost is the mean of, drawn as ``glassnet explain`` draws them."""

from dataclasses import dataclass

import numpy as np
from pydantic import Field

from glassnet.digits import Digits, as_inputs, one_hot
from glassnet.studio.shown.schema import Asked


class AskedSample(Asked):
    """Training digits: how many, and the seed they are drawn with."""

    n: int = Field(1_000, ge=1, le=10_000)
    seed: int = Field(0, ge=0, le=2**31 - 1)


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """Training digits as inputs.

    Parameters
    ----------
    indices : ndarray of int, shape (n,)
        Which ones, in their order.
    labels : ndarray of int, shape (n,)
        What they are.
    inputs : ndarray, shape (n, 784)
        In float64, from 0 to 1.
    wanted : ndarray, shape (n, 10)
        What the outputs should be.
    rng : numpy.random.Generator
        For whatever else is random.
    """

    indices: np.ndarray
    labels: np.ndarray
    inputs: np.ndarray
    wanted: np.ndarray
    rng: np.random.Generator


def sample_of(digits: Digits, asked: AskedSample) -> Sample:
    """Return the training digits that are asked for: the same ones as `glassnet explain --digits N --seed SEED`."""
    n_digits = len(digits.train_images)
    n = min(asked.n, n_digits)
    rng = np.random.default_rng(asked.seed)
    indices = np.arange(n_digits) if n == n_digits else np.sort(rng.choice(n_digits, n, replace=False))
    labels = digits.train_labels[indices]
    inputs = as_inputs(digits.train_images[indices], dtype=np.float64)
    return Sample(indices, labels, inputs, one_hot(labels, 10, dtype=np.float64), rng)
