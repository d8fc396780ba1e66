"""What a class asks again and again is answered past the application, and beside the loop: in the same words."""

import asyncio
import contextlib
import gzip
import json
import os
import signal
import socket
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
from starlette.exceptions import HTTPException

import glassnet
from glassnet.studio.draw import beside, looks
from glassnet.studio.draw.beside import Beside, look
from glassnet.studio.draw.schema import See, SeenByAll
from glassnet.studio.draw.seeing import neuron_detail
from glassnet.studio.shown.pictures import prepared
from glassnet.studio.shown.seeing import Held, frame_of, rows_of, seen, traced
from glassnet.studio.visit import connections
from glassnet.studio.visit.came import Came
from glassnet.studio.visit.networks import Given
from strategies import KINDS

with contextlib.suppress(ImportError):  # not on Windows
    import fcntl
from studio_server import picture, running
from waiting import wait_for

GIVEN = Given()


@pytest.fixture
def server(tmp_path):
    with running(tmp_path, given=GIVEN) as served:
        yield served


@pytest.fixture
def client(server):
    with server.client() as visitor:
        yield visitor


def asked(digits, index=0, networks=("videos", "reader")):
    sheet = np.pad(np.kron(digits.test_images[index], np.ones((4, 4), np.uint8)), 14)
    return {"picture": picture(sheet), "networks": [{"network": name} for name in networks]}


def answer_to(body):
    wanted = See.model_validate(body)
    return look(wanted.picture, [GIVEN.held[one.network] for one in wanted.networks])


def not_past(monkeypatch):
    """Have the application answer everything."""

    async def nothing(self, body):
        return None

    monkeypatch.setattr(looks.Looks, "answer", nothing)


def empty():
    return {"picture": picture(np.zeros((28, 28), np.uint8)), "networks": [{"network": "reader"}]}


def in_a_loop(work):
    """Run a coroutine in a thread: a browser's tests leave a loop in this one."""
    with ThreadPoolExecutor(1) as apart:
        apart.submit(asyncio.run, work).result()


# -- what is told ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", KINDS, ids="-".join)
@pytest.mark.parametrize("hidden", [(), (16, 16), (21, 1, 30)], ids=str)
def test_it_is_what_the_schema_says_and_the_trace_holds(kind, hidden, digits):
    activation, output_activation, cost = kind
    network = glassnet.Network.random(
        (784, *hidden, 10),
        rng=np.random.default_rng(3),
        activation=activation,
        output_activation=output_activation,
        cost=cost,
    )
    exact = network.astype(np.float64)
    shown = prepared(See.model_validate(asked(digits)).picture)
    told = [json.loads(seen(Held("a", exact, rows=rows), shown)) for rows in ((), rows_of(network))]
    trace = glassnet.feedforward(exact, glassnet.as_inputs(shown.image[None], dtype=np.float64))
    for one in told:
        SeenByAll.model_validate({"steps": shown.steps, "networks": [one]})
        np.testing.assert_allclose(one["outputs"], trace.outputs[0], rtol=2e-8)
        for layer, (held, some) in enumerate(zip(trace.activations, one["layers"], strict=True)):
            np.testing.assert_allclose(some["activations"], held[0, some["shown"]], rtol=2e-8, atol=1e-300)
            if layer:
                np.testing.assert_allclose(some["z"], trace.zs[layer - 1][0, some["shown"]], rtol=2e-8)
                edges, before = one["edges"][layer - 1], one["layers"][layer - 1]["shown"]
                between = exact.weights[layer - 1][np.ix_(some["shown"], before)]
                np.testing.assert_allclose(edges["weights"], between, rtol=2e-8)
                products = between * trace.activations[layer - 1][0, before]
                np.testing.assert_allclose(edges["products"], products, rtol=2e-8, atol=1e-300)
    assert rows_of(network), "float32 holds these"
    assert not rows_of(exact.with_parameters(tuple(w + 1e-12 for w in exact.weights), exact.biases))


def test_the_trace_by_rows_is_the_trace(digits):
    for held in GIVEN.held.values():
        for image in digits.test_images[:20]:
            trace = glassnet.feedforward(held.network, glassnet.as_inputs(image[None], dtype=np.float64))
            found = traced(held, image)
            for ours, theirs in zip((*found.zs, *found.activations), (*trace.zs, *trace.activations), strict=True):
                np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=1e-13)


def test_a_changed_network_has_its_own_numbers(client, digits):
    body = asked(digits, networks=["videos"])
    place = {"layer": 3, "neuron": 4}
    changes = [{**place, "source": None, "value": 77.5}, {**place, "source": 2, "value": -40.0}]
    body["networks"] = [{"network": "videos"}, {"network": "videos", "changes": changes}]
    before, after = client.post("/api/see", json=body).json()["networks"]
    biases, weights = (one["layers"][3]["biases"][4] for one in (before, after)), after["edges"][2]["weights"]
    assert next(biases) != next(biases) == 77.5
    assert weights[4][2] == -40.0
    assert before["layers"][3]["biases"][:4] == after["layers"][3]["biases"][:4]
    z = np.array(weights) @ after["layers"][2]["activations"] + after["layers"][3]["biases"]
    np.testing.assert_allclose(after["layers"][3]["z"], z, rtol=1e-7)


def test_numbers_that_are_none_are_told_as_nothing(digits):
    """A run that has blown up."""
    network = GIVEN.held["videos"].network
    weights = (network.weights[0] * np.inf, *network.weights[1:])
    with np.errstate(invalid="ignore"):
        shown = prepared(See.model_validate(asked(digits)).picture)
        told = json.loads(seen(Held("a", network.with_parameters(weights, network.biases)), shown))
    assert told["layers"][1]["z"] == [None] * 16


@pytest.mark.parametrize("number", [0.0, -1e300, 5e-324])
def test_numbers_and_names_of_any_kind_are_told(digits, number):
    network = glassnet.Network.random((784, 1, 10), rng=np.random.default_rng(0))
    odd = network.astype(np.float64).with_parameters(network.weights, (np.array([number]), network.biases[1]))
    told = json.loads(seen(Held("<gap", odd), prepared(See.model_validate(asked(digits)).picture)))
    assert told["layers"][1]["biases"] == [pytest.approx(number, rel=2e-8)]
    SeenByAll.model_validate({"steps": prepared(See.model_validate(empty()).picture).steps, "networks": [told]})


def test_a_frame_is_made_once_for_a_network_that_is_held():
    held = GIVEN.held["reader"]
    assert frame_of(held) is frame_of(held)
    assert frame_of(Held("a", held.network)) is not frame_of(held)
    assert neuron_detail(held, prepared(See.model_validate(empty()).picture), 1, 2).n_inputs == 784


# -- past the application --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", range(3))
def test_it_is_what_the_application_answers(client, digits, monkeypatch, index):
    body = asked(digits, index)
    past = client.post("/api/see", json=body)
    not_past(monkeypatch)
    through = client.post("/api/see", json=body)
    assert (past.status_code, past.content) == (200, through.content)
    left_out = {"vary", "date"}
    assert {k: v for k, v in past.headers.items() if k not in left_out} == {
        k: v for k, v in through.headers.items() if k not in left_out
    }


UNUSUAL = {
    "no JSON": {"content": b"{"},
    "another type": {"content": json.dumps(empty()), "headers": {"content-type": "text/plain"}},
    "too much of a picture": {"json": {"picture": {"width": 500, "height": 3, "ink": ""}, "networks": []}},
    "too few bytes": {
        "json": {"picture": {"width": 5, "height": 5, "ink": "AAAA"}, "networks": [{"network": "reader"}]}
    },
    "no base64": {"json": {"picture": {"width": 5, "height": 5, "ink": "é"}, "networks": [{"network": "reader"}]}},
    "no such run": {"json": {**empty(), "networks": [{"network": "run:aaaaaaaa"}]}},
    "no file": {"json": {**empty(), "networks": [{"network": "file"}]}},
    "no networks": {"json": {**empty(), "networks": []}},
    "too large": {"content": b" " * (1 << 20) + b"{}"},
}


@pytest.mark.parametrize("what", UNUSUAL)
def test_what_is_not_as_usual_is_answered_in_the_applications_words(client, monkeypatch, what):
    past = client.post("/api/see", **UNUSUAL[what])
    not_past(monkeypatch)
    through = client.post("/api/see", **UNUSUAL[what])
    assert past.status_code == through.status_code >= 400
    assert past.json() == through.json()


def test_chunks_without_end_are_refused(client):
    answer = client.post("/api/see", content=(b" " * 60_000 for _ in range(30)))
    assert answer.status_code == 413


def test_what_is_received_is_received_again_faults_too():
    messages = [{"type": "http.request", "body": b"a", "more_body": True}, HTTPException(413), {"type": "more"}]

    async def receive():
        message = messages.pop(0)
        if isinstance(message, Exception):
            raise message
        return message

    async def receiving():
        came = Came(receive)
        assert await came.whole() is None
        assert (await came())["body"] == b"a"
        for _ in range(2):
            with pytest.raises(HTTPException):
                await came()
        messages[:] = [{"type": "http.request", "body": b"b"}, {"type": "http.disconnect"}]
        whole = Came(receive)
        assert await whole.whole() == b"b"
        assert [(await whole())["type"], (await whole())["type"]] == ["http.request", "http.disconnect"]
        messages[:] = [{"type": "http.disconnect"}]
        assert await Came(receive).whole() is None

    in_a_loop(receiving())


def test_an_empty_sheet_and_another_method(client):
    told = client.post("/api/see", json=empty()).json()["networks"][0]
    assert told["answer"]["reason"] == "nothing there"
    assert client.get("/api/see").status_code == client.get("/api/neuron").status_code


def test_a_newcomer_gets_a_cookie_and_who_is_known_none(server, digits):
    body = asked(digits)
    with httpx.Client(base_url=server.address, timeout=60) as newcomer:
        first, second = newcomer.post("/api/see", json=body), newcomer.post("/api/see", json=body)
    assert "set-cookie" in first.headers
    assert "set-cookie" not in second.headers
    assert first.content == second.content


def test_what_costs_too_much_is_refused(server, client, monkeypatch, digits):
    monkeypatch.setattr(server.studio.looks, "per_second", 1.0)
    monkeypatch.setattr(server.studio.looks, "at_once", 5e6)
    answers = [client.post("/api/see", json=asked(digits)) for _ in range(5)]
    assert answers[0].status_code == 200
    assert answers[-1].status_code == 429
    assert "look so often" in answers[-1].json()["detail"]


@pytest.mark.parametrize("accepted", ["gzip", "identity"])
def test_over_a_network_it_is_compressed(client, digits, monkeypatch, accepted):
    pytest.importorskip("isal")
    plain = client.post("/api/see", json=asked(digits))
    assert "content-encoding" not in plain.headers
    monkeypatch.setattr(looks, "is_here", lambda scope: False)
    with client.stream("POST", "/api/see", json=asked(digits), headers={"accept-encoding": accepted}) as packed:
        assert packed.headers["vary"] == "accept-encoding"
        data = b"".join(packed.iter_raw())
    assert packed.headers.get("content-encoding", "identity") == accepted
    assert int(packed.headers["content-length"]) == len(data)
    assert (gzip.decompress(data) if accepted == "gzip" else data) == plain.content


# -- beside the loop -------------------------------------------------------------------------------------------------


def busy(monkeypatch, n=2):
    """Begin processes at the second look, two of them."""
    monkeypatch.setattr(beside, "BUSY_PER_SECOND", n)
    monkeypatch.setattr(beside, "n_processors", lambda: 2)


def processes(server):
    return [one.process.pid for one in server.app.state.beside.lookers if one.is_ready]


def begin(server, client, body):
    """Ask until processes answer."""
    wait_for(lambda: client.post("/api/see", json=body).status_code == 200 and len(processes(server)) == 2)


def test_processes_begin_when_a_class_draws_and_answer_the_same(server, client, digits, monkeypatch):
    busy(monkeypatch)
    bodies = [asked(digits, index) for index in range(8)]
    wanted = [answer_to(body) for body in bodies]
    assert not server.app.state.beside.lookers
    begin(server, client, bodies[0])
    n_here = []
    monkeypatch.setattr(looks, "look", lambda *told: n_here.append(1) or look(*told))
    with ThreadPoolExecutor(8) as pupils:
        found = list(pupils.map(lambda i: client.post("/api/see", json=bodies[i % 8]).content, range(200)))
    assert found == [wanted[i % 8] for i in range(200)]
    assert not n_here, "the loop has better things to do"
    if sys.platform == "linux":
        pipes = [one.process._transport.get_pipe_transport(1) for one in server.app.state.beside.lookers]
        sizes = [fcntl.fcntl(one.get_extra_info("pipe"), fcntl.F_GETPIPE_SZ) for one in pipes]
        assert sizes == [beside.PIPE_BYTES] * 2, "two answers fill a usual one, and each waits for the other"


def test_one_hand_alone_begins_none(server, client, digits):
    for _ in range(10):
        client.post("/api/see", json=asked(digits)).raise_for_status()
    assert server.app.state.beside.beginning is None


def test_the_rate_is_that_of_a_second(monkeypatch):
    now = [0.0]
    monkeypatch.setattr(beside.time, "monotonic", lambda: now[0])
    begun = []
    crew = Beside({})
    monkeypatch.setattr(crew, "begin", lambda n: begun.append(n))
    monkeypatch.setattr(beside.asyncio, "create_task", lambda told: told)
    monkeypatch.setattr(beside, "n_processors", lambda: 9)
    for _ in range(5):  # fifty a second
        for _ in range(beside.BUSY_PER_SECOND - 1):
            crew.count()
        now[0] += 1.01
    assert begun == []
    for _ in range(beside.BUSY_PER_SECOND):
        crew.count()
    assert begun == [beside.MOST_PROCESSES]
    now[0] += beside.RESTART_SECONDS - 0.1  # if they end at once they are not begun anew all the time
    for _ in range(beside.BUSY_PER_SECOND):
        crew.count()
    assert len(begun) == 1
    now[0] += 1.2
    for _ in range(beside.BUSY_PER_SECOND):
        crew.count()
    assert len(begun) == 2
    crew.is_closed = True
    now[0] += 100
    for _ in range(beside.BUSY_PER_SECOND):
        crew.count()
    assert len(begun) == 2


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGSTOP there")
def test_processes_that_die_are_missed_by_nobody(server, client, digits, monkeypatch):
    busy(monkeypatch)
    monkeypatch.setattr(beside, "RESTART_SECONDS", 0.0)
    body = asked(digits)
    begin(server, client, body)
    first = processes(server)
    for pid in first:
        os.kill(pid, signal.SIGSTOP)
    with ThreadPoolExecutor(6) as pupils:
        waiting = [pupils.submit(client.post, "/api/see", json=body) for _ in range(6)]
        wait_for(lambda: sum(len(one.waiting) for one in server.app.state.beside.lookers) == 6)
        for pid in first:
            os.kill(pid, signal.SIGKILL)
        assert [one.result().content for one in waiting] == [answer_to(body)] * 6
    begin(server, client, body)
    assert not set(first) & set(processes(server))
    assert len(server.app.state.beside.lookers) == 2, "those that are gone are forgotten"


def test_what_a_process_cannot_answer_is_answered_here(monkeypatch, digits):
    """Told wrong networks, and stopped in the middle."""

    async def asking():
        crew = Beside({})  # they know none
        await crew.begin(1)
        while not crew.lookers[0].is_ready:
            await asyncio.sleep(0.01)
        body = json.dumps(asked(digits)).encode()
        assert await crew.answer(body) is None
        gone = asyncio.create_task(crew.answer(body))
        await asyncio.sleep(0)
        gone.cancel()  # whoever asked has gone
        assert await crew.answer(body) is None
        assert crew.lookers[0].is_ready
        await crew.close()
        assert crew.lookers == []

    in_a_loop(asking())


@pytest.mark.parametrize("fault", [OSError, NotImplementedError])
def test_where_no_process_can_be_started_the_loop_looks(server, client, digits, monkeypatch, fault):
    busy(monkeypatch)

    async def fails(*told, **options):
        raise fault

    monkeypatch.setattr(beside.asyncio, "create_subprocess_exec", fails)
    bodies = [client.post("/api/see", json=asked(digits)) for _ in range(6)]
    assert [one.content for one in bodies] == [answer_to(asked(digits))] * 6
    wait_for(lambda: server.app.state.beside.beginning.done())
    assert server.app.state.beside.beginning.exception() is None
    assert not server.app.state.beside.lookers


def test_the_loop_goes_round_between_looks(digits):
    """However many wait: of those that it does itself it takes one at a time."""
    order = []

    async def asking():
        crew = Beside({})

        async def one():
            await crew.answer(b"")
            order.append("look")

        async def others():
            while order.count("look") < 20:
                order.append("else")
                await asyncio.sleep(0)

        await asyncio.gather(*(one() for _ in range(20)), others())

    in_a_loop(asking())
    between = "".join(name[0] for name in order).split("l")[1:20]
    assert all(between), "something else comes after each look"


def test_processes_end_with_the_server(tmp_path, digits, monkeypatch):
    busy(monkeypatch)
    with running(tmp_path, given=GIVEN) as server:
        with server.client() as client:
            begin(server, client, asked(digits))
        pids = processes(server)
        crew = server.app.state.beside
    assert len(pids) == 2
    assert crew.lookers == []
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


# -- the protocol ----------------------------------------------------------------------------------------------------


def sent(server, data, pause=0.0):
    """Return all that comes back until the connection ends."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=30) as connection:
        answer = b""
        sending = threading.Thread(target=send_all, args=[connection, data, pause])
        sending.start()
        with contextlib.suppress(OSError):
            while part := connection.recv(1 << 16):
                answer += part
        sending.join()
        return answer


def send_all(connection, parts, pause):
    with contextlib.suppress(OSError):
        for part in parts:
            connection.sendall(part)
            time.sleep(pause)


def test_what_is_no_request_is_refused_in_a_sentence(server):
    answer = sent(server, [b"\x00\x01nonsense\r\n\r\n"])
    head, _, body = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400")
    assert json.loads(body)["detail"].endswith(".")


def test_a_head_without_end_is_cut_off(server):
    pytest.importorskip("httptools")
    until_now = [b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n"]
    many = [f"X-{i}: {'a' * 1000}\r\n".encode() for i in range(200)]
    began = time.monotonic()
    assert sent(server, [*until_now, *many]) == b""
    assert sent(server, [*until_now, b"\r\n", *until_now, *many]).count(b"HTTP/1.1") == 1
    assert time.monotonic() - began < connections.HEAD_SECONDS, "they end before their deadline"
    few = [*until_now, *many[:40], b"Connection: close\r\n\r\n"]
    assert sent(server, few).startswith(b"HTTP/1.1 200")


def test_a_body_of_any_size_is_no_head(server, client, digits):
    """In one piece, bit by bit, and one request upon the other."""
    body = json.dumps(asked(digits)).encode() + b" " * 600_000
    cookie = "; ".join(f"{name}={value}" for name, value in client.cookies.items())
    head = f"POST /api/see HTTP/1.1\r\nHost: 127.0.0.1:{server.port}\r\nCookie: {cookie}\r\n"
    head += f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    one, whole = (head.encode() + end + b"\r\n" + body for end in (b"", b"Connection: close\r\n"))
    wanted = answer_to(asked(digits))
    for parts in ([whole], [whole[i : i + 100_000] for i in range(0, len(whole), 100_000)], [one * 2 + whole]):
        assert sent(server, parts).count(wanted) == (3 if len(parts[0]) > len(whole) else 1)


def test_what_a_browser_accepts():
    for headers, is_accepted in (
        ([(b"host", b"x"), (b"accept-encoding", b"br, gzip")], True),
        ([(b"accept-encoding", b"br")], False),
        ([(b"accept", b"gzip")], False),
        ([], False),
    ):
        assert looks.accepts_gzip({"headers": headers}) is is_accepted
