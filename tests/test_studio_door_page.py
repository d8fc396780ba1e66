"""The door and the host's page in a browser, which sends forms in its own way."""

import httpx
import pytest
from playwright.sync_api import expect

from studio_page import assert_nothing_hinders
from studio_server import begin, do, running
from waiting import wait_for

PIN = "042137"


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    with running(tmp_path_factory.mktemp("runs"), pin=PIN) as served:
        served.studio.address = f"{served.address}/"
        yield served


def test_a_pupil_types_the_pin_and_is_in(visit):
    one = visit()
    one.page.get_by_label("The PIN of this class").fill("1")
    one.page.get_by_role("button", name="Come in").click()
    expect(one.page.get_by_role("alert")).to_have_text("That is not the PIN.")
    one.page.get_by_label("The PIN of this class").fill(PIN)
    one.page.keyboard.press("Enter")
    expect(one.page.locator("[data-neuron]").first).to_be_visible()


def test_by_the_square_codes_address(visit, server):
    one = visit()
    one.page.goto(f"{server.address}/door?pin={PIN}")
    expect(one.page.locator("[data-neuron]").first).to_be_visible()


def test_nothing_hinders_at_the_door(visit):
    assert_nothing_hinders(visit())


def test_the_host_pauses_and_sends_away(visit, server):
    with httpx.Client(base_url=server.address, timeout=60) as pupil:
        pupil.get("/door", params={"pin": PIN})
        run = begin(pupil, hidden=[16], n_training=60_000, epochs=500)
        do(pupil, run, "start")
        wait_for(lambda: pupil.get(f"/api/runs/{run}").json()["run"]["moment"] > 0)
        one = visit()
        one.page.goto(f"{server.address}/host?key={server.studio.host_key}")
        row = one.page.get_by_role("row").filter(has_text="running")
        row.get_by_role("button", name="pause").click()
        wait_for(lambda: pupil.get(f"/api/runs/{run}").json()["run"]["state"] == "paused")
        one.page.get_by_role("link", name="Look again").click()
        expect(one.page.get_by_text(PIN)).to_be_visible()
        row = one.page.get_by_role("row").filter(has_text="paused")
        row.get_by_role("button", name="send away").click()
        wait_for(lambda: pupil.get("/api/runs").status_code == 401)
        assert_nothing_hinders(one)
