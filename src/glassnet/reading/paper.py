"""Paper: what of a picture is ink, whatever the light, the paper and the pen."""

import functools
from dataclasses import dataclass

import numpy as np

from glassnet.digits.normalise import find_ink
from glassnet.errors import ImageError
from glassnet.reading.afar import from_afar
from glassnet.reading.filled import in_grey, is_filled_by_digits

SMALL_PX = 512
"""The paper is looked for in a picture this small: it has no detail of its own."""
WINDOW_SHARE = 0.15
"""Of the longer side: the paper's shade is the median of so wide a square. Ink has to be less than half of it."""
SMALLEST_PAGE_PX = 100
"""A smaller picture holds a digit or two, whose strokes would fill such a square: its paper is told by its rim."""
DARKEST_PAPER = 48.0
LEAST_STRENGTH = 0.035
"""Share of the paper's light that ink takes away at least; shadows of folds take less."""
SMOOTHED_FROM = 0.012
"""Grain from which on a page is smoothed before anything is looked for."""
MOST_GRAIN = 0.05
"""Grain beyond which no ink would stand out."""
GRAINS = 4.0
"""Standard deviations of the paper's grain that ink stands out by."""


@dataclass(frozen=True, slots=True, eq=False)
class Ink:
    """What of a picture is ink.

    Parameters
    ----------
    strength : ndarray of float32, shape (height, width)
        Share of the paper's light that is missing, or for light ink added, in the colour where that is most; 0 where
        it is no more than the paper's grain.
    grain : float
        Standard deviation of that on bare paper.
    is_light : bool
        Whether the ink is lighter than the paper.
    is_filled : bool, default False
        Whether a few digits fill the picture: such a one has no ruled lines.
    """

    strength: np.ndarray
    grain: float
    is_light: bool
    is_filled: bool = False


def find_page_ink(page: np.ndarray) -> Ink:
    """Return the ink on a page.

    Parameters
    ----------
    page : ndarray of uint8, shape (height, width, 3) or (height, width)
        In colour or grey; dark ink on lighter paper, or the other way round.

    Returns
    -------
    Ink
        As large as the page.

    Raises
    ------
    ImageError
        If it is no such array, or too small.
    """
    import cv2

    if page.dtype != np.uint8 or page.ndim not in (2, 3) or (page.ndim == 3 and page.shape[2] != 3):
        raise ImageError(f"a page must be of uint8, shape (height, width) or (height, width, 3), not {page.shape}.")
    if min(page.shape[:2]) < 3:
        raise ImageError(f"a picture of {page.shape[1]} x {page.shape[0]} pixels is too small for a digit.")
    is_filled = is_filled_by_digits(page)
    if max(page.shape[:2]) < SMALLEST_PAGE_PX or is_filled:
        return ink_by_rim(page, is_filled=is_filled)
    page = np.ascontiguousarray(page[:, :, None] if page.ndim == 2 else page)
    paper = paper_of(page)  # (height, width, channels)
    difference = paper - page.astype(np.float32)
    grain = grain_of(difference, paper)
    if grain > SMOOTHED_FROM:  # a single odd pixel does not decide
        blurred = cv2.GaussianBlur(difference, (0, 0), 0.8 if grain < 2 * SMOOTHED_FROM else 1.3)
        smooth = np.asarray(blurred, dtype=np.float32).reshape(page.shape)
        smooth_grain = grain_of(smooth, paper)
        if smooth_grain < 0.7 * grain:  # a camera's noise goes; the paper's own texture would stay, and blur the ink
            difference, grain = smooth, smooth_grain
    light_grain = grain_of(difference, 255 - paper)  # the same shades are another share of what light ink adds
    darker = above(strongest(difference / np.maximum(paper, DARKEST_PAPER)), grain)
    lighter = above(strongest(-difference / np.maximum(255 - paper, DARKEST_PAPER)), light_grain)
    is_light = float((lighter**2).sum()) > 2 * float((darker**2).sum())
    strength, its_grain = (lighter, light_grain) if is_light else (darker, grain)
    if its_grain > MOST_GRAIN:  # what was taken for paper is none: strokes fill the picture
        return ink_by_rim(page if page.shape[2] == 3 else page[:, :, 0], is_filled=is_filled)
    return Ink(strength.astype(np.float32), its_grain, is_light)


def above(strength: np.ndarray, grain: float) -> np.ndarray:
    """Return a strength where it is more than the paper's grain, 0 elsewhere."""
    return np.where(strength > max(GRAINS * grain, LEAST_STRENGTH), strength, 0).clip(0, 1)


def strongest(of_colours: np.ndarray) -> np.ndarray:
    """Return the largest of each pixel's colours, shape (height, width): `max(axis=2)`, six times as fast."""
    return functools.reduce(np.maximum, np.moveaxis(of_colours, 2, 0))


def grey(of_colours: np.ndarray) -> np.ndarray:
    """Return the mean of each pixel's colours, shape (height, width): `mean(axis=2)`, six times as fast."""
    return functools.reduce(np.add, np.moveaxis(of_colours, 2, 0)) / np.float32(of_colours.shape[2])


def grain_of(difference: np.ndarray, paper: np.ndarray) -> float:
    """Return the standard deviation of the paper's grain, as a share of its light: of bare paper, since ink is rare.

    Less than half a shade is not seen in a picture of whole shades, and is taken for that.
    """
    light = np.maximum(grey(paper), DARKEST_PAPER)
    return max(spread(grey(difference) / light), 0.5 / float(np.median(light[::16, ::16])))


def ink_by_rim(page: np.ndarray, *, is_filled: bool) -> Ink:
    """Return the ink on a page that is hardly larger than a digit, or than its digits: its rim tells what is paper."""
    shades = in_grey(page)
    try:
        ink = find_ink(shades)
    except ImageError:
        ink = np.zeros(shades.shape)
    is_light = bool(shades[ink > 0.5].mean() > np.median(shades)) if (ink > 0.5).any() else False
    return Ink(ink.astype(np.float32), 0.0, is_light, is_filled)


def paper_of(page: np.ndarray) -> np.ndarray:
    """Return the page without its ink, float32, shape as given: the median around each pixel, seen from afar."""
    import cv2

    height, width, channels = page.shape
    small = from_afar(page, SMALL_PX)
    window = max(3, int(WINDOW_SHARE * max(small.shape)) | 1)
    border = window // 2
    around = np.pad(small, ((border, border), (border, border), (0, 0)), mode="symmetric")
    median = np.asarray(cv2.medianBlur(around, window)).reshape(around.shape)[border:-border, border:-border]
    smooth = np.asarray(cv2.blur(np.ascontiguousarray(median), (window // 2 | 1, window // 2 | 1)))
    large = np.asarray(cv2.resize(smooth, (width, height), interpolation=cv2.INTER_LINEAR))
    return large.reshape(height, width, channels).astype(np.float32)


def spread(values: np.ndarray) -> float:
    """Return the standard deviation of a normal distribution with the same median deviation: ink does not count."""
    some = values.reshape(-1)[:: max(1, values.size // 200_000)]
    return 1.4826 * float(np.median(np.abs(some - np.median(some))))
