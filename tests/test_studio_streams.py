"""How often the studio's streams of news speak, on a clock that goes only while they sleep."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from types import SimpleNamespace

import pytest

from glassnet.studio.descend import routes as descending
from glassnet.studio.learn import routes as learning

PINGS = ": still here\n\n"


class Message:
    """News of whatever is streamed."""

    def __init__(self, state="running"):
        self.state = state

    def model_dump_json(self):
        return self.state


class Changing:
    """A run or a surface that is new so many times a second, for so long."""

    def __init__(self, clock, per_second, seconds, rows_at=None):
        self.clock, self.per_second, self.seconds, self.rows_at = clock, per_second, seconds, rows_at
        self.is_closed = False

    @property
    def version(self):
        return int(min(self.clock.now, self.seconds) * self.per_second + 1e-6)

    def is_urgent(self, heard):
        return heard is None or (heard == "no rows" and self.rows_at is not None and self.clock.now >= self.rows_at)

    def told(self, heard):
        has_rows = self.rows_at is not None and self.clock.now >= self.rows_at
        return Message(), "rows" if has_rows else "no rows"


class Listener:
    """A visitor who may listen."""

    is_gone = False
    n_listening = 0

    def __init__(self, streamed):
        self.course = lambda name: streamed

    def check_listening(self):
        assert self.n_listening == 0

    @contextmanager
    def listening(self):
        self.n_listening += 1
        yield
        self.n_listening -= 1


class Clock:
    """Stands in for asyncio in a module of routes: sleeping takes no time and moves the clock on."""

    def __init__(self):
        self.now = 1000.0
        self.to_thread = asyncio.to_thread

    def get_running_loop(self):
        return self

    def time(self):
        return self.now

    async def sleep(self, seconds):
        self.now += seconds


@pytest.fixture
def heard(monkeypatch):
    """Return what a stream says in so many seconds, each message with its time from the beginning."""

    def listen(routes, seconds, per_second, until=1e9, rows_at=None):
        clock = Clock()
        rows_at = None if rows_at is None else clock.now + rows_at
        streamed = Changing(clock, per_second, clock.now + until, rows_at)
        monkeypatch.setattr(routes, "asyncio", clock)
        if routes is learning:
            monkeypatch.setattr(routes, "news_of", lambda course, checkups: Message())
        else:
            monkeypatch.setattr(routes, "surfaces_of", lambda visitor: SimpleNamespace(of=lambda name: streamed))
        visitor = Listener(streamed)
        studio = SimpleNamespace(is_closing=False, checkups=None)

        async def is_disconnected():
            return clock.now >= 1000 + seconds

        async def listened():
            request = SimpleNamespace(is_disconnected=is_disconnected)
            answer = await routes.events("one", request, visitor, studio)
            found = []
            async for message in answer.body_iterator:
                assert visitor.n_listening == 1
                found.append((clock.now - 1000, message))
            assert visitor.n_listening == 0
            return found

        with ThreadPoolExecutor(1) as apart:  # a browser's tests leave a loop running in this thread
            return apart.submit(asyncio.run, listened()).result()

    return listen


def test_a_run_tells_of_itself_twelve_times_a_second(heard):
    told = heard(learning, 10, per_second=1000)
    assert {message for _, message in told} == {"data: running\n\n"}
    assert len(told) == pytest.approx(120, abs=1)
    assert [at for at, _ in told] == pytest.approx([k / 12 for k in range(len(told))])


def test_a_surface_tells_of_itself_every_0_4_seconds_and_of_its_first_rows_at_once(heard):
    told = [at for at, _ in heard(descending, 10, per_second=1000, rows_at=3.25)]
    early = [at for at in told if at < 3.25]
    assert early == pytest.approx([0.44 * k for k in range(8)])  # it looks 25 times a second whether 0.4 s have gone by
    assert told[8] == pytest.approx(3.28), "the first rows had to wait"
    assert told[9:] == pytest.approx([3.28 + 0.44 * k for k in range(1, 16)])


@pytest.mark.parametrize("routes", [learning, descending])
def test_whoever_has_no_news_says_every_ten_seconds_that_it_is_there(heard, routes):
    """Proxies close what is silent for long, most of them after 30 or 60 seconds."""
    told = heard(routes, 45, per_second=10, until=5)
    news = [at for at, message in told if message != PINGS]
    pings = [at for at, message in told if message == PINGS]
    assert news[-1] == pytest.approx(5, abs=0.45)
    assert not [at for at in pings if at < news[-1]]
    assert [after - before for before, after in zip([news[-1], *pings], pings, strict=False)] == pytest.approx(
        [10] * 3, abs=0.1
    )


@pytest.mark.parametrize("routes", [learning, descending])
def test_what_never_changes_is_told_once(heard, routes):
    told = heard(routes, 9, per_second=0)
    assert told == [(0.0, "data: running\n\n")]
