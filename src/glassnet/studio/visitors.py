"""Visitors: who is here, what they may have, and when they are let go."""

import hashlib
import itertools
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path

from glassnet.errors import CheckpointError, SettingError
from glassnet.model_file import Model
from glassnet.studio.classroom import Classroom
from glassnet.studio.course import Course, first_state
from glassnet.studio.memory import give_back
from glassnet.studio.schema import RunSettings
from glassnet.studio.shelf import MOST_BYTES, Shelf, bytes_in

MOST_VISITORS = 200
MOST_RUNS = 20
MOST_RUNNING = 3
MOST_PARAMETERS = 2_000_000
IDLE_SECONDS = 1800.0


class TooMany(Exception):
    """A limit is reached; its text is one sentence."""


@dataclass(eq=False)
class Visitor:
    """Somebody with a browser.

    Parameters
    ----------
    shelf : Shelf
        Their kept runs.
    classroom : Classroom
        Shared by all.
    """

    shelf: Shelf
    classroom: Classroom
    root: Path
    courses: dict[str, Course] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)
    lock: threading.RLock = field(default_factory=threading.RLock)
    seen_at: float = field(default_factory=time.monotonic)
    n_listening: int = 0

    def open_kept(self) -> None:
        """Open the runs that are on the shelf."""
        for name in self.shelf.names():
            try:
                self.courses[name] = self.shelf.open(name, self.classroom)
            except (CheckpointError, OSError) as error:
                self.damaged[name] = str(error)

    def course(self, name: str) -> Course:
        """Return a run; KeyError with a sentence if there is none."""
        with self.lock:
            if name in self.damaged:
                raise KeyError(f"{self.damaged[name]}")
            if name not in self.courses:
                raise KeyError(f"there is no run {name}.")
            return self.courses[name]

    def new_course(self, wanted: RunSettings, model: Model | None = None) -> Course:
        """Return a new run, kept from its first moment."""
        with self.lock:
            if len(self.courses) >= MOST_RUNS:
                raise TooMany(f"there are {MOST_RUNS} runs already: throw one away first.")
            if bytes_in(self.root) > MOST_BYTES:
                raise TooMany("the folder of runs is full: throw some away first.")
            sizes = (784, *wanted.hidden, 10)
            n_parameters = sum(b * (a + 1) for a, b in itertools.pairwise(sizes))
            if n_parameters > MOST_PARAMETERS:
                raise SettingError(
                    f"this network would have {n_parameters:,} weights and biases; {MOST_PARAMETERS:,} are possible."
                )
            state = first_state(wanted, None if model is None else model.network)
            course = Course(self.shelf.new_name(), wanted, self.classroom, state, self.shelf.keep)
            self.shelf.keep(course, True)
            self.courses[course.id] = course
            return course

    def do(self, name: str, action: str) -> Course:
        """Tell a run what to do."""
        course = self.course(name)
        with self.lock:
            n_running = sum(other.phase == "running" for other in self.courses.values() if other is not course)
            if action not in ("pause", "stop", "again") and n_running >= MOST_RUNNING:
                raise TooMany(f"{MOST_RUNNING} runs are running already: pause one first.")
        course.do(action)
        return course

    def drop(self, name: str) -> None:
        """Throw a run away."""
        with self.lock:
            if name in self.damaged:
                del self.damaged[name]
            else:
                self.course(name).close()
                del self.courses[name]
            self.shelf.drop(name)
        give_back()

    def close(self) -> None:
        """Pause all runs and keep them."""
        for course in list(self.courses.values()):
            course.close()

    @property
    def is_busy(self) -> bool:
        """Whether a run is running or a page is listening."""
        return self.n_listening > 0 or any(course.phase == "running" for course in self.courses.values())


class Visitors:
    """Everybody who is here.

    Parameters
    ----------
    folder : Path
        Of all runs; each visitor has a folder in it.
    classroom : Classroom
        Digits and engines.
    """

    def __init__(self, folder: Path, classroom: Classroom) -> None:
        self.folder = folder
        self.classroom = classroom
        self.here: OrderedDict[str, Visitor] = OrderedDict()
        self.lock = threading.Lock()

    def new_token(self) -> str:
        """Return what a browser is known by."""
        return secrets.token_urlsafe(24)

    def visitor(self, token: str) -> Visitor:
        """Return the visitor with a token; one that was let go finds their runs again."""
        # the folder's name does not give the token away
        name = hashlib.sha256(token.encode()).hexdigest()[:20]
        with self.lock:
            if name not in self.here:
                if len(self.here) >= MOST_VISITORS:
                    self.let_go(0.0)
                if len(self.here) >= MOST_VISITORS:
                    raise TooMany(f"{MOST_VISITORS} visitors are here already; come back later.")
                visitor = Visitor(Shelf(self.folder / name), self.classroom, self.folder)
                visitor.open_kept()
                self.here[name] = visitor
            visitor = self.here[name]
            visitor.seen_at = time.monotonic()
            self.here.move_to_end(name)
            return visitor

    def let_go(self, idle_seconds: float = IDLE_SECONDS) -> None:
        """Let go who has been idle for so long: their runs stay in their folder. The caller holds the lock."""
        now = time.monotonic()
        for name, visitor in list(self.here.items()):
            if now - visitor.seen_at >= idle_seconds and not visitor.is_busy:
                visitor.close()
                del self.here[name]

    def close(self) -> None:
        """Let everybody go."""
        with self.lock:
            for visitor in self.here.values():
                visitor.close()
            self.here.clear()
