"""What a seed draws stays what it was: a recipe's lessons can be made again, and every number in it counts.

Each of the recipe's drawings is made from some seeds. What was asked of the generator must be what recipe_draws.json
says, and what came of it must look the same, to what systems' own rounding leaves. Whoever changes the recipe on
purpose writes the file anew, ``python tests/test_recipe_draws.py``, and looks at what differs.
"""

import hashlib
import json
from pathlib import Path

import numpy as np
import pytest

from glassnet.digits import load_digits
from glassnet.recipes import non_digits, reader, scribbles, variants
from glassnet.recipes.knobs import MILD, STRONG, draw, draw_fields, matrices

RECORD = Path(__file__).with_name("recipe_draws.json")
SEEDS = range(6)
N = 40


class Heard:
    """A generator, and all that it was asked."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)
        self.asked = []

    def __getattr__(self, name):
        def ask(*values, **named):
            self.asked.append(f"{name}{[said(value) for value in values]}{ {k: said(v) for k, v in named.items()} }")
            return getattr(self.rng, name)(*values, **named)

        return ask


def said(value):
    """Return a value as text; of an array its shape and sum. Six digits, as systems' sines differ in the sixteenth."""
    if isinstance(value, (float, np.floating)):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {value.sum(dtype=float):.6g}"
    if isinstance(value, (tuple, list)):
        return [said(one) for one in value]
    return str(value)


def seen(made):
    """Return what something made looks like, in at most some dozens of numbers: means of an even part of its places."""
    if isinstance(made, tuple):
        return [number for part in made for number in seen(part)]
    if isinstance(made, list):  # of strokes, each a list of points
        made = np.concatenate([np.asarray(stroke, dtype=float) for stroke in made])
        return [*map(float, made.mean(axis=0)), *map(float, made.std(axis=0)), len(made)]
    parts = np.array_split(np.asarray(made, dtype=float).ravel(), 16)
    return [float(np.mean(part)) for part in parts if part.size]


def changed(change, what, *others):
    """Return what a function that changes its first argument makes of a copy."""
    copy = what.copy()
    change(copy, *others)
    return copy


def drawings():
    """Return each drawing by its name: a function of a generator."""
    digits = load_digits()
    labels, plain = digits.train_labels[:200], digits.train_images[:200]
    fine = reader.fine_of_mnist(plain)
    one_of = {label: fine[labels == label][0] for label in range(10)}
    strokes = ("wander", "zigzag", "spiral", "hatch", "star", "corners", "arcs", "polygon")
    pictures = ("scribble", "character", "shape", "shade", "texture", "speckle")
    made = {name: getattr(scribbles, name) for name in (*strokes, *pictures)}
    made["clouds"] = lambda rng: scribbles.clouds(rng, 5)
    made |= {f"turned {way}": lambda rng, way=way: non_digits.turned(one_of[4], way, rng) for way in WAYS}
    made |= {f"piece {side}": lambda rng, side=side: non_digits.piece(one_of[8], side, rng) for side in SIDES}
    made["mixture"] = lambda rng: non_digits.mixture(one_of[2], one_of[7], rng)
    made["crossed out"] = lambda rng: non_digits.crossed_out(one_of[5], rng)
    made["few specks"] = non_digits.few_specks
    made["sources"] = lambda rng: non_digits.make_sources(fine, labels, N, rng)
    made["whole images"] = lambda rng: non_digits.make_whole_images(plain, N, rng)
    made |= {
        f"{drawn.__name__} {label}": lambda rng, drawn=drawn, label=label: drawn(one_of[label], rng)
        for label, drawn, _ in variants.VARIANTS
    }
    made["variants"] = lambda rng: variants.make_variants(fine, labels, rng)
    for name, strength in (("mild", MILD), ("strong", STRONG)):
        made[f"knobs, {name}"] = lambda rng, strength=strength: draw(400, strength, rng).T
        made[f"matrices, {name}"] = lambda rng, strength=strength: matrices(N, strength, rng)
    made["fields"] = lambda rng: draw_fields(5, rng)
    knobs = draw(200, STRONG, np.random.default_rng(0))
    made["tails"] = lambda rng: changed(reader.draw_out_tails, knobs, labels, rng)
    made["broken strokes"] = lambda rng: plain - changed(reader.break_strokes, plain, labels, rng)
    made["rolled"] = lambda rng: reader.rolled(plain, rng)
    return made


WAYS = ("half", "quarter", "mirror", "flip")
SIDES = ("left", "top", "bottom")


def record_of(make):
    """Return what a drawing asks of its generators, and what comes of it, seed by seed."""
    record = []
    for seed in SEEDS:
        rng = Heard(seed)
        looks = [float(f"{number:.5g}") for number in seen(make(rng))]
        asked = hashlib.sha256("\n".join(rng.asked).encode()).hexdigest()[:16]
        record.append({"n_asked": len(rng.asked), "asked": asked, "seen": looks})
    return record


RECORDED = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.is_file() else {}


@pytest.fixture(scope="module")
def made():
    return drawings()


def test_every_drawing_is_recorded(made):
    assert set(made) == set(RECORDED)


@pytest.mark.parametrize("name", RECORDED)
def test_a_seed_draws_what_it_drew(made, name):
    for found, expected in zip(record_of(made[name]), RECORDED[name], strict=True):
        assert (found["n_asked"], found["asked"]) == (expected["n_asked"], expected["asked"])
        reach = max(map(abs, expected["seen"]), default=0)
        np.testing.assert_allclose(found["seen"], expected["seen"], rtol=2e-3, atol=2e-3 * reach)


if __name__ == "__main__":
    lines = (f" {json.dumps(name)}: {json.dumps(record_of(make))}" for name, make in drawings().items())
    RECORD.write_text("{\n" + ",\n".join(lines) + "\n}\n", encoding="utf-8")
