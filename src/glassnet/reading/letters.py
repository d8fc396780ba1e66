"""Letters: what looks like a digit and stands among letters is one of them: an o, an l, an S in a word."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from glassnet.reading.page import FEWEST_OF_WORDS, Line, Mark
from glassnet.reading.pieces import Piece

LEAST_SHARE = 0.3
"""Of a page's marks that are rejected, from which on it is a page with words. A hand that is read badly seldom has a
fifth."""
SPACE = 1.0
"""Heights of a mark; what is further away than that is by itself: a number beside the words of a form."""
REACH = 3
"""Marks to either side of one that say what it stands among."""
FEWEST_BESIDE = 3
LETTERS_BESIDE = 0.6
"""Of them, from which on it is among letters: more than half, so that a number right after a word stays one."""
UNLIKELY = 0.3
"""The largest output below which something is no digit as it is."""
WIDEST_LETTER = 1.3
"""Times its height: what is wider among letters may be digits that touch, what is narrower is one letter."""
AMONG_LETTERS = "it stands among marks that are no digits, so it may be a letter"


def single_letters(pieces: Sequence[Piece], outputs: np.ndarray) -> set[int]:
    """Return the places of pieces that are a letter each, on a page with words, so that none of them is cut in two.

    Half an n is a 1, and the other half a 7: cut apart, a word is a number.
    """
    if not are_words(int((outputs < UNLIKELY).sum()), len(pieces)):
        return set()
    return {place for place, piece in enumerate(pieces) if piece.width < WIDEST_LETTER * piece.height}


def among_letters(lines: Sequence[Line]) -> list[Line]:
    """Return a page's lines, digits that stand among letters rejected.

    Parameters
    ----------
    lines : sequence of Line
        From left to right each.

    Returns
    -------
    list of Line
        As they were, where the page is not one with words. What stands in a cell of a frame is judged alone.
    """
    marks = [mark for line in lines for mark in line.marks if mark.sign is None and mark.cell is None]
    if not are_words(sum(map(is_rejected, marks)), len(marks)):
        return list(lines)
    return [replace(line, marks=tuple(mark for some in beside(line) for mark in judged(some))) for line in lines]


def are_words(n_rejected: int, n: int) -> bool:
    """Return whether so many of some marks are no digits that there are words among them."""
    return n_rejected >= FEWEST_OF_WORDS and n_rejected >= LEAST_SHARE * n


def beside(line: Line) -> Iterator[list[Mark]]:
    """Give the marks of a line that stand near each other; the spaces of print are narrower than a digit is high."""
    together: list[Mark] = []
    for mark in line.marks:
        if together:
            (left, _, width, height), (next_left, _, _, its_height) = together[-1].box, mark.box
            if next_left - left - width > SPACE * max(height, its_height):
                yield together
                together = []
        together.append(mark)
    yield together


def is_rejected(mark: Mark) -> bool:
    """Return whether a mark is told as a ``?``."""
    return mark.sign is None and mark.verdict.digit is None


def judged(some: Sequence[Mark]) -> list[Mark]:
    """Return marks that stand near each other, those rejected that stand among rejected ones, until none does."""
    marks = list(some)
    rejected = np.array([is_rejected(mark) for mark in marks], dtype=float)
    is_changed = True
    while is_changed:
        is_changed = False
        for place, mark in enumerate(marks):
            if rejected[place] or mark.sign is not None or mark.cell is not None:
                continue
            beside = np.concatenate([rejected[max(0, place - REACH) : place], rejected[place + 1 : place + 1 + REACH]])
            if len(beside) >= FEWEST_BESIDE and beside.mean() >= LETTERS_BESIDE:
                marks[place] = replace(mark, verdict=replace(mark.verdict, digit=None, reason=AMONG_LETTERS))
                rejected[place] = 1
                is_changed = True
    return marks
