"""The page in a real Chromium: drawn on, clicked through, and every number on it held against the server's."""

import itertools
import json
import re

import pytest
from playwright.sync_api import expect

from glassnet.reading import Reader
from glassnet.reading.regions import load_form
from studio_page import (
    SEVEN,
    Visit,
    as_shown,
    assert_nothing_hinders,
    in_address,
    outputs_of,
    paper,
    saved,
    settled,
    stroke_with_mouse,
)
from studio_server import wait_for

HOLD_UP_AT_ANSWERS = """() => {
    const ask = window.fetch;
    window.fetch = async (...request) => {
        const answer = await ask(...request);
        await answer.clone().text();
        await new Promise((done) => setTimeout(done, 10));  // its end is told
        for (const end = Date.now() + 600; Date.now() < end; );
        return answer;
    };
}"""


def assert_page_shows(one, told):
    titles = {"videos": "the videos' network", "reader": "the reader"}
    for seen in told["networks"]:
        assert outputs_of(one.page, titles[seen["network"]]) == [as_shown(a, 3) for a in seen["outputs"]]
    in_hand = told["networks"][0]
    names = one.page.locator("[data-neuron]").evaluate_all("all => all.map(g => [g.dataset.neuron, g.ariaLabel])")
    shown = {key: name.rpartition("activation ")[2] for key, name in names if name}
    expected = {
        f"{place}.{neuron}": activation
        for place, layer in enumerate(in_hand["layers"])
        if place
        for neuron, activation in zip(layer["shown"], layer["activations"], strict=True)
    }
    assert set(expected) <= set(shown)
    for key, activation in expected.items():
        digits = len(shown[key].partition(".")[2])
        assert digits >= 2
        assert shown[key] == as_shown(activation, digits)


def test_a_digit_drawn_with_the_mouse(visit):
    one = visit()
    paper(one.page).wait_for()
    stroke_with_mouse(one.page, SEVEN)
    told = settled(one)
    assert_page_shows(one, told)
    answer = one.page.get_by_role("region", name="Answer of the reader")
    assert told["networks"][1]["answer"]["digit"] == 7
    expect(answer.locator(".digit")).to_have_text("7")
    expect(answer).to_contain_text(as_shown(100 * told["networks"][1]["answer"]["confidence"], 1))
    stroke_with_mouse(one.page, [(0.2, 0.5), (0.8, 0.5)])
    assert settled(one) != told
    one.page.get_by_role("button", name="Undo").first.click()
    assert settled(one) == told
    one.page.get_by_role("button", name="Clear").first.click()
    expect(answer).to_contain_text("nothing there")


def test_a_digit_drawn_with_a_finger(visit):
    one = visit(size="phone", has_touch=True, is_mobile=True)
    sheet = paper(one.page)
    sheet.wait_for()
    sheet.scroll_into_view_if_needed()
    box = sheet.bounding_box()
    client = one.context.new_cdp_session(one.page)
    at = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in SEVEN]
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [at[0]]})
    for before, after in itertools.pairwise(at):
        for share in (0.25, 0.5, 0.75, 1):
            point = {key: before[key] + share * (after[key] - before[key]) for key in "xy"}
            client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    told = settled(one)
    assert told["networks"][1]["answer"]["digit"] == 7
    assert_page_shows(one, told)


def test_a_digit_drawn_with_keys(visit):
    one = visit()
    paper(one.page).focus()
    keys = one.page.keyboard
    for _ in range(12):
        keys.press("ArrowUp")
    keys.press("Space")
    for _ in range(24):
        keys.press("ArrowDown")
    keys.press("Space")
    told = settled(one)
    assert told["networks"][1]["answer"]["digit"] == 1
    assert_page_shows(one, told)


def test_a_neurons_sum_stands_on_the_page_as_it_was_told(visit):
    one = visit("#/draw?example=test.8&neuron=1.3")
    panel = one.page.get_by_role("region", name="The chosen neuron")
    panel.wait_for()
    settled(one)
    told = one.newest("/api/neuron")
    rows = panel.get_by_role("table").first.get_by_role("row").all_inner_texts()
    text = "\n".join(rows)
    for term in told["largest"]:
        assert as_shown(term["weight"], 3) in text
        assert as_shown(term["product"], 3).lstrip("−") in text
    for name in ("sum_of_rest", "weighted_sum", "bias", "z", "activation"):
        assert as_shown(told[name], 3).lstrip("−") in text, name
    expect(panel).to_contain_text(as_shown(told["threshold"], 2))
    likes = one.newest("/api/likes")
    for index in likes["indices"][:3]:
        expect(panel.get_by_role("button", name=f"Test digit {index},")).to_be_visible()


def test_a_bias_moved_by_hand_is_undone(visit):
    one = visit("#/draw?example=test.8&neuron=3.6")
    panel = one.page.get_by_role("region", name="The chosen neuron")
    panel.wait_for()
    before = settled(one)["networks"][0]["outputs"]
    field = panel.get_by_role("spinbutton", name="Bias as a number")
    field.fill("-20")
    field.press("Enter")
    changed = settled(one)
    assert changed["networks"][0]["outputs"][6] < 1e-3 < before[6]
    assert_page_shows(one, changed)
    panel.get_by_role("button", name="Undo").click()
    assert settled(one)["networks"][0]["outputs"] == before


@pytest.mark.parametrize("kind", ["Noise", "Scribble", "Letter", "Shifted"])
def test_what_misleads_the_videos_network_is_one_click_away(visit, kind):
    one = visit()
    paper(one.page).wait_for()
    one.page.get_by_role("button", name=kind, exact=True).click()
    told = settled(one)
    assert_page_shows(one, told)
    assert told["networks"][0]["answer"]["digit"] is not None
    if kind == "Noise":
        expect(one.page.get_by_role("region", name="Answer of the reader")).to_contain_text("not a digit")


def test_a_page_that_is_held_up_is_waited_for(visit):
    one = visit()
    paper(one.page).wait_for()
    before = settled(one)
    one.page.evaluate(HOLD_UP_AT_ANSWERS)
    one.page.get_by_role("button", name="Letter", exact=True).click()
    told = settled(one)
    assert told != before
    assert_page_shows(one, told)


def test_an_image_is_opened(visit, tmp_path, digits):
    import numpy as np
    from PIL import Image

    Image.fromarray(np.kron(255 - digits.test_images[0], np.ones((6, 6), dtype=np.uint8))).save(tmp_path / "seven.png")
    one = visit()
    paper(one.page).wait_for()
    one.page.locator("input[type=file]").first.set_input_files(tmp_path / "seven.png")
    expect(one.page.get_by_role("region", name="Answer of the reader").locator(".digit")).to_have_text("7")


def test_pages_of_a_document_are_turned(visit, tmp_path, digits):
    """What is read stands beside its box; a sign is one, an edge is no mark, and every page is there."""
    import numpy as np
    from PIL import Image

    sheets = []
    for first in (0, 4):
        sheet = np.full((200, 400), 250, dtype=np.uint8)
        for place, image in enumerate(digits.test_images[first : first + 4]):
            sheet[60:116, 40 + 80 * place : 96 + 80 * place] -= (np.kron(image, np.ones((2, 2))) * 0.9).astype(np.uint8)
        sheets.append(sheet)
    sheets[0][98:106, 186:194] = 20
    sheets[1] = np.ascontiguousarray(sheets[1][::-1, ::-1])
    first, second = map(Image.fromarray, sheets)
    first.save(tmp_path / "pages.tiff", save_all=True, append_images=[second])
    one = visit()
    paper(one.page).wait_for()
    one.page.locator("input[type=file]").first.set_input_files(tmp_path / "pages.tiff")
    page = one.page.get_by_role("region", name="The page that was opened")
    expect(page.locator("h2 .text")).to_have_text("72.10")
    expect(page.locator(".mark .as")).to_have_text(["7", "2", ".", "1", "0"])
    expect(page.locator(".mark.no")).to_have_count(0)
    assert page.locator("img").evaluate(
        "async (image) => (await image.decode(), [image.naturalWidth, image.naturalHeight])"
    ) == [400, 200]
    page.get_by_role("button", name="Next page").click()
    expect(page.locator("h2 .text")).to_have_text("4149")
    expect(page.get_by_text("It lies upside down")).to_be_visible()
    expect(page.get_by_role("button", name="Next page")).to_be_disabled()
    page.get_by_role("button", name="Page before").click()
    expect(page.locator("h2 .text")).to_have_text("72.10")
    page.get_by_role("button", name="Close the page").click()
    expect(page).to_have_count(0)


def test_a_form_is_drawn_on_the_page_and_what_is_read_corrected(visit, tmp_path, digits):
    """Boxes drawn with the mouse say where to look; the form that is saved reads the same on the command line."""
    import numpy as np
    from PIL import Image

    sheet = np.full((300, 400), 250, dtype=np.uint8)
    for place, image in enumerate(digits.test_images[:8]):
        top, left = 40 + 140 * (place // 4), 40 + 80 * (place % 4)
        sheet[top : top + 56, left : left + 56] -= (np.kron(image, np.ones((2, 2))) * 0.9).astype(np.uint8)
    Image.fromarray(sheet).save(tmp_path / "form.png")
    one = visit()
    paper(one.page).wait_for()
    one.page.locator("input[type=file]").first.set_input_files(tmp_path / "form.png")
    page = one.page.get_by_role("region", name="The page that was opened")
    expect(page.locator("h2 .text")).to_have_text("7210\n4149")
    page.get_by_role("button", name="Where to look").click()
    image = page.locator("img").bounding_box()

    def draw(left, top, right, bottom):
        for at, (x, y) in enumerate(((left, top), (right, bottom))):
            one.page.mouse.move(image["x"] + x * image["width"], image["y"] + y * image["height"], steps=3)
            (one.page.mouse.up if at else one.page.mouse.down)()

    draw(0.05, 0.5, 0.5, 0.95)
    expect(page.locator("h2 .text")).to_have_text("41")
    draw(0.98, 0.4, 0.45, 0.02)  # from any corner to the other
    expect(page.locator("h2 .text")).to_have_text("41\n10")
    draw(0.2, 0.2, 0.2, 0.2)  # a click is no box
    page.get_by_role("textbox", name="name of part 2").fill("total")
    page.get_by_role("textbox", name="name of part 2").press("Enter")
    expect(page.locator(".part .name")).to_have_text(["part 1", "total"])
    expect(page.locator(".part .read")).to_have_text(["41", "10"])
    form = saved(one.page, page.get_by_role("button", name="Save as a form"), tmp_path)
    told = json.loads(form.read_text(encoding="utf-8"))["regions"]
    assert [(region["name"], region["unit"]) for region in told] == [("part 1", "%"), ("total", "%")]
    regions = load_form(form)
    read = Reader().read(tmp_path / "form.png", regions)
    assert [(line.region, line.text) for line in read.lines] == [("part 1", "41"), ("total", "10")]
    page.get_by_role("button", name="Correct").click()
    page.get_by_role("textbox", name="line 1, corrected").fill("47")
    expect(page.get_by_text("read as 41")).to_be_visible()
    table = saved(one.page, page.get_by_role("button", name="Save what is read, and corrected"), tmp_path)
    assert table.read_text(encoding="utf-8").splitlines() == [
        "region,line,read,corrected",
        '"part 1",1,"41","47"',
        '"total",2,"10","10"',
    ]
    page.get_by_role("button", name="Remove part 1").click()
    expect(page.locator("h2 .text")).to_have_text("10")
    page.get_by_role("spinbutton", name="left").fill("390")
    page.get_by_role("spinbutton", name="left").press("Enter")
    expect(page.locator("h2 .text")).to_have_text("nothing")
    page.get_by_role("spinbutton", name="left").fill("4000")
    page.get_by_role("spinbutton", name="left").press("Enter")
    expect(one.page.get_by_text("lies outside of a page of 400 x 300 pixels")).to_be_visible()
    assert [text for text in one.complaints if "400 (Bad Request)" not in text] == []
    one.complaints[:] = []
    page.get_by_role("button", name="Remove total").click()
    expect(page.locator("h2 .text")).to_have_text("7210\n4149")
    assert_nothing_hinders(one)


def test_the_address_tells_where_we_are(visit):
    one = visit()
    one.page.get_by_role("spinbutton", name="Test digit").wait_for()
    one.page.get_by_role("spinbutton", name="Test digit").fill("42")
    one.page.keyboard.press("Enter")
    settled(one)
    one.page.locator('[data-neuron="2.5"]').click()
    one.page.get_by_role("region", name="The chosen neuron").wait_for()
    in_address(one.page, r"example=test\.42")
    in_address(one.page, r"neuron=2\.5")
    before = settled(one)["networks"]
    one.page.reload()
    one.page.get_by_role("region", name="The chosen neuron").wait_for()
    assert settled(one)["networks"] == before


def test_the_network_is_walked_through_with_keys(visit):
    one = visit("#/draw?example=test.0")
    settled(one)
    one.page.locator('[data-neuron][tabindex="0"]').focus()
    for key in ("ArrowDown", "ArrowDown", "ArrowRight", "Enter"):
        one.page.keyboard.press(key)
    one.page.get_by_role("region", name="The chosen neuron").wait_for()
    in_address(one.page, r"neuron=2\.\d")


def test_pictures_and_tables_are_saved(visit, tmp_path):
    from PIL import Image

    one = visit("#/draw?example=test.8&neuron=1.3")
    panel = one.page.get_by_role("region", name="The chosen neuron")
    panel.wait_for()
    settled(one)
    drawing = saved(one.page, one.page.get_by_role("button", name="Save SVG"), tmp_path)
    assert "<circle" in drawing.read_text(encoding="utf-8")
    table = (
        saved(one.page, panel.get_by_role("button", name="Save CSV"), tmp_path).read_text(encoding="utf-8").splitlines()
    )
    told = one.newest("/api/neuron")
    assert len(table) == 1 + 784
    assert [float(line.split(",")[-2]) for line in table[1:]] == pytest.approx(told["weights"], rel=1e-12)
    one.page.goto("/#/learn")
    trained(one)
    path = saved(one.page, one.page.get_by_role("button", name="Save PNG"), tmp_path)
    with Image.open(path) as picture:
        assert picture.size == (4 * 28 * 8, 4 * 28 * 8)
        assert len(picture.convert("RGB").getcolors(1 << 20)) > 100


# Learn


def news_of(one, run):
    return one.page.evaluate("run => fetch(`api/runs/${run}`).then(answer => answer.json())", run)


def run_in(page):
    return in_address(page, r"run=(\w{8})")[1]


def figures(page):
    """Return the numbers below the transport, by their names."""
    transport = page.get_by_role("region", name="Transport")
    names, values = (transport.locator(f"dl.figures {tag}").all_inner_texts() for tag in ("dt", "dd"))
    return dict(zip(names, values, strict=True))


def trained(one):
    """Train the videos' network from nothing; return the run."""
    one.page.get_by_role("button", name="Train the videos' network from nothing").click()
    expect(one.page.get_by_role("region", name="Transport")).to_contain_text("10 more epochs")
    return run_in(one.page)


def test_the_videos_network_is_trained_from_nothing(visit):
    one = visit("#/learn")
    run = trained(one)
    news = news_of(one, run)
    assert news["run"]["state"] == "finished"
    wait_for(lambda: figures(one.page)["cost"] == as_shown(news["run"]["cost"], 4))
    shown = figures(one.page)
    assert shown["epoch"].split() == ["30", "of", "30"]
    assert shown["cost"] == as_shown(news["run"]["cost"], 4)
    assert shown["test digits"] == as_shown(100 * news["run"]["test_accuracy"], 2) + " %"
    assert shown["training digits"] == as_shown(100 * news["run"]["train_accuracy"], 2) + " %"
    assert one.page.get_by_role("progressbar", name="Epochs").get_attribute("aria-valuenow") == "30"
    checked = one.page.evaluate("run => fetch(`api/runs/${run}/checked`).then(answer => answer.json())", run)
    for index, label, answer in list(zip(checked["indices"], checked["labels"], checked["answers"], strict=True))[:20]:
        name = one.page.get_by_role("button", name=re.compile(rf"^Test digit {index}, a {label}\b"))
        expect(name.first).to_have_accessible_name(re.compile("right" if answer == label else f"{answer}"))


def begin_again(page):
    """Begin a run again; on a busy machine it took so long that the page asks first."""
    page.get_by_role("button", name="Again").first.click()
    sure, step = page.get_by_text("Begin again?"), page.get_by_role("button", name="1 example", exact=True)
    expect(sure.or_(step.and_(page.locator(":enabled"))).first).to_be_visible()
    if sure.is_visible():
        page.get_by_role("button", name="Begin again", exact=True).click()


def test_stepping_pausing_sliding_back_and_reloading(visit):
    one = visit("#/learn")
    run = trained(one)
    page = one.page
    begin_again(page)
    for name, epoch in (("1 example", 1 / 60_000), ("1 mini-batch", 101 / 60_000), ("1 epoch", 1.0)):
        page.get_by_role("button", name=name, exact=True).click()
        page.wait_for_function(
            """([run, epoch]) => fetch(`api/runs/${run}`).then((answer) => answer.json())
                .then(({ run }) => Math.abs(run.epoch - epoch) < 1e-9 && run.state === "paused")""",
            arg=[run, epoch],
        )
    news = news_of(one, run)
    slider = page.get_by_role("region", name="History").get_by_role("slider")
    slider.focus()
    page.keyboard.press("Home")
    page.wait_for_url(f"**run:{run}@0**")
    at_first = as_shown(100 * news["moments"][0]["test_accuracy"], 2) + " %"
    wait_for(lambda: figures(page)["test digits"] == at_first)
    page.reload()
    page.get_by_role("region", name="Transport").wait_for()
    wait_for(lambda: figures(page)["test digits"] == at_first)
    page.get_by_role("link", name="Draw").click()
    paper(page).wait_for()
    assert settled(one)["networks"][0]["network"] == f"run:{run}@0"


def test_a_reload_in_the_middle_finds_the_run_going_on(visit):
    one = visit("#/learn")
    run = trained(one)
    one.page.evaluate(
        """async (run) => {
            const send = (method, path, body) => fetch(path, {method, body: JSON.stringify(body),
                headers: {"content-type": "application/json"}});
            await send("PATCH", `api/runs/${run}`, {epochs: 1000, steps_per_second: 200});
            await send("POST", `api/runs/${run}/do`, {action: "start"});
        }""",
        run,
    )
    one.page.reload()
    expect(one.page.get_by_role("button", name="Pause")).to_be_visible()
    before = news_of(one, run)["run"]["moment"]
    wait_for(lambda: news_of(one, run)["run"]["moment"] > before)
    one.page.get_by_role("button", name="Pause").click()
    expect(one.page.get_by_role("button", name="Go on")).to_be_visible()


def test_two_visitors_train_at_once_and_do_not_meet(visit):
    one, other = visit("#/learn"), visit("#/learn")
    runs = trained(one), trained(other)
    assert runs[0] != runs[1]
    for visitor, own in zip((one, other), runs, strict=True):
        told = visitor.page.evaluate("fetch('api/runs').then(answer => answer.json())")
        assert [run["id"] for run in told] == [own]


@pytest.fixture(scope="module")
def have_trained(server, browser):
    """The cookies of somebody who has trained the videos' network, and the run's address."""
    one = Visit(server, browser)
    one.page.goto("/#/learn")
    fragment = f"#/learn?run={trained(one)}"
    yield one.context.storage_state(), fragment
    one.close()


@pytest.mark.parametrize("view", ["draw", "learn"])
def test_nothing_hinders_anybody(visit, view, request):
    if view == "learn":
        cookies, fragment = request.getfixturevalue("have_trained")
        one = visit(fragment, storage_state=cookies)
        expect(one.page.get_by_role("region", name="Transport")).to_contain_text("10 more epochs")
        wait_for(lambda: figures(one.page)["epoch"].split() == ["30", "of", "30"])
    else:
        one = visit("#/draw?example=test.8&neuron=1.3")
        one.page.get_by_role("region", name="The chosen neuron").wait_for()
        settled(one)
    assert_nothing_hinders(one)
