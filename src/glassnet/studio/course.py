"""Course: a network learning in a thread of its own, step by step or flat out, that can be watched and steered."""

import math
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from glassnet.checkpoint import RunState, restored_rng
from glassnet.descent import start
from glassnet.engines import Engine
from glassnet.errors import DivergedError, GlassnetError
from glassnet.network import Network
from glassnet.settings import Settings
from glassnet.studio.classroom import Classroom
from glassnet.studio.history import CostCurve, History, Snapshot
from glassnet.studio.schema import CostPoint, Moment, RunChange, RunSettings, RunTold
from glassnet.training import Pace, summed

SAVE_SECONDS = 3.0
FLAT_OUT = 0.0
LONGEST_NAP = 0.25


def settings_of(wanted: RunSettings) -> Settings:
    """Return how a run descends, as training has it."""
    return Settings(
        epochs=wanted.epochs,
        mini_batch_size=min(wanted.mini_batch_size, wanted.n_training),
        learning_rate=wanted.learning_rate,
    )


def network_of(wanted: RunSettings) -> Network:
    """Return the network that a run starts with: the one that `glassnet train` starts with for the same seed."""
    return Network.random(
        (784, *wanted.hidden, 10),
        rng=np.random.default_rng(wanted.seed),
        start=wanted.start,
        activation=wanted.activation,
        output_activation=wanted.output_activation,
        cost=wanted.cost,
    )


def first_state(wanted: RunSettings, network: Network | None = None) -> RunState:
    """Return a run before its first step."""
    settings = settings_of(wanted)
    rng = np.random.default_rng(wanted.seed)
    if network is None:
        network = network_of(wanted)
        # as `glassnet train` does: the same generator draws the start values, then its child shuffles
    return RunState(
        settings=settings,
        descent=start(network, settings),
        rng_state=dict(rng.spawn(1)[0].bit_generator.state),
    )


@dataclass(slots=True)
class Budget:
    """How far a run may go before it pauses: so many mini-batches of so many examples, or on and on."""

    n_steps: int | None = None
    mini_batch_size: int | None = None
    to_epoch_end: bool = False


class Course:
    """A run that a visitor watches.

    Parameters
    ----------
    name : str
        Its identity, eight letters and digits.
    wanted : RunSettings
        How it is to learn.
    classroom : Classroom
        Digits and engines, shared by all.
    state : RunState
        Where it stands.
    save : callable
        Keeps the run on disk; called with it by its own thread.

    Notes
    -----
    Everything that others read is replaced whole, under `lock`; the thread alone advances it.
    """

    def __init__(
        self,
        name: str,
        wanted: RunSettings,
        classroom: Classroom,
        state: RunState,
        save: Callable[["Course", bool], None],
        curve: CostCurve | None = None,
        history: History | None = None,
    ) -> None:
        self.id = name
        self.wanted = wanted
        self.classroom = classroom
        self.state = state
        self.save = save
        self.curve = curve or CostCurve()
        self.history = history or History()
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.version = 0
        self.budget: Budget | None = None
        self.steps_per_second = FLAT_OUT
        self.sentence = ""
        self.is_closed = False
        self.is_stopped = False
        self.thread: threading.Thread | None = None
        self.engine: Engine | None = None
        self.order: np.ndarray | None = None
        self.next_rng = restored_rng(state.rng_state)
        if not self.history.snapshots:
            self.remember()

    @property
    def n_training(self) -> int:
        """Examples in an epoch."""
        return self.wanted.n_training

    @property
    def epoch(self) -> float:
        """Epochs seen, with their fraction."""
        return len(self.state.history) + self.state.n_seen / self.n_training

    @property
    def is_finished(self) -> bool:
        """Whether all epochs are done."""
        return len(self.state.history) >= self.wanted.epochs

    @property
    def phase(self) -> Literal["ready", "running", "paused", "finished", "failed"]:
        """What it is doing."""
        if self.sentence:
            return "failed"
        if self.budget is not None:
            return "running"
        if self.is_finished or self.is_stopped:
            return "finished"
        return "paused" if self.state.descent.n_steps else "ready"

    def told(self) -> RunTold:
        """Return the run as a list shows it."""
        with self.lock:
            newest = self.history.newest
            return RunTold(
                id=self.id,
                name=self.wanted.name or f"run {self.id[:4]}",
                settings=self.wanted,
                state=self.phase,
                sentence=self.sentence,
                moment=self.state.descent.n_steps,
                epoch=self.epoch,
                seconds=self.state.seconds + sum(epoch["seconds"] for epoch in self.state.history),
                cost=newest.cost,
                train_accuracy=newest.train_accuracy,
                test_accuracy=newest.test_accuracy,
                n_parameters=self.state.descent.network.n_parameters,
            )

    def costs_told(self) -> list[CostPoint]:
        """Return the cost curve."""
        with self.lock:
            return [CostPoint(moment=m, cost=c) for m, c in zip(self.curve.moments, self.curve.costs, strict=True)]

    def moments_told(self) -> list[Moment]:
        """Return the moments that one can slide back to."""
        with self.lock:
            return [
                Moment(
                    moment=s.moment,
                    epoch=s.epoch,
                    cost=s.cost,
                    train_accuracy=s.train_accuracy,
                    test_accuracy=s.test_accuracy,
                )
                for s in self.history.snapshots
            ]

    def do(self, action: str) -> None:
        """Do what is asked; a failed or finished run only starts again."""
        with self.lock:
            if action == "again":
                self.begin_again()
                return
            if action in ("pause", "stop"):
                self.budget = None
                self.is_stopped = action == "stop"
            elif not self.sentence and not self.is_finished:
                self.is_stopped = False
                self.budget = {
                    "start": lambda: Budget(),
                    "example": lambda: Budget(n_steps=1, mini_batch_size=1),
                    "mini_batch": lambda: Budget(n_steps=1),
                    "epoch": lambda: Budget(to_epoch_end=True),
                }[action]()
                self.start_thread()
            self.touch()

    def begin_again(self) -> None:
        """Forget everything that was learned."""
        self.budget, self.is_stopped = None, False
        self.state = first_state(self.wanted)
        self.next_rng = restored_rng(self.state.rng_state)
        self.order = None
        self.curve, self.history, self.sentence = CostCurve(), History(), ""
        self.remember()
        self.touch()

    def change(self, wish: RunChange) -> None:
        """Change what can be changed on the way."""
        with self.lock:
            told = wish.model_dump(exclude_none=True)
            speed = told.pop("steps_per_second", None)
            if speed is not None:
                self.steps_per_second = speed
            if "epochs" in told:
                told["epochs"] = max(told["epochs"], len(self.state.history) + (self.state.n_seen > 0), 1)
            if told:
                self.wanted = self.wanted.model_copy(update=told)
                self.state = replace(self.state, settings=settings_of(self.wanted))
            self.touch()

    def touch(self) -> None:
        """Tell whoever watches that something is new."""
        with self.lock:
            self.version += 1
            self.changed.notify_all()

    def start_thread(self) -> None:
        """Go on in a thread, if there is none."""
        if self.thread is None or not self.thread.is_alive():
            self.thread = threading.Thread(target=self.work, name=f"run {self.id}", daemon=True)
            self.thread.start()
        self.changed.notify_all()

    def close(self) -> None:
        """Pause for good and keep what there is; waits until the thread has ended."""
        with self.lock:
            self.is_closed, self.budget = True, None
            self.changed.notify_all()
        if self.thread is not None and self.thread is not threading.current_thread():
            self.thread.join(timeout=10)

    def work(self) -> None:
        """Advance as long as there is a budget; what there is then is kept."""
        pace, saved_at, due = Pace(), time.monotonic(), time.monotonic()
        try:
            while True:
                with self.lock:
                    budget = self.budget
                    if budget is None or self.is_closed:
                        self.thread = None
                        break
                    speed = self.steps_per_second
                if speed:
                    nap = due - time.monotonic()
                    if nap > 0:
                        with self.lock:
                            self.changed.wait(min(nap, LONGEST_NAP))
                        continue
                    due = max(due, time.monotonic() - 1.0) + 1 / speed
                else:
                    due = time.monotonic()
                with self.classroom.turn():
                    self.advance(budget, 1 if speed else pace.n_mini_batches, pace)
                if time.monotonic() - saved_at > SAVE_SECONDS:
                    self.save(self, False)
                    saved_at = time.monotonic()
        except (GlassnetError, MemoryError, OSError) as error:
            with self.lock:
                self.sentence = str(error) or "there is not enough memory for this."
                self.budget, self.thread = None, None
        self.touch()
        try:
            self.save(self, True)
        except OSError as error:
            with self.lock:
                self.sentence = f"the run cannot be kept: {error.strerror or error}."
            self.touch()

    def advance(self, budget: Budget, n_mini_batches: int, pace: Pace) -> None:
        """Take some steps, not past the end of the epoch."""
        with self.lock:
            state, settings = self.state, self.state.settings
            if budget.mini_batch_size is not None:
                settings = replace(settings, mini_batch_size=budget.mini_batch_size)
        if self.order is None:
            self.begin_epoch()
        assert self.order is not None
        assert self.engine is not None
        n = n_mini_batches if budget.n_steps is None else min(n_mini_batches, budget.n_steps)
        examples = self.order[state.n_seen : state.n_seen + n * settings.mini_batch_size]
        n_done = -(-len(examples) // settings.mini_batch_size)
        began = time.perf_counter()
        descent, costs = self.engine.descend(state.descent, examples, settings, 1)
        seconds = time.perf_counter() - began
        pace.adapt(n_done, seconds)
        with self.lock:
            if self.state is not state and self.state.descent is not state.descent:
                return  # begun again meanwhile: these steps are of a run that nobody wants any more
            self.state = state = replace(
                self.state,
                descent=descent,
                n_seen=state.n_seen + len(examples),
                cost_sum=summed(state.cost_sum, costs),
                seconds=state.seconds + seconds,
            )
            if not (math.isfinite(state.cost_sum) and descent.network.is_finite):
                raise DivergedError(
                    f"the cost or a weight is no longer a finite number in epoch {len(state.history) + 1}: the steps "
                    f"are too long; try a smaller learning rate than {settings.learning_rate:g}."
                )
            firsts = np.arange(0, len(costs), settings.mini_batch_size)
            means = np.add.reduceat(costs, firsts) / np.diff(np.append(firsts, len(costs)))
            self.curve.add(descent.n_steps - n_done, means)
            has_ended = state.n_seen >= self.n_training
        self.remember()
        with self.lock:
            if has_ended:
                self.end_epoch()
            if self.budget is budget:
                if budget.n_steps is not None:
                    budget.n_steps -= n_done
                is_spent = budget.n_steps is not None and budget.n_steps <= 0
                if is_spent or self.is_finished or (has_ended and budget.to_epoch_end):
                    self.budget = None
            self.touch()

    def begin_epoch(self) -> None:
        """Shuffle, and take this epoch's digits."""
        rng = self.next_rng
        self.order = rng.permutation(self.n_training)
        n_epochs = len(self.state.history)
        self.engine = self.classroom.engine_for(self.wanted, self.state.descent, n_epochs, self.engine)

    def end_epoch(self) -> None:
        """Note what was measured, and stand before the next epoch."""
        newest = self.history.newest
        record = {
            "epoch": len(self.state.history) + 1,
            "cost": newest.cost,
            "test_accuracy": newest.test_accuracy,
            "validation_accuracy": None,
            "seconds": self.state.seconds,
        }
        self.state = replace(
            self.state,
            history=(*self.state.history, record),
            n_seen=0,
            cost_sum=0.0,
            seconds=0.0,
            rng_state=dict(self.next_rng.bit_generator.state),
        )
        self.order = None

    def remember(self) -> None:
        """Measure where the run stands, and keep that moment."""
        with self.lock:
            state, history = self.state, self.history
            epoch = self.epoch
        network = state.descent.network
        train, test = self.classroom.accuracies(network, self.n_training)
        snapshot = Snapshot(
            moment=state.descent.n_steps,
            epoch=epoch,
            cost=state.cost_sum / state.n_seen if state.n_seen else None,
            train_accuracy=train,
            test_accuracy=test,
            network=network,
        )
        with self.lock:
            if history is self.history:
                history.add(snapshot)
