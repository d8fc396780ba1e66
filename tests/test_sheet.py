"""A sheet on a table is found in a photo, looked at straight from above, and read; its marks keep their places."""

import numpy as np
import pytest
from PIL import Image

from glassnet.reading import Reader
from glassnet.reading.sheet import find_sheet
from test_reading import photographed, plain_digits, written  # noqa: F401 - a fixture

LINES = ["37926", "01637", "33387"]
TABLES = {"green": (35, 60, 45), "wood": (165, 115, 75), "black": (25, 25, 28), "grey": (110, 110, 112)}


@pytest.fixture(scope="module")
def reader():
    return Reader()


@pytest.fixture(scope="module")
def paper(plain_digits):  # noqa: F811
    return photographed(written(plain_digits, LINES))


def on_table(paper, table, corners, size):
    """A photo of so many pixels, in which the corners of a sheet lie there, from the upper left one clockwise."""
    height, width = paper.shape[:2]
    ends = [(0, 0), (width, 0), (width, height), (0, height)]
    rows, wanted = [], []
    for (x, y), (u, v) in zip(corners, ends, strict=True):
        rows += [[x, y, 1, 0, 0, 0, -u * x, -u * y], [0, 0, 0, x, y, 1, -v * x, -v * y]]
        wanted += [u, v]
    back = np.linalg.solve(np.array(rows, dtype=float), np.array(wanted, dtype=float))
    sheet = Image.fromarray(paper).convert("RGBA").transform(size, Image.Transform.PERSPECTIVE, back, Image.BICUBIC)
    photo = Image.new("RGBA", size, (*table, 255))
    photo.alpha_composite(sheet)
    pixels = np.asarray(photo.convert("RGB")).astype(float)
    return np.rint(pixels + np.random.default_rng(0).normal(0, 3, pixels.shape)).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("table", TABLES)
@pytest.mark.parametrize("is_grey", [False, True])
def test_a_sheet_on_a_table_is_read(reader, paper, table, is_grey):
    height, width = paper.shape[:2]
    corners = [(80, 60), (70 + width, 90), (50 + width, 80 + height), (95, 70 + height)]
    photo = on_table(paper, TABLES[table], corners, (width + 200, height + 180))
    page = reader.read(photo.mean(axis=2).astype(np.uint8) if is_grey else photo)
    assert page.text.splitlines() == LINES
    assert page.size == (width + 200, height + 180)
    found = find_sheet(photo)
    sides = found.page.shape[:2]
    for (x, y), (u, v) in zip(corners, [(0, 0), (sides[1], 0), (sides[1], sides[0]), (0, sides[0])], strict=True):
        left, top, _, _ = found.box_in_photo((u, v, 1, 1), 5000, 5000)
        assert np.hypot(left - x, top - y) < 0.02 * width


def test_marks_keep_their_places(reader, paper):
    height, width = paper.shape[:2]
    flat = reader.read(paper)
    corners = [(100, 70), (100 + width, 70), (100 + width, 70 + height), (100, 70 + height)]
    page = reader.read(on_table(paper, TABLES["green"], corners, (width + 160, height + 190)))
    assert page.text == flat.text
    for line, expected in zip(page.lines, flat.lines, strict=True):
        for mark, its in zip(line.marks, expected.marks, strict=True):
            left, top, wide, high = its.box
            assert np.abs(np.array(mark.box) - (left + 100, top + 70, wide, high)).max() <= 5


def test_a_sheet_that_the_photo_cuts_off_is_found_too(reader, paper):
    height, width = paper.shape[:2]
    photo = on_table(
        paper, TABLES["wood"], [(90, 0), (90 + width, 0), (90 + width, height), (90, height)], (width + 90, height)
    )
    assert find_sheet(photo) is not None
    assert reader.read(photo).text.splitlines() == LINES


@pytest.mark.parametrize("shade", [0.55, 0.8])
@pytest.mark.parametrize("is_upright", [False, True])
def test_a_shadow_is_no_table(reader, paper, shade, is_upright):
    """However sharp it is: on both sides of it there are digits."""
    shaded = paper.astype(float)
    part = np.s_[:, : paper.shape[1] // 2] if is_upright else np.s_[paper.shape[0] // 2 :]
    shaded[part] *= shade
    assert find_sheet(np.rint(shaded).astype(np.uint8)) is None


def test_without_a_table_there_is_none(paper):
    assert find_sheet(paper) is None
    assert find_sheet(255 - paper) is None
    assert find_sheet(np.full((300, 400), 250, np.uint8)) is None
    assert find_sheet(np.full((10, 400), 250, np.uint8)) is None
    rows, columns = np.mgrid[:300, :400]
    disc = np.where(np.hypot(rows - 150, columns - 200) < 120, 240, 40).astype(np.uint8)
    assert find_sheet(disc) is None, "a plate has no corners"


def test_a_box_stays_in_the_photo(paper):
    height, width = paper.shape[:2]
    corners = [(40, 40), (40 + width, 40), (40 + width, 40 + height), (40, 40 + height)]
    found = find_sheet(on_table(paper, TABLES["black"], corners, (width + 80, height + 80)))
    left, top, wide, high = found.box_in_photo((-100, -100, 5000, 5000), width + 80, height + 80)
    assert (left, top, wide, high) == (0, 0, width + 80, height + 80)
    left, top, wide, high = found.box_in_photo((9000, 9000, 10, 10), width + 80, height + 80)
    assert left == width + 79
    assert top == height + 79
    assert (wide, high) == (1, 1)
