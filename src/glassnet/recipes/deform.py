"""Deforming many images at once: by the kernel where there is one, else by NumPy."""

import numpy as np

from glassnet.arrays import laid_out
from glassnet.engines.fused import kernel
from glassnet.errors import DigitsError
from glassnet.recipes import reference
from glassnet.recipes.knobs import FIELD, FINE_PX, NAMES
from glassnet.system import n_processors


def deformed(
    sources: np.ndarray,
    which: np.ndarray,
    knobs: np.ndarray,
    fields: np.ndarray,
    *,
    threads: int | None = None,
    instructions: str | None = None,
) -> np.ndarray:
    """Return images as other hands and pens would have written them, normalised as every image is before it is read.

    Parameters
    ----------
    sources : ndarray of uint8, shape (n_sources, 56, 56)
        0 is paper; the ink lies in a box of 40 pixels.
    which : ndarray of int64, shape (n,)
        The source of each image.
    knobs : ndarray of float32, shape (n, 20)
        How to deform each; `glassnet.recipes.knobs` draws them and names the columns.
    fields : ndarray of float32, shape (n, 2, 8, 8)
        Knots of the elastic field, down and to the right.
    threads : int or None, default None
        None takes one for each processor.
    instructions : str or None, default None
        An instruction set of the kernel's; None takes the widest.

    Returns
    -------
    ndarray of uint8, shape (n, 28, 28)
        Grain and specks are the kernel's own; in all else the kernel and NumPy differ by rounding alone.

    Raises
    ------
    DigitsError
        If the arrays do not belong together.
    """
    n = len(which)
    if sources.shape[1:] != (FINE_PX, FINE_PX) or sources.dtype != np.uint8:
        raise DigitsError(f"sources must be of uint8, shape (n, {FINE_PX}, {FINE_PX}).")
    if knobs.shape != (n, len(NAMES)) or fields.shape != (n, 2, FIELD, FIELD):
        raise DigitsError("there must be one row of knobs and one field for each image.")
    if kernel is None or not kernel.instruction_sets():
        return reference.deformed(sources, which, knobs, fields)
    return kernel.deformed(
        laid_out(sources),
        laid_out(which, np.int64),
        laid_out(knobs, np.float32),
        laid_out(fields, np.float32),
        threads or n_processors(),
        instructions,
    )
