"""Ink in is ink told: whatever is as large as a digit is a mark, digit or ?, or a thing with a name."""

import json

import cv2
import numpy as np
import pytest

from glassnet.reading import Reader
from glassnet.reading.paper import find_page_ink
from test_frames import glyphs, gridded, page_of, put  # noqa: F401 - glyphs is a fixture

HEIGHT = 40


def with_lines(glyphs, rng):  # noqa: F811
    """Two lines of digits on a sheet."""
    ink = np.zeros((260, 460))
    for row in range(2):
        for place in range(6):
            put(ink, glyphs[int(rng.integers(10))], 70 + 60 * place, 80 + 90 * row, HEIGHT)
    return ink


def ruled(glyphs, rng):  # noqa: F811
    ink = with_lines(glyphs, rng)
    for y in range(20, 250, 28):
        ink[y : y + 2] = np.maximum(ink[y : y + 2], rng.uniform(0.15, 0.5))
    return page_of(ink)


def squared(glyphs, rng):  # noqa: F811
    ink = with_lines(glyphs, rng)
    ink[::25] = np.maximum(ink[::25], 0.25)
    ink[:, ::25] = np.maximum(ink[:, ::25], 0.25)
    return page_of(ink)


def at_an_edge(glyphs, rng):  # noqa: F811
    ink = with_lines(glyphs, rng)
    ink[:, : int(rng.integers(4, 25))] = 0.9
    return page_of(ink)


def with_stains(glyphs, rng):  # noqa: F811
    ink = with_lines(glyphs, rng)
    for _ in range(3):
        x, y = int(rng.integers(40, 420)), int(rng.integers(20, 240))
        cv2.circle(ink, (x, y), int(rng.integers(8, 16)), rng.uniform(0.12, 0.3), -1)
    return page_of(ink)


def with_strokes(glyphs, rng):  # noqa: F811
    ink = with_lines(glyphs, rng)
    cv2.line(ink, (20, 20), (int(rng.integers(200, 440)), 240), 0.9, 3)
    cv2.polylines(ink, [np.add(rng.integers(10, 60, (9, 1, 2)), (380, 10)).astype(np.int32)], False, 0.9, 3)
    return page_of(ink)


def in_boxes(glyphs, rng):  # noqa: F811
    rows = ["".join(map(str, rng.integers(0, 10, 5))) for _ in range(2)]
    return page_of(gridded(glyphs, rows, height=int(rng.integers(30, 58)), thick=int(rng.integers(1, 4))))


def plain(glyphs, rng):  # noqa: F811
    return page_of(with_lines(glyphs, rng))


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(
    "kind", [plain, ruled, squared, at_an_edge, with_stains, with_strokes, in_boxes], ids=lambda kind: kind.__name__
)
def test_ink_in_is_ink_told(glyphs, kind, seed):  # noqa: F811
    page = kind(glyphs, np.random.default_rng(seed))
    told = Reader().read(page)
    strength = find_page_ink(page).strength
    covered = np.zeros(strength.shape, dtype=bool)
    of_marks = (mark.box for line in told.lines for mark in line.marks)
    for left, top, width, height in [*of_marks, *(thing.box for thing in told.things)]:
        covered[max(0, top - 3) : top + height + 3, max(0, left - 3) : left + width + 3] = True
    missed = (strength > 0.1) & ~covered
    _, _, stats, _ = cv2.connectedComponentsWithStats(missed.astype(np.uint8), connectivity=8)
    large = [stat.tolist() for stat in stats[1:] if max(stat[2:4]) > 0.5 * HEIGHT]
    assert not large


def test_things_have_names(glyphs, run_glassnet):  # noqa: F811
    rng = np.random.default_rng(0)
    for kind, names in (
        (plain, set()),
        (ruled, {"line"}),
        (squared, {"squares"}),
        (at_an_edge, {"edge"}),
        (in_boxes, {"frame"}),
    ):
        found = {thing.kind for thing in Reader().read(kind(glyphs, rng)).things}
        assert names <= found <= names | {"stain"}
    cv2.imwrite(str(run_glassnet.folder / "page.png"), at_an_edge(glyphs, rng))
    told = json.loads(run_glassnet("read", "--json", "page.png").stdout)
    assert [thing["kind"] for thing in told["things"]] == ["edge"]
