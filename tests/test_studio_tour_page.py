"""The guided way in a real Chromium: every stop answers with the numbers of the network in hand."""

import re

import numpy as np
import pytest
from playwright.sync_api import expect

import glassnet
from glassnet import nudges
from glassnet.evaluation import accuracy
from glassnet.features import most_exciting_digits
from glassnet.nudges import Parameter
from glassnet.reading import shipped_model
from studio_page import (
    SEVEN,
    assert_nothing_hinders,
    assert_shown,
    in_address,
    load_network,
    paper,
    settled,
    stroke_with_mouse,
)

N_STOPS = 13


def way(page):
    return page.get_by_role("complementary", name=re.compile("The way through"))


def answer_of(page):
    """Return what a stop's numbers answer, once they do."""
    answer = way(page).locator(".answer")
    expect(answer).not_to_have_text("…")
    return answer.inner_text()


def next_stop(page, title):
    way(page).get_by_role("button", name="Next").click()
    expect(way(page).get_by_role("heading")).to_have_text(title)


def assert_says(answer, pattern, *values):
    """Fail unless an answer's numbers are these."""
    found = re.search(pattern, answer)
    assert found, (pattern, answer)
    for text, value in zip(found.groups(), values, strict=True):
        assert_shown(text, value)


def test_the_way_is_gone_to_its_end_and_what_it_says_is_so(visit, digits):
    one = visit("#/draw")
    one.page.get_by_role("button", name="A way through").click()
    network = shipped_model("videos").network.astype(np.float64)
    inputs = glassnet.as_inputs(digits.test_images[[0, 33]], dtype=np.float64)
    trace = glassnet.feedforward(network, inputs)
    outputs = np.sort(trace.outputs[0])[::-1]
    number = r"([−+]?\d+\.\d+)"
    assert_says(answer_of(one.page), rf"output 7 is the largest, {number}.* {number}\.", *outputs[:2])

    next_stop(one.page, "One neuron's sum")
    brightest = int(trace.activations[1][0].argmax())
    in_address(one.page, rf"neuron=1\.{brightest}\b")
    z, bias = trace.zs[0][0, brightest], network.biases[0][brightest]
    assert_says(answer_of(one.page), rf"{number} [−+] {number} = {number}", z - bias, abs(bias), z)
    next_stop(one.page, "What does it look for?")
    likes = most_exciting_digits(network, digits.test_images, 1, brightest, 12)
    kinds = sorted(set(digits.test_labels[likes.indices].tolist()))
    assert len(kinds) > 1
    assert ", ".join(map(str, kinds)) in answer_of(one.page)

    next_stop(one.page, "It does not know that it does not know")
    expect(way(one.page).locator(".answer")).to_contain_text("taught what is no digit, says “not a digit”")
    next_stop(one.page, "How wrong is it?")
    aim = glassnet.one_hot(np.array([4]), dtype=np.float64)
    one_trace = glassnet.feedforward(network, inputs[1:])
    wishes = nudges.output_wishes(network, one_trace, aim)
    in_address(one.page, r"example=test\.33\b")
    assert_says(
        answer_of(one.page),
        rf"This 4 is taken for 5.*cost is {number}, .*output 4 is {number}",
        wishes.cost,
        wishes.costs[4],
    )

    next_stop(one.page, "Downhill")
    assert_says(answer_of(one.page), r"over (\d+,?\d*) digits", 1000)
    next_stop(one.page, "Ten wishes")
    assert_says(answer_of(one.page), rf"output 4, \+?{number}: it is {number}", wishes.wishes[4], wishes.outputs[4])
    next_stop(one.page, "Three ways to raise an output")
    avenues = nudges.avenues(network, one_trace, aim, 3, 4)
    assert_says(answer_of(one.page), rf"Cheapest here.*?{number}", avenues.fall_per_length[avenues.cheapest])
    next_stop(one.page, "One layer back")
    table = nudges.layer_wishes(network, one_trace, aim, 2)
    most = int(np.abs(table.wishes).argmax())
    assert_says(answer_of(one.page), rf"hidden layer 2, neuron {most}: {number}", table.wishes[most])
    one.page.get_by_role("table", name="wishes of outputs for hidden layer 2").get_by_role("button").nth(3).click()
    expect(way(one.page).locator(".answer")).to_contain_text("Of hidden layer 2, neuron 3 is wished")
    assert_says(answer_of(one.page), rf"neuron 3 is wished: {number}", table.wishes[3])
    next_stop(one.page, "Everybody is asked")
    found = re.search(rf"average is {number}, the gradient {number}", answer_of(one.page))
    assert found[1].lstrip("+−") == found[2].lstrip("+−")
    assert found[1][0] != found[2][0]
    next_stop(one.page, "Why would this weight change?")
    place = map(int, in_address(one.page, r"weight=w(\d+)\.(\d+)\.(\d+)").groups())
    rule = nudges.chain_rule(network, inputs[1:], aim, Parameter(*place))
    slopes = glassnet.backprop(network, one_trace, aim).weights[0]
    assert abs(rule.product) == pytest.approx(np.abs(slopes).max())
    assert_says(answer_of(one.page), rf"= {number}; measured, {number}", rule.product, rule.product)
    next_stop(one.page, "Take the step, and pay for it")
    lesson = nudges.teach(network, inputs[1:], aim, learning_rate=1.0, n_steps=1)
    right = 100 * accuracy(lesson.network, digits.test_images, digits.test_labels)
    assert_says(answer_of(one.page), rf"to {number}; .* to {number} %", lesson.costs[-1], right)
    next_stop(one.page, "And again, 18,000 times")
    assert answer_of(one.page) == "You have not trained one yet."
    one.page.get_by_role("button", name="Train the videos' network from nothing").click()
    expect(way(one.page).locator(".answer")).to_contain_text("has taken 18,000 steps")
    way(one.page).get_by_role("button", name="Finish").click()
    expect(one.page.get_by_role("button", name="A way through")).to_be_visible()


def test_the_way_goes_with_a_drawing_of_ones_own(visit):
    one = visit("#/draw")
    paper(one.page).wait_for()
    stroke_with_mouse(one.page, SEVEN)
    settled(one)
    one.page.get_by_role("button", name="A way through").click()
    first = answer_of(one.page)
    assert "largest" in first
    next_stop(one.page, "One neuron's sum")
    assert "makes" in answer_of(one.page)
    told = one.newest("/api/neuron")
    assert_says(answer_of(one.page), r"makes ([−+]?\d+\.\d+) of it", told["activation"])


def test_what_a_network_does_not_bear_out_is_not_said(visit, rng):
    one = visit("#/learn")
    network = glassnet.Network.random((784, 10), rng=rng)
    name = load_network(one, network)
    one.page.goto(f"/#/nudge?network={name}&example=test.0&wanted=7&stop=backwards")
    answer = answer_of(one.page)
    assert answer.startswith("Not so here:")
    assert "no layer between" in answer


def test_the_way_is_left_and_taken_up_again_and_linked(visit):
    one = visit("#/nudge?example=test.33&neuron=3.4&stop=three-ways")
    before = answer_of(one.page)
    one.page.reload()
    assert answer_of(one.page) == before
    way(one.page).get_by_role("button", name="Leave the way").click()
    expect(way(one.page)).to_have_count(0)
    one.page.get_by_role("link", name="Judge").click()
    one.page.get_by_role("button", name="Go on with the way").focus()
    one.page.keyboard.press("Enter")
    expect(way(one.page).get_by_role("heading")).to_have_text("Three ways to raise an output")
    assert answer_of(one.page) == before


def test_nothing_hinders_anybody_on_the_way(visit):
    one = visit("#/nudge?example=test.33&stop=wishes")
    answer_of(one.page)
    one.page.get_by_role("heading", name="Take the step, or teach it").wait_for()
    assert_nothing_hinders(one)
