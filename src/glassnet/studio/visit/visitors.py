"""Visitors: who is here, what they may have, and when they are released."""

import hashlib
import itertools
import secrets
import threading
import time
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol

from glassnet.errors import CheckpointError, SettingError
from glassnet.model_file import Model
from glassnet.studio.runs.classroom import Classroom
from glassnet.studio.runs.course import Course
from glassnet.studio.runs.learned import Learned, first_state
from glassnet.studio.runs.memory import give_back
from glassnet.studio.runs.phases import BUDGETS, Action
from glassnet.studio.runs.schema import RunSettings
from glassnet.studio.runs.shelf import MOST_BYTES, Shelf, bytes_in
from glassnet.system import reason_of

MOST_VISITORS = 200
MOST_RUNS = 20
MOST_RUNNING = 3
MOST_PARAMETERS = 2_000_000
IDLE_SECONDS = 1800.0


class TooMany(Exception):
    """A limit is reached; its text is one sentence."""


class Room(Protocol):
    """What a view keeps for a visitor, beside their runs."""

    @property
    def is_busy(self) -> bool:
        """Whether something is computing there."""
        ...

    def close(self) -> None:
        """Stop whatever is computing there."""
        ...


@dataclass(eq=False)
class Visitor:
    """Somebody with a browser.

    Parameters
    ----------
    shelf : Shelf
        Their kept runs.
    classroom : Classroom
        Shared by all.
    root : Path
        The folder of everybody's runs, which may become full.
    courses : dict of str to Course
        Their runs by name, the oldest first.
    damaged : dict of str to str
        Why a run on the shelf cannot be opened, by its name.
    rooms : dict of str to Room
        What views keep for them.
    making : Lock
        Held while a run or a room is made, so that limits are kept to.
    starting : Lock
        Held while a run is started, for the same reason.
    seen_at : float
        When they last asked for anything, by `time.monotonic`.
    n_listening : int
        Streams of news that they listen to.
    """

    shelf: Shelf
    classroom: Classroom
    root: Path
    courses: dict[str, Course] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    making: threading.Lock = field(default_factory=threading.Lock)
    starting: threading.Lock = field(default_factory=threading.Lock)
    seen_at: float = field(default_factory=time.monotonic)
    n_listening: int = 0

    def open_kept(self) -> None:
        """Open the runs that are on the shelf."""
        for name in self.shelf.names():
            try:
                self.courses[name] = self.shelf.open(name, self.classroom)
            except CheckpointError as error:
                self.damaged[name] = str(error)
            except OSError as error:
                self.damaged[name] = f"the run {name} cannot be read: {reason_of(error)}."

    def all_courses(self) -> list[Course]:
        """Return the runs, the oldest first."""
        return list(self.courses.values())

    def course(self, name: str) -> Course:
        """Return a run; KeyError with a sentence if there is none. It waits for nothing: every stroke asks."""
        if name in self.damaged:
            raise KeyError(self.damaged[name])
        course = self.courses.get(name)
        if course is None:
            raise KeyError(f"there is no run {name}.")
        return course

    def new_course(self, settings: RunSettings, model: Model | None = None) -> Course:
        """Return a new run, kept from its first moment."""
        with self.making:
            if len(self.courses) >= MOST_RUNS:
                raise TooMany(f"there are {MOST_RUNS} runs already: throw one away first.")
            if bytes_in(self.root) > MOST_BYTES:
                raise TooMany("the folder of runs is full: throw some away first.")
            sizes = (784, *settings.hidden, 10)
            n_parameters = sum(b * (a + 1) for a, b in itertools.pairwise(sizes))
            if n_parameters > MOST_PARAMETERS:
                raise SettingError(
                    f"this network would have {n_parameters:,} weights and biases; {MOST_PARAMETERS:,} are possible."
                )
            state = first_state(settings, None if model is None else model.network)
            course = Course(self.shelf.new_name(), settings, self.classroom, Learned(state), self.shelf.keep)
            self.shelf.keep(course, True)
            self.courses[course.id] = course
            return course

    def do(self, name: str, action: Action) -> Course:
        """Tell a run what to do."""
        course = self.course(name)
        if action not in BUDGETS:
            course.do(action)
            return course
        with self.starting:
            n_running = sum(other.phase == "running" for other in self.all_courses() if other is not course)
            if n_running >= MOST_RUNNING:
                raise TooMany(f"{MOST_RUNNING} runs are running already: pause one first.")
            course.do(action)
        return course

    def drop(self, name: str) -> None:
        """Throw a run away."""
        if self.damaged.pop(name, None) is None:
            course = self.course(name)
            self.courses.pop(name, None)
            course.close()
            course.keeping.drop()
        self.shelf.drop(name)
        give_back()

    def close(self) -> None:
        """Pause all runs and keep them; stop what else is computing."""
        for room in list(self.rooms.values()):
            room.close()
        for course in self.all_courses():
            course.close()

    @property
    def is_busy(self) -> bool:
        """Whether a run is running, a page is listening, or something else is computing."""
        if self.n_listening > 0 or any(course.phase == "running" for course in self.all_courses()):
            return True
        return any(room.is_busy for room in list(self.rooms.values()))


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
        self.opening = threading.Lock()

    def new_token(self) -> str:
        """Return what a browser is known by."""
        return secrets.token_urlsafe(24)

    def known(self, token: str) -> Visitor | None:
        """Return the visitor with a token, if they are here."""
        with self.lock:
            visitor = self.here.get(name_of(token))
            if visitor is not None:
                visitor.seen_at = time.monotonic()
                self.here.move_to_end(name_of(token))
            return visitor

    def visitor(self, token: str) -> Visitor:
        """Return the visitor with a token; one who was released finds their runs again, which may take a while."""
        with self.opening:
            visitor = self.known(token)
            if visitor is None:
                if len(self.here) >= MOST_VISITORS:
                    self.let_go(0.0, most=len(self.here) - MOST_VISITORS + 1)
                if len(self.here) >= MOST_VISITORS:
                    raise TooMany(f"{MOST_VISITORS} visitors are here already; come back later.")
                visitor = Visitor(Shelf(self.folder / name_of(token)), self.classroom, self.folder)
                visitor.open_kept()
                with self.lock:
                    self.here[name_of(token)] = visitor
            return visitor

    def let_go(self, idle_seconds: float = IDLE_SECONDS, most: int = MOST_VISITORS) -> None:
        """Release visitors who have been idle for so long, the least recently seen first: their runs stay on disk."""
        now = time.monotonic()
        with self.lock:
            idle = [
                name
                for name, visitor in self.here.items()
                if now - visitor.seen_at >= idle_seconds and not visitor.is_busy
            ][:most]
            gone = [self.here.pop(name) for name in idle]
        for visitor in gone:
            visitor.close()

    def close(self) -> None:
        """Release everybody."""
        with self.lock:
            gone = list(self.here.values())
            self.here.clear()
        for visitor in gone:
            visitor.close()


def name_of(token: str) -> str:
    """Return the name of a visitor's folder, which does not give the token away."""
    return hashlib.sha256(token.encode()).hexdigest()[:20]
