"""The one-file page in a real Chromium, from file:// with no server: its arithmetic against the library's."""

import numpy as np
import pytest
from playwright.sync_api import expect

import glassnet
from glassnet import Model, Network
from glassnet.digits.normalise import normalise
from glassnet.export import one_file
from glassnet.reading import Calibration, Reader, decide, shipped_model
from studio_page import PATIENCE_MS, SEVEN, SIZES, as_shown, assert_nothing_hinders, paper, stroke_with_mouse

SCRIBBLE = [(0.2, 0.2), (0.8, 0.35), (0.25, 0.5), (0.75, 0.65), (0.2, 0.8)]
ONE = [(0.12, 0.3), (0.12, 0.85)]
DOT = [(0.5, 0.5), (0.5, 0.505)]
CUT = [(0.02, 0.2), (0.8, 0.35), (0.02, 0.5), (0.75, 0.65), (0.02, 0.8)]


class Opened:
    """A page opened from a file."""

    def __init__(self, browser, path, size="desk", scheme="light", **options):
        width, height = SIZES[size]
        self.context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme, **options)
        self.context.set_default_timeout(PATIENCE_MS)
        self.page = self.context.new_page()
        self.complaints, self.asked = [], []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())
        self.path = path
        paper(self.page).wait_for()

    def close(self):
        self.context.close()
        assert self.complaints == []
        assert self.asked == [self.path.as_uri()], "it asks nobody for anything"

    def outputs(self, images):
        ask = "images => images.map((image) => window.glassnet.outputs(image))"
        return np.array(self.page.evaluate(ask, images.reshape(len(images), -1).tolist()))

    def show(self, image):
        """Put an image before the network, and wait until it has looked."""
        self.page.evaluate("image => window.glassnet.show(image)", image.ravel().tolist())
        self.settle()

    def settle(self):
        self.page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")

    def numbers(self):
        """Return the numbers on the page, as texts, by their names."""
        return dict(
            self.page.locator("[data-q]").evaluate_all("all => all.map((one) => [one.dataset.q, one.textContent])")
        )

    def image(self):
        return np.array(self.page.evaluate("window.glassnet.image"), dtype=np.uint8).reshape(28, 28)

    def drawn(self):
        return np.array(self.page.evaluate("window.glassnet.drawn"), dtype=np.uint8).reshape(140, 140)

    def stroke(self, points):
        stroke_with_mouse(self.page, points)
        self.settle()


@pytest.fixture(scope="module")
def files(digits, readers_page, tmp_path_factory):
    """Pages with networks of all kinds, and the networks that are in them."""
    rng = np.random.default_rng(5)
    kinds = {"tanh": ("tanh", "tanh"), "softmax": ("relu", "softmax"), "relu": ("sigmoid", "relu")}
    models = {
        name: Model(
            Network.random(
                (784, 30, 20, 10), rng=rng, start=start, activation=hidden, output_activation=output, dtype=dtype
            )
        )
        for (name, (hidden, output)), start, dtype in zip(
            kinds.items(), ("scaled", "scaled", "standard-normal"), (np.float32, np.float64, np.float32), strict=True
        )
    }
    models |= {"videos": shipped_model("videos"), "reader": shipped_model("reader")}
    folder = tmp_path_factory.mktemp("pages")
    made = {}
    for name, model in models.items():
        page = readers_page if name == "reader" else one_file(model, digits, title=f"a network called {name}")
        (folder / f"{name}.html").write_bytes(page.data)
        made[name] = folder / f"{name}.html", Model(page.network, results=model.results)
    return made


@pytest.fixture
def opened(files, browser):
    """Open pages; at the end none of them may have complained, or asked for anything but itself."""
    pages = []

    def begin(name, *options, **more):
        path, model = files[name]
        pages.append(Opened(browser, path, *options, **more))
        return pages[-1], model

    yield begin
    for page in pages:
        page.close()


def images_of_all_kinds(digits, rng):
    noise = rng.integers(0, 256, (6, 28, 28), dtype=np.uint8)
    return np.concatenate([digits.test_images[:20], 255 - digits.test_images[:4], noise, np.zeros_like(noise[:1])])


@pytest.mark.parametrize("name", ["videos", "reader", "tanh", "softmax", "relu"])
def test_its_outputs_are_the_reference_engines(opened, digits, rng, name):
    one, model = opened(name)
    images = images_of_all_kinds(digits, rng)
    inputs = glassnet.as_inputs(images, dtype=np.float64)
    wanted = glassnet.feedforward(model.network.astype(np.float64), inputs).outputs
    np.testing.assert_allclose(one.outputs(images), wanted, rtol=1e-9, atol=1e-12)
    for place in (0, 21, 25):
        one.show(images[place])
        numbers = one.numbers()
        assert [numbers[f"outputs.{i}"] for i in range(10)] == [as_shown(a, 3) for a in wanted[place]]


def assert_verdict_shown(one, verdict):
    answer = one.page.get_by_role("region", name="Its answer")
    if verdict.digit is None:
        expect(answer).to_contain_text("not a digit")
        expect(answer.locator(".reason")).to_have_text(verdict.reason)
    else:
        expect(answer.locator(".digit")).to_have_text(str(verdict.digit))
        assert one.numbers()["confidence"] == as_shown(100 * verdict.confidence, 1)


def test_its_verdict_is_the_readers(opened, digits, rng):
    one, model = opened("reader")
    calibration = Calibration.from_header(model.results)
    reasons = Reader(model).verdicts(digits.test_images).reasons
    doubtful = [i for i, reason in enumerate(reasons) if reason][:6]
    doubtful += [i for i, reason in enumerate(reasons) if reason and " or " in reason][:4]
    images = np.concatenate(
        [digits.test_images[:6], digits.test_images[doubtful], images_of_all_kinds(digits, rng)[20:]]
    )
    outputs = glassnet.feedforward(
        model.network.astype(np.float64), glassnet.as_inputs(images, dtype=np.float64)
    ).outputs
    verdicts = decide(outputs, calibration, calibration.at_least)
    assert any(reason and " or " in reason for reason in verdicts.reasons)
    for place, image in enumerate(images):
        one.show(image)
        if image.any():
            assert_verdict_shown(one, verdicts[place])
        else:
            expect(one.page.get_by_role("region", name="Its answer")).to_contain_text("nothing there")


@pytest.mark.parametrize(
    ("pen", "strokes", "reason"),
    [
        (22, [SEVEN], None),
        (22, [ONE], None),
        (10, [SEVEN], None),
        (22, [SCRIBBLE], "unlike any digit"),
        (22, [SEVEN, ONE], "more than one mark"),
        (22, [CUT], "cut off at the edge"),
        (4, [DOT], "too little ink"),
    ],
)
def test_a_drawing_is_normalised_and_judged_as_the_library_does(opened, pen, strokes, reason):
    one, model = opened("reader")
    one.page.evaluate("pen => (window.glassnet.paper.pen = pen)", pen)
    for points in strokes:
        one.stroke(points)
    shades = one.drawn()
    wanted = normalise(255 - shades).image
    assert np.abs(one.image().astype(int) - wanted).max() <= 1
    verdict = Reader(model).classify(255 - shades)
    assert verdict.reason == reason
    assert_verdict_shown(one, verdict)


def test_thin_wide_and_faint_drawings_are_normalised_too(opened, rng):
    """Shades put on the paper at random places and sizes, as no pen of ours would."""
    one, _ = opened("videos")
    for _ in range(12):
        shades = np.zeros((140, 140), dtype=np.uint8)
        for _ in range(3):
            top, left = rng.integers(2, 110, 2)
            height, width = rng.integers(1, 28, 2)
            shades[top : top + height, left : left + width] = rng.integers(60, 256, (height, width))
        put = """shades => {
            const canvas = document.querySelector("[role=application] canvas");
            const context = canvas.getContext("2d");
            const pixels = new ImageData(280, 280);
            for (let y = 0; y < 280; y++) for (let x = 0; x < 280; x++)
                pixels.data[4 * (280 * y + x) + 3] = shades[140 * (y >> 1) + (x >> 1)];
            context.putImageData(pixels, 0, 0);
            window.glassnet.paper.changed += 1;
        }"""
        one.page.evaluate(put, shades.ravel().tolist())
        one.settle()
        np.testing.assert_array_equal(one.drawn(), shades)
        assert np.abs(one.image().astype(int) - normalise(255 - shades).image).max() <= 1


def test_keys_draw_undo_takes_back_and_the_answer_is_read_out(opened):
    one, _ = opened("reader")
    paper(one.page).focus()
    for key in [*["ArrowUp"] * 9, "Space", *["ArrowDown"] * 18, "Space"]:
        one.page.keyboard.press(key)
    answer = one.page.get_by_role("region", name="Its answer")
    expect(answer.locator(".digit")).to_have_text("1")
    expect(one.page.locator("[aria-live=polite]").first).to_contain_text("1, ")
    one.page.get_by_role("button", name="Undo").click()
    expect(answer).to_contain_text("nothing there")


def test_a_finger_draws(opened):
    one, _ = opened("reader", "phone", has_touch=True, is_mobile=True)
    box = paper(one.page).bounding_box()
    at = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in SEVEN]
    client = one.context.new_cdp_session(one.page)
    client.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": at[:1]})
    for point in at[1:]:
        client.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [point]})
    client.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    expect(one.page.get_by_role("region", name="Its answer").locator(".digit")).to_have_text("7")


def test_nothing_hinders_anybody(opened):
    one, _ = opened("reader", bypass_csp=True)  # for axe; the page's own policy is tried by all others
    one.stroke(SEVEN)
    assert_nothing_hinders(one)


def test_nothing_but_its_own_script_may_run(files, browser):
    path, _ = files["videos"]
    other = path.with_name("damaged.html")
    other.write_text(
        path.read_text(encoding="utf-8").replace("</main>", "</main><script>window.bad = 1</script>"), encoding="utf-8"
    )
    page = browser.new_page()
    page.goto(other.as_uri())
    paper(page).wait_for()
    assert page.evaluate("window.bad") is None
    page.close()


def test_a_damaged_file_says_so(files, browser):
    path, _ = files["videos"]
    other = path.with_name("cut.html")
    text = path.read_text(encoding="utf-8")
    at = text.index('id="numbers"') + 2000
    other.write_text(text[:at] + text[at + 400 :], encoding="utf-8")
    page = browser.new_page()
    page.goto(other.as_uri())
    expect(page.locator("#drawing")).to_contain_text("cannot be shown")
    page.close()
