"""Cutting and joining, by judges that are easier to foresee than a network: digits here are about 20 pixels high."""

import numpy as np
import pytest

from glassnet.reading.cutting import best_parts, with_touching_cut
from glassnet.reading.joining import close_pairs, is_stacked, part_pairs, with_parts_joined
from glassnet.reading.pieces import Piece


def block(left, top, width, height, ink=1.0):
    return Piece(left, top, width, height, np.full((height, width), ink, np.float32), 1.0)


def test_cutting_asks_the_judge():
    """A judge that knows one square from two: the wide piece is cut, and the parts of a broken square are joined."""
    wide = block(0, 0, 44, 20)
    wide.ink[:, 21:23] = 0.1

    def judge(pieces):
        return np.array([0.95 if 0.8 < p.width / p.height < 1.25 else 0.05 for p in pieces])

    parts = with_touching_cut([wide], 20, judge)
    assert len(parts) == 2
    assert sum(part.width for part in parts) == 44
    assert with_touching_cut([parts[0]], 20, judge) == [parts[0]]
    upper = block(0, 0, 20, 7)
    lower = block(0, 8, 20, 12)
    (whole,) = with_parts_joined([upper, lower], 20, judge)
    assert (whole.width, whole.height) == (20, 20)
    far = block(90, 0, 20, 7)
    assert len(with_parts_joined([far, lower], 20, judge)) == 2


@pytest.mark.parametrize(
    ("width", "height", "whole", "part", "is_cut"),
    [
        (30, 20, 0.49, 0.99, True),
        (30, 20, 0.5, 0.99, False),  # read surely
        (17, 20, 0.49, 0.99, True),
        (16, 20, 0.11, 0.99, False),  # narrow, and read at all
        (16, 20, 0.09, 0.99, True),
        (30, 20, 0.05, 0.31, True),
        (30, 20, 0.05, 0.29, False),  # the parts are read better than the whole, and badly
        (13, 20, 0.05, 0.99, True),
        (12, 20, 0.05, 0.99, False),  # narrow beside other digits
        (23, 40, 0.05, 0.99, True),
        (22, 40, 0.05, 0.99, False),  # narrow beside its own height
    ],
)
def test_what_is_cut_at_all(width, height, whole, part, is_cut):
    def judge(pieces):
        return np.array([whole if p.width == width else part for p in pieces])

    parts = with_touching_cut([block(0, 0, width, height)], 20, judge)
    assert len(parts) == 1 + is_cut
    assert sum(p.width for p in parts) == width


@pytest.mark.parametrize(("slant", "n_parts"), [(20, 2), (24, 1)])
def test_parts_stand_side_by_side(slant, n_parts):
    """Two strokes, 12 pixels wide, that lean by so many: their boxes share 0.59 and 0.65 of their width."""
    width, height = 26 + slant, 60
    ink = np.zeros((height, width), np.float32)
    for row, start in enumerate(np.rint(np.linspace(slant, 0, height)).astype(int)):
        ink[row, start : start + 26] = [1.0] * 12 + [0.05] * 2 + [1.0] * 12

    def judge(pieces):
        return np.array([0.05 if p.width == width else 0.9 for p in pieces])

    assert len(best_parts(Piece(0, 0, width, height, ink, 1.0), 0.05, 80, judge)) == n_parts


def test_no_part_is_much_wider_than_high():
    """Two parts would do for the judge; what is four times as wide as high is at least three digits."""
    wide = block(0, 0, 80, 20)
    wide.ink[:, [26, 40, 53]] = 0.1

    def judge(pieces):
        return np.array([0.05 if p.width == 80 else 0.8 for p in pieces])

    assert [p.left for p in with_touching_cut([wide], 20, judge)] == [0, 26, 53]


@pytest.mark.parametrize(
    ("height", "ink", "is_cut"), [(6, 1.0, True), (5, 1.0, False), (6, 0.06, True), (6, 0.04, False)]
)
def test_a_dash_is_no_part(height, ink, is_cut):
    """Of a digit as high and wide as 20 pixels, with a dash that the judge would love to have alone."""
    both = block(0, 0, 34, 20)
    both.ink[:, 20:] = 0
    both.ink[7 : 7 + height, 20:] = ink

    def judge(pieces):
        return np.array([0.95 if (p.left, p.width) in ((0, 20), (20, 14)) else 0.05 for p in pieces])

    assert [p.width for p in with_touching_cut([both], 20, judge)] == ([20, 14] if is_cut else [34])


def wholes_are(gain, alone=0.5, part=0.5):
    """Return a judge of a large and a small piece, who likes the whole so much more than the large one alone."""

    def judge(pieces):
        return np.array([{100: part, 400: alone}.get(round(p.amount), alone + gain) for p in pieces])

    return judge


LARGE = block(0, 0, 20, 20)
BESIDE, BELOW = block(21, 0, 10, 10), block(5, 21, 10, 10)


@pytest.mark.parametrize(
    ("piece", "judge", "is_joined"),
    [
        (BESIDE, wholes_are(0.1), True),
        (BESIDE, wholes_are(-0.01), True),  # hardly worse: as sure as rounding lets it be
        (BESIDE, wholes_are(-0.03), False),
        (BESIDE, wholes_are(0.1, part=0.7), False),  # the small one alone is read more surely than the whole
        (BESIDE, wholes_are(-0.3, part=0.4), False),
        (BELOW, wholes_are(-0.3, part=0.4), True),  # what stands below the rest is hardly a digit of its own ...
        (BELOW, wholes_are(-0.3, part=0.5), False),  # ... unless it is read as one
        (BELOW, wholes_are(-0.43, part=0.4), False),
        (block(5, 21, 10, 10, 0.5), wholes_are(0.1), True),
    ],
)
def test_two_pieces_are_joined_where_the_whole_is_read_more_surely(piece, judge, is_joined):
    assert len(with_parts_joined([LARGE, piece], 20, judge)) == 2 - is_joined
    assert len(with_parts_joined([piece, LARGE], 20, judge)) == 2 - is_joined


@pytest.mark.parametrize(("usual", "is_joined"), [(19.5, True), (19.3, False)])
def test_no_whole_is_much_higher_than_a_digit(usual, is_joined):
    """31 pixels are 1.6 digits of 19.4, whatever the judge says."""
    assert len(with_parts_joined([LARGE, BELOW], usual, wholes_are(0.4))) == 2 - is_joined


def test_the_likeliest_whole_is_joined_and_its_parts_are_in_no_other():
    left, right = block(-11, 0, 10, 10), BESIDE

    def judge(pieces):
        return np.array([{(-11, 31): 0.9, (0, 31): 0.6, (-11, 42): 0.1}.get((p.left, p.width), 0.5) for p in pieces])

    found = with_parts_joined([left, LARGE, right], 20, judge)
    assert sorted((p.left, p.width) for p in found) == [(-11, 31), (21, 10)]


def test_which_pieces_lie_close_together():
    """Nearer than 0.15 of a digit's height across, and than 0.3 of it down."""
    for left, top, is_close in ((22, 0, True), (23, 0, False), (0, 25, True), (0, 26, False), (22, 25, True)):
        ones, others = close_pairs([LARGE, block(left, top, 10, 10)], 20)
        assert ones.tolist() == ([0, 1] if is_close else []), (left, top)
        assert others.tolist() == ([1, 0] if is_close else []), (left, top)
    assert part_pairs([LARGE], 20) == []


@pytest.mark.parametrize(
    ("part", "is_part"),
    [
        (block(0, 0, 20, 12), True),
        (block(0, 0, 20, 13), False),  # 0.65 of a digit's height
        (block(0, 0, 9, 20), True),
        (block(0, 0, 10, 20), False),  # half of the other's ink
        (block(0, 0, 34, 12), False),  # more than the other's ink
    ],
)
def test_a_part_is_low_or_has_little_ink(part, is_part):
    assert ((0, 1) in part_pairs([part, LARGE], 20)) == is_part


@pytest.mark.parametrize(("left", "is_above"), [(14, True), (15, False), (-4, True), (-5, False)])
def test_what_stands_above_shares_more_than_half_of_its_columns(left, is_above):
    assert is_stacked(block(left, -12, 10, 10), LARGE) == is_above
    assert is_stacked(LARGE, block(left, -12, 10, 10)) == is_above


@pytest.mark.parametrize(
    ("piece", "sure", "is_joined"),
    [
        (block(21, 0, 9, 12), 0.95, False),  # a small digit beside a large one
        (block(21, 0, 9, 12), 0.85, True),  # hardly one by itself
        (block(21, 0, 4, 12), 0.95, True),  # a stroke, though it may be a 1
        (block(21, 0, 9, 6), 0.95, True),  # too small for a digit
        (block(5, 21, 9, 10), 0.95, True),  # below it
    ],
)
def test_a_small_digit_beside_another_stays_one(piece, sure, is_joined):
    amount = round(piece.amount)

    def judge(pieces):  # the whole is the surest
        return np.array([{amount: sure, 400: 0.5}.get(round(p.amount), 0.99) for p in pieces])

    assert len(with_parts_joined([LARGE, piece], 20, judge)) == 2 - is_joined
