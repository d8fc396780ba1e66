"""Pages: what was read on them, line by line and mark by mark."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Self

import numpy as np

from glassnet.reading.cells import Cell
from glassnet.reading.verdict import Verdict

Box = tuple[int, int, int, int]
FEWEST_DOUBTFUL, MOST_DOUBTFUL, SENSE = 3, 500, 0.9
"""Marks of a page that is doubtful if their mean confidence is less: upside down it is 0.4 to 0.9."""
FEWEST_OF_WORDS = 12
"""Marks that are no digits from which on they may be words; fewer are some bad digits, or dirt."""
STRAY = 0.1
"""The largest output that a stain may have."""


@dataclass(frozen=True, slots=True)
class Thing:
    """What is on a page and is no mark: a frame, a ruled line, the edge of a sheet.

    Parameters
    ----------
    kind : str
        "frame": a box to write in, or a grid of them; "line" and "squares", which were ruled; the "edge" of a sheet, or
        what lies beyond; a "stroke" that is too long for a digit; a "stain".
    box : tuple of int
        Left, top, width and height on the page, in its pixels.
    n_rows, n_columns : int, default 1
        Of a frame's cells.
    """

    kind: str
    box: tuple[int, int, int, int]
    n_rows: int = 1
    n_columns: int = 1


@dataclass(frozen=True, slots=True, eq=False)
class Mark:
    """A mark on a page.

    Parameters
    ----------
    verdict : Verdict
        What it is taken for.
    box : tuple of int
        Left, top, width and height on the page, in its pixels.
    image : ndarray of uint8, shape (28, 28)
        What the network was shown.
    cell : tuple of int or None, default None
        Which of the page's frames it stands in, which row and which column, from 0; None outside of them.
    sign : str or None, default None
        The sign that it is, one of ``. , : - /``; it has no digit then.
    """

    verdict: Verdict
    box: tuple[int, int, int, int]
    image: np.ndarray
    cell: Cell | None = None
    sign: str | None = None

    @property
    def text(self) -> str:
        """The digit or sign, ``?`` if it is rejected."""
        return self.sign or ("?" if self.verdict.digit is None else str(self.verdict.digit))


@dataclass(frozen=True, slots=True, eq=False)
class Line:
    """Marks in a line.

    Parameters
    ----------
    marks : tuple of Mark
        From left to right.
    starts : tuple of int, default ()
        The places of marks before which there is a gap, wider than those within a number.
    region : str, default ""
        The name of the region in which it stands, where one looked in some.
    fits : bool or None, default None
        Whether it says what was expected; None if nothing was.
    """

    marks: tuple[Mark, ...]
    starts: tuple[int, ...] = ()
    region: str = ""
    fits: bool | None = None

    @property
    def words(self) -> tuple[tuple[Mark, ...], ...]:
        """The marks between the gaps, from left to right."""
        ends = (*self.starts, len(self.marks))
        return tuple(self.marks[start:end] for start, end in zip((0, *self.starts), ends, strict=True))

    @property
    def confidence(self) -> float:
        """The product of its marks' confidences, signs apart: how often all are right, each by a hand of its own.

        A hand that is misread once is misread again: of lines by writers who judge it is 4 to 5 % too sure.
        """
        return math.prod(mark.verdict.confidence for mark in self.marks if mark.sign is None)

    @property
    def text(self) -> str:
        """The digits and signs, ``?`` for a mark that is rejected, a space for a gap."""
        return " ".join(text_of(word) for word in self.words)


def text_of(marks: tuple[Mark, ...]) -> str:
    """Return the digits and signs of marks that belong together, ``?`` for one that is rejected."""
    return "".join(mark.text for mark in marks)


@dataclass(frozen=True, slots=True, eq=False)
class Page:
    """A page.

    Parameters
    ----------
    lines : tuple of Line
        In reading order: column by column, from top to bottom.
    size : tuple of int
        Width and height, in pixels, of the page in which the boxes are measured.
    things : tuple of Thing, default ()
        What else was found: frames first, then whatever is as large as a digit and no mark.
    turned : int, default 0
        Degrees by which the page was turned to the left to be read: 180 for one that lies upside down.
    """

    lines: tuple[Line, ...]
    size: tuple[int, int]
    things: tuple[Thing, ...] = ()
    turned: int = 0

    @property
    def text(self) -> str:
        """The lines' texts, one below the other."""
        return "\n".join(line.text for line in self.lines)

    @property
    def is_mostly_words(self) -> bool:
        """Whether most of its marks are no digits, and many: print, or letters."""
        marks = [mark for line in self.lines for mark in line.marks if mark.sign is None]
        n_rejected = sum(mark.verdict.digit is None for mark in marks)
        return n_rejected >= FEWEST_OF_WORDS and n_rejected > len(marks) / 2

    def with_boxes(self, move: Callable[[Box], Box], size: tuple[int, int]) -> Self:
        """Return the page with other boxes, in pixels of a page of that size."""
        lines = [
            replace(line, marks=tuple(replace(mark, box=move(mark.box)) for mark in line.marks)) for line in self.lines
        ]
        things = [replace(thing, box=move(thing.box)) for thing in self.things]
        return replace(self, lines=tuple(lines), size=size, things=tuple(things))


def n_marks(page: Page) -> int:
    """Return how many marks there are."""
    return sum(len(line.marks) for line in page.lines)


def n_accepted(page: Page) -> int:
    """Return how many marks are digits."""
    return sum(mark.verdict.digit is not None for line in page.lines for mark in line.marks)


def sense_of(page: Page) -> float:
    """Return how much sense a page makes: the mean confidence of its marks, signs apart; 0 where there are none.

    What was taken for a stain counts as a mark without any: upside down, many digits look like none.
    """
    told = [mark.verdict.confidence for line in page.lines for mark in line.marks if mark.sign is None]
    told += [0.0 for thing in page.things if thing.kind == "stain"]
    return float(np.mean(told)) if told else 0.0


def is_doubtful(page: Page) -> bool:
    """Return whether a page makes little sense: whether it may lie upside down, or sideways."""
    return FEWEST_DOUBTFUL <= n_marks(page) <= MOST_DOUBTFUL and sense_of(page) < SENSE


def moved(page: Page, left: int, top: int, size: tuple[int, int], region: str) -> Page:
    """Return what was read on a part of a page, as a region of the whole, which has that size."""
    whole = page.with_boxes(lambda box: (box[0] + left, box[1] + top, box[2], box[3]), size)
    return replace(whole, lines=tuple(replace(line, region=region) for line in whole.lines))


def joined_pages(parts: Sequence[Page]) -> Page:
    """Return what was read in several parts of a page, in their order, as one."""
    lines: list[Line] = []
    things: list[Thing] = []
    for part in parts:
        for line in part.lines:
            marks = [
                mark if mark.cell is None else replace(mark, cell=(mark.cell[0] + len(things), *mark.cell[1:]))
                for mark in line.marks
            ]
            lines.append(replace(line, marks=tuple(marks)))
        things += part.things
    return Page(tuple(lines), parts[0].size, tuple(things))


def without_stray(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """Return the lines, and apart from them stains: those of one or two marks nothing like digits, beside others."""
    plain = [
        line for line in lines if len(line.marks) > 2 or any(mark.verdict.outputs.max() > STRAY for mark in line.marks)
    ]
    return (plain, [line for line in lines if line not in plain]) if plain else (lines, [])


def edit_distance(text: str, wanted: str) -> int:
    """Return how many characters have to be inserted, left out or changed to turn one text into the other.

    Parameters
    ----------
    text, wanted : str
        Any texts.

    Returns
    -------
    int
        0 where they are the same (V. Levenshtein, 1966). The character error rate is this over the length of `wanted`.

    Examples
    --------
    >>> edit_distance("20 26", "2026")
    1
    """
    row = list(range(len(wanted) + 1))
    for i, mine in enumerate(text, 1):
        diagonal, row[0] = row[0], i
        for j, theirs in enumerate(wanted, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (mine != theirs))
    return row[-1]
