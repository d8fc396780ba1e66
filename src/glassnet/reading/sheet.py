"""Sheet: where a sheet of paper lies in a photo of a table, and the sheet as if one looked straight down at it."""

from dataclasses import dataclass

import numpy as np

from glassnet.reading.afar import from_afar

FROM_AFAR_PX = 320
"""The sheet is looked for in a picture this small, its writing taken away by a median of `MEDIAN_PX`."""
MEDIAN_PX = 9
LEAST_AREA, MOST_AREA = 0.1, 0.97
"""Of the photo's."""
STRAIGHT = 0.94
"""Share of the sheet that a figure of four corners has in common with it at least, and it with its own hull."""
DARKER, COLOURED, A_LITTLE_DARKER = 30.0, 9.0, 6.0
"""In CIELAB: what lies around is so much darker than paper, or of another colour and a little darker. A shadow is
neither: it is of the paper's colour, and takes some 20."""
MOSTLY = 0.8
"""Of what lies beside a side: a digit there is no table."""
NEAR_PX = 6.0
"""Of the small picture: what is so near to a side belongs to it."""
INSET = 0.008
"""Of its sides: the edge itself is left away."""


@dataclass(frozen=True, slots=True, eq=False)
class Sheet:
    """A sheet in a photo.

    Parameters
    ----------
    page : ndarray of uint8, shape (height, width, 3) or (height, width)
        The sheet alone, its sides upright.
    back : ndarray of float, shape (3, 3)
        Leads from its pixels to the photo's: a projective map.
    """

    page: np.ndarray
    back: np.ndarray

    def box_in_photo(self, box: tuple[int, int, int, int], width: int, height: int) -> tuple[int, int, int, int]:
        """Return left, top, width and height of what has a box on the sheet, in a photo of that size."""
        left, top, wide, high = box
        corners = np.array([(x, y, 1.0) for x in (left, left + wide) for y in (top, top + high)]) @ self.back.T
        x, y = (corners[:, i] / corners[:, 2] for i in (0, 1))
        left, top = int(np.clip(np.floor(x.min()), 0, width - 1)), int(np.clip(np.floor(y.min()), 0, height - 1))
        right, bottom = int(np.clip(np.ceil(x.max()), left + 1, width)), int(np.clip(np.ceil(y.max()), top + 1, height))
        return left, top, right - left, bottom - top


def find_sheet(photo: np.ndarray) -> Sheet | None:
    """Return the sheet of paper in a photo; None where the photo shows no table around it.

    Parameters
    ----------
    photo : ndarray of uint8, shape (height, width, 3) or (height, width)
        In colour or grey.

    Returns
    -------
    Sheet or None
        A sheet has four straight sides, and is lighter than what lies around it.
    """
    import cv2

    if photo.ndim not in (2, 3) or photo.dtype != np.uint8 or photo.shape[2:] not in ((), (3,)):
        return None  # no picture: whoever looks for ink in it says so
    height, width = photo.shape[:2]
    small = from_afar(photo, FROM_AFAR_PX)
    if min(small.shape[:2]) < 3 * MEDIAN_PX:
        return None
    small = cv2.medianBlur(small if small.ndim == 3 else np.repeat(small[:, :, None], 3, axis=2), MEDIAN_PX)
    lab = np.asarray(cv2.cvtColor(np.asarray(small, dtype=np.float32) / 255, cv2.COLOR_RGB2Lab))
    best, corners = 0.0, None
    for mask in light_parts(lab):
        found = corners_of(mask)
        if found is not None and (shared := agreement(found, mask)) > max(best, STRAIGHT) and is_on_table(found, lab):
            best, corners = shared, found
    if corners is None:
        return None
    # a pixel of the small picture is a square of the photo's: its middle leads to the square's
    return flattened(photo, (corners + 0.5) * (width / small.shape[1], height / small.shape[0]) - 0.5)


def light_parts(lab: np.ndarray) -> list[np.ndarray]:
    """Return what may be paper: the largest parts, told apart by lightness and by colour, as masks of 0 and 1."""
    import cv2

    greyness = -np.hypot(lab[:, :, 1] - np.median(lab[:, :, 1]), lab[:, :, 2] - np.median(lab[:, :, 2]))
    parts = []
    for values in (lab[:, :, 0], -lab[:, :, 1], lab[:, :, 1], -lab[:, :, 2], lab[:, :, 2], greyness):
        spread = float(values.max() - values.min())
        if spread < A_LITTLE_DARKER:
            continue
        levels = np.rint((values - values.min()) * (255 / spread)).astype(np.uint8)
        _, mask = cv2.threshold(levels, 0, 1, cv2.THRESH_BINARY + cv2.THRESH_OTSU)
        mask = cv2.morphologyEx(np.asarray(mask), cv2.MORPH_OPEN, np.ones((5, 5), np.uint8))
        contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        if contours:
            largest = max(contours, key=cv2.contourArea)
            if LEAST_AREA < cv2.contourArea(largest) / mask.size < MOST_AREA:
                filled = np.zeros_like(mask)
                cv2.drawContours(filled, [largest], -1, 1, cv2.FILLED)
                parts.append(filled)
    return parts


def corners_of(mask: np.ndarray) -> np.ndarray | None:
    """Return the corners of a part, shape (4, 2), from the upper left one clockwise; None if it has no four."""
    import cv2

    contours, _ = cv2.findContours(mask, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    hull = cv2.convexHull(contours[0])
    if cv2.contourArea(contours[0]) < STRAIGHT * cv2.contourArea(hull):
        return None
    length = cv2.arcLength(hull, True)
    for tolerance in (0.02, 0.03, 0.05, 0.08):
        figure = cv2.approxPolyDP(hull, tolerance * length, True)[:, 0]
        if len(figure) <= 4:
            break
    if len(figure) != 4:
        return None
    corners = figure.astype(np.float64)
    middle = corners.mean(axis=0)
    corners = corners[np.argsort(np.arctan2(*(corners - middle).T[::-1]))]  # clockwise, since rows go down
    corners = np.roll(corners, -int(np.argmin(corners.sum(axis=1))), axis=0)
    return sharpened(corners, contours[0][:, 0].astype(np.float64))


def sharpened(corners: np.ndarray, outline: np.ndarray) -> np.ndarray:
    """Return where the sides between corners, shape (4, 2), meet: the median has rounded the corners themselves.

    Parameters
    ----------
    corners : ndarray of float, shape (4, 2)
        Clockwise.
    outline : ndarray of float, shape (n, 2)
        Places along the sides.
    """
    sides = []  # of each, the place in its middle and its direction
    for one, other in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        length = max(float(np.hypot(*(other - one))), 1e-9)
        along = (other - one) / length
        offsets = outline - one
        is_near = np.abs(offsets @ (along[1], -along[0])) < NEAR_PX
        is_near &= np.abs(offsets @ along - length / 2) < 0.4 * length
        if is_near.sum() < 2:
            return corners
        middle = outline[is_near].mean(axis=0)
        sides.append((middle, np.linalg.svd(outline[is_near] - middle)[2][0]))
    sharp = []
    for (middle, along), (before, along_before) in zip(sides, sides[-1:] + sides[:-1], strict=True):
        way = np.column_stack([along, -along_before])
        if abs(np.linalg.det(way)) < 0.1:
            return corners
        sharp.append(middle + along * np.linalg.solve(way, before - middle)[0])
    return np.array(sharp)


def agreement(corners: np.ndarray, mask: np.ndarray) -> float:
    """Return which share of a figure of four corners and a part both have."""
    import cv2

    figure = np.zeros_like(mask)
    cv2.fillPoly(figure, [np.rint(corners).astype(np.int32)], 1)
    return float((figure & mask).sum() / (figure | mask).sum())


def is_on_table(corners: np.ndarray, lab: np.ndarray) -> bool:
    """Return whether what lies beside the sides of a figure is no paper: darker, or of another colour."""
    import cv2

    height, width = lab.shape[:2]
    figure = np.zeros((height, width), dtype=np.uint8)
    cv2.fillPoly(figure, [np.rint(corners).astype(np.int32)], 1)
    paper = np.median(lab[cv2.erode(figure, np.ones((9, 9), np.uint8)) > 0].reshape(-1, 3), axis=0)
    around = np.asarray(cv2.dilate(figure, np.ones((15, 15), np.uint8))) - np.asarray(
        cv2.dilate(figure, np.ones((7, 7), np.uint8))
    )
    rows, columns = np.nonzero(around)
    n_sides = 0
    for one, other in zip(corners, np.roll(corners, -1, axis=0), strict=True):
        length = max(float(np.hypot(*(other - one))), 1e-9)
        along = (other - one) / length
        offsets = np.column_stack([columns, rows]) - one
        is_beside = (offsets @ (along[1], -along[0]) > 0) & (np.abs(offsets @ along - length / 2) < 0.4 * length)
        if is_beside.sum() < 8:  # the photo ends there
            continue
        table = lab[rows[is_beside], columns[is_beside]]
        darker, colour = paper[0] - table[:, 0], np.hypot(*(table - paper)[:, 1:].T)
        is_coloured = np.mean((colour > COLOURED) & (darker > A_LITTLE_DARKER)) > MOSTLY
        if not is_coloured and np.mean(darker > DARKER) < MOSTLY:
            return False
        n_sides += 2 if is_coloured else 1
    return n_sides > 1  # a deep shadow is dark beside one side, and of the paper's colour


def flattened(photo: np.ndarray, corners: np.ndarray) -> Sheet:
    """Return the sheet between four corners of a photo, from the upper left one clockwise."""
    import cv2

    lengths = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    width, height = max(3, round(lengths[[0, 2]].mean())), max(3, round(lengths[[1, 3]].mean()))
    inset_x, inset_y = INSET * width, INSET * height
    ends = np.array(
        [
            (-inset_x, -inset_y),
            (width - 1 + inset_x, -inset_y),
            (width - 1 + inset_x, height - 1 + inset_y),
            (-inset_x, height - 1 + inset_y),
        ]
    )
    back = cv2.getPerspectiveTransform(ends.astype(np.float32), corners.astype(np.float32))
    page = cv2.warpPerspective(
        photo, back, (width, height), flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    return Sheet(np.asarray(page, dtype=np.uint8), np.asarray(back, dtype=np.float64))
