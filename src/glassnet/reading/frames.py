"""Frames: boxes to write in, grids and tables, whose four sides are straight; found, and kept as what they are."""

from itertools import pairwise

import numpy as np

from glassnet.reading.cells import Frame
from glassnet.reading.erasing import without_lines
from glassnet.reading.frame_lines import SIDE_COVERED, FrameLine, lines_of, strength_along
from glassnet.reading.pieces import components
from glassnet.reading.ruling import LIGHT_LINE

LEAST_SIDE_PX = 18
"""Sides that are shorter are a digit's strokes, or dirt."""
STEEPEST = 0.14
"""Rows for each column that a frame's sides rise or fall at most; its upright ones lean no more."""
SLOPES = 57
"""So many are tried."""
SIDE_PX, SIDE_SHARE = 1.5, 0.006
"""So near to its straight line a side's ink lies, in pixels and of its length: paper is never quite flat."""
CORNER = 0.03
"""Of its shorter side: so near to a corner there is ink; a round digit has none."""
END, END_COVERED = 0.2, 0.5
"""Share of a side that is its end, at which so much of it is straight, too."""
MOST_INK = 0.85
"""Share of a frame that is ink at most: what has more is a stain, or a picture."""
EMPTY = 0.03
"""Share of a cell that is ink: with less there is nothing in it."""
MOST_FRAMES = 1000
"""The largest pieces of a page, of which it is seen whether they are frames."""


def without_frames(strength: np.ndarray) -> tuple[np.ndarray, list[Frame]]:
    """Return the ink without the lines of boxes and grids, and these.

    Parameters
    ----------
    strength : ndarray of float32, shape (height, width)
        Of ink, 0 where there is none.

    Returns
    -------
    tuple of ndarray and list of Frame
        Where a digit touches a line or crosses it, its ink stays.
    """
    mask = (strength > 0).astype(np.uint8)
    labels, boxes = components(mask)
    darkest = float(np.percentile(strength[mask > 0], 95)) if mask.any() else 0.0
    frames = []
    is_large = (boxes[:, 2:4].min(axis=1, initial=LEAST_SIDE_PX) >= LEAST_SIDE_PX) & (
        boxes[:, 4] <= MOST_INK * boxes[:, 2] * boxes[:, 3]
    )
    result = strength
    largest = np.argsort(-boxes[:, 2] * boxes[:, 3], kind="stable")
    for place in largest[is_large[largest]][:MOST_FRAMES].tolist():
        left, top, width, height, _ = boxes[place].tolist()
        cut = np.s_[top : top + height, left : left + width]
        own = labels[cut] == place + 1
        corners = corners_of(own)
        if corners is None:
            continue
        to_frame, size = seen_straight(corners)
        upright, level = lines_of(flattened(own.astype(np.float32), to_frame, size) > 0.5)
        if upright is None or level is None:
            continue
        flat = flattened(np.where(own, strength[cut], 0), to_frame, size)
        if min(len(upright), len(level)) > 2:
            strengths = [strength_along(flat, line) for line in upright]
            strengths += [strength_along(flat.T, line) for line in level]
            if np.percentile(strengths, 80) < LIGHT_LINE * darkest:
                continue  # squared paper, on which digits go across the lines
        if result is strength:
            result = strength.copy()
        part = result[cut]
        of_frame = np.where(own, part, 0)
        left_over = without_lines(own, of_frame, flat, to_frame, upright, level)
        if (
            len(upright) == len(level) == 3
            and n_filled(np.where(own, left_over, part), to_frame, size, upright, level) < 2
        ):
            upright, level = [upright[0], upright[-1]], [level[0], level[-1]]  # a 4 that fills its box
            left_over = without_lines(own, of_frame, flat, to_frame, upright, level)
        part[own] = left_over[own]
        shift = np.array([[1, 0, -left], [0, 1, -top], [0, 0, 1]], dtype=np.float64)
        columns, rows = (tuple(line.middle for line in lines) for lines in (upright, level))
        frames.append(Frame(to_frame @ shift, columns, rows, (left, top, width, height)))
    return result, frames


def n_filled(
    ink: np.ndarray, to_frame: np.ndarray, size: tuple[int, int], upright: list[FrameLine], level: list[FrameLine]
) -> int:
    """Return in how many cells of a frame there is something."""
    flat = flattened(ink, to_frame, size)
    least = EMPTY * float(np.percentile(ink[ink > 0], 90)) if (ink > 0).any() else np.inf
    columns, rows = ([round(line.middle) for line in lines] for lines in (upright, level))
    return sum(
        float(flat[top:foot, left:right].mean()) > least
        for top, foot in pairwise(rows)
        for left, right in pairwise(columns)
    )


def corners_of(own: np.ndarray) -> np.ndarray | None:
    """Return the corners of a frame, float32, shape (4, 2), clockwise from the upper left; None if it is none."""
    height, width = own.shape
    sides = []
    for turned, length, across in ((own, width, height), (own.T, height, width)):
        first = turned.argmax(axis=0)
        last = across - 1 - turned[::-1].argmax(axis=0)
        for ends in (first, last):
            line = straight_line(ends.astype(np.float64), max(SIDE_PX, SIDE_SHARE * length))
            if line is None:
                return None
            sides.append(line)
    top, bottom, left, right = sides  # y = a + b x for the level ones, x = a + b y for the others
    corners = np.array(
        [crossing(top, left), crossing(top, right), crossing(bottom, right), crossing(bottom, left)], dtype=np.float32
    )
    reach = max(1, round(CORNER * min(height, width)))
    for x, y in corners.tolist():  # a round digit has no corners
        near = own[
            max(0, round(y) - reach) : max(0, round(y) + reach + 1),
            max(0, round(x) - reach) : max(0, round(x) + reach + 1),
        ]
        if not near.any():
            return None
    return corners


def straight_line(ends: np.ndarray, near: float) -> tuple[float, float] | None:
    """Return offset and slope of the straight line on which most of some ends lie; None if too few do."""
    places = np.arange(len(ends), dtype=np.float64)
    slopes = np.linspace(-STEEPEST, STEEPEST, SLOPES)
    levels = ends - slopes[:, None] * places
    lowest = levels.min(axis=1, keepdims=True)
    bins = ((levels - lowest) / near).astype(np.int64)
    n_bins = int(bins.max()) + 2
    counts = np.bincount((bins + n_bins * np.arange(SLOPES)[:, None]).ravel(), minlength=SLOPES * n_bins)
    together = counts.reshape(SLOPES, n_bins)
    together = together[:, :-1] + together[:, 1:]  # two bins beside each other, whose middle is between them
    which, most = divmod(int(together.argmax()), n_bins - 1)
    best = float(together[which, most])
    best_line = float(lowest[which, 0] + (most + 1) * near), float(slopes[which])
    if best < SIDE_COVERED * len(ends):
        return None
    offset, slope = best_line
    for _ in range(2):
        is_near = np.abs(ends - offset - slope * places) <= 1.5 * near
        slope, offset = np.polyfit(places[is_near], ends[is_near], 1).tolist()
    is_near = np.abs(ends - offset - slope * places) <= near + 0.5
    at_end = max(2, round(END * len(ends)))  # a round digit bends away there
    least = min(is_near[:at_end].mean(), is_near[-at_end:].mean())
    return (offset, slope) if is_near.mean() >= SIDE_COVERED and least >= END_COVERED else None


def crossing(level: tuple[float, float], upright: tuple[float, float]) -> tuple[float, float]:
    """Return x and y where y = a + b x and x = c + d y."""
    (a, b), (c, d) = level, upright
    y = (a + b * c) / (1 - b * d)
    return c + d * y, y


def seen_straight(corners: np.ndarray) -> tuple[np.ndarray, tuple[int, int]]:
    """Return the matrix that shows a frame straight from above, and its width and height then."""
    import cv2

    upper_left, upper_right, lower_right, lower_left = corners
    width = round(float(np.linalg.norm(upper_right - upper_left) + np.linalg.norm(lower_right - lower_left)) / 2) + 1
    height = round(float(np.linalg.norm(lower_left - upper_left) + np.linalg.norm(lower_right - upper_right)) / 2) + 1
    flat = np.array([(0, 0), (width - 1, 0), (width - 1, height - 1), (0, height - 1)], dtype=np.float32)
    return np.asarray(cv2.getPerspectiveTransform(corners, flat), dtype=np.float64), (width, height)


def flattened(ink: np.ndarray, to_frame: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """Return a frame's ink seen straight from above, float32, shape (height, width)."""
    import cv2

    return np.asarray(cv2.warpPerspective(ink.astype(np.float32), to_frame, size, flags=cv2.INTER_LINEAR))
