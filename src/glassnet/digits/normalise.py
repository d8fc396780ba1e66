"""Normalising: any picture of one digit made as MNIST's were, 20 x 20 pixels around its centre of mass in 28 x 28."""

from dataclasses import dataclass

import numpy as np

from glassnet.errors import ImageError

SIDE_PX = 28
BOX_PX = 20
"""Of MNIST's digits. Their centres of mass lie at 14.0 on average over its training images, both ways, within half a
pixel."""
LEAST_CONTRAST = 24
"""Shades between paper and ink, of 255; with fewer than this nothing is taken for ink."""
RIM_PX = 2
"""Of paper around all marks, so that the mean of 3 x 3 pixels at its edge is that of paper."""
GRAIN = 4.0
"""What lies within this many standard deviations of the paper's own grain is not ink."""
EDGE_OF_INK = 0.15
"""Share of the full ink at which a digit's box begins. Of MNIST's training images 99.9 % are 20 pixels long there."""


@dataclass(frozen=True, slots=True, eq=False)
class Normalised:
    """A digit as the network is shown it, and how it was made.

    Parameters
    ----------
    image : ndarray of uint8, shape (28, 28)
        0 is paper, 255 is ink.
    ink : ndarray of float, shape (height, width)
        What was taken for ink in the picture, from 0 to 1.
    box : tuple of int
        Left, top, width and height of the digit in the picture, in pixels of it.
    scale : float
        Pixels of the network's image for each pixel of the picture.
    """

    image: np.ndarray
    ink: np.ndarray
    box: tuple[int, int, int, int]
    scale: float


def normalise(grey: np.ndarray) -> Normalised:
    """Return a picture of one digit made as MNIST's were.

    Parameters
    ----------
    grey : ndarray of uint8, shape (height, width)
        Dark ink on light paper or light on dark, of any size, anywhere in the picture.

    Returns
    -------
    Normalised
        The 28 x 28 image, and the steps to it.

    Raises
    ------
    ImageError
        If there is no ink.

    Notes
    -----
    MNIST's digits were scaled to fit a 20 x 20 box with their shape kept, antialiased, and moved so that their centre
    of mass lies in the middle of 28 x 28 pixels (http://yann.lecun.com/exdb/mnist/).
    """
    ink = find_ink(grey)
    image, box, scale = place_ink(ink)
    return Normalised(image, ink, box, scale)


def place_ink(
    ink: np.ndarray, *, side_px: int = SIDE_PX, box_px: float = BOX_PX, shift_px: tuple[int, int] = (0, 0)
) -> tuple[np.ndarray, tuple[int, int, int, int], float]:
    """Return ink scaled to fit a box, its centre of mass in the middle of an image.

    Parameters
    ----------
    ink : ndarray of float, shape (height, width)
        From 0 (paper) to 1.
    side_px : int, default 28
        Pixels of the image's sides.
    box_px : float, default 20
        Pixels of the digit's longer side.
    shift_px : tuple of int, default (0, 0)
        Pixels down and to the right of where it would lie.

    Returns
    -------
    tuple
        The image, ndarray of uint8, shape (side_px, side_px); left, top, width and height of the ink's box in the
        picture; the image's pixels for each of the picture's.

    Raises
    ------
    ImageError
        If there is no ink.
    """
    small, box, scale = boxed(ink, box_px)
    return centred(small, side_px, shift_px), box, scale


def boxed(ink: np.ndarray, box_px: float = BOX_PX) -> tuple[np.ndarray, tuple[int, int, int, int], float]:
    """Return ink scaled to fit a box, from 0 to 1; and box and scale as `place_ink` returns them."""
    if not (is_ink := ink > EDGE_OF_INK).any():
        raise ImageError("there is no digit in the picture: nothing stands out from the shade of its rim.")
    top, bottom, left, right = bounds_of(is_ink)
    height, width = bottom - top, right - left
    scale = box_px / max(height, width)
    small = scaled(ink[top:bottom, left:right], max(1, round(height * scale)), max(1, round(width * scale)))
    return small / small.max(), (left, top, width, height), scale


def find_ink(grey: np.ndarray) -> np.ndarray:
    """Return how much each pixel is ink, from 0 to 1; the paper is what the picture's rim is made of."""
    if grey.ndim != 2 or grey.dtype != np.uint8:
        raise ImageError(f"a picture must be of uint8 with shape (height, width), not {grey.dtype} {grey.shape}.")
    if min(grey.shape) < 3:
        raise ImageError(f"a picture of {grey.shape[1]} x {grey.shape[0]} pixels is too small for a digit.")
    rim = rim_of(grey)
    if rim.min() == rim.max():  # a drawing's: most of it need not be looked at
        part, grain = around_marks(grey != rim[0]), 0.0
        difference = grey[part].astype(np.float32) - float(rim[0])
    else:
        whole, grain = without_paper(grey)
        part = around_marks(whole != 0)
        difference = whole[part]
    ink = np.zeros(grey.shape, dtype=np.float32)
    ink[part] = ink_in(difference, grain, is_large=min(grey.shape) > 2 * SIDE_PX)
    return ink


def rim_of(grey: np.ndarray) -> np.ndarray:
    """Return the shades of a picture's outermost pixels, shape (n,)."""
    return np.concatenate([grey[0], grey[-1], grey[1:-1, 0], grey[1:-1, -1]])


def around_marks(marked: np.ndarray) -> tuple[slice, slice]:
    """Return the part of a picture, as rows and columns, beyond which nothing is marked, with a rim of paper."""
    if not marked.any():
        return slice(None), slice(None)
    top, bottom, left, right = bounds_of(marked)
    return slice(max(top - RIM_PX, 0), bottom + RIM_PX), slice(max(left - RIM_PX, 0), right + RIM_PX)


def bounds_of(marked: np.ndarray) -> tuple[int, int, int, int]:
    """Return top, bottom, left and right of what is marked in a picture, the ends one beyond it."""
    rows, columns = np.flatnonzero(marked.any(axis=1)), np.flatnonzero(marked.any(axis=0))
    return int(rows[0]), int(rows[-1]) + 1, int(columns[0]), int(columns[-1]) + 1


def ink_in(difference: np.ndarray, grain: float, *, is_large: bool) -> np.ndarray:
    """Return how much each pixel is ink, from 0 to 1, by its difference from the paper, and the paper's grain."""
    # a single odd pixel does not decide what is ink: in all but tiny pictures 3 x 3 of them have to agree
    seen = mean_of_3_by_3(difference) if is_large else difference
    darkest, lightest = -float(seen.min()), float(seen.max())
    contrast = max(darkest, lightest)
    if contrast < LEAST_CONTRAST:
        raise ImageError("there is no digit in the picture: it is of one shade all over.")
    amount = difference / (contrast if lightest >= darkest else -contrast)
    floor = max(GRAIN * grain, 0.5) / contrast
    has_company = np.abs(seen) > contrast * (EDGE_OF_INK if is_large else floor)
    return np.where((amount > floor) & has_company, np.minimum(amount, 1), 0)


def without_paper(grey: np.ndarray) -> tuple[np.ndarray, float]:
    """Return how much each pixel differs from the paper, shape (height, width), and the spread of the paper's grain.

    The paper is what the picture's rim is made of: one shade, or where that fits better a plane through the shades,
    since light falls on a photograph from one side.
    """
    height, width = grey.shape
    is_rim = np.ones(grey.shape, dtype=bool)
    is_rim[1:-1, 1:-1] = False
    shades = grey[is_rim].astype(np.float64)
    middle = float(np.median(shades))
    if np.count_nonzero(shades == middle) > len(shades) / 2:  # no plane fits better than its shade
        return (grey - middle).astype(np.float32), 0.0
    rows, columns = np.mgrid[:height, :width].astype(np.float32)
    places = np.column_stack([np.ones(len(shades)), rows[is_rim] / height, columns[is_rim] / width])  # (n, 3)
    papers = [np.array([middle, 0, 0]), plane_through(places, shades)]
    # the spread of a normal distribution, from the median, so that ink that crosses the rim does not count
    spreads = [1.4826 * float(np.median(np.abs(shades - places @ paper))) for paper in papers]
    spread, (shade, downwards, rightwards) = min(zip(spreads, papers, strict=True), key=lambda pair: pair[0])
    paper = shade + downwards / height * rows + rightwards / width * columns
    return (grey - paper).astype(np.float32), spread


def plane_through(places: np.ndarray, shades: np.ndarray) -> np.ndarray:
    """Return the plane, shape (3,), that fits most of the shades, shape (n,), at places, shape (n, 3)."""
    fits = np.ones(len(shades), dtype=bool)
    plane = np.zeros(3)
    for _ in range(3):  # what is far from the first plane is left out of the second, and so on
        plane = np.linalg.lstsq(places[fits], shades[fits], rcond=None)[0]
        deviations = np.abs(shades - places @ plane)
        fits = deviations <= 2 * np.median(deviations) + 1
    return plane


def mean_of_3_by_3(values: np.ndarray) -> np.ndarray:
    """Return the mean of each pixel and its eight neighbours, shape as given; the rim repeats itself."""
    height, width = values.shape
    padded = np.empty((height + 2, width + 2), dtype=values.dtype)  # np.pad takes as long as all the rest
    padded[1:-1, 1:-1] = values
    padded[0, 1:-1], padded[-1, 1:-1] = values[0], values[-1]
    padded[:, 0], padded[:, -1] = padded[:, 1], padded[:, -2]
    across = padded[:, :-2] + padded[:, 1:-1] + padded[:, 2:]
    return (across[:-2] + across[1:-1] + across[2:]) / 9


def scaled(ink: np.ndarray, height: int, width: int) -> np.ndarray:
    """Return a picture scaled to that many pixels, antialiased, shape (height, width)."""
    from PIL import Image

    if ink.shape == (height, width):
        return ink
    picture = Image.fromarray(np.ascontiguousarray(ink, dtype=np.float32))
    return np.asarray(picture.resize((width, height), Image.Resampling.BICUBIC)).clip(0, 1)


def centred(small: np.ndarray, side_px: int = SIDE_PX, shift_px: tuple[int, int] = (0, 0)) -> np.ndarray:
    """Return a small picture in the middle of a square, its centre of mass moved there by whole pixels."""
    return placed(small, corner_of(small, side_px, shift_px), side_px)


def placed(small: np.ndarray, corner: tuple[int, int], side_px: int = SIDE_PX) -> np.ndarray:
    """Return a small picture in a square, its top and left at a corner: of uint8, 255 being full ink."""
    image = np.zeros((side_px, side_px), dtype=np.uint8)
    top, left = corner
    image[top : top + small.shape[0], left : left + small.shape[1]] = np.rint(small * 255)
    return image


def corner_of(small: np.ndarray, side_px: int = SIDE_PX, shift_px: tuple[int, int] = (0, 0)) -> tuple[int, int]:
    """Return where the top and the left of a small picture go, so that its centre of mass is in a square's middle."""
    total = small.sum()
    corner = []
    for axis, length in enumerate(small.shape):
        centre = float((small.sum(axis=1 - axis) * np.arange(length)).sum() / total)
        corner.append(min(max(round(side_px / 2 - centre) + shift_px[axis], 0), side_px - length))
    return corner[0], corner[1]
