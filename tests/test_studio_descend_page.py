"""The landscape in a real Chromium: every number on it held against what the library computes."""

import math
import re

import numpy as np
import pytest
from playwright.sync_api import expect

import glassnet
from glassnet import landscape
from glassnet.model_file import Model, model_bytes
from glassnet.nudges import Parameter, nudge_effect, parameter_at, ranked_gradient
from glassnet.nudges.effects import mean_cost
from glassnet.studio.descend import routes
from glassnet.studio.shown.sample import AskedSample, sample_of
from studio_page import as_shown, assert_nothing_hinders, assert_shown, numbers_on, saved
from studio_server import wait_for

N, SEED = 150, 2
PLACE = f"digits={N}&seed={SEED}"
STEPS, RATE = 6, 0.3
GROUND = f"plane=descent_r{RATE}_s{STEPS}"
SIZES = [0, 100, 10, 1]


@pytest.fixture(scope="module")
def network():
    """A network that was never trained, its weights small enough that no unit is saturated."""
    drawn = glassnet.Network.random((784, 8, 7, 10), rng=np.random.default_rng(7), start="standard-normal")
    return drawn.with_parameters(tuple((0.3 * w).astype(np.float32) for w in drawn.weights), drawn.biases)


@pytest.fixture(scope="module")
def sample(digits):
    return sample_of(digits, AskedSample(n=N, seed=SEED))


@pytest.fixture
def look(visit, network):
    """Begin a visit that has loaded the network, and go to the landscape of it."""

    def begin(more="", **options):
        one = visit("#/learn", **options)
        one.page.get_by_role("region", name="Runs").or_(one.page.locator("main aside")).first.wait_for()
        answer = one.page.request.post("/api/runs/load", data=model_bytes(Model(network)))
        assert answer.ok, answer.text()
        one.run = answer.json()["id"]
        one.page.goto(f"/#/descend?network=run:{one.run}&{PLACE}{more}")
        one.page.reload()
        one.page.locator('[data-q="gradient.length"]').wait_for()
        return one

    return begin


def compute(page):
    page.get_by_role("button", name="Compute this landscape").click()
    page.get_by_role("button", name="Throw away").wait_for()


def ways_of(network, sample):
    return [
        list(
            landscape.descent_path(
                network,
                sample.inputs,
                sample.wanted,
                learning_rate=RATE,
                mini_batch_size=size or None,
                n_steps=STEPS,
                rng=np.random.default_rng([SEED, size]),
            )
        )
        for size in SIZES
    ]


def test_every_number_of_the_ground_is_the_librarys(look, network, sample):
    one = look(f"&{GROUND}")
    compute(one.page)
    start = network.astype(np.float64)
    ways = ways_of(start, sample)
    panel = one.page.get_by_role("region", name=re.compile("^Two directions"))
    panel.get_by_role("button", name="‹ Step back").click()
    k = STEPS - 1
    expect(panel.locator(f'[data-q="descents.0.cost.{k}"]')).to_be_visible()
    shown = dict(numbers_on(panel))
    plane = landscape.principal_directions([*(step.network for way in ways for step in way[1:]), start])
    for i, way in enumerate(ways):
        step = way[k]
        angles = [math.degrees(math.acos(min(1.0, s.cosine))) for s in way[1:]]
        assert_shown(shown.pop(f"descents.{i}.cost.{k}"), step.cost)
        assert shown.pop(f"descents.{i}.n_examples.{k}") == f"{step.n_examples:,}"
        assert_shown(shown.pop(f"descents.{i}.length.{k}"), step.length)
        assert_shown(shown.pop(f"descents.{i}.angle.{k}"), angles[k - 1])
        assert_shown(shown.pop(f"descents.{i}.mean_angle"), float(np.mean(angles)))
        assert_shown(shown.pop(f"descents.{i}.mean_cosine"), float(np.mean([s.cosine for s in way[1:]])))
        assert float(shown.pop(f"descents.{i}.seconds.{k}")) >= 0, "measured; only its being there can be held"
        x, y = landscape.place_on(plane, start, way[-1].network)
        assert_shown(shown.pop(f"places.{i}.x"), x)
        assert_shown(shown.pop(f"places.{i}.y"), y)
    assert_shown(shown.pop("surface.cost"), mean_cost(start, sample.inputs, sample.wanted))
    assert_shown(shown.pop("said.mean_cosine"), float(np.mean([s.cosine for s in ways[1][1:]])))
    told = one.page.evaluate(
        """body => fetch("api/descend/surfaces?only_find=true", {method: "POST", body: JSON.stringify(body),
            headers: {"content-type": "application/json"}}).then(answer => answer.json())""",
        {
            "chosen": {"network": f"run:{one.run}", "changes": []},
            "sample": {"n": N, "seed": SEED},
            "learning_rate": RATE,
            "n_steps": STEPS,
        },
    )
    xs, ys = np.array(told["plane"]["xs"]), np.array(told["plane"]["ys"])
    rows = landscape.cost_surface(start, sample.inputs, sample.wanted, plane, (xs, ys))
    costs = np.stack([row.costs for row in rows])
    assert costs.shape == (41, 41)
    for name, extreme in (("lowest", np.argmin), ("highest", np.argmax)):
        j, i = np.unravel_index(extreme(costs), costs.shape)
        assert_shown(shown.pop(f"{name}.cost"), costs[j, i])
        assert_shown(shown.pop(f"{name}.x"), xs[i])
        assert_shown(shown.pop(f"{name}.y"), ys[j])
    assert shown == {}, "everything that is named is held"


def test_the_paths_lie_where_they_should(look, network, sample):
    one = look(f"&{GROUND}")
    compute(one.page)
    start = network.astype(np.float64)
    ways = ways_of(start, sample)
    plane = landscape.principal_directions([*(step.network for way in ways for step in way[1:]), start])
    drawn = dict(
        one.page.locator("[data-path]").evaluate_all("all => all.map(x => [x.dataset.path, x.getAttribute('d')])")
    )
    corners = {
        name: np.array([[float(n) for n in pair.split()] for pair in d.lstrip("M").split("L")])
        for name, d in drawn.items()
    }
    assert list(drawn)[::-1] == ["full gradient", *(f"mini-batches of {size}" for size in SIZES[1:])]
    places = {
        name: np.array([landscape.place_on(plane, start, step.network) for step in way])
        for name, way in zip(list(drawn)[::-1], ways, strict=True)
    }
    # one scale for both directions, y upwards
    far = max(places, key=lambda name: np.ptp(places[name][:, 0]))
    scale = np.ptp(corners[far][:, 0]) / np.ptp(places[far][:, 0])
    for name, where in places.items():
        moved = corners[name] - corners[name][0]
        np.testing.assert_allclose(moved, scale * where * [1, -1], atol=0.35)
    styles = one.page.locator("[data-path]").evaluate_all(
        "all => all.map(x => getComputedStyle(x).stroke + getComputedStyle(x).strokeDasharray)"
    )
    assert len(set(styles)) == len(SIZES), "told apart by colour and dashes"
    relief = one.page.locator("canvas").first
    before = relief.evaluate("canvas => canvas.toDataURL()")
    assert before.count("A") < len(before) * 0.9
    one.page.get_by_role("slider", name="Turn").focus()
    one.page.keyboard.press("ArrowRight")
    wait_for(lambda: relief.evaluate("canvas => canvas.toDataURL()") != before)


def test_every_number_of_a_slice_is_the_librarys(look, network, sample):
    one = look("&weight=w2.3.2&along=weight_-1.5_0.5_2_r3&rate=4&steps=5")
    panel = one.page.get_by_role("region", name=re.compile("^One direction"))
    start = network.astype(np.float64)
    parameter = Parameter(2, 3, 2)
    problem = (start, sample.inputs, sample.wanted, landscape.along(parameter, start))
    ways = [list(landscape.descent_along(*problem, start=at, learning_rate=4.0, n_steps=5)) for at in (-1.5, 0.5, 2.0)]
    here = landscape.cost_slice(*problem, np.zeros(1))
    panel.get_by_role("button", name="To the starts").click()
    for k in (0, 1, 2):
        shown = dict(numbers_on(panel))
        for i, way in enumerate(ways):
            for name in ("distance", "cost", "slope"):
                assert_shown(shown.pop(f"ways.{i}.{name}.{k}"), getattr(way[k], name))
        assert_shown(shown.pop("slice.cost"), here.costs[0])
        assert_shown(shown.pop("slice.slope"), here.slopes[0])
        assert_shown(shown.pop("parameter.value"), parameter.of(start))
        assert shown == {}
        panel.get_by_role("button", name="Step ›").click()
    expect(panel.get_by_text("after step 3 of 5")).to_be_visible()


def test_a_start_is_chosen_by_a_click_and_by_a_field(look):
    one = look("&weight=w2.3.2&along=weight_-1.5_0.5_2_r3")
    panel = one.page.get_by_role("region", name=re.compile("^One direction"))
    field = panel.get_by_role("spinbutton", name="Start of way B")
    field.fill("-0.25")
    field.press("Enter")
    expect(panel.locator('[data-q="ways.1.distance.12"]')).to_be_visible()
    one.page.wait_for_url(re.compile("_-0.25_"))
    panel.get_by_role("button", name="C", exact=True).click()
    box = panel.get_by_role("img", name=re.compile("^The cost along")).bounding_box()
    one.page.mouse.click(box["x"] + 58 + 0.25 * (box["width"] - 72), box["y"] + 100)
    one.page.wait_for_url(re.compile(r"_-1\.[45]\d*_r3"))
    one.page.reload()
    expect(panel.get_by_role("spinbutton", name="Start of way C")).to_have_value(re.compile(r"-1\.[45]"))


def test_the_gradient_is_the_librarys_and_its_arrows_are_in_proportion(look, network, sample):
    one = look()
    panel = one.page.get_by_role("region", name=re.compile("^The gradient"))
    start = network.astype(np.float64)
    gradients = glassnet.backprop(start, glassnet.feedforward(start, sample.inputs), sample.wanted)
    ranked = ranked_gradient(gradients)
    for first in (0, 12):
        expect(panel.get_by_text(f"{first + 1} to {first + 12} of {start.n_parameters:,}")).to_be_visible()
        shown = dict(numbers_on(panel))
        assert_shown(shown.pop("gradient.length"), ranked.length)
        assert_shown(shown.pop("gradient.largest"), abs(ranked.slopes[0]))
        widths = dict(
            panel.locator("[data-arrow]").evaluate_all(
                "all => all.map(x => [x.dataset.arrow, [x.getBoundingClientRect().width,"
                " x.parentElement.getBoundingClientRect().width, x.classList.contains('down')]])"
            )
        )
        for place in range(first, first + 12):
            name = parameter_at(start, int(ranked.order[place])).name
            slope = ranked.slopes[place]
            assert_shown(shown.pop(f"slope.{name}"), slope)
            width, room, is_down = widths[name]
            assert width == pytest.approx(room / 2 * abs(slope / ranked.slopes[0]), abs=0.1)
            assert is_down == (slope > 0)
        assert shown == {}
        panel.get_by_role("button", name="The smaller ones after").click()
    panel.get_by_label("Find").fill("weights[0][3, 400]")
    panel.get_by_label("Find").press("Enter")
    found = panel.locator("tr.found")
    expect(found).to_contain_text("pixel row 15, column 9 to neuron 3")
    expect(found).to_contain_text(as_shown(gradients.weights[0][3, 400], 6).lstrip("+"))
    panel.get_by_label("Layer").select_option("3")
    panel.get_by_label("Find").fill("")
    panel.get_by_label("Find").press("Enter")
    expect(panel.get_by_text("of 80")).to_be_visible()


def test_two_nudges_are_the_librarys(look, network, sample):
    one = look("&weight=w2.3.2&other=b1.1")
    panel = one.page.get_by_role("region", name="Nudge two by the same amount")
    start = network.astype(np.float64)
    for amount, button in ((0.1, None), (1.0, "+1"), (-1.0, "the other way")):
        if button:
            panel.get_by_role("button", name=button, exact=True).click()
        effects = [
            nudge_effect(start, sample.inputs, sample.wanted, parameter, amount)
            for parameter in (Parameter(2, 3, 2), Parameter(1, 1))
        ]
        text = as_shown(effects[0].cost_after, 7)
        expect(panel.locator('[data-q="nudges.0.cost_after"]')).to_have_text(text)
        shown = dict(numbers_on(panel))
        for i, effect in enumerate(effects):
            for name in ("slope", "predicted", "actual", "cost_before", "cost_after"):
                assert_shown(shown.pop(f"nudges.{i}.{name}"), getattr(effect, name))
        assert_shown(shown.pop("nudges.ratio"), abs(effects[0].slope / effects[1].slope))
        assert shown == {}
    panel.get_by_role("button", name="in Nudge: open weights[1][3, 2]").click()
    one.page.wait_for_url(re.compile("#/nudge.*weight=w2.3.2"))


def test_a_surface_grows_can_be_stopped_and_is_found_after_a_reload(visit, monkeypatch):
    monkeypatch.setattr(routes, "NEWS_SECONDS", 0.0)  # it grows in many small parts, however fast the machine
    one = visit("#/descend?digits=4000&plane=descent_s150_b0-100")
    page = one.page
    button = page.get_by_role("button", name="Compute this landscape")
    button.click()
    bar = page.get_by_role("progressbar", name="The landscape")
    wait_for(lambda: int(bar.get_attribute("aria-valuenow")) > 5)
    page.reload()
    bar.wait_for()
    before = int(bar.get_attribute("aria-valuenow"))
    wait_for(lambda: int(bar.get_attribute("aria-valuenow")) > before)
    page.get_by_role("button", name="Stop", exact=True).click()
    expect(page.get_by_text("Stopped; what there is stays.")).to_be_visible()
    expect(bar).to_have_count(0)
    expect(page.get_by_role("button", name="Compute again")).to_be_visible()
    page.goto(f"/#/descend?{PLACE}")
    rows = page.locator("svg[data-rows]")
    page.evaluate(
        """() => { window.seen = new Set(); new MutationObserver(() => window.seen.add(
            document.querySelector("svg[data-rows]")?.dataset.rows)).observe(document.body,
            {subtree: true, childList: true, attributes: true}); }"""
    )
    button.click()
    expect(rows).to_have_attribute("data-rows", "41")
    assert len(page.evaluate("[...window.seen]")) > 2, "it grows"
    page.reload()
    expect(rows).to_have_attribute("data-rows", "41")


def test_it_works_with_the_keyboard_alone(look):
    one = look(f"&{GROUND}")
    page = one.page
    page.get_by_role("button", name="Compute this landscape").focus()
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Throw away").wait_for()
    page.get_by_role("slider", name="Step of the descents").focus()
    page.keyboard.press("Home")
    page.keyboard.press("ArrowRight")
    expect(page.locator('[data-q="descents.0.cost.1"]')).to_be_visible()
    expect(page.locator('[data-q="descents.0.cost.6"]')).to_have_count(0)
    for _ in range(3):
        page.keyboard.press("Tab")
    page.get_by_role("button", name="a random start").focus()
    page.keyboard.press("Space")
    page.wait_for_url(re.compile("_u(&|$)"))
    page.get_by_label("Find").focus()
    page.keyboard.type("b3.7")
    page.keyboard.press("Enter")
    expect(page.locator("tr.found")).to_contain_text("bias of output 7")
    first = page.locator("tr.found").get_by_role("button", name="1st: nudge")
    first.focus()
    page.keyboard.press("Enter")
    page.wait_for_url(re.compile("weight=b3.7"))
    reached = set()
    page.get_by_role("button", name="plane of the descents").focus()
    for _ in range(60):
        page.keyboard.press("Tab")
        reached.add(page.evaluate("document.activeElement.ariaLabel ?? document.activeElement.textContent.trim()"))
    assert {"▶ Play", "Play the ways"} & reached


def test_nothing_moves_for_whoever_wants_no_motion(look):
    one = look(f"&{GROUND}", reduced_motion="reduce")
    compute(one.page)
    one.page.get_by_role("slider", name="Step of the descents").focus()
    one.page.keyboard.press("Home")
    one.page.evaluate("window.setInterval = () => 0")  # whoever would move step by step does not move now
    one.page.get_by_role("button", name="Play the descents").click()
    expect(one.page.locator(f'[data-q="descents.0.cost.{STEPS}"]')).to_be_visible()


def test_pictures_and_tables_are_saved(look, tmp_path, network, sample):
    from PIL import Image

    one = look(f"&{GROUND}")
    compute(one.page)
    page = one.page
    drawing = saved(page, page.get_by_role("button", name="Save SVG").first, tmp_path).read_text(encoding="utf-8")
    assert drawing.count("<path") > 30
    with Image.open(saved(page, page.get_by_role("button", name="Save relief as PNG"), tmp_path)) as picture:
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 100
    panel = page.get_by_role("region", name=re.compile("^Two directions"))
    panel.get_by_text("Numbers", exact=True).first.click()
    table = (
        saved(page, panel.get_by_role("button", name="Save as CSV"), tmp_path).read_text(encoding="utf-8").splitlines()
    )
    assert len(table) == 1 + len(SIZES) * (STEPS + 1)
    costs = [float(line.split(",")[4]) for line in table[1 : STEPS + 2]]
    assert costs == pytest.approx([step.cost for step in ways_of(network.astype(np.float64), sample)[0]], rel=2e-8)


def test_a_moment_of_a_run_is_a_start(look):
    one = look()
    one.page.get_by_role("combobox", name="as it was").select_option(index=1)
    one.page.wait_for_url(re.compile(r"network=run:\w{8}@0"))
    one.page.locator('[data-q="gradient.length"]').wait_for()


def test_nothing_hinders(look):
    one = look(f"&{GROUND}&weight=w2.3.2&other=b1.1")
    compute(one.page)
    one.page.locator('[data-q="nudges.ratio"]').wait_for()
    assert_nothing_hinders(one)


def test_the_words_tell_what_is_seen(look):
    one = look(f"&{GROUND}")
    compute(one.page)
    words = one.page.locator("svg[data-rows]").get_attribute("aria-label")
    shown = dict(numbers_on(one.page.locator("main")))
    assert f"Lowest {float(shown['lowest.cost']):.4f}"[:-1] in words
    for name in ("full gradient", "mini-batches of 1:"):
        assert name in words
    assert not re.search(r"(?<!\w)-[\d.]", words), "a minus is as long as a plus"
