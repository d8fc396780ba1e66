"""Pieces: connected ink on a page."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

Box = tuple[int, int, int, int]
TINY_PX = 5
"""Height and width below which nothing can be told from dirt."""
SMALL_SHARE = 0.35
"""Of a digit's usual height: what is smaller is a part of one, a dot, or dirt, unless it is plainly a digit."""


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Piece:
    """Some connected ink.

    Parameters
    ----------
    left, top, width, height : int
        Its box on the page, in pixels.
    ink : ndarray of float32, shape (height, width)
        From 0 to 1; other pieces that reach into the box are left out.
    darkness : float
        Share of the paper's light that its darkest ink takes away.
    """

    left: int
    top: int
    width: int
    height: int
    ink: np.ndarray
    darkness: float

    @property
    def right(self) -> int:
        """The first column that is no more of it."""
        return self.left + self.width

    @property
    def bottom(self) -> int:
        """The first row that is no more of it."""
        return self.top + self.height

    @property
    def box(self) -> Box:
        """Left, top, width and height."""
        return self.left, self.top, self.width, self.height

    @property
    def amount(self) -> float:
        """Ink, in full pixels."""
        return float(self.ink.sum())


def joined(pieces: list[Piece]) -> Piece:
    """Return several pieces as one."""
    left, top = min(p.left for p in pieces), min(p.top for p in pieces)
    width, height = max(p.right for p in pieces) - left, max(p.bottom for p in pieces) - top
    ink = np.zeros((height, width), dtype=np.float32)
    for piece in pieces:
        part = ink[piece.top - top : piece.bottom - top, piece.left - left : piece.right - left]
        np.maximum(part, piece.ink, out=part)
    return Piece(left, top, width, height, ink, max(piece.darkness for piece in pieces))


def boxes_of(pieces: Sequence[Piece]) -> np.ndarray:
    """Return left, top, width and height of each piece, shape (n, 4)."""
    return np.array([(p.left, p.top, p.width, p.height) for p in pieces], dtype=np.int64).reshape(-1, 4)


def components(mask: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return which connected piece each pixel belongs to, and the pieces' left, top, width, height and area.

    Parameters
    ----------
    mask : ndarray of uint8, shape (height, width)
        Above 0 where there is ink; corners connect.

    Returns
    -------
    tuple of ndarray of int
        Shape (height, width), 0 where there is none, else the piece's place + 1; and shape (n_pieces, 5).
    """
    import cv2

    _, labels, stats, _ = cv2.connectedComponentsWithStats(mask, connectivity=8)
    return np.asarray(labels, dtype=np.int32), np.asarray(stats, dtype=np.int64)[1:]
