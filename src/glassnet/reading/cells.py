"""Cells: which marks stand in which cell of a frame, and what that says of what belongs together."""

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

Cell = tuple[int, int, int]
"""Which of a page's frames, which row and which column, from 0."""
SEVERAL = 1 / 3
"""Share of a frame's cells that hold several marks at least, if they hold numbers."""
APART = 0.5
"""Of a cell's width: frames that stand so far apart are boxes for another number."""
LIKE = 1.25
"""Times: boxes whose sides differ by less are of one kind."""


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
