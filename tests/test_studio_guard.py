"""Bad requests to the studio: each is refused with one sentence, and the server lives."""

import asyncio
import contextlib
import io
import socket
import struct
import time
import zlib
from concurrent.futures import ThreadPoolExecutor

import httpx
import numpy as np
import pytest
from starlette.responses import PlainTextResponse

from glassnet.studio.app import COMPRESSED_FROM_BYTES, Compressed
from glassnet.studio.visit import guard, shares
from glassnet.studio.visit.guard import AT_ONCE, PER_SECOND, Guard, name_in
from glassnet.studio.visit.shares import Buckets
from studio_server import begin, picture, running, wait_for

BODY_SECONDS = guard.BODY_SECONDS


@pytest.fixture(autouse=True)
def the_server_lives(server, client):
    yield
    with server.client() as other:
        assert other.get("/api/networks").status_code == 200


def assert_refused(answer, status, sentence=""):
    assert answer.status_code == status, answer.text
    detail = answer.json()["detail"]
    assert sentence in detail
    assert "\n" not in detail
    assert detail.endswith((".", ":", "?"))


GOOD = picture(np.zeros((28, 28), dtype=np.uint8))


@pytest.mark.parametrize(
    ("asked", "status", "sentence"),
    [
        ({}, 422, "field required"),
        ({"picture": GOOD, "networks": []}, 422, "at least 1 item"),
        ({"picture": GOOD, "networks": [{"network": "videos"}] * 4}, 422, "at most 3 items"),
        ({"picture": GOOD | {"width": 0}, "networks": [{"network": "videos"}]}, 422, "width"),
        ({"picture": GOOD | {"width": "wide"}, "networks": [{"network": "videos"}]}, 422, "width"),
        ({"picture": GOOD | {"width": 27}, "networks": [{"network": "videos"}]}, 400, "756 bytes of ink, not 784"),
        ({"picture": GOOD | {"ink": "***"}, "networks": [{"network": "videos"}]}, 400, "not base64"),
        ({"picture": GOOD | {"colour": 1}, "networks": [{"network": "videos"}]}, 422, "colour"),
        ({"picture": GOOD, "networks": [{"network": "../../etc/passwd"}]}, 422, "network"),
        ({"picture": GOOD, "networks": [{"network": "run:aaaaaaaa"}]}, 404, "there is no run aaaaaaaa"),
        ({"picture": GOOD, "networks": [{"network": "file"}]}, 404, "there is no network file"),
        (
            {
                "picture": GOOD,
                "networks": [{"network": "videos", "changes": [{"layer": 9, "neuron": 0, "value": 1}]}],
            },
            400,
            "there is no layer 9",
        ),
        (
            {
                "picture": GOOD,
                "networks": [{"network": "videos", "changes": [{"layer": 1, "neuron": 0, "value": 1e9}]}],
            },
            422,
            "value",
        ),
    ],
)
def test_what_cannot_be_seen(client, asked, status, sentence):
    assert_refused(client.post("/api/see", json=asked), status, sentence)


@pytest.mark.parametrize(
    "body", [b"", b"{", b"[]", b"null", b"\xff\xfe", b'{"picture": ' + b"[" * 5000 + b"]" * 5000 + b"}"]
)
def test_what_is_no_json(client, body):
    answer = client.post("/api/see", content=body, headers={"content-type": "application/json"})
    assert 400 <= answer.status_code < 500
    assert isinstance(answer.json()["detail"], str)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e400"])
def test_what_is_no_number(client, number):
    body = '{"learning_rate": ' + number + "}"
    answer = client.post("/api/runs", content=body, headers={"content-type": "application/json"})
    assert_refused(answer, 422, "learning_rate")


@pytest.mark.parametrize(
    "settings",
    [
        {"hidden": [0]},
        {"hidden": [5000]},
        {"hidden": [10] * 7},
        {"learning_rate": 0},
        {"mini_batch_size": 0},
        {"epochs": 10**9},
        {"activation": "magic"},
        {"name": "x" * 1000},
        {"seed": -1},
        {"unknown": 1},
    ],
)
def test_runs_that_are_not_possible(client, settings):
    assert_refused(client.post("/api/runs", json=settings), 422)
    assert client.get("/api/runs").json() == []


def test_a_network_that_is_too_large(client):
    assert_refused(client.post("/api/runs", json={"hidden": [1024, 1024, 1024]}), 400, "weights and biases")


@pytest.mark.parametrize("name", ["..", "%2e%2e", "../../etc", "aaaaaaaa/../..", "AAAAAAAA", "a" * 300, "aaaaaaaa%00"])
@pytest.mark.parametrize("what", ["", "/weights", "/model", "/events"])
def test_paths_lead_nowhere(client, name, what):
    answer = client.get(f"/api/runs/{name}{what}")
    assert answer.status_code == 404
    assert client.delete(f"/api/runs/{name}").status_code in (404, 405)


@pytest.mark.parametrize(
    "path", ["/../app.py", "/..%2fapp.py", "/%2e%2e/%2e%2e/etc/passwd", "/assets/../../schema.py", "/nothing", "/docs"]
)
def test_files_outside_the_page_are_not_served(client, path):
    answer = client.get(path)
    assert answer.status_code in (404, 405), answer.text[:200]
    assert "import" not in answer.text


def test_bodies_that_are_too_large(server, client):
    assert_refused(client.post("/api/see", content=b"x" * (2 << 20)), 413, "at most 1,048,576 bytes")
    assert_refused(client.post("/api/read", content=b"x" * (31 << 20)), 413)
    assert_refused(client.post("/api/runs/load", content=b"x" * (17 << 20)), 413)

    def in_pieces():
        for _ in range(40):
            yield b"x" * (1 << 16)

    assert_refused(client.post("/api/see", content=in_pieces()), 413)


@pytest.mark.parametrize("n_pieces", [1, 3])
def test_a_body_may_be_as_large_as_is_said_and_no_larger(client, n_pieces):
    """What is sent in pieces has no length to look at first."""

    def in_pieces(n):
        for place in range(n_pieces):
            yield b"x" * (n * (place + 1) // n_pieces - n * place // n_pieces)

    most = 1_048_576
    assert client.post("/api/see", content=in_pieces(most)).status_code == 422, "it is looked at, and is no JSON"
    assert_refused(client.post("/api/see", content=in_pieces(most + 1)), 413)


def test_a_visitor_is_known_for_thirty_days_by_no_script_and_on_no_other_page(server):
    cookie = httpx.get(f"{server.address}/api/welcome").headers["set-cookie"].lower()
    assert {"max-age=2592000", "httponly", "samesite=strict"} <= {part.strip() for part in cookie.split(";")}


def test_a_hundred_megabytes_are_refused_before_they_come(server):
    head = b"POST /api/read HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 104857600\r\n\r\n"
    assert b" 413 " in said(server, head).splitlines()[0]


def test_bodies_that_never_come(server, monkeypatch):
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.3)
    head = (
        b"POST /api/see HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"
    )
    began = time.monotonic()
    assert b" 408 " in said(server, head).splitlines()[0]
    assert time.monotonic() - began < BODY_SECONDS, "the body is waited for as long as ever"


def said(server, request):
    """Return what the server answers to raw bytes."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=600) as connection:
        connection.sendall(request)
        answer = b""
        with contextlib.suppress(ConnectionError):
            while b"\r\n\r\n" not in answer and (part := connection.recv(4096)):
                answer += part
        return answer


@pytest.mark.parametrize(
    "request_line", [b"\x16\x03\x01\x02\x00\x01\x00", b"GET / HTTP/9.9\r\n\r\n", b"\x00" * 100 + b"\r\n\r\n"]
)
def test_what_is_no_http(server, request_line):
    answer = said(server, request_line)
    assert not answer or answer.startswith(b"HTTP/1.1 4")


def test_broken_connections(server):
    for part in (b"", b"GET", b"POST /api/see HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 1000\r\n\r\n{"):
        for _ in range(10):
            with socket.create_connection(("127.0.0.1", server.port), timeout=600) as connection:
                connection.sendall(part)
                connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # a reset


@pytest.mark.parametrize("host", ["evil.example", "evil.example:80", "127.0.0.1.evil.example", "", "169.254.169.254"])
def test_foreign_hosts_are_refused(client, host):
    assert_refused(client.get("/api/networks", headers={"host": host}), 421, "does not answer to that name")


@pytest.mark.parametrize("origin", ["http://evil.example", "null", "https://127.0.0.1", "http://127.0.0.1:1"])
def test_foreign_origins_are_refused(client, origin):
    assert_refused(client.post("/api/runs", json={}, headers={"origin": origin}), 403, "other sites")
    assert client.get("/api/runs").json() == []


def test_our_own_origin_is_not(server, client):
    assert client.post("/api/runs", json={}, headers={"origin": server.address}).status_code == 201
    for site in ("cross-site", "same-site"):
        refused = client.get("/api/networks", headers={"sec-fetch-site": site})
        assert_refused(refused, 403, "other sites")


def test_answers_do_not_wait_for_an_acknowledgement(client):
    seconds = []
    while len(seconds) < 200 and min(seconds, default=1) >= 0.035:  # where they wait, none of them is quicker
        began = time.perf_counter()
        client.get("/api/networks").raise_for_status()
        seconds.append(time.perf_counter() - began)
    assert min(seconds) < 0.035, "a whole answer takes 40 ms where its parts wait for each other"


def test_floods_are_stemmed(server, client, monkeypatch):
    monkeypatch.setattr(server.studio.buckets, "per_second", 0.001)
    monkeypatch.setattr(server.studio.buckets, "at_once", 30.0)
    answers = [client.get("/api/nothing").status_code for _ in range(60)]
    assert answers[:20] == [404] * 20
    assert answers[-1] == 429
    assert_refused(client.get("/api/networks"), 429, "wait a moment")
    with server.client() as other:  # nobody else suffers
        assert other.get("/api/networks").status_code == 200
    monkeypatch.setattr(server.studio.buckets, "per_second", 2.0)
    time.sleep(0.6)
    wait_for(lambda: client.get("/api/networks").status_code == 200)


def test_the_bucket_fills_at_its_pace(monkeypatch):
    now = [100.0]
    monkeypatch.setattr(shares.time, "monotonic", lambda: now[0])
    buckets = Buckets(PER_SECOND, AT_ONCE)
    assert all(buckets.take("Ada") for _ in range(int(AT_ONCE)))
    assert not buckets.take("Ada")
    assert buckets.take("Bob")
    now[0] += 0.5
    assert sum(buckets.take("Ada") for _ in range(200)) == PER_SECOND // 2
    allowed = 0
    for _ in range(1440):  # ten seconds of a page that asks a little too often: it is thinned out, not shut out
        now[0] += 1 / 144
        allowed += buckets.take("Ada")
    assert allowed == pytest.approx(10 * PER_SECOND, rel=0.01)
    assert sum(buckets.take("a class", times=3) for _ in range(2000)) == 3 * AT_ONCE
    assert buckets.take("Eve", cost=2 * AT_ONCE), "what costs more than a bucket holds is possible"
    assert not buckets.take("Eve"), "but rarely"


def test_which_names_are_ours():
    anybody, only = Guard(None, None, None, None), Guard(None, frozenset({"localhost", "::1"}), None, None)
    assert all(anybody.is_ours(name) for name in ("192.0.2.7", "2001:db8::1", "localhost"))
    assert not any(anybody.is_ours(name) for name in ("evil.example", "", "1.2.3.4.evil.example"))
    assert only.is_ours("localhost")
    assert not only.is_ours("192.0.2.7")
    assert [name_in(host) for host in ("[::1]:80", "localhost:8000", "a.b")] == ["::1", "localhost", "a.b"]
    for host in ("[::1]evil.com", "[127.0.0.1]evil", "127.0.0.1:80@evil", "127.0.0.1/evil", "[::1", "127.0.0.1:x"):
        assert not name_in(host)


def png_bomb(side):
    """Return a PNG that says it is side x side pixels, all of one shade."""

    def chunk(kind, data):
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    packer = zlib.compressobj(9)
    row = bytes(1 + side // 8)
    data = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    head = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", data) + chunk(b"IEND", b"")


@pytest.mark.parametrize("where", ["/api/read", "/api/picture"])
def test_images_that_are_none_or_burst(client, where):
    bomb = png_bomb(60_000)
    assert len(bomb) < 1 << 20
    began = time.process_time()
    assert_refused(client.post(where, content=bomb), 400)
    assert time.process_time() - began < 10
    for content in (b"", b"GIF89a", b"<svg onload=alert(1)>", np.random.default_rng(0).bytes(5000), bomb[:200]):
        assert_refused(client.post(where, content=content), 400)


def test_models_that_are_none(client):
    for content in (b"", b"x" * 100, struct.pack("<Q", 10**12) + b"{}", io.BytesIO(np.zeros(9).tobytes()).read()):
        answer = client.post("/api/runs/load", content=content)
        assert_refused(answer, 400, "this file")
        assert "/tmp" not in answer.text
    assert client.get("/api/runs").json() == []


def test_a_stolen_cookie_is_not_in_any_answer(client):
    token = client.cookies["glassnet-visitor"]
    begin(client)
    for path in ("/api/welcome", "/api/runs", "/api/networks"):
        assert token not in client.get(path).text
    for token in ("x", "../../../x", "a" * 5000, "a b;c"):
        answer = client.get("/api/runs", headers={"cookie": f"glassnet-visitor={token}"})
        assert answer.status_code in (200, 400, 431)


def test_without_a_page_the_server_says_why(tmp_path, monkeypatch):
    monkeypatch.setattr("glassnet.studio.app.page_folder", lambda: None)
    with running(tmp_path) as served, served.client() as client:
        answer = client.get("/")
        assert answer.status_code == 503
        assert "install Node 20.19 or later" in answer.text
        assert client.get("/api/networks").status_code == 200


def test_what_goes_wrong_once_does_not_end_all_cleaning(tmp_path, monkeypatch, caplog):
    monkeypatch.setattr("glassnet.studio.app.CLEANING_SECONDS", 0.01)
    error, n_times = OSError("the disk is asleep"), []

    def clean():
        n_times.append(None)
        if len(n_times) == 1:
            raise error

    with running(tmp_path) as served:
        monkeypatch.setattr(served.studio, "clean", clean)
        wait_for(lambda: len(n_times) > 3)
    records = [record for record in caplog.records if record.name.startswith("glassnet")]
    assert [(record.getMessage(), record.exc_info[1]) for record in records] == [("cleaning", error)]


def answer_to(app, address, path, encoding="gzip"):
    """Return what an application answers to a machine at an address."""

    async def ask():
        transport = httpx.ASGITransport(app, client=(address, 4711))
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1") as machine:
            return await machine.get(path, headers={"accept-encoding": encoding})

    with ThreadPoolExecutor(1) as apart:  # Playwright's browser may have a loop of its own in this thread
        return apart.submit(asyncio.run, ask()).result()


def test_answers_to_other_machines_are_compressed(server):
    near = answer_to(server.app, "127.0.0.1", "/api/openapi.json")
    assert "content-encoding" not in near.headers, "on this computer it takes longer than what it saves"
    assert "content-encoding" not in answer_to(server.app, "::1", "/api/openapi.json").headers
    far = answer_to(server.app, "192.0.2.7", "/api/openapi.json")
    assert far.headers["content-encoding"] == "gzip"
    assert far.json() == near.json()
    assert int(far.headers["content-length"]) < len(near.content) / 3
    assert "content-encoding" not in answer_to(server.app, "192.0.2.7", "/api/openapi.json", "identity").headers
    assert "content-encoding" not in answer_to(server.app, "192.0.2.7", "/healthz").headers, "it is short"


@pytest.mark.parametrize(
    ("n_bytes", "is_compressed"), [(COMPRESSED_FROM_BYTES, True), (COMPRESSED_FROM_BYTES - 1, False)]
)
@pytest.mark.parametrize("address", ["192.0.2.7", "127.0.0.1"])
def test_pages_are_compressed_for_everybody_if_they_are_long(address, n_bytes, is_compressed):
    async def page(scope, receive, send):
        await PlainTextResponse("x" * n_bytes)(scope, receive, send)

    answer = answer_to(Compressed(page, minimum_size=COMPRESSED_FROM_BYTES), address, "/assets/page.js")
    assert ("content-encoding" in answer.headers) == is_compressed
    assert answer.text == "x" * n_bytes


def test_pages_may_not_be_framed_or_run_foreign_scripts(client):
    headers = client.get("/").headers
    assert "frame-ancestors 'none'" in headers["content-security-policy"]
    assert headers["x-content-type-options"] == "nosniff"
    assert "access-control-allow-origin" not in headers
