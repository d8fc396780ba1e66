"""The share menu in a real Chromium: a link that carries a drawing, and the network as files."""

import re

from playwright.sync_api import expect

import glassnet
from studio_page import SEVEN, assert_nothing_hinders, outputs_of, paper, saved, settled, stroke_with_mouse


def open_menu(one):
    one.page.get_by_role("button", name="Share", exact=True).focus()
    one.page.keyboard.press("Enter")


def test_a_link_shows_another_visitor_what_was_drawn(visit):
    one, other = visit(permissions=["clipboard-read", "clipboard-write"]), visit()
    paper(one.page).wait_for()
    stroke_with_mouse(one.page, SEVEN)
    settled(one)
    open_menu(one)
    one.page.get_by_role("button", name=re.compile("Link")).click()
    expect(one.page.get_by_text("The link is copied.")).to_be_visible()
    link = one.page.evaluate("navigator.clipboard.readText()")
    assert "example=ink." in link
    assert len(link) < 1000
    other.page.goto(link)
    other.page.reload()
    settled(other)
    for network in ("the videos' network", "the reader"):
        assert outputs_of(other.page, network) == outputs_of(one.page, network)


def test_the_network_in_hand_is_taken_away_as_one_page_and_as_a_model(visit, tmp_path):
    one = visit("#/draw?example=test.0")
    paper(one.page).wait_for()
    settled(one)
    open_menu(one)
    page = saved(one.page, one.page.get_by_role("button", name=re.compile("HTML")), tmp_path)
    assert page.suffix == ".html"
    assert 50_000 < page.stat().st_size <= 200_000
    expect(one.page.get_by_text(f"{page.stat().st_size:,} bytes")).to_be_visible()
    model = saved(one.page, one.page.get_by_role("button", name=re.compile("model file")), tmp_path)
    assert glassnet.load_model(model).network.layer_sizes == (784, 16, 16, 10)


def test_the_menu_hinders_nobody(visit):
    one = visit("#/draw?example=test.0", "phone")
    settled(one)
    open_menu(one)
    assert_nothing_hinders(one)
