"""Variants: digits as other countries and trades write them, made from MNIST's: slashed and dotted 0, crossed 7."""

import numpy as np

from glassnet.recipes.knobs import FINE_PX

N_OF_EACH = 1200


def make_variants(digits: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return digits with an extra stroke or dot.

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
        Sources of uint8, shape (n, 56, 56), and their labels, shape (n,).
    """
    made, kinds = [], []
    for label, draw in ((0, slashed), (0, dotted), (7, crossed)):
        places = np.flatnonzero(labels == label)
        for place in rng.choice(places, min(N_OF_EACH, len(places)), replace=False):
            made.append(draw(digits[place], rng))
            kinds.append(label)
    return np.stack(made), np.array(kinds, dtype=np.uint8)


def box_of(image: np.ndarray) -> tuple[float, float, float, float]:
    """Return left, top, right and bottom of an image's ink, in pixels."""
    rows, columns = (np.flatnonzero((image > 64).any(axis=axis)) for axis in (1, 0))
    if not len(rows):
        return 8, 8, FINE_PX - 8, FINE_PX - 8
    return float(columns[0]), float(rows[0]), float(columns[-1]), float(rows[-1])


def stroked(image: np.ndarray, start: tuple[float, float], end: tuple[float, float], width: float) -> np.ndarray:
    """Return an image with an extra straight stroke, its ends round."""
    rows, columns = np.mgrid[:FINE_PX, :FINE_PX]
    along = np.array(end) - np.array(start)
    places = np.stack([columns - start[0], rows - start[1]], axis=-1)
    share = ((places @ along) / max(float(along @ along), 1e-6)).clip(0, 1)
    distance = np.hypot(*(places - share[..., None] * along).transpose(2, 0, 1))
    stroke = (width / 2 + 0.5 - distance).clip(0, 1) * 255
    return np.maximum(image, stroke.astype(np.uint8))


def slashed(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a 0 with a slash from its lower left to its upper right, sometimes beyond its edges."""
    left, top, right, bottom = box_of(image)
    inset_x, inset_y = rng.uniform(-0.12, 0.25, 2)
    width, height = right - left, bottom - top
    start = (left + inset_x * width, bottom - inset_y * height)
    end = (right - inset_x * width, top + inset_y * height)
    return stroked(image, start, end, rng.uniform(2.5, 6))


def dotted(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a 0 with a dot in its middle."""
    left, top, right, bottom = box_of(image)
    middle = ((left + right) / 2 + rng.normal(0, 1), (top + bottom) / 2 + rng.normal(0, 2))
    return stroked(image, middle, (middle[0] + 0.5, middle[1]), rng.uniform(4, 8))


def crossed(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a 7 with a bar through its stem."""
    left, top, right, bottom = box_of(image)
    height = top + rng.uniform(0.42, 0.62) * (bottom - top)
    row = image[round(height)].astype(np.float64)
    stem = float(row @ np.arange(FINE_PX) / row.sum()) if row.sum() else (left + right) / 2
    reach = rng.uniform(5, 11)
    tilt = rng.normal(0, 1.5)
    return stroked(image, (stem - reach, height + tilt), (stem + reach, height - tilt), rng.uniform(2.5, 5.5))
