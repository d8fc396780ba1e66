"""Ruling: straight lines across a page, and squared paper, told from what is written on them."""

import numpy as np

from glassnet.reading.pieces import SMALL_SHARE, TINY_PX, Box, Piece, components

MOST_THINGS = 200
"""Ruled lines that are told of a page."""
LINE_SHARE = 0.25
"""Of the page's width or height ..."""
LINE_HEIGHTS = 2.5
"""... and of a digit's height: a straight run of ink that is longer than both is a ruled line."""
DARK_LINE_HEIGHTS = 4.0
"""One that is as dark as the pen is longer than this: digits beside each other may touch in a row."""
LINE_COVERED = 0.75
"""Share of a ruled line that is there at least; strokes of digits beside each other leave wider gaps."""
MOST_THICK = 0.5
"""Of a line's length, where it is thicker than usual: where more is, it is no line but a strip of the table, and goes
whole."""
LIGHT_LINE, LINE_STRENGTH = 0.6, 1.4
"""Of the darkest ink: a line that is lighter is told apart from a pen by its strength; what is so many times as strong
is a pen's."""


def ruled_things(ruling: np.ndarray, usual: float) -> list[tuple[str, Box]]:
    """Return the ruled lines on a page, and squares, by their boxes."""
    import cv2

    if not ruling.any():
        return []
    mask = ruling.astype(np.uint8)
    length = max(TINY_PX, round(usual / 2))
    runs = [np.ones((1, length), np.uint8), np.ones((length, 1), np.uint8)]
    level, upright = (np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, run)) for run in runs)
    # what a digit hides of a line is bridged
    bridges = [np.ones((1, 4 * length + 1), np.uint8), np.ones((4 * length + 1, 1), np.uint8)]
    for lines, bridge in zip((level, upright), bridges, strict=True):
        mask = np.maximum(mask, np.asarray(cv2.morphologyEx(lines, cv2.MORPH_CLOSE, bridge)))
    labels, boxes = components(mask)
    are_squares = np.isin(np.arange(len(boxes) + 1), np.intersect1d(labels[level > 0], labels[upright > 0]))
    return [
        ("squares" if are_squares[place] else "line", tuple(boxes[place - 1, :4].tolist()))
        for place in range(1, len(boxes) + 1)
        if boxes[place - 1, 2:4].max() > SMALL_SHARE * usual
    ][:MOST_THINGS]


def is_beside(piece: Piece, ruling: np.ndarray) -> bool:
    """Return whether a piece touches a ruled line."""
    rows, columns = slice(max(0, piece.top - 1), piece.bottom + 1), slice(max(0, piece.left - 1), piece.right + 1)
    return bool(ruling[rows, columns].any())


def without_ruling(strength: np.ndarray) -> np.ndarray:
    """Return the ink without straight lines across much of the page; where a digit crosses one, its ink stays."""
    import cv2

    mask = (strength > 0).astype(np.uint8)
    height, width = mask.shape
    result = strength
    _, boxes = components(mask)
    heights = np.sort(boxes[(boxes[:, 3] >= TINY_PX) & (boxes[:, 2] < 0.5 * width), 3])
    # half of all ink's height stands in pieces of at least this height: specks hardly count
    usual = float(heights[np.searchsorted(np.cumsum(heights**2), (heights**2).sum() / 2)]) if len(heights) else 0.0
    least = max(40.0, LINE_HEIGHTS * usual)
    darkest = float(np.percentile(strength[mask > 0], 95)) if mask.any() else 0.0
    for length, size in ((max(least, LINE_SHARE * width), (1, 0)), (max(least, LINE_SHARE * height), (0, 1))):
        pieces_of_line = max(15, int(length / 5))
        kernel = np.ones((1, pieces_of_line) if size[0] else (pieces_of_line, 1), dtype=np.uint8)
        runs = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, kernel))
        # a hand-ruled line wavers: runs that follow each other are one, if they leave few gaps
        reach = max(3, pieces_of_line // 3)
        bridge = np.ones((3, reach) if size[0] else (reach, 3), dtype=np.uint8)
        labels, boxes = components(np.asarray(cv2.dilate(runs, bridge)))
        is_line = np.zeros(len(boxes) + 1, dtype=bool)
        strengths = np.zeros(len(boxes) + 1)
        on_line = np.zeros(mask.shape, dtype=bool)
        widths = []
        for place in np.flatnonzero(boxes[:, 2 if size[0] else 3] - reach + 1 >= length):
            left, top, wide, high, _ = boxes[place].tolist()
            own = (runs[top : top + high, left : left + wide] > 0) & (
                labels[top : top + high, left : left + wide] == place + 1
            )
            is_there = own.any(axis=0 if size[0] else 1)
            along = np.where(own, result[top : top + high, left : left + wide], 0).max(axis=0 if size[0] else 1)
            strength_of_line = float(np.percentile(along[is_there], 35))  # most of it runs where nothing is written
            is_light = strength_of_line < LIGHT_LINE * darkest
            is_long = (wide if size[0] else high) - reach + 1 >= DARK_LINE_HEIGHTS * usual
            is_line[place + 1] = is_there.mean() > LINE_COVERED and (is_light or is_long)
            # what is plainly stronger than a light line is a pen's: it stays
            strengths[place + 1] = LINE_STRENGTH * strength_of_line if is_light else 2
            if is_line[place + 1]:
                # where it is thicker there is a stroke on it, or along it
                thickness = thickness_of(own if size[0] else own.T)
                thicker = np.ones((int(thickness) + 2, 1) if size[0] else (1, int(thickness) + 2), np.uint8)
                thick = np.asarray(cv2.morphologyEx(own.astype(np.uint8), cv2.MORPH_OPEN, thicker)) > 0
                is_band = thick.any(axis=0 if size[0] else 1).mean() > MOST_THICK
                on_line[top : top + high, left : left + wide] |= own & (is_band | ~thick)
                widths.append(thickness)
        if not is_line.any():
            continue
        near_line = np.asarray(cv2.dilate(on_line.astype(np.uint8), np.ones((3, 3), np.uint8))) > 0
        line = is_line[labels] & near_line & (mask > 0) & (result <= strengths[labels])
        # what goes on on both sides of a line is a stroke that crosses it
        rest = (mask > 0) & ~line
        across = 2 * int((float(np.median(widths)) + 2) / 2) + 3
        column = np.ones((across, 1) if size[0] else (1, across), np.uint8)
        beside = np.asarray(cv2.morphologyEx((rest | line).astype(np.uint8), cv2.MORPH_OPEN, column)) > 0
        crossing = (np.asarray(cv2.dilate(rest.astype(np.uint8), column)) > 0) & beside & line
        result = np.where(line & ~crossing, 0, result)
        mask = (result > 0).astype(np.uint8)
    return result


def thickness_of(runs: np.ndarray) -> float:
    """Return how thick a line of ink is in most of its places, in pixels.

    Parameters
    ----------
    runs : ndarray of bool, shape (height, width)
        The level runs of ink that make the line, with those of strokes that touch it.
    """
    steps = np.diff(np.pad(runs.T.astype(np.int8), ((0, 0), (1, 1))), axis=1)
    begins, ends = (np.nonzero(steps == step)[1] for step in (1, -1))
    return float(np.percentile(ends - begins, 35))
