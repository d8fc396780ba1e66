"""The door of a class: a PIN, few tries, a host who sees who is here, and what goes over the network kept secret."""

import contextlib
import html
import re
import ssl
import time

import httpx
import pytest
import segno
import trustme

from glassnet.cli.studio import HALVES, square_code
from glassnet.studio import server as studio_server_module
from glassnet.studio.server import Secrecy
from glassnet.studio.visit.asker import COOKIE
from glassnet.studio.visit.door import PIN_DIGITS, new_pin
from studio_server import begin, do, running
from systems import INTERRUPTIBLE
from test_studio_command import stopped
from waiting import wait_for

PIN = "042137"


@pytest.fixture
def closed(tmp_path):
    """A studio with a door."""
    with running(tmp_path, pin=PIN) as served:
        served.studio.address = "http://192.0.2.7:8000/"
        yield served


def outside(server, **options):
    return httpx.Client(base_url=server.address, timeout=60, **options)


@contextlib.contextmanager
def inside(server):
    with outside(server) as visitor:
        assert visitor.post("/door", data={"pin": PIN}).status_code == 303
        yield visitor


def test_without_the_pin_nothing_is_seen(closed):
    with outside(closed) as stranger:
        for path in ("/", "/index.html", "/assets/x.js", "/nothing", "//", "/door/", "/healthz/x", "/hosts"):
            answer = stranger.get(path)
            assert answer.status_code == 200, path
            assert 'name="pin"' in answer.text
            assert "glassnet studio: the door" in answer.text
            assert "set-cookie" not in answer.headers
        for path in ("/api/welcome", "/api/openapi.json", "/api/runs"):
            answer = stranger.get(path)
            assert (answer.status_code, answer.json()["detail"][:22]) == (401, "this class has a PIN: ")
        assert stranger.post("/api/runs", json={}).status_code == 401
        assert stranger.get("/healthz").status_code == 200
    assert not closed.studio.visitors.here


def test_it_is_asked_once(closed):
    with inside(closed) as pupil:
        assert pupil.get("/").status_code == 200
        run = begin(pupil, hidden=[1], n_training=10)
        assert [one["id"] for one in pupil.get("/api/runs").json()] == [run]
    with outside(closed, cookies=dict(pupil.cookies)) as again:
        assert [one["id"] for one in again.get("/api/runs").json()] == [run]


def test_a_link_with_the_pin_opens_too(closed):
    with outside(closed) as pupil:
        answer = pupil.get("/door", params={"pin": PIN})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert pupil.get("/api/networks").status_code == 200
    with outside(closed) as curious:
        assert "set-cookie" not in curious.get("/door").headers
        assert "That is not" not in curious.get("/door").text


@pytest.mark.parametrize("wrong", ["042138", "", "42137", "０４２１３７", "\x00", "<b>", "4" * 64])
def test_wrong_pins(closed, wrong):
    with outside(closed) as stranger:
        answer = stranger.post("/door", data={"pin": wrong})
        assert "set-cookie" not in answer.headers
        assert ("That is not the PIN." in answer.text) == bool(wrong)
        assert "<b>" not in answer.text
        assert stranger.get("/api/networks").status_code == 401


def test_few_tries_and_then_a_pause(closed, monkeypatch):
    with inside(closed) as pupil, outside(closed) as stranger:
        said = [stranger.post("/door", data={"pin": f"{n:06}"}).text for n in range(15)]
        assert ["That is not the PIN." in text for text in said] == [True] * 10 + [False] * 5
        assert "wait a minute" in said[-1]
        assert "wait a minute" in stranger.post("/door", data={"pin": PIN}).text, "nor the right one, by chance"
        assert pupil.get("/api/networks").status_code == 200, "who is in stays in"
        monkeypatch.setattr(closed.studio.tries, "per_second", 50.0)
        time.sleep(0.1)
        assert stranger.post("/door", data={"pin": PIN}).status_code == 303


def test_a_cookie_of_another_pin_opens_nothing_but_finds_its_runs_behind_the_new_one(tmp_path):
    with running(tmp_path, pin="1") as served, outside(served) as pupil:
        pupil.post("/door", data={"pin": "1"})
        run = begin(pupil, hidden=[1], n_training=10)
        cookies = dict(pupil.cookies)
    with running(tmp_path, pin="2") as served, outside(served, cookies=cookies) as pupil:
        assert pupil.get("/api/runs").status_code == 401
        answer = pupil.post("/door", data={"pin": "2"})
        assert answer.status_code == 303
        cookies = dict(answer.cookies)
    with running(tmp_path, pin="2") as served, outside(served, cookies=cookies) as pupil:
        assert [one["id"] for one in pupil.get("/api/runs").json()] == [run]
    with running(tmp_path) as served, outside(served, cookies=cookies) as pupil:  # and where there is no door
        assert [one["id"] for one in pupil.get("/api/runs").json()] == [run]


def test_pins():
    made = {new_pin() for _ in range(200)}
    assert len(made) > 190
    assert all(re.fullmatch(f"[0-9]{{{PIN_DIGITS}}}", pin) for pin in made)


# -- the host --------------------------------------------------------------------------------------------------------


def test_the_hosts_page_is_for_whoever_has_its_key(closed):
    with inside(closed) as pupil, outside(closed) as host:
        for key in ("", "x", "é"):
            assert pupil.get("/host", params={"key": key}).status_code == 403
            assert pupil.post("/host", data={"visitor": "x", "do": "end"}).status_code == 403
        assert host.get("/host", params={"key": closed.studio.host_key}).status_code == 303
        assert host.get("/host").status_code == 200


def buttons(page):
    found = re.findall(r'name="visitor" value="(\w*)">\s*<input type="hidden" name="run" value="(\w*)">', page)
    return [pair for pair in found if pair[1]], [pair for pair in found if not pair[1]]


def test_the_host_sees_who_is_here_pauses_a_run_and_sends_away(closed):
    with inside(closed) as pupil, inside(closed) as other, outside(closed) as host:
        run = begin(pupil, name="<i>mine</i>", hidden=[16], n_training=60_000, epochs=500)
        do(pupil, run, "start")
        other.get("/api/networks")
        host.get("/host", params={"key": closed.studio.host_key})
        page = host.get("/host").text
        assert PIN in page
        assert "http://192.0.2.7:8000/" in page
        assert "<i>mine" not in page
        assert html.escape("<i>mine</i>") in page
        assert "12,730 parameters" in page
        pauses, ends = buttons(page)
        assert len(ends) == 2
        ((visitor, name),) = pauses
        assert name == run
        host.post("/host", data={"visitor": visitor, "run": run, "do": "pause"})
        wait_for(lambda: pupil.get(f"/api/runs/{run}").json()["run"]["state"] == "paused")
        host.post("/host", data={"visitor": visitor, "do": "end"})
        assert pupil.get("/api/runs").status_code == 401, "they would have to come through the door again"
        assert other.get("/api/runs").status_code == 200
        pupil.post("/door", data={"pin": PIN})
        assert pupil.get("/api/runs").json() == [], "as somebody else"
        host.post("/host", data={"visitor": "nobody", "run": "x", "do": "pause"})


# -- how it is told --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["http://192.0.2.7:8000/door?pin=042137", "https://[2001:db8::7]:8000/", "x"])
def test_the_square_code_in_the_terminal_is_segnos(text):
    upper = {sign: not above for (above, _), sign in HALVES.items()}
    lower = {sign: not below for (_, below), sign in HALVES.items()}
    rows = []
    for line in square_code(text).splitlines():
        rows += [[upper[sign] for sign in line], [lower[sign] for sign in line]]
    wanted = [[not dark for dark in row] for row in segno.make(text, error="l").matrix_iter(border=2)]
    assert rows[: len(wanted)] == wanted


def told(run_glassnet, *options):
    command = ("studio", "--no-browser", "--port", "0", "--folder", "runs", *options)
    process = run_glassnet.start(*command, **INTERRUPTIBLE)
    lines = [process.stdout.readline().decode()]
    assert "The studio is at" in lines[0], process.stderr.read()
    if "0.0.0.0" in options and "--no-pin" not in options:
        while len(lines) < 5 or lines[-1] != lines[3]:  # the code's light rim
            lines.append(process.stdout.readline().decode())
    return process, lines, re.search(r"http\S+", lines[0])[0]


def test_a_class_gets_a_pin_an_address_and_a_code(run_glassnet):
    process, lines, address = told(run_glassnet, "--host", "0.0.0.0")
    try:
        (line,) = [line for line in lines if line.startswith("Others come in at ")]
        pin = re.search(r"PIN (\d{6})$", line.strip())[1]
        others = re.search(r"http\S+", line)[0]
        code = "".join(line for line in lines if set(line.strip("\n")) <= set("".join(HALVES.values())))
        assert code.strip("\n") == square_code(f"{others}door?pin={pin}")
        assert httpx.get(f"{address}api/welcome").status_code == 401
        assert httpx.get(f"{address}door", params={"pin": pin}).status_code == 303
        (line,) = [line for line in lines if line.startswith("Who is here: ")]
        assert httpx.get(line.split()[-1]).status_code == 303
    finally:
        stopped(process)


@pytest.mark.parametrize(
    ("options", "pin"),
    [(["--host", "0.0.0.0", "--no-pin"], None), ([], None), (["--pin", "open sesame"], "open sesame")],
)
def test_a_pin_may_be_chosen_or_left_out(run_glassnet, options, pin):
    process, _, address = told(run_glassnet, *options)
    try:
        assert httpx.get(f"{address}api/welcome").status_code == (401 if pin else 200)
        if pin:
            assert httpx.get(f"{address}door", params={"pin": pin}).status_code == 303
    finally:
        stopped(process)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--pin", "1", "--no-pin"], "does not go together with --no-pin"),
        (["--pin", " "], "--pin takes 1 to 40 characters"),
        (["--certificate", "c.pem"], "--certificate and --key go together"),
        (["--key", "c.pem"], "--certificate and --key go together"),
        (["--certificate", "c.pem", "--key", "k.pem"], "there is no file c.pem"),
        (["--certificate", "junk", "--key", "junk"], "junk and junk are no certificate and its key"),
    ],
)
def test_doors_that_are_not_possible(run_glassnet, options, sentence):
    (run_glassnet.folder / "junk").write_text("junk", encoding="ascii")
    result = run_glassnet("studio", "--no-browser", "--port", "0", "--folder", "runs", *options)
    assert result.returncode == 2
    assert sentence in result.stderr.decode()
    assert result.stderr.count(b"\n") <= 3


# -- TLS, and a proxy ------------------------------------------------------------------------------------------------


def test_by_tls(run_glassnet):
    authority = trustme.CA()
    certificate = authority.issue_cert("127.0.0.1")
    certificate.cert_chain_pems[0].write_to_path(str(run_glassnet.folder / "c.pem"))
    certificate.private_key_pem.write_to_path(str(run_glassnet.folder / "k.pem"))
    process, _, address = told(run_glassnet, "--pin", PIN, "--certificate", "c.pem", "--key", "k.pem")
    try:
        assert address.startswith("https://127.0.0.1:")
        trusting = ssl.create_default_context()
        authority.configure_trust(trusting)
        with httpx.Client(base_url=address, verify=trusting, headers={"origin": address.rstrip("/")}) as pupil:
            answer = pupil.post("/door", data={"pin": PIN})
            assert answer.status_code == 303
            assert "secure" in answer.headers["set-cookie"].lower()
            assert pupil.get("/api/networks").status_code == 200
    finally:
        stopped(process)


@pytest.mark.parametrize(("proxy", "is_believed"), [("127.0.0.1", True), ("", False), ("192.0.2.1", False)])
def test_a_proxy_is_believed_who_asks(tmp_path, monkeypatch, proxy, is_believed):
    plain = studio_server_module.configured
    monkeypatch.setattr("studio_server.configured", lambda app: plain(app, Secrecy(proxy=proxy)))
    with running(tmp_path, pin=PIN) as served, outside(served) as through:
        for n in range(12):
            through.post("/door", data={"pin": "1"}, headers={"x-forwarded-for": f"192.0.2.{n + 20}"})
        answer = through.get("/door", params={"pin": PIN}, headers={"x-forwarded-for": "192.0.2.9"})
        assert (answer.status_code == 303) == is_believed
        answer = through.post(
            "/door",
            data={"pin": PIN},
            headers={
                "x-forwarded-for": "192.0.2.9",
                "x-forwarded-proto": "https",
                "origin": f"https://127.0.0.1:{served.port}",
            },
        )
        assert answer.status_code == (303 if is_believed else 403)
        if is_believed:
            assert "secure" in answer.headers["set-cookie"].lower()
            assert COOKIE in answer.headers["set-cookie"]
