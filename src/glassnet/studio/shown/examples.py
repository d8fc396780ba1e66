"""Examples: pictures to begin with, digits and non-digits."""

import numpy as np

from glassnet.digits import Digits
from glassnet.recipes import scribbles
from glassnet.studio.shown.pictures import in_text
from glassnet.studio.shown.schema import Example

KINDS = ("test", "noise", "scribble", "letter", "shifted")
SHIFT_PX = 4


def example_of(kind: str, index: int, digits: Digits) -> Example:
    """Return an example; the same for the same kind and index."""
    rng = np.random.default_rng([KINDS.index(kind), index])
    label = None
    normalise = True
    if kind == "test":
        shades, label = digits.test_images[index], int(digits.test_labels[index])
        normalise, about = False, f"test digit {index:,}, a {label}"
    elif kind == "shifted":
        shades, label = digits.test_images[index], int(digits.test_labels[index])
        down, right = (int(n) for n in rng.choice([-SHIFT_PX, SHIFT_PX], 2))
        shades = shifted(shades, down, right)
        normalise = False
        about = f"test digit {index:,}, a {label}, {SHIFT_PX} pixels off {'right' if right > 0 else 'left'} and " + (
            "down" if down > 0 else "up"
        )
    elif kind == "noise":
        shades = rng.integers(0, 256, (28, 28), dtype=np.uint8)
        normalise, about = False, "pure noise: every pixel any shade"
    else:
        make = scribbles.scribble if kind == "scribble" else scribbles.character
        shades = np.rint(make(rng) * 255).astype(np.uint8)
        about = "a scribble" if kind == "scribble" else "a letter or symbol"
    height, width = shades.shape
    return Example(
        kind=kind,
        index=index,
        label=label,
        width=width,
        height=height,
        ink=in_text(shades),
        normalise=normalise,
        about=about,
    )


def shifted(shades: np.ndarray, down: int, right: int) -> np.ndarray:
    """Return an image moved by whole pixels; what moves in is paper, what moves out is lost."""
    height, width = shades.shape
    moved = np.zeros_like(shades)
    moved[max(down, 0) : height + min(down, 0), max(right, 0) : width + min(right, 0)] = shades[
        max(-down, 0) : height + min(-down, 0), max(-right, 0) : width + min(-right, 0)
    ]
    return moved
