"""Scribbles by another generator than the one that the reader learned from, for `benchmarks/reader.py`.

The reader's own (`glassnet.recipes.scribbles`) walks with a pen and draws with Pillow. This one adds up waves, bounces,
knots threads and fills a field of distances, so that neither shapes nor edges are the same.
"""

import itertools
from collections.abc import Callable

import numpy as np

SIDE = 64


def draw(points: np.ndarray, width: float) -> np.ndarray:
    """Return a line through points, shape (n, 2), from -1 to 1, as an image of uint8, dark ink on light paper."""
    steps = np.concatenate([np.linspace(a, b, 6, endpoint=False) for a, b in itertools.pairwise(points)])
    places = (steps * 0.8 + 1) / 2 * (SIDE - 1)  # (n, 2)
    grid = np.indices((SIDE, SIDE)).reshape(2, -1).T  # (4096, 2)
    distance = np.full(len(grid), np.inf)
    for some in np.array_split(places, max(1, len(places) // 64)):
        distance = np.minimum(distance, np.hypot(*(grid[:, None] - some[None]).transpose(2, 0, 1)).min(axis=1))
    ink = np.clip(width / 2 + 0.5 - distance, 0, 1).reshape(SIDE, SIDE)
    return np.rint(255 * (1 - ink)).astype(np.uint8)


def within(points: np.ndarray) -> np.ndarray:
    """Return points scaled to fit from -1 to 1."""
    low, high = points.min(axis=0), points.max(axis=0)
    return (points - (low + high) / 2) * 2 / max(float((high - low).max()), 1e-6)


def waves(rng: np.random.Generator) -> np.ndarray:
    """Return a sum of circles of several speeds, as a spirograph draws."""
    t = np.linspace(0, 2 * np.pi, 240)
    speeds, sizes, phases = rng.integers(2, 8, 3), rng.uniform(0.3, 1, 3), rng.uniform(0, 6.3, (2, 3))
    return np.stack([(sizes * np.cos(np.outer(t, speeds) + phase)).sum(axis=1) for phase in phases], axis=1)


def bounces(rng: np.random.Generator) -> np.ndarray:
    """Return a ball's way in a box, five to fourteen walls long."""
    place, speed, points = rng.uniform(-1, 1, 2), rng.normal(0, 1, 2), []
    for _ in range(int(rng.integers(5, 15))):
        points.append(place.copy())
        times = np.where(speed > 0, (1 - place) / speed, (-1 - place) / speed)
        wall = int(np.argmin(times))
        place = place + speed * times[wall]
        speed[wall] *= -1
    return np.array(points)


def knots(rng: np.random.Generator) -> np.ndarray:
    """Return a tangled thread: a random walk, smoothed, that comes back to itself again and again."""
    steps = rng.normal(0, 1, (400, 2))
    walk = np.cumsum(steps, axis=0)
    walk -= np.linspace(0, 1, 400)[:, None] * walk[-1]
    kernel = np.hanning(int(rng.integers(15, 45)))
    return np.stack([np.convolve(column, kernel / kernel.sum(), mode="valid") for column in walk.T], axis=1)[::3]


def coils(rng: np.random.Generator) -> np.ndarray:
    """Return a row of loops, as one tries a pen."""
    t = np.linspace(0, 2 * np.pi * rng.integers(3, 7), 200)
    slope, size = rng.uniform(-0.6, 0.6), rng.uniform(0.4, 1.5)
    return np.stack([size * np.sin(t) + slope * t, 0.35 * t + size * np.cos(t)], axis=1)


def steps(rng: np.random.Generator) -> np.ndarray:
    """Return a way along the lines of a grid: stairs, mazes, meanders."""
    ways = np.array([[0, 1], [1, 0], [0, -1], [-1, 0]])
    turns = np.cumsum(rng.choice([1, 3], int(rng.integers(6, 14)))) % 4
    return np.cumsum(np.concatenate([[[0, 0]], ways[turns] * rng.integers(1, 4, (len(turns), 1))]), axis=0).astype(
        float
    )


def scratches(rng: np.random.Generator) -> np.ndarray:
    """Return strokes to and fro around one place, as one crosses a word out."""
    n = int(rng.integers(7, 16))
    points = rng.normal(0, 0.25, (n, 2))
    points[:, 1] += np.where(np.arange(n) % 2, 1, -1) * rng.uniform(0.5, 1, n)
    return points


KINDS: tuple[Callable[[np.random.Generator], np.ndarray], ...] = (waves, bounces, knots, coils, steps, scratches)


def scribbles(n: int, rng: np.random.Generator) -> np.ndarray:
    """Return scribbles, shape (n, 64, 64), dark ink on light paper."""
    return np.stack([draw(within(KINDS[i % len(KINDS)](rng)), rng.uniform(1.5, 6)) for i in range(n)])
