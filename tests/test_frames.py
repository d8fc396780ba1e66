"""Boxes and grids: their lines are no marks, digits that touch them stay whole, cells say what belongs together."""

import json

import cv2
import numpy as np
import pytest

from glassnet import load_digits
from glassnet.reading import Reader
from glassnet.reading.cells import cell_at, frames_of_numbers, gaps_told
from glassnet.reading.frames import without_frames
from glassnet.reading.joining import one_in_each
from glassnet.reading.pieces import Piece

SIDE = 60


@pytest.fixture(scope="module")
def glyphs():
    """For each digit test images that the reader reads surely, cropped to their ink."""
    digits, found, reader = load_digits(), {}, Reader()
    for image, label in zip(digits.test_images, digits.test_labels.tolist(), strict=True):
        if label not in found and reader.classify(image).confidence > 0.998 and reader.classify(image).digit == label:
            rows, columns = np.flatnonzero(image.max(axis=1) > 40), np.flatnonzero(image.max(axis=0) > 40)
            found[label] = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1] / 255
        if len(found) == 10:
            break
    return found


def put(ink, glyph, x, y, height):
    """Put a digit's ink with its middle somewhere."""
    factor = height / max(glyph.shape)
    size = max(2, round(glyph.shape[1] * factor)), max(3, round(glyph.shape[0] * factor))
    large = cv2.resize(glyph, size, interpolation=cv2.INTER_CUBIC).clip(0, 1)
    left, top = round(x - size[0] / 2), round(y - size[1] / 2)
    part = ink[top : top + size[1], left : left + size[0]]
    np.maximum(part, np.where(large > 0.06, large, 0), out=part)


def gridded(glyphs, rows, height=38, side=SIDE, thick=2, line=0.8, apart=0):
    """A grid with a digit in each cell, or boxes that stand apart, as ink; a space is an empty cell."""
    margin = 50
    n = max(map(len, rows))
    ink = np.zeros((2 * margin + side * len(rows), 2 * margin + (side + apart) * n))
    for row, text in enumerate(rows):
        for column, character in enumerate(text):
            x, y = margin + column * (side + apart), margin + row * side
            cv2.rectangle(ink, (x, y), (x + side, y + side), line, thick)
            if character != " ":
                put(ink, glyphs[int(character)], x + side / 2, y + side / 2, height)
    return ink


def page_of(ink, seed=0):
    """A photo of ink on paper, with the noise of a camera."""
    shades = cv2.GaussianBlur(245 - 210 * ink, (0, 0), 0.6) + np.random.default_rng(seed).normal(0, 1.5, ink.shape)
    return np.rint(shades).clip(0, 255).astype(np.uint8)


@pytest.mark.parametrize("thick", [1, 2, 4])
@pytest.mark.parametrize("line", [0.5, 1.0])
@pytest.mark.parametrize("apart", [0, 12])
def test_a_row_of_boxes(glyphs, thick, line, apart):
    page = Reader().read(page_of(gridded(glyphs, ["14071253"], 40, thick=thick, line=line, apart=apart)))
    assert page.text == "14071253"
    cells = [mark.cell for mark in page.lines[0].marks]
    assert cells == ([(place, 0, 0) for place in range(8)] if apart else [(0, 0, place) for place in range(8)])
    assert [(thing.kind, thing.n_rows, thing.n_columns) for thing in page.things] == (
        [("frame", 1, 1)] * 8 if apart else [("frame", 1, 8)]
    )


@pytest.mark.parametrize("height", [44, 52, 58])
def test_digits_that_touch_their_boxes(glyphs, height):
    assert Reader().read(page_of(gridded(glyphs, ["2305"], height, thick=2))).text == "2305"


def test_a_one_as_high_as_its_box_is_none_of_its_lines(glyphs):
    ink = gridded(glyphs, ["7 4"], 40)
    cv2.line(ink, (50 + 3 * SIDE // 2, 54), (50 + 3 * SIDE // 2, 46 + SIDE), 1, 5)
    page = Reader().read(page_of(ink))
    assert page.text == "714"
    assert page.things[0].n_columns == 3


def test_a_grid_is_read_row_by_row(glyphs):
    rows = ["726", "364", "781"]
    page = Reader().read(page_of(gridded(glyphs, rows, thick=3)))
    assert page.text == "\n".join(rows)
    assert [mark.cell for mark in page.lines[1].marks] == [(0, 1, 0), (0, 1, 1), (0, 1, 2)]


def test_a_grid_that_was_photographed_from_aside(glyphs):
    rows = ["5047", "2819", "3264"]
    page = page_of(gridded(glyphs, rows, thick=3))
    height, width = page.shape
    corners = np.array([(0, 0), (width, 0), (width, height), (0, height)], dtype=np.float32)
    moved = corners + np.array([(9, 4), (-6, 8), (5, -3), (-4, 6)], dtype=np.float32)
    seen = cv2.warpPerspective(
        page, cv2.getPerspectiveTransform(corners, moved), (width, height), borderMode=cv2.BORDER_REPLICATE
    )
    told = Reader().read(seen)
    assert told.text == "\n".join(rows)
    (left, top, wide, high) = told.things[0].box
    assert abs(left - 52) < 12
    assert abs(top - 52) < 12
    assert abs(wide - 4 * SIDE) < 15
    assert abs(high - 3 * SIDE) < 15


def test_empty_cells_make_no_gaps_and_whole_numbers_do(glyphs):
    assert Reader().read(page_of(gridded(glyphs, ["7 26", "36 4"], thick=3))).text == "726\n364"
    ink = gridded(glyphs, ["    ", "    "], thick=2, side=90)
    for row, numbers in enumerate([("12", "40", "75", "3"), ("8", "90", "62", "51")]):
        for column, number in enumerate(numbers):
            for place, character in enumerate(number):
                put(ink, glyphs[int(character)], 50 + 90 * column + 26 + 38 * place, 95 + 90 * row, 38)
    assert Reader().read(page_of(ink)).text == "12 40 75 3\n8 90 62 51"


def test_an_empty_box_is_a_box_and_no_mark():
    page = Reader().read(page_of(gridded({}, [" "])))
    assert page.text == ""
    assert [thing.kind for thing in page.things] == ["frame"]


def test_round_digits_blots_and_squared_paper_are_no_frames(glyphs):
    for digit in range(10):
        ink = np.zeros((200, 200))
        put(ink, glyphs[digit], 100, 100, 120)
        assert without_frames(ink.astype(np.float32))[1] == []
    blot = np.zeros((200, 200), dtype=np.float32)
    blot[50:150, 40:160] = 1
    assert without_frames(blot)[1] == []
    squared = np.zeros((300, 400), dtype=np.float32)
    squared[20:281:20, 20:381] = squared[20:281, 20:381:20] = 0.3
    squared[100:180, 100:110] = 1
    left, frames = without_frames(squared)
    assert frames == []
    assert (left == squared).all()


def test_what_is_without_frames_is_left_as_it_is(glyphs):
    ink = np.zeros((120, 300), dtype=np.float32)
    put(ink, glyphs[3], 80, 60, 60)
    left, frames = without_frames(ink)
    assert left is ink
    assert frames == []


def test_ink_in_is_ink_told(glyphs):
    """Only lines go: what is left of a row of boxes is the digits' ink, and hardly less."""
    rows = ["30852"]
    digits_only = gridded(glyphs, rows, 40, line=0).astype(np.float32)
    left, frames = without_frames(gridded(glyphs, rows, 40, thick=2).astype(np.float32))
    assert len(frames) == 1
    assert abs(float(left.sum()) / float(digits_only.sum()) - 1) < 0.02


def test_cells(glyphs):
    _, frames = without_frames(gridded(glyphs, ["12", "34", "56"]).astype(np.float32))
    assert cell_at((50 + SIDE + 20, 50 + 2 * SIDE + 20, 10, 10), frames) == (0, 2, 1)
    assert cell_at((10, 10, 10, 10), frames) is None
    assert cell_at((60, 60, 10, 10), []) is None


def test_which_frames_hold_numbers(glyphs):
    _, grid = without_frames(gridded(glyphs, ["123", "456"]).astype(np.float32))
    one_each = [(0, row, column) for row in range(2) for column in range(3)]
    assert frames_of_numbers(grid, one_each) == set()
    assert frames_of_numbers(grid, [*one_each, (0, 0, 0), (0, 1, 1)]) == set(), "a third is not more than a third"
    assert frames_of_numbers(grid, [*one_each, (0, 0, 0), (0, 1, 1), (0, 1, 2)]) == {0}
    _, single = without_frames(gridded(glyphs, ["1234"], apart=20).astype(np.float32))
    cells = [(place, 0, 0) for place in range(4)]
    assert frames_of_numbers(single, [*cells, (2, 0, 0)]) == set(), "one of four boxes for a digit each"
    assert frames_of_numbers(single, [*cells, (2, 0, 0), (1, 0, 0)]) == {0, 1, 2, 3}


def test_gaps_that_frames_tell(glyphs):
    _, grid = without_frames(gridded(glyphs, ["12", "34"]).astype(np.float32))
    cells = [None, (0, 0, 0), (0, 0, 0), (0, 0, 1)]
    assert gaps_told(cells, grid, set()) == [None, False, False]
    assert gaps_told(cells, grid, {0}) == [None, False, True]
    for apart, is_gap in ((20, False), (40, True)):
        _, single = without_frames(gridded(glyphs, ["12"], apart=apart).astype(np.float32))
        assert gaps_told([(0, 0, 0), (1, 0, 0)], single, set()) == [is_gap]
        assert gaps_told([(0, 0, 0), (0, 0, 0)], single, set()) == [None], "a frame around a page holds all of it"
        assert gaps_told([(0, 0, 0), (1, 0, 0)], single, {1}) == [True]


def piece(left, height, amount):
    ink = np.full((height, 10), amount / (10 * height), dtype=np.float32)
    return Piece(left, 0, 10, height, ink, 1.0)


@pytest.mark.parametrize(
    ("whole", "parts", "small", "wanted"),
    [
        (0.9, 0.5, True, [30]),  # put together
        (0.4, 0.5, True, [10]),  # surer without the crumb
        (0.3, 0.9, False, [30]),  # two large ones in a cell are one digit, if that is likely
        (0.29, 0.9, False, [10, 10]),  # and stay two if it is not
        (0.29, 0.49, False, [30]),  # and they are no digits either
    ],
)
def test_one_digit_in_each_cell(whole, parts, small, wanted):
    one, other = piece(0, 40, 300), piece(20, 8 if small else 30, 50)
    elsewhere = piece(80, 40, 300)

    def judge(pieces):
        return np.array([whole if p.width > 10 else parts for p in pieces], dtype=np.float32)

    found = one_in_each([one, elsewhere, other], [(0, 0, 0), (0, 0, 1), (0, 0, 0)], 40.0, judge)
    assert elsewhere in found
    assert sorted(p.width for p in found if p is not elsewhere) == wanted
    assert one_in_each([], [], 40.0, judge) == []


def test_boxes_close_beside_each_other_have_a_line_each(glyphs):
    for apart in (3, 5):
        page = page_of(gridded(glyphs, ["30852"], 40, thick=3, apart=apart), seed=apart)
        assert Reader().read(page).text == "30852"


def test_the_strokes_of_a_digit_are_no_lines_of_its_box(glyphs):
    """A 4 as large as its box goes from side to side, both ways."""
    ink = gridded(glyphs, [" "])
    middle = 50 + SIDE // 2
    cv2.line(ink, (middle + 8, 52), (middle + 8, 48 + SIDE), 1, 4)
    cv2.line(ink, (52, middle + 8), (48 + SIDE, middle + 8), 1, 4)
    cv2.line(ink, (middle + 6, 52), (54, middle + 8), 1, 4)
    page = Reader().read(page_of(ink))
    assert [(thing.n_rows, thing.n_columns) for thing in page.things] == [(1, 1)]
    assert page.text == "4"


def test_the_command_tells_frames_and_cells(glyphs, run_glassnet):
    cv2.imwrite(str(run_glassnet.folder / "form.png"), page_of(gridded(glyphs, ["42"])))
    told = json.loads(run_glassnet("read", "--json", "form.png").stdout)
    assert told["things"] == [{"kind": "frame", "box": told["things"][0]["box"], "rows": 1, "columns": 2}]
    assert [mark["cell"] for mark in told["lines"][0]["marks"]] == [[0, 0, 0], [0, 0, 1]]
