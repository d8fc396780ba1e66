"""Afar: a picture seen from afar, where only what is large is looked for."""

import numpy as np


def from_afar(page: np.ndarray, most_px: int) -> np.ndarray:
    """Return a picture made smaller, each pixel the mean of those it covers; one that is small already stays as it is.

    Parameters
    ----------
    page : ndarray of uint8, shape (height, width, channels) or (height, width)
        Any picture.
    most_px : int
        Pixels of its longer side then, at most; of the other at least 3.

    Returns
    -------
    ndarray of uint8
        With as many axes as the picture.
    """
    import cv2

    height, width = page.shape[:2]
    factor = max(1.0, max(height, width) / most_px)
    size = (max(3, round(width / factor)), max(3, round(height / factor)))
    if size == (width, height):
        return page
    return np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA)).reshape(size[1], size[0], *page.shape[2:])
