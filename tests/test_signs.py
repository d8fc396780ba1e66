"""Signs between digits: points, commas, colons, dashes and slashes, where shape and place make them sure."""

import json

import cv2
import numpy as np
import pytest

from glassnet.reading import Reader
from glassnet.reading.pieces import Piece
from glassnet.reading.signs import find_signs, place_in_line
from test_frames import glyphs, page_of, put  # noqa: F401 - glyphs is a fixture

HEIGHT = 60


def sign_ink(character, slash=1.3, height=HEIGHT, stroke=8):
    """Ink of a sign, and how far down from the digits' top its middle stands, in heights."""
    if character == "-":
        return np.ones((stroke, round(0.45 * height))), 0.5
    if character == "/":
        ink = np.zeros((round(slash * height), round(0.5 * height)))
        cv2.line(ink, (4, ink.shape[0] - 5), (ink.shape[1] - 5, 4), 1, stroke)
        return ink, 0.5
    dot = np.zeros((stroke + 3, stroke + 3))
    cv2.circle(dot, (stroke // 2 + 1, stroke // 2 + 1), stroke // 2 + 1, 1, -1)
    if character == ":":
        return np.concatenate([dot, np.zeros((round(0.35 * height), dot.shape[1])), dot]), 0.6
    if character == ",":
        ink = np.zeros((round(0.35 * height), round(0.2 * height)))
        cv2.line(ink, (ink.shape[1] - 4, 4), (3, ink.shape[0] - 5), 1, stroke - 2)
        return ink, 1.05
    return dot, 0.95


def written(glyphs, text, apart=0.25, slash=1.3):  # noqa: F811
    """A line of digits and signs, as ink."""
    ink = np.zeros((3 * HEIGHT, round(HEIGHT * (len(text) + 2))))
    x = float(HEIGHT)
    for character in text:
        if character == " ":
            x += 1.6 * HEIGHT
        elif character.isdigit():
            glyph = glyphs[int(character)]
            width = glyph.shape[1] * HEIGHT / max(glyph.shape)
            put(ink, glyph, x + width / 2, 1.5 * HEIGHT, HEIGHT)
            x += width + apart * HEIGHT
        else:
            sign, place = sign_ink(character, slash)
            top = round(HEIGHT * (1 + place) - sign.shape[0] / 2)
            part = ink[top : top + sign.shape[0], round(x) : round(x) + sign.shape[1]]
            np.maximum(part, sign, out=part)
            x += sign.shape[1] + apart * HEIGHT
    return ink


TEXTS = ["12.5", "3,75", "24.12.2025", "08:15", "24/12", "555-20", "1.234,56", "24/12/25", "12.5 0.3", "120/80 17:30"]


@pytest.mark.parametrize("text", TEXTS)
def test_signs_stand_in_the_text(glyphs, text):  # noqa: F811
    page = page_of(written(glyphs, text))
    assert Reader().read(page).text == text
    without = Reader(signs=False).read(page)
    assert all(mark.sign is None for line in without.lines for mark in line.marks)
    assert without.text.replace(" ", "") == "".join(c for c in text if c.isdigit())


@pytest.mark.parametrize("tilt", [-4, 3])
def test_signs_in_a_line_that_rises_or_falls(glyphs, tilt):  # noqa: F811
    page = page_of(written(glyphs, "24.12.2025"))
    height, width = page.shape
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), tilt, 1)
    seen = cv2.warpAffine(page, turn, (width, height), borderMode=cv2.BORDER_REPLICATE)
    assert Reader().read(seen).text == "24.12.2025"


def test_a_sign_is_a_mark_without_a_digit(glyphs):  # noqa: F811
    line = Reader().read(page_of(written(glyphs, "12.5"))).lines[0]
    point = line.marks[2]
    assert (point.sign, point.text, point.verdict.digit) == (".", ".", None)
    assert point.verdict.reason == "a sign between digits"
    assert abs(point.box[2] - 11) < 4
    assert point.image.shape == (28, 28)
    assert [mark.sign for mark in line.marks] == [None, None, ".", None]


def test_dots_elsewhere_are_dirt(glyphs):  # noqa: F811
    ink = written(glyphs, "3 8", apart=0.3)
    used = np.flatnonzero(ink.any(axis=0))
    for left, y in ((used[0] - 40, 1.95), (used[-1] + 8, 1.95), (used.mean(), 1.0), (used.mean(), 0.4)):
        ink = written(glyphs, "3 8", apart=0.3)
        dot, _ = sign_ink(".")
        top, left = round(y * HEIGHT), round(left)
        ink[top : top + len(dot), left : left + dot.shape[1]] = dot
        assert set(Reader().read(page_of(ink)).text) <= set("38 "), (left, y)


@pytest.mark.parametrize("text", ["111", "1111", "71117", "0123456789", "417"])
def test_digits_are_no_signs(glyphs, text):  # noqa: F811
    assert Reader().read(page_of(written(glyphs, text))).text == text


@pytest.mark.parametrize(("slash", "told"), [(1.0, False), (1.2, True), (1.4, True)])
def test_a_leaning_one_is_as_high_as_the_digits_and_a_slash_is_higher(glyphs, slash, told):  # noqa: F811
    line = Reader().read(page_of(written(glyphs, "24/80", slash=slash))).lines[0]
    assert (line.marks[2].sign == "/") is told


@pytest.mark.parametrize(
    ("text", "told"), [("2468/80", False), ("246/80", True), ("2/46/8000", True), ("2/468/80", False), ("/246", False)]
)
def test_slashes_divide_short_numbers(glyphs, text, told):  # noqa: F811
    marks = Reader().read(page_of(written(glyphs, text))).lines[0].marks
    assert any(mark.sign == "/" for mark in marks) is told


def box_of(left, top, width, height, darkness=1.0):
    return Piece(left, top, width, height, np.ones((height, width), dtype=np.float32), darkness)


def signs_between(*between, usual=100.0, stroke=10.0):
    one, other = box_of(0, 100, 60, 100), box_of(140, 100, 60, 100)
    return [sign for sign, _, _ in find_signs([one, *between, other], usual, stroke)]


@pytest.mark.parametrize(
    ("box", "sign"),
    [
        ((95, 180, 14, 14), "."),
        ((95, 180, 14, 14, 0.43), "."),
        ((95, 180, 14, 14, 0.41), None),  # fainter than a pen's point
        ((95, 180, 9, 9), "."),
        ((95, 180, 8, 8), None),  # a speck
        ((95, 180, 30, 30), "."),
        ((95, 175, 31, 31), None),  # larger than a point
        ((95, 160, 14, 14), None),  # not at the foot
        ((95, 168, 14, 14), "."),
        ((92, 180, 12, 30), ","),
        ((92, 190, 14, 24), ","),
        ((92, 165, 12, 24), None),  # ends above the foot
        ((92, 180, 9, 28), None),  # too slim
        ((80, 145, 40, 10), "-"),
        ((80, 145, 40, 23), None),  # not flat
        ((80, 120, 40, 10), None),
        ((80, 175, 40, 10), None),  # a line under something
        ((91, 145, 18, 9), None),
        ((63, 145, 74, 12), "-"),
    ],
)
def test_shape_and_place(box, sign):
    assert signs_between(box_of(*box)) == ([] if sign is None else [sign])


@pytest.mark.parametrize(
    ("lower", "sign"), [((95, 180, 12, 12), ":"), ((95, 214, 12, 12), None), ((126, 180, 12, 12), None)]
)
def test_a_colon_is_two_dots_above_each_other(lower, sign):
    assert signs_between(box_of(95, 130, 12, 12), box_of(*lower)) == ([] if sign is None else [sign])
    assert signs_between(box_of(95, 130, 12, 12), box_of(95, 170, 12, 12), box_of(95, 150, 12, 12)) == []


@pytest.mark.parametrize(("gap", "sign"), [(79, ["."]), (81, [])])
def test_a_sign_is_near_the_digits_on_both_sides(gap, sign):
    one, other = box_of(0, 100, 60, 100), box_of(60 + gap + 12 + 10, 100, 60, 100)
    point = box_of(60 + gap, 180, 12, 12)
    assert [found for found, _, _ in find_signs([one, point, other], 100.0, 10.0)] == sign
    assert find_signs([one, point], 100.0, 10.0) == []
    assert find_signs([], 100.0, 10.0) == []


def test_where_a_sign_belongs():
    lines = [[(0, 0, 10, 20), (30, 0, 10, 20)], [(0, 100, 10, 20), (15, 100, 10, 20), (60, 100, 10, 20)]]
    assert place_in_line((20, 15, 4, 4), lines) == (0, 1)
    assert place_in_line((40, 112, 4, 4), lines) == (1, 2)
    assert place_in_line((80, 112, 4, 4), lines) is None
    assert place_in_line((0, 0, 4, 4), []) is None


def test_the_command_tells_signs_or_leaves_them_out(glyphs, run_glassnet):  # noqa: F811
    cv2.imwrite(str(run_glassnet.folder / "date.png"), page_of(written(glyphs, "24.12")))
    result = run_glassnet("read", "date.png")
    assert result.stdout.decode().splitlines() == ["24.12"]
    assert run_glassnet("read", "--signs", "none", "date.png").stdout.decode().splitlines() == ["2412"]
    told = json.loads(run_glassnet("read", "--json", "date.png").stdout)
    assert [mark["sign"] for mark in told["lines"][0]["marks"]] == [None, None, ".", None, None]
    rows = run_glassnet("read", "--csv", "date.png").stdout.decode().splitlines()
    assert [row.split(",")[-2] for row in rows] == ["sign", "", "", ".", "", ""]
    assert run_glassnet("read", "--annotate", "seen.png", "date.png").returncode == 0
    assert run_glassnet("read", "--signs", "some", "date.png").returncode != 0
