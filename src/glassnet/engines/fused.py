"""The fused engine: a whole run of mini-batches in one call of compiled code, which touches only the ink."""

import copy
from typing import Any

import numpy as np

from glassnet.arrays import laid_out
from glassnet.backpropagation import Gradients
from glassnet.descent import ADAM_BETA_1, ADAM_BETA_2, ADAM_EPSILON, Descent
from glassnet.errors import SettingError
from glassnet.network import Network
from glassnet.settings import Settings, learning_rates
from glassnet.system import n_processors

KERNEL_FAILS = None
"""Why the kernel cannot be loaded, in Python's words; None if it can."""
try:
    from glassnet.engines import _kernel as kernel
except ImportError as error:  # left out of this build (docs/decisions/0014), or made for another system
    kernel = None
    KERNEL_FAILS = str(error)

MOMENTS = ("first_moment", "second_moment")
"""What the kernel calls what an optimizer remembers."""
LARGEST_IMAGE = 65_536
"""Pixels; a place is two bytes in the kernel."""
WORK_PER_THREAD = 2_000_000
"""Multiplications of a mini-batch that are worth a thread: about 100 microseconds, compared with which waiting for each
other at every layer is little."""


def why_not(network: Network) -> str | None:
    """Return why the fused engine cannot run a network, or None if it can.

    Parameters
    ----------
    network : Network
        Any network.

    Returns
    -------
    str or None
        A clause that goes after "because".
    """
    if kernel is None:
        return "this build of glassnet has no compiled kernel"
    if not kernel.instruction_sets():
        return "this processor has none of the instruction sets that the kernel is compiled for"
    if not all(isinstance(p, np.ndarray) and p.dtype == np.float32 for p in (*network.weights, *network.biases)):
        return "it computes in float32 on NumPy arrays, and this network does not"
    if network.layer_sizes[0] > LARGEST_IMAGE:
        return f"it takes images of up to {LARGEST_IMAGE:,} pixels"
    return None


def kinds_of(network: Network) -> dict[str, Any]:
    """Return a network's shape and functions in the kernel's words."""
    return {
        "sizes": list(network.layer_sizes),
        "hidden": network.activation,
        "output": network.output_activation,
    }


def arrays_of(values: Network | Gradients) -> list[np.ndarray]:
    """Return all weights, then all biases, as the kernel takes them."""
    return [laid_out(p, np.float32) for p in (*values.weights, *values.biases)]


class FusedEngine:
    """Descends in compiled code: forward, backward, step and cost of every mini-batch, one after the other, in float32.

    The gradients of a mini-batch are all taken at the same weights, and the examples come in the same order as in the
    reference engine; the two differ by rounding alone. Nothing depends on the number of threads.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        The training digits.
    labels : ndarray of uint8, shape (n,)
        Theirs.
    network : Network
        Of float32.
    threads : int or None, default None
        None takes as many as are worthwhile for the mini-batches.
    instructions : str or None, default None
        One of ``kernel.instruction_sets()``; None takes the widest that this processor has.

    Raises
    ------
    SettingError
        If this build, processor or network does not allow it.
    """

    name = "fused"

    def __init__(
        self,
        images: np.ndarray,
        labels: np.ndarray,
        network: Network,
        *,
        threads: int | None = None,
        instructions: str | None = None,
    ) -> None:
        if reason := why_not(network):
            raise SettingError(f"the fused engine cannot run this, because {reason}.")
        assert kernel is not None
        self.digits = kernel.Digits(laid_out(images), laid_out(labels), instructions)
        self.threads = threads
        self.run: Any = None
        self.stands_at: Descent | None = None

    def another(self) -> "FusedEngine":
        """Return an engine for another descent over the same digits, which the two share."""
        engine = copy.copy(self)
        engine.run, engine.stands_at = None, None
        return engine

    def descend(
        self, descent: Descent, order: np.ndarray, settings: Settings, n_steps_in_all: int
    ) -> tuple[Descent, np.ndarray]:
        """Return the descent after a run of mini-batches, and each example's cost before its step: see `Engine`."""
        if descent is not self.stands_at:
            self.run = started(descent, settings)
        n_steps = -(-len(order) // settings.mini_batch_size)
        with np.errstate(over="ignore"):  # a rate beyond float32 makes the weights infinite, which `train` looks for
            rates = learning_rates(settings, descent.n_steps, n_steps, n_steps_in_all).astype(np.float32)
        try:
            costs = self.run.descend(
                self.digits,
                laid_out(order, np.int64),
                settings.mini_batch_size,
                rates,
                momentum=settings.momentum,
                l2=settings.l2,
                weight_decay=settings.weight_decay,
                beta_1=ADAM_BETA_1,
                beta_2=ADAM_BETA_2,
                epsilon=ADAM_EPSILON,
                average=settings.average,
                n_steps_before=descent.n_steps,
                threads=self.threads or self.worthwhile_threads(descent.network, settings),
            )
        except BaseException:
            self.stands_at = None  # who knows where it stands
            raise
        average = descent.average
        self.stands_at = Descent(
            network=descent.network.with_parameters(*self.parameters("network")),
            moments=tuple(Gradients(*self.parameters(name)) for name in MOMENTS[: len(descent.moments)]),
            average=average and average.with_parameters(*self.parameters("running_average")),
            n_steps=descent.n_steps + n_steps,
        )
        return self.stands_at, costs

    def worthwhile_threads(self, network: Network, settings: Settings) -> int:
        """Return how many threads a mini-batch keeps busy."""
        first, *others = network.weights
        inked = first.shape[1] if self.digits.is_dense else self.digits.marks_per_image
        return threads_for(settings.mini_batch_size * (2 * inked * first.shape[0] + 3 * sum(w.size for w in others)))

    def parameters(self, which: str) -> tuple[tuple[np.ndarray, ...], tuple[np.ndarray, ...]]:
        """Return the run's weights and biases, or what is shaped like them, by their name."""
        arrays = self.run.arrays(which)
        half = len(arrays) // 2
        return tuple(arrays[:half]), tuple(arrays[half:])


def started(descent: Descent, settings: Settings) -> Any:
    """Return a run of the kernel that stands where a descent does."""
    assert kernel is not None
    moments: dict[str, Any] = dict(zip(MOMENTS, map(arrays_of, descent.moments), strict=False))
    return kernel.Run(
        **kinds_of(descent.network),
        cost=descent.network.cost,
        optimizer="momentum" if settings.momentum else settings.optimizer,
        network=arrays_of(descent.network),
        **moments,
        running_average=[] if descent.average is None else arrays_of(descent.average),
    )


class FusedOutputs:
    """A network made ready to read many images, or one image many times.

    Parameters
    ----------
    network : Network
        Of float32.
    threads : int or None, default None
        None takes as many as are worthwhile for the images.
    instructions : str or None, default None
        As for `FusedEngine`.

    Raises
    ------
    SettingError
        If this build, processor or network does not allow it.
    """

    def __init__(self, network: Network, *, threads: int | None = None, instructions: str | None = None) -> None:
        if reason := why_not(network):
            raise SettingError(f"the fused engine cannot run this, because {reason}.")
        assert kernel is not None
        self.reader = kernel.Reader(**kinds_of(network), network=arrays_of(network), instructions=instructions)
        self.work_per_image = 0.2 * network.weights[0].size + sum(w.size for w in network.weights[1:])
        self.threads = threads

    def __call__(self, images: np.ndarray) -> np.ndarray:
        """Return what a network answers to images.

        Parameters
        ----------
        images : ndarray of uint8, shape (n, height, width) or (n, n_in)
            0 is paper, 255 is ink.

        Returns
        -------
        ndarray of float32, shape (n, n_out)
            The outputs for each.
        """
        threads = threads_for(len(images) * self.work_per_image) if self.threads is None else self.threads
        return self.reader.outputs(images, threads)


def threads_for(work: float) -> int:
    """Return how many threads so many multiplications are worth, of those that can run at once."""
    return int(max(1, min(n_processors(), work // WORK_PER_THREAD)))
