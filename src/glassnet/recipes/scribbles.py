"""Scribbles: pen strokes that are not digits, and whatever else gets in front of a camera."""

from collections.abc import Callable

import numpy as np
from PIL import Image, ImageDraw

CANVAS_PX = 112
MARGIN_PX = 16
CHARACTERS = '!#$%&*+.:;<=>?@ACEFHKMNPRTUVWXY"^_acdefhkmnprtuvwxy{}~'
"""Those that nobody takes for a digit: without O, l, S, Z, / and the like."""

Point = tuple[float, float]


def scribble(rng: np.random.Generator) -> np.ndarray:
    """Return one scribble, shape (112, 112), float from 0 (paper) to 1 (ink)."""
    kinds: tuple[Callable[[np.random.Generator], list[list[Point]]], ...] = (
        wander,
        wander,
        zigzag,
        spiral,
        hatch,
        star,
        corners,
        arcs,
    )
    strokes: list[list[Point]] = []
    for _ in range(int(rng.integers(1, 4))):
        strokes += kinds[int(rng.integers(len(kinds)))](rng)
    if rng.random() < 0.2:
        strokes += polygon(rng)
    picture = Image.new("L", (CANVAS_PX, CANVAS_PX))
    pen = ImageDraw.Draw(picture)
    width = int(rng.integers(3, 17))
    for stroke in strokes:
        draw_stroke(pen, stroke, width if rng.random() < 0.8 else int(rng.integers(3, 17)))
    return np.asarray(picture, dtype=np.float32) / 255


def draw_stroke(pen: ImageDraw.ImageDraw, stroke: list[Point], width: int) -> None:
    """Draw a stroke with a round pen."""
    pen.line(stroke, fill=255, width=width, joint="curve")
    for x, y in (stroke[0], stroke[-1]):
        pen.ellipse((x - width / 2, y - width / 2, x + width / 2, y + width / 2), fill=255)


def place(rng: np.random.Generator) -> np.ndarray:
    """Return a point on the canvas, shape (2,)."""
    return rng.uniform(MARGIN_PX, CANVAS_PX - MARGIN_PX, 2)


def as_points(places: np.ndarray) -> list[Point]:
    """Return places, shape (n, 2), as the pen takes them."""
    return [(float(x), float(y)) for x, y in places.clip(4, CANVAS_PX - 4)]


def wander(rng: np.random.Generator) -> list[list[Point]]:
    """Return a smooth line that wanders about at random."""
    n = int(rng.integers(30, 160))
    turning = np.cumsum(rng.normal(0, rng.uniform(0.02, 0.25), n))
    direction = rng.uniform(0, 2 * np.pi) + np.cumsum(turning.clip(-0.4, 0.4) + rng.normal(0, 0.1))
    steps = rng.uniform(1.5, 4) * np.stack([np.cos(direction), np.sin(direction)], axis=1)
    return [as_points(place(rng) + np.cumsum(steps, axis=0))]


def zigzag(rng: np.random.Generator) -> list[list[Point]]:
    """Return a line that goes to and fro."""
    n = int(rng.integers(5, 12))
    start, end = place(rng), place(rng)
    along = np.linspace(0, 1, n)[:, None]
    across = np.array([end[1] - start[1], start[0] - end[0]]) / max(float(np.hypot(*(end - start))), 1.0)
    swing = rng.uniform(8, 40) * (1 - 2 * (np.arange(n) % 2))[:, None] * rng.uniform(0.6, 1, (n, 1))
    return [as_points(start + along * (end - start) + swing * across)]


def spiral(rng: np.random.Generator) -> list[list[Point]]:
    """Return loops that grow: at least one and a half turns, or it might be a 0 or a 6."""
    turns = rng.uniform(1.7, 5)
    angle = np.linspace(0, 2 * np.pi * turns, 80) * rng.choice([-1, 1]) + rng.uniform(0, 6.3)
    radius = np.linspace(rng.uniform(2, 8), rng.uniform(18, 42), 80)
    drift = np.linspace(0, 1, 80)[:, None] * rng.uniform(-25, 25, 2)
    circle = np.stack([np.cos(angle), rng.uniform(0.4, 1) * np.sin(angle)], axis=1)
    return [as_points(np.array([56.0, 56.0]) + radius[:, None] * circle + drift)]


def hatch(rng: np.random.Generator) -> list[list[Point]]:
    """Return parallel strokes, one way or both."""
    lines = []
    for angle in rng.uniform(0, np.pi, int(rng.integers(1, 3))):
        way = np.array([np.cos(angle), np.sin(angle)])
        side = np.array([-way[1], way[0]])
        for offset in np.linspace(-30, 30, int(rng.integers(3, 7))):
            middle = np.array([56.0, 56.0]) + side * offset + rng.normal(0, 2, 2)
            reach = rng.uniform(18, 38)
            lines.append(as_points(np.stack([middle - way * reach, middle + way * reach])))
    return lines


def star(rng: np.random.Generator) -> list[list[Point]]:
    """Return strokes through one point: crosses, asterisks, arrows."""
    centre = place(rng) * 0.5 + 28
    angles = rng.uniform(0, np.pi) + np.pi * np.arange(n := int(rng.integers(2, 5))) / n + rng.normal(0, 0.15, n)
    ways = np.stack([np.cos(angles), np.sin(angles)], axis=1) * rng.uniform(15, 42, (n, 1))
    return [as_points(np.stack([centre - way, centre + way])) for way in ways]


def corners(rng: np.random.Generator) -> list[list[Point]]:
    """Return a line with corners anywhere: six or more, or it might be a 2, a 4 or a 7."""
    n = int(rng.integers(6, 14))
    return [as_points(np.stack([place(rng) for _ in range(n)]))]


def arcs(rng: np.random.Generator) -> list[list[Point]]:
    """Return three to five pieces of circles, each its own stroke."""
    strokes = []
    for _ in range(int(rng.integers(3, 6))):
        angle = rng.uniform(0, 2 * np.pi) + np.linspace(0, rng.uniform(1.5, 5.5), 30)
        circle = np.stack([np.cos(angle), np.sin(angle)], axis=1) * rng.uniform(8, 30, 2)
        strokes.append(as_points(place(rng) + circle))
    return strokes


def polygon(rng: np.random.Generator) -> list[list[Point]]:
    """Return a closed outline with corners."""
    n = int(rng.integers(3, 7))
    angle = np.sort(rng.uniform(0, 2 * np.pi, n))
    corners = 56 + rng.uniform(18, 42, (n, 1)) * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    return [as_points(np.concatenate([corners, corners[:1]]))]


def character(rng: np.random.Generator) -> np.ndarray:
    """Return a letter or symbol as OpenCV writes it, shape (112, 112)."""
    import cv2

    fonts = (cv2.FONT_HERSHEY_SIMPLEX, cv2.FONT_HERSHEY_TRIPLEX, cv2.FONT_HERSHEY_SCRIPT_SIMPLEX)
    text = CHARACTERS[int(rng.integers(len(CHARACTERS)))]
    font = int(rng.choice(fonts)) | (cv2.FONT_ITALIC if rng.random() < 0.3 else 0)
    width = int(rng.integers(2, 11))
    picture = np.zeros((CANVAS_PX, CANVAS_PX), dtype=np.uint8)
    cv2.putText(picture, text, (28, 80), font, 2.4, 255, width, cv2.LINE_AA)
    return picture.astype(np.float32) / 255


def shape(rng: np.random.Generator) -> np.ndarray:
    """Return a filled shape, plain, shaded or patterned, shape (112, 112): things, seen as outlines."""
    picture = Image.new("L", (CANVAS_PX, CANVAS_PX))
    pen = ImageDraw.Draw(picture)
    for _ in range(int(rng.integers(1, 5))):
        if rng.random() < 0.5:
            pen.polygon(polygon(rng)[0], fill=255)
        else:
            first, second = np.sort(np.stack([place(rng), place(rng)]), axis=0)
            draw = pen.ellipse if rng.random() < 0.4 else pen.rectangle
            draw((*first, *second), fill=255)
    filled = np.asarray(picture, dtype=np.float32) / 255
    if rng.random() < 0.5:  # things are often the same on both sides
        filled = np.maximum(filled, filled[:, ::-1])
    return filled * shade(rng) if rng.random() < 0.8 else filled


def shade(rng: np.random.Generator) -> np.ndarray:
    """Return shades from 0.2 to 1, shape (112, 112): a slope, stripes, checks or clouds."""
    down, right = np.mgrid[:CANVAS_PX, :CANVAS_PX] / CANVAS_PX
    angle, beat = rng.uniform(0, np.pi), rng.uniform(2, 14)
    along = np.cos(angle) * right + np.sin(angle) * down
    pattern = (
        lambda: along,
        lambda: 0.5 + 0.5 * np.sin(2 * np.pi * beat * along),
        lambda: (np.floor(beat * right) + np.floor(beat * down)) % 2,
        lambda: clouds(rng, int(rng.integers(3, 12))),
    )[int(rng.integers(4))]()
    pattern = (pattern - pattern.min()) / max(float(np.ptp(pattern)), 1e-6)
    low = rng.uniform(0.1, 0.7)
    return (low + (1 - low) * pattern).astype(np.float32)


def clouds(rng: np.random.Generator, knots: int) -> np.ndarray:
    """Return smooth noise, shape (112, 112), from 0 to 1."""
    coarse = Image.fromarray(rng.random((knots, knots), dtype=np.float32))
    return np.asarray(coarse.resize((CANVAS_PX, CANVAS_PX), Image.Resampling.BICUBIC)).clip(0, 1)


def texture(rng: np.random.Generator) -> np.ndarray:
    """Return a pattern over the whole picture, shape (112, 112)."""
    pattern = shade(rng)
    pattern = (pattern - pattern.min()) / max(float(np.ptp(pattern)), 1e-6)
    return (pattern > rng.uniform(0.3, 0.7)).astype(np.float32) if rng.random() < 0.4 else pattern


def speckle(rng: np.random.Generator) -> np.ndarray:
    """Return random dots, fine or coarse, many or few, shape (112, 112)."""
    size = int(rng.choice([28, 28, 56, 14]))
    dots = rng.random((size, size), dtype=np.float32)
    if rng.random() < 0.5:
        dots = (dots < rng.uniform(0.01, 0.6)).astype(np.float32)
    return np.kron(dots, np.ones((CANVAS_PX // size, CANVAS_PX // size), dtype=np.float32))
