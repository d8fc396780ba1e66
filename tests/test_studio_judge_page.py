"""The fifth view in a real Chromium: every number on it held against what the library computes here."""

import io
import re

import numpy as np
import pytest
from PIL import Image
from playwright.sync_api import expect

import glassnet
from glassnet.digits.damage import DAMAGES, turned
from glassnet.evaluation import evaluate
from glassnet.layer_map import layer_map
from glassnet.model_file import Model, model_bytes
from glassnet.reading import shipped_model
from glassnet.rejection import choices, rejection
from glassnet.studio.shown.examples import example_of
from glassnet.studio.shown.pictures import prepared
from glassnet.studio.shown.schema import Picture
from studio_page import as_shown, assert_nothing_hinders, in_address, numbers_on, saved, table_of
from studio_server import shades_in

SIZES = (784, 14, 9, 10)
KINDS = ("noise", "scribble", "letter", "inverted", "shifted", "turned")
LEAST, DAMAGE, AMOUNT, LAYER = 0.35, "scale", 0.85, 2


@pytest.fixture(scope="module")
def network():
    return glassnet.Network.random(SIZES, rng=np.random.default_rng(12)).astype(np.float32)


def read(network, images):
    outputs = np.asarray(glassnet.feedforward(network, glassnet.as_inputs(images, dtype=np.float64)).outputs)
    return outputs.argmax(axis=1), outputs.max(axis=1)


def set_of(kind, digits):
    """Return pictures and, where they count, their labels."""
    some, labels = digits.test_images[:300], digits.test_labels[:300]
    if kind == "inverted":
        return 255 - some, None
    if kind == "turned":
        return turned(some, np.random.default_rng(0).choice([-45.0, 45.0], 300)), labels
    told = [example_of(kind, index, digits) for index in range(300)]
    images = [
        prepared(Picture(width=e.width, height=e.height, ink=e.ink, normalise=e.normalise)).image
        if e.normalise
        else shades_in(e.ink)
        for e in told
    ]
    return np.stack(images), labels if kind == "shifted" else None


def surest(which, confidences, most):
    places = np.flatnonzero(which)
    return places[np.argsort(-confidences[places], kind="stable")][:most]


def numbers_of(which, network, digits, cell, least):
    """Return every number that the view shows of one network without a calibration, by its name."""
    found = {}

    def pictures(name, places, confidences):
        found.update({f"{name}.{i}.confidence": as_shown(confidences[p], 3) for i, p in enumerate(places)})

    test = evaluate(network, digits.test_images, digits.test_labels)
    right = test.answers == digits.test_labels
    found["accuracy"] = as_shown(100 * test.accuracy, 2)
    found["cost"] = as_shown(test.cost, 4)
    found["calibration_error"] = as_shown(100 * test.calibration_error, 2)
    for label in range(10):
        found[f"digit_accuracies.{label}"] = as_shown(100 * test.digit_accuracies[label], 1)
        for answer in range(10):
            found[f"confusion.{label}.{answer}"] = str(test.confusion[label, answer])
        found[f"calibration.{label}.n"] = str(test.calibration[label].n)
    pictures("mistakes", surest(~right, test.confidences, 16), test.confidences)
    there = (digits.test_labels == cell[0]) & (test.answers == cell[1])
    found["cell.n"] = str(there.sum())
    pictures("cell", surest(there, test.confidences, 48), test.confidences)
    (choice,) = choices(test.confidences, right, (least,))
    found["choice.coverage"] = as_shown(100 * choice.coverage, 2)
    if not np.isnan(choice.accuracy):
        found["choice.accuracy"] = as_shown(100 * choice.accuracy, 2)
    for kind in KINDS:
        images, labels = set_of(kind, digits)
        answers, confidences = read(network, images)
        is_right = np.zeros(300, dtype=bool) if labels is None else answers == labels
        found[f"{kind}.n_rejected"] = str(np.sum(confidences < least))
        if labels is not None:
            found[f"{kind}.n_right"] = str(np.sum(is_right & (confidences >= least)))
        found[f"{kind}.n_confidently_wrong"] = str(np.sum(~is_right & (confidences > 0.9)))
        against = rejection(test.confidences, confidences)
        found[f"{kind}.auroc"] = as_shown(100 * against.auroc, 1)
        found[f"{kind}.accepted_at_95"] = as_shown(100 * against.false_acceptance[0.95], 1)
        pictures(f"{kind}.most_confident", surest(~is_right, confidences, 10), confidences)
    spoilt = DAMAGES[DAMAGE].damaged(digits.test_images[:1000], AMOUNT, np.random.default_rng(0))
    answers, confidences = read(network, spoilt)
    found["damage.accuracy"] = as_shown(100 * np.mean(answers == digits.test_labels[:1000]), 1)
    pictures("damage", [int(np.flatnonzero(digits.test_labels == digit)[0]) for digit in range(10)], confidences)
    lying = layer_map(network, digits.test_images[:2000], LAYER)
    for axis in range(2):
        found[f"map.shares.{axis}"] = as_shown(100 * lying.plane.shares[axis], 1)
    found["map.n_wrong"] = str(np.sum(lying.answers != digits.test_labels[:2000]))
    return {f"{which}.{name}": text for name, text in found.items()}


def loaded(one, network):
    """Return the name of a run that holds a network, the visitor's own."""
    one.page.get_by_role("heading", name="Judge: how good").wait_for()
    answer = one.context.request.post("/api/runs/load?name=random", data=model_bytes(Model(network)))
    assert answer.ok, answer.text()
    return f"run:{answer.json()['id']}"


def judged(one, fragment=None):
    """Go somewhere, if so, and wait until all is judged."""
    if fragment is not None:
        one.page.goto("about:blank")
        one.page.goto(f"/{fragment}")
    view = one.page.locator(".judge")
    view.wait_for()
    one.rest(200)
    expect(view).to_have_attribute("aria-busy", "false")
    one.rest(100)


def shown(one):
    """Return every number on the view, by its name."""
    found = numbers_on(one.page)
    numbers = dict(found)
    assert all(numbers[name] == text for name, text in found), "a name says two things"
    return numbers


def test_every_number_is_the_librarys(visit, digits, network):
    one = visit("#/judge?network=videos&beside=videos")
    run = loaded(one, network)
    in_hand = network.astype(np.float64)
    wrong = evaluate(in_hand, digits.test_images, digits.test_labels).confusion * (1 - np.eye(10, dtype=int))
    cell = tuple(int(i) for i in np.unravel_index(wrong.argmax(), (10, 10)))
    told = f"network={run}&beside=videos&cell={cell[0]}.{cell[1]}&least={LEAST}&damage={DAMAGE}.{AMOUNT}&layer={LAYER}"
    judged(one, f"#/judge?{told}")
    beside = shipped_model("videos").network.astype(np.float64)
    expected = numbers_of("network", in_hand, digits, cell, LEAST) | numbers_of("beside", beside, digits, cell, LEAST)
    found = shown(one)
    assert {name: found.get(name) for name in expected} == expected
    # the same table stands in both places with the threshold, and nothing else is on the view
    assert set(found) == set(expected)

    # the curves' points stand in tables
    test = evaluate(in_hand, digits.test_images, digits.test_labels)
    panel = one.page.get_by_role("region", name="Accuracy of damaged digits")
    for row, amount in zip(table_of(panel), DAMAGES[DAMAGE].amounts, strict=True):
        images = DAMAGES[DAMAGE].damaged(digits.test_images[:1000], amount, np.random.default_rng(0))
        shares = [np.mean(read(n, images)[0] == digits.test_labels[:1000]) for n in (in_hand, beside)]
        assert row == [as_shown(amount, 2), *(f"{as_shown(100 * share, 2)} %" for share in shares)]
    panel = one.page.get_by_role("region", name="What a threshold buys", exact=True)
    right = test.answers == digits.test_labels
    for row in table_of(panel):
        (choice,) = choices(test.confidences, right, (float(row[0]),))
        assert row[1] == f"{as_shown(100 * choice.coverage, 2)} %"
        assert row[2] == ("–" if np.isnan(choice.accuracy) else f"{as_shown(100 * choice.accuracy, 2)} %")

    # a reload shows the same
    one.page.reload()
    judged(one)
    assert shown(one) == found


def test_the_readers_own_threshold_and_its_calibrated_confidence(visit, digits):
    one = visit("#/judge")
    judged(one)
    reader = glassnet.Reader()
    network, calibration = shipped_model("reader").network.astype(np.float64), reader.calibration
    test = evaluate(network, digits.test_images, digits.test_labels)
    confidences = calibration.confidences(test.confidences[:, None])
    (own,) = choices(confidences, test.answers == digits.test_labels, (calibration.at_least,))
    found = shown(one)
    assert found["beside.choice.coverage"] == as_shown(100 * own.coverage, 2)
    assert found["beside.choice.accuracy"] == as_shown(100 * own.accuracy, 2)
    assert found["network.choice.coverage"] == "100.00", "the videos' network rejects nothing"
    expect(one.page.locator(".note")).to_contain_text("rejects nothing")
    expect(one.page.get_by_role("region", name="the reader", exact=True)).to_contain_text("calibrated")


def test_the_threshold_moves_with_keys_and_is_in_the_address(visit):
    one = visit("#/judge?network=videos&beside=videos&least=0.5")
    judged(one)
    before = shown(one)
    slider = one.page.get_by_role("slider", name=re.compile("Accept from")).first
    slider.focus()
    for _ in range(3):
        one.page.keyboard.press("ArrowRight")
    in_address(one.page, "least=0.53")
    one.rest(100)
    after = shown(one)
    assert float(after["network.choice.coverage"]) < float(before["network.choice.coverage"])
    assert int(after["network.letter.n_rejected"]) > int(before["network.letter.n_rejected"])
    one.page.get_by_role("button", name="each network’s own").first.click()
    expect(one.page).not_to_have_url(re.compile("least"))


def test_a_cell_opens_with_keys_and_a_misread_digit_goes_to_nudge(visit, digits):
    one = visit("#/judge?network=videos&beside=videos")
    judged(one)
    table = one.page.get_by_role("table", name=re.compile("Confusions"))
    table.get_by_role("button", name=re.compile("^0 read rightly")).focus()
    for key in ("ArrowDown",) * 4 + ("ArrowRight",) * 10 + ("ArrowDown", "ArrowUp"):
        one.page.keyboard.press(key)
    one.page.keyboard.press("Enter")
    in_address(one.page, "cell=4.9")
    judged(one)
    network = shipped_model("videos").network.astype(np.float64)
    test = evaluate(network, digits.test_images, digits.test_labels)
    there = surest((digits.test_labels == 4) & (test.answers == 9), test.confidences, 48)
    cell = one.page.get_by_role("group", name=re.compile("The chosen cell"))
    names = cell.get_by_role("button").locator(".hidden").all_inner_texts()
    assert [int(re.search(r"test digit (\d+), a 4, taken for 9", name)[1]) for name in names] == there.tolist()
    cell.get_by_role("button").first.click()
    expect(one.page).to_have_url(re.compile(rf"#/nudge\?.*example=test\.{there[0]}\b"))
    one.page.go_back()
    judged(one)
    in_address(one.page, "cell=4.9")


def test_what_is_no_digit_opens_in_draw(visit):
    one = visit("#/judge?network=videos&beside=videos")
    judged(one)
    panel = one.page.get_by_role("region", name="Letters", exact=True)
    first = panel.get_by_role("button", name=re.compile(r"^letter \d+")).first
    index = re.match(r"letter (\d+)", first.locator(".hidden").inner_text())[1]
    first.click()
    expect(one.page).to_have_url(re.compile(rf"#/draw\?.*example=letter\.{index}\b"))
    one.page.go_back()
    judged(one)
    one.page.get_by_role("region", name="Turned digits", exact=True).get_by_role(
        "button", name=re.compile("^turned digit")
    ).first.click()
    expect(one.page.get_by_role("region", name="Your drawing")).to_contain_text("a drawing from a link")


def test_the_slider_of_damage_and_its_kinds(visit, digits):
    one = visit("#/judge?network=videos&beside=videos&damage=turn.30")
    judged(one)
    network = shipped_model("videos").network.astype(np.float64)
    panel = one.page.get_by_role("region", name="Accuracy of damaged digits")

    def assert_measured_at(kind, amount):
        judged(one)
        images = DAMAGES[kind].damaged(digits.test_images[:1000], amount, np.random.default_rng(0))
        share = np.mean(read(network, images)[0] == digits.test_labels[:1000])
        assert shown(one)["network.damage.accuracy"] == as_shown(100 * share, 1)

    panel.get_by_role("slider").focus()
    one.page.keyboard.press("ArrowLeft")
    in_address(one.page, r"damage=turn\.25")
    assert_measured_at("turn", 25)
    panel.get_by_role("button", name="Noise").click()
    in_address(one.page, r"damage=noise\.0\.3")
    assert_measured_at("noise", 0.3)
    judged(one, "#/judge?network=videos&beside=videos&damage=shift.-2.5")
    assert_measured_at("shift", -2.5)


def test_the_map_by_keyboard_and_pointer(visit, digits):
    one = visit("#/judge?network=videos&beside=videos&layer=2&example=test.8")
    judged(one)
    page = one.page
    section = page.get_by_role("region", name=re.compile("Map of"))
    paper = section.get_by_role("application")
    expect(section).to_contain_text("Test digit 8, a 5")
    network = shipped_model("videos").network.astype(np.float64)
    lying = layer_map(network, digits.test_images[:2000], 2)
    paper.focus()
    page.keyboard.press("ArrowRight")
    index = int(in_address(page, r"example=test\.(?!8\b)(\d+)")[1])
    assert lying.plane.places[index, 0] > lying.plane.places[8, 0]
    expect(section).to_contain_text(f"Test digit {index:,}, a {digits.test_labels[index]}")
    # the rightmost digit is where it should be on the paper
    places = lying.plane.places
    middle, size = (places.max(axis=0) + places.min(axis=0)) / 2, np.ptp(places, axis=0).max()
    far = int(places[:, 0].argmax())
    box = paper.bounding_box()
    inner, rim = box["width"] * (560 - 32) / 560, box["width"] / 2
    x, y = (places[far] - middle) / size * inner
    page.mouse.move(box["x"] + rim + x, box["y"] + rim - y)
    expect(section).to_contain_text(f"Test digit {far:,}, a {digits.test_labels[far]}")
    section.get_by_role("button", name="Next misread one").click()
    page.mouse.move(0, 0)
    wrong = int(in_address(page, rf"example=test\.(?!{index}\b)(\d+)")[1])
    assert lying.answers[wrong] != digits.test_labels[wrong]
    expect(section).to_contain_text(f"taken for {lying.answers[wrong]}")
    paper.focus()
    page.keyboard.press("Enter")
    expect(page).to_have_url(re.compile(rf"#/nudge\?.*example=test\.{wrong}\b"))


def png(image):
    file = io.BytesIO()
    Image.fromarray(image).save(file, format="PNG")
    return file.getvalue()


def test_files_of_yours_are_judged_one_by_one(visit, digits, tmp_path):
    one = visit("#/judge?network=videos&beside=reader&least=0.5")
    judged(one)
    page = one.page
    files = [
        {"name": f"{i}.png", "mimeType": "image/png", "buffer": png(255 - np.kron(image, np.ones((3, 3), np.uint8)))}
        for i, image in enumerate(digits.test_images[:4])
    ]
    files.insert(2, {"name": "notes.txt", "mimeType": "text/plain", "buffer": b"no image"})
    panel = page.get_by_role("region", name="Files of yours")
    panel.get_by_label("Choose images").set_input_files(files)
    expect(panel).to_contain_text("5 of 5 judged.")
    panel.get_by_text("1 could not be read").click()
    expect(panel).to_contain_text("notes.txt")
    judged(one)
    told = [
        one.context.request.post("/api/judge/file?network=videos&beside=reader", data=file["buffer"]).json()
        for file in files
        if file["name"] != "notes.txt"
    ]
    found = shown(one)
    for i, which in enumerate(("network", "beside")):
        confidences = np.array([one["verdicts"][i]["confidence"] for one in told])
        assert found[f"{which}.files.n_rejected"] == str(np.sum(confidences < 0.5))
        assert found[f"{which}.files.n_confidently_wrong"] == str(np.sum(confidences > 0.9))
        for place, confidence in enumerate(np.sort(confidences)[::-1]):
            assert found[f"{which}.files.most_confident.{place}.confidence"] == as_shown(confidence, 3)
    table = saved(page, panel.get_by_role("button", name="Save CSV"), tmp_path).read_text(encoding="utf-8")
    assert len(table.splitlines()) == 1 + 2 * len(told)

    # and it can be stopped
    panel.get_by_label("Choose images").set_input_files(files * 40)
    panel.get_by_role("button", name="Stop").click()
    expect(panel).to_contain_text(re.compile(r"\d+ of 200 judged\."))
    assert int(re.search(r"(\d+) of 200", panel.inner_text())[1]) < 200
    # a browser tells its console of every answer that refuses something
    one.complaints[:] = [complaint for complaint in one.complaints if "400 (Bad Request)" not in complaint]


def test_tables_and_pictures_are_saved(visit, digits, tmp_path):
    one = visit("#/judge?network=videos&beside=videos")
    judged(one)
    panel = one.page.get_by_role("region", name="Which digit is taken for which")
    rows = (
        saved(one.page, panel.get_by_role("button", name="Save CSV").first, tmp_path)
        .read_text(encoding="utf-8")
        .splitlines()
    )
    test = evaluate(shipped_model("videos").network.astype(np.float64), digits.test_images, digits.test_labels)
    assert [[int(n) for n in row.split(",")[1:]] for row in rows[1:]] == test.confusion.tolist()
    panel = one.page.get_by_role("region", name="What a threshold buys", exact=True)
    assert "<svg" in saved(one.page, panel.get_by_role("button", name="Save SVG"), tmp_path).read_text(encoding="utf-8")
    panel = one.page.get_by_role("region", name=re.compile("Map of"))
    with Image.open(saved(one.page, panel.get_by_role("button", name="Save PNG"), tmp_path)) as picture:
        assert picture.width == picture.height
        assert len(picture.getcolors(1 << 24)) > 50


def test_nothing_hinders_anybody(visit):
    one = visit("#/judge?cell=4.9&least=0.8&example=test.33")
    judged(one)
    assert_nothing_hinders(one)
