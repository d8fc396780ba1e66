"""What the worst pages cost: pages of thousands of marks, and tangles of lines that are one large mark.

Run: python benchmarks/many_marks.py [--seeds 1] [--kinds squares ticks ...]

Seconds are those of the processors, so that what else runs on the machine hardly counts; a page that is refused says
so. No page of any kind is to take more than about 5 s.
"""

import argparse
import time
from collections.abc import Callable

import numpy as np

import glassnet
from glassnet.errors import ImageError

SIDE_PX = 2048
"""The largest side that a page is read at."""


def squares(side: int, pitch: int) -> np.ndarray:
    """Return a page of black squares, `pitch` pixels apart both ways."""
    page = np.full((SIDE_PX, SIDE_PX), 255, np.uint8)
    for top in range(8, SIDE_PX - side, pitch):
        for left in range(8, SIDE_PX - side, pitch):
            page[top : top + side, left : left + side] = 0
    return page


def strokes(rng: np.random.Generator, n: int, longest: float, width: int) -> np.ndarray:
    """Return a page of straight strokes in all directions, each up to so many pixels long."""
    from PIL import Image, ImageDraw

    page = Image.new("L", (SIDE_PX, SIDE_PX), 255)
    draw = ImageDraw.Draw(page)
    for _ in range(n):
        x, y = rng.uniform(0, SIDE_PX, 2)
        angle, length = rng.uniform(0, np.pi), rng.uniform(0.3, 1) * longest
        across, down = length * np.cos(angle) / 2, length * np.sin(angle) / 2
        draw.line((x - across, y - down, x + across, y + down), 0, width)
    return np.asarray(page)


def specks(rng: np.random.Generator, share: float, grain: int) -> np.ndarray:
    """Return a page on which a share of all squares of `grain` pixels is black: salt and pepper."""
    n = -(-SIDE_PX // grain)
    coarse = np.where(rng.random((n, n)) < share, 0, 255).astype(np.uint8)
    return coarse.repeat(grain, 0).repeat(grain, 1)[:SIDE_PX, :SIDE_PX]


def shades(rng: np.random.Generator, side: int) -> np.ndarray:
    """Return a landscape of soft shades, as large spots of a photograph are, from 0 to 1."""
    from PIL import Image

    coarse = Image.fromarray(rng.random((12, 12)).astype(np.float32))
    return np.asarray(coarse.resize((side, side), Image.Resampling.BICUBIC)).clip(0, 1)


def dithered(rng: np.random.Generator, grain: int) -> np.ndarray:
    """Return a photograph in black and white only, as a fax has it, its dots `grain` pixels wide."""
    from PIL import Image

    small = np.rint(255 * (0.3 + 0.7 * shades(rng, SIDE_PX // grain))).astype(np.uint8)
    page = np.asarray(Image.fromarray(small).convert("1")).astype(np.uint8) * 255
    return page.repeat(grain, 0).repeat(grain, 1)


def halftone(rng: np.random.Generator, pitch: int) -> np.ndarray:
    """Return a photograph in round dots of all sizes, as a newspaper has it."""
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX]
    one, other = (rows + columns) / np.sqrt(2), (rows - columns) / np.sqrt(2)
    wave = (np.cos(2 * np.pi * one / pitch) + np.cos(2 * np.pi * other / pitch)) / 4 + 0.5
    return np.where(wave > 1 - 0.6 * shades(rng, SIDE_PX), 0, 255).astype(np.uint8)


def text(rng: np.random.Generator, size: int) -> np.ndarray:
    """Return a page of printed letters, `size` pixels large."""
    from PIL import Image, ImageDraw, ImageFont

    page = Image.new("L", (SIDE_PX, SIDE_PX), 255)
    draw, font = ImageDraw.Draw(page), ImageFont.load_default(size)
    letters = list("aaabcddeeeeefghiiijklmnnnoooprrrsssttttuuvwxyz     0123456789ABCDEFGH.,;")
    for top in range(60, SIDE_PX - 60, int(1.3 * size)):
        line = "".join(rng.choice(letters, 2 * SIDE_PX // size))
        while draw.textlength(line, font) > SIDE_PX - 120:
            line = line[:-1]
        draw.text((60, top), line, 0, font)
    return np.asarray(page)


def hatching(pitch: int, width: int, *, is_crossed: bool) -> np.ndarray:
    """Return a page of slanted lines side by side, or two such that cross."""
    rows, columns = np.mgrid[:SIDE_PX, :SIDE_PX]
    is_ink = (2 * rows + 3 * columns) % (4 * pitch) < 4 * width
    if is_crossed:
        is_ink |= (3 * rows - 2 * columns) % (4 * pitch) < 4 * width
    return np.where(is_ink, 0, 255).astype(np.uint8)


def spirals(side: int, pitch: float, width: int) -> np.ndarray:
    """Return a page of spirals beside each other, each in a square."""
    from PIL import Image, ImageDraw

    page = Image.new("L", (SIDE_PX, SIDE_PX), 255)
    draw = ImageDraw.Draw(page)
    turns = np.linspace(0, side / 2.2 / pitch, 60 * int(side / pitch))
    x, y = pitch * turns * np.cos(2 * np.pi * turns), pitch * turns * np.sin(2 * np.pi * turns)
    for top in range(side // 2, SIDE_PX, side):
        for left in range(side // 2, SIDE_PX, side):
            draw.line(np.column_stack([x + left, y + top]).ravel().tolist(), 0, width)
    return np.asarray(page)


def combs(pitch: int, height: int, gap: int, *, has_frames: bool = False) -> np.ndarray:
    """Return rows of upright teeth near each other; in frames, every tooth lies in the box of a large mark."""
    page = np.full((SIDE_PX, SIDE_PX), 255, np.uint8)
    for top in range(10, SIDE_PX - height, height + gap):
        for left in range(10, SIDE_PX - 6, pitch):
            page[top + (left // pitch) % 3 : top + height, left : left + max(2, pitch // 3)] = 0
    if has_frames:  # an L that holds all of them in its box
        for corner in range(0, SIDE_PX // 2, 9):
            rows = np.arange(SIDE_PX)
            page[rows, np.minimum(rows // 200 + corner % 7, SIDE_PX - 1)] = 0
    return page


def rulings(rng: np.random.Generator, pitch: int) -> np.ndarray:
    """Return a table of ruled lines, a digit's worth of scrawl in every box."""
    from PIL import Image, ImageDraw

    page = Image.new("L", (SIDE_PX, SIDE_PX), 255)
    draw = ImageDraw.Draw(page)
    for place in range(10, SIDE_PX, pitch):
        draw.line((0, place, SIDE_PX, place), 90, 2)
        draw.line((place, 0, place, SIDE_PX), 90, 2)
    for top in range(10, SIDE_PX - pitch, pitch):
        for left in range(10, SIDE_PX - pitch, pitch):
            points = rng.uniform(0.2, 0.8, (4, 2)) * pitch + (left, top)
            draw.line(points.ravel().tolist(), 0, max(2, pitch // 12))
    return np.asarray(page)


def nested(pitch: int) -> np.ndarray:
    """Return frames in frames, each open at one corner: boxes that all lie in each other."""
    page = np.full((SIDE_PX, SIDE_PX), 255, np.uint8)
    for rim in range(8, SIDE_PX // 2 - 8, pitch):
        page[rim : SIDE_PX - rim, rim : rim + 2] = 0
        page[rim : rim + 2, rim : SIDE_PX - rim] = 0
    return page


def corners(n: int, size: int, leg: int) -> np.ndarray:
    """Return Vs in each other, each on its own: boxes that share nearly all of their place."""
    from PIL import Image, ImageDraw

    page = Image.new("L", (SIDE_PX, SIDE_PX), 255)
    draw = ImageDraw.Draw(page)
    for top in range(10, SIDE_PX - size, size + 10):
        for left in range(10, SIDE_PX - size, size + 10):
            for i in range(n):
                x, y = left + i * leg, top + i * leg
                draw.line((x, top + size, x, y, left + size, y), 0, 1)
    return np.asarray(page)


KINDS: dict[str, Callable[[np.random.Generator], np.ndarray]] = {
    "squares 12, 40 apart": lambda _: squares(12, 40),
    "squares 12, 20 apart": lambda _: squares(12, 20),
    "squares 12, 29 apart": lambda _: squares(12, 29),  # as many as are read
    "squares 6, 9 apart": lambda _: squares(6, 9),
    "squares 24, 30 apart": lambda _: squares(24, 30),
    "squares 40, 44 apart": lambda _: squares(40, 44),
    "ticks 3000": lambda rng: strokes(rng, 3000, 24, 3),
    "ticks 5500": lambda rng: strokes(rng, 5500, 16, 2),
    "ticks 10000": lambda rng: strokes(rng, 10_000, 16, 2),
    "ticks 1500 long": lambda rng: strokes(rng, 1500, 80, 4),
    "lines 50": lambda rng: strokes(rng, 50, 3000, 3),
    "lines 400": lambda rng: strokes(rng, 400, 2000, 2),
    "lines 2000": lambda rng: strokes(rng, 2000, 400, 2),
    "noise 0.02, grain 1": lambda rng: specks(rng, 0.02, 1),
    "noise 0.1, grain 1": lambda rng: specks(rng, 0.1, 1),
    "noise 0.3, grain 1": lambda rng: specks(rng, 0.3, 1),
    "noise 0.5, grain 1": lambda rng: specks(rng, 0.5, 1),
    "noise 0.05, grain 5": lambda rng: specks(rng, 0.05, 5),
    "noise 0.2, grain 5": lambda rng: specks(rng, 0.2, 5),
    "noise 0.35, grain 5": lambda rng: specks(rng, 0.35, 5),
    "noise 0.13, grain 9": lambda rng: specks(rng, 0.13, 9),
    "noise 0.1, grain 12": lambda rng: specks(rng, 0.1, 12),
    "noise 0.3, grain 12": lambda rng: specks(rng, 0.3, 12),
    "dithered, grain 1": lambda rng: dithered(rng, 1),
    "dithered, grain 4": lambda rng: dithered(rng, 4),
    "dithered, grain 8": lambda rng: dithered(rng, 8),
    "halftone 10": lambda rng: halftone(rng, 10),
    "halftone 24": lambda rng: halftone(rng, 24),
    "text 16": lambda rng: text(rng, 16),
    "text 24": lambda rng: text(rng, 24),
    "text 35": lambda rng: text(rng, 35),
    "text 40": lambda rng: text(rng, 40),
    "hatching": lambda _: hatching(20, 3, is_crossed=False),
    "hatching, wide": lambda _: hatching(90, 3, is_crossed=False),
    "hatching, crossed": lambda _: hatching(40, 4, is_crossed=True),
    "spirals 2048": lambda _: spirals(2048, 16, 3),
    "spirals 120": lambda _: spirals(120, 12, 3),
    "combs 8": lambda _: combs(8, 40, 6),
    "combs 12, low": lambda _: combs(12, 14, 3),
    "combs 20, low": lambda _: combs(20, 36, 3),
    "combs 8, framed": lambda _: combs(8, 40, 6, has_frames=True),
    "rulings 40": lambda rng: rulings(rng, 40),
    "rulings 80": lambda rng: rulings(rng, 80),
    "nested 8": lambda _: nested(8),
    "corners": lambda _: corners(30, 200, 4),
    "corners, many": lambda _: corners(30, 600, 9),
    "corners, large": lambda _: corners(150, 900, 5),
}


def main() -> None:
    """Print the figures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--kinds", nargs="*", default=[], help="beginnings of kinds' names; all of them by default")
    given = parser.parse_args()
    reader = glassnet.Reader()
    reader.read(np.full((200, 200), 255, np.uint8))  # what is loaded once is not what a page costs
    worst, slowest = 0.0, ""
    for kind, make in KINDS.items():
        if given.kinds and not kind.startswith(tuple(given.kinds)):
            continue
        for seed in range(given.seeds):
            page = make(np.random.default_rng(seed))
            began = time.process_time()
            try:
                told = f"{sum(len(line.marks) for line in reader.read(page).lines):,} marks"
            except ImageError as error:
                told = f"refused: {error}"
            took = time.process_time() - began
            if took > worst:
                worst, slowest = took, f"{kind}, seed {seed}"
            print(f"{kind:22} seed {seed}: {took:6.2f} s, {told}", flush=True)
    print(f"the worst: {worst:.2f} s ({slowest})")


if __name__ == "__main__":
    main()
