"""How everyday pictures are read: pages made in eleven kinds, each exactly right or not, and digits that are lost.

Run: python benchmarks/everyday.py [--n 100] [--seed 0] [--data FOLDER --writers test] [--show FOLDER] [KIND ...]
Digits are MNIST's test digits; with --data, those by writers of handwriting/digits.npz ("tune" to choose by, "test" to
judge). --show saves the pages that are read wrong. A page is right if its text is, gaps included; a digit is lost if
fewer marks are told than there are digits.
"""

import argparse
import contextlib
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import cv2  # noqa: TID253 - all that it does is pictures
import numpy as np

from glassnet import Reader, load_digits
from glassnet.digits.normalise import find_ink
from glassnet.errors import ImageError
from glassnet.recipes.handwriting import load_handwriting

LIGHTEST, DARKEST = 252, 228


@dataclass
class Hand:
    """Digits to write with: glyphs of ink from 0 to 1, cropped to their strokes, by label."""

    glyphs: list[list[np.ndarray]]

    def glyph(self, rng: np.random.Generator, digit: int, height: float) -> np.ndarray:
        """Return one of a digit's glyphs, so high or, of a flat one, so wide."""
        ink = self.glyphs[digit][int(rng.integers(len(self.glyphs[digit])))]
        factor = height / max(ink.shape)
        size = (max(2, round(ink.shape[1] * factor)), max(3, round(ink.shape[0] * factor)))
        return np.asarray(cv2.resize(ink, size, interpolation=cv2.INTER_CUBIC if factor > 1 else cv2.INTER_AREA)).clip(
            0, 1
        )


def hand_of(images: np.ndarray, labels: np.ndarray) -> Hand:
    """Return a hand of images of ink, 0 is paper and 255 is ink."""
    glyphs: list[list[np.ndarray]] = [[] for _ in range(10)]
    for image, label in zip(images, labels.tolist(), strict=True):
        rows, columns = np.flatnonzero((image > 40).any(axis=1)), np.flatnonzero((image > 40).any(axis=0))
        if len(rows) and len(columns):
            ink = image[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1].astype(np.float32) / 255
            glyphs[label].append((ink / np.percentile(ink[ink > 0.15], 90)).clip(0, 1))  # how dark is the page's matter
    return Hand(glyphs)


def inked(images: np.ndarray) -> np.ndarray:
    """Return what is ink in scans of digits, without their paper's tint, 0 to 255; nothing where there is none."""
    found = np.zeros(images.shape, dtype=np.uint8)
    for place, image in enumerate(images):
        with contextlib.suppress(ImageError):
            found[place] = np.rint(255 * find_ink(image))
    return found


class Sheet:
    """A sheet of paper that is written on: `ink` is how much of the paper's light is taken away, from 0 to 1."""

    def __init__(self, width: int, height: int) -> None:
        self.ink = np.zeros((height, width), dtype=np.float32)

    def put(self, glyph: np.ndarray, left: float, top: float) -> None:
        """Put a glyph somewhere; what goes over the sheet's sides is cut off."""
        x, y = round(left), round(top)
        high, wide = glyph.shape
        part = self.ink[max(0, y) : y + high, max(0, x) : x + wide]
        cut = glyph[max(0, -y) : max(0, -y) + part.shape[0], max(0, -x) : max(0, -x) + part.shape[1]]
        np.maximum(part, cut, out=part)

    def write(
        self, rng: np.random.Generator, hand: Hand, text: str, left: float, top: float, height: float, gap: float = 1.6
    ) -> tuple[float, float]:
        """Write digits, gaps and signs from left to right; return where they end, right and bottom."""
        x, bottom = left, top
        for character in text:
            if character == " ":
                x += gap * height * rng.uniform(0.9, 1.2)
                continue
            glyph = (
                hand.glyph(rng, int(character), height * rng.uniform(0.9, 1.1))
                if character.isdigit()
                else sign(rng, character, height)
            )
            y = top + (height - glyph.shape[0]) * (0.5 if character.isdigit() else PLACES[character])
            y += height * rng.uniform(-0.05, 0.05)
            self.put(glyph, x, y)
            x += glyph.shape[1] + height * rng.uniform(0.12, 0.32)
            bottom = max(bottom, y + glyph.shape[0])
        return x, bottom


PLACES = {".": 1.0, ",": 1.2, "-": 0.5, ":": 0.7, "/": 0.5}


def sign(rng: np.random.Generator, character: str, height: float) -> np.ndarray:
    """Return a sign between digits, as ink."""
    stroke = max(2, round(height * rng.uniform(0.07, 0.12)))
    if character == "/":
        ink = np.zeros((round(height * 1.15), round(height * rng.uniform(0.4, 0.55))), dtype=np.float32)
        cv2.line(ink, (stroke // 2, ink.shape[0] - stroke), (ink.shape[1] - stroke, stroke // 2), 1.0, stroke)
        return ink
    if character == "-":
        return np.ones((stroke, round(height * rng.uniform(0.35, 0.5))), dtype=np.float32)
    round_dot = np.zeros((stroke + 4, stroke + 4), dtype=np.float32)
    cv2.circle(round_dot, (stroke // 2 + 2, stroke // 2 + 2), max(1, stroke // 2), 1.0, -1)
    dot = np.asarray(cv2.GaussianBlur(round_dot, (0, 0), 0.6))
    if character == ":":
        between = np.zeros((round(height * 0.3), dot.shape[1]), dtype=np.float32)
        return np.concatenate([dot, between, dot])
    if character == ",":
        high = round(height * rng.uniform(0.22, 0.36))
        comma = np.zeros((high + stroke, round(0.5 * high) + stroke + 2), dtype=np.float32)
        cv2.line(comma, (comma.shape[1] - 1 - stroke // 2, stroke // 2), (stroke // 2, high), 1.0, stroke)
        return np.asarray(cv2.GaussianBlur(comma, (0, 0), 0.6))
    return dot


def digits(rng: np.random.Generator, n: int) -> str:
    """Return so many digits."""
    return "".join(map(str, rng.integers(0, 10, n)))


def photographed(
    rng: np.random.Generator, sheet: Sheet, pen: np.ndarray, paper: np.ndarray, noise: float = 2.0, light: float = 0.12
) -> np.ndarray:
    """Return a sheet as a photo: a pen's colour on a paper's, light from one side, blur and noise."""
    height, width = sheet.ink.shape
    colours = paper * (1 - sheet.ink[..., None]) + pen * sheet.ink[..., None]
    rows, columns = np.mgrid[:height, :width]
    slope = rng.uniform(-light, light) * rows / height + rng.uniform(-light, light) * columns / width
    colours = cv2.GaussianBlur((colours * (1 + slope)[..., None]).astype(np.float32), (0, 0), rng.uniform(0.4, 0.9))
    colours = colours + rng.normal(0, noise, colours.shape)
    return np.rint(colours).clip(0, 255).astype(np.uint8)


def as_jpeg(rng: np.random.Generator, page: np.ndarray) -> np.ndarray:
    """Return a page after a JPEG's losses."""
    _, data = cv2.imencode(".jpg", page, [cv2.IMWRITE_JPEG_QUALITY, int(rng.integers(75, 96))])
    return np.asarray(cv2.imdecode(data, cv2.IMREAD_COLOR))


def pen_and_paper(rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return the colour of a pen and of paper."""
    pens = [(30, 30, 35), (25, 40, 130), (60, 60, 65), (150, 25, 30), (20, 20, 90)]
    shade = rng.uniform(DARKEST, LIGHTEST)
    paper = np.array([shade, shade - rng.uniform(0, 4), shade - rng.uniform(0, 14)])
    return np.array(pens[int(rng.integers(len(pens)))], dtype=float), paper


Page = tuple[np.ndarray, str]


def tight(rng: np.random.Generator, hand: Hand) -> Page:
    """Return a line of digits cropped closely."""
    text, height = digits(rng, int(rng.integers(3, 9))), float(rng.uniform(24, 90))
    sheet = Sheet(round(len(text) * height * 1.6 + 40), round(2 * height))
    sheet.write(rng, hand, text, 10, height / 2, height)
    rows, columns = np.flatnonzero(sheet.ink.max(axis=1) > 0.3), np.flatnonzero(sheet.ink.max(axis=0) > 0.3)
    rim = int(rng.integers(0, 4))
    cut = np.s_[max(0, rows[0] - rim) : rows[-1] + 1 + rim, max(0, columns[0] - rim) : columns[-1] + 1 + rim]
    paper, ink = float(rng.uniform(DARKEST, 256)), float(rng.uniform(0, 90))
    if rng.random() < 0.15:
        paper, ink = ink, paper
    page = paper + (ink - paper) * sheet.ink[cut]
    page += rng.normal(0, rng.choice([0, 1, 2]), page.shape)
    return np.rint(page).clip(0, 255).astype(np.uint8), text


def fills(rng: np.random.Generator, hand: Hand) -> Page:
    """Return one digit that fills much of a square picture."""
    side = int(rng.integers(60, 700))
    text = digits(rng, 1)
    glyph = hand.glyph(rng, int(text), side * rng.uniform(0.5, 0.95))
    sheet = Sheet(side, side)
    sheet.put(glyph, (side - glyph.shape[1]) * rng.uniform(0.3, 0.7), (side - glyph.shape[0]) * rng.uniform(0.3, 0.7))
    if rng.random() < 0.5:
        page = 255 * (1 - sheet.ink)
        return np.rint(page).clip(0, 255).astype(np.uint8), text
    return photographed(rng, sheet, *pen_and_paper(rng)), text


def lines_of(rng: np.random.Generator, hand: Hand, n: int, length: int, height: float) -> tuple[Sheet, str]:
    """Return a sheet with some lines of so many digits."""
    texts = [digits(rng, length) for _ in range(n)]
    sheet = Sheet(round(height * (length * 1.45 + 2.5)), round(height * (1.75 * n + 1.6)))
    for place, text in enumerate(texts):
        sheet.write(rng, hand, text, height * rng.uniform(0.8, 1.2), height * (1 + 1.75 * place), height)
    return sheet, "\n".join(texts)


def table(rng: np.random.Generator, height: int, width: int) -> np.ndarray:
    """Return the top of a table: a colour, with a texture along it."""
    colours = [(60, 80, 110), (30, 60, 40), (45, 35, 30), (150, 110, 75), (90, 60, 40), (120, 120, 125), (25, 25, 30)]
    colour = np.array(colours[int(rng.integers(len(colours)))], dtype=np.float32)
    grain = rng.normal(0, 1, (height, width)).astype(np.float32)
    grain = cv2.GaussianBlur(grain, (0, 0), sigmaX=rng.uniform(1, 25), sigmaY=rng.uniform(0.8, 3))
    grain *= rng.uniform(3, 12) / max(float(grain.std()), 1e-6)
    return colour + grain[..., None] + rng.normal(0, 3, (height, width, 1))


def on_table(rng: np.random.Generator, hand: Hand) -> Page:
    """Return a sheet on a table, photographed from somewhere above."""
    height = float(rng.uniform(28, 60))
    sheet, text = lines_of(rng, hand, int(rng.integers(2, 5)), int(rng.integers(4, 7)), height)
    pen, paper = pen_and_paper(rng)
    flat = paper * (1 - sheet.ink[..., None]) + pen * sheet.ink[..., None]
    high, wide = sheet.ink.shape
    share = rng.uniform(0.4, 0.9)
    factor = 1 / np.sqrt(share)
    photo_high, photo_wide = round(high * factor), round(wide * factor)
    angle = np.deg2rad(rng.uniform(-8, 8))
    corners = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], dtype=np.float64) - (wide / 2, high / 2)
    corners *= 1 + rng.uniform(-0.05, 0.05, (4, 2))
    turn = np.array([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    corners = corners @ turn.T
    reach = np.abs(corners).max(axis=0)
    photo_wide, photo_high = max(photo_wide, round(2 * reach[0] + 12)), max(photo_high, round(2 * reach[1] + 12))
    corners += (photo_wide / 2, photo_high / 2)
    matrix = cv2.getPerspectiveTransform(
        np.array([(0, 0), (wide, 0), (wide, high), (0, high)], dtype=np.float32), corners.astype(np.float32)
    )
    warped = cv2.warpPerspective(flat.astype(np.float32), matrix, (photo_wide, photo_high), flags=cv2.INTER_LINEAR)
    inside = cv2.warpPerspective(np.ones((high, wide), np.float32), matrix, (photo_wide, photo_high))
    photo = table(rng, photo_high, photo_wide) * (1 - inside[..., None]) + warped * inside[..., None]
    rows, columns = np.mgrid[:photo_high, :photo_wide]
    light = 1 + rng.uniform(-0.15, 0.1) * rows / photo_high + rng.uniform(-0.15, 0.15) * columns / photo_wide
    photo = cv2.GaussianBlur((photo * light[..., None]).astype(np.float32), (0, 0), rng.uniform(0.4, 0.8))
    photo = photo + rng.normal(0, 2, photo.shape)
    return as_jpeg(rng, np.rint(photo).clip(0, 255).astype(np.uint8)), text


def blank(rng: np.random.Generator, hand: Hand) -> Page:
    """Return paper with nothing on it but a scanner's or a camera's grain."""
    width, height = int(rng.integers(200, 1200)), int(rng.integers(200, 1600))
    grain = rng.normal(0, rng.uniform(0.4, 3.5), (height, width)).astype(np.float32)
    if rng.random() < 0.5:
        grain = cv2.GaussianBlur(grain, (0, 0), rng.uniform(0.5, 1.2))
    page = rng.uniform(215, 254) + grain
    return np.rint(page).clip(0, 255).astype(np.uint8), ""


def pencil(rng: np.random.Generator, hand: Hand) -> Page:
    """Return faint pencil on grainy paper."""
    height = float(rng.uniform(26, 60))
    sheet, text = lines_of(rng, hand, 2, int(rng.integers(3, 6)), height)
    paper = rng.uniform(222, 248)
    page = paper - rng.uniform(28, 60) * cv2.GaussianBlur(sheet.ink, (0, 0), 0.7)
    page = page + rng.normal(0, rng.uniform(0.8, 2.2), page.shape)
    return as_jpeg(rng, np.rint(page).clip(0, 255).astype(np.uint8)), text


def squared(rng: np.random.Generator, hand: Hand) -> Page:
    """Return digits on squared paper."""
    height = float(rng.uniform(36, 60))
    sheet, text = lines_of(rng, hand, 2, int(rng.integers(3, 6)), height)
    pitch = height * rng.uniform(0.45, 1.1)
    lines = np.zeros_like(sheet.ink)
    strength, thick = rng.uniform(0.12, 0.4), int(rng.integers(1, 3))
    for x in np.arange(rng.uniform(0, pitch), lines.shape[1], pitch):
        lines[:, round(x) : round(x) + thick] = strength
    for y in np.arange(rng.uniform(0, pitch), lines.shape[0], pitch):
        lines[round(y) : round(y) + thick] = strength
    pen, paper = pen_and_paper(rng)
    of_lines = np.array([120, 140, 200]) if rng.random() < 0.7 else np.array([110, 110, 110])
    paper_with = paper * (1 - lines[..., None]) + of_lines * lines[..., None]
    return as_jpeg(rng, photographed(rng, sheet, pen, paper_with)), text


def boxes(rng: np.random.Generator, hand: Hand) -> Page:
    """Return a form's row of boxes, a digit in each that may fill it."""
    side = round(rng.uniform(44, 80))
    text = digits(rng, int(rng.integers(4, 9)))
    thick = int(rng.integers(1, 4))
    gap = 0 if rng.random() < 0.6 else round(side * rng.uniform(0.1, 0.3))
    sheet = Sheet(len(text) * (side + gap) + 2 * side, 3 * side)
    lines = np.zeros_like(sheet.ink)
    for place, character in enumerate(text):
        x, y = side + place * (side + gap), side
        cv2.rectangle(lines, (x, y), (x + side, y + side), rng.uniform(0.6, 1.0), thick)
        glyph = hand.glyph(rng, int(character), side * rng.uniform(0.62, 1.0))
        high, wide = glyph.shape
        sheet.put(glyph, x + (side - wide) * rng.uniform(0.3, 0.7), y + (side - high) * rng.uniform(0.3, 0.7))
    pen, paper = pen_and_paper(rng)
    paper_with = paper * (1 - lines[..., None]) + np.array([60, 60, 60]) * lines[..., None]
    return as_jpeg(rng, photographed(rng, sheet, pen, paper_with)), text


def gaps(rng: np.random.Generator, hand: Hand) -> Page:
    """Return lines of several numbers each."""
    height = float(rng.uniform(28, 60))
    texts = [
        " ".join(digits(rng, int(rng.integers(1, 6))) for _ in range(int(rng.integers(2, 4))))
        for _ in range(int(rng.integers(2, 4)))
    ]
    sheet = Sheet(round(height * (max(map(len, texts)) * 1.7 + 3)), round(height * (1.9 * len(texts) + 1.6)))
    gap = rng.uniform(0.9, 2.2)
    for place, text in enumerate(texts):
        sheet.write(rng, hand, text, height * rng.uniform(0.8, 1.4), height * (1 + 1.9 * place), height, gap)
    return as_jpeg(rng, photographed(rng, sheet, *pen_and_paper(rng))), "\n".join(texts)


def points(rng: np.random.Generator, hand: Hand) -> Page:
    """Return a number with signs between its digits."""
    height = float(rng.uniform(40, 70))
    form = str(rng.choice(["dd.d", "dd,dd", "dd.dd.dddd", "dd:dd", "dd/dd", "ddd-dd", "d.ddd,dd", "dd/dd/dd"]))
    text = "".join(digits(rng, 1) if character == "d" else character for character in form)
    sheet = Sheet(round(height * (len(text) + 3)), round(height * 3))
    sheet.write(rng, hand, text, height, height, height)
    return as_jpeg(rng, photographed(rng, sheet, *pen_and_paper(rng))), text


def grid(rng: np.random.Generator, hand: Hand) -> Page:
    """Return a grid with a frame, a digit in each cell, photographed."""
    n, side = int(rng.integers(3, 10)), float(rng.uniform(44, 70))
    margin = side * rng.uniform(0.3, 1)
    sheet = Sheet(round(n * side + 2 * margin), round(n * side + 2 * margin))
    lines = np.zeros_like(sheet.ink)
    texts = [digits(rng, n) for _ in range(n)]
    for i in range(n + 1):
        at = round(margin + i * side)
        thick = int(rng.integers(3, 6)) if i in (0, n) or (n == 9 and i % 3 == 0) else int(rng.integers(1, 3))
        ends = round(margin), round(margin + n * side)
        cv2.line(lines, (ends[0], at), (ends[1], at), 0.9, thick)
        cv2.line(lines, (at, ends[0]), (at, ends[1]), 0.9, thick)
    for row, text in enumerate(texts):
        for column, character in enumerate(text):
            glyph = hand.glyph(rng, int(character), side * rng.uniform(0.45, 0.7))
            x = margin + (column + 0.5) * side - glyph.shape[1] / 2 + side * rng.uniform(-0.07, 0.07)
            y = margin + (row + 0.5) * side - glyph.shape[0] / 2 + side * rng.uniform(-0.07, 0.07)
            sheet.put(glyph, x, y)
    pen, paper = pen_and_paper(rng)
    paper_with = paper * (1 - lines[..., None]) + np.array([40, 40, 40]) * lines[..., None]
    flat = photographed(rng, sheet, pen, paper_with)
    high, wide = flat.shape[:2]
    corners = np.array([(0, 0), (wide, 0), (wide, high), (0, high)], dtype=np.float32)
    moved = corners + rng.uniform(-0.02, 0.02, (4, 2)).astype(np.float32) * wide
    matrix = cv2.getPerspectiveTransform(corners, moved)
    flat = cv2.warpPerspective(flat, matrix, (wide, high), borderMode=cv2.BORDER_REPLICATE)
    return as_jpeg(rng, flat), "\n".join(texts)


def edge(rng: np.random.Generator, hand: Hand) -> Page:
    """Return lines of digits beside a strip of table, a book's edge or a thumb."""
    height = float(rng.uniform(28, 60))
    sheet, text = lines_of(rng, hand, 2, int(rng.integers(3, 6)), height)
    photo = photographed(rng, sheet, *pen_and_paper(rng)).astype(np.float32)
    high = len(photo)
    strip = round(height * rng.uniform(0.15, 1.2))
    bare = np.full((high, strip, 3), 20 + 60 * rng.random(), dtype=np.float32) + rng.normal(0, 4, (high, strip, 1))
    wider = np.concatenate([bare, photo], axis=1)
    if rng.random() < 0.3:  # a book's edge: a thin dark line, and another page beyond
        wider[:, : strip - 3] = photo[:, :1] * rng.uniform(0.85, 0.98)
    if rng.random() < 0.3:  # a thumb
        middle = (int(rng.integers(strip)), round(high * rng.uniform(0.6, 1.0)))
        cv2.ellipse(wider, middle, (strip, round(height)), 0, 0, 360, (190, 140, 120), -1)
    wider = np.asarray(cv2.GaussianBlur(wider, (0, 0), 0.6))
    if rng.random() < 0.5:
        wider = wider[:, ::-1]
        wider = np.concatenate([photo, wider[:, -strip:]], axis=1)
    return as_jpeg(rng, np.rint(wider).clip(0, 255).astype(np.uint8)), text


KINDS: dict[str, Callable[[np.random.Generator, Hand], Page]] = {
    "tight": tight,
    "fills": fills,
    "sheet": on_table,
    "blank": blank,
    "pencil": pencil,
    "squared": squared,
    "boxes": boxes,
    "gaps": gaps,
    "points": points,
    "grid": grid,
    "edge": edge,
}


def main() -> None:
    """Make pages of each kind, read them, and say how many are right."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("kinds", nargs="*", choices=[*KINDS, []], default=[])
    parser.add_argument("--n", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--writers", default="tune")
    parser.add_argument("--show", type=Path)
    given = parser.parse_args()
    if given.data is None:
        of = load_digits()
        hand = hand_of(of.test_images, of.test_labels)
    else:
        written = load_handwriting(given.data)[0].part(given.writers)
        hand = hand_of(inked(written.images), written.labels)
    reader = Reader()
    for kind in given.kinds or KINDS:
        right = n_digits = lost = 0
        began = time.perf_counter()
        for number in range(given.n):
            page, wanted = KINDS[kind](np.random.default_rng([given.seed, list(KINDS).index(kind), number]), hand)
            told = reader.read(page)
            n_wanted = sum(character.isdigit() for character in wanted)
            n_marks = sum(len(line.marks) for line in told.lines)
            right += told.text == wanted
            n_digits, lost = n_digits + n_wanted, lost + max(0, n_wanted - n_marks)
            if given.show is not None and told.text != wanted:
                given.show.mkdir(parents=True, exist_ok=True)
                name = f"{kind}-{number}-{wanted}-as-{told.text}".replace("\n", "_").replace("/", "|")[:120]
                cv2.imwrite(str(given.show / f"{name}.png"), page[..., ::-1] if page.ndim == 3 else page)
        seconds = time.perf_counter() - began
        print(
            f"{kind:8} n {given.n}: exactly right {100 * right / given.n:5.1f} %, digits lost {lost} of {n_digits}, "
            f"{1000 * seconds / given.n:.0f} ms a page",
            flush=True,
        )


if __name__ == "__main__":
    main()
