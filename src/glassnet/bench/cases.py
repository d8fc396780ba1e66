"""Cases: the races, which are the same for everybody."""

from dataclasses import dataclass

import numpy as np

from glassnet.digits import Digits, as_inputs, load_digits, one_hot
from glassnet.network import Network


@dataclass(frozen=True, slots=True)
class Case:
    """One race.

    Parameters
    ----------
    name : str
        What it is called on the command line.
    task : {"train", "read", "read-one"}
        An epoch of stochastic gradient descent; the outputs for 10,000 images; for one.
    layer_sizes : tuple of int
        Sigmoid neurons, quadratic cost.
    mini_batch_size : int
        Of an epoch.
    learning_rate : float
        Of an epoch; chosen so that the network learns and no layer saturates.
    """

    name: str
    task: str
    layer_sizes: tuple[int, ...]
    mini_batch_size: int = 0
    learning_rate: float = 0.0

    @property
    def title(self) -> str:
        """A name for people."""
        sizes = "-".join(map(str, self.layer_sizes))
        if self.task == "train":
            return f"an epoch of 60,000 digits, {sizes}, mini-batches of {self.mini_batch_size}"
        return f"reading {'10,000 digits' if self.task == 'read' else 'one digit'}, {sizes}"


CASES = (
    Case("small-10", "train", (784, 16, 16, 10), 10, 0.5),
    Case("small-100", "train", (784, 16, 16, 10), 100, 0.5),
    Case("medium-10", "train", (784, 100, 10), 10, 0.5),
    Case("wide-128", "train", (784, 512, 512, 10), 128, 0.5),
    Case("read-small", "read", (784, 16, 16, 10)),
    Case("read-wide", "read", (784, 512, 256, 10)),
    Case("one-small", "read-one", (784, 16, 16, 10)),
)


@dataclass(frozen=True, slots=True, eq=False)
class Material:
    """What a contestant is given before the clock runs.

    Parameters
    ----------
    case : Case
        The work.
    network : Network
        Of float32, to start from or to read with.
    digits : Digits
        MNIST.
    inputs : ndarray of float32, shape (60000, 784)
        The training images from 0 to 1.
    wanted : ndarray of float32, shape (60000, 10)
        What the outputs should be.
    threads : int
        How many the contestant may use.
    """

    case: Case
    network: Network
    digits: Digits
    inputs: np.ndarray
    wanted: np.ndarray
    threads: int

    def order(self, lap: int) -> np.ndarray:
        """Return the order of the examples in a lap, the same for all."""
        return np.random.default_rng(lap).permutation(len(self.digits.train_images))

    @property
    def images(self) -> np.ndarray:
        """The images that are to be read, as files have them: uint8, shape (n, 28, 28)."""
        return self.digits.test_images if self.case.task == "read" else self.digits.test_images[:1]


def material(case: Case, threads: int) -> Material:
    """Return what a contestant is given for a case.

    Parameters
    ----------
    case : Case
        One of `CASES`.
    threads : int
        How many it may use.

    Returns
    -------
    Material
        The same for everybody.
    """
    digits = load_digits()
    network = Network.random(case.layer_sizes, rng=np.random.default_rng(0))
    training = case.task == "train"
    inputs = as_inputs(digits.train_images) if training else np.zeros((0, 784), np.float32)
    wanted = one_hot(digits.train_labels) if training else np.zeros((0, 10), np.float32)
    return Material(case, network, digits, inputs, wanted, threads)
