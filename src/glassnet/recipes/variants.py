"""Variants: digits as other countries, schools and trades write them, made from MNIST's, where they are rare.

A 0 with a slash, a bar or a dot, a 0 or an 8 that is open at its top, a 1 with a long up-stroke or a foot, a 7 with a
bar, a 9 with a hook for its base, a 5 whose bar is loose.
"""

import itertools

import numpy as np

from glassnet.digits.normalise import place_ink
from glassnet.recipes.knobs import FINE_BOX_PX, FINE_PX

N_OF_EACH = 1200
Point = tuple[float, float]


def make_variants(digits: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return digits with something drawn or left out that MNIST's hands seldom do.

    Parameters
    ----------
    digits : ndarray of uint8, shape (n_digits, 56, 56)
        What to draw on.
    labels : ndarray of uint8, shape (n_digits,)
        Theirs.
    rng : numpy.random.Generator
        Draws which, and where.

    Returns
    -------
    tuple of ndarray
        Sources of uint8, shape (n, 56, 56), the ink in a box of 40 pixels, and their labels, shape (n,).
    """
    made, kinds = [], []
    for label, draw, times in VARIANTS:
        places = np.flatnonzero(labels == label)
        for place in rng.choice(places, min(times * N_OF_EACH, len(places)), replace=False):
            drawn = draw(digits[place], rng).astype(np.float32) / 255
            made.append(place_ink(drawn, side_px=FINE_PX, box_px=FINE_BOX_PX)[0])
            kinds.append(label)
    return np.stack(made), np.array(kinds, dtype=np.uint8)


def box_of(image: np.ndarray) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of an image's ink, in pixels."""
    rows, columns = (np.flatnonzero((image > 64).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return 8, 8, FINE_PX - 8, FINE_PX - 8
    return float(columns[0]), float(rows[0]), float(columns[-1]), float(rows[-1])


def column_in(image: np.ndarray, row: float) -> float:
    """Return the middle of the ink in a row; of the whole ink if there is none."""
    amounts = image[round(row)].astype(np.float64)
    if not amounts.sum():
        amounts = image.sum(axis=0, dtype=np.float64)
    return float(amounts @ np.arange(FINE_PX) / max(amounts.sum(), 1))


def pen_of(image: np.ndarray) -> float:
    """Return how wide the pen was, in pixels: within a stroke one is a quarter of that from its edge, on average."""
    import cv2

    mask = (image > 96).astype(np.uint8)
    if not mask.any():
        return 4.0
    away = cv2.distanceTransform(mask, cv2.DIST_L2, 3)[mask > 0]
    return float(np.clip(4 * away.mean() - 1.5, 2.5, 9))


def stroked(image: np.ndarray, start: Point, end: Point, width: float) -> np.ndarray:
    """Return an image with an extra straight stroke, its ends round."""
    rows, columns = np.mgrid[:FINE_PX, :FINE_PX]
    along = np.array(end) - np.array(start)
    places = np.stack([columns - start[0], rows - start[1]], axis=-1)
    share = ((places @ along) / max(float(along @ along), 1e-6)).clip(0, 1)
    distance = np.hypot(*(places - share[..., None] * along).transpose(2, 0, 1))
    stroke = (width / 2 + 0.5 - distance).clip(0, 1) * 255
    return np.maximum(image, stroke.astype(np.uint8))


def curved(image: np.ndarray, start: Point, bend: Point, end: Point, width: float) -> np.ndarray:
    """Return an image with an extra stroke, bent towards a point between its ends: a quadratic Bezier curve."""
    t = np.linspace(0, 1, 7)[:, None]
    points = (1 - t) ** 2 * np.array(start) + 2 * t * (1 - t) * np.array(bend) + t**2 * np.array(end)
    for one, other in itertools.pairwise(points):
        image = stroked(image, (one[0], one[1]), (other[0], other[1]), width)
    return image


def shrunk(image: np.ndarray, share: float) -> np.ndarray:
    """Return an image smaller around its middle, so that there is room to draw beside it."""
    import cv2

    rest = (1 - share) * (FINE_PX - 1) / 2
    return cv2.warpAffine(image, np.array([[share, 0, rest], [0, share, rest]]), (FINE_PX, FINE_PX))


def slashed(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a 0 with a slash, most often from its lower left to its upper right, sometimes beyond its edges."""
    left, top, right, bottom = box_of(image)
    inset_x, inset_y = rng.uniform(-0.12, 0.25, 2)
    width, height = right - left, bottom - top
    start = (left + inset_x * width, bottom - inset_y * height)
    end = (right - inset_x * width, top + inset_y * height)
    if rng.random() < 0.2:
        start, end = (start[0], end[1]), (end[0], start[1])
    return stroked(image, start, end, rng.uniform(2.5, 6))


def barred(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a 0 with a bar through its middle, upright or lying, often beyond its edges."""
    image = shrunk(image, 0.8)
    left, top, right, bottom = box_of(image)
    x, y = (left + right) / 2 + rng.normal(0, 1), (top + bottom) / 2 + rng.normal(0, 1)
    tilt, reach = rng.normal(0, 2), rng.uniform(0.4, 0.7)
    across, down = (reach * (right - left) + 1, tilt) if rng.random() < 0.5 else (tilt, reach * (bottom - top) + 1)
    return stroked(image, (x - across, y - down), (x + across, y + down), pen_of(image))


def dotted(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a 0 with a dot in its middle."""
    left, top, right, bottom = box_of(image)
    middle = ((left + right) / 2 + rng.normal(0, 1), (top + bottom) / 2 + rng.normal(0, 2))
    return stroked(image, middle, (middle[0] + 0.5, middle[1]), rng.uniform(4, 8))


def opened(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a 0 or an 8 whose pen did not come back to where it had begun: a gap at its top, often to the right."""
    left, top, right, bottom = box_of(image)
    width, height, pen = right - left, bottom - top, pen_of(image)
    middle = column_in(image, top + 1) + rng.normal(0.08, 0.14) * width
    across = pen / 2 + rng.uniform(0.05, 0.22) * width
    down = pen + rng.uniform(0.02, 0.12) * height
    rows, columns = np.mgrid[:FINE_PX, :FINE_PX]
    away = np.hypot((columns - middle) / across, (rows - top) / down)
    return np.rint(image * np.clip((away - 1) * across + 0.5, 0, 1)).astype(np.uint8)


def crossed(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a 7 with a bar through its stem."""
    left, top, right, bottom = box_of(image)
    height = top + rng.uniform(0.42, 0.62) * (bottom - top)
    row = image[round(height)].astype(np.float64)
    stem = float(row @ np.arange(FINE_PX) / row.sum()) if row.sum() else (left + right) / 2
    reach = rng.uniform(5, 11)
    tilt = rng.normal(0, 1.5)
    return stroked(image, (stem - reach, height + tilt), (stem + reach, height - tilt), rng.uniform(2.5, 5.5))


def with_up_stroke(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a 1 with an up-stroke, short or nearly as long as its stem, and often a foot.

    An up-stroke falls off more than half as much as it reaches out: one that lies is a 7's bar.
    """
    image = shrunk(image, 0.85)
    _, top, _, bottom = box_of(image)
    height, pen = bottom - top, pen_of(image)
    head, foot = column_in(image, top + 1), column_in(image, bottom - 1)
    falls = rng.uniform(0.1, 0.75) * height
    reaches = min(falls * rng.uniform(0.5, 1.7), 0.65 * height)
    end = (head - reaches, top + falls)
    bend = (head - reaches * rng.uniform(0.3, 0.6), top + falls * rng.uniform(0.3, 0.8))
    image = curved(image, (head, top + pen / 2), bend, end, pen)
    if rng.random() < 0.5:
        image = standing(image, foot, bottom, height, pen, rng)
    return image


def on_a_foot(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a 1 with a foot, and no up-stroke."""
    image = shrunk(image, 0.9)
    _, top, _, bottom = box_of(image)
    return standing(image, column_in(image, bottom - 1), bottom, bottom - top, pen_of(image), rng)


def standing(
    image: np.ndarray, foot: float, bottom: float, height: float, pen: float, rng: np.random.Generator
) -> np.ndarray:
    """Return an image with a bar below, where its stem ends."""
    to_left, to_right = rng.uniform(0.08, 0.36, 2) * height
    tilt = rng.normal(0, 1.5)
    y = bottom - pen / 2
    return stroked(image, (foot - to_left, y + tilt), (foot + to_right, y - tilt), pen)


def hooked(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a 9 whose stem goes on to the left: a hook, a flat base, or one that turns back to the right."""
    image = shrunk(image, 0.85)
    _, top, _, bottom = box_of(image)
    height, pen = bottom - top, pen_of(image)
    stem = column_in(image, bottom - 1)
    reach, rise = rng.uniform(0.2, 0.6) * height, rng.uniform(-0.05, 0.22) * height
    y = bottom - pen / 2
    end = (stem - reach, y - rise)
    image = curved(image, (stem, y), (stem - reach * rng.uniform(0.2, 0.7), y + rng.uniform(0, 0.1) * height), end, pen)
    if rng.random() < 0.3:  # like a z
        image = stroked(
            image, end, (end[0] + rng.uniform(0.3, 0.8) * height, end[1] + rng.uniform(0, 0.15) * height), pen
        )
    return image


def with_a_loose_bar(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a 5 whose bar does not meet the rest: it lies higher, or begins further to the right."""
    _, top, _, bottom = box_of(image)
    pen = pen_of(image)
    cut = round(top + pen + rng.uniform(0, 0.08) * (bottom - top))
    up, right = int(rng.integers(1, 6)), int(rng.integers(0, 8))
    bar, rest = np.zeros_like(image), image.copy()
    bar[up:cut, right:] = image[up:cut, : FINE_PX - right]
    rest[:cut] = 0
    return np.maximum(rest, np.roll(bar, -up, axis=0))


VARIANTS = (
    (0, slashed, 1),
    (0, barred, 1),
    (0, dotted, 1),
    (0, opened, 2),
    (8, opened, 1),
    (1, with_up_stroke, 2),
    (1, on_a_foot, 1),
    (5, with_a_loose_bar, 1),
    (7, crossed, 1),
    (9, hooked, 2),
)
"""Of which digit, how, and how many, times `N_OF_EACH`."""
