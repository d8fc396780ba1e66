"""Knobs: how each image is deformed, drawn at random, so that a network meets hands and pens that nobody lent it."""

from dataclasses import dataclass

import numpy as np

FINE_PX = 56
"""A source image is this many pixels wide and high, its ink in a box of `FINE_BOX_PX`: twice as fine as what the
network sees, so that strokes can be thinned by less than one of its pixels."""
FINE_BOX_PX = 40
FIELD = 8
"""Knots of the elastic field, a cubic B-spline, each way."""

NAMES = (
    "stroke_px",  # fine pixels by which each edge of a stroke moves; negative thins
    *("down_down", "down_right", "right_down", "right_right"),  # from a place in the new image to one in the source
    "tail",  # share by which the lower half's rows lie closer together in the source; negative: the upper half's
    "elastic_px",  # fine pixels; the field's knots are multiplied by it
    *("first_row", "end_row", "first_column", "end_column"),  # fine pixels; what lies outside is cut off
    "box_px",  # pixels of the longer side in what comes out; MNIST's have 20
    *("shift_down_px", "shift_right_px"),  # whole pixels away from where the centre of mass would lie
    "gain",  # the ink is multiplied by it ...
    "most",  # ... up to this
    "blur",  # share of a blur over 3 x 3 pixels
    "grain",  # standard deviation of noise that is added, of 1
    "specks",  # share of pixels that become any shade
    "seed",  # of grain and specks; a whole number below 2^24
)
"""The columns of a table of knobs, in the kernel's order."""
COLUMN = {name: column for column, name in enumerate(NAMES)}


@dataclass(frozen=True, slots=True)
class Strength:
    """How far the knobs are turned.

    Parameters
    ----------
    stroke_px : tuple of float
        The most that strokes are thinned and thickened, in fine pixels.
    degrees : float
        Standard deviation of the turning angle.
    shear : float
        Standard deviation of the slant, pixels sideways for each pixel of height.
    stretch : float
        Standard deviation of the logarithm of height and of width.
    elastic_px : float
        The most that the field is multiplied by, in fine pixels.
    share_damaged : float
        How many are clipped at an edge, blurred, faint, grainy or specked, each by its own chance times this.
    """

    stroke_px: tuple[float, float]
    degrees: float
    shear: float
    stretch: float
    elastic_px: float
    share_damaged: float


MILD = Strength((-0.8, 1.0), 5.0, 0.08, 0.06, 3.0, 0.3)
STRONG = Strength((-2.2, 2.4), 10.0, 0.18, 0.14, 5.0, 0.8)


def draw(n: int, strength: Strength, rng: np.random.Generator) -> np.ndarray:
    """Return knobs for some images.

    Parameters
    ----------
    n : int
        How many.
    strength : Strength
        How far they are turned.
    rng : numpy.random.Generator
        Draws them.

    Returns
    -------
    ndarray of float32, shape (n, 20)
        Columns as `NAMES`.
    """
    knobs = np.zeros((n, len(NAMES)), dtype=np.float32)

    def chance(share: float) -> np.ndarray:
        return rng.random(n) < share

    def between(low: float, high: float) -> np.ndarray:
        return rng.uniform(low, high, n)

    knobs[:, COLUMN["stroke_px"]] = between(*strength.stroke_px)
    knobs[:, 1:5] = matrices(n, strength, rng).reshape(n, 4)
    knobs[:, COLUMN["tail"]] = np.where(chance(0.12), between(-0.3, 0.3), 0)
    knobs[:, COLUMN["elastic_px"]] = between(0, strength.elastic_px)
    knobs[:, COLUMN["end_row"]] = knobs[:, COLUMN["end_column"]] = FINE_PX
    damage = strength.share_damaged
    margin = (FINE_PX - FINE_BOX_PX / 1.15) / 2
    for column, sign in (("first_row", 1), ("end_row", -1), ("first_column", 1), ("end_column", -1)):
        is_cut = chance(0.02 * damage)
        knobs[is_cut, COLUMN[column]] += (sign * (margin + between(0, 5)))[is_cut]
    knobs[:, COLUMN["box_px"]] = np.clip(20.3 + rng.normal(0, 0.6, n), 17, 23)
    shifts = rng.choice([-2, -1, 0, 1, 2], size=(n, 2), p=[0.03, 0.17, 0.6, 0.17, 0.03])
    knobs[:, COLUMN["shift_down_px"] : COLUMN["shift_right_px"] + 1] = shifts
    knobs[:, COLUMN["gain"]] = 2.0 ** between(-0.6, 0.8)
    knobs[:, COLUMN["most"]] = np.where(chance(0.15 * damage), between(0.5, 1), 1)
    knobs[:, COLUMN["blur"]] = np.where(chance(0.3), between(0, 1), 0)
    knobs[:, COLUMN["grain"]] = np.where(chance(0.04 * damage), between(0.02, 0.15), 0)
    knobs[:, COLUMN["specks"]] = np.where(chance(0.05 * damage), between(0, 0.02), 0)
    knobs[:, COLUMN["seed"]] = rng.integers(1, 1 << 24, n)
    return knobs


def draw_fields(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return the knots of elastic fields, N(0, 1), down and to the right, shape (n, 2, 8, 8)."""
    return rng.standard_normal((n, 2, FIELD, FIELD), dtype=np.float32)


def matrices(n: int, strength: Strength, rng: np.random.Generator) -> np.ndarray:
    """Return turns, slants and stretches as matrices from new places to old ones, shape (n, 2, 2)."""
    angle = np.deg2rad(rng.normal(0, strength.degrees, n).clip(-30, 30))
    cos, sin = np.cos(angle), np.sin(angle)
    turn = np.stack([np.stack([cos, sin], -1), np.stack([-sin, cos], -1)], -2)
    slant = np.tile(np.eye(2), (n, 1, 1))
    slant[:, 1, 0] = rng.normal(0, strength.shear, n).clip(-0.5, 0.5)
    # a little smaller than the source, so that what is turned and pulled about stays inside
    stretch = 1.15 * np.exp(rng.normal(0, strength.stretch, (n, 2)).clip(-0.4, 0.4))
    return turn @ (slant * stretch[:, None, :])


def none(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Return knobs and fields that deform nothing: what comes out is merely normalised."""
    knobs = np.zeros((n, len(NAMES)), dtype=np.float32)
    for name, value in {
        "down_down": 1.0,
        "right_right": 1.0,
        "end_row": FINE_PX,
        "end_column": FINE_PX,
        "box_px": 20.0,
        "gain": 1.0,
        "most": 1.0,
    }.items():
        knobs[:, COLUMN[name]] = value
    return knobs, np.zeros((n, 2, FIELD, FIELD), dtype=np.float32)
