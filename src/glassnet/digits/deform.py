"""Deformations: digits as other hands would have written them, so that a network learns what does not matter."""

import numpy as np

from glassnet.errors import DigitsError


def shift(images: np.ndarray, rng: np.random.Generator, *, most_px: float = 2.0) -> np.ndarray:
    """Return each image moved by a random amount each way.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper; what moves in from outside is paper too.
    rng : numpy.random.Generator
        Draws the amounts, uniformly from -most_px to most_px.
    most_px : float, default 2
        Pixels; fractions are interpolated.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        New images.
    """
    identity = np.broadcast_to(np.eye(2), (len(images), 2, 2))
    return resample(images, identity, rng.uniform(-most_px, most_px, (len(images), 2)))


def rotate(images: np.ndarray, rng: np.random.Generator, *, most_degrees: float = 15.0) -> np.ndarray:
    """Return each image turned about its middle by a random angle.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper.
    rng : numpy.random.Generator
        Draws the angles, uniformly from -most_degrees to most_degrees.
    most_degrees : float, default 15
        Positive turns counter-clockwise.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        New images.
    """
    angle = np.deg2rad(rng.uniform(-most_degrees, most_degrees, len(images)))  # (n,)
    cos, sin = np.cos(angle), np.sin(angle)
    # rows count downwards, so counter-clockwise on the screen is (row, column) -> (cos r - sin c, sin r + cos c);
    # this is its inverse, from the new image back to the old
    matrices = np.stack([np.stack([cos, sin], axis=-1), np.stack([-sin, cos], axis=-1)], axis=-2)  # (n, 2, 2)
    return resample(images, matrices)


def scale(images: np.ndarray, rng: np.random.Generator, *, most_factor: float = 1.15) -> np.ndarray:
    """Return each image stretched about its middle, height and width each by a random factor.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper.
    rng : numpy.random.Generator
        Draws the factors, log-uniformly from 1 / most_factor to most_factor.
    most_factor : float, default 1.15
        At least 1.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        New images.
    """
    factors = most_factor ** rng.uniform(-1, 1, (len(images), 2))  # (n, 2)
    return resample(images, np.eye(2) / factors[:, :, None])


def shear(images: np.ndarray, rng: np.random.Generator, *, most: float = 0.2) -> np.ndarray:
    """Return each image slanted by a random amount: its rows slide sideways, the middle one stays.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper.
    rng : numpy.random.Generator
        Draws the amounts, uniformly from -most to most.
    most : float, default 0.2
        Pixels sideways for each pixel of height.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        New images.
    """
    matrices = np.tile(np.eye(2), (len(images), 1, 1))  # (n, 2, 2)
    matrices[:, 1, 0] = rng.uniform(-most, most, len(images))
    return resample(images, matrices)


def elastic(
    images: np.ndarray, rng: np.random.Generator, *, strength_px: float = 8.0, smoothness_px: float = 4.0
) -> np.ndarray:
    """Return each image pulled about by a smooth random field, as a hand's tremor does.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper.
    rng : numpy.random.Generator
        Draws the field, uniformly from -1 to 1 at every pixel and both ways, before it is smoothed.
    strength_px : float, default 8
        The smoothed field is multiplied by this and by smoothness_px. With the defaults a pixel in the middle of
        28 x 28 moves by 1.8 pixels (root mean square, both ways together; measured 2026-11).
    smoothness_px : float, default 4
        Standard deviation of the Gaussian that smooths the field; small ones tear, large ones only move.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        New images.

    Notes
    -----
    P. Simard, D. Steinkraus and J. Platt, *Best practices for convolutional neural networks applied to visual document
    analysis*, 2003 (their sigma 4 and alpha 34 are smoothness_px and strength_px * smoothness_px).
    """
    from scipy.ndimage import gaussian_filter

    check_images(images)
    n, height, width = images.shape
    field = rng.uniform(-1, 1, (n, 2, height, width))
    field = gaussian_filter(field, (0, 0, smoothness_px, smoothness_px), mode="constant") * strength_px * smoothness_px
    rows = np.arange(height)[None, :, None] + field[:, 0]  # (n, height, width)
    columns = np.arange(width)[None, None, :] + field[:, 1]  # (n, height, width)
    return sample(images, rows, columns)


def stroke_width(images: np.ndarray, rng: np.random.Generator, *, most_px: float = 1.0) -> np.ndarray:
    """Return each image with its strokes thickened or thinned by a random amount.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper.
    rng : numpy.random.Generator
        Draws the amounts, uniformly from -most_px to most_px: negative thins.
    most_px : float, default 1
        Pixels by which each edge of a stroke moves.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        New images. A thin stroke is never thinned away: at least a third of its ink stays.
    """
    check_images(images)
    return with_strokes(images, rng.uniform(-most_px, most_px, len(images)))


def with_strokes(images: np.ndarray, amounts: np.ndarray) -> np.ndarray:
    """Return images with each edge of their strokes moved by given amounts.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper.
    amounts : ndarray of float, shape (n,)
        Pixels: negative thins.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        New images. A thin stroke is never thinned away: at least a third of its ink stays.
    """
    result = images.astype(np.float32)
    least_ink = result.sum(axis=(1, 2)) / 3  # (n,)
    for start in range(int(np.ceil(np.abs(amounts).max(initial=0)))):
        # whole pixels first, then what is left of each amount as a mixture
        share = np.clip(np.abs(amounts) - start, 0, 1).astype(np.float32)[:, None, None]  # (n, 1, 1)
        grow = (amounts > 0)[:, None, None]
        moved = np.where(grow, extreme_of_cross(result, np.maximum), extreme_of_cross(result, np.minimum))
        moved = result + share * (moved - result)
        keeps = (moved.sum(axis=(1, 2)) >= least_ink)[:, None, None]  # (n, 1, 1)
        result = np.where(keeps, moved, result)
    return np.rint(result).astype(np.uint8)


def extreme_of_cross(images: np.ndarray, extreme: np.ufunc) -> np.ndarray:
    """Return the largest or smallest of each pixel and its four neighbours; outside is paper."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)))
    middle, beside = padded[:, 1:-1, 1:-1], (padded[:, :-2, 1:-1], padded[:, 2:, 1:-1])
    for neighbour in (*beside, padded[:, 1:-1, :-2], padded[:, 1:-1, 2:]):
        middle = extreme(middle, neighbour)
    return middle


def check_images(images: np.ndarray) -> None:
    """Refuse what is not a batch of grey images."""
    if images.dtype != np.uint8 or images.ndim != 3:
        raise DigitsError(f"images must be of uint8, shape (n, height, width), not {images.dtype} {images.shape}.")


def resample(images: np.ndarray, matrices: np.ndarray, offsets: np.ndarray | None = None) -> np.ndarray:
    """Return images looked up at matrix @ (row, column) + offset, both counted from the image's middle.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper.
    matrices : ndarray of float, shape (n, 2, 2)
        From a place in the new image to the place in the old one.
    offsets : ndarray of float, shape (n, 2), or None
        Rows and columns; None moves nothing.

    Returns
    -------
    ndarray of uint8, shape (n, height, width)
        Bilinear between four pixels.
    """
    check_images(images)
    _, height, width = images.shape
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    grid = np.indices((height, width)).reshape(2, -1).T - middle  # (height * width, 2)
    places = grid @ np.swapaxes(matrices, 1, 2) + middle  # (n, height * width, 2)
    if offsets is not None:
        places = places + offsets[:, None, :]
    shape = images.shape
    return sample(images, places[:, :, 0].reshape(shape), places[:, :, 1].reshape(shape))


def sample(images: np.ndarray, rows: np.ndarray, columns: np.ndarray, *, round_to_bytes: bool = True) -> np.ndarray:
    """Return each image looked up at fractional places, between its four nearest pixels; outside is paper.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        0 is paper.
    rows, columns : ndarray of float, shape (n, height, width)
        For every pixel of the new image, where in the old one it comes from.
    round_to_bytes : bool, default True
        False leaves the shades between two whole ones as they are.

    Returns
    -------
    ndarray of uint8 or float32, shape (n, height, width)
        New images.
    """
    n, height, width = images.shape
    padded = np.zeros((n, height + 2, width + 2), dtype=np.float32)  # a rim of paper, so that no index needs checking
    padded[:, 1:-1, 1:-1] = images
    rows = np.clip(rows + 1, 0, height + 0.999)
    columns = np.clip(columns + 1, 0, width + 0.999)
    top, left = rows.astype(np.intp), columns.astype(np.intp)
    down, right = (rows - top).astype(np.float32), (columns - left).astype(np.float32)
    flat = padded.reshape(-1)
    corner = top * (width + 2) + left + (np.arange(n) * (height + 2) * (width + 2))[:, None, None]
    upper = flat[corner] * (1 - right) + flat[corner + 1] * right
    lower = flat[corner + width + 2] * (1 - right) + flat[corner + width + 3] * right
    values = upper * (1 - down) + lower * down
    return np.rint(values).astype(np.uint8) if round_to_bytes else values
