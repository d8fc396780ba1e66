"""Joining: a 5's loose bar, or a broken stroke, is put together with what it belongs to."""

from collections.abc import Sequence

import numpy as np

from glassnet.reading.cells import Cell
from glassnet.reading.cutting import Judge
from glassnet.reading.pieces import SMALL_SHARE, Piece, joined

OWN_DIGIT, OWN_WIDTH = 0.9, 0.4
"""Output from which on a piece beside another is a digit by itself, however small, if it is so wide for its height: a
stroke that is narrower may be a 1, or a part of a 4."""
STACKED = 0.4
"""By how much less surely a whole may be read than its larger part alone, where the parts stand over each other."""
HIGHEST_WHOLE = 1.6
"""Heights of a digit; what is higher is not one."""
MOST_WHOLES = 5000
"""Pairs that are tried as wholes in each round, the smallest first: one for each of the most marks that are read."""
MOST_WHOLE_PX = 1 << 24
"""Pixels of their boxes, four times the largest page."""
CRUMB = 0.35
"""Of a digit's height: smaller pieces in a cell are crumbs of its lines, where the digit is surer without them."""
LIKELY, SURE = 0.3, 0.5
"""Output from which on several large pieces in a cell are one digit as a whole, and are one each."""
ROUNDS = 3
"""A digit in four parts is whole after three."""


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
        more surely than the larger alone; not a small digit that stands beside another one.
    """
    current = list(pieces)
    known: dict[tuple[Piece, Piece], tuple[Piece, float]] = {}  # what was tried in an earlier round
    for _ in range(ROUNDS):
        pairs = part_pairs(current, usual)
        if not pairs:
            return current
        new = [(current[i], current[j]) for i, j in pairs if (current[i], current[j]) not in known]
        made = [joined(list(pair)) for pair in new]
        known |= dict(zip(new, zip(made, judge(made).tolist() if made else [], strict=True), strict=True))
        outputs = judge(current)
        pairs = [(i, j) for i, j in pairs if outputs[i] < OWN_DIGIT or not is_apart(current[i], current[j], usual)]
        wholes = [known[current[i], current[j]] for i, j in pairs]
        gains = np.array([output for _, output in wholes]) - np.array([max(outputs[j], outputs[i]) for i, j in pairs])
        # what stands right above or below the rest is hardly a digit of its own
        gains += [STACKED if outputs[i] < 0.5 and is_stacked(current[i], current[j]) else 0.0 for i, j in pairs]
        taken: set[int] = set()
        joint: list[Piece] = []
        for place in np.argsort(-gains, kind="stable").tolist():
            i, j = pairs[place]
            if gains[place] > -0.02 and not {i, j} & taken:
                taken |= {i, j}
                joint.append(wholes[place][0])
        if not joint:
            return current
        current = [piece for place, piece in enumerate(current) if place not in taken] + joint
    return current


def is_apart(part: Piece, other: Piece, usual: float) -> bool:
    """Return whether a piece stands wholly beside another one, and is large and wide enough for a digit."""
    shared = min(part.right, other.right) - max(part.left, other.left)
    return shared <= 0 and part.height > SMALL_SHARE * usual and part.width > OWN_WIDTH * part.height


def is_stacked(part: Piece, other: Piece) -> bool:
    """Return whether a piece stands above or below another one."""
    shared = min(part.right, other.right) - max(part.left, other.left)
    return shared > 0.5 * min(part.width, other.width)


def part_pairs(pieces: list[Piece], usual: float) -> list[tuple[int, int]]:
    """Return which pieces may be parts of which others beside them, before an image is made of any two."""
    i, j = close_pairs(pieces, usual)
    left, top, right, bottom = np.array([(p.left, p.top, p.right, p.bottom) for p in pieces]).T
    heights, amounts = bottom - top, np.array([piece.amount for piece in pieces])
    is_part = (amounts[i] <= amounts[j]) & ((heights[i] < 0.65 * usual) | (amounts[i] < 0.5 * amounts[j]))
    whole_heights = np.maximum(bottom[i], bottom[j]) - np.minimum(top[i], top[j])
    fits = is_part & (whole_heights < HIGHEST_WHOLE * usual)
    i, j, whole_heights = i[fits], j[fits], whole_heights[fits]
    sizes = whole_heights * (np.maximum(right[i], right[j]) - np.minimum(left[i], left[j]))
    smallest = np.argsort(sizes, kind="stable")[:MOST_WHOLES]
    tried = np.sort(smallest[np.cumsum(sizes[smallest]) <= MOST_WHOLE_PX])
    return list(zip(i[tried].tolist(), j[tried].tolist(), strict=True))


def close_pairs(pieces: list[Piece], usual: float) -> tuple[np.ndarray, np.ndarray]:
    """Return which pieces lie close together: the places of the ones, in order, and of the others; both ways."""
    left, top, right, bottom = np.array([(p.left, p.top, p.right, p.bottom) for p in pieces]).T
    order = np.argsort(left, kind="stable")
    # in order of their left sides, those that begin before this one's right side
    ends = np.searchsorted(left[order], right + 0.15 * usual)
    ones, others = [], []
    for rank, place in enumerate(order.tolist()):
        beside = order[rank + 1 : ends[place]]
        across = left[beside] - np.minimum(right[beside], right[place])
        down = np.maximum(top[beside], top[place]) - np.minimum(bottom[beside], bottom[place])
        close = beside[(across < 0.15 * usual) & (down < 0.3 * usual)]
        ones += [np.full(len(close), place), close]
        others += [close, np.full(len(close), place)]
    i, j = np.concatenate(ones), np.concatenate(others)
    in_order = np.lexsort((j, i))
    return i[in_order], j[in_order]


def one_in_each(pieces: list[Piece], cells: Sequence[Cell | None], usual: float, judge: Judge) -> list[Piece]:
    """Return pieces in cells made for one digit: those that share one put together, or without the crumbs beside it.

    Parameters
    ----------
    pieces : list of Piece
        Connected ink.
    cells : sequence of tuple of int
        The cell of each.
    usual : float
        The height of a digit, in pixels.
    judge : callable
        Says how surely each of some pieces is a digit, from 0 to 1.

    Returns
    -------
    list of Piece
        In no order. Several in a cell stay so only if each is large and surely a digit.
    """
    of_cells: dict[Cell | None, list[Piece]] = {}
    for piece, cell in zip(pieces, cells, strict=True):
        of_cells.setdefault(cell, []).append(piece)
    kept = [its[0] for its in of_cells.values() if len(its) == 1]
    for its in of_cells.values():
        if len(its) == 1:
            continue
        large = [piece for piece in its if max(piece.height, piece.width) > CRUMB * usual] or its
        whole = joined(its)
        as_whole, *as_parts = judge([whole, *large]).tolist()
        is_whole = as_whole >= LIKELY or min(as_parts) < SURE if len(large) > 1 else as_whole >= as_parts[0]
        kept += [whole] if is_whole else large
    return kept
