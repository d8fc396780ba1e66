"""Learned: what a run has learned since it began, and how it begins."""

import itertools
from dataclasses import dataclass, field, replace

import numpy as np

from glassnet.checkpoint import RunState
from glassnet.descent import start
from glassnet.engines import Engine
from glassnet.network import Network
from glassnet.settings import Settings
from glassnet.studio.runs.history import CostCurve, History, Snapshot
from glassnet.studio.runs.schema import RunSettings
from glassnet.training import Chunk, next_epoch


def descent_settings(settings: RunSettings) -> Settings:
    """Return how a run descends, as training has it.

    Its schedule is the constant one: the only one that is laid out over nothing, so that epochs and mini-batches can be
    changed once a run has begun.
    """
    return Settings(
        epochs=settings.epochs,
        mini_batch_size=min(settings.mini_batch_size, settings.n_training),
        learning_rate=settings.learning_rate,
    )


def network_of(settings: RunSettings) -> Network:
    """Return the network that a run starts with: the one that `glassnet train` starts with for the same seed."""
    return Network.random(
        (784, *settings.hidden, 10),
        rng=np.random.default_rng(settings.seed),
        start=settings.start,
        activation=settings.activation,
        output_activation=settings.output_activation,
        cost=settings.cost,
    )


def first_state(settings: RunSettings, network: Network | None = None) -> RunState:
    """Return a run before its first step."""
    for_descent = descent_settings(settings)
    rng = np.random.default_rng(settings.seed)
    if network is None:
        network = network_of(settings)
        # as `glassnet train` does: the same generator draws the start values, then its child shuffles
    return RunState(
        settings=for_descent,
        descent=start(network, for_descent),
        rng_state=dict(rng.spawn(1)[0].bit_generator.state),
    )


@dataclass(slots=True, eq=False)
class Learned:
    """What a run has learned since it began; one that begins again gets another one, and nobody mixes them up.

    Parameters
    ----------
    state : RunState
        Where it stands.
    curve : CostCurve
        Its costs.
    history : History
        Its moments.
    rng, order : Generator and ndarray of int, or None
        What shuffled the epoch that it is in, and the order that came of it; None before an epoch's first step.
    engine : Engine or None
        Over the digits of this epoch, or of the one before.
    measured_at, measuring_seconds : float
        When a moment was last measured, by `time.perf_counter`, and how long that took.
    number : int
        Its own, so that what is known of its moments is not taken for what was known before it began again.
    """

    state: RunState
    curve: CostCurve = field(default_factory=CostCurve)
    history: History = field(default_factory=History)
    rng: np.random.Generator | None = None
    order: np.ndarray | None = None
    engine: Engine | None = None
    measured_at: float = 0.0
    measuring_seconds: float = 0.0
    number: int = field(default_factory=itertools.count().__next__)

    def add(self, chunk: Chunk, snapshot: Snapshot | None) -> None:
        """Note the mini-batches that were taken last, and the moment after them if it was measured."""
        firsts = np.arange(0, len(chunk.costs), chunk.state.settings.mini_batch_size)
        means = np.add.reduceat(chunk.costs, firsts) / np.diff(np.append(firsts, len(chunk.costs)))
        self.curve.add(self.state.descent.n_steps, means)
        # the newest settings: they may have been changed while these were taken
        self.state = replace(chunk.state, settings=self.state.settings)
        if snapshot is not None:
            self.history.add(snapshot)

    def end_epoch(self) -> None:
        """Note what was measured at the end of an epoch, and stand before the next."""
        assert self.rng is not None  # it shuffled the epoch that ends
        newest = self.history.newest
        record = {
            "epoch": len(self.state.history) + 1,
            "cost": newest.cost,
            "test_accuracy": newest.test_accuracy,
            "validation_accuracy": None,
            "seconds": self.state.seconds,
        }
        self.state = next_epoch(self.state, record, self.rng)
        self.order = None


def epochs_seen(state: RunState, n_training: int) -> float:
    """Return the epochs that a run has seen, with their fraction."""
    return len(state.history) + state.n_seen / n_training
