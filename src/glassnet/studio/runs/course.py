"""Course: a network learning in a thread of its own, step by step or flat out, that can be watched and steered."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import replace

import numpy as np

from glassnet.checkpoint import RunState, restored_rng
from glassnet.engines import Engine
from glassnet.errors import GlassnetError
from glassnet.network import Network
from glassnet.studio.runs.classroom import Classroom
from glassnet.studio.runs.history import CostCurve, History, Snapshot
from glassnet.studio.runs.keeping import Keeping
from glassnet.studio.runs.learned import Learned, descent_settings, epochs_seen, first_state
from glassnet.studio.runs.phases import BUDGETS, TRANSITIONS, Action, Budget, Event, Phase, as_told
from glassnet.studio.runs.schema import CostPoint, Moment, RunChange, RunSettings, RunTold
from glassnet.system import give_way
from glassnet.training import Pace, taken

SAVE_SECONDS = 3.0
FLAT_OUT = 0.0
LONGEST_NAP = 0.25
SAVE_WHOLE_SECONDS = 20.0
MEASURING_SHARE = 10.0
"""Between two measurements at least so many times as long as the last one took; at epochs' ends and pauses always."""


class Course:
    """A run that a visitor watches.

    Parameters
    ----------
    name : str
        Its identity, eight letters and digits.
    settings : RunSettings
        How it is to learn.
    classroom : Classroom
        Digits and engines, shared by all.
    learned : Learned
        What it has learned already.
    save : callable
        Keeps the run on disk, with its history if the second argument says so; raises OSError if it cannot.
    phase : {"resting", "stopped", "failed"}, default "resting"
        Where it stands; one whose epochs are all done is finished, unless it has failed.

    Notes
    -----
    Everything that others read is replaced whole, under `lock`; the run's own thread alone advances it. There is one
    at most, as long as the run goes on. It keeps the run now and then, and in the end; whoever changes something while
    there is none keeps that at once.
    """

    def __init__(
        self,
        name: str,
        settings: RunSettings,
        classroom: Classroom,
        learned: Learned,
        save: Callable[["Course", bool], None],
        phase: Phase = "resting",
    ) -> None:
        self.id = name
        self.settings = settings
        self.classroom = classroom
        self.learned = learned
        self.keeping = Keeping(lambda whole: save(self, whole))
        self.lock = threading.RLock()
        self.changed = threading.Condition(self.lock)
        self.version = 0
        self.phase: Phase = TRANSITIONS[phase].get("done", phase) if self.is_finished else phase
        self.budget: Budget | None = None
        self.steps_per_second = FLAT_OUT
        self.sentence = ""
        self.is_closed = False
        self.looked_at: tuple[Network, Network] | None = None  # what a visitor saw last, and the same in float64
        self.thread: threading.Thread | None = None
        if not learned.history.snapshots:
            learned.history.add(self.measure(learned, learned.state))

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
        return self.settings.n_training

    @property
    def epoch(self) -> float:
        """Epochs seen, with their fraction."""
        return epochs_seen(self.state, self.n_training)

    @property
    def is_finished(self) -> bool:
        """Whether all epochs are done."""
        return len(self.state.history) >= self.settings.epochs

    def told(self) -> RunTold:
        """Return the run as a list shows it."""
        with self.lock:
            newest = self.history.newest
            return RunTold(
                id=self.id,
                name=self.settings.name or f"run {self.id[:4]}",
                settings=self.settings,
                state=as_told(self.phase, self.state.descent.n_steps),
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

    def happen(self, event: Event) -> bool:
        """Go where an event leads, and return whether it leads anywhere; what rests then is to be kept whole."""
        there = TRANSITIONS[self.phase].get(event)
        if there is None:
            return False
        self.phase = there
        if there != "running":
            self.budget = None
            self.keeping.ask(whole=True)
        self.touch()
        return True

    def do(self, action: Action) -> None:
        """Do what is asked, if it leads anywhere from here."""
        fresh = self.fresh() if action == "again" else None
        with self.lock:
            if self.is_closed:
                return
            if fresh is not None:
                # the newest settings: they may have been changed while this was measured
                fresh.state = replace(fresh.state, settings=descent_settings(self.settings))
                self.learned, self.sentence = fresh, ""
            if action in BUDGETS and action in TRANSITIONS[self.phase]:
                self.start_thread()  # first: where there can be none, the run does not go on
                self.budget = BUDGETS[action]()
            self.happen(action)
        self.keep_at_rest()

    def fresh(self) -> Learned:
        """Return what a run has learned that begins again: nothing."""
        learned = Learned(first_state(self.settings))
        learned.history.add(self.measure(learned, learned.state))
        return learned

    def change(self, wish: RunChange) -> None:
        """Change what can be changed once a run has begun."""
        with self.lock:
            changes = wish.model_dump(exclude_none=True)
            speed = changes.pop("steps_per_second", None)
            if speed is not None:
                self.steps_per_second = speed
            if "epochs" in changes:
                changes["epochs"] = max(changes["epochs"], len(self.state.history) + (self.state.n_seen > 0), 1)
            if changes:
                self.settings = self.settings.model_copy(update=changes)
                self.learned.state = replace(self.state, settings=descent_settings(self.settings))
            self.happen("done" if self.is_finished else "longer")
            self.keeping.ask(whole=False)
            self.touch()
        self.keep_at_rest()

    def touch(self) -> None:
        """Tell whoever watches that something is new."""
        with self.lock:
            self.version += 1
            self.changed.notify_all()

    def start_thread(self) -> None:
        """Have a thread, if there is none."""
        if self.thread is None:
            thread = threading.Thread(target=self.work, name=f"run {self.id}", daemon=True)
            thread.start()
            self.thread = thread

    def tell_to_close(self) -> threading.Thread | None:
        """Have it pause for good; return the thread that does so."""
        with self.lock:
            self.is_closed = True
            self.happen("spent")
            return self.thread

    def close(self, until: float | None = None) -> None:
        """Pause for good; waits until the thread has ended and what there is is kept, or `until`; 10 s if None."""
        thread = self.tell_to_close()
        if thread is not None:
            thread.join(timeout=10 if until is None else max(until - time.monotonic(), 0.01))
        self.keep()

    def keep_at_rest(self) -> None:
        """Keep on disk what is to be kept, unless there is a thread, which will when it ends."""
        if self.thread is None:
            self.keep()

    def keep(self) -> None:
        """Keep on disk what is to be kept; what hinders that is told."""
        sentence = self.keeping.keep()
        with self.lock:
            if sentence is not None and sentence != self.sentence and self.phase != "failed":
                self.sentence = sentence
                self.touch()

    def work(self) -> None:
        """Go on as long as it is to; what there is then is measured and kept."""
        give_way()  # whoever draws goes first
        while self.is_needed():
            self.go_on()
            learned = self.learned
            if not self.is_closed:  # a hundred that are closed together would measure for long; opening it again does
                self.attempt(learned, self.settle, learned)
        self.attempt(self.learned, self.keep)  # while another thread may go on: a disk can be slow

    def is_needed(self) -> bool:
        """Return whether the run's thread has something to do; if not, it is the run's no more."""
        with self.lock:
            if self.phase != "running":
                self.thread = None
            return self.thread is not None

    def attempt(self, learned: Learned, work: Callable[..., None], *arguments: object) -> None:
        """Do some work on what was learned; if that breaks, the run fails with a sentence."""
        try:
            work(*arguments)
        except (GlassnetError, MemoryError) as error:
            self.fail(learned, str(error) or "there is not enough memory for this.")
        except Exception:  # whatever it was, nobody must wait for a run that has no thread
            logging.getLogger(__name__).exception("run %s", self.id)
            self.fail(learned, "this run broke off; the server's own log says where.")

    def fail(self, learned: Learned, sentence: str) -> None:
        """Say why the run cannot go on, unless it has begun again since."""
        with contextlib.suppress(Exception):  # it may be the measuring that broke
            self.settle(learned)
        with self.lock:
            if learned is self.learned and self.happen("broken"):
                self.sentence = sentence

    def go_on(self) -> None:
        """Advance as long as the run is running, as fast as it is to, and keep it now and then."""
        pace = Pace()
        stepped_at = saved_at = whole_at = time.monotonic()
        while True:
            with self.lock:
                budget, learned, speed = self.budget, self.learned, self.steps_per_second
                if budget is None:
                    return
                nap = stepped_at + 1 / speed - time.monotonic() if speed else 0.0
                if nap > 0:
                    self.changed.wait(min(nap, LONGEST_NAP))
                    continue
            # a run that was held up catches up for a second at most
            stepped_at = max(stepped_at + 1 / speed, time.monotonic() - 1.0) if speed else time.monotonic()
            n = 1 if speed or budget.is_one_step else pace.n_mini_batches
            with self.classroom.turn():
                if self.budget is budget:  # while it waited for its turn it may have been told to pause
                    self.attempt(learned, self.advance, learned, budget, n, pace)
            now = time.monotonic()
            if now - saved_at > SAVE_SECONDS:
                is_whole = now - whole_at > SAVE_WHOLE_SECONDS
                self.keeping.ask(whole=is_whole)
                self.attempt(learned, self.keep)
                saved_at = time.monotonic()
                whole_at = saved_at if is_whole else whole_at

    def advance(self, learned: Learned, budget: Budget, n_mini_batches: int, pace: Pace) -> None:
        """Take some steps, not past the end of the epoch; all that others read of them changes at once."""
        state = learned.state
        if budget.mini_batch_size is not None:
            state = replace(state, settings=replace(state.settings, mini_batch_size=budget.mini_batch_size))
        order, engine = self.epoch_of(learned)
        chunk = taken(state, engine, order, n_mini_batches)
        pace.adapt(chunk.n_mini_batches, chunk.seconds)
        has_ended = chunk.state.n_seen >= self.n_training
        is_spent = budget.is_one_step or (budget.to_epoch_end and has_ended)
        is_last = is_spent or has_ended or (self.budget is not budget and not self.is_closed)
        is_time = time.perf_counter() - learned.measured_at > MEASURING_SHARE * learned.measuring_seconds
        snapshot = self.measure(learned, chunk.state) if is_last or is_time else None
        with self.lock:
            if learned is not self.learned or self.is_finished:
                return  # begun again, or given fewer epochs, meanwhile: these steps are none of the run's
            learned.add(chunk, snapshot)
            if has_ended:
                learned.end_epoch()
            if self.is_finished:
                self.happen("done")
            elif is_spent and self.budget is budget:
                self.happen("spent")
            self.touch()

    def epoch_of(self, learned: Learned) -> tuple[np.ndarray, Engine]:
        """Return the order of this epoch's digits, shuffled, and an engine over them."""
        if learned.order is None or learned.engine is None:
            learned.rng = restored_rng(learned.state.rng_state)
            learned.order = learned.rng.permutation(self.n_training)
            n_epochs = len(learned.state.history)
            learned.engine = self.classroom.engine_for(self.settings, learned.state.descent, n_epochs, learned.engine)
        return learned.order, learned.engine

    def settle(self, learned: Learned) -> None:
        """Measure the newest moment of what was learned, if it was not yet."""
        state = learned.state
        if learned.history.newest.moment != state.descent.n_steps:
            snapshot = self.measure(learned, state)
            with self.lock:
                learned.history.add(snapshot)
                self.touch()

    def measure(self, learned: Learned, state: RunState) -> Snapshot:
        """Return the moment that a run's state is, measured; how long that took is noted."""
        began = time.perf_counter()  # Windows' other clock goes in steps of 16 ms, longer than this takes
        train, test = self.classroom.accuracies(state.descent.network, self.n_training)
        learned.measured_at = time.perf_counter()
        learned.measuring_seconds = learned.measured_at - began
        return Snapshot(
            moment=state.descent.n_steps,
            epoch=epochs_seen(state, self.n_training),
            cost=state.cost_sum / state.n_seen if state.n_seen else None,
            train_accuracy=train,
            test_accuracy=test,
            network=state.descent.network,
        )
