"""Marks: the pieces of ink on a page, without lines that were ruled and specks of dirt, grouped into digits."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from glassnet.digits.normalise import EDGE_OF_INK, SIDE_PX, place_ink
from glassnet.reading.crowd import refuse_crowd
from glassnet.reading.paper import Ink
from glassnet.reading.pieces import SMALL_SHARE, TINY_PX, Box, Piece, boxes_of, components
from glassnet.reading.ruling import is_beside, ruled_things, without_ruling
from glassnet.reading.verdict import CUT_OFF, SEVERAL

GHOST = 0.13
"""Of the strength that a page's darkest ink has: what is less is no pen's."""
STAIN_SHARE = 0.4
"""Of the darkness that ink has on this page: what is less, and smaller than a digit, is a stain."""
FAINT = 0.2
"""Of a piece's darkest ink: what is less connects nothing."""
RIM_PX = 3
"""So near to the page's rim there is the edge of the sheet ..."""
EDGE_HEIGHTS = 2.5
"""... where something is longer than so many digits are high and lies along the rim ..."""
EDGE_HEIGHTS_OF_THIN = 1.25
"""... or longer than so many, and thin ..."""
BESIDE_EDGE = 0.2
"""Heights of a digit from an edge: what is long, thin and so near is of the edge, too."""
EDGE_STROKE = 0.6
"""... or thin, and thinner than strokes are here by so much."""
ALONG_SHARE = 0.6
"""Of its length: more of what lies along the rim lies at it."""
STROKE_HEIGHTS, STROKE_WIDTHS = 3.0, 6.0
"""A stroke that is longer than digits are high by so much, and than it is wide by so much, is none of a digit."""
SMALLEST_SHARE = 0.2
"""Of a digit's usual height: what is smaller is not one, however much it looks like it."""


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """What was found on a page.

    Parameters
    ----------
    pieces : list of Piece
        What may be digits or parts of them, in no order.
    specks : list of Piece
        What is too small for that: dirt, or points.
    things : list of tuple
        What is large and no digit, each by its kind and box: a ruled "line", "squares", a sheet's "edge", a "stain".
    """

    pieces: list[Piece]
    specks: list[Piece]
    things: list[tuple[str, Box]]


def find_pieces(ink: Ink) -> list[Piece]:
    """Return the pieces of ink on a page that may be digits or parts of them, in no order: see `find_marks`."""
    return find_marks(ink).pieces


def find_marks(ink: Ink) -> Found:
    """Return what is on a page.

    Parameters
    ----------
    ink : Ink
        Of the whole page.

    Returns
    -------
    Found
        Each piece with the ink scaled so that its darkest part is 1.

    Raises
    ------
    ImageError
        If there are more marks than can be read.
    """
    strength = ink.strength if ink.is_filled else without_ruling(ink.strength)
    ruling = (ink.strength > 0) & (strength == 0)
    strength = without_ghosts(strength)
    mask = (strength > 0).astype(np.uint8)
    labels, boxes = components(mask)
    least = 2 * max(ink.grain * 4, 0.03)  # what is fainter is hardly more than the paper's grain: dirt, a shadow
    is_large = (boxes[:, 2:4].max(axis=1, initial=0) >= TINY_PX) | (boxes[:, 4] >= TINY_PX)
    # so many of each piece's pixels are at least that dark; where a tenth of them are, the piece is
    n_dark = np.bincount(labels[strength >= least], minlength=len(boxes) + 1)[1:]
    n_fainter = (0.9 * (boxes[:, 4] - 1)).astype(int)
    refuse_crowd(boxes[is_large & (n_dark >= boxes[:, 4] - n_fainter)])
    pieces: list[Piece] = []
    for place in np.flatnonzero(is_large & (n_dark > 0) & (n_dark >= boxes[:, 4] - n_fainter - 1)):
        left, top, width, height, _ = boxes[place].tolist()
        box = np.s_[top : top + height, left : left + width]
        own = np.where(labels[box] == place + 1, strength[box], 0)
        darkest = float(np.percentile(own[own > 0], 90))
        if darkest < least:
            continue
        own = (own / darkest).clip(0, 1).astype(np.float32)
        pieces += apart_where_faint(Piece(left, top, width, height, own, darkest))
    refuse_crowd(boxes_of(pieces))
    kept, edges, stains = sorted_out(pieces, mask.shape)
    usual = usual_height(kept) if kept else 0.0
    small = SMALL_SHARE * usual
    # what is left of a line where it crosses another one is neither a part of a digit nor a point
    crumbs = {p for p in pieces if max(p.width, p.height) <= small and is_beside(p, ruling)} if ruling.any() else set()
    of_digits = set(kept)
    specks = [p for p in pieces if p not in of_digits and p not in crumbs and max(p.width, p.height) <= small]
    things = ruled_things(ruling, usual)
    things += [("edge", piece.box) for piece in edges]
    things += [("stain", piece.box) for piece in stains if max(piece.width, piece.height) > small]
    return Found([p for p in kept if p not in crumbs], specks, things)


def without_ghosts(strength: np.ndarray) -> np.ndarray:
    """Return the ink without what shows through, or is printed to be overlooked: lines that come and go in grain."""
    some = strength[strength > 0][::16]
    return np.where(strength > GHOST * np.percentile(some, 95), strength, 0) if len(some) else strength


def apart_where_faint(piece: Piece) -> list[Piece]:
    """Return the parts of a piece that only faint ink connects: blurred digits that stand close together."""
    import cv2

    labels, boxes = components((piece.ink > FAINT).astype(np.uint8))
    large = np.flatnonzero(boxes[:, 2:4].max(axis=1, initial=0) >= TINY_PX).tolist()
    if len(large) < 2:
        return [piece]
    refuse_crowd(boxes[large])
    parts = []
    for place in large:
        left, top, width, height, _ = boxes[place].tolist()
        # with the soft edge around it
        left, top, right, bottom = max(0, left - 1), max(0, top - 1), left + width + 1, top + height + 1
        own = (labels[top:bottom, left:right] == place + 1).astype(np.uint8)
        own = np.asarray(cv2.dilate(own, np.ones((3, 3), np.uint8))) > 0
        ink = np.where(own, piece.ink[top:bottom, left:right], 0)
        rows, columns = (np.flatnonzero((ink > 0).any(axis=axis)) for axis in (1, 0))
        top, left = top + int(rows[0]), left + int(columns[0])
        ink = ink[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
        parts.append(Piece(piece.left + left, piece.top + top, ink.shape[1], ink.shape[0], ink, piece.darkness))
    return parts


def usual_height(pieces: list[Piece]) -> float:
    """Return the height that digits have on this page, in pixels: the median, tall pieces counting for more."""
    heights = np.array([max(p.height, p.width * 0.7) for p in pieces], dtype=float)
    order = np.argsort(heights)
    weights = np.cumsum(heights[order])
    return float(heights[order][np.searchsorted(weights, weights[-1] / 2)])


def is_near_rim(piece: Piece, width: int, height: int) -> bool:
    """Return whether a piece reaches the rim of a page of that size."""
    return min(piece.left, piece.top, width - piece.right, height - piece.bottom) <= RIM_PX


def stroke_of(pieces: list[Piece]) -> float:
    """Return about how wide strokes are, in pixels, of one shade as full ones: the median, and a half more for a 0."""
    return float(np.median([piece.amount / (piece.width + piece.height) for piece in pieces]))


def is_edge(piece: Piece, shape: tuple[int, ...], usual: float, stroke: float, *, is_cropped: bool) -> bool:
    """Return whether a piece is the edge of a sheet, or what lies beyond it: long, at the rim, and along it or thin."""
    height, width = shape[:2]
    if not is_near_rim(piece, width, height):
        return False
    is_thin = piece.width > 4 * piece.height or piece.height > 4 * piece.width
    length = max(piece.width, piece.height)
    is_hairline = not is_cropped and piece.amount / length < EDGE_STROKE * stroke
    if is_thin and (is_hairline or length > EDGE_HEIGHTS_OF_THIN * usual):
        return True
    return length > EDGE_HEIGHTS * usual and (not is_cropped or runs_along_rim(piece, width, height))


def is_beside_edge(piece: Piece, edges: list[Piece], usual: float) -> bool:
    """Return whether a piece is long and thin and lies along an edge: the shadow in a book's fold, a second sheet."""
    length, across = max(piece.width, piece.height), min(piece.width, piece.height)
    if length < EDGE_HEIGHTS_OF_THIN * usual or length < 4 * across:
        return False
    reach = BESIDE_EDGE * usual
    return any(
        piece.left < edge.right + reach
        and edge.left < piece.right + reach
        and piece.top < edge.bottom + reach
        and edge.top < piece.bottom + reach
        and (edge.height > edge.width) == (piece.height > piece.width)
        for edge in edges
    )


def is_strip(piece: Piece, width: int, height: int) -> bool:
    """Return whether a piece at the rim is long and thin, or lies along it."""
    is_thin = piece.width > 4 * piece.height or piece.height > 4 * piece.width
    return is_thin or runs_along_rim(piece, width, height)


def runs_along_rim(piece: Piece, width: int, height: int) -> bool:
    """Return whether most of a piece's height or width lies at the page's rim."""
    has_ink = piece.ink > 0
    beside = {
        "left": has_ink[:, : max(0, RIM_PX + 1 - piece.left)].any(axis=1),
        "right": has_ink[:, max(0, width - RIM_PX - 1 - piece.left) :].any(axis=1),
        "top": has_ink[: max(0, RIM_PX + 1 - piece.top)].any(axis=0),
        "bottom": has_ink[max(0, height - RIM_PX - 1 - piece.top) :].any(axis=0),
    }
    return any(side.mean() > ALONG_SHARE for side in beside.values())


def without_dirt(pieces: list[Piece], shape: tuple[int, ...]) -> list[Piece]:
    """Return the pieces that may be digits or parts of them: no specks, no shadows and edges of the paper."""
    return sorted_out(pieces, shape)[0]


def sorted_out(pieces: list[Piece], shape: tuple[int, ...]) -> tuple[list[Piece], list[Piece], list[Piece]]:
    """Return the pieces that may be digits or parts of them, the edges of the paper, and what is too small or faint."""
    if not pieces:
        return [], [], []
    height, width = shape[:2]
    inside = [p for p in pieces if not is_near_rim(p, width, height)]
    # where all are near the rim, it is a line of digits that was cropped closely
    is_cropped = 2 * len(inside) < len(pieces)
    # a strip along the rim says nothing of how high digits are, and a speck alone does not
    digits = inside + [p for p in pieces if is_near_rim(p, width, height) and not is_strip(p, width, height)] or pieces
    usual, stroke = usual_height(digits), stroke_of(digits)
    edges = [p for p in pieces if is_edge(p, shape, usual, stroke, is_cropped=is_cropped)]
    if edges and not is_cropped:
        edges += [p for p in pieces if p not in edges and is_beside_edge(p, edges, usual)]
    of_edges = set(edges)
    others = [p for p in pieces if p not in of_edges]
    if not others:
        return [], edges, []
    order = sorted(others, key=lambda piece: piece.darkness)
    amounts = np.cumsum([piece.amount for piece in order])
    usual_darkness = order[int(np.searchsorted(amounts, amounts[-1] / 2))].darkness
    kept, rest = [], []
    for piece in others:
        is_kept = (
            max(piece.height, piece.width) >= 0.12 * usual
            and piece.amount >= 0.006 * usual**2
            and (piece.height >= 0.9 * usual or piece.darkness >= STAIN_SHARE * usual_darkness)
        )
        (kept if is_kept else rest).append(piece)
    return kept, edges, rest


def is_stroke(piece: Piece, usual: float) -> bool:
    """Return whether a piece is a stroke that is too long for a digit: a line that someone drew, a book's edge."""
    length, across = max(piece.width, piece.height), min(piece.width, piece.height)
    return length > STROKE_HEIGHTS * usual and length > STROKE_WIDTHS * across


def is_large_enough(piece: Piece, usual: float, output: float) -> bool:
    """Return whether a piece is worth a verdict: small ones are, where the network takes them for digits."""
    size = max(piece.height, 0.8 * piece.width)
    return size > SMALL_SHARE * usual or (size > SMALLEST_SHARE * usual and output > 0.5)


def normalised(pieces: Sequence[Piece]) -> np.ndarray:
    """Return pieces as the network is shown them, shape (n, 28, 28)."""
    images = np.zeros((len(pieces), SIDE_PX, SIDE_PX), dtype=np.uint8)
    for place, piece in enumerate(pieces):
        if piece.ink.max() > EDGE_OF_INK:  # a part that was cut off may be of faint ink only
            images[place] = place_ink(piece.ink)[0]
    return images


def what_is_odd(ink: np.ndarray) -> str | None:
    """Return what about a picture's ink would explain that it is no digit."""
    mask = (ink > EDGE_OF_INK).astype(np.uint8)
    rim = np.concatenate([mask[0], mask[-1], mask[:, 0], mask[:, -1]])
    if rim.sum() > 2:
        return CUT_OFF
    areas = np.sort(components(mask)[1][:, 4])
    return SEVERAL if len(areas) > 1 and areas[-2] > 0.25 * areas[-1] else None
