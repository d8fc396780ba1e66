"""Where more is asked than can be answered at once, those who have stayed go first, and nobody is left out."""

import asyncio
import json

import pytest

from glassnet.studio.visit import line as module
from glassnet.studio.visit import visitors
from glassnet.studio.visit.asker import Asker, asking
from glassnet.studio.visit.line import AT_ONCE, INSIDE_SECONDS, MOST_NEW, MOST_NEW_AT_ONCE, Line, step_aside
from glassnet.studio.visit.turns import Turns
from glassnet.studio.visit.visitors import Visitors
from test_studio_looks import in_a_loop

STAYED = ("a", "b", "c")


class Answers:
    """An application whose answers are given when the test says so."""

    def __init__(self):
        self.inside, self.may_end, self.leave = [], {}, {}
        self.line = Line(self.answer, lambda token: token in STAYED)
        self.tasks = []

    async def answer(self, scope, receive, send):
        name = scope["name"]
        self.inside.append(name)
        self.leave[name] = module.stepping_aside.get()
        assert (await receive())["type"] == "http.request"
        if name.startswith("aside"):
            step_aside()
        await self.may_end.setdefault(name, asyncio.Event()).wait()
        await send({"type": "http.response.start", "status": 200, "headers": []})
        if name.startswith("stream"):
            await asyncio.Event().wait()

    def ask(self, name, token="", path="/api/runs", body=None):
        """Ask as somebody; return the task, whose result is the status."""
        told = []

        async def receive():
            if body is not None:
                await body.wait()
            return {"type": "http.request", "body": b"", "more_body": False}

        async def send(message):
            told.append(message)

        async def whole():
            asking.set(Asker("here", token))
            await self.line({"type": "http", "path": path, "method": "GET", "name": name}, receive, send)
            return told

        task = asyncio.create_task(whole())
        self.tasks.append(task)
        return task

    def end(self, name):
        self.may_end.setdefault(name, asyncio.Event()).set()


async def full(answers):
    """Fill all places."""
    for i in range(AT_ONCE):
        answers.ask(f"first {i}", "a")
    await rest()
    assert len(answers.inside) == AT_ONCE


async def rest():
    for _ in range(20):
        await asyncio.sleep(0)


def in_line(test, monkeypatch, seconds=1000.0):
    """Run a test in a loop of its own, in which nobody loses a place by the clock unless it says so."""
    monkeypatch.setattr(module, "INSIDE_SECONDS", seconds)

    async def whole():
        answers = Answers()
        try:
            await test(answers)
        finally:
            for task in answers.tasks:
                task.cancel()
            await asyncio.gather(*answers.tasks, return_exceptions=True)
        assert (answers.line.n_inside, dict(answers.line.n_of), answers.line.lines[True]) == (0, {}, [])

    in_a_loop(whole())


def test_who_has_stayed_goes_first_and_every_third_turn_is_a_newcomers(monkeypatch):
    async def test(answers):
        await full(answers)
        for i in range(4):
            answers.ask(f"new {i}", f"stranger {i}")
        for i in range(4):
            answers.ask(f"b {i}", "b")
        await rest()
        assert len(answers.inside) == AT_ONCE
        order = []
        for i in range(8):
            answers.end((answers.inside[:AT_ONCE] + order)[i])
            await rest()
            order.append(answers.inside[-1])
        assert order == ["b 0", "b 1", "new 0", "b 2", "b 3", "new 1", "new 2", "new 3"]

    monkeypatch.setattr(module, "MOST_NEW_AT_ONCE", AT_ONCE)
    in_line(test, monkeypatch)


def test_of_two_it_is_the_one_with_less_in_the_line(monkeypatch):
    async def test(answers):
        await full(answers)
        for name, token in (("b 0", "b"), ("b 1", "b"), ("b 2", "b"), ("c 0", "c"), ("c 1", "c")):
            answers.ask(name, token)
        await rest()
        for i in range(AT_ONCE):
            answers.end(f"first {i}")
            await rest()
        assert answers.inside[AT_ONCE:] == ["b 0", "c 0", "b 1", "c 1"]

    in_line(test, monkeypatch)


def test_newcomers_wait_in_the_order_that_they_came(monkeypatch):
    """They have no name yet: many of them are not one who asks much, and do not stand behind those who have one."""

    async def test(answers):
        await full(answers)
        for name, token in (("new 0", ""), ("new 1", ""), ("known 0", "d"), ("new 2", ""), ("known 1", "e")):
            answers.ask(name, token)
        await rest()
        order = []
        for i in range(5):
            answers.end((answers.inside[:AT_ONCE] + order)[i])
            await rest()
            order.append(answers.inside[-1])
        assert order == ["new 0", "new 1", "known 0", "new 2", "known 1"]

    monkeypatch.setattr(module, "MOST_NEW_AT_ONCE", AT_ONCE)
    in_line(test, monkeypatch)


def test_a_flood_of_newcomers_leaves_places_for_the_others(monkeypatch):
    async def test(answers):
        for i in range(3 * AT_ONCE):
            answers.ask(f"new {i}")
        await rest()
        assert len(answers.inside) == AT_ONCE, "where nobody else waits they may have all"
        for i in range(AT_ONCE):
            answers.end(f"new {i}")
            await rest()
        assert len(answers.inside) == AT_ONCE + MOST_NEW_AT_ONCE
        answers.ask("b 0", "b")
        await rest()
        assert answers.inside[-1] == "b 0", "it need not wait"
        answers.ask("new, late")
        await rest()
        assert answers.inside[-1] == "b 0", "there is a place, and others were there before"
        answers.end("new, late")
        for i in range(AT_ONCE, 3 * AT_ONCE):
            answers.end(f"new {i}")
        await rest()
        assert len(answers.inside) == 3 * AT_ONCE + 2
        assert answers.line.n_new_inside == 0

    in_line(test, monkeypatch)


@pytest.mark.parametrize("kind", ["stream", "aside"])
def test_what_goes_on_or_waits_elsewhere_takes_no_place(monkeypatch, kind):
    async def test(answers):
        for i in range(3 * AT_ONCE):
            answers.end(f"stream {i}")
            answers.ask(f"{kind} {i}", "a")
        await rest()
        assert len(answers.inside) == 3 * AT_ONCE
        answers.ask("another", "b")
        await rest()
        assert answers.inside[-1] == "another"
        assert answers.line.n_inside == 1

    in_line(test, monkeypatch)


def test_turns_step_aside(monkeypatch):
    async def test(answers):
        turns = Turns(1, 10)
        places = []
        module.stepping_aside.set(lambda: places.append("left"))
        assert await turns.take(lambda: list(places)) == ["left"]

    in_line(test, monkeypatch)


def test_what_takes_long_keeps_its_place_for_a_moment_only(monkeypatch):
    async def test(answers):
        await full(answers)
        answers.ask("another", "b")
        await rest()
        assert "another" not in answers.inside
        while "another" not in answers.inside:
            await asyncio.sleep(0.01)
        for i in range(AT_ONCE):
            answers.end(f"first {i}")
        await rest()
        assert answers.line.n_inside == 1, "a place is left once"

    assert 0.01 <= INSIDE_SECONDS <= 1.0
    in_line(test, monkeypatch, seconds=0.05)


def test_who_sends_bit_by_bit_takes_nobodys_place(monkeypatch):
    async def test(answers):
        for i in range(2 * AT_ONCE):
            answers.ask(f"slow {i}", "b", body=asyncio.Event())
        await full(answers)
        assert not any("slow" in name for name in answers.inside)

    in_line(test, monkeypatch)


def test_files_have_a_queue_of_their_own(monkeypatch):
    async def test(answers):
        await full(answers)
        answers.ask("file", "b", path="/api/read")
        await rest()
        assert answers.inside[-1] == "file"

    in_line(test, monkeypatch)


def test_a_flood_of_newcomers_is_refused_and_nobody_else(monkeypatch):
    async def test(answers):
        await full(answers)
        for i in range(MOST_NEW):
            answers.ask(f"new {i}")
        await rest()
        (start, body) = await answers.ask("one more")
        assert (start["status"], json.loads(body["body"])["detail"]) == (
            429,
            "too many ask at once; try again in a moment.",
        )
        answers.ask("b 0", "b")
        await rest()
        answers.end("first 0")
        await rest()
        assert answers.inside[-1] == "b 0"

    in_line(test, monkeypatch)


def test_who_goes_away_while_they_wait_is_passed_over(monkeypatch):
    async def test(answers):
        await full(answers)
        gone, waiting = answers.ask("gone", "b"), answers.ask("c 0", "c")
        await rest()
        gone.cancel()
        await rest()
        answers.end("first 0")
        await rest()
        assert answers.inside[AT_ONCE:] == ["c 0"]
        # and who is cancelled in the moment that their turn comes leaves their place
        waiting.cancel()
        await rest()
        answers.ask("in its place", "b")
        late = answers.ask("late", "b")
        await rest()
        answers.leave["first 1"]()
        late.cancel()
        await rest()
        answers.ask("next", "b")
        await rest()
        assert answers.inside[-1] == "next"

    in_line(test, monkeypatch)


def test_who_has_stayed(tmp_path):
    here = Visitors(tmp_path, None)
    somebody = here.visitor("somebody")
    assert not here.has_stayed("somebody")
    assert not here.has_stayed("nobody")
    somebody.came_at -= visitors.STAYED_SECONDS - 0.5
    here.known("somebody")
    assert not here.has_stayed("somebody"), "from when they came, not from when they asked"
    somebody.came_at -= 0.5
    assert here.has_stayed("somebody")


def test_the_least_recently_seen_are_released(tmp_path):
    here = Visitors(tmp_path, None)
    for seconds, name in enumerate("abcd"):
        here.visitor(name).seen_at -= 40 - 10 * seconds
    here.known("a")
    here.let_go(idle_seconds=20, most=1)
    assert [one.token for one in here.here.values()] == ["c", "d", "a"]
    here.let_go(idle_seconds=20)
    assert [one.token for one in here.here.values()] == ["d", "a"]
