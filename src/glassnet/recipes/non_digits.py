"""Non-digits: what the reader is taught to answer with all ten outputs off."""

import numpy as np

from glassnet.digits.normalise import SIDE_PX, place_ink
from glassnet.errors import ImageError
from glassnet.recipes import scribbles
from glassnet.recipes.knobs import FINE_BOX_PX, FINE_PX

TURNED = {
    2: ("quarter",),
    3: ("half", "mirror", "quarter"),
    4: ("half", "quarter"),
    5: ("quarter",),
    6: ("quarter",),
    7: ("half", "mirror"),
    9: ("quarter", "mirror"),
}
"""How a digit may be turned so that it is no longer a digit. (A 2 or a 5 upside down still is one, a 6 is another. A 2
flipped top to bottom is a 5 to some hands: these were left out, since teaching them as non-digits cost real digits.)"""
PIECES = {2: ("bottom",), 3: ("left",), 5: ("top",), 8: ("left",)}
"""Which parts of a digit are not digits. (The top of an 8 is a 0, its right half a 3, the lower end of a 4 a 1, the
upper one an open 0.)"""
LABELS = np.arange(10)
LABEL_SHARES = np.where(LABELS == 1, 0.28, 0.92) / (0.28 + 9 * 0.92)
"""Fewer 1s in mixtures: two of them on top of each other are a thick 1."""


def turned(image: np.ndarray, way: str, rng: np.random.Generator) -> np.ndarray:
    """Return an image turned by a half or a quarter, mirrored left to right, or flipped top to bottom."""
    if way == "half":
        return image[::-1, ::-1]
    if way == "quarter":
        return np.rot90(image, 1 if rng.random() < 0.5 else 3)
    return image[:, ::-1] if way == "mirror" else image[::-1]


def piece(image: np.ndarray, which: str, rng: np.random.Generator) -> np.ndarray:
    """Return a fine image with a bit more than half of its box cut away."""
    past_middle = int(rng.integers(1, 9))
    cut = FINE_PX // 2 + (past_middle if which == "bottom" else -past_middle)
    kept = np.zeros_like(image)
    if which == "left":
        kept[:, :cut] = image[:, :cut]
    else:
        part = slice(0, cut) if which == "top" else slice(cut, FINE_PX)
        kept[part] = image[part]
    return kept


def mixture(one: np.ndarray, other: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return two fine images on one sheet: side by side and touching, or on top of each other."""
    sheet = np.zeros((FINE_PX, 2 * FINE_PX), dtype=np.uint8)
    offset = int(rng.integers(20, 44)) if rng.random() < 0.85 else int(rng.integers(10, 20))
    sheet[:, :FINE_PX] = one
    part = sheet[:, offset : offset + FINE_PX]
    np.maximum(part, np.roll(other, int(rng.integers(-6, 7)), axis=0), out=part)
    return sheet


def crossed_out(image: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return a fine image with a scribble over it."""
    over = scribbles.scribble(rng)[::2, ::2]
    return np.maximum(image, (over * 255).astype(np.uint8))


def placed(ink: np.ndarray) -> np.ndarray | None:
    """Return ink, from 0 to 1 or 255, as a source for deforming, shape (56, 56); None if there is no ink."""
    if ink.dtype == np.uint8:
        ink = ink.astype(np.float32) / 255
    try:
        return place_ink(ink, side_px=FINE_PX, box_px=FINE_BOX_PX)[0]
    except ImageError:
        return None


def make_sources(digits: np.ndarray, labels: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return sources of non-digits, generated or made from digits.

    Parameters
    ----------
    digits : ndarray of uint8, shape (n_digits, 56, 56)
        What to turn, cut up and mix.
    labels : ndarray of uint8, shape (n_digits,)
        Theirs.
    n : int
        How many to make.
    rng : numpy.random.Generator
        Draws all of it.

    Returns
    -------
    ndarray of uint8, shape (n, 56, 56)
        In no particular order.
    """
    by_label = [np.flatnonzero(labels == label) for label in range(10)]

    def any_of(label: int) -> np.ndarray:
        return digits[rng.choice(by_label[label])]

    def any_label() -> int:
        return int(rng.choice(LABELS, p=LABEL_SHARES))

    def from_table(table: dict[int, tuple[str, ...]]) -> tuple[np.ndarray, str]:
        label = int(rng.choice(list(table)))
        return any_of(label), str(rng.choice(table[label]))

    makers = (
        (0.40, lambda: scribbles.scribble(rng)),
        (0.12, lambda: scribbles.character(rng)),
        (0.13, lambda: turned(*from_table(TURNED), rng)),
        (0.05, lambda: piece(*from_table(PIECES), rng)),
        (0.16, lambda: mixture(any_of(any_label()), any_of(any_label()), rng)),
        (0.04, lambda: crossed_out(any_of(any_label()), rng)),
        (0.12, lambda: scribbles.shape(rng)),
        (0.02, lambda: scribbles.texture(rng)),
        (0.02, lambda: scribbles.speckle(rng)),
    )
    shares = np.array([share for share, _ in makers])
    made: list[np.ndarray] = []
    for kind in rng.choice(len(makers), size=2 * n, p=shares / shares.sum()):
        source = placed(makers[kind][1]())
        if source is not None:
            made.append(source)
        if len(made) == n:
            break
    return np.stack(made)


def make_whole_images(digits: np.ndarray, n: int, rng: np.random.Generator) -> np.ndarray:
    """Return non-digits that fill the network's image, as nothing normalised does: shape (n, 28, 28).

    Parameters
    ----------
    digits : ndarray of uint8, shape (n_digits, 28, 28)
        For those in which paper and ink are exchanged.
    n : int
        How many to make.
    rng : numpy.random.Generator
        Draws all of it.

    Returns
    -------
    ndarray of uint8, shape (n, 28, 28)
        Inverted digits, textures, shapes, noise, nearly empty images, and one that is empty.
    """
    makers = (
        (0.25, lambda: 255 - digits[rng.integers(len(digits))]),
        (0.25, lambda: small(scribbles.texture(rng))),
        (0.20, lambda: small(scribbles.shape(rng))),
        (0.20, lambda: small(scribbles.speckle(rng) * rng.uniform(0.2, 1))),
        (0.05, lambda: small(scribbles.clouds(rng, int(rng.integers(2, 15))) * rng.uniform(0.1, 1))),
        (0.05, lambda: few_specks(rng)),
    )
    shares = np.array([share for share, _ in makers])
    kinds = rng.choice(len(makers), size=n, p=shares / shares.sum())
    made = np.stack([makers[kind][1]() for kind in kinds])
    made[0] = 0
    return made


def small(picture: np.ndarray) -> np.ndarray:
    """Return a picture of 112 x 112 from 0 to 1 as the network's image."""
    factor = picture.shape[0] // SIDE_PX
    means = picture.reshape(SIDE_PX, factor, SIDE_PX, factor).mean(axis=(1, 3))
    return np.rint(means * 255).astype(np.uint8)


def few_specks(rng: np.random.Generator) -> np.ndarray:
    """Return an image that is empty but for a few pixels."""
    image = np.zeros((SIDE_PX, SIDE_PX), dtype=np.uint8)
    n = int(rng.integers(0, 12))
    image[rng.integers(0, SIDE_PX, n), rng.integers(0, SIDE_PX, n)] = rng.integers(20, 256, n)
    return image
