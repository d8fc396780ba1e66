"""Cutting: digits that touch are cut apart where the network reads the parts best; loose parts are put together."""

from collections.abc import Callable
from itertools import pairwise

import numpy as np

from glassnet.reading.marks import Piece, joined

Judge = Callable[[list[Piece]], np.ndarray]
"""Returns the largest output for each piece, shape (n,)."""

SURE = 0.9
"""A piece that is read so surely is left whole."""
MOST_CUTS = 10
LEAST_OUTPUT = 1e-3
STACKED = 0.4
"""By how much less surely a whole may be read than its larger part alone, where the parts stand over each other."""
LEAST_PART = 0.3
"""The output that every part has to reach, or the piece is left whole."""


def with_touching_cut(pieces: list[Piece], usual: float, judge: Judge) -> list[Piece]:
    """Return the pieces, those that are several digits cut apart.

    Parameters
    ----------
    pieces : list of Piece
        Each a digit, or several that touch.
    usual : float
        The height of a digit, in pixels.
    judge : callable
        Says how surely each of some pieces is a digit, from 0 to 1.

    Returns
    -------
    list of Piece
        In the order given, parts from left to right.
    """
    if not pieces:
        return []
    outputs = judge(pieces)
    result: list[Piece] = []
    for piece, output in zip(pieces, outputs.tolist(), strict=True):
        may_be_several = piece.width > 0.6 * usual and piece.width > 0.55 * piece.height and output < SURE
        result += best_parts(piece, output, usual, judge) if may_be_several else [piece]
    return result


def best_parts(piece: Piece, whole: float, usual: float, judge: Judge) -> list[Piece]:
    """Return a piece cut where the product of its parts' outputs is largest, or whole where that is larger."""
    seams = [None, *seams_of(piece, usual), None]
    spans = [(i, j) for i in range(len(seams) - 1) for j in range(i + 1, len(seams)) if (i, j) != (0, len(seams) - 1)]
    parts = {span: between(piece, seams[span[0]], seams[span[1]]) for span in spans}
    height = max(piece.height, usual * 0.6)
    possible = {
        span: part
        for span, part in parts.items()
        if part is not None
        and part.width <= 1.5 * height
        and part.height >= 0.3 * height
        and part.amount > 0.01 * height**2
    }
    if not possible:
        return [piece]
    outputs = dict(zip(possible, judge(list(possible.values())).tolist(), strict=True))
    # the best way to each seam: (logarithm of the product, where the last part begins)
    best: list[tuple[float, int]] = [(0.0, -1)] + [(-np.inf, -1)] * (len(seams) - 1)
    for end in range(1, len(seams)):
        for start in range(end):
            if (start, end) in outputs:
                score = best[start][0] + float(np.log(max(outputs[start, end], LEAST_OUTPUT)))
                best[end] = max(best[end], (score, start))
    if best[-1][0] <= np.log(max(whole, LEAST_OUTPUT)):
        return [piece]
    ends, at = [], len(seams) - 1
    while at > 0:
        ends.append((best[at][1], at))
        at = best[at][1]
    chosen = [possible[span] for span in reversed(ends)]
    are_sure = all(outputs[span] > LEAST_PART for span in ends)
    are_side_by_side = all(
        one.right - other.left < 0.6 * min(one.width, other.width) for one, other in pairwise(chosen)
    )
    return chosen if are_sure and are_side_by_side else [piece]


def seams_of(piece: Piece, usual: float) -> list[np.ndarray]:
    """Return ways from top to bottom that cross little ink, from left to right, each a column for every row."""
    width = piece.width
    reach = max(2, int(0.12 * usual))
    costs = []
    seams = []
    for start in range(reach, width - reach, max(1, int(0.06 * usual))):
        seam, cost = cheapest_way(piece.ink, start, max(2, int(0.25 * usual)))
        seams.append(seam)
        costs.append(cost)
    chosen: list[int] = []
    for place in np.argsort(costs, kind="stable").tolist():
        if all(np.abs(seams[place] - seams[other]).mean() > 0.1 * usual for other in chosen):
            chosen.append(place)
        if len(chosen) == MOST_CUTS:
            break
    return [seams[place] for place in sorted(chosen, key=lambda place: seams[place].mean())]


def cheapest_way(ink: np.ndarray, middle: int, reach: int) -> tuple[np.ndarray, float]:
    """Return the way down a strip around a column that crosses the least ink, at most a column aside a row."""
    first, last = max(0, middle - reach), min(ink.shape[1], middle + reach + 1)
    strip = ink[:, first:last].astype(np.float64)
    # straight ways are preferred to winding ones that cross as much
    strip = strip + 0.02 + 0.02 * np.abs(np.arange(first, last) - middle) / reach
    total = strip.copy()
    for row in range(1, len(strip)):
        above = np.pad(total[row - 1], 1, constant_values=np.inf)
        total[row] += np.minimum(np.minimum(above[:-2] + 0.03, above[1:-1]), above[2:] + 0.03)
    seam = np.empty(len(strip), dtype=np.intp)
    seam[-1] = int(np.argmin(total[-1]))
    for row in range(len(strip) - 2, -1, -1):
        at = seam[row + 1]
        low = max(at - 1, 0)
        seam[row] = low + int(np.argmin(total[row, low : at + 2]))
    return seam + first, float(total[-1].min())


def between(piece: Piece, left: np.ndarray | None, right: np.ndarray | None) -> Piece | None:
    """Return what of a piece lies between two seams; None if there is nothing."""
    columns = np.arange(piece.width)[None, :]
    ink = piece.ink
    if left is not None:
        ink = np.where(columns >= left[:, None], ink, 0)
    if right is not None:
        ink = np.where(columns < right[:, None], ink, 0)
    return cropped(piece, ink)


def cropped(piece: Piece, ink: np.ndarray) -> Piece | None:
    """Return a piece with other ink, its box as small as that allows; None if there is none."""
    rows, places = (np.flatnonzero((ink > 0).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    top, bottom, first, last = int(rows[0]), int(rows[-1]) + 1, int(places[0]), int(places[-1]) + 1
    return Piece(
        piece.left + first, piece.top + top, last - first, bottom - top, ink[top:bottom, first:last], piece.darkness
    )


def with_parts_joined(pieces: list[Piece], usual: float, judge: Judge) -> list[Piece]:
    """Return the pieces, a 5's loose bar or a broken stroke put together with what it belongs to.

    Parameters
    ----------
    pieces : list of Piece
        Connected ink.
    usual : float
        The height of a digit, in pixels.
    judge : callable
        Says how surely each of some pieces is a digit, from 0 to 1.

    Returns
    -------
    list of Piece
        In no order. Two pieces are joined where one of them is small, they lie close together, and the whole is read
        more surely than the larger alone.
    """
    current = list(pieces)
    for _ in range(3):
        pairs = [(i, j) for i, j in close_pairs(current, usual) if is_part_of(current[i], current[j], usual)]
        if not pairs:
            return current
        wholes = [joined([current[i], current[j]]) for i, j in pairs]
        outputs = judge(current)
        gains = judge(wholes) - np.array([max(outputs[j], outputs[i]) for i, j in pairs])
        # what stands right above or below the rest is hardly a digit of its own
        gains += [STACKED if outputs[i] < 0.5 and is_stacked(current[i], current[j]) else 0.0 for i, j in pairs]
        taken: set[int] = set()
        made: list[Piece] = []
        for place in np.argsort(-gains).tolist():
            i, j = pairs[place]
            if gains[place] > -0.02 and wholes[place].height < 1.6 * usual and not {i, j} & taken:
                taken |= {i, j}
                made.append(wholes[place])
        if not made:
            return current
        current = [piece for place, piece in enumerate(current) if place not in taken] + made
    return current


def is_stacked(part: Piece, other: Piece) -> bool:
    """Return whether a piece stands above or below another one."""
    shared = min(part.right, other.right) - max(part.left, other.left)
    return shared > 0.5 * min(part.width, other.width)


def close_pairs(pieces: list[Piece], usual: float) -> list[tuple[int, int]]:
    """Return which pieces lie close together, each pair both ways."""
    left, top, right, bottom = np.array([(p.left, p.top, p.right, p.bottom) for p in pieces]).T
    across = np.maximum.outer(left, left) - np.minimum.outer(right, right)
    down = np.maximum.outer(top, top) - np.minimum.outer(bottom, bottom)
    close = (across < 0.15 * usual) & (down < 0.3 * usual)
    np.fill_diagonal(close, False)
    return [(int(i), int(j)) for i, j in np.argwhere(close)]


def is_part_of(part: Piece, other: Piece, usual: float) -> bool:
    """Return whether a piece is small enough beside another one to be a part of the same digit."""
    return part.amount <= other.amount and (part.height < 0.65 * usual or part.amount < 0.5 * other.amount)
