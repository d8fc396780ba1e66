"""Nobody's share is everybody's: what one visitor, or one address, can take from a class."""

import asyncio
import contextlib
import os
import socket
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from glassnet.errors import SettingError
from glassnet.studio.runs import stock
from glassnet.studio.runs.course import Course
from glassnet.studio.runs.stock import Stock
from glassnet.studio.visit import connections, turns, visitors
from glassnet.studio.visit.asker import COOKIE, Asker, Tokens, address_of, asking
from glassnet.studio.visit.shares import Shares, TooMany, is_within_share
from glassnet.studio.visit.state import LOOKS_AT_ONCE
from glassnet.studio.visit.turns import Turns
from hostile_pdfs import nested
from studio_server import begin, do, patiently, picture, running
from waiting import wait_for

SEE = {"picture": picture(np.eye(28, dtype=np.uint8) * 255), "networks": [{"network": "videos"}]}
HELD = st.dictionaries(st.sampled_from("abcdefgh"), st.integers(0, 30))


# -- shares ----------------------------------------------------------------------------------------------------------


@given(HELD, st.sampled_from("abcdefghij"), st.integers(1, 200))
def test_up_to_half_anybody_may_and_above_it_there_is_room_for_one_more(held, address, most):
    may = is_within_share(held, address, most)
    total = sum(held.values())
    if total < most // 2:
        assert may
    else:
        assert may == (
            total < most and held.get(address, 0) < most // (len({a for a in held if held[a]} | {address}) + 1)
        )


@given(st.lists(st.tuples(st.sampled_from("abcd"), st.booleans()), max_size=200), st.integers(4, 40))
def test_whoever_takes_all_they_can_leaves_room_for_a_newcomer(wishes, most):
    shares, held = Shares(most, "too many."), Counter()
    for address, is_more in wishes:
        if is_more:
            with contextlib.suppress(TooMany):
                shares.take(address)
                held[address] += 1
        elif held[address]:
            shares.give_back(address)
            held[address] -= 1
        assert +held == shares.held
    alone = Shares(most, "too many.")
    with contextlib.suppress(TooMany):
        while True:
            alone.take("greedy")
    assert alone.held["greedy"] == most // 2
    alone.take("newcomer")


def test_addresses():
    assert address_of({"client": ("192.0.2.7", 4711)}) == "192.0.2.7"
    assert address_of({"client": None}) == ""
    one, other, far = ("2001:db8:1:2::3", 1), ("2001:db8:1:2:ffff::9", 2), ("2001:db8:1:3::3", 1)
    assert address_of(one) == address_of(other) != address_of(far)
    assert address_of(("::ffff:192.0.2.7", 1)) == "192.0.2.7"
    assert address_of(("fe80::1%eth0", 1)) == "fe80::/64"


# -- who is a visitor ------------------------------------------------------------------------------------------------


def test_only_our_own_tokens_are_visitors(tmp_path):
    tokens = Tokens(tmp_path)
    token = tokens.new()
    signed = tokens.signed(token)
    assert tokens.in_cookie(f"a=b; {COOKIE}={signed}; c=d") == (token, True)
    assert Tokens(tmp_path).in_cookie(f"{COOKIE}={signed}") == (token, True), "another server on these runs knows them"
    (tmp_path / "elsewhere").mkdir()
    for forged in (token, f"{token}.", f".{signed}", signed[:-1], signed.swapcase(), "A" * 40, "é.ü", "x" * 9999, ""):
        assert tokens.in_cookie(f"{COOKIE}={forged}") == ("", True)
    assert Tokens(tmp_path / "elsewhere").in_cookie(f"{COOKIE}={signed}") == ("", True)
    assert Tokens(tmp_path, "1").in_cookie(f"{COOKIE}={signed}") == (token, False), "known, but not let in"
    if os.name == "posix":
        assert (tmp_path / ".key").stat().st_mode & 0o077 == 0


def test_a_made_up_cookie_makes_nobody_a_visitor(server):
    forged = {"cookie": f"{COOKIE}={'A' * 32}"}
    with httpx.Client(base_url=server.address) as first, httpx.Client(base_url=server.address) as second:
        for one in (first, second):
            answer = one.post("/api/runs", json={"hidden": [1], "n_training": 10}, headers=forged)
            assert answer.status_code == 201
            assert "A" * 32 not in answer.headers["set-cookie"]
            assert len(one.get("/api/runs").json()) == 1, "each has their own"


# -- connections -----------------------------------------------------------------------------------------------------


def half_open(server, n, data=b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-a: "):
    opened = []
    for _ in range(n):
        one = socket.create_connection(("127.0.0.1", server.port), timeout=60)
        one.sendall(data)
        opened.append(one)
    return opened


@pytest.mark.parametrize("data", [b"", b"G", b"GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX-a: "])
def test_half_open_connections_keep_nobody_out(server, client, monkeypatch, data):
    monkeypatch.setattr(connections, "MOST_CONNECTIONS", 30)
    run = begin(client, hidden=[1], n_training=10)
    with client.stream("GET", f"/api/runs/{run}/events") as news:
        lines = news.iter_lines()
        next(lines)
        opened = half_open(server, 100, data)
        with contextlib.ExitStack() as closing:
            for one in opened:
                closing.enter_context(one)
            for _ in range(5):
                assert httpx.get(f"{server.address}/api/welcome").status_code == 200
            assert len(server.server.server_state.connections) <= 31
        assert client.post("/api/see", json=SEE).status_code == 200
        assert client.post(f"/api/runs/{run}/do", json={"action": "mini_batch"}).status_code == 200
        assert any(line.startswith("data:") for line in lines), "who listens is not sent away for them"


def test_a_head_has_a_deadline(server, monkeypatch):
    monkeypatch.setattr(connections, "HEAD_SECONDS", 0.4)
    for first in (b"", b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"):
        (one,) = half_open(server, 1, first)
        if first:
            assert one.recv(9) == b"HTTP/1.1 "
            while not one.recv(9999).endswith(b"}"):
                pass
        one.sendall(b"GET / HTTP")
        one.settimeout(20)
        with contextlib.suppress(ConnectionError):
            assert one.recv(99) == b""
        one.close()


def test_a_head_that_comes_in_time_is_answered(server):
    (one,) = half_open(server, 1)
    for part in (b"b", b"\r\n", b"\r\n"):
        time.sleep(0.05)
        one.sendall(part)
    assert one.recv(12) == b"HTTP/1.1 200"
    one.close()


def test_who_reads_nothing_is_let_go(server, monkeypatch):
    monkeypatch.setattr(connections, "READ_SECONDS", 0.4)
    size, n = len(httpx.get(f"{server.address}/api/openapi.json").content), 200
    with socket.socket() as one:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        one.settimeout(20)
        one.connect(("127.0.0.1", server.port))
        one.sendall(b"GET /api/openapi.json HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n" * n)
        time.sleep(2)
        n_read = 0
        with contextlib.suppress(ConnectionError):
            while n_read < n * size and (part := one.recv(1 << 20)):
                n_read += len(part)
    assert n_read < n * size, "what was not read in time is not sent any more"


# -- visitors --------------------------------------------------------------------------------------------------------


def test_listeners_keep_nobody_out(tmp_path, monkeypatch):
    monkeypatch.setattr(visitors, "MOST_VISITORS", 8)
    with contextlib.ExitStack() as streams:
        server = streams.enter_context(running(tmp_path))
        pupil, drawer = (streams.enter_context(server.client()) for _ in range(2))
        for _ in range(20):
            pupil.post("/api/see", json=SEE).raise_for_status()
            drawer.post("/api/see", json=SEE).raise_for_status()
        mine = begin(pupil, hidden=[1], n_training=10)
        streams.enter_context(pupil.stream("GET", f"/api/runs/{mine}/events"))
        kept, everybody = [], set()
        for _ in range(12):
            one = streams.enter_context(httpx.Client(base_url=server.address, timeout=60))
            run = begin(one, hidden=[1], n_training=10)
            streams.enter_context(one.stream("GET", f"/api/runs/{run}/events"))
            kept.append((one, run))
            everybody |= set(server.studio.visitors.here.values())
        with server.client() as newcomer:
            assert newcomer.get("/api/networks").status_code == 200
        assert len(server.studio.visitors.here) <= 8
        here = set(server.studio.visitors.here.values())
        assert sum(visitor.n_asked >= 20 for visitor in here) == 2, "both pupils are still here"
        assert {visitor.is_gone for visitor in everybody - here} == {True}, "who had to go has been told to rest"
        one, run = kept[0]
        assert one.get(f"/api/runs/{run}").status_code == 200, "who was let go finds their runs again"


def test_newcomers_come_one_after_the_other(tmp_path, monkeypatch):
    monkeypatch.setattr(visitors, "NEWCOMERS_AT_ONCE", 5.0)
    monkeypatch.setattr(visitors, "NEWCOMERS_PER_SECOND", 4.0)
    with running(tmp_path) as server:
        answers = [httpx.get(f"{server.address}/api/runs").status_code for _ in range(12)]
        assert answers[:5] == [200] * 5
        assert 429 in answers
        patiently(lambda: httpx.get(f"{server.address}/api/runs"))


def test_streams_are_shared(server, client, monkeypatch):
    run = begin(client, hidden=[1], n_training=10)
    monkeypatch.setattr(visitors, "MOST_STREAMS_EACH", 2)
    with contextlib.ExitStack() as streams:
        for _ in range(2):
            streams.enter_context(client.stream("GET", f"/api/runs/{run}/events"))
        wait_for(lambda: server.studio.visitors.streams.held.total() >= 2)
        refused = client.get(f"/api/runs/{run}/events")
        assert (refused.status_code, refused.json()["detail"][:32]) == (429, "too many are watching runs here:")
    wait_for(lambda: not server.studio.visitors.streams.held)


def test_runs_that_run_are_shared(server, client, monkeypatch):
    monkeypatch.setattr(visitors, "MOST_RUNNING_IN_ALL", 4)
    runs = [begin(client, hidden=[1], n_training=60_000, epochs=500) for _ in range(3)]
    for run in runs[:2]:
        do(client, run, "start")
    assert client.post(f"/api/runs/{runs[2]}/do", json={"action": "start"}).status_code == 429
    do(client, runs[0], "pause")
    do(client, runs[2], "start")


# -- turns -----------------------------------------------------------------------------------------------------------


def in_a_loop(coroutine):
    """Run it in a thread of its own: a browser's tests leave a loop running in this one."""
    with ThreadPoolExecutor(1) as apart:
        return apart.submit(asyncio.run, coroutine).result()


def order_of(asked, at_once=1, **options):
    """Who was worked on, in order, if all ask while something is worked on already; a letter is a visitor."""
    done = []

    async def ask(take, who, held):
        asking.set(Asker(who[0], who))
        await take.take(lambda: (held.wait(30), done.append(who)))

    async def all_ask():
        take, held = Turns(at_once, 100, **options), threading.Event()
        tasks = [asyncio.create_task(ask(take, who, held)) for who in asked]
        await asyncio.sleep(0.05)
        held.set()
        await asyncio.gather(*tasks)
        assert not take.waiting
        assert take.n_working == 0
        assert not take.shares.held
        assert not take.visitors

    in_a_loop(all_ask())
    return done


def test_whoever_waits_for_much_holds_nobody_up():
    assert "b1" in order_of(["a1"] * 6 + ["b1"], at_once=2)[:4], "as soon as something of the first has ended"
    assert order_of(["a1", "a2", "b1"]) == ["a1", "a2", "b1"], "one at a time: who came first"


def test_at_most_so_many_of_one_are_worked_on():
    most = Counter()

    async def ask(take, who, now):
        asking.set(Asker("a", who))

        def work():
            now[who] += 1
            most[who] = max(most[who], now[who])
            time.sleep(0.02)
            now[who] -= 1

        await take.take(work)

    async def all_ask():
        take, now = Turns(3, 100, most_each=1), Counter()
        await asyncio.gather(*(ask(take, who, now) for who in ["x"] * 4 + ["y"] * 2))

    in_a_loop(all_ask())
    assert most == {"x": 1, "y": 1}


def test_nobody_waits_for_too_much_or_too_long(monkeypatch):
    monkeypatch.setattr(turns, "SECONDS", 0.1)
    held = threading.Event()

    async def all_ask():
        take = Turns(1, 100)
        asking.set(Asker("a", "x"))
        waiting = [asyncio.create_task(take.take(lambda: held.wait(30))) for _ in range(turns.MOST_OF_ONE)]
        await asyncio.sleep(0.02)
        with pytest.raises(TooMany, match="waiting for too much"):
            await take.take(int)
        with pytest.raises(TooMany, match="takes too long"):
            await waiting[0]
        held.set()
        await asyncio.gather(*waiting[1:])
        assert await take.take(lambda: 3) == 3, "its place is free again when it has ended"
        with pytest.raises(ZeroDivisionError):
            await take.take(lambda: 1 / 0)
        assert await take.take(lambda: 4) == 4

    in_a_loop(all_ask())


def test_hostile_files_hold_up_nothing_else(server, client, monkeypatch):
    monkeypatch.setattr("glassnet.digits.apart.SECONDS", 3.0)
    with contextlib.ExitStack() as stack:
        hostile = [stack.enter_context(server.client()) for _ in range(2)]
        threads = [
            threading.Thread(target=one.post, args=["/api/read"], kwargs={"content": nested(30, 2)})
            for one in (hostile[0], *hostile)
        ]
        for thread in threads:
            thread.start()
        wait_for(lambda: server.studio.uploads.n_working == 2 and len(server.studio.uploads.waiting) == 1)
        assert max(server.studio.uploads.of_visitor.values()) == 1, "each has one turn at a time"
        assert client.post("/api/judge/test", json={"chosen": {"network": "videos"}}).status_code == 200
        begin(client, hidden=[1], n_training=10)
        assert client.post("/api/read", content=b"nothing").status_code == 400, "nor another's photo"
        assert server.studio.uploads.n_working == 2
        for thread in threads:
            thread.join()
        assert hostile[0].get("/api/networks").status_code == 200


def test_costly_strokes_are_counted_by_their_cost(server, client, monkeypatch):
    monkeypatch.setattr(server.studio.looks, "per_second", 1.0)
    costly = {**SEE, "networks": [{"network": "reader"}]}
    answers = [client.post("/api/see", json=costly).status_code for _ in range(300)]
    n_parameters = server.studio.given.held["reader"].network.n_parameters
    assert answers.count(200) == LOOKS_AT_ONCE // n_parameters
    assert answers[-1] == 429
    with server.client() as other:
        assert other.post("/api/see", json=costly).status_code == 200, "it is another's share"
    (sentence,) = {client.post("/api/see", json=costly).json()["detail"]}
    assert sentence == "networks as large as these cannot look so often; wait a moment."


def test_a_run_that_rests_is_cast_once(server, client):
    run = begin(client, hidden=[30], n_training=10)
    see = {**SEE, "networks": [{"network": f"run:{run}"}]}
    told = [client.post("/api/see", json=see).json() for _ in range(2)]
    (visitor,) = [one for one in server.studio.visitors.here.values() if run in one.courses]
    before = visitor.courses[run].looked_at[1]
    assert client.post("/api/see", json=see).json() == told[0] == told[1]
    assert visitor.courses[run].looked_at[1] is before
    do(client, run, "mini_batch")
    wait_for(lambda: client.post("/api/see", json=see).json() != told[0])


# -- the disk --------------------------------------------------------------------------------------------------------


def folder_of(root, name, n_bytes, days_ago=0.0):
    run = root / name.ljust(20, "0") / "aaaaaaaa"
    run.mkdir(parents=True)
    (run / "run.json").write_bytes(bytes(n_bytes))
    when = time.time() - days_ago * 24 * 3600
    for path in (run / "run.json", run, run.parent):
        os.utime(path, (when, when))
    return run.parent


def test_what_nobody_comes_for_is_let_go(tmp_path, caplog):
    old, new = folder_of(tmp_path, "old", 2_000_000, stock.KEPT_DAYS + 1), folder_of(tmp_path, "new", 10, 1)
    here = folder_of(tmp_path, "here", 10, 100)
    back = folder_of(tmp_path, "back", 10, 100)
    (tmp_path / "mine").mkdir()
    kept = Stock(tmp_path, lambda name: "x" if name.startswith("here") else None)
    kept.seen(back.name)
    kept.let_old_go()
    assert not old.exists()
    assert new.exists()
    assert here.exists()
    assert back.exists()
    assert (tmp_path / "mine").exists(), "what is not ours"
    assert [r.getMessage() for r in caplog.records] == [
        f"let go 2.0 MB of runs that visitor {old.name} kept: nobody has come for them in {stock.KEPT_DAYS} days"
    ]


def test_where_it_is_full_those_go_first_who_have_been_away_longest(tmp_path, monkeypatch):
    monkeypatch.setattr(stock, "MOST_BYTES", 1000)
    places = [folder_of(tmp_path, name, 300, days) for name, days in (("a", 3), ("b", 9), ("c", 5), ("d", 1))]
    kept = Stock(tmp_path, lambda name: "x" if name.startswith("d") else None)
    kept.make_room(places[3].name)
    assert [place.exists() for place in places] == [True, False, True, True]
    kept.make_room(places[3].name)
    assert [place.exists() for place in places] == [True, False, True, True]
    folder_of(tmp_path, "e", 300)
    kept.count("e".ljust(20, "0"))
    kept.make_room(places[3].name)
    assert [place.exists() for place in places] == [True, False, False, True]


def test_a_full_disk_is_said(tmp_path, monkeypatch):
    mine = folder_of(tmp_path, "mine", 300)
    kept = Stock(tmp_path, lambda name: "x")
    kept.make_room(mine.name)
    monkeypatch.setattr(stock, "MOST_BYTES_EACH", 299)
    with pytest.raises(SettingError, match="your runs take 0 MB"):
        kept.make_room(mine.name)
    monkeypatch.setattr(stock, "MOST_BYTES_EACH", 300)
    monkeypatch.setattr(stock, "MOST_BYTES", 299)
    with pytest.raises(SettingError, match="the folder of runs is full"):
        kept.make_room(mine.name)
    monkeypatch.setattr(stock, "MOST_BYTES", 1 << 40)
    monkeypatch.setattr(stock, "LEAST_FREE_BYTES", 1 << 62)
    with pytest.raises(SettingError, match="the folder of runs is full"):
        kept.make_room(mine.name)


def test_the_host_is_told_what_is_kept(tmp_path):
    assert Stock(tmp_path / "nothing", lambda name: None).told() == ""
    folder_of(tmp_path, "a", 2_000_000)
    assert Stock(tmp_path, lambda name: None).told() == f"Runs of one visitor are kept in {tmp_path} (2 MB)."
    folder_of(tmp_path, "b", 2_000_000)
    assert Stock(tmp_path, lambda name: None).told() == f"Runs of 2 visitors are kept in {tmp_path} (4 MB)."


def test_counting_does_not_mind_what_goes_meanwhile(tmp_path):
    place = folder_of(tmp_path, "a", 500)
    going = threading.Event()

    def come_and_go():
        while not going.is_set():
            (place / ".partial").write_bytes(b"x" * 9)
            (place / ".partial").unlink()

    thread = threading.Thread(target=come_and_go)
    thread.start()
    try:
        assert {stock.bytes_in(tmp_path) for _ in range(300)} <= {500, 509}
    finally:
        going.set()
        thread.join()


# -- the end ---------------------------------------------------------------------------------------------------------


def test_many_runs_end_together_and_nothing_is_lost(tmp_path, monkeypatch):
    measure, measured = Course.measure, []
    monkeypatch.setattr("glassnet.studio.runs.course.MEASURING_SHARE", 1e9)  # so that each has something to measure
    with running(tmp_path) as server, contextlib.ExitStack() as stack:
        told = []
        for _ in range(8):
            pupil = stack.enter_context(server.client())
            for _ in range(3):
                run = begin(pupil, hidden=[16, 16], n_training=60_000, epochs=500)
                do(pupil, run, "start")
                told.append((dict(pupil.cookies), run))
        everybody = [course for one in server.studio.visitors.here.values() for course in one.all_courses()]
        wait_for(lambda: all(course.state.descent.n_steps for course in everybody))
        monkeypatch.setattr(Course, "measure", lambda *args: (measured.append(None), measure(*args))[1])
        began = time.monotonic()
        server.studio.visitors.close()
        assert time.monotonic() - began < visitors.CLOSING_SECONDS + 4
        assert len(measured) < 6, "what is measured by each would take a hundred runs for ever"
    with running(tmp_path) as server:
        for cookies, run in told:
            with httpx.Client(base_url=server.address, cookies=cookies, timeout=60) as pupil:
                news = pupil.get(f"/api/runs/{run}").json()
                assert news["run"]["state"] in ("paused", "ready"), news["run"]
