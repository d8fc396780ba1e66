"""A run's phases: what leads from one to another, whoever speaks when; and when it is kept."""

import sys
import threading
import time
from pathlib import Path

import numpy as np
import pytest

from glassnet.engines.fused import FusedEngine
from glassnet.engines.reference import ReferenceEngine
from glassnet.errors import DivergedError
from glassnet.studio.runs import course as module
from glassnet.studio.runs.classroom import Classroom
from glassnet.studio.runs.course import Course
from glassnet.studio.runs.health import checkup_of
from glassnet.studio.runs.keeping import Keeping
from glassnet.studio.runs.learned import Learned, first_state
from glassnet.studio.runs.phases import TRANSITIONS
from glassnet.studio.runs.schema import RunChange, RunSettings
from glassnet.studio.runs.shelf import Shelf
from glassnet.studio.shown.kept import Kept
from glassnet.training import taken
from studio_server import wait_for

ACTIONS = ("start", "example", "mini_batch", "epoch", "pause", "stop", "again")
LEADS_TO = """
ready     running   running   running   running   ready     stopped   ready
running   running   running   running   running   paused    stopped   ready
paused    running   running   running   running   paused    stopped   ready
stopped   running   running   running   running   paused    stopped   ready
finished  finished  finished  finished  finished  finished  finished  ready
failed    failed    failed    failed    failed    failed    failed    ready
"""
ROWS = {first: dict(zip(ACTIONS, row, strict=True)) for first, *row in map(str.split, LEADS_TO.strip().splitlines())}
SLOWLY = RunChange(steps_per_second=0.001)  # so that a run that is running takes no step before it is told otherwise


@pytest.fixture
def shelf(tmp_path):
    return Shelf(tmp_path / "runs")


@pytest.fixture
def course(few_digits, shelf):
    """A run of two epochs, each of four mini-batches."""
    settings = RunSettings(n_training=100, mini_batch_size=25, epochs=2)
    course = Course(shelf.new_name(), settings, Classroom(few_digits), Learned(first_state(settings)), shelf.keep)
    yield course
    course.close()
    assert course.thread is None


@pytest.fixture
def restless():
    """Threads that interrupt each other wherever they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def taken_by(course, *actions):
    """Do one action after the other, each when the one before is done with."""
    for action in actions:
        course.do(action)
        wait_for(lambda: course.thread is None)
    return course


def break_off(*_):
    raise DivergedError("it leapt too far.")


def lead_to(course, phase, monkeypatch):
    """Bring a new run into a phase."""
    if phase == "running":
        taken_by(course, "mini_batch").change(SLOWLY)
        course.do("start")
    elif phase == "failed":
        with monkeypatch.context() as patch:
            patch.setattr(module, "taken", break_off)
            taken_by(course, "start")
    else:
        taken_by(
            course,
            *{"ready": [], "paused": ["mini_batch"], "stopped": ["mini_batch", "stop"], "finished": ["start"]}[phase],
        )
    assert phase_of(course) == phase
    course.change(SLOWLY)


def phase_of(course):
    """Return the phase of a run as the page tells it: one that was stopped is finished before its last epoch."""
    told = course.told()
    return "stopped" if told.state == "finished" and told.epoch < told.settings.epochs else told.state


@pytest.mark.parametrize("action", ACTIONS)
@pytest.mark.parametrize("phase", ROWS)
def test_every_action_in_every_phase_leads_where_it_is_to(course, shelf, phase, action, monkeypatch):
    lead_to(course, phase, monkeypatch)
    moment = course.state.descent.n_steps
    course.do(action)
    assert phase_of(course) == ROWS[phase][action]
    assert (course.budget is not None) == (course.phase == "running")
    assert course.state.descent.n_steps == (0 if action == "again" else moment)
    assert (course.sentence != "") == (phase_of(course) == "failed")
    course.close()
    found = shelf.open(course.id, course.classroom)
    assert (found.phase, found.told()) == (course.phase, course.told())


def test_every_phase_has_its_row_and_leads_to_phases():
    assert set().union(*(row.values() for row in TRANSITIONS.values())) == set(TRANSITIONS)


def test_epochs_that_are_given_or_taken_away_count_at_once(course):
    taken_by(course, "epoch")
    course.change(RunChange(epochs=1))
    assert phase_of(course) == "finished"
    course.change(RunChange(epochs=3))
    assert phase_of(course) == "paused"
    assert phase_of(taken_by(course, "start")) == "finished"
    assert len(course.state.history) == 3


def meanwhile(monkeypatch, speak, and_then):
    """Let somebody speak while the run's next steps are on their way, before what comes of them."""
    taken = module.taken

    def spoken(*arguments):
        monkeypatch.setattr(module, "taken", taken)
        speak()
        return and_then(*arguments)

    monkeypatch.setattr(module, "taken", spoken)
    return taken


def test_steps_on_their_way_when_it_begins_again_are_none_of_it(course, monkeypatch):
    taken_by(course, "mini_batch")
    meanwhile(monkeypatch, lambda: course.do("again"), break_off)
    assert phase_of(taken_by(course, "start")) == "ready"
    meanwhile(monkeypatch, lambda: course.do("again"), module.taken)
    assert phase_of(taken_by(course, "start")) == "ready"
    assert (course.state.descent.n_steps, len(course.history.snapshots), course.curve.moments) == (0, 1, [])


def test_steps_on_their_way_when_the_last_epoch_is_taken_away_are_none_of_it(course, shelf, monkeypatch):
    course.change(RunChange(mini_batch_size=100))
    taken_by(course, "epoch")
    meanwhile(monkeypatch, lambda: course.change(RunChange(epochs=1)), module.taken)
    assert phase_of(taken_by(course, "start")) == "finished"
    assert (len(course.state.history), course.epoch) == (1, 1)
    course.close()
    assert shelf.open(course.id, course.classroom).told() == course.told()


@pytest.mark.parametrize("word", ["pause", "stop"])
def test_steps_on_their_way_when_it_is_paused_may_be_its_last_or_leap_too_far(course, word, monkeypatch):
    taken_by(course, "epoch")
    course.change(RunChange(mini_batch_size=100))
    meanwhile(monkeypatch, lambda: course.do(word), module.taken)
    assert phase_of(taken_by(course, "start")) == "finished"
    taken_by(course, "again")
    meanwhile(monkeypatch, lambda: course.do(word), break_off)
    assert phase_of(taken_by(course, "start")) == "failed"


def test_what_cannot_be_measured_ends_a_run_and_not_its_thread_alone(course, monkeypatch):
    course.learned.measuring_seconds = 1e9  # so that its first step is not measured before it is paused
    meanwhile(monkeypatch, lambda: course.change(SLOWLY), module.taken)
    course.do("start")
    wait_for(lambda: course.state.descent.n_steps == 1)
    with monkeypatch.context() as patch:
        patch.setattr(course.classroom, "accuracies", lambda *_: 1 / 0)
        assert phase_of(taken_by(course, "pause")) == "failed"
        assert course.sentence == "this run broke off; the server's own log says where."
    assert phase_of(taken_by(course, "again")) == "ready"


def test_a_run_that_can_have_no_thread_does_not_run(course, monkeypatch):
    def none_left(_):
        raise RuntimeError("can't start new thread")

    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", none_left)
        with pytest.raises(RuntimeError):
            course.do("start")
    assert phase_of(course) == "ready"
    assert phase_of(taken_by(course, "start")) == "finished"


def test_a_closed_run_does_nothing_more(course, shelf):
    taken_by(course, "mini_batch")
    course.close()
    for action in ACTIONS:
        course.do(action)
        assert (phase_of(course), course.state.descent.n_steps, course.thread) == ("paused", 1, None)
    assert shelf.open(course.id, course.classroom).told() == course.told()


def test_a_run_is_closed_when_what_there_is_is_kept(few_digits):
    kept = []

    def save(course, whole):
        time.sleep(0.2)
        kept.append((whole, course.phase, course.state.descent.n_steps))

    settings = RunSettings(n_training=100)
    course = Course("aaaaaaaa", settings, Classroom(few_digits), Learned(first_state(settings)), save)
    course.change(SLOWLY)
    course.do("start")
    course.close()
    assert kept[-1] == (True, "resting", 0)
    course = Course("aaaaaaaa", settings, Classroom(few_digits), Learned(first_state(settings)), save)
    taken_by(course, "mini_batch").close()
    assert kept[-1] == (True, "resting", 1)


@pytest.mark.usefixtures("restless")
def test_whoever_speaks_when_it_is_one_run_with_one_thread(few_digits, shelf, monkeypatch):
    """Four visitors' hands at once on one run, and a watcher: every answer makes sense, and so does what is kept."""
    monkeypatch.setattr(module, "SAVE_SECONDS", 0.01)
    monkeypatch.setattr(module, "SAVE_WHOLE_SECONDS", 0.05)
    settings = RunSettings(n_training=1000, mini_batch_size=10, epochs=3)
    course = Course(shelf.new_name(), settings, Classroom(few_digits), Learned(first_state(settings)), shelf.keep)
    problems, n_at_work, way, is_over = [], [0], [], threading.Event()
    happen = course.happen

    def counted(work):
        def at_work(*arguments):
            n_at_work[0] += 1
            if n_at_work[0] != 1:
                problems.append("two threads at once")
            time.sleep(0.001)
            work(*arguments)
            n_at_work[0] -= 1

        return at_work

    def noted(event):
        before = course.phase
        happened = happen(event)
        way.append((before, event, course.phase, happened))
        return happened

    monkeypatch.setattr(course, "go_on", counted(course.go_on))
    monkeypatch.setattr(course, "settle", counted(course.settle))
    monkeypatch.setattr(course, "happen", noted)

    def speak(seed):
        rng = np.random.default_rng(seed)
        for _ in range(60):
            if rng.random() < 0.2:
                course.change(RunChange(epochs=int(rng.integers(1, 6)), learning_rate=float(rng.uniform(0.1, 1))))
            else:
                course.do(str(rng.choice(ACTIONS, p=[0.25, 0.15, 0.15, 0.15, 0.1, 0.1, 0.1])))
            time.sleep(rng.uniform(0, 0.02))

    def watch():
        while not is_over.is_set():
            with course.lock:
                told, moments, costs = course.told(), course.moments_told(), course.costs_told()
                if (course.budget is not None) != (told.state == "running"):
                    problems.append(f"{told.state} with the budget {course.budget}")
                if told.state == "running" and course.thread is None:
                    problems.append("running without a thread")
            if (told.state, told.moment > 0) in (("ready", True), ("paused", False)):
                problems.append(f"{told.state} after {told.moment} steps")
            numbers = [moment.moment for moment in moments]
            if numbers != sorted(set(numbers)) or numbers[0] != 0 or numbers[-1] > told.moment:
                problems.append(f"moments {numbers} after {told.moment} steps")
            if costs and costs[-1].moment > told.moment:
                problems.append(f"a cost of step {costs[-1].moment} after {told.moment}")
            time.sleep(0.001)

    threads = [threading.Thread(target=speak, args=(seed,)) for seed in range(4)]
    watcher = threading.Thread(target=watch)
    for thread in (watcher, *threads):
        thread.start()
    for thread in threads:
        thread.join()
    course.close()
    is_over.set()
    watcher.join()
    assert problems == []
    assert (course.thread, n_at_work[0]) == (None, 0)
    assert {event for _, event, _, _ in way} >= set(ACTIONS)
    for before, event, after, happened in way:
        assert after == TRANSITIONS[before].get(event, before)
        assert happened == (event in TRANSITIONS[before])
    assert [after for _, _, after, _ in way[:-1]] == [before for before, _, _, _ in way[1:]], "it changed by itself"
    course.settle(course.learned)  # one that is closed at work leaves its last moment to be measured by who opens it
    assert course.history.newest.moment == course.state.descent.n_steps
    found = shelf.open(course.id, course.classroom)
    assert (found.phase, found.told(), found.moments_told()) == (course.phase, course.told(), course.moments_told())


def test_what_is_known_of_a_moment_is_not_what_was_known_before_it_began_again(course):
    kept = Kept(most=100)
    for i in range(20):
        course.change(RunChange(learning_rate=0.1 + i))
        taken_by(course, "again", "mini_batch")
        found = checkup_of(course, course.learned, course.history.newest, kept)
        weights = course.state.descent.network.weights[0].astype(np.float64)
        assert found.layers[0].weight_mean == weights.mean()
        assert checkup_of(course, course.learned, course.history.newest, kept) is found


@pytest.mark.parametrize("kind", [FusedEngine, ReferenceEngine])
def test_runs_hold_their_digits_together(few_digits, kind, monkeypatch):
    monkeypatch.setattr(
        "glassnet.studio.runs.classroom.choose",
        lambda _, images, labels, descent: kind(images, labels, descent.network),
    )
    settings = RunSettings(n_training=100, mini_batch_size=25)
    state, classroom = first_state(settings), Classroom(few_digits)
    one, other = (classroom.engine_for(settings, state.descent, 0, None) for _ in range(2))
    digits = "digits" if kind is FusedEngine else "inputs"
    assert getattr(one, digits) is getattr(other, digits)
    order = np.arange(100)
    first, second = taken(state, one, order, 1), taken(state, other, order, 1)
    taken(second.state, other, order, 1)
    again, third = taken(first.state, one, order, 1), taken(second.state, other, order, 1)
    np.testing.assert_array_equal(again.state.descent.network.weights[0], third.state.descent.network.weights[0])


def test_what_is_asked_for_while_it_is_written_is_written_after_that():
    written, again = [], iter([True, False])

    def save(whole):
        written.append(whole)
        if next(again):
            keeping.ask(whole=False)

    keeping = Keeping(save)
    keeping.ask(whole=True)
    assert keeping.keep() == ""
    assert keeping.is_due
    assert keeping.keep() == ""
    assert keeping.keep() is None
    assert written == [True, False]


@pytest.mark.parametrize("error", [OSError(28, "No space left on device"), MemoryError()])
def test_a_history_that_could_not_be_written_is_written_next_time(error):
    written, errors = [], [error]

    def save(whole):
        if errors:
            raise errors.pop()
        written.append(whole)

    keeping = Keeping(save)
    keeping.ask(whole=True)
    if isinstance(error, OSError):
        assert keeping.keep() == "the run cannot be kept: No space left on device."
    else:
        with pytest.raises(MemoryError):
            keeping.keep()
    assert keeping.keep() is None  # not at once: it would only fail again
    keeping.ask(whole=False)
    assert keeping.keep() == ""
    assert written == [True]


def test_what_was_thrown_away_is_written_no_more():
    written = []
    keeping = Keeping(written.append)
    keeping.ask(whole=True)
    keeping.drop()
    keeping.ask(whole=True)
    assert keeping.keep() is None
    assert written == []


def test_a_run_is_thrown_away_whatever_is_left_of_it(course, shelf, monkeypatch):
    shelf.keep(course, True)
    assert shelf.names() == [course.id]
    unlinked = []
    unlink = Path.unlink
    monkeypatch.setattr(Path, "unlink", lambda path, **how: unlinked.append(path.name) or unlink(path, **how))
    shelf.drop(course.id)
    assert unlinked[0] == "run.json", "it is no run any more before anything else is gone"
    assert not shelf.place(course.id).exists()
    shelf.drop(course.id)  # by somebody else, or by hand
    assert shelf.names() == []
