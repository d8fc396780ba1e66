"""Signs: points, commas, colons, dashes and slashes between digits, told by their shape and place."""

from collections.abc import Sequence
from itertools import pairwise

import numpy as np

from glassnet.reading.layout import lines
from glassnet.reading.pieces import Piece, joined

TALL = 0.6
"""Of the usual height: what is higher, or a digit's width wide, is what a line is made of."""
NEAR = 0.8
"""Heights of a digit from a sign to the digits beside it at most."""
DOT, LEAST_DOT, DOT_STROKES = 0.3, 0.085, 0.4
"""A dot's sides, in heights of a digit at most and at least, and in widths of a stroke at least."""
ROUND = 1.6
"""Times its shorter side: a dot's longer side at most; a comma is longer."""
LOW = 0.75
"""So far down a line the middle of a point or comma lies, from its top to its foot."""
COMMA, SLIM = 0.5, 3.0
"""A comma's height, in heights of a digit and in its own widths at most."""
BELOW = 0.12
"""Heights of a digit that a comma reaches below the foot of a line at least, if it is no longer than a dot."""
COLON = (0.15, 0.8)
"""Heights of a digit between the middles of a colon's dots."""
DASH_WIDTH, DASH_LONG, DASH_PLACE = (0.18, 0.75), 1.8, (0.28, 0.72)
"""A dash's width, in heights of a digit; in its own heights at least; and how far down a line its middle lies."""
SLASH_LEAN, SLASH_THIN, SLASH_BEND = (11.0, 42.0), 0.15, 0.03
"""A slash leans to the right by so many degrees; across it there is so much of its length's spread; and so far, in its
heights, its middle lies from a straight line at most."""
SLASH_BEYOND, ONE_OF_TWO, SLASH_WITHIN = 0.09, 0.03, 0.05
"""A slash is higher than the digits of its line by so much, or one of two by this; so little within them at its ends: a
1 is as high as they are."""
DARK = 0.42
"""Of the darkness that the digits beside it have: signs are of the same pen."""


def find_signs(pieces: Sequence[Piece], usual: float, stroke: float) -> list[tuple[str, Piece, list[Piece]]]:
    """Return the signs among pieces: which, as one piece, and the pieces that it is made of.

    Parameters
    ----------
    pieces : sequence of Piece
        All ink of a page, small marks with it, lines about level.
    usual : float
        The height of a digit, in pixels.
    stroke : float
        Width of a stroke, in pixels.

    Returns
    -------
    list of tuple
        `.`, `,`, `:`, `-` or `/`; only between two digits that stand near it in a line.
    """
    large = [piece for piece in pieces if max(piece.height, 0.8 * piece.width) > TALL * usual]
    small = [piece for piece in pieces if max(piece.height, 0.8 * piece.width) <= TALL * usual]
    if len(large) < 2:
        return []
    found: list[tuple[str, Piece, list[Piece]]] = []
    for line in lines(large, usual):
        found += [("/", piece, [piece]) for piece in slashes_of(line, usual)]
        for one, other in pairwise(line):
            top, foot = (one.top + other.top) / 2, (one.bottom + other.bottom) / 2
            between = [
                piece
                for piece in small
                if is_between(piece, one, other, usual)
                and top - 0.2 * usual < piece.top + piece.height / 2 < foot + 0.45 * usual
                and piece.darkness > DARK * min(one.darkness, other.darkness)
                and is_of_a_pen(piece, usual, stroke)
            ]
            sign = sign_of(between, top, foot, usual)
            if sign is not None:
                found.append((sign, joined(between), between))
    return found


def slashes_of(line: list[Piece], usual: float) -> list[Piece]:
    """Return the pieces of a line that are slashes: straight, leaning, higher than the digits; none at its ends."""
    straight = [piece for piece in line if is_leaning_stroke(piece)]
    others = [piece for piece in line if piece not in straight]
    if not straight or not others:
        return []
    top, foot, height = (float(np.median([getattr(p, side) for p in others])) for side in ("top", "bottom", "height"))
    found = [
        piece
        for piece in straight
        if piece.height > (1 + ONE_OF_TWO) * height
        and piece.top < top + SLASH_WITHIN * height
        and piece.bottom > foot - SLASH_WITHIN * height
    ]
    # a date, a fraction, two values: not more than so many digits at either side
    numbers: list[list[Piece]] = [[]]
    kept = []
    for place, piece in enumerate(line):
        if place and piece.left - line[place - 1].right > NEAR * usual:
            numbers.append([])
        numbers[-1].append(piece)
    for number in numbers:
        places = [-1, *(place for place, piece in enumerate(number) if piece in found), len(number)]
        n_digits = [end - start - 1 for start, end in pairwise(places)]
        slashes = [number[place] for place in places[1:-1]]
        if len(slashes) == 1:
            is_plain = slashes[0].height > (1 + SLASH_BEYOND) * height and max(n_digits) <= 3
        else:
            is_plain = len(slashes) == 2 and n_digits[1] <= 2 and max(n_digits) <= 4
        if is_plain and min(n_digits) > 0:
            kept += slashes
    return kept


def is_leaning_stroke(piece: Piece) -> bool:
    """Return whether a piece is one straight stroke that leans to the right."""
    if piece.width > piece.height:
        return False
    rows, columns = np.nonzero(piece.ink > 0.3)
    if len(rows) < 10:
        return False
    ink = piece.ink[rows, columns].astype(np.float64)
    places = np.stack([columns, rows]).astype(np.float64)
    places -= np.average(places, axis=1, weights=ink)[:, None]
    spreads, axes = np.linalg.eigh((places * ink) @ places.T / ink.sum())
    across, down = axes[:, 1] * np.sign(axes[1, 1] or 1.0)
    lean = float(np.degrees(np.arctan2(-across, down)))
    if not SLASH_LEAN[0] < lean < SLASH_LEAN[1] or spreads[0] > SLASH_THIN**2 * spreads[1]:
        return False
    height = piece.ink.shape[0]
    amounts = np.bincount(rows, weights=ink, minlength=height)
    used = np.flatnonzero(amounts)
    middles = np.bincount(rows, weights=ink * columns, minlength=height)[used] / amounts[used]
    slope, offset = np.polyfit(used, middles, 1)
    return float(np.abs(middles - offset - slope * used).max()) < SLASH_BEND * height


def is_between(piece: Piece, one: Piece, other: Piece, usual: float) -> bool:
    """Return whether a piece stands between two others, near both and apart from them."""
    middle = piece.left + piece.width / 2
    return (
        one.left + one.width / 2 < middle < other.left + other.width / 2
        and piece.left - one.right < NEAR * usual
        and other.left - piece.right < NEAR * usual
    )


def is_of_a_pen(piece: Piece, usual: float, stroke: float) -> bool:
    """Return whether a piece is large enough for a point; a dash may be thinner, and a comma."""
    sides = sorted((piece.width, piece.height))
    least = max(LEAST_DOT * usual, DOT_STROKES * stroke)
    return sides[0] >= least or (sides[1] > ROUND * sides[0] and sides[1] >= 2 * least)


def sign_of(between: list[Piece], top: float, foot: float, usual: float) -> str | None:
    """Return the sign that all small marks between two digits are; None if they are none."""
    down = [(piece.top + piece.height / 2 - top) / max(foot - top, 1.0) for piece in between]
    if len(between) == 2:
        upper, lower = sorted(between, key=lambda piece: piece.top)
        apart = (lower.top + lower.height / 2 - upper.top - upper.height / 2) / usual
        aside = abs(lower.left + lower.width / 2 - upper.left - upper.width / 2) / usual
        are_dots = all(is_dot(piece, usual) for piece in between)
        return ":" if are_dots and COLON[0] < apart < COLON[1] and aside < DOT and max(down) < 1.2 else None
    if len(between) != 1:
        return None
    (piece,), (place,) = between, down
    if DASH_PLACE[0] < place < DASH_PLACE[1]:
        is_flat = piece.width > DASH_LONG * piece.height and DASH_WIDTH[0] * usual < piece.width < DASH_WIDTH[1] * usual
        return "-" if is_flat else None
    if place < LOW:
        return None
    if is_dot(piece, usual):
        return "," if piece.bottom - foot > BELOW * usual and piece.height > 1.25 * piece.width else "."
    is_comma = piece.width < piece.height <= min(COMMA * usual, SLIM * piece.width)
    return "," if is_comma and piece.bottom > foot - 0.1 * usual else None


def is_dot(piece: Piece, usual: float) -> bool:
    """Return whether a piece is small and about round."""
    sides = sorted((piece.width, piece.height))
    return sides[1] <= DOT * usual and sides[1] <= ROUND * max(sides[0], 1)


Box = tuple[int, int, int, int]


def place_in_line(sign: Box, lines_of_boxes: Sequence[Sequence[Box]]) -> tuple[int, int] | None:
    """Return in which line a sign stands, and before which of its marks; None if it stands between none.

    Parameters
    ----------
    sign : tuple of int
        Its left, top, width and height.
    lines_of_boxes : sequence of sequence of tuple of int
        Those of the marks of each line, from left to right.
    """
    left, top, width, height = sign
    x, y = left + width / 2, top + height / 2
    best: tuple[float, int, int] | None = None
    for number, boxes in enumerate(lines_of_boxes):
        place = sum(one[0] + one[2] / 2 < x for one in boxes)
        if 0 < place < len(boxes):
            beside = boxes[place - 1 : place + 1]
            distance = abs(y - sum(one[1] + one[3] / 2 for one in beside) / 2)
            if best is None or distance < best[0]:
                best = distance, number, place
    return None if best is None else best[1:]
