"""Classroom: the digits and engines that all runs share, and whose turn it is."""

import collections
import contextlib
import threading
from collections.abc import Iterator

import numpy as np

from glassnet.descent import Descent
from glassnet.digits import Digits, load_digits
from glassnet.engines import Engine, choose
from glassnet.engines.fused import FusedEngine
from glassnet.network import Network
from glassnet.studio.runs.schema import RunSettings
from glassnet.system import n_processors
from glassnet.training import share_right

N_CHECKED = 10_000
"""Training digits that accuracy is measured on, as many as there are test digits."""
MOST_AT_ONCE = max(1, n_processors() - 1)
"""Runs that compute at the same time; the others wait for their turn, a twentieth of a second. One processor is left
for those who draw."""


class Classroom:
    """What runs share.

    Parameters
    ----------
    digits : Digits or None, default None
        None takes MNIST.
    """

    def __init__(self, digits: Digits | None = None) -> None:
        self.digits = digits or load_digits()
        self.lock = threading.Lock()
        self.engine: Engine | None = None
        self.fine: np.ndarray | None = None
        self.changed = threading.Condition()
        self.waiting: collections.deque[object] = collections.deque()
        self.n_busy = 0

    @contextlib.contextmanager
    def turn(self) -> Iterator[None]:
        """Wait for a turn: first come, first served; a plain lock would let whoever has it take it again."""
        ticket = object()
        with self.changed:
            self.waiting.append(ticket)
            self.changed.wait_for(lambda: self.waiting[0] is ticket and self.n_busy < MOST_AT_ONCE)
            self.waiting.popleft()
            self.n_busy += 1
            self.changed.notify_all()
        try:
            yield
        finally:
            with self.changed:
                self.n_busy -= 1
                self.changed.notify_all()

    def engine_for(self, settings: RunSettings, descent: Descent, n_epochs: int, before: Engine | None) -> Engine:
        """Return an engine for an epoch: over MNIST's digits, or over newly deformed ones."""
        if settings.deform:
            return choose(
                "auto", self.deformed(settings, n_epochs), self.digits.train_labels[: settings.n_training], descent
            )
        if before is not None:
            return before
        # an engine's form of the digits takes 40 MB in the kernel and 190 without: one for all runs, all of float32
        with self.lock:
            if self.engine is None:
                self.engine = choose("auto", self.digits.train_images, self.digits.train_labels, descent)
        return self.engine.another() if isinstance(self.engine, FusedEngine) else self.engine

    def deformed(self, settings: RunSettings, n_epochs: int) -> np.ndarray:
        """Return the digits as other hands would have written them, different ones in every epoch."""
        from glassnet.recipes.deform import deformed
        from glassnet.recipes.knobs import MILD, draw, draw_fields
        from glassnet.recipes.reader import fine_of_mnist

        with self.lock:
            if self.fine is None:
                self.fine = fine_of_mnist(self.digits.train_images)
        rng = np.random.default_rng([settings.seed, n_epochs])
        n, at_once = settings.n_training, 8192
        images = np.empty((n, 28, 28), dtype=np.uint8)
        for first in range(0, n, at_once):
            which = np.arange(first, min(first + at_once, n))
            images[which] = deformed(self.fine, which, draw(len(which), MILD, rng), draw_fields(len(which), rng))
        return images

    def accuracies(self, network: Network, n_training: int) -> tuple[float, float]:
        """Return the share of training and of test digits that a network reads rightly."""
        n = min(N_CHECKED, n_training)
        with np.errstate(all="ignore"):  # of a run that leapt too far, whose outputs are no numbers
            return (
                share_right(network, self.digits.train_images[:n], self.digits.train_labels[:n]),
                share_right(network, self.digits.test_images, self.digits.test_labels),
            )
