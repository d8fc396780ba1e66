"""Damage: digits spoilt by a given amount, to measure how much a network can bear."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.digits.deform import check_images, resample, with_strokes
from glassnet.errors import DigitsError


def shifted(images: np.ndarray, px: float) -> np.ndarray:
    """Return images moved sideways.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper; what moves in from outside is paper too.
    px : float
        Pixels to the right; negative moves to the left, fractions are interpolated.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        New images.

    Examples
    --------
    >>> shifted(np.array([[[0, 10, 20, 30]]], dtype=np.uint8), 1)[0, 0].tolist()
    [0, 0, 10, 20]
    """
    identity = np.broadcast_to(np.eye(2), (len(images), 2, 2))
    return resample(images, identity, np.broadcast_to([0.0, -float(px)], (len(images), 2)))


def turned(images: np.ndarray, degrees: float | np.ndarray) -> np.ndarray:
    """Return images turned about their middle.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper.
    degrees : float, or ndarray of float, shape (n,)
        Of all of them, or of each: counter-clockwise, negative turns clockwise.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        New images.
    """
    angle = np.deg2rad(np.broadcast_to(np.asarray(degrees, dtype=np.float64), (len(images),)))  # (n,)
    cos, sin = np.cos(angle), np.sin(angle)
    # rows count downwards: `deform.rotate` has the same matrices, from the new image back to the old
    matrices = np.stack([np.stack([cos, sin], axis=-1), np.stack([-sin, cos], axis=-1)], axis=-2)  # (n, 2, 2)
    return resample(images, matrices)


def scaled(images: np.ndarray, factor: float) -> np.ndarray:
    """Return images made larger or smaller about their middle.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper.
    factor : float
        Above 0; 2 makes them twice as wide and high.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        New images. In smaller ones a pixel is looked up in the old image; it is not the mean of those it covers.

    Raises
    ------
    DigitsError
        If the factor is not above 0.
    """
    if not factor > 0:
        raise DigitsError(f"a factor to scale by must be above 0, not {factor}.")
    return resample(images, np.broadcast_to(np.eye(2) / factor, (len(images), 2, 2)))


def thickened(images: np.ndarray, px: float) -> np.ndarray:
    """Return images with thicker or thinner strokes.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper.
    px : float
        How far each edge of a stroke moves; negative thins.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        New images. A thin stroke is never thinned away: at least a third of its ink stays.
    """
    check_images(images)
    return with_strokes(images, np.full(len(images), float(px)))


def noisy(images: np.ndarray, deviation: float, rng: np.random.Generator) -> np.ndarray:
    """Return images with normally distributed noise on every pixel, cut off at paper and at ink.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper, 255 is ink.
    deviation : float
        Its standard deviation; 1 is the whole way from paper to ink.
    rng : numpy.random.Generator
        Draws it. The same generator with a larger deviation gives the same noise, stronger.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        New images.

    Raises
    ------
    DigitsError
        If the deviation is below 0.
    """
    check_images(images)
    if not deviation >= 0:
        raise DigitsError(f"a standard deviation must not be below 0; this one is {deviation}.")
    noise = rng.standard_normal(images.shape, dtype=np.float32)
    return np.rint(np.clip(images + np.float32(255 * deviation) * noise, 0, 255)).astype(np.uint8)


def faded(images: np.ndarray, factor: float) -> np.ndarray:
    """Return images with more or less contrast between ink and paper.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper, 255 is ink.
    factor : float
        Every shade is multiplied by it and cut off at 255: below 1 the ink fades, above 1 grey becomes black.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        New images.

    Raises
    ------
    DigitsError
        If the factor is below 0.

    Examples
    --------
    >>> faded(np.array([[[0, 100, 200]]], dtype=np.uint8), 0.5)[0, 0].tolist()
    [0, 50, 100]
    """
    check_images(images)
    if not factor >= 0:
        raise DigitsError(f"contrast cannot be below 0; this one is {factor}.")
    return np.rint(np.clip(images * np.float64(factor), 0, 255)).astype(np.uint8)


@dataclass(frozen=True, slots=True)
class Damage:
    """A kind of damage.

    Parameters
    ----------
    unit : str
        What its amounts are measured in.
    none : float
        The amount that spoils nothing.
    amounts : tuple of float
        From the smallest to the largest that is worth trying, `none` among them.
    damaged : callable
        From images, an amount and a generator to new images.
    """

    unit: str
    none: float
    amounts: tuple[float, ...]
    damaged: Callable[[np.ndarray, float, np.random.Generator], np.ndarray]


DAMAGES = {
    "shift": Damage("px", 0, (-6, -4, -3, -2, -1, 0, 1, 2, 3, 4, 6), lambda images, px, _: shifted(images, px)),
    "turn": Damage(
        "degrees",
        0,
        (-90, -60, -45, -30, -15, 0, 15, 30, 45, 60, 90),
        lambda images, degrees, _: turned(images, degrees),
    ),
    "scale": Damage(
        "times",
        1,
        (0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1, 1.1, 1.2, 1.3, 1.4),
        lambda images, factor, _: scaled(images, factor),
    ),
    "thickness": Damage(
        "px", 0, (-1.5, -1, -0.5, 0, 0.5, 1, 1.5, 2, 2.5, 3), lambda images, px, _: thickened(images, px)
    ),
    "noise": Damage("deviation", 0, tuple(i / 10 for i in range(11)), noisy),
    "contrast": Damage("times", 1, tuple(i / 5 for i in range(11)), lambda images, factor, _: faded(images, factor)),
}
"""Every kind of damage by its name; all but noise leave the generator alone."""
