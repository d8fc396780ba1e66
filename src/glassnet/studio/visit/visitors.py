"""Visitors: who is here, what they may have, and when they are released."""

import hashlib
import itertools
import threading
import time
from collections import Counter, OrderedDict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
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
from glassnet.studio.runs.shelf import Shelf
from glassnet.studio.runs.stock import MOST_BYTES, Stock
from glassnet.studio.visit.asker import Tokens
from glassnet.studio.visit.shares import Buckets, Shares, TooMany, is_within_share
from glassnet.system import reason_of

MOST_VISITORS = 500
MOST_RUNS = 20
MOST_RUNNING = 3
MOST_RUNNING_IN_ALL = 300
MOST_STREAMS, MOST_STREAMS_EACH = 400, 12
"""Of news; a browser holds six to one server."""
MOST_PARAMETERS = 2_000_000
IDLE_SECONDS = 1800.0
NEWCOMERS_PER_SECOND, NEWCOMERS_AT_ONCE = 200.0, 1000.0
"""From one address. Many, since a newcomer costs little and takes the place of whoever asked least: with few, one who
comes in again and again would take the turns of a whole school."""
STAYED_SECONDS = 10.0
"""Who has been here so long goes before those who have just come: they may be one who comes again and again."""
RECENT_SECONDS = 60.0
"""Who has asked within these is not idle, whatever they do."""
CLOSING_SECONDS = 4.0
"""For all runs together, when the server ends: each needs a tenth of a second, and has been kept seconds ago anyway."""


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
    token : str
        What they are known by.
    shelf : Shelf
        Their kept runs.
    classroom : Classroom
        Shared by all.
    stock : Stock
        What everybody's runs take on disk.
    may_run : callable
        Tells whether an address may have one more run running.
    streams : Shares
        Of the streams of news.
    address : str, default ""
        Where they come from.
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
    came_at : float
        When they came, by `time.monotonic`.
    seen_at : float
        When they last asked for anything.
    n_asked : int
        Times that they asked: who has never done anything but listen goes first where room is wanted.
    n_listening : int
        Streams of news that they listen to.
    """

    token: str
    shelf: Shelf
    classroom: Classroom
    stock: Stock
    may_run: Callable[[str], bool]
    streams: Shares
    address: str = ""
    courses: dict[str, Course] = field(default_factory=dict)
    damaged: dict[str, str] = field(default_factory=dict)
    rooms: dict[str, Room] = field(default_factory=dict)
    making: threading.Lock = field(default_factory=threading.Lock)
    starting: threading.Lock = field(default_factory=threading.Lock)
    came_at: float = field(default_factory=time.monotonic)
    seen_at: float = field(default_factory=time.monotonic)
    n_asked: int = 0
    n_listening: int = 0
    is_gone: bool = False

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
            if not is_within_share(self.stock.by_address(), self.address, MOST_BYTES):
                raise TooMany("all who are where you are have their share of the disk: throw some runs away first.")
            self.stock.make_room(self.shelf.folder.name)
            sizes = (784, *settings.hidden, 10)
            n_parameters = sum(b * (a + 1) for a, b in itertools.pairwise(sizes))
            if n_parameters > MOST_PARAMETERS:
                raise SettingError(
                    f"this network would have {n_parameters:,} weights and biases; {MOST_PARAMETERS:,} are possible."
                )
            state = first_state(settings, None if model is None else model.network)
            course = Course(self.shelf.new_name(), settings, self.classroom, Learned(state), self.keep)
            self.keep(course, True)
            self.courses[course.id] = course
            return course

    def keep(self, course: Course, whole: bool) -> None:
        """Write a run, and note what it takes on disk."""
        self.shelf.keep(course, whole)
        self.stock.count(self.shelf.folder.name)

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
            if course.phase != "running" and not self.may_run(self.address):
                raise TooMany("too many runs are running here: wait until some are done.")
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
        self.stock.count(self.shelf.folder.name)
        give_back()

    def check_listening(self) -> None:
        """Refuse one more stream of news where there are too many; TooMany with a sentence."""
        if self.n_listening >= MOST_STREAMS_EACH or not self.streams.may(self.address):
            raise TooMany(self.streams.sentence)

    @contextmanager
    def listening(self) -> Iterator[None]:
        """Count a stream of news as long as it is listened to."""
        with self.streams.one(self.address):
            self.n_listening += 1
            try:
                yield
            finally:
                self.n_listening -= 1

    def worth(self, n_from_there: int) -> tuple[int, int, float]:
        """Return what decides who goes where room is wanted, the least first: with so many from the same address.

        How often they asked counts by its size only, so that of two who have just come the one who still asks stays.
        """
        return -n_from_there, self.n_asked.bit_length(), self.seen_at

    def tell_to_close(self) -> None:
        """Have all runs pause, and stop what else is computing; waits for nothing."""
        self.is_gone = True
        for room in list(self.rooms.values()):
            room.close()
        for course in self.all_courses():
            course.tell_to_close()

    def close(self, until: float | None = None) -> None:
        """Pause all runs and keep them; stop what else is computing. Waits until `time.monotonic` says so much."""
        self.tell_to_close()
        for course in self.all_courses():
            course.close(until)

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
    pin : str, default ""
        Of those who may come in; empty lets everybody in.
    """

    def __init__(self, folder: Path, classroom: Classroom, pin: str = "") -> None:
        self.folder = folder
        self.classroom = classroom
        self.tokens = Tokens(folder, pin)
        self.stock = Stock(folder, self.address)
        self.streams = Shares(MOST_STREAMS, "too many are watching runs here: close some of your pages.")
        self.newcomers = Buckets(NEWCOMERS_PER_SECOND, NEWCOMERS_AT_ONCE)
        self.here: OrderedDict[str, Visitor] = OrderedDict()
        self.lock = threading.Lock()
        self.opening = threading.Lock()

    def address(self, name: str) -> str | None:
        """Return where somebody is whose folder has that name; None if they are not here."""
        visitor = self.here.get(name)
        return None if visitor is None else visitor.address

    def known(self, token: str) -> Visitor | None:
        """Return the visitor with a token, if they are here."""
        with self.lock:
            visitor = self.here.get(name_of(token))
            if visitor is not None:
                visitor.seen_at = time.monotonic()
                visitor.n_asked += 1
                self.here.move_to_end(name_of(token))
            return visitor

    def has_stayed(self, token: str) -> bool:
        """Return whether a visitor has been here for a while."""
        visitor = self.here.get(name_of(token))
        return visitor is not None and time.monotonic() - visitor.came_at >= STAYED_SECONDS

    def visitor(self, token: str, address: str = "", *, is_new: bool = False) -> Visitor:
        """Return the visitor with a token; one who was released finds their runs again, which may take a while."""
        name = name_of(token)
        with self.opening:
            visitor = self.known(token)
            if visitor is None:
                if is_new and not self.newcomers.take(address):
                    raise TooMany("too many visitors come from there at once; try again in a moment.")
                self.make_room()
                shelf = Shelf(self.folder / name)
                visitor = Visitor(token, shelf, self.classroom, self.stock, self.may_run, self.streams, address)
                visitor.open_kept()
                self.stock.seen(name)
                with self.lock:
                    self.here[name] = visitor
            return visitor

    def may_run(self, address: str) -> bool:
        """Return whether an address may have one more run running."""
        with self.lock:
            everybody = list(self.here.values())
        held: Counter[str] = Counter()
        for visitor in everybody:
            held[visitor.address] += sum(course.phase == "running" for course in visitor.all_courses())
        return is_within_share(held, address, MOST_RUNNING_IN_ALL)

    def make_room(self) -> None:
        """Release somebody if it is full: who is idle; else who has asked least, of the address with most visitors."""
        if len(self.here) < MOST_VISITORS:
            return
        self.let_go(RECENT_SECONDS, most=len(self.here) - MOST_VISITORS + 1)
        if len(self.here) < MOST_VISITORS:
            return
        with self.lock:
            n_from = Counter(visitor.address for visitor in self.here.values())
            gone = min(self.here, key=lambda name: self.here[name].worth(n_from[self.here[name].address]))
            visitor = self.here.pop(gone)
        visitor.close()

    def let_go(self, idle_seconds: float = IDLE_SECONDS, most: int = MOST_VISITORS) -> None:
        """Release visitors who have been idle for so long, the least recently seen first: their runs stay on disk."""
        before = time.monotonic() - idle_seconds
        with self.lock:
            # the least recently seen are the first
            long_ago = itertools.takewhile(lambda one: one[1].seen_at <= before, self.here.items())
            idle = list(itertools.islice((name for name, visitor in long_ago if not visitor.is_busy), most))
            gone = [self.here.pop(name) for name in idle]
        for visitor in gone:
            visitor.close()

    def end(self, name: str) -> None:
        """Send somebody away, by the name of their folder: their cookie is worth nothing any more; their runs stay."""
        with self.lock:
            visitor = self.here.pop(name, None)
        if visitor is not None:
            self.tokens.ended.add(visitor.token)
            visitor.close()

    def close(self) -> None:
        """Release everybody: all are told first, then waited for together."""
        with self.lock:
            gone = list(self.here.values())
            self.here.clear()
        for visitor in gone:
            visitor.tell_to_close()
        until = time.monotonic() + CLOSING_SECONDS
        for visitor in gone:
            visitor.close(until)


def name_of(token: str) -> str:
    """Return the name of a visitor's folder, which does not give the token away."""
    return hashlib.sha256(token.encode()).hexdigest()[:20]
