"""``/healthz`` and the studio's end when it is terminated: what a container asks of it."""

import contextlib
import json
import signal
import sys
import time
from importlib.metadata import version

import httpx
import pytest

from studio_server import begin, do, wait_for

ALIVE = {"status": "ok", "version": version("glassnet")}


def test_it_says_that_it_is_there_to_whoever_asks(server):
    before = set(server.studio.visitors.here)
    folders = set(server.studio.visitors.folder.iterdir())
    answer = httpx.get(f"{server.address}/healthz")
    assert (answer.status_code, answer.json()) == (200, ALIVE)
    assert answer.headers["cache-control"] == "no-store"
    assert "set-cookie" not in answer.headers
    assert set(server.studio.visitors.here) == before, "a health check is no visitor"
    assert set(server.studio.visitors.folder.iterdir()) == folders


@pytest.mark.parametrize(
    ("host", "status"), [("127.0.0.1", 200), ("localhost:8000", 200), ("[::1]:80", 200), ("evil.example", 421)]
)
def test_it_answers_to_the_names_a_health_check_uses(server, host, status):
    assert httpx.get(f"{server.address}/healthz", headers={"host": host}).status_code == status


def test_a_flood_of_one_visitor_does_not_make_it_look_ill(server, monkeypatch):
    monkeypatch.setattr(server.studio.buckets, "per_second", 2.0)
    monkeypatch.setattr(server.studio.buckets, "at_once", 30.0)
    with server.client() as visitor:
        wait_for(lambda: visitor.get("/api/nothing").status_code == 429)
        assert httpx.get(f"{server.address}/healthz").status_code == 200


def test_it_is_described_as_all_else_is(server):
    told = httpx.get(f"{server.address}/api/openapi.json").json()
    about = told["paths"]["/healthz"]["get"]
    assert "no cookie" in about["description"]
    schema = about["responses"]["200"]["content"]["application/json"]["schema"]
    assert schema == {"$ref": "#/components/schemas/Alive"}
    assert set(told["components"]["schemas"]["Alive"]["required"]) == set(ALIVE)


def is_well(visitor):
    """Whether a studio answers; its address is told a moment before it listens."""
    try:
        return visitor.get("/healthz").is_success
    except httpx.TransportError:
        return False


@contextlib.contextmanager
def visited(process, **options):
    """Give a studio's process and a visitor; whatever happens, it is gone at the end."""
    try:
        base = json.loads(process.stdout.readline())["address"]
        with httpx.Client(base_url=base, timeout=60, **options) as visitor:
            wait_for(lambda: is_well(visitor))
            yield process, visitor
    finally:
        process.kill()
        process.communicate()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no SIGTERM: what terminates there asks nobody")
def test_a_terminated_studio_keeps_its_runs_and_is_soon_gone(run_glassnet):
    command = ["studio", "--no-browser", "--json", "--port", "0", "--folder", "runs"]
    with visited(run_glassnet.start(*command)) as (process, visitor):
        run = begin(visitor, epochs=1000)
        do(visitor, run, "start")
        reached = wait_for(lambda: visitor.get(f"/api/runs/{run}").json()["run"]["moment"])
        cookies = dict(visitor.cookies)
        began = time.monotonic()
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=30)
    assert (process.returncode, said.decode()) == (128 + signal.SIGTERM, "")
    assert time.monotonic() - began < 9, "a container is killed after ten seconds"
    with visited(run_glassnet.start(*command), cookies=cookies) as (_, visitor):
        told = visitor.get(f"/api/runs/{run}").json()["run"]
    assert told["moment"] >= reached
    assert told["state"] == "paused"
