"""Filled: whether a picture is of a few digits that fill it: a digit drawn large, a line cropped closely."""

import numpy as np

from glassnet.digits.normalise import EDGE_OF_INK, find_ink, without_paper
from glassnet.errors import ImageError
from glassnet.reading.afar import from_afar

FROM_AFAR_PX = 256
"""Whether digits fill a picture is seen in one this small."""
LARGE_SHARE = 0.4
"""Of a picture's shorter side: a few digits that are higher fill it ..."""
MOST_LARGE, LARGE_INK = 12, 0.85
"""... if they are not more than so many, with so much of its ink, ..."""
ACROSS_SHARE, CORNER_SHARE = 0.95, 0.03
"""... none of them is flat and goes across so much of the picture, or lies in its corners, so large, ..."""
MOST_STROKE, MOST_STROKE_OF_THICK = 0.38, 0.55
"""... no stroke is wider than so much of its digit's longer side, of one that is plainly no sheet or shadow: ..."""
SEVERAL_LARGE, MOST_OF_BOX = 3, 0.7
"""... one of several, or away from the rim and not much of its box; ..."""
MOST_SPREAD = 0.12
"""... the rim's shades spread no more, as a share of the ink's difference from them: under light that falls in a curve
half of the ink would be taken for paper; ..."""
LOOPS, FIELD_SHARE = 4, 0.12
"""... and there are not more loops in each, of at least so much of a digit's height: those of squared paper."""


def is_filled_by_digits(page: np.ndarray) -> bool:
    """Return whether a few digits fill a picture.

    Parameters
    ----------
    page : ndarray of uint8, shape (height, width, 3) or (height, width)
        In colour or grey.

    Returns
    -------
    bool
        True where the strokes of digits are so wide, for the picture, that the paper is better told by its rim.
    """
    import cv2

    try:
        small = in_grey(from_afar(page, FROM_AFAR_PX))
        mask = (find_ink(small) > EDGE_OF_INK).astype(np.uint8)
    except ImageError:
        return False
    difference, spread = without_paper(small)
    if not mask.any() or spread > MOST_SPREAD * float(np.median(np.abs(difference[mask > 0]))):
        return False
    least = LARGE_SHARE * min(mask.shape)
    _, _, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    boxes = np.asarray(stats, dtype=np.int64)[1:]
    is_large = np.maximum(boxes[:, 3], 0.7 * boxes[:, 2]) >= least
    large = boxes[is_large]
    if not 1 <= len(large) <= MOST_LARGE or large[:, 4].sum() < LARGE_INK * boxes[:, 4].sum():
        return False
    goes_across = (large[:, 2] >= ACROSS_SHARE * mask.shape[1]) & (large[:, 2] > 2.5 * large[:, 3])
    side = max(1, round(CORNER_SHARE * min(mask.shape)))
    corners = [
        mask[rows, columns] for rows in (np.s_[:side], np.s_[-side:]) for columns in (np.s_[:side], np.s_[-side:])
    ]
    if goes_across.any() or any(corner.mean() > 0.5 for corner in corners):
        return False  # a shadow, a strip of the table; a ruled line
    inside = np.asarray(cv2.distanceTransform(np.pad(mask, 1), cv2.DIST_L2, 3))[1:-1, 1:-1]
    for left, top, width, height, area in large.tolist():
        is_apart = left > 0 and top > 0 and left + width < mask.shape[1] and top + height < mask.shape[0]
        may_be_thick = len(large) >= SEVERAL_LARGE or (is_apart and area < MOST_OF_BOX * width * height)
        stroke = 2 * float(inside[top : top + height, left : left + width].max())
        if stroke > (MOST_STROKE_OF_THICK if may_be_thick else MOST_STROKE) * max(width, height):
            return False  # a sheet on a table, a blot, a shadow
    # a frame, or squared paper: more fields than a digit has loops
    contours, tree = cv2.findContours(mask, cv2.RETR_CCOMP, cv2.CHAIN_APPROX_SIMPLE)
    holes = [c for c, (*_, parent) in zip(contours, tree[0], strict=True) if parent >= 0]
    n_fields = sum(cv2.contourArea(hole) > (FIELD_SHARE * least) ** 2 for hole in holes)
    return n_fields <= LOOPS * len(large)


def in_grey(page: np.ndarray) -> np.ndarray:
    """Return a page's shades, uint8, shape (height, width)."""
    return page if page.ndim == 2 else np.rint(page @ np.array([0.299, 0.587, 0.114])).astype(np.uint8)
