"""Pictures in the terminal say what their numbers say."""

import numpy as np
import pytest
from rich.console import Console

from glassnet.cli.pictures import EIGHTHS, bar, curve, image_text


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


def test_many_values_share_columns():
    assert len(heights(np.linspace(2, 1, 500), most_columns=60)) == 60


def test_bars():
    assert bar(0.5, 4) == "██  "
    assert bar(0.25 + 1 / 32, 4) == "█▏  "
    assert bar(-1, 4) == "    "
    assert bar(9, 4) == "████"
