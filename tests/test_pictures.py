"""Pictures in the terminal say what their numbers say."""

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

from glassnet.cli.annotation import save_annotated
from glassnet.cli.pictures import (
    EIGHTHS,
    arrow,
    bar,
    curve,
    heat_text,
    image_text,
    shares,
    signed_colour,
    sparkline,
    weights_text,
)
from glassnet.reading.page import Line, Mark, Page
from glassnet.reading.verdict import Verdict


@pytest.fixture
def plain():
    return Console(color_system=None, width=80)


@pytest.fixture
def coloured():
    return Console(color_system="truecolor", force_terminal=True, width=80)


def test_two_pixels_share_a_character(plain):
    image = np.array([[0, 255, 255, 0], [0, 255, 0, 128], [255, 0, 64, 0]], dtype=np.uint8)
    assert image_text(image, plain).plain.split("\n") == [" █▒░", "▒ ░ "]


def test_colours_are_the_pixels(coloured):
    text = image_text(np.array([[10, 200], [30, 0]], dtype=np.uint8), coloured)
    assert text.plain == "▀▀"
    styles = [span.style for span in text.spans]
    assert [(s.color.triplet.red, s.bgcolor.triplet.red) for s in styles] == [(10, 30), (200, 0)]


def heights(values, **options):
    """Return how high each column is, in eighths of a line."""
    lines = [line.split("▕")[1] for line in curve(values, **options).plain.split("\n")]
    return [sum(EIGHTHS.index(line[i]) for line in lines) for i in range(len(lines[0]))]


def test_a_curve_is_logarithmic_and_its_ends_are_named():
    drawn = curve([1.0, 0.1, 0.01], height=4).plain.split("\n")
    assert drawn[0].startswith("  1.0000 ▕")
    assert drawn[-1].startswith("  0.0100 ▕")
    columns = heights([1.0, 0.1, 0.01], height=4)[::3]
    assert columns == [32, 1 + round(31 / 2), 1]
    assert heights([0.2, 0.4], height=4)[0] < heights([0.2, 0.4], height=4)[-1]
    assert heights([0.5], height=2) == [16] * 3


def test_a_curve_begins_with_one_eighth_and_ends_with_all():
    assert heights(range(16), height=2)[::3] == list(range(1, 17))
    assert heights([1, 10, 100, 1000], height=5)[::3] == [1, 14, 27, 40]
    assert heights([1, 10, 100, 1000], height=1, logarithmic=False)[::3] == [1, 1, 2, 8]


def test_many_values_share_columns_and_few_are_wide():
    assert len(heights(np.linspace(2, 1, 500), most_columns=60)) == 60
    assert heights([1, 3, 5, 7], most_columns=2, height=1, logarithmic=False) == [1, 8]
    assert [len(heights(np.arange(n), most_columns=60)) for n in (60, 31, 30, 20, 5)] == [60, 31, 60, 60, 15]


def test_where_values_lie_between_the_ends():
    assert shares(np.array([1.0, 3, 5]), 1, 5, logarithmic=False).tolist() == [0, 0.5, 1]
    assert shares(np.array([1.0, 10, 100]), 1, 100, logarithmic=True) == pytest.approx([0, 0.5, 1])
    assert shares(np.array([0.0, 3, 4]), 0, 4, logarithmic=True).tolist() == [0, 0.75, 1]
    assert shares(np.array([2.0, 2]), 2, 2, logarithmic=True).tolist() == [1, 1]


def test_a_sparkline_is_a_curve_in_one_line():
    assert sparkline([1.0, 0.1, 0.01], 0.01, 1.0) == "█▅▁"
    assert sparkline([0.1, 0.1], 0.001, 0.1) == "██"
    assert sparkline([4.0, 6.0, 1.0, 1.0], 1.0, 5.0, most_columns=2) == "█▁"


def test_weights_have_signs_and_sizes(plain, coloured):
    weights = np.array([[10.0, -10, 1, 3, -1], [10, -10, 1, 3, -1], [0, 0, 2, -10, 10]])
    assert weights_text(weights, plain).plain.split("\n") == ["█#░▓·", "  ░#█"]
    assert weights_text(np.zeros((2, 3)), plain).plain == "   "
    styles = [span.style for span in weights_text(np.array([[4.0, -4], [0, 2]]), coloured).spans]
    expected = [((0, 90, 181), (255, 255, 255)), ((220, 95, 0), (128, 172, 218))]
    assert [(tuple(s.color.triplet), tuple(s.bgcolor.triplet)) for s in styles] == expected
    assert signed_colour(7) == signed_colour(1) == "rgb(0,90,181)"


def test_a_surface_is_dark_where_it_is_low_and_its_first_row_is_below(plain):
    values = np.array([[1.0, 1], [100, 100], [10, 10]])
    assert heat_text(values, plain, {}).plain.split("\n") == ["▓▓", "  "]
    assert heat_text(values, plain, {(0, 1): "x", (2, 0): "o"}).plain.split("\n") == ["o▓", " x"]


def test_bars():
    assert bar(0.5, 4) == "██  "
    assert bar(0.25 + 1 / 32, 4) == "█▏  "
    assert bar(-1, 4) == "    "
    assert bar(9, 4) == "████"


@pytest.mark.parametrize(("digit", "colour"), [(7, (20, 110, 220)), (None, (220, 50, 30))])
def test_a_mark_is_framed_a_pixel_beyond_its_box(tmp_path, digit, colour):
    """Accepted in blue, rejected in red; its digit is written above it, below where there is no room."""
    verdict = Verdict(digit, 0.9, None if digit is not None else "unlike any digit", np.zeros(10, np.float32))
    for top, below in ((500, False), (9, True)):
        mark = Mark(verdict, (300, top, 40, 60), np.zeros((28, 28), np.uint8))
        picture = np.full((1000, 800, 3), 255, np.uint8)
        save_annotated(picture, Page((Line((mark,)),), (800, 1000)), tmp_path / "seen.png")
        with Image.open(tmp_path / "seen.png") as image:
            seen = (np.asarray(image) == colour).all(axis=2)
        assert seen.shape == (1000, 800)
        frame = np.zeros_like(seen)
        frame[top - 2 : top + 62, 298:342] = True
        frame[top - 1 : top + 61, 299:341] = False
        assert seen[frame].all()
        assert not seen[top - 1 : top + 61, 299:341].any()
        letters = np.flatnonzero((seen & ~frame).any(axis=1))
        assert len(letters) > 5
        assert (letters > top + 61).all() if below else (letters < top - 2).all()
        assert np.abs(letters - (top + 61 if below else top - 2)).max() < 45


def test_arrows_are_as_long_as_their_numbers():
    assert arrow(1.0, 1.0, 4) == "───▶"
    assert arrow(-0.5, 1.0, 4) == "◀─"
    for value, largest in ((0.0, 1.0), (0.01, 1.0), (float("nan"), 1.0), (float("inf"), 1.0), (1.0, 0.0)):
        assert arrow(value, largest, 4) == "·"
