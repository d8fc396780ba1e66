"""Frame lines: where the lines of a frame run that is seen straight from above, how thick they are and how strong."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

SIDE_COVERED, LINE_COVERED = 0.72, 0.9
"""Shares of a side, which digits may cross, and of a line inside that are there at least."""
MOST_THICKNESS = 0.17
"""Of a frame's shorter side: its lines are no wider."""
MOST_REACH_PX = 60
"""So far to each side of its middle a line's ink is looked for."""
AS_THICK = 1.25
"""Times the thinnest of its sides: how thick the others are at most, and a pixel."""
FEW_CELLS, ALIKE = 6, 0.5
"""In a grid of so few cells the narrowest is at least so wide, and the lowest so high, as the others."""
BEND = 16
"""A line moves aside by no more than a pixel in so many."""
THINNER, OUTSIDE = 22, 95
"""Per cent of its places in which a line is thinner than it is taken to be; on a frame's outside no digits touch it."""
EVEN = 0.07
"""Of a cell's width: so near to its place in an even row of cells a line stands."""
DOUBLE = 0.25
"""Of its width: so far from each other the lines of two boxes beside each other stand at most."""
NARROWEST, WIDEST = 0.55, 1.9
"""Of its height: widths of a cell in an even row."""
LIGHTER = 35
"""Per cent of a line's places that are lighter than it is taken to be."""


@dataclass(frozen=True, slots=True, eq=False)
class FrameLine:
    """A line of a frame: where it runs, and between which distances from there its ink lies."""

    path: np.ndarray
    before: int
    after: int

    @property
    def middle(self) -> float:
        """Where it stands."""
        return float(self.path.mean()) + (self.before + self.after) / 2

    @property
    def thickness(self) -> int:
        """In pixels."""
        return self.after - self.before + 1


def lines_of(flat: np.ndarray) -> tuple[list[FrameLine] | None, list[FrameLine] | None]:
    """Return a frame's upright and its level lines; None in place of those that are not there."""
    height, width = flat.shape
    level, upright = lines_across(flat.T), lines_across(flat)
    if min(len(level), len(upright)) < 2:
        return None, None
    # a frame's sides are about as thick as each other; what is thicker is a digit beside one
    thickness = min(line.thickness for lines in (level, upright) for line in (lines[0], lines[-1]))
    most = round(AS_THICK * thickness) + 1
    if thickness > max(3.0, MOST_THICKNESS * min(height, width)):
        return None, None
    for lines, seen in ((level, flat.T), (upright, flat)):
        first, last = lines[0], lines[-1]
        # outside there are no digits that could make a side seem thick
        outside = with_thickness(seen, first.path, OUTSIDE).before, with_thickness(seen, last.path, OUTSIDE).after
        lines[0] = FrameLine(
            first.path, max(outside[0], first.before - most), min(first.after, first.before + most - 1)
        )
        lines[-1] = FrameLine(last.path, max(last.before, last.after - most + 1), min(outside[1], last.after + most))
        if lines[0].middle > 1.5 * most or lines[-1].middle < seen.shape[1] - 1 - 1.5 * most:
            return None, None
    # in a row of boxes a 1 may be as high as they are
    if len(level) == 2:
        upright = even(flat, upright, most)
    if len(upright) == 2:
        level = even(flat.T, level, most)
    if len(upright) > 2 and len(level) > 2:
        upright, level = (thin_lines(lines, most) for lines in (upright, level))
        if (len(upright) - 1) * (len(level) - 1) <= FEW_CELLS and min(alike(upright), alike(level)) < ALIKE:
            return [upright[0], upright[-1]], [level[0], level[-1]]  # the strokes of a digit that fills its box
    return upright, level


def thin_lines(lines: list[FrameLine], most: int) -> list[FrameLine]:
    """Return the lines without those inside that are more than twice as thick as so much: these are strokes."""
    return [lines[0], *(line for line in lines[1:-1] if line.thickness <= 2 * most), lines[-1]]


def alike(lines: list[FrameLine]) -> float:
    """Return the smallest distance between neighbouring lines, as a share of the largest."""
    apart = np.diff([line.middle for line in lines])
    return float(apart.min() / max(apart.max(), 1.0))


def even(flat: np.ndarray, lines: list[FrameLine], most: int) -> list[FrameLine]:
    """Return the lines of an even row of cells that are about as wide as high, no thicker than so much.

    Where there is no such row, those that were found are returned.
    """
    height = len(flat)
    first, last = lines[0].middle, lines[-1].middle
    covered = flat.mean(axis=0)
    for n in range(int((last - first) / (NARROWEST * height)), 0, -1):
        pitch = (last - first) / n
        if pitch > WIDEST * height:
            break
        reach = max(2, round(EVEN * pitch))
        between = []
        for place in range(1, n):
            near = round(first + place * pitch) + np.arange(-reach, reach + 1)
            best = int(near[covered[near].argmax()])
            found = [line for line in lines if abs(line.middle - best) <= reach]
            if covered[best] >= SIDE_COVERED:
                between.append(with_thickness(flat, np.full(height, best)))
            elif found:
                between.append(found[0])
        if len(between) == n - 1:
            # where boxes stand close beside each other, all lines between them are double; a digit touches but some
            double = [doubled(line, covered, round(DOUBLE * pitch), most) for line in between]
            between = double if all(line.thickness > most for line in double) else between
            usual = float(np.median([line.thickness for line in between])) if between else 0.0
            widest = max(most, round(AS_THICK * usual)) if usual <= DOUBLE * pitch else most
            return [lines[0], *(thinner(line, widest) for line in between), lines[-1]]
    return thin_lines(lines, most)


def doubled(line: FrameLine, covered: np.ndarray, reach: int, most: int) -> FrameLine:
    """Return a line with the other one beside it, where two boxes stand close together and each has its own."""
    at = int(line.path[0])
    first = max(0, at - reach)
    is_line = np.pad(covered[first : at + reach + 1] >= SIDE_COVERED, 1)
    steps = np.flatnonzero(np.diff(is_line.astype(np.int8))) + first - at
    runs = [(start, end - 1) for start, end in steps.reshape(-1, 2).tolist() if end - start <= most]
    return FrameLine(
        line.path, min([line.before, *(run[0] for run in runs)]), max([line.after, *(run[1] for run in runs)])
    )


def thinner(line: FrameLine, most: int) -> FrameLine:
    """Return a line that is no thicker than so much."""
    if line.thickness <= most:
        return line
    return FrameLine(line.path, max(line.before, -(most // 2)), min(line.after, most // 2))


def lines_across(flat: np.ndarray) -> list[FrameLine]:
    """Return the lines that go from top to bottom, from left to right."""
    covered, paths = ways_down(flat)
    is_line = np.pad(covered[1:-1] >= LINE_COVERED, 1)
    starts, ends = (np.flatnonzero(np.diff(is_line.astype(np.int8), prepend=0) == step) for step in (1, -1))
    reach = 2 + round(0.06 * min(flat.shape))
    found: list[FrameLine] = []
    for place, (start, end) in enumerate(zip(starts.tolist(), ends.tolist(), strict=True)):
        # a wide digit may stand right beside a frame's side
        if place == 0:
            end = min(end, start + reach)
        elif place == len(starts) - 1:
            start = max(start, end - reach)
        near = np.arange(start, end)
        line = with_thickness(flat, paths(int(near[covered[near].argmax()])))
        if not found or line.middle - found[-1].middle > max(3, line.thickness):
            found.append(line)
        elif along(flat, line.path, 0) > along(flat, found[-1].path, 0):
            found[-1] = line
    return found


def ways_down(flat: np.ndarray) -> tuple[np.ndarray, Callable[[int], np.ndarray]]:
    """Return which share of the best way down to each column is ink, and what returns that way, a column a row."""
    ink = np.pad(flat, ((0, 0), (1, 1))).astype(np.float32)
    beside = (ink + np.roll(ink, 1, axis=1) + np.roll(ink, -1, axis=1)) / 300  # the middle of a line, where it is wide
    total, count = ink[0] + beside[0], ink[0].copy()
    came: dict[int, np.ndarray] = {}
    for row in range(1, len(ink)):
        if row % BEND == 0:
            padded = np.pad(total, 1, constant_values=-1)
            steps = np.stack([total, padded[:-2], padded[2:]])
            step = steps.argmax(axis=0)
            aside = np.array([0, -1, 1])[step]
            came[row] = aside
            source = (np.arange(len(total)) + aside).clip(0, len(total) - 1)
            total, count = steps.max(axis=0), count[source]
        total = total + ink[row] + beside[row]
        count = count + ink[row]

    def path(end: int) -> np.ndarray:
        at, columns = end, np.empty(len(ink), dtype=np.int64)
        for row in range(len(ink) - 1, -1, -1):
            columns[row] = at
            if row in came:
                at = min(max(at + int(came[row][at]), 0), ink.shape[1] - 1)
        return columns - 1

    return count / len(ink), path


def along(flat: np.ndarray, path: np.ndarray, aside: int) -> float:
    """Return which share of a way, so far aside, is ink."""
    columns = path + aside
    is_inside = (columns >= 0) & (columns < flat.shape[1])
    return float((flat[np.arange(len(path)), columns.clip(0, flat.shape[1] - 1)] & is_inside).mean())


def with_thickness(flat: np.ndarray, path: np.ndarray, share: int = THINNER) -> FrameLine:
    """Return the line along a way, on each side as thick as in so many per cent of its places: digits touch it."""
    most = max(2, min(MOST_REACH_PX, flat.shape[1] // 4))
    ink = np.pad(flat, ((0, 0), (most, most)))
    rows = np.arange(len(path))
    is_there = flat[rows, path.clip(0, flat.shape[1] - 1)]
    if not is_there.any():
        return FrameLine(path, 0, 0)
    sides = []
    for side in (-1, 1):
        columns = path[:, None] + most + side * np.arange(1, most)
        n = np.logical_and.accumulate(ink[rows[:, None], columns], axis=1).sum(axis=1)
        sides.append(round(side * float(np.percentile(n[is_there], share))))
    return FrameLine(path, *sides)


def strength_along(flat: np.ndarray, line: FrameLine, part: slice = slice(None)) -> float:
    """Return how strong a line is, or a part of it: most of it runs where nothing is written."""
    rows = np.arange(len(line.path))[part, None]
    columns = line.path[part, None] + np.arange(line.before, line.after + 1)
    return float(np.percentile(flat[rows, columns.clip(0, flat.shape[1] - 1)].max(axis=1), LIGHTER))
