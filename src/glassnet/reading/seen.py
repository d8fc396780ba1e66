"""What the network has seen of a page: each piece is made an image and shown to it once."""

from collections.abc import Callable
from weakref import WeakKeyDictionary

import numpy as np

from glassnet.reading.marks import normalised
from glassnet.reading.pieces import Piece


class Seen:
    """Pieces as the network was shown them, and how sure it was; forgotten with the pieces.

    Parameters
    ----------
    outputs : callable
        Returns the network's outputs, shape (n, 10), for images of uint8, shape (n, 28, 28).
    """

    def __init__(self, outputs: Callable[[np.ndarray], np.ndarray]) -> None:
        self.outputs = outputs
        self.known: WeakKeyDictionary[Piece, tuple[np.ndarray, float]] = WeakKeyDictionary()

    def see(self, pieces: list[Piece]) -> list[tuple[np.ndarray, float]]:
        """Return image and largest output of each piece; what is new is shown to the network in one call."""
        new = [piece for piece in pieces if piece not in self.known]
        if new:
            images = normalised(new)
            largest = self.outputs(images).max(axis=1).tolist()
            self.known.update(zip(new, zip(images, largest, strict=True), strict=True))
        return [self.known[piece] for piece in pieces]

    def largest_outputs(self, pieces: list[Piece]) -> np.ndarray:
        """Return how sure the network is that each piece is a digit, shape (n,)."""
        return np.array([largest for _, largest in self.see(pieces)], dtype=np.float32)

    def images(self, pieces: list[Piece]) -> np.ndarray:
        """Return the pieces as the network is shown them, shape (n, 28, 28)."""
        return np.stack([image for image, _ in self.see(pieces)])
