"""Reading: whole pages of digits, and verdicts on single marks, by the reader that comes with glassnet."""

import dataclasses
import io
import json
import math
import pickle
import re
import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

import glassnet
from glassnet.digits import decoding, image_file
from glassnet.digits.normalise import normalise
from glassnet.engines import made_ready
from glassnet.errors import ImageError, SettingError, ShapeError
from glassnet.model_file import Model, in_half, load_model, model_bytes
from glassnet.reading import Calibration, Reader, decide, edit_distance, fitted, marks, open_crops, verdict
from glassnet.reading import reader as reader_module
from glassnet.reading.layout import in_reading_order, tilt_of
from glassnet.reading.marks import find_pieces, usual_height
from glassnet.reading.paper import SMALLEST_PAGE_PX, Ink, find_page_ink
from glassnet.reading.pieces import Piece, joined
from glassnet.reading.reader import shipped_model
from glassnet.reading.ruling import without_ruling
from glassnet.reading.turning import box_on_page
from glassnet.reading.verdict import CUT_OFF, NOTHING, SEVERAL, UNLIKE
from glassnet.rejection import Choice


@pytest.fixture(scope="module")
def plain_digits(digits):
    """For each digit the test images that are most like its mean, cut to their ink: what a page can be set from.

    No network chooses them: each would choose those that it reads best.
    """
    images, labels = digits.test_images[:2000], digits.test_labels[:2000]
    flat = images.reshape(len(images), -1).astype(np.float64)
    found = {}
    for digit in range(10):
        of_digit = flat[labels == digit]
        likeness = of_digit @ of_digit.mean(axis=0) / np.linalg.norm(of_digit, axis=1)
        boxes = []
        for image in images[labels == digit][np.argsort(-likeness, kind="stable")[:12]]:
            rows, columns = (np.flatnonzero(image.any(axis=axis)) for axis in (1, 0))
            boxes.append(image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
        found[digit] = boxes
    return found


def written(plain_digits, lines, *, height=40, gap=14, line_gap=40, margin=50, left=None, rng=None):
    """A page of ink, from 0 to 1, with such lines; `left` indents them."""
    rng = rng or np.random.default_rng(0)
    rows = []
    for text in lines:
        pieces = []
        for character in text:
            if character == " ":
                pieces.append(np.zeros((height, 2 * height)))
                continue
            image = plain_digits[int(character)][int(rng.integers(len(plain_digits[int(character)])))]
            width = max(3, round(image.shape[1] * height / image.shape[0]))
            scaled = np.asarray(Image.fromarray(image).resize((width, height), Image.Resampling.BICUBIC)) / 255
            pieces += [scaled, np.zeros((height, gap))]
        rows.append(np.hstack(pieces))
    width = max(row.shape[1] for row in rows) + 2 * margin + max(left or [0])
    page = np.zeros((2 * margin + len(rows) * (height + line_gap), width))
    for i, row in enumerate(rows):
        top, start = margin + i * (height + line_gap), margin + (left[i] if left else 0)
        page[top : top + height, start : start + row.shape[1]] = row
    return page


def photographed(ink, *, paper=(235, 230, 215), pen=(40, 50, 120), shade=0.0, noise=0.0, seed=0):
    """A page as a camera sees it, shape (height, width, 3)."""
    rng = np.random.default_rng(seed)
    height, width = ink.shape
    light = 1 - shade * np.linspace(0, 1, width)[None, :] * np.linspace(0.4, 1, height)[:, None]
    page = np.array(paper) * (1 - ink[:, :, None]) + np.array(pen) * ink[:, :, None]
    page = page * light[:, :, None] + rng.normal(0, 255 * noise, (height, width, 1))
    return np.rint(page).clip(0, 255).astype(np.uint8)


LINES = ["2718281828", "3141592653", "1618033988"]


@pytest.mark.parametrize(
    "look",
    [
        {},
        {"paper": (255, 255, 255), "pen": (0, 0, 0)},
        {"paper": (20, 60, 40), "pen": (240, 240, 235)},
        {"paper": (250, 240, 120), "pen": (200, 40, 40)},
        {"shade": 0.6},
        {"shade": 0.3, "noise": 0.02},
        {"pen": (170, 165, 160)},
    ],
    ids=["blue pen", "print", "chalk", "red on yellow", "shade", "noise", "pencil"],
)
def test_pages_of_any_paper_and_pen(reader, plain_digits, look):
    page = reader.read(photographed(written(plain_digits, LINES), **look))
    assert page.text.splitlines() == LINES
    assert page.size == written(plain_digits, LINES).shape[::-1]


@pytest.mark.parametrize("degrees", [-6, -2, 3, 8])
def test_tilted_pages(reader, plain_digits, degrees):
    picture = Image.fromarray(photographed(written(plain_digits, LINES, margin=120)))
    tilted = picture.rotate(degrees, Image.Resampling.BICUBIC, fillcolor=(235, 230, 215))
    page = reader.read(np.asarray(tilted))
    assert page.text.splitlines() == LINES
    # boxes are those of the page as it was given: each holds ink of its digit
    dark = np.asarray(tilted.convert("L")) < 140
    for line in page.lines:
        for mark in line.marks:
            left, top, width, height = mark.box
            assert dark[top : top + height, left : left + width].sum() > 20


def test_ruled_paper(reader, plain_digits):
    ink = written(plain_digits, LINES)
    for row in range(12, ink.shape[0], 36):
        ink[row : row + 2] = np.maximum(ink[row : row + 2], 0.7)
    text = reader.read(photographed(ink)).text
    assert len(text.splitlines()) == 3
    assert edit_distance(text, "\n".join(LINES)) <= 2, "but for a stroke that lies along a line"


@pytest.mark.parametrize("strength", [0.15, 0.3, 0.45])
@pytest.mark.parametrize("pitch", [22, 31, 44])
def test_squared_paper(reader, plain_digits, strength, pitch):
    """Its lines are lighter than a pen: what they cross, or run along, keeps all its ink."""
    ink = written(plain_digits, ["8515", "0371", "6569"])
    squares = np.zeros_like(ink)
    squares[7::pitch], squares[:, 11::pitch] = strength, strength
    assert reader.read(photographed(np.maximum(ink, squares))).text == "8515\n0371\n6569"


def test_a_form_with_boxes(reader, plain_digits):
    ink = written(plain_digits, ["4096"], height=44, gap=30, margin=60)
    frame = np.zeros_like(ink)
    frame[40:42, 30:-30] = frame[-62:-60, 30:-30] = 0.8
    frame[40:-60, 30:32] = frame[40:-60, -32:-30] = 0.8
    assert reader.read(photographed(np.maximum(ink, frame))).text == "4096"


def test_columns_are_read_one_after_the_other(reader, plain_digits):
    first, second = ["271828", "182845", "904523"], ["314159", "265358", "979323"]
    left, right = written(plain_digits, first), written(plain_digits, second, rng=np.random.default_rng(1))
    page = reader.read(photographed(np.hstack([left, np.zeros((left.shape[0], 160)), right])))
    assert page.text.splitlines() == first + second


def test_a_line_of_digits_far_apart_is_one_line(reader, plain_digits):
    page = reader.read(photographed(written(plain_digits, ["1 2 3 4 5", "6 7 8 9 0"])))
    assert page.text.splitlines() == ["12345", "67890"]


@pytest.mark.parametrize("line", LINES)
def test_a_strip_lower_or_narrower_than_a_small_picture_is_a_page(reader, plain_digits, line):
    """Light that falls on a page in a curve is seen through; on a picture of one digit it would be taken for ink."""
    for lines, gap, axis in (([line], 0, 1), (list(line[:6]), 40, 0)):
        ink = written(plain_digits, lines, margin=18, line_gap=gap)
        assert ink.shape[1 - axis] < SMALLEST_PAGE_PX < ink.shape[axis]
        light = 1 - 0.5 * np.exp(-np.square(np.linspace(-2, 2, ink.shape[axis])))
        lit = photographed(ink) * (light[:, None, None] if axis == 0 else light[:, None])
        assert reader.read(np.rint(lit).astype(np.uint8)).text.splitlines() == lines


def test_digits_that_touch_are_cut_apart(reader, plain_digits):
    right = 0
    texts = ["30", "52", "68", "90", "23", "80", "35", "26", "63", "85"]
    for seed, text in enumerate(texts):
        ink = written(plain_digits, [text], gap=0, rng=np.random.default_rng(seed))
        page = reader.read(photographed(ink))
        right += page.text == text
    assert right >= 8, f"{right} of {len(texts)}"


def test_dirt_is_no_digit(reader, plain_digits):
    ink = written(plain_digits, LINES)
    rng = np.random.default_rng(0)
    for row, column in rng.integers(5, 45, (30, 2)):
        ink[row, column] = 0.8
    assert reader.read(photographed(ink)).text.splitlines() == LINES


@pytest.mark.parametrize("rim", range(4))
@pytest.mark.parametrize("height", [26, 48, 80])
@pytest.mark.parametrize("is_light", [False, True])
def test_a_line_cropped_closely(reader, plain_digits, rim, height, is_light):
    for text in ("970546", "1571", "71"):
        ink = written(plain_digits, [text], height=height, margin=40)
        rows, columns = (np.flatnonzero(ink.max(axis=axis) > 0.3) for axis in (1, 0))
        cut = ink[rows[0] - rim : rows[-1] + 1 + rim, columns[0] - rim : columns[-1] + 1 + rim]
        page = np.rint(250 - 220 * cut).astype(np.uint8)
        assert reader.read(255 - page if is_light else page).text == text


@pytest.mark.parametrize("side_px", [60, 130, 400, 900])
@pytest.mark.parametrize("share", [0.5, 0.75, 0.95])
def test_a_digit_that_fills_the_picture(reader, plain_digits, side_px, share):
    read = []
    for digit in range(10):
        glyph = Image.fromarray(plain_digits[digit][0])
        factor = share * side_px / max(glyph.size)
        glyph = glyph.resize((round(glyph.width * factor), round(glyph.height * factor)), Image.Resampling.BICUBIC)
        sheet = Image.new("L", (side_px, side_px))
        sheet.paste(glyph, ((side_px - glyph.width) // 2, (side_px - glyph.height) // 3))
        read.append(reader.read(255 - np.asarray(sheet)).text)
    assert read == list("0123456789")


@pytest.mark.parametrize("side", ["left", "right", "top", "bottom"])
@pytest.mark.parametrize("px", [2, 6, 40])
def test_a_strip_of_the_table_is_no_digit(reader, plain_digits, side, px):
    page = photographed(written(plain_digits, ["3873", "7477"]))
    strip = {"left": np.s_[:, :px], "right": np.s_[:, -px:], "top": np.s_[:px], "bottom": np.s_[-px:]}[side]
    page[strip] = (45, 35, 30)
    assert reader.read(page).text == "3873\n7477"


@pytest.mark.parametrize("paper", [216, 235, 250, 254])
@pytest.mark.parametrize("grain", [0.5, 1.5, 3.0])
@pytest.mark.parametrize("is_soft", [False, True])
def test_grain_alone_is_nothing(reader, paper, grain, is_soft):
    noise = np.random.default_rng(0).normal(0, grain, (500, 700))
    if is_soft:
        noise = (noise + np.roll(noise, 1, 0) + np.roll(noise, 1, 1) + np.roll(noise, (1, 1), (0, 1))) / 4
    page = np.rint(paper + noise).clip(0, 255).astype(np.uint8)
    assert reader.read(page).lines == ()
    assert reader.read(255 - page).lines == ()


@pytest.mark.parametrize("shape", [(3, 3), (28, 28), (60, 400), (400, 60), (500, 500)])
@pytest.mark.parametrize("value", [0, 128, 255])
def test_an_empty_page_is_empty(reader, shape, value):
    assert reader.read(np.full(shape, value, np.uint8)).lines == ()
    assert reader.read(np.full((*shape, 3), value, np.uint8)).text == ""


def test_what_is_no_page_is_refused(reader):
    for shape, dtype, sentence in (
        ((2, 9), np.uint8, "9 x 2 pixels is too small"),
        ((9, 2), np.uint8, "2 x 9 pixels is too small"),
        ((9, 9), float, "must be of uint8"),
        ((9, 9, 4), np.uint8, "must be of uint8"),
        ((9,), np.uint8, "must be of uint8"),
    ):
        with pytest.raises(ImageError, match=sentence):
            reader.read(np.zeros(shape, dtype))
    assert reader.read(np.zeros((3, 3), np.uint8)).lines == ()


def test_a_reader_makes_its_network_ready_once_and_can_be_sent_elsewhere(plain_digits, monkeypatch):
    made = []
    monkeypatch.setattr(reader_module, "made_ready", lambda network: made.append(network) or made_ready(network))
    reader, page = Reader(), photographed(written(plain_digits, LINES))
    assert reader.read(page).text.splitlines() == LINES
    assert pickle.loads(pickle.dumps(reader)).read(page).text.splitlines() == LINES
    assert len(made) == 2


def test_no_page_breaks_it(reader):
    """A thousand odd pages: noise, stripes, blots, tiny and long ones."""
    rng = np.random.default_rng(0)
    for i in range(1000):
        height, width = (int(side) for side in rng.integers(3, 70, 2) * (1 if i % 11 else 4))
        kind = i % 5
        if kind == 0:
            page = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
        elif kind == 1:
            page = (rng.random((height, width)) < rng.random()).astype(np.uint8) * 255
        elif kind == 2:
            page = np.tile((np.arange(width) // max(1, i % 7) % 2 * 255).astype(np.uint8), (height, 1))
        elif kind == 3:
            page = np.full((height, width), 255, np.uint8)
            top, left = rng.integers(0, height), rng.integers(0, width)
            page[top : top + i % 40, left : left + i % 23] = rng.integers(0, 256)
        else:
            page = np.add.outer(np.arange(height), np.arange(width)).astype(np.uint8)
        result = reader.read(page)
        assert all(min(mark.box) >= 0 for line in result.lines for mark in line.marks)


# ---------------------------------------------------------------- one mark


def test_a_picture_of_one_digit(reader, digits):
    right = 0
    for image, label in zip(digits.test_images[:60], digits.test_labels[:60], strict=True):
        sheet = np.full((200, 160), 250, np.uint8)
        large = np.asarray(Image.fromarray(image).resize((84, 84), Image.Resampling.BICUBIC))
        sheet[90:174, 20:104] = np.minimum(sheet[90:174, 20:104], 250 - (large * 0.8).astype(np.uint8))
        verdict = reader.classify(sheet)
        right += verdict.digit == label
        assert (verdict.digit is None) == (verdict.reason is not None) == (verdict.confidence < reader.at_least)
    assert right >= 57


def test_a_rejection_says_why(reader, plain_digits):
    blank = reader.classify(np.full((50, 40), 200, np.uint8))
    assert (blank.digit, blank.confidence, blank.reason) == (None, 0.0, NOTHING)
    rng = np.random.default_rng(0)
    cloud = np.full((100, 100), 255, np.uint8)
    cloud[30:70, 30:70] = rng.integers(0, 256, (40, 40))
    assert reader.classify(cloud).digit is None
    two = photographed(written(plain_digits, ["47"], gap=20), pen=(0, 0, 0))[:, :, 1]
    assert reader.classify(two).reason == SEVERAL
    speck = np.full((200, 200), 255, np.uint8)
    speck[100:103, 100:103] = 0
    assert reader.classify(speck).reason == "too little ink"
    corner = np.full((80, 80), 255, np.uint8)
    corner[40:80:6, 40:] = 0
    corner[40:, 40:80:6] = 0
    assert reader.classify(corner).reason == "cut off at the edge"


def test_two_digits_about_equally_likely_are_named():
    outputs = np.zeros((3, 10), np.float32)
    outputs[0, [3, 5]] = 0.55, 0.4
    outputs[1, 8] = 0.05
    outputs[2, 7] = 0.99
    verdicts = decide(outputs, Calibration(), 0.9)
    assert [v.reason for v in (verdicts[0], verdicts[1], verdicts[2])] == ["a 3 or a 5", UNLIKE, None]
    assert verdicts.digits.tolist() == [-1, -1, 7]
    assert verdicts[2].digit == 7


def test_many_verdicts_are_those_of_each(reader, digits):
    images = digits.test_images[:40]
    together = reader.verdicts(images)
    for place in range(40):
        alone = reader.verdicts(images[place : place + 1])[0]
        assert (together[place].digit, together[place].reason) == (alone.digit, alone.reason)
        np.testing.assert_allclose(together[place].outputs, alone.outputs, atol=1e-6)


def test_a_threshold_buys_accuracy_for_coverage(digits):
    images, labels = digits.test_images, digits.test_labels
    kept = []
    for at_least in (0.0, 0.5, 0.99):
        found = Reader(at_least=at_least).verdicts(images).digits
        accepted = found >= 0
        kept.append((accepted.mean(), np.mean(found[accepted] == labels[accepted])))
    coverages, accuracies = zip(*kept, strict=True)
    assert coverages[0] == 1
    assert list(coverages) == sorted(coverages, reverse=True)
    assert list(accuracies) == sorted(accuracies)
    for at_least in (-0.1, 1.1, float("nan")):
        with pytest.raises(SettingError, match="at_least must be from 0 to 1"):
            Reader(at_least=at_least)


def test_a_reader_needs_a_network_for_digits(rng):
    with pytest.raises(ShapeError, match="this one is 9-10"):
        Reader(glassnet.Network.random((9, 10), rng=rng))
    own = Reader(glassnet.Network.random((784, 10), rng=rng))
    assert own.at_least == 0, "without a calibration nothing is rejected"
    with pytest.raises(ShapeError, match="shape"):
        own.outputs(np.zeros((2, 27, 28), np.uint8))


def test_several_threads_read_at_once(reader, plain_digits):
    pages = [photographed(written(plain_digits, [line])) for line in LINES]
    wrong = []

    def work(place):
        for _ in range(5):
            if reader.read(pages[place]).text != LINES[place]:
                wrong.append(place)

    threads = [threading.Thread(target=work, args=(place,)) for place in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


# ---------------------------------------------------------------- the network that is shipped


def test_the_shipped_reader_reads_and_rejects(reader, digits):
    outputs = reader.outputs(digits.test_images)
    assert np.mean(outputs.argmax(axis=1) == digits.test_labels) > 0.994
    threshold = np.quantile(outputs.max(axis=1), 0.05)
    assert np.mean(reader.outputs(255 - digits.test_images[:1000]).max(axis=1) > threshold) < 0.005
    noise = np.random.default_rng(0).integers(0, 256, (1000, 28, 28), dtype=np.uint8)
    assert np.mean(reader.outputs(noise).max(axis=1) > threshold) < 0.005


def test_the_shipped_files_tell_where_they_are_from():
    model = shipped_model("reader")
    assert len(model_bytes(model, half=True)) < 4e6
    assert model.training["recipe"] == "reader"
    assert "UNIPEN" in model.data["source"]
    assert "CC BY" in model.data["licence"]
    assert set(model.results["calibration"]) == {"slope", "offset", "at_least", "n", "choices"}
    videos = shipped_model("videos")
    assert videos.network.layer_sizes == (784, 16, 16, 10)


def test_half_the_room_for_the_same_numbers(tmp_path, rng):
    network = in_half(glassnet.Network.random((784, 30, 10), rng=rng).astype(np.float32))
    (tmp_path / "half").write_bytes(data := model_bytes(Model(network), half=True))
    assert len(data) < 0.55 * len(model_bytes(Model(network)))
    loaded = load_model(tmp_path / "half").network
    for ours, theirs in zip(loaded.weights, network.weights, strict=True):
        assert ours.dtype == np.float32
        np.testing.assert_array_equal(ours, theirs)


# ---------------------------------------------------------------- the parts


def test_a_calibration_comes_back_from_a_header_as_it_was():
    choices = (Choice(0.5, 0.9, 0.99), Choice(0.99, 0.0, math.nan))
    calibration = Calibration(0.7, -0.4, 0.6, 1200, choices)
    header = json.loads(json.dumps({"calibration": calibration.header()}, allow_nan=False))
    assert header["calibration"]["choices"][1] == {"at_least": 0.99, "coverage": 0.0, "accuracy": None}
    back = Calibration.from_header(header)
    assert dataclasses.replace(back, choices=()) == dataclasses.replace(calibration, choices=())
    assert back.choices[0] == choices[0]
    np.testing.assert_equal(dataclasses.astuple(back.choices[1]), dataclasses.astuple(choices[1]))
    assert Calibration.from_header({"test_accuracy": 0.9}) is None
    assert Calibration.from_header({"calibration": None}) is None


def test_calibration_finds_what_made_the_answers():
    rng = np.random.default_rng(0)
    true = Calibration(0.7, -0.4)
    outputs = np.zeros((40_000, 10))
    outputs[:, 0] = 1 / (1 + np.exp(-rng.normal(2, 2, 40_000)))
    is_right = rng.random(40_000) < true.confidences(outputs)
    found = fitted(outputs, np.where(is_right, 0, 1), 0.5)
    assert found.slope == pytest.approx(0.7, abs=0.03)
    assert found.offset == pytest.approx(-0.4, abs=0.06)


def test_answers_as_sure_as_numbers_allow_can_be_calibrated():
    """Outputs of float32 reach 0 and 1 exactly; they count as LEAST_OUTPUT from there."""
    rng = np.random.default_rng(0)
    outputs = np.zeros((2000, 10))
    outputs[:, 0] = 1 / (1 + np.exp(-rng.normal(2, 2, 2000)))
    outputs[::50, 0], outputs[1::50, 0] = 1, 0
    labels = np.where(rng.random(2000) < outputs[:, 0], 0, 1)
    found = fitted(outputs, labels, 0.5)
    near = np.clip(outputs, verdict.LEAST_OUTPUT, 1 - verdict.LEAST_OUTPUT)
    again = fitted(near, np.where(near.argmax(axis=1) == outputs.argmax(axis=1), labels, 1), 0.5)
    assert (found.slope, found.offset) == pytest.approx((again.slope, again.offset), rel=1e-9)


@pytest.mark.parametrize(("ratio", "is_kept"), [(3.5, True), (4, True), (4.5, False)])
@pytest.mark.parametrize("is_upright", [False, True])
@pytest.mark.parametrize("inwards", [3, 4])
def test_what_is_thin_and_near_the_rim_is_the_edge_of_a_sheet(ratio, is_kept, is_upright, inwards):
    """More than four times as long as wide, and three pixels from the rim at most."""

    def piece(left, top, width, height):
        return Piece(left, top, width, height, np.ones((height, width), np.float32), 0.5)

    sides = (10, int(10 * ratio)) if is_upright else (int(10 * ratio), 10)
    place = (inwards, 90) if is_upright else (90, inwards)
    strip, digit = piece(*place, *sides), piece(100, 100, 20, 30)
    assert (strip in marks.without_dirt([strip, digit], (200, 200))) is (is_kept or inwards == 4)
    assert digit in marks.without_dirt([strip, digit], (200, 200))


@given(st.text("0123?", max_size=8), st.text("0123?", max_size=8))
def test_edit_distance_is_a_distance(one, other):
    distance = edit_distance(one, other)
    assert distance == edit_distance(other, one)
    assert abs(len(one) - len(other)) <= distance <= max(len(one), len(other))
    assert (distance == 0) == (one == other)


def test_edit_distance_by_hand():
    assert edit_distance("kitten", "sitting") == 3
    assert edit_distance("", "2026") == 4


def box(left, top, width=20, height=30):
    return Piece(left, top, width, height, np.ones((height, width), np.float32), 1.0)


def test_reading_order_of_boxes():
    first = [box(10 + 40 * i, 10 + i) for i in range(5)]
    second = [box(12 + 40 * i, 80 - i) for i in range(5)]
    order = in_reading_order(first[::-1] + second, 30)
    assert [[b.left for b in line] for line in order] == [[b.left for b in first], [b.left for b in second]]


@settings(max_examples=50)
@given(st.floats(-0.15, 0.15))
def test_tilt_is_measured(slope):
    boxes = [box(40 * i, round(100 + slope * 40 * i)) for i in range(12)]
    assert tilt_of(boxes, 30) == pytest.approx(slope, abs=0.02)


def test_pieces_and_ruling():
    strength = np.zeros((200, 400), np.float32)
    strength[60:100, 50:56] = 0.8
    strength[60:100, 150:156] = 0.5
    strength[79:81, :] = np.maximum(strength[79:81, :], 0.4)
    pieces = sorted(find_pieces(Ink(strength, 0.001, False)), key=lambda piece: piece.left)
    assert [(p.left, p.width) for p in pieces] == [(50, 6), (150, 6)]
    assert [p.height for p in pieces] == [40, 40], "the strokes go on where the line crossed them"
    assert pieces[0].darkness == pytest.approx(0.8)
    assert without_ruling(strength)[79, 300] == 0
    assert usual_height(pieces) == 40
    both = joined(pieces)
    assert (both.left, both.width, both.height) == (50, 106, 40)
    assert both.amount == pytest.approx(sum(p.amount for p in pieces))


@pytest.mark.parametrize(
    ("shift", "expected"),
    [
        ((0, 0), (30, 20, 20, 10)),
        ((-30, -20), (0, 0, 20, 10)),
        ((-37, 0), (0, 20, 20, 10)),
        ((0, -25), (30, 0, 20, 10)),
        ((50, 30), (80, 50, 20, 10)),
        ((60, 0), (90, 20, 10, 10)),
        ((0, 35), (30, 55, 20, 5)),
        ((200, 200), (99, 59, 1, 1)),
        ((-200, -200), (0, 0, 20, 10)),
    ],
)
def test_a_box_stays_on_its_page(shift, expected):
    """A page of 100 x 60 pixels, at each of its rims and beyond them."""
    back = np.array([[1.0, 0, shift[0]], [0, 1, shift[1]]])
    assert box_on_page(box(30, 20, 20, 10), back, 100, 60) == expected


def test_a_box_keeps_its_size_around_its_middle():
    """A quarter turn about (40, 25), the box's middle, leaves it as it is; mirrored, its middle goes to (25, 40)."""
    piece = box(30, 20, 20, 10)
    assert box_on_page(piece, None, 100, 60) == (30, 20, 20, 10)
    assert box_on_page(piece, np.array([[0.0, 1, 15], [-1, 0, 65]]), 100, 60) == (30, 20, 20, 10)
    assert box_on_page(piece, np.array([[0.0, 1, 0], [1, 0, 0]]), 100, 60) == (15, 35, 20, 10)


def test_flat_paper_has_half_a_shades_grain():
    page = np.full((300, 300), 200, np.uint8)
    page[100:140, 100:104] = 50
    assert find_page_ink(page).grain == 0.5 / 200
    light = np.full((300, 300), 190, np.uint8)
    light[100:140, 100:104] = 250
    assert find_page_ink(light).grain == 0.5 / 65


@pytest.mark.parametrize("edge", ["left", "top", "right", "bottom", None])
def test_what_touches_an_edge_is_cut_off(plain_digits, edge):
    """Beside others, which are not; nothing is sure enough for this reader."""
    page = np.full((300, 400), 255, np.uint8)
    two = Image.fromarray(255 - plain_digits[2][0]).resize((40, 60))
    for left in (100, 180, 260):
        page[120:180, left : left + 40] = np.asarray(two)
    top, left = {"left": (120, -6), "top": (-6, 180), "right": (120, 366), "bottom": (246, 180), None: (30, 30)}[edge]
    picture = Image.fromarray(page)
    picture.paste(two, (left, top))
    page = np.asarray(picture)
    marks = [mark for line in Reader(at_least=1.0).read(page).lines for mark in line.marks]
    assert len(marks) == 4
    assert all(mark.verdict.digit is None for mark in marks)
    cut = [mark for mark in marks if mark.verdict.reason == CUT_OFF]
    assert len(cut) == (edge is not None)
    for mark in cut:
        assert abs(mark.box[0] - max(left, 0)) < 9
        assert abs(mark.box[1] - max(top, 0)) < 9


def test_ink_is_a_share_of_the_light():
    page = np.full((300, 300), 200, np.uint8)
    page[100:140, 100:104] = 50
    ink = find_page_ink(page)
    assert ink.strength[120, 102] == pytest.approx(0.75, abs=0.02)
    assert ink.strength[10, 10] == 0
    assert not ink.is_light
    assert find_page_ink(255 - page).is_light


# ---------------------------------------------------------------- files


def encoded(picture, kind, **options):
    data = io.BytesIO()
    Image.fromarray(picture).save(data, kind, **options)
    return data.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "WEBP", "TIFF", "BMP", "HEIF", "AVIF", "PDF"])
def test_kinds_of_files(reader, plain_digits, kind):
    import pillow_heif

    pillow_heif.register_heif_opener()
    picture = photographed(written(plain_digits, LINES[:2]))
    assert reader.read(encoded(picture, kind)).text.splitlines() == LINES[:2]


@pytest.mark.parametrize("kind", ["TIFF", "PDF"])
def test_several_pages(reader, plain_digits, kind):
    first, *rest = (Image.fromarray(photographed(written(plain_digits, [line]))) for line in LINES)
    data = io.BytesIO()
    first.save(data, kind, save_all=True, append_images=rest)
    assert [page.text for page in reader.pages(data.getvalue())] == LINES


def test_a_page_that_lies_on_its_side(plain_digits, reader):
    picture = photographed(written(plain_digits, LINES))
    exif = Image.Exif()
    exif[0x0112] = 6
    turned = np.ascontiguousarray(np.rot90(picture))
    assert reader.read(encoded(turned, "JPEG", exif=exif)).text.splitlines() == LINES


def test_a_large_picture_is_the_mean_of_its_pixels_in_its_own_colours(monkeypatch):
    monkeypatch.setattr(decoding, "LARGEST_SIDE_PX", 40)
    halves = np.zeros((60, 60, 3), np.uint8)
    halves[::2] = 200, 100, 40
    (page,) = image_file.read_pages(encoded(halves, "PNG"))
    np.testing.assert_array_equal(page, np.broadcast_to([100, 50, 20], (30, 30, 3)))
    deep = np.zeros((60, 60), np.uint16)
    deep[::2] = 60_000
    (page,) = image_file.read_pages(encoded(deep, "PNG"))
    assert page.shape[:2] == (30, 30)
    assert np.ptp(page) == 0
    assert page.max() == pytest.approx(60_000 / 2 / 257, abs=1)


@pytest.mark.parametrize("is_large", [False, True])
def test_transparent_paper_with_a_palette(plain_digits, reader, monkeypatch, is_large):
    """Whatever colour stands where nothing is seen; a large picture is made smaller on the way."""
    ink = written(plain_digits, LINES)
    if is_large:
        monkeypatch.setattr(decoding, "LARGEST_SIDE_PX", max(ink.shape) - 1)
        ink = np.kron(ink, np.ones((2, 2)))
    picture = Image.fromarray((ink > 0.5).astype(np.uint8), "P")
    picture.putpalette([0, 0, 0, 0, 0, 0])
    data = io.BytesIO()
    picture.save(data, "PNG", transparency=0)
    assert reader.read(data.getvalue()).text.splitlines() == LINES


def test_transparent_paper(plain_digits, reader):
    ink = written(plain_digits, LINES)
    for shade in (0, 255):
        layers = np.full((*ink.shape, 4), shade, np.uint8)
        layers[:, :, 3] = np.rint(255 * ink)
        assert reader.read(encoded(layers, "PNG")).text.splitlines() == LINES


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "HEIF", "PDF"])
def test_damaged_files_are_read_or_refused(reader, plain_digits, kind, monkeypatch):
    import pillow_heif

    pillow_heif.register_heif_opener()
    monkeypatch.setattr(decoding, "LARGEST_SIDE_PX", 800)  # which every page of a PDF is drawn with
    whole = encoded(photographed(written(plain_digits, ["20"])), kind)
    rng = np.random.default_rng(7)
    for i in range(40):
        data = bytearray(whole)
        if i % 2:
            data = data[: int(rng.integers(1, len(whole)))]
        for place in rng.integers(0, len(data), 1 + i % 5):
            data[place] ^= 1 << int(rng.integers(8))
        sentence = "read."
        try:
            for _ in reader.pages(bytes(data)):
                pass
        except ImageError as error:
            sentence = str(error)
        assert re.fullmatch(r"[^\n]+\.", sentence)


def test_crops_come_a_few_thousand_at_a_time(tmp_path, digits, reader):
    np.save(tmp_path / "crops.npy", digits.test_images)
    np.save(tmp_path / "flat.npy", digits.test_images.reshape(-1, 784))
    glassnet.digits.write_idx(tmp_path / "crops.idx", digits.test_images)
    glassnet.digits.write_idx(tmp_path / "crops.idx.gz", digits.test_images)
    for name in ("crops.npy", "flat.npy", "crops.idx", "crops.idx.gz"):
        crops = open_crops(tmp_path / name)
        assert crops is not None
        assert crops.n == 10_000
        chunks = list(crops.chunks)
        assert max(map(len, chunks)) < 10_000
        np.testing.assert_array_equal(np.concatenate(chunks), digits.test_images)
    Image.fromarray(digits.test_images[0]).save(tmp_path / "image.png")
    assert open_crops(tmp_path / "image.png") is None


def test_other_arrays_are_no_crops(tmp_path):
    np.save(tmp_path / "floats.npy", np.zeros((3, 28, 28)))
    np.save(tmp_path / "wide.npy", np.zeros((3, 28, 29), np.uint8))
    (tmp_path / "cut.npy").write_bytes((tmp_path / "wide.npy").read_bytes()[:60])
    glassnet.digits.write_idx(tmp_path / "labels.idx", np.zeros(9, np.uint8))
    glassnet.digits.write_idx(tmp_path / "large.idx", np.zeros((2, 30, 30), np.uint8))
    for name in ("floats.npy", "wide.npy", "cut.npy", "labels.idx", "large.idx"):
        with pytest.raises(glassnet.GlassnetError, match=name.replace(".", r"\.")):
            open_crops(tmp_path / name)
    whole = tmp_path / "whole.idx"
    glassnet.digits.write_idx(whole, np.zeros((9000, 28, 28), np.uint8))
    whole.write_bytes(whole.read_bytes()[:-5])
    crops = open_crops(whole)
    with pytest.raises(glassnet.GlassnetError, match="whole"):
        list(crops.chunks)


def test_what_the_network_was_shown_is_what_normalising_makes(reader, digits):
    picture = 255 - np.pad(digits.test_images[3], 20)
    np.testing.assert_array_equal(reader.mark(picture).image, normalise(picture).image)


def test_how_long_a_ruled_line_is_depends_on_the_usual_height():
    """That in whose pieces half of all height stands: neither the largest nor the smallest mark."""
    strength = np.zeros((400, 700), np.float32)
    for left in range(40, 640, 20):
        strength[60:100, left : left + 8] = 0.8
    strength[230:320, 650:660] = 0.8  # one tall mark
    strength[5:11, 3:9] = 0.8  # a speck
    strength[200:202, 20:220] = 0.8
    left = without_ruling(strength)
    assert not left[200:202].any(), "it is longer than 2.5 digits are high, if not than 2.5 of the tall mark"
    np.testing.assert_array_equal(left[:199], strength[:199])
    np.testing.assert_array_equal(left[203:], strength[203:])


def test_a_speck_inside_says_nothing_of_how_high_digits_are():
    """All digits of a closely cropped line are near its rim: a speck in the middle made edges of them."""
    rows, columns = np.mgrid[:58, :40]
    distance = np.hypot((rows - 28.5) / 29, (columns - 19.5) / 20)
    ring = ((distance < 1) & (distance > 0.75)).astype(np.float32)
    digits = [Piece(20 + 60 * place, 1, 40, 58, ring, 1.0) for place in range(3)]
    speck = Piece(130, 30, 3, 3, np.ones((3, 3), np.float32), 1.0)
    kept, edges, rest = marks.sorted_out([*digits, speck], (60, 220))
    assert (kept, edges, rest) == (digits, [], [speck])


def test_what_lies_along_an_edge_is_of_the_edge():
    def upright(left, top, width, height):
        return Piece(left, top, width, height, np.ones((height, width), np.float32), 1.0)

    edge, shadow, digits = (
        upright(0, 0, 12, 400),
        upright(16, 100, 8, 70),
        [upright(90, 80, 8, 50), upright(150, 80, 30, 50)],
    )
    for piece, is_edge in (
        (shadow, True),
        (upright(21, 100, 8, 70), True),
        (upright(23, 100, 8, 70), False),  # further away than a fifth of a digit's height
        (upright(16, 100, 8, 61), False),  # shorter than an edge is
        (upright(16, 100, 18, 70), False),  # not thin
        (upright(16, 100, 70, 8), False),  # across
    ):
        _, edges, _ = marks.sorted_out([edge, piece, *digits], (400, 300))
        assert edge in edges
        assert (piece in edges) is is_edge, piece.box


def test_strokes_that_fill_a_picture_are_not_its_paper():
    page = np.full((56, 195), 250, np.uint8)
    for left in range(2, 190, 12):
        page[:, left : left + 7] = 10
    ink = find_page_ink(page)
    assert ink.grain < 0.1
    assert not ink.is_light


def test_a_strip_of_the_table_goes_with_all_its_thickness():
    """It is thicker than itself in most places; a stroke on a line is so in few."""
    strength = np.zeros((300, 600), np.float32)
    for column in range(600):
        strength[: 2 + column // 75, column] = 0.9
    assert not without_ruling(strength).any()
    line = np.zeros_like(strength)
    line[150:152] = 0.9
    for left in range(60, 560, 50):
        line[142:154, left : left + 20] = 0.9
    left_over = without_ruling(line)
    assert (left_over[142:154, 62:78] > 0).all()
    assert not left_over[:, :40].any()
