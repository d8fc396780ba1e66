"""Turning: lines that rise or fall are made level, and places are found again where they were."""

import numpy as np

from glassnet.reading.paper import Ink
from glassnet.reading.pieces import Piece


def straightened(ink: Ink, pieces: list[Piece], tilt: float) -> tuple[Ink, np.ndarray]:
    """Return a page's pieces turned so that its lines are level, and the matrix, shape (2, 3), that turns places back.

    Parameters
    ----------
    ink : Ink
        Of the whole page.
    pieces : list of Piece
        The part of it that stays: no ruling, no dirt.
    tilt : float
        Rows for each column by which lines fall.
    """
    import cv2

    height, width = ink.strength.shape
    kept = np.zeros_like(ink.strength)
    for piece in pieces:
        part = kept[piece.top : piece.bottom, piece.left : piece.right]
        np.maximum(part, piece.ink * piece.darkness, out=part)
    angle = float(np.degrees(np.arctan(tilt)))
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    cos, sin = abs(turn[0, 0]), abs(turn[0, 1])
    new_width, new_height = int(width * cos + height * sin) + 1, int(width * sin + height * cos) + 1
    turn[:, 2] += (new_width - width) / 2, (new_height - height) / 2
    turned = cv2.warpAffine(kept, turn, (new_width, new_height), flags=cv2.INTER_LINEAR)
    turned[turned < 0.03] = 0
    return Ink(turned, ink.grain, ink.is_light, ink.is_filled), cv2.invertAffineTransform(turn)


def box_on_page(piece: Piece, back: np.ndarray | None, width: int, height: int) -> tuple[int, int, int, int]:
    """Return left, top, width and height of a piece on the page as it was given."""
    if back is None:
        return piece.left, piece.top, piece.width, piece.height
    # a box of the piece's size around the piece's middle: turning its corners would make it too large
    x, y = back @ np.array([piece.left + piece.width / 2, piece.top + piece.height / 2, 1.0])
    left, top = round(float(x) - piece.width / 2), round(float(y) - piece.height / 2)
    left, top = min(max(left, 0), width - 1), min(max(top, 0), height - 1)
    return left, top, min(piece.width, width - left), min(piece.height, height - top)


def turned_back(box: tuple[int, int, int, int], quarters: int, size: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return where a box lies on a page, of so many pixels across and down, that was turned left by quarters for it."""
    left, top, wide, high = box
    width, height = size
    if quarters == 1:
        return width - top - high, left, high, wide
    if quarters == 2:
        return width - left - wide, height - top - high, wide, high
    return top, height - left - wide, high, wide
