"""Layout: which marks stand in a line, which lines in a column, and in what order people read them."""

from bisect import insort
from collections.abc import Sequence
from typing import Protocol, TypeVar

import numpy as np

GUTTER = 2.5
"""Heights of a digit that lie between two columns at least."""
FAR = 8.0
"""Heights of a digit beyond which two marks are no neighbours."""
SAME_HEIGHT = 0.4
"""Share of the lower one's height that neighbours have in common at least."""


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


def neighbours(boxes: Sequence[Box], usual: float) -> list[tuple[int, int]]:
    """Return pairs of marks, the second the nearest to the right of the first at about its height."""
    if not boxes:
        return []
    sides = np.array([(box.left, box.top, box.right, box.bottom) for box in boxes], dtype=float)
    order = np.argsort(sides[:, 0], kind="stable")  # the first that fits is the nearest
    left, top, right, bottom = sides[order].T
    doubled = left + right  # twice the middle
    heights = bottom - top
    # only those are looked at whose middle can be beyond, and that begin near enough
    firsts = np.searchsorted(left, (doubled - (right - left).max()) / 2)
    ends = np.searchsorted(left, right + FAR * usual)
    nearest = np.full(len(boxes), -1)
    for place, (first, end) in enumerate(zip(firsts.tolist(), ends.tolist(), strict=True)):
        near = slice(first, end)
        shared = np.minimum(bottom[near], bottom[place]) - np.maximum(top[near], top[place])
        shorter = np.maximum(np.minimum(heights[near], heights[place]), 1e-9)
        fits = (doubled[near] > doubled[place]) & (shared / shorter > SAME_HEIGHT)
        if fits.any():
            nearest[order[place]] = order[first + fits.argmax()]
    return [(i, j) for i, j in enumerate(nearest.tolist()) if j >= 0]


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
        # the new one first: what was merged may be large, and would be laid out again for each
        if merged and (len(lines(column, usual)) < 2 or len(lines(merged[-1], usual)) < 2):
            merged[-1] = merged[-1] + column
        else:
            merged.append(column)
    if len(merged) > 1 and is_one_grid(merged, usual):
        return [boxes]
    return merged


def is_one_grid(parts: list[list[B]], usual: float) -> bool:
    """Return whether the parts are single digits set far apart, and no columns of numbers."""
    return all(len(line) == 1 for part in parts for line in lines(part, usual))


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
    # of each line the heights at which its marks stand, in order, and the one in the middle
    heights: list[list[float]] = []
    middles = np.full(len(chains), np.inf)
    for chain in sorted(chains.values(), key=len, reverse=True):
        # a chain that was broken by a wide gap or by a digit out of line joins the line at its height
        own = sorted((box.top + box.bottom) / 2 for box in chain)
        distances = np.abs(middles - middle_of(own))
        place = int(distances.argmin())
        if distances[place] < 0.5 * usual:
            found[place] += chain
            for height in own:
                insort(heights[place], height)
        else:
            place = len(found)
            found.append(list(chain))
            heights.append(own)
        middles[place] = middle_of(heights[place])
    order = np.argsort(middles[: len(found)], kind="stable").tolist()
    return [sorted(found[place], key=lambda box: box.left + box.right) for place in order]


def middle_of(heights: list[float]) -> float:
    """Return the median of some numbers that are in order."""
    half = len(heights) // 2
    return heights[half] if len(heights) % 2 else (heights[half - 1] + heights[half]) / 2
