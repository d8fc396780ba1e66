"""Layout: which marks stand in a line, which lines in a column, and in what order people read them."""

from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np

GUTTER = 2.5
"""Heights of a digit that lie between two columns at least."""
FAR = 8.0
"""Heights of a digit beyond which two marks are no neighbours."""


class Box(Protocol):
    """What has a place on the page, in pixels."""

    @property
    def left(self) -> int:
        """First column."""
        ...

    @property
    def top(self) -> int:
        """First row."""
        ...

    @property
    def right(self) -> int:
        """First column beyond."""
        ...

    @property
    def bottom(self) -> int:
        """First row beyond."""
        ...


B = TypeVar("B", bound=Box)


def overlap(first: tuple[float, float], second: tuple[float, float]) -> float:
    """Return the length that two stretches share, as a share of the shorter one; negative where they share none."""
    shared = min(first[1], second[1]) - max(first[0], second[0])
    return shared / max(min(first[1] - first[0], second[1] - second[0]), 1e-9)


def neighbours(boxes: Sequence[Box], usual: float) -> list[tuple[int, int]]:
    """Return pairs of marks, the second the nearest to the right of the first at about its height."""
    pairs = []
    for i, box in enumerate(boxes):
        best, best_gap = -1, FAR * usual
        middle = (box.left + box.right) / 2
        for j, other in enumerate(boxes):
            gap = other.left - box.right
            if j == i or (other.left + other.right) / 2 <= middle or gap >= best_gap:
                continue
            if overlap((box.top, box.bottom), (other.top, other.bottom)) > 0.4:
                best, best_gap = j, gap
        if best >= 0:
            pairs.append((i, best))
    return pairs


def tilt_of(boxes: Sequence[Box], usual: float) -> float:
    """Return how far lines rise or fall, as rows for each column: the median over neighbours of like height.

    Parameters
    ----------
    boxes : sequence of Box
        The marks.
    usual : float
        The height of a digit, in pixels.

    Returns
    -------
    float
        Positive where lines fall to the right; 0 where there are too few neighbours to tell.
    """
    slopes, lengths = [], []
    for i, j in neighbours(boxes, usual):
        one, other = boxes[i], boxes[j]
        heights = sorted((one.bottom - one.top, other.bottom - other.top))
        across = (other.left + other.right - one.left - one.right) / 2
        if heights[0] > 0.7 * heights[1] and heights[1] > 0.6 * usual and across > 0.3 * usual:
            slopes.append((other.top + other.bottom - one.top - one.bottom) / 2 / across)
            lengths.append(across)
    if len(slopes) < 3:
        return 0.0
    order = np.argsort(slopes)
    weights = np.cumsum(np.array(lengths)[order])
    return float(np.array(slopes)[order][np.searchsorted(weights, weights[-1] / 2)])


def in_reading_order(boxes: Sequence[B], usual: float) -> list[list[B]]:
    """Return the marks in lines: columns from left to right, in them lines from top to bottom, in them marks.

    Parameters
    ----------
    boxes : sequence of Box
        The marks, lines about level.
    usual : float
        The height of a digit, in pixels.

    Returns
    -------
    list of list
        Every mark once.
    """
    return [line for column in columns(list(boxes), usual) for line in lines(column, usual)]


def columns(boxes: list[B], usual: float) -> list[list[B]]:
    """Return the marks of each column: a gutter is empty from top to bottom, with several lines on both sides."""
    order = sorted(boxes, key=lambda box: box.left)
    found: list[list[B]] = []
    current: list[B] = []
    reach = 0
    for box in order:
        if current and box.left - reach > GUTTER * usual:
            found.append(current)
            current = []
        current.append(box)
        reach = max(reach, box.right)
    if current:
        found.append(current)
    # a line of widely spaced digits has gaps too: its parts belong together unless each side has lines of its own
    merged: list[list[B]] = []
    for column in found:
        if merged and min(len(lines(merged[-1], usual)), len(lines(column, usual))) < 2:
            merged[-1] = merged[-1] + column
        else:
            merged.append(column)
    if len(merged) > 1 and is_one_grid(merged, usual):
        return [boxes]
    return merged


def is_one_grid(parts: list[list[B]], usual: float) -> bool:
    """Return whether the parts are single digits set far apart, and no columns of numbers."""
    widths = [max(len(line) for line in lines(part, usual)) for part in parts]
    return max(widths) == 1


def lines(boxes: list[B], usual: float) -> list[list[B]]:
    """Return the marks of each line, from top to bottom, each from left to right."""
    parent = list(range(len(boxes)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, j in neighbours(boxes, usual):
        parent[root(j)] = root(i)
    chains: dict[int, list[B]] = {}
    for i, box in enumerate(boxes):
        chains.setdefault(root(i), []).append(box)
    found: list[list[B]] = []
    for chain in sorted(chains.values(), key=len, reverse=True):
        # a chain that was broken by a wide gap or by a digit out of line joins the line at its height
        middle = middle_of(chain)
        near = [line for line in found if abs(middle_of(line) - middle) < 0.5 * usual]
        if near:
            min(near, key=lambda line: abs(middle_of(line) - middle)).extend(chain)
        else:
            found.append(chain)
    found.sort(key=middle_of)
    return [sorted(line, key=lambda box: box.left + box.right) for line in found]


def middle_of(line: Sequence[Box]) -> float:
    """Return the height at which a line stands, in pixels from the top."""
    return float(np.median([(box.top + box.bottom) / 2 for box in line]))
