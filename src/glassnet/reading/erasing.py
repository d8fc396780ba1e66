"""Erasing: a frame's lines are taken away, and the ink of digits that touch or cross them stays."""

from itertools import pairwise

import numpy as np

from glassnet.reading.frame_lines import BEND, FrameLine, strength_along

STRONGER = 1.35
"""What is so many times as strong as its line is a pen's, and stays."""
SOLID = 0.4
"""Of the strength that most of its ink has: what is less is the soft edge of a stroke."""
TOUCHING = 3
"""Pixels that a stroke goes away from a line at least, where it touches it."""


def without_lines(
    own: np.ndarray,
    strength: np.ndarray,
    flat: np.ndarray,
    to_frame: np.ndarray,
    upright: list[FrameLine],
    level: list[FrameLine],
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


def parts_of(line: FrameLine, crossed: list[FrameLine]) -> list[slice]:
    """Return the parts of a line between those that cross it."""
    places = [0, *(round(other.middle) for other in crossed[1:-1]), len(line.path)]
    return [slice(first, end) for first, end in pairwise(places) if end - first > 1]


def outline_of(line: FrameLine, part: slice, back: np.ndarray, *, is_level: bool) -> np.ndarray:
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
