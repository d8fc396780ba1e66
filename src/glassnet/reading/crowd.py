"""Crowds: a page of more marks than can be read in a few seconds is refused before anything is made of them."""

import numpy as np

from glassnet.errors import ImageError

MOST_MARKS = 5000
"""Marks that are read on a page. A densely printed one has 3,000 to 5,000 letters, a form some 2,000 digits."""
MOST_BOX_PX = 1 << 25
"""Pixels of the boxes of all marks on a page: eight times the largest page. Those of digits cover a page once at most
(a Sudoku's 0.8 times), those of a hundred slanted lines beside each other forty times."""


def refuse_crowd(boxes: np.ndarray) -> None:
    """Raise an error if there are more marks on a page than can be read.

    Parameters
    ----------
    boxes : ndarray of int, shape (n, 4) or wider
        Left, top, width and height of each mark.

    Raises
    ------
    ImageError
        If there are more than `MOST_MARKS`, or their boxes have more than `MOST_BOX_PX`.
    """
    if len(boxes) > MOST_MARKS:
        raise ImageError(
            f"there are {len(boxes):,} marks on this page, and at most {MOST_MARKS:,} can be read: "
            "show only the part with the digits."
        )
    n_px = int((boxes[:, 2] * boxes[:, 3]).sum())
    if n_px > MOST_BOX_PX:
        raise ImageError(
            f"the {len(boxes):,} marks on this page lie across each other, in boxes of {n_px / 1e6:,.0f} million "
            f"pixels, and at most {MOST_BOX_PX / 1e6:.0f} million can be read: show only the part with the digits."
        )
