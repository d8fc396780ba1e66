"""Words: which gaps in a line are wider than those between the digits of one number."""

from collections.abc import Sequence

import numpy as np

LEAST_DIFFERENCE, LEAST_OF_SEVERAL = 0.8, 0.45
"""Heights of a digit by which a gap is wider than others at least; and several gaps, if they are much alike."""
TIMES_WIDER = 2.2
"""A gap is so many times as wide as the others at least."""
TIMES_WIDER_OF_SEVERAL = 1.3
"""So many, if there are several."""
TIMES_SPREAD = 2.5
"""Several are alike if they differ from the others by so many standard deviations of each."""
FEWEST = 0.45
"""Narrow gaps for each wide one at least: digits that all stand apart are no words."""

Box = tuple[int, int, int, int]


def word_starts(
    lines: Sequence[Sequence[Box]], told: Sequence[Sequence[bool | None]] | None = None
) -> list[tuple[int, ...]]:
    """Return where words begin in each line but its first, as places of marks.

    Parameters
    ----------
    lines : sequence of sequence of tuple of int
        Left, top, width and height of the marks of each line of a page, from left to right.
    told : sequence of sequence of bool or None, default None
        For each two marks of each line whether there is a gap between them, where something else tells it; or None.

    Returns
    -------
    list of tuple of int
        For each line the marks before which there is a gap. A line is judged by its own rhythm; one that has none,
        since it is short, by that of the other lines.
    """
    all_gaps = [gaps_of(boxes) for boxes in lines]
    answers = [[None] * len(gaps) for gaps in all_gaps] if told is None else told
    own = [least_wide(gaps[[answer is None for answer in its]]) for gaps, its in zip(all_gaps, answers, strict=True)]
    known = [wide for wide in own if wide is not None]
    of_page = float(np.median(known)) if known else np.inf
    found = []
    for gaps, its, wide in zip(all_gaps, answers, own, strict=True):
        least = of_page if wide is None else wide
        is_gap = [gap > least if answer is None else answer for gap, answer in zip(gaps.tolist(), its, strict=True)]
        found.append(tuple(place for place, is_wide in enumerate(is_gap, 1) if is_wide))
    return found


def gaps_of(boxes: Sequence[Box]) -> np.ndarray:
    """Return the gaps between the marks of a line, in heights of its digits, shape (n - 1,).

    Beside a narrow mark it is the distance of their middles that counts, less a usual width: a 1 in a row of boxes has
    wide gaps on both sides.
    """
    if len(boxes) < 2:
        return np.zeros(0)
    left, _, width, height = np.array(boxes, dtype=float).T
    between = left[1:] - np.maximum.accumulate(left + width)[:-1]
    of_middles = np.diff(left + width / 2) - float(np.median(width))
    return np.minimum(between, of_middles) / max(float(np.median(height)), 1.0)


def least_wide(gaps: np.ndarray) -> float | None:
    """Return the width from which on gaps are wide; None if all are of one kind."""
    order = np.sort(gaps)
    best: tuple[float, float] | None = None
    for n in range(1, len(order)):
        narrow, wide = order[:n], order[n:]
        if len(narrow) < FEWEST * len(wide):
            continue
        difference = float(wide.mean() - narrow.mean())
        spread = float(np.sqrt((narrow.var() * len(narrow) + wide.var() * len(wide)) / len(order)))
        is_plain = wide[0] - narrow.mean() > LEAST_DIFFERENCE and wide[0] > TIMES_WIDER * max(narrow[-1], 0.0)
        are_alike = len(wide) > 1 and difference > max(LEAST_OF_SEVERAL, TIMES_SPREAD * spread)
        are_alike &= wide[0] > TIMES_WIDER_OF_SEVERAL * max(narrow[-1], 0.0)
        between = len(narrow) * len(wide) * difference**2
        if (is_plain or are_alike) and (best is None or between > best[0]):
            best = between, float(narrow[-1] + wide[0]) / 2
    return None if best is None else best[1]
