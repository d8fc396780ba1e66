"""Letters: what looks like a digit and stands among letters is one of them: an o, an l, an S in a word."""

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from glassnet.reading.page import FEWEST_OF_WORDS, Line, Mark
from glassnet.reading.pieces import Piece, boxes_of

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
"""Times its height: what is wider on a page with words may be digits that touch, unless letters stand beside it."""
FEWEST_IN_ROW, LEAST_NUMBER = 10, 4
"""Marks of a row that is mostly letters, and digits that are a number there: what is shorter is a word like "is"."""
AMONG_LETTERS = "it stands among marks that are no digits, so it may be a letter"


def single_letters(pieces: Sequence[Piece], outputs: np.ndarray) -> set[int]:
    """Return the places of pieces that are a letter each, on a page with words, so that none of them is cut in two.

    Half an n is a 1, and the other half a 7: cut apart, a word is a number.
    """
    is_unlikely = outputs < UNLIKELY
    if not are_words(int(is_unlikely.sum()), len(pieces)):
        return set()
    boxes = boxes_of(pieces).astype(np.float64)
    wide = np.flatnonzero(boxes[:, 2] >= WIDEST_LETTER * boxes[:, 3]).tolist()
    return {*range(len(pieces))} - {place for place in wide if not has_letters_beside(place, boxes, is_unlikely)}


def has_letters_beside(place: int, boxes: np.ndarray, is_unlikely: np.ndarray) -> bool:
    """Return whether most of what stands beside a piece, in its row, is no digit: an m, or letters that touch.

    Parameters
    ----------
    place : int
        Which piece.
    boxes : ndarray, shape (n, 4)
        Left, top, width and height of all.
    is_unlikely : ndarray of bool, shape (n,)
        Whether each is no digit as it is.
    """
    left, top, width, height = boxes[place]
    middles = boxes[:, 1] + boxes[:, 3] / 2
    away = np.maximum(boxes[:, 0] - left - width, left - boxes[:, 0] - boxes[:, 2])
    is_beside = (abs(middles - top - height / 2) < np.maximum(height, boxes[:, 3])) & (away <= 2 * REACH * height)
    is_beside[place] = False
    nearest = np.flatnonzero(is_beside)
    nearest = nearest[np.argsort(away[nearest], kind="stable")[: 2 * REACH]]
    return len(nearest) >= FEWEST_BESIDE and is_unlikely[nearest].mean() >= LETTERS_BESIDE


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
    return [replace(line, marks=tuple(mark for some in beside(line) for mark in judged(some, line))) for line in lines]


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


def judged(some: Sequence[Mark], line: Line) -> list[Mark]:
    """Return marks of a line that stand near each other, those among rejected ones rejected, until none is.

    Where most are letters, a word with a letter, or of few marks, is one whole: every hundredth English word has four
    marks or more, and all look like digits.
    """
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
                marks[place] = as_letter(mark)
                rejected[place] = 1
                is_changed = True
    if len(marks) < FEWEST_IN_ROW or rejected.mean() < LETTERS_BESIDE:
        return marks
    of_words = {id(mark): place for place, word in enumerate(line.words) for mark in word}
    words = [of_words[id(mark)] for mark in some]
    letters = {word for word, its in zip(words, rejected, strict=True) if its or words.count(word) < LEAST_NUMBER}
    return [
        as_letter(mark) if word in letters and mark.verdict.digit is not None and mark.cell is None else mark
        for mark, word in zip(marks, words, strict=True)
    ]


def as_letter(mark: Mark) -> Mark:
    """Return a mark that is a ``?`` since it may be a letter."""
    return replace(mark, verdict=replace(mark.verdict, digit=None, reason=AMONG_LETTERS))
