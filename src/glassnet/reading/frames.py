"""Frames: boxes to write in, grids and tables, whose four sides are straight; taken away, and kept as what they are."""

from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from glassnet.reading.marks import LIGHT_LINE, components

Cell = tuple[int, int, int]
"""Which of a page's frames, which row and which column, from 0."""
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
SIDE_COVERED, LINE_COVERED = 0.72, 0.9
"""Shares of a side, which digits may cross, and of a line inside that are there at least."""
END, END_COVERED = 0.2, 0.5
"""Share of a side that is its end, at which so much of it is straight, too."""
MOST_INK = 0.85
"""Share of a frame that is ink at most: what has more is a stain, or a picture."""
MOST_THICKNESS = 0.17
"""Of a frame's shorter side: its lines are no wider."""
MOST_REACH_PX = 60
"""So far to each side of its middle a line's ink is looked for."""
AS_THICK = 1.25
"""Times the thinnest of its sides: how thick the others are at most, and a pixel."""
FEW_CELLS, ALIKE = 6, 0.5
"""In a grid of so few cells the narrowest is at least so wide, and the lowest so high, as the others."""
EMPTY = 0.03
"""Share of a cell that is ink: with less there is nothing in it."""
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
STRONGER = 1.35
"""What is so many times as strong as its line is a pen's, and stays."""
SOLID = 0.4
"""Of the strength that most of its ink has: what is less is the soft edge of a stroke."""
TOUCHING = 3
"""Pixels that a stroke goes away from a line at least, where it touches it."""
SEVERAL = 1 / 3
"""Share of a frame's cells that hold several marks at least, if they hold numbers."""
APART = 0.5
"""Of a cell's width: frames that stand so far apart are boxes for another number."""
LIKE = 1.25
"""Times: boxes whose sides differ by less are of one kind."""
MOST_FRAMES = 1000
"""The largest pieces of a page, of which it is seen whether they are frames."""


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """A box, or a grid of cells.

    Parameters
    ----------
    to_frame : ndarray of float64, shape (3, 3)
        From places on the page to those seen straight from above, in pixels from the upper left corner.
    columns, rows : tuple of float
        Where its lines stand, seen so: one more than there are columns, and rows, of cells.
    box : tuple of int
        Left, top, width and height on the page.
    """

    to_frame: np.ndarray
    columns: tuple[float, ...]
    rows: tuple[float, ...]
    box: tuple[int, int, int, int]

    @property
    def n_rows(self) -> int:
        """Of cells."""
        return len(self.rows) - 1

    @property
    def n_columns(self) -> int:
        """Of cells."""
        return len(self.columns) - 1

    def cell_at(self, x: float, y: float) -> tuple[int, int] | None:
        """Return row and column of the cell at a place on the page, from 0; None outside."""
        across, down, scale = self.to_frame @ np.array([x, y, 1.0])
        column = int(np.searchsorted(self.columns, across / scale)) - 1
        row = int(np.searchsorted(self.rows, down / scale)) - 1
        inside = 0 <= column < self.n_columns and 0 <= row < self.n_rows
        return (row, column) if inside else None


@dataclass(frozen=True, slots=True, eq=False)
class Line:
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
    ink: np.ndarray, to_frame: np.ndarray, size: tuple[int, int], upright: list[Line], level: list[Line]
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


def cell_at(box: tuple[int, int, int, int], frames: Sequence[Frame]) -> Cell | None:
    """Return the cell in which the middle of a box on the page lies; None if it lies in no frame."""
    left, top, width, height = box
    for place, frame in enumerate(frames):
        cell = frame.cell_at(left + width / 2, top + height / 2)
        if cell is not None:
            return place, *cell
    return None


def frames_of_numbers(frames: Sequence[Frame], cells: Iterable[Cell]) -> set[int]:
    """Return which frames hold whole numbers in their cells, and not a digit in each.

    Parameters
    ----------
    frames : sequence of Frame
        Of a page. Single boxes of like size are of one kind.
    cells : iterable of tuple of int
        The frame, row and column in which each mark stands.
    """
    kinds = list(range(len(frames)))
    single = [place for place, frame in enumerate(frames) if frame.n_rows == frame.n_columns == 1]
    for n, place in enumerate(single):
        for other in single[:n]:
            pairs = zip(frames[place].box[2:], frames[other].box[2:], strict=True)
            if all(max(pair) <= LIKE * min(pair) for pair in pairs):
                kinds[place] = kinds[other]
                break
    n_marks = Counter(cells)
    filled = Counter(kinds[frame] for frame, _, _ in n_marks)
    several = Counter(kinds[frame] for (frame, _, _), n in n_marks.items() if n > 1)
    return {place for place, kind in enumerate(kinds) if several[kind] > SEVERAL * filled[kind]}


def gaps_told(cells: Sequence[Cell | None], frames: Sequence[Frame], of_numbers: Collection[int]) -> list[bool | None]:
    """Return for each two marks of a line whether frames tell that there is a gap between them; None if they do not.

    Parameters
    ----------
    cells : sequence of tuple of int or None
        The cell in which each mark stands.
    frames : sequence of Frame
        Of the page.
    of_numbers : collection of int
        The places of those in whose cells whole numbers stand.
    """
    answers: list[bool | None] = []
    for one, other in pairwise(cells):
        if one is None or other is None:
            answers.append(None)
        elif one == other:
            # in a frame around a page there is all that is on it
            answers.append(None if frames[one[0]].n_columns == frames[one[0]].n_rows == 1 else False)
        elif one[0] == other[0]:
            answers.append(one[0] in of_numbers)
        else:
            (left, _, width, _), (next_left, *_) = frames[one[0]].box, frames[other[0]].box
            are_apart = next_left - left - width > APART * width / frames[one[0]].n_columns
            answers.append(are_apart or one[0] in of_numbers or other[0] in of_numbers)
    return answers


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


def lines_of(flat: np.ndarray) -> tuple[list[Line] | None, list[Line] | None]:
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
        lines[0] = Line(first.path, max(outside[0], first.before - most), min(first.after, first.before + most - 1))
        lines[-1] = Line(last.path, max(last.before, last.after - most + 1), min(outside[1], last.after + most))
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


def thin_lines(lines: list[Line], most: int) -> list[Line]:
    """Return the lines without those inside that are more than twice as thick as so much: these are strokes."""
    return [lines[0], *(line for line in lines[1:-1] if line.thickness <= 2 * most), lines[-1]]


def alike(lines: list[Line]) -> float:
    """Return the smallest distance between neighbouring lines, as a share of the largest."""
    apart = np.diff([line.middle for line in lines])
    return float(apart.min() / max(apart.max(), 1.0))


def strength_along(flat: np.ndarray, line: Line, part: slice = slice(None)) -> float:
    """Return how strong a line is, or a part of it: most of it runs where nothing is written."""
    rows = np.arange(len(line.path))[part, None]
    columns = line.path[part, None] + np.arange(line.before, line.after + 1)
    return float(np.percentile(flat[rows, columns.clip(0, flat.shape[1] - 1)].max(axis=1), LIGHTER))


def even(flat: np.ndarray, lines: list[Line], most: int) -> list[Line]:
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


def doubled(line: Line, covered: np.ndarray, reach: int, most: int) -> Line:
    """Return a line with the other one beside it, where two boxes stand close together and each has its own."""
    at = int(line.path[0])
    first = max(0, at - reach)
    is_line = np.pad(covered[first : at + reach + 1] >= SIDE_COVERED, 1)
    steps = np.flatnonzero(np.diff(is_line.astype(np.int8))) + first - at
    runs = [(start, end - 1) for start, end in steps.reshape(-1, 2).tolist() if end - start <= most]
    return Line(line.path, min([line.before, *(run[0] for run in runs)]), max([line.after, *(run[1] for run in runs)]))


def thinner(line: Line, most: int) -> Line:
    """Return a line that is no thicker than so much."""
    if line.thickness <= most:
        return line
    return Line(line.path, max(line.before, -(most // 2)), min(line.after, most // 2))


def lines_across(flat: np.ndarray) -> list[Line]:
    """Return the lines that go from top to bottom, from left to right."""
    covered, paths = ways_down(flat)
    is_line = np.pad(covered[1:-1] >= LINE_COVERED, 1)
    starts, ends = (np.flatnonzero(np.diff(is_line.astype(np.int8), prepend=0) == step) for step in (1, -1))
    reach = 2 + round(0.06 * min(flat.shape))
    found: list[Line] = []
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


def with_thickness(flat: np.ndarray, path: np.ndarray, share: int = THINNER) -> Line:
    """Return the line along a way, on each side as thick as in so many per cent of its places: digits touch it."""
    most = max(2, min(MOST_REACH_PX, flat.shape[1] // 4))
    ink = np.pad(flat, ((0, 0), (most, most)))
    rows = np.arange(len(path))
    is_there = flat[rows, path.clip(0, flat.shape[1] - 1)]
    if not is_there.any():
        return Line(path, 0, 0)
    sides = []
    for side in (-1, 1):
        columns = path[:, None] + most + side * np.arange(1, most)
        n = np.logical_and.accumulate(ink[rows[:, None], columns], axis=1).sum(axis=1)
        sides.append(round(side * float(np.percentile(n[is_there], share))))
    return Line(path, *sides)


def without_lines(
    own: np.ndarray,
    strength: np.ndarray,
    flat: np.ndarray,
    to_frame: np.ndarray,
    upright: list[Line],
    level: list[Line],
) -> np.ndarray:
    """Return a frame's ink without its lines; what a digit has there stays where its ink goes on beside the line."""
    import cv2

    back = np.linalg.inv(to_frame)
    places, bands, runs = [], [], []
    for lines, crossed, is_level in ((upright, level, False), (level, upright, True)):
        place, band = (np.zeros(own.shape, dtype=np.uint8) for _ in range(2))
        for line in lines:
            for part in parts_of(line, crossed):  # each has the strength of its own box
                outline = outline_of(line, part, back, is_level=is_level)
                first = np.floor(outline.min(axis=0)).astype(np.int64).clip(0, None)
                end = np.ceil(outline.max(axis=0)).astype(np.int64) + 1
                around = np.s_[first[1] : end[1], first[0] : end[0]]
                here = np.zeros_like(place[around])
                if here.size:
                    cv2.fillPoly(here, [np.rint(16 * (outline - first)).astype(np.int32)], 1, shift=4)
                place[around] |= here
                pens = STRONGER * strength_along(flat.T if is_level else flat, line, part)
                band[around] |= here & (strength[around] <= pens)
        places.append(place > 0)
        bands.append(band > 0)
        thickness = round(float(np.median([line.thickness for line in lines])))
        runs.append(np.ones((2 * thickness + 5, 1) if is_level else (1, 2 * thickness + 5), dtype=np.uint8))
    rest = (own & ~bands[0] & ~bands[1]).astype(np.uint8)
    # no soft edge, nor what a JPEG adds beside one
    solid = rest * (strength > SOLID * np.percentile(strength[own], 90))
    corners = np.asarray(cv2.dilate((places[0] & places[1]).astype(np.uint8), np.ones((5, 5), np.uint8))) > 0
    kept = (rest > 0) & ~(corners & (places[0] | places[1]))
    for band, other, run in zip(bands, bands[::-1], runs, strict=True):
        # what goes away from the line is a stroke; what only runs beside it is the line's soft edge
        stroke = np.asarray(cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones_like(run[:TOUCHING, :TOUCHING])))
        beside = np.asarray(cv2.dilate(band.astype(np.uint8), np.ones_like(run[:5, :5]))) > 0
        goes_away = np.asarray(cv2.morphologyEx(rest, cv2.MORPH_OPEN, np.ones_like(run[:TOUCHING, :TOUCHING])))
        kept &= ~(beside & (goes_away == 0))
        kept |= band & ~other & (np.asarray(cv2.dilate(stroke, run[: len(run) // 2 + 1, : run.shape[1] // 2 + 1])) > 0)
    return np.where(kept & own & ~(corners & (places[0] | places[1])), strength, 0)


def parts_of(line: Line, crossed: list[Line]) -> list[slice]:
    """Return the parts of a line between those that cross it."""
    places = [0, *(round(other.middle) for other in crossed[1:-1]), len(line.path)]
    return [slice(first, end) for first, end in pairwise(places) if end - first > 1]


def outline_of(line: Line, part: slice, back: np.ndarray, *, is_level: bool) -> np.ndarray:
    """Return what a part of a line covers on the page, a pixel on each side with it, shape (n, 2)."""
    import cv2

    places = np.arange(part.start, part.stop)
    some = np.unique(np.append(places[::BEND], places[-1]))
    sides = []
    for aside in (line.before - 1.0, line.after + 1.0):
        along_it, across = some.astype(np.float64), line.path[some] + aside
        along_it[[0, -1]] += (-3, 3)  # the corners
        sides.append(np.stack([along_it, across] if is_level else [across, along_it], axis=1))
    outline = np.concatenate([sides[0], sides[1][::-1]])
    return np.asarray(cv2.perspectiveTransform(outline[None], back))[0]
