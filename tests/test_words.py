"""Gaps between numbers in a line are told by the line's own rhythm, in the text as spaces."""

import numpy as np
import pytest

from glassnet.reading import Reader
from glassnet.reading.page import Line, Mark
from glassnet.reading.verdict import Verdict
from glassnet.reading.words import least_wide, word_starts
from test_reading import photographed, plain_digits, written  # noqa: F401 - a fixture


def boxes(text, gap, narrow=0.25, height=40, widths=None):
    """Marks of a line as such a text would have them; a 1 is narrow."""
    found, left = [], 0.0
    for character in text:
        if character == " ":
            left += gap * height
            continue
        width = height * (0.2 if character == "1" else 0.6)
        found.append((round(left), 0, round(width), height))
        left += width + narrow * height
    return found


def read_with(lines, starts):
    """Return texts with spaces where words start."""
    return [
        "".join(f" {c}" if place in its else c for place, c in enumerate(line.replace(" ", "")))
        for line, its in zip(lines, starts, strict=True)
    ]


@pytest.mark.parametrize("gap", [0.9, 1.5, 3.0])
@pytest.mark.parametrize("narrow", [0.0, 0.15, 0.3])
@pytest.mark.parametrize(
    "line", ["12345 67891", "9 66", "77 01936", "41 941 501", "1 11 1111", "98 7 65 4 3", "0000", "7", ""]
)
def test_words_of_a_line(line, gap, narrow):
    assert read_with([line], word_starts([boxes(line, gap, narrow)])) == [line]


@pytest.mark.parametrize("narrow", [0.05, 0.3, 0.8, 2.0, 5.0])
@pytest.mark.parametrize("line", ["2718281828", "30", "888"])
def test_digits_that_all_stand_alike_are_one_word(line, narrow):
    assert word_starts([boxes(line, 0, narrow)]) == [()]


@pytest.mark.parametrize("pitch", [1.2, 1.8, 2.5])
def test_a_row_of_boxes_is_one_word_whatever_stands_in_them(pitch):
    """The middles are as far apart as the boxes; beside a 1 there is more room."""
    row = []
    for place, character in enumerate("18114011"):
        width = 8 if character == "1" else 24
        row.append((round(40 * pitch * place - width / 2) + 100, 0, width, 40))
    assert word_starts([row]) == [()]


def test_a_short_line_is_judged_by_the_others():
    lines = ["12 34 56", "7 8", "90 12 34", "77"]
    assert read_with(lines, word_starts([boxes(line, 1.5) for line in lines])) == lines
    assert word_starts([boxes("7 8", 1.5)]) == [()], "alone it is anybody's guess"


@pytest.mark.parametrize(
    ("gaps", "wide"),
    [
        ([0.2, 0.2, 1.4, 0.2], 0.8),
        ([0.2, 0.9], None),
        ([0.2, 1.1], 0.65),
        ([0.5, 0.62, 0.5, 0.65], None),  # a hand that is not even
        ([0.1, 0.7, 0.1, 0.75, 0.12], 0.41),
        ([0.1, 1.5, 1.5, 1.5], None),  # nearly all stand apart
        ([-0.1, -0.05, 0.9], 0.425),
        ([0.4], None),
        ([], None),
    ],
)
def test_what_is_wide(gaps, wide):
    assert least_wide(np.array(gaps)) == (None if wide is None else pytest.approx(wide))


def test_a_page_of_words(plain_digits):  # noqa: F811
    lines = ["77 01936", "24207 05 886", "353"]
    page = Reader().read(photographed(written(plain_digits, lines)))
    assert page.text == "\n".join(lines)
    assert [len(word) for word in page.lines[1].words] == [5, 2, 3]
    assert [len(word) for word in page.lines[2].words] == [3]
    assert sum(page.lines[1].words, ()) == page.lines[1].marks


def test_how_sure_a_line_is():
    """As often right as all of its digits are, signs apart: none of them is asked for."""
    sure = [(3, 0.9, None), (None, 0.0, "."), (None, 0.5, None), (7, 0.8, None)]
    image = np.zeros((28, 28), dtype=np.uint8)
    marks = tuple(
        Mark(Verdict(digit, confidence, None, np.zeros(10)), (0, 0, 1, 1), image, sign=sign)
        for digit, confidence, sign in sure
    )
    assert Line(marks).confidence == pytest.approx(0.36)
    assert Line(marks[:1]).confidence == 0.9
