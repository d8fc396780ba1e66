"""Course: a network learning in a thread of its own, step by step or flat out, that can be watched and steered."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from glassnet.checkpoint import RunState, restored_rng
from glassnet.engines import Engine
from glassnet.errors import GlassnetError
from glassnet.studio.runs.classroom import Classroom
from glassnet.studio.runs.history import CostCurve, History, Snapshot
from glassnet.studio.runs.learned import Learned, end_epoch, first_state, settings_of
from glassnet.studio.runs.schema import CostPoint, Moment, RunChange, RunSettings, RunTold
from glassnet.system import give_way, reason_of
from glassnet.training import Pace, taken

SAVE_SECONDS = 3.0
FLAT_OUT = 0.0
LONGEST_NAP = 0.25
SAVE_WHOLE_SECONDS = 20.0
MEASURING_SHARE = 10.0
"""Between two measurements at least so many times as long as the last one took; at epochs' ends and pauses always."""


@dataclass(slots=True)
class Budget:
    """How far a run may go before it pauses: so many mini-batches of so many examples, or on and on."""

    n_steps: int | None = None
    mini_batch_size: int | None = None
    to_epoch_end: bool = False


BUDGETS: dict[str, Callable[[], Budget]] = {
    "start": Budget,
    "example": lambda: Budget(n_steps=1, mini_batch_size=1),
    "mini_batch": lambda: Budget(n_steps=1),
    "epoch": lambda: Budget(to_epoch_end=True),
}


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
    learned : Learned
        What it has learned already.
    save : callable
        Keeps the run on disk, with its history if the second argument says so; raises OSError if it cannot.

    Notes
    -----
    Everything that others read is replaced whole, under `lock`; the run's own thread alone advances it.
    """

    def __init__(
        self,
        name: str,
        wanted: RunSettings,
        classroom: Classroom,
        learned: Learned,
        save: Callable[["Course", bool], None],
    ) -> None:
        self.id = name
        self.wanted = wanted
        self.classroom = classroom
        self.learned = learned
        self.save = save
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.saving = threading.Lock()
        self.version = 0
        self.budget: Budget | None = None
        self.steps_per_second = FLAT_OUT
        self.sentence = ""
        self.has_failed = False
        self.is_closed = False
        self.is_dropped = False
        self.is_stopped = False
        self.must_save_whole = False
        self.thread: threading.Thread | None = None
        self.newest_thread: threading.Thread | None = None
        if not learned.history.snapshots:
            self.remember(learned)

    @property
    def state(self) -> RunState:
        """Where it stands."""
        return self.learned.state

    @property
    def history(self) -> History:
        """Its moments."""
        return self.learned.history

    @property
    def curve(self) -> CostCurve:
        """Its costs."""
        return self.learned.curve

    @property
    def n_training(self) -> int:
        """Examples in an epoch."""
        return self.wanted.n_training

    @property
    def epoch(self) -> float:
        """Epochs seen, with their fraction."""
        return self.learned.epoch(self.n_training)

    @property
    def is_finished(self) -> bool:
        """Whether all epochs are done."""
        return len(self.state.history) >= self.wanted.epochs

    @property
    def phase(self) -> Literal["ready", "running", "paused", "finished", "failed"]:
        """What it is doing."""
        if self.has_failed:
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
        if action == "again":
            self.begin_again()
        with self.lock:
            if action in ("pause", "stop"):
                self.budget = None
                self.is_stopped = action == "stop"
            elif action in BUDGETS and not self.has_failed and not self.is_finished:
                self.is_stopped = False
                self.budget = BUDGETS[action]()
                self.start_thread()
            is_at_rest = self.thread is None
            self.touch()
        if is_at_rest:  # else its thread will
            self.keep(whole=True)

    def begin_again(self) -> None:
        """Forget everything that was learned."""
        with self.lock:
            self.budget = None
            wanted = self.wanted
        learned = Learned(first_state(wanted))
        self.remember(learned)
        with self.lock:
            self.learned, self.must_save_whole = learned, True
            self.sentence, self.has_failed, self.is_stopped = "", False, False
            learned.state = replace(learned.state, settings=settings_of(self.wanted))

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
                self.learned.state = replace(self.state, settings=settings_of(self.wanted))
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
            self.newest_thread = self.thread
            self.thread.start()
        self.changed.notify_all()

    def close(self) -> None:
        """Pause for good and keep what there is; waits until the thread has ended."""
        with self.lock:
            self.is_closed, self.budget = True, None
            self.changed.notify_all()
            thread = self.newest_thread  # which may be keeping what there is, its work done
        if thread is not None:
            thread.join(timeout=10)

    def keep(self, *, whole: bool) -> None:
        """Keep the run on disk, its history too if it must be; what hinders that is told, and tried again next time."""
        with self.saving:
            if self.is_dropped:
                return
            with self.lock:
                whole, self.must_save_whole = whole or self.must_save_whole, False
            sentence = ""
            try:
                self.save(self, whole)
            except OSError as error:
                sentence = f"the run cannot be kept: {reason_of(error)}."
        with self.lock:
            self.must_save_whole |= bool(sentence) and whole
            if not self.has_failed and sentence != self.sentence:
                self.sentence = sentence
                self.touch()

    def work(self) -> None:
        """Advance as long as there is a budget; what there is then is kept."""
        give_way()  # whoever draws goes first
        pace = Pace()
        stepped_at = saved_at = whole_at = time.monotonic()
        try:
            while True:
                with self.lock:
                    budget, learned, speed = self.budget, self.learned, self.steps_per_second
                    if budget is None or self.is_closed:
                        self.thread = None
                        break
                    nap = stepped_at + 1 / speed - time.monotonic() if speed else 0.0
                    if nap > 0:
                        self.changed.wait(min(nap, LONGEST_NAP))
                        continue
                # a run that was held up catches up for a second at most
                stepped_at = max(stepped_at + 1 / speed, time.monotonic() - 1.0) if speed else time.monotonic()
                with self.classroom.turn():
                    self.advance(learned, budget, 1 if speed else pace.n_mini_batches, pace)
                now = time.monotonic()
                if now - saved_at > SAVE_SECONDS:
                    self.keep(whole=now - whole_at > SAVE_WHOLE_SECONDS)
                    saved_at = time.monotonic()
                    whole_at = saved_at if now - whole_at > SAVE_WHOLE_SECONDS else whole_at
            self.settle()
        except (GlassnetError, MemoryError) as error:
            self.fail(str(error) or "there is not enough memory for this.")
        except Exception:  # whatever it was, nobody must wait for a run that has no thread
            logging.getLogger(__name__).exception("run %s", self.id)
            self.fail("this run broke off; the server's own log says where.")
        self.touch()
        self.keep(whole=True)

    def settle(self) -> None:
        """Measure the newest moment, if it was not yet."""
        learned = self.learned
        if learned.history.newest.moment != learned.state.descent.n_steps:
            self.remember(learned)

    def fail(self, sentence: str) -> None:
        """Say why the run cannot go on."""
        self.settle()
        with self.lock:
            self.sentence, self.has_failed = sentence, True
            self.budget, self.thread = None, None

    def advance(self, learned: Learned, budget: Budget, n_mini_batches: int, pace: Pace) -> None:
        """Take some steps, not past the end of the epoch."""
        state = learned.state
        if budget.mini_batch_size is not None:
            state = replace(state, settings=replace(state.settings, mini_batch_size=budget.mini_batch_size))
        order, engine = self.epoch_of(learned)
        n = n_mini_batches if budget.n_steps is None else min(n_mini_batches, budget.n_steps)
        chunk = taken(state, engine, order, n)
        n_done, costs = chunk.n_mini_batches, chunk.costs
        pace.adapt(n_done, chunk.seconds)
        firsts = np.arange(0, len(costs), state.settings.mini_batch_size)
        means = np.add.reduceat(costs, firsts) / np.diff(np.append(firsts, len(costs)))
        with self.lock:
            # the newest settings: they may have been changed meanwhile
            learned.state = replace(chunk.state, settings=learned.state.settings)
            learned.curve.add(state.descent.n_steps, means)
            has_ended = learned.state.n_seen >= self.n_training
            if budget.n_steps is not None:
                budget.n_steps -= n_done
            is_spent = budget.n_steps is not None and budget.n_steps <= 0
            is_last = self.budget is not budget or is_spent or has_ended
        if is_last or time.perf_counter() - learned.measured_at > MEASURING_SHARE * learned.measuring_seconds:
            self.remember(learned)
        with self.lock:
            if has_ended:
                end_epoch(learned)
            is_over = learned is self.learned and self.is_finished
            if self.budget is budget and (is_spent or is_over or (has_ended and budget.to_epoch_end)):
                self.budget = None
            self.touch()

    def epoch_of(self, learned: Learned) -> tuple[np.ndarray, Engine]:
        """Return the order of this epoch's digits, shuffled, and an engine over them."""
        if learned.order is None or learned.engine is None:
            learned.rng = restored_rng(learned.state.rng_state)
            learned.order = learned.rng.permutation(self.n_training)
            n_epochs = len(learned.state.history)
            learned.engine = self.classroom.engine_for(self.wanted, learned.state.descent, n_epochs, learned.engine)
        return learned.order, learned.engine

    def remember(self, learned: Learned) -> None:
        """Measure where the run stands, and keep that moment."""
        with self.lock:
            state, epoch = learned.state, learned.epoch(self.n_training)
        network = state.descent.network
        began = time.perf_counter()  # Windows' other clock goes in steps of 16 ms, longer than this takes
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
            learned.history.add(snapshot)
            learned.measured_at = time.perf_counter()
            learned.measuring_seconds = learned.measured_at - began
