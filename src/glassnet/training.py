"""Training: epochs of mini-batches as a stream of events, which can be watched, stopped, killed and resumed."""

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Protocol, overload

import numpy as np

from glassnet.checkpoint import RunState, hash_digits, load_checkpoint, restored_rng, save_checkpoint
from glassnet.descent import start
from glassnet.digits import Digits
from glassnet.engines import Engine, choose, outputs_of
from glassnet.errors import CheckpointError, DivergedError, SettingError, ShapeError
from glassnet.events import EpochEnded, Event, Progress, record_of
from glassnet.network import Network
from glassnet.settings import Settings

CHUNK_SECONDS = 0.05
"""How long an engine runs before the caller is asked again: what a stop, a picture or a checkpoint waits for."""
CHECKPOINT_SECONDS = 3.0


class FreshExamples(Protocol):
    """Examples that are different in every epoch: deformed, or drawn anew."""

    @property
    def n(self) -> int:
        """How many there are in an epoch."""
        ...

    def of_epoch(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """Return images and labels, both of uint8, of an epoch, counted from 0; the same for the same number.

        A label that the network has no output for asks for all of them off.
        """
        ...


@overload
def train(
    network: Network,
    digits: Digits,
    *,
    rng: np.random.Generator | None = None,
    engine: str = "auto",
    checkpoint: str | Path | None = None,
    progress_seconds: None = None,
    notes: dict[str, Any] | None = None,
    fresh: FreshExamples | None = None,
    **settings: Any,
) -> Iterator[EpochEnded]: ...
@overload
def train(
    network: Network,
    digits: Digits,
    *,
    rng: np.random.Generator | None = None,
    engine: str = "auto",
    checkpoint: str | Path | None = None,
    progress_seconds: float,
    notes: dict[str, Any] | None = None,
    fresh: FreshExamples | None = None,
    **settings: Any,
) -> Iterator[Event]: ...
def train(
    network: Network,
    digits: Digits,
    *,
    rng: np.random.Generator | None = None,
    engine: str = "auto",
    checkpoint: str | Path | None = None,
    progress_seconds: float | None = None,
    notes: dict[str, Any] | None = None,
    fresh: FreshExamples | None = None,
    **settings: Any,
) -> Iterator[Event] | Iterator[EpochEnded]:
    """Yield what happens while a network learns, one epoch after the other: equation (9) once per mini-batch.

    Parameters
    ----------
    network : Network
        Where to start; it stays as it is.
    digits : Digits
        What to learn from, and what to be judged by after each epoch.
    rng : numpy.random.Generator or None, default None
        Its next child (``rng.spawn``) shuffles the examples; None is ``numpy.random.default_rng(0)``. The same network,
        digits, settings and rng give the same numbers, bit for bit, on the same machine, whatever else is drawn from
        `rng` meanwhile.
    engine : {"auto", "fused", "reference"}, default "auto"
        What runs the descent; "auto" is the fused engine for networks of float32, in a build that has its kernel.
    checkpoint : str, Path or None, default None
        A new file that is kept up to date at every epoch and every 3 seconds, from which `resume` goes on. None: none.
    progress_seconds : float or None, default None
        If given, `Progress` events come about that often, too. None: only the ends of epochs.
    notes : dict or None, default None
        Kept in the checkpoint.
    fresh : FreshExamples or None, default None
        What to learn from instead of the digits' training images, which are then not looked at. None: those.
    **settings
        As for `glassnet.Settings`: epochs=30, mini_batch_size=100, learning_rate=None, schedule="constant",
        optimizer="sgd", momentum=0, l2=0, weight_decay=0, average=0.

    Yields
    ------
    EpochEnded or Progress
        The last one is an `EpochEnded` and holds the trained network. Whoever stops listening, or is interrupted,
        has with the newest event the newest network; a checkpoint is brought up to date first.

    Raises
    ------
    SettingError
        If a setting or the engine is not possible.
    CheckpointError
        If a file of the checkpoint's name exists.
    ShapeError
        If the network does not take the digits' images or has no output for a label.
    DivergedError
        If the cost is no longer a finite number.
    OSError
        If the checkpoint cannot be written.

    Notes
    -----
    Stochastic gradient descent as in 3Blue1Brown's *Neural networks*, chapters 2 and 3: shuffle, cut into groups,
    one step per group.

    Examples
    --------
    >>> from glassnet.digits import load_digits
    >>> network = Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
    >>> for event in train(network, load_digits(), epochs=2, mini_batch_size=10):
    ...     print(event.epoch, event.test_accuracy > 0.9)
    1 True
    2 True
    """
    checked = Settings(**settings)
    own_rng = (np.random.default_rng(0) if rng is None else rng).spawn(1)[0]
    state = RunState(
        settings=checked,
        descent=start(network, checked),
        rng_state=dict(own_rng.bit_generator.state),
        digits_hash="" if checkpoint is None else hash_digits(digits),
        notes=notes or {},
    )
    check_fits(network, digits)
    if checkpoint is not None and Path(checkpoint).exists():
        raise CheckpointError(f"{checkpoint} is there already: resume it, or name another file.")
    engines = engine_by_epoch(engine, digits, fresh, state)
    if checkpoint is not None:
        save_checkpoint(state, checkpoint)
    return run(state, digits, own_rng, engines, checkpoint, progress_seconds, n_examples(digits, fresh))


def resume(
    checkpoint: str | Path,
    digits: Digits,
    *,
    epochs: int | None = None,
    engine: str = "auto",
    progress_seconds: float | None = None,
    notes: dict[str, Any] | None = None,
    fresh: FreshExamples | None = None,
) -> Iterator[Event]:
    """Yield what happens while a run goes on from its checkpoint; it ends as if it had never been interrupted.

    Parameters
    ----------
    checkpoint : str or Path
        The file that `train` kept; it is kept up to date from here on.
    digits : Digits
        The same as before.
    epochs : int or None, default None
        Make the run longer than it was meant to be; None leaves it as it was.
    engine : {"auto", "fused", "reference"}, default "auto"
        The same as before, or the last bits will differ.
    progress_seconds : float or None, default None
        As for `train`.
    notes : dict or None, default None
        Kept in the checkpoint from now on; None keeps those that are there.
    fresh : FreshExamples or None, default None
        The same as before.

    Yields
    ------
    EpochEnded or Progress
        Of the rest of the run; of a run that had ended already, its last event once more.

    Raises
    ------
    CheckpointError
        If the file is not a checkpoint, is damaged, or belongs to other digits.
    SettingError
        If the number of epochs cannot be changed to that.
    DivergedError
        If the cost is no longer a finite number.
    OSError
        If the checkpoint cannot be read or written.
    """
    state = load_checkpoint(checkpoint)
    if state.digits_hash != hash_digits(digits):
        raise CheckpointError(f"cannot go on from {checkpoint}: it was made with other digits than these.")
    state = replace(lengthened(state, epochs), notes=state.notes if notes is None else notes)
    engines = engine_by_epoch(engine, digits, fresh, state)
    rng = restored_rng(state.rng_state)
    return run(state, digits, rng, engines, checkpoint, progress_seconds, n_examples(digits, fresh))


def engine_by_epoch(
    name: str, digits: Digits, fresh: FreshExamples | None, state: RunState
) -> Callable[[RunState], Engine]:
    """Return what gives the engine for the epoch that a state is in; what cannot run is refused at once."""
    if fresh is None:
        only = choose(name, digits.train_images, digits.train_labels, state.descent)
        return lambda state: only
    choose(name, digits.train_images[:1], digits.train_labels[:1], state.descent)

    def engine_of(state: RunState) -> Engine:
        images, labels = fresh.of_epoch(len(state.history))
        return choose(name, images, labels, state.descent)

    return engine_of


def n_examples(digits: Digits, fresh: FreshExamples | None) -> int:
    """Return how many examples an epoch has."""
    return len(digits.train_images) if fresh is None else fresh.n


def lengthened(state: RunState, epochs: int | None) -> RunState:
    """Return the run with more epochs before it."""
    settings = state.settings
    if epochs is None or epochs == settings.epochs:
        return state
    if epochs < settings.epochs or settings.schedule != "constant":
        raise SettingError(
            f"a run that was meant to last {settings.epochs} epochs, with the schedule {settings.schedule}, cannot be "
            f"made to last {epochs}: only a constant one can be made longer."
        )
    return replace(state, settings=replace(settings, epochs=epochs))


def check_fits(network: Network, digits: Digits) -> None:
    """Refuse digits that the network has no inputs or outputs for."""
    n_inputs, n_outputs = network.layer_sizes[0], network.layer_sizes[-1]
    if n_inputs != digits.n_inputs:
        raise ShapeError(f"the network has {n_inputs} inputs, the images have {digits.n_inputs} pixels.")
    largest = max(int(digits.train_labels.max()), int(digits.test_labels.max()))
    if largest >= n_outputs:
        raise ShapeError(f"there is a digit {largest}, but the network has outputs for 0 to {n_outputs - 1} only.")


def run(
    state: RunState,
    digits: Digits,
    rng: np.random.Generator,
    engines: Callable[[RunState], Engine],
    checkpoint: str | Path | None,
    progress_seconds: float | None,
    n_training: int,
) -> Iterator[Event]:
    """Yield the events of a run from wherever it stands."""
    if len(state.history) == state.settings.epochs:
        yield EpochEnded(**state.history[-1], n_seen=n_training, network=read_only(state.descent.result))
        return
    saved, saved_at = state, time.monotonic()
    pace = Pace()
    try:
        while len(state.history) < state.settings.epochs:
            shown_at = time.monotonic()
            for newest in epoch_in_chunks(state, engines(state), rng, n_training, pace):
                state = newest
                now = time.monotonic()
                if checkpoint is not None and now - saved_at > CHECKPOINT_SECONDS:
                    save_checkpoint(state, checkpoint)
                    saved, saved_at = state, time.monotonic()
                if progress_seconds is not None and now - shown_at >= progress_seconds:
                    yield progress_of(state, n_training)
                    shown_at = time.monotonic()
            ended = measure(state, digits)
            state = next_epoch(state, record_of(ended), rng)
            yield ended  # before the checkpoint: if that cannot be written, the listener still has the network
            if checkpoint is not None:
                save_checkpoint(state, checkpoint)
                saved, saved_at = state, time.monotonic()
    except (KeyboardInterrupt, GeneratorExit):
        # stopped between two mini-batches or in the middle of one: `state` is the last whole one
        if checkpoint is not None and state is not saved:
            save_checkpoint(state, checkpoint)
        raise


@dataclass(slots=True)
class Pace:
    """How many mini-batches an engine is given at a time: one at first, then as many as take about `CHUNK_SECONDS`."""

    n_mini_batches: int = 1

    def adapt(self, n_done: int, seconds: float) -> None:
        """Learn from how long so many mini-batches took."""
        self.n_mini_batches = max(1, min(int(n_done * CHUNK_SECONDS / max(seconds, 1e-6)), 4 * self.n_mini_batches))


@dataclass(frozen=True, slots=True, eq=False)
class Chunk:
    """Some mini-batches that an engine took in one go.

    Parameters
    ----------
    state : RunState
        The run after them.
    costs : ndarray of float, shape (n,)
        Of each of their examples, just before its own step.
    n_mini_batches : int
        How many they were.
    seconds : float
        Time their descent took.
    """

    state: RunState
    costs: np.ndarray
    n_mini_batches: int
    seconds: float


def taken(state: RunState, engine: Engine, order: np.ndarray, n_mini_batches: int) -> Chunk:
    """Return the next mini-batches of an epoch, taken: equation (9) once for each of them.

    Parameters
    ----------
    state : RunState
        Where the run stands, within the epoch; its settings say how it descends.
    engine : Engine
        Over the examples that `order` numbers.
    order : ndarray of int, shape (n_training,)
        The epoch's examples, shuffled.
    n_mini_batches : int
        How many to take; at the end of the epoch there may be fewer.

    Returns
    -------
    Chunk
        What came of them. How an epoch is cut into chunks changes no number of its state but `seconds`.

    Raises
    ------
    DivergedError
        If the cost or a weight is no longer a finite number.
    """
    settings = state.settings
    size = settings.mini_batch_size
    n_steps_in_all = settings.epochs * -(-len(order) // size)  # a schedule is laid out over them
    examples = order[state.n_seen : state.n_seen + n_mini_batches * size]
    began = time.perf_counter()
    descent, costs = engine.descend(state.descent, examples, settings, n_steps_in_all)
    seconds = time.perf_counter() - began
    state = replace(
        state,
        descent=descent,
        n_seen=state.n_seen + len(examples),
        cost_sum=summed(state.cost_sum, costs),
        seconds=state.seconds + seconds,
    )
    if not (math.isfinite(state.cost_sum) and descent.network.is_finite):
        raise DivergedError(
            f"the cost or a weight is no longer a finite number in epoch {len(state.history) + 1}: "
            f"the steps are too long; try a smaller learning rate than {settings.learning_rate:g}."
        )
    return Chunk(state, costs, -(-len(examples) // size), seconds)


def epoch_in_chunks(
    state: RunState, engine: Engine, rng: np.random.Generator, n_training: int, pace: Pace
) -> Iterator[RunState]:
    """Yield the run's state about every `CHUNK_SECONDS` until the epoch is over."""
    order = rng.permutation(n_training)
    while state.n_seen < n_training:
        chunk = taken(state, engine, order, pace.n_mini_batches)
        pace.adapt(chunk.n_mini_batches, chunk.seconds)
        state = chunk.state
        yield state


def read_only(network: Network) -> Network:
    """Return the network, its arrays closed to writing: a listener that wrote into them would change the run."""
    for array in (*network.weights, *network.biases):
        array.flags.writeable = False
    return network


def summed(cost_sum: float, costs: np.ndarray) -> float:
    """Return the sum of the examples' costs, added one after the other, so that no border of chunks can change it."""
    return float(np.add.accumulate(np.concatenate(([cost_sum], costs)), dtype=np.float64)[-1])


def progress_of(state: RunState, n_training: int) -> Progress:
    """Return how far the current epoch is."""
    return Progress(
        epoch=len(state.history) + 1,
        n_seen=state.n_seen,
        n_training=n_training,
        cost=state.cost_sum / state.n_seen,
        seconds=state.seconds,
        network=read_only(state.descent.result),
    )


def measure(state: RunState, digits: Digits) -> EpochEnded:
    """Return what is measured at the end of an epoch."""
    network = read_only(state.descent.result)
    validation_accuracy = None
    if digits.validation_images is not None and digits.validation_labels is not None:
        validation_accuracy = share_right(network, digits.validation_images, digits.validation_labels)
    return EpochEnded(
        epoch=len(state.history) + 1,
        cost=state.cost_sum / state.n_seen,
        test_accuracy=share_right(network, digits.test_images, digits.test_labels),
        validation_accuracy=validation_accuracy,
        seconds=state.seconds,
        n_seen=state.n_seen,
        network=network,
    )


def share_right(network: Network, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of images whose largest output is that of their label."""
    return float(np.mean(outputs_of(network, images).argmax(axis=1) == labels))


def next_epoch(state: RunState, record: dict[str, Any], rng: np.random.Generator) -> RunState:
    """Return the run's state before the first example of the next epoch; `record` is what was measured of this one."""
    return replace(
        state,
        rng_state=dict(rng.bit_generator.state),
        history=(*state.history, record),
        n_seen=0,
        cost_sum=0.0,
        seconds=0.0,
    )
