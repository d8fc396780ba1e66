"""Cutting: digits that touch are cut apart where the network reads the parts best."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import pairwise

import numpy as np

from glassnet.reading.pieces import Piece

Judge = Callable[[list[Piece]], np.ndarray]
"""Returns the largest output for each piece, shape (n,)."""
Span = tuple[int, int]
"""What lies between two seams, by their places."""

SURE = 0.5
"""A piece that is read so surely is left whole; ..."""
NARROW, SURE_OF_NARROW = 0.8, 0.1
"""... one that is narrower, in its heights, if it is read so surely: several digits are hardly that narrow."""
MOST_CUTS = 10
LEAST_OUTPUT = 1e-3
LEAST_PART = 0.3
"""The output that every part has to reach, or the piece is left whole."""
WIDEST_PART = 1.5
"""Heights of a digit; what is wider is not one."""
MOST_CUT = 1500
"""Pieces that are cut on a page; what comes after them is left whole. Some 10 of 150 marks are doubtful on a photo."""
MOST_CUT_PX = 1 << 23
"""Pixels of the boxes of all that is cut on a page: twice the largest page. Where the boxes of lines that cross or lie
in each other have more, what comes after them is left whole; those of digits hardly overlap."""
MOST_CUT_PX_AT_ONCE = 1 << 19
"""So many of them are cut together: parts of many pieces are shown to the network in one call, five times as fast as
in a call for each piece."""
MOST_NUMBERS = 2_000_000
"""That are kept at once of the ways that are looked for."""


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
    outputs = judge(pieces).tolist()
    parts = [[piece] for piece in pieces]
    doubtful = [
        place
        for place, (piece, output) in enumerate(zip(pieces, outputs, strict=True))
        if piece.width > 0.6 * usual
        and piece.width > 0.55 * piece.height
        and output < (SURE if piece.width > NARROW * piece.height else SURE_OF_NARROW)
    ]
    for places in groups_of(doubtful, [pieces[place].width * pieces[place].height for place in doubtful]):
        cuts = [Cut(pieces[place], outputs[place], usual) for place in places]
        judge_spans(cuts, judge)
        for place, cut in zip(places, cuts, strict=True):
            parts[place] = cut.best_parts()
    return [part for of_piece in parts for part in of_piece]


def groups_of(places: list[int], sizes: list[int]) -> Iterator[list[int]]:
    """Yield places in groups that are cut together, those within `MOST_CUT` and `MOST_CUT_PX` in all."""
    totals = np.cumsum(sizes)
    n = min(MOST_CUT, int(np.searchsorted(totals, MOST_CUT_PX, side="right")))
    if n:
        which = totals[:n] // MOST_CUT_PX_AT_ONCE
        for group in np.split(np.arange(n), np.flatnonzero(np.diff(which)) + 1):
            yield [places[i] for i in group]


def best_parts(piece: Piece, whole: float, usual: float, judge: Judge) -> list[Piece]:
    """Return a piece cut where the product of its parts' outputs is largest, or whole where that is larger."""
    cut = Cut(piece, whole, usual)
    judge_spans([cut], judge)
    return cut.best_parts()


def judge_spans(cuts: list["Cut"], judge: Judge) -> None:
    """Let the parts of some pieces be judged, as far as a piece may be cut at all, all that are due in one call."""
    # Every part has to be read surely: where none that begins at the left is, or none that ends at the right, nothing
    # has to be made of the others.
    for spans_of in (Cut.spans_from_left, Cut.spans_to_right, Cut.spans_between):
        made = [(cut, span, part) for cut in cuts if cut.is_possible for span, part in cut.parts_of(spans_of(cut))]
        for cut in cuts:
            cut.is_possible = False
        outputs = judge([part for _, _, part in made]).tolist() if made else []
        for (cut, span, part), output in zip(made, outputs, strict=True):
            cut.parts[span], cut.outputs[span] = part, output
            cut.is_possible |= output > LEAST_PART


class Cut:
    """A piece that may be several digits, the seams along which it may be cut, and what was found of the parts."""

    def __init__(self, piece: Piece, whole: float, usual: float) -> None:
        self.piece, self.whole = piece, whole
        self.height = max(piece.height, usual * 0.6)
        # more than the widest parts side by side is not looked at
        is_too_wide = piece.width > (MOST_CUTS + 1) * WIDEST_PART * self.height
        self.seams = [None, *([] if is_too_wide else seams_of(piece, usual)), None]
        self.last = len(self.seams) - 1
        self.is_possible = self.last > 1
        self.parts: dict[Span, Piece] = {}
        self.outputs: dict[Span, float] = {}

    def spans_from_left(self) -> list[Span]:
        """Return what may be the first part."""
        return [(0, end) for end in range(1, self.last)]

    def spans_to_right(self) -> list[Span]:
        """Return what may be the last part."""
        return [(start, self.last) for start in range(1, self.last)]

    def spans_between(self) -> list[Span]:
        """Return what may be any other part."""
        return [(start, end) for start in range(1, self.last) for end in range(start + 1, self.last)]

    def parts_of(self, spans: Iterable[Span]) -> Iterator[tuple[Span, Piece]]:
        """Yield what lies in some spans, where that has the size of a digit."""
        for start, end in spans:
            part = between(self.piece, self.seams[start], self.seams[end])
            if (
                part is not None
                and part.width <= WIDEST_PART * self.height
                and part.height >= 0.3 * self.height
                and part.amount > 0.01 * self.height**2
            ):
                yield (start, end), part

    def best_parts(self) -> list[Piece]:
        """Return the parts whose product of outputs is largest, or the whole piece where that is larger."""
        # the best way to each seam: (logarithm of the product, where the last part begins)
        best: list[tuple[float, int]] = [(0.0, -1)] + [(-np.inf, -1)] * self.last
        for end in range(1, self.last + 1):
            for start in range(end):
                if (start, end) in self.outputs:
                    score = best[start][0] + float(np.log(max(self.outputs[start, end], LEAST_OUTPUT)))
                    best[end] = max(best[end], (score, start))
        if best[-1][0] <= np.log(max(self.whole, LEAST_OUTPUT)):
            return [self.piece]
        ends, at = [], self.last
        while at > 0:
            ends.append((best[at][1], at))
            at = best[at][1]
        chosen = [self.parts[span] for span in reversed(ends)]
        are_sure = all(self.outputs[span] > LEAST_PART for span in ends)
        are_side_by_side = all(
            one.right - other.left < 0.6 * min(one.width, other.width) for one, other in pairwise(chosen)
        )
        return chosen if are_sure and are_side_by_side else [self.piece]


def seams_of(piece: Piece, usual: float) -> list[np.ndarray]:
    """Return ways from top to bottom that cross little ink, from left to right, each a column for every row."""
    reach = max(2, int(0.12 * usual))
    starts = np.arange(reach, piece.width - reach, max(1, int(0.06 * usual)))
    aside = max(2, int(0.25 * usual))
    # a few at once, so that a large piece takes no more memory than some pages
    n_at_once = max(1, MOST_NUMBERS // (piece.height * (2 * aside + 1)))
    found = [
        cheapest_ways(piece.ink, starts[first : first + n_at_once], aside) for first in range(0, len(starts), n_at_once)
    ]
    if not found:
        return []
    seams, costs = np.concatenate([ways for ways, _ in found]), np.concatenate([costs for _, costs in found])
    is_free = np.ones(len(seams), dtype=bool)
    chosen: list[int] = []
    for place in np.argsort(costs, kind="stable").tolist():
        if is_free[place]:
            chosen.append(place)
            if len(chosen) == MOST_CUTS:
                break
            is_free &= np.abs(seams - seams[place]).mean(axis=1) > 0.1 * usual
    return [seams[place] for place in sorted(chosen, key=lambda place: seams[place].mean())]


def cheapest_ways(ink: np.ndarray, middles: np.ndarray, reach: int) -> tuple[np.ndarray, np.ndarray]:
    """Return the ways down the strips around some columns that cross the least ink, at most a column aside a row.

    Parameters
    ----------
    ink : ndarray of float32, shape (height, width)
        From 0 to 1.
    middles : ndarray of int, shape (n,)
        The columns.
    reach : int
        Columns of a strip on each side.

    Returns
    -------
    tuple of ndarray
        A column for every row, shape (n, height); and what each way costs, shape (n,).
    """
    height, width = ink.shape
    places = middles[:, None] + np.arange(
        -reach - 1, reach + 2
    )  # (n, strip): one more on each side, which no way takes
    is_inside = (np.abs(places - middles[:, None]) <= reach) & (places >= 0) & (places < width)
    # straight ways are preferred to winding ones that cross as much
    aside = np.where(is_inside, 0.02 * np.abs(places - middles[:, None]) / reach, np.inf)
    total = ink.astype(np.float64)[:, places.clip(0, width - 1)] + 0.02 + aside  # (height, n, strip)
    for row in range(1, height):
        above = total[row - 1]
        best = np.minimum(above[:, :-2] + 0.03, above[:, 1:-1])
        np.minimum(best, above[:, 2:] + 0.03, out=best)
        total[row, :, 1:-1] += best
    n = np.arange(len(middles))
    seams = np.empty((height, len(middles)), dtype=np.intp)
    seams[-1] = total[-1].argmin(axis=1)
    for row in range(height - 2, -1, -1):
        at = seams[row + 1]
        above = total[row]
        seams[row] = at - 1 + np.stack([above[n, at - 1], above[n, at], above[n, at + 1]]).argmin(axis=0)
    return (seams + middles - reach - 1).T, total[-1].min(axis=1)


def between(piece: Piece, left: np.ndarray | None, right: np.ndarray | None) -> Piece | None:
    """Return what of a piece lies between two seams; None if there is nothing."""
    first = 0 if left is None else int(left.min())
    end = piece.width if right is None else int(right.max())
    columns = np.arange(first, end)
    ink = piece.ink[:, first:end]
    if left is not None:
        ink = np.where(columns >= left[:, None], ink, 0)
    if right is not None:
        ink = np.where(columns < right[:, None], ink, 0)
    return cropped(replace(piece, left=piece.left + first), ink) if end > first else None


def cropped(piece: Piece, ink: np.ndarray) -> Piece | None:
    """Return a piece with other ink, its box as small as that allows; None if there is none."""
    rows, places = (np.flatnonzero((ink > 0).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return None
    top, bottom, first, last = int(rows[0]), int(rows[-1]) + 1, int(places[0]), int(places[-1]) + 1
    return Piece(
        piece.left + first, piece.top + top, last - first, bottom - top, ink[top:bottom, first:last], piece.darkness
    )
