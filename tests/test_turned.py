"""Pages that lie upside down or sideways are noticed, and read the right way up."""

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from glassnet.reading import Reader, Thing
from glassnet.reading.page import is_doubtful, sense_of
from glassnet.reading.paper import find_page_ink
from glassnet.reading.turning import turned_back
from test_frames import glyphs, gridded, page_of, put  # noqa: F401 - glyphs is a fixture

LINES = ["2735", "4492", "5347"]
"""Upside down some are digits, too."""


@pytest.fixture(scope="module")
def page(glyphs):  # noqa: F811
    ink = np.zeros((330, 400))
    for row, text in enumerate(LINES):
        for place, character in enumerate(text):
            put(ink, glyphs[int(character)], 80 + 70 * place, 70 + 95 * row, 50)
    return page_of(ink)


@pytest.mark.parametrize("quarters", [0, 1, 2, 3])
def test_a_page_that_was_turned(page, quarters):
    upright = Reader().read(page)
    assert (upright.text, upright.turned) == ("\n".join(LINES), 0)
    told = Reader().read(np.ascontiguousarray(np.rot90(page, quarters)))
    assert told.text == upright.text
    assert told.turned == (360 - 90 * quarters) % 360
    assert told.size == (page.shape[::-1] if quarters % 2 == 0 else page.shape)
    # boxes are those of the page as it was given
    height, width = page.shape
    for line, wanted in zip(told.lines, upright.lines, strict=True):
        for mark, its in zip(line.marks, wanted.marks, strict=True):
            box = turned_back(mark.box, quarters, (width, height)) if quarters else mark.box
            assert np.abs(np.subtract(box, its.box)).max() <= 3


@pytest.mark.parametrize("quarters", [1, 2, 3])
def test_boxes_are_turned_back(quarters):
    page = np.zeros((50, 80), dtype=np.uint8)
    page[10:22, 30:35] = 1
    rows, columns = np.nonzero(np.rot90(page, quarters))
    box = (int(columns.min()), int(rows.min()), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1)
    assert turned_back(box, quarters, (80, 50)) == (30, 10, 5, 12)


def test_cells_of_a_grid_that_lies_upside_down(glyphs):  # noqa: F811
    rows = ["724", "345"]
    told = Reader().read(np.ascontiguousarray(np.rot90(page_of(gridded(glyphs, rows, thick=3)), 2)))
    assert told.text == "\n".join(rows)
    assert told.turned == 180
    assert [mark.cell for mark in told.lines[0].marks] == [(0, 0, 0), (0, 0, 1), (0, 0, 2)]
    assert told.lines[0].marks[0].box[0] > told.lines[0].marks[2].box[0]


def test_what_makes_no_sense_either_way_stays_as_it_is():
    rng = np.random.default_rng(0)
    ink = np.zeros((200, 500))
    for place in range(5):
        cv2.polylines(
            ink, [np.add(rng.integers(0, 60, (9, 1, 2)), (30 + 90 * place, 70)).astype(np.int32)], False, 1, 4
        )
    told = Reader().read(page_of(ink))
    assert told.turned == 0
    assert is_doubtful(told)


def test_stains_make_no_sense(page):
    """Turned, most marks of a page may be taken for stains: what is left must not seem surer."""
    told = Reader().read(page)
    stained = replace(told, things=(Thing("stain", (0, 0, 30, 30)),) * 12)
    assert sense_of(stained) == pytest.approx(sense_of(told) / 2)
    assert sense_of(replace(told, things=(Thing("edge", (0, 0, 30, 30)),))) == sense_of(told)


def test_a_page_is_doubtful_by_its_marks(page):
    told = Reader().read(page)
    assert sense_of(told) > 0.95
    assert not is_doubtful(told)
    assert is_doubtful(Reader().read_upright(find_page_ink(np.rot90(page, 2).copy())))
    empty = Reader().read(np.full((200, 200), 240, np.uint8))
    assert sense_of(empty) == 0
    assert not is_doubtful(empty)


def test_the_command_says_that_a_page_was_turned(page, run_glassnet):
    cv2.imwrite(str(run_glassnet.folder / "page.png"), np.rot90(page, 2))
    assert run_glassnet("read", "page.png").stdout.decode().splitlines() == [*LINES, "read upside down"]
    assert json.loads(run_glassnet("read", "--json", "page.png").stdout)["turned"] == 180
