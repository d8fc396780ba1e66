"""Deforming in NumPy, one image at a time: what the kernel's deforming.hpp is held to, and what replaces it."""

import numpy as np

from glassnet.digits.deform import sample
from glassnet.digits.normalise import SIDE_PX, place_ink
from glassnet.errors import ImageError
from glassnet.recipes.knobs import COLUMN, FIELD, FINE_BOX_PX, FINE_PX


def deformed(sources: np.ndarray, which: np.ndarray, knobs: np.ndarray, fields: np.ndarray) -> np.ndarray:
    """Return deformed images, shape (n, 28, 28): see `glassnet.recipes.deform.deformed`."""
    images = np.zeros((len(which), SIDE_PX, SIDE_PX), dtype=np.uint8)
    for i, place in enumerate(which):
        images[i] = deformed_one(sources[place], knobs[i], fields[i])
    return images


def deformed_one(source: np.ndarray, knobs: np.ndarray, field: np.ndarray) -> np.ndarray:
    """Return one deformed image, shape (28, 28)."""
    knob = {name: float(knobs[column]) for name, column in COLUMN.items()}
    ink = warped(with_strokes(source, knob["stroke_px"]), knob, field)
    first_row, end_row, first_column, end_column = (knobs[COLUMN["first_row"] : COLUMN["end_column"] + 1]).tolist()
    rows, columns = np.arange(FINE_PX)[:, None], np.arange(FINE_PX)[None, :]
    is_kept = (rows >= first_row) & (rows < end_row) & (columns >= first_column) & (columns < end_column)
    shift = (int(knob["shift_down_px"]), int(knob["shift_right_px"]))
    try:
        image, _, _ = place_ink(np.where(is_kept, ink, 0), box_px=knob["box_px"], shift_px=shift)
    except ImageError:
        return np.zeros((SIDE_PX, SIDE_PX), dtype=np.uint8)
    return toned(image.astype(np.float64) / 255, knob)


def with_strokes(source: np.ndarray, amount: float) -> np.ndarray:
    """Return a source, shape (56, 56), with every edge of its strokes moved by a number of pixels."""
    sheet = source.astype(np.int64)
    least = sheet.sum() // 3
    extreme = np.maximum if amount > 0 else np.minimum
    for step in range(int(np.ceil(abs(amount)))):
        share = int(np.rint(256 * min(np.float32(abs(amount)) - np.float32(step), 1)))
        padded = np.pad(sheet, 1)
        around = [(-1, 0), (1, 0), (0, -1), (0, 1)] + ([(-1, -1), (-1, 1), (1, -1), (1, 1)] if step % 2 else [])
        moved = sheet
        for down, right in around:
            moved = extreme(moved, padded[1 + down : 1 + down + FINE_PX, 1 + right : 1 + right + FINE_PX])
        moved = (sheet * (256 - share) + moved * share + 128) >> 8
        if amount < 0 and moved.sum() < least:
            break
        sheet = moved
    return sheet.astype(np.uint8)


def warped(sheet: np.ndarray, knob: dict[str, float], field: np.ndarray) -> np.ndarray:
    """Return the ink, shape (56, 56), from 0 to 1, looked up at matrix (row, column) + field, from the middle."""
    spread = splines()  # (56, 8)
    down, right = knob["elastic_px"] * np.einsum("ri,aij,cj->arc", spread, field.astype(np.float64), spread)
    middle = (FINE_PX - 1) / 2
    r, c = np.mgrid[:FINE_PX, :FINE_PX] - middle
    r = row_of(r, knob["tail"])
    rows = knob["down_down"] * r + knob["down_right"] * c + middle + down
    columns = knob["right_down"] * r + knob["right_right"] * c + middle + right
    return sample(sheet[None], rows[None], columns[None], round_to_bytes=False)[0] / 255


def row_of(row: np.ndarray, tail: float) -> np.ndarray:
    """Return where rows, counted from the middle, come from: one half is drawn out, the whole kept in the middle."""
    dense = 1 - min(abs(tail), 0.9)
    down = (-row if tail < 0 else row) + FINE_BOX_PX / 2 * (1 / dense - 1) / 2
    origin = np.where(down > 0, down * dense, down)
    return -origin if tail < 0 else origin


def splines() -> np.ndarray:
    """Return how much each knot of the field counts at each pixel, shape (56, 8): cubic B-splines."""
    basis = np.zeros((FINE_PX, FIELD))
    places = np.arange(FINE_PX) / (FINE_PX - 1) * (FIELD - 3)
    knots = np.minimum(places.astype(int), FIELD - 4)
    t = places - knots
    weights = np.stack([(1 - t) ** 3, 3 * t**3 - 6 * t**2 + 4, 3 * (1 - t) ** 3 - 6 * (1 - t) ** 2 + 4, t**3]) / 6
    for k in range(4):
        basis[np.arange(FINE_PX), knots + k] = weights[k]
    return basis


def toned(image: np.ndarray, knob: dict[str, float]) -> np.ndarray:
    """Return an image, shape (28, 28), fainter or stronger, and blurred. Grain and specks are left out."""
    image = np.minimum(image * knob["gain"], knob["most"])
    padded = np.pad(image, 1)
    across = (padded[:, :-2] + 2 * padded[:, 1:-1] + padded[:, 2:]) / 4
    blurred = (across[:-2] + 2 * across[1:-1] + across[2:]) / 4
    return np.rint((image + knob["blur"] * (blurred - image)).clip(0, 1) * 255).astype(np.uint8)
