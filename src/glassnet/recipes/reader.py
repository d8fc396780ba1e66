"""The reader's recipe: digits by many hands, deformed anew in every epoch, and non-digits."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.digits import Digits
from glassnet.digits.normalise import SIDE_PX
from glassnet.engines import outputs_of
from glassnet.network import Network
from glassnet.reading.verdict import fitted
from glassnet.recipes.deform import deformed
from glassnet.recipes.handwriting import NOT_A_DIGIT, PRINTED, Handwriting, fine_images, load_handwriting, load_printed
from glassnet.recipes.knobs import COLUMN, MILD, STRONG, draw, draw_fields, none
from glassnet.recipes.non_digits import make_sources, make_whole_images
from glassnet.recipes.variants import make_variants
from glassnet.rejection import choices

SHARE_AS_THEY_ARE = 0.1
SHARE_MILD = 0.35
TAILS = {4: (0.1, 0.1, 0.45), 6: (0.12, -0.5, -0.1), 7: (0.2, 0.1, 0.55), 9: (0.25, 0.1, 0.55)}
"""For each digit: how many are drawn out, and by what shares, at the bottom or (below 0) at the top."""
DEFAULT_COVERAGE = 0.99
THRESHOLDS = (0.0, 0.5, 0.8, 0.9, 0.95, 0.98, 0.99)
AT_ONCE = 8192
TIMES_HANDWRITING = 6
"""How often digits of the other collections come in an epoch, where MNIST's come once: there are a fifth as many."""
TIMES_LETTERS = 2
OPEN_DIGITS = ("U", "u")
"""Letters that are not taught as non-digits, besides those marked as looking like digits: many hands leave a 0 open."""
SHARE_BROKEN = 0.12
N_MADE = 90_000
N_WHOLE = 8_000
N_DEFORMED = 4
"""How often the digits that confidence is fitted to come deformed, besides once as they are."""


@dataclass(frozen=True, eq=False)
class Lessons:
    """What the reader learns from: `glassnet.training.FreshExamples`.

    Parameters
    ----------
    sources : ndarray of uint8, shape (n_sources, 56, 56)
        Digits and non-digits.
    labels : ndarray of uint8, shape (n_sources,)
        0 to 9, or 255.
    which : ndarray of int64, shape (n_deformed,)
        The sources that come in every epoch, some of them several times.
    plain : ndarray of uint8, shape (n_plain, 28, 28)
        MNIST's digits as they are; the first sources are the same ones.
    whole : ndarray of uint8, shape (n_whole, 28, 28)
        Non-digits that are not normalised.
    seed : int
        Of all deformations.
    """

    sources: np.ndarray
    labels: np.ndarray
    which: np.ndarray
    plain: np.ndarray
    whole: np.ndarray
    seed: int

    @property
    def n(self) -> int:
        """Examples in an epoch."""
        return len(self.which) + len(self.whole)

    def of_epoch(self, epoch: int) -> tuple[np.ndarray, np.ndarray]:
        """Return images and labels of an epoch."""
        images = np.empty((self.n, 28, 28), dtype=np.uint8)
        n_deformed = len(self.which)
        for part, start in enumerate(range(0, n_deformed, AT_ONCE)):
            some = self.which[start : start + AT_ONCE]
            rng = np.random.default_rng([self.seed, epoch, part])
            images[start : start + len(some)] = self.lesson(some, rng)
        rng = np.random.default_rng([self.seed, epoch, 1 << 20])
        images[n_deformed:] = rolled(self.whole, rng)
        labels = np.concatenate([self.labels[self.which], np.full(len(self.whole), NOT_A_DIGIT, dtype=np.uint8)])
        return images, labels

    def lesson(self, which: np.ndarray, rng: np.random.Generator) -> np.ndarray:
        """Return some sources as an epoch sees them, shape (n, 28, 28)."""
        n = len(which)
        is_mild = rng.random(n) < SHARE_MILD
        knobs = np.where(is_mild[:, None], draw(n, MILD, rng), draw(n, STRONG, rng))
        draw_out_tails(knobs, self.labels[which], rng)
        images = deformed(self.sources, which, knobs, draw_fields(n, rng))
        break_strokes(images, self.labels[which], rng)
        as_it_is = (which < len(self.plain)) & (rng.random(n) < SHARE_AS_THEY_ARE)
        images[as_it_is] = self.plain[which[as_it_is]]
        return images


def draw_out_tails(knobs: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> None:
    """Make the tails of some digits as long as quick hands make them: `TAILS`."""
    for label, (share, low, high) in TAILS.items():
        is_drawn_out = (labels == label) & (rng.random(len(labels)) < share)
        knobs[is_drawn_out, COLUMN["tail"]] = rng.uniform(low, high, int(is_drawn_out.sum()))


def break_strokes(images: np.ndarray, labels: np.ndarray, rng: np.random.Generator) -> None:
    """Lift the pen for a moment in some digits, shape (n, 28, 28): no ink in a small circle somewhere on a stroke.

    Not in 1s, which became exclamation marks.
    """
    broken = np.flatnonzero((rng.random(len(images)) < SHARE_BROKEN) & (labels < 10) & (labels != 1))
    some = images[broken].reshape(len(broken), SIDE_PX * SIDE_PX).astype(np.float32)
    somewhere = (some * rng.random(some.shape, dtype=np.float32)).argmax(axis=1)  # (n_broken,)
    rows, columns = np.divmod(np.arange(some.shape[1]), SIDE_PX)
    away = np.hypot(rows - (somewhere // SIDE_PX)[:, None], columns - (somewhere % SIDE_PX)[:, None])  # (n_broken, 784)
    kept = np.clip(away - rng.uniform(0.8, 2.6, (len(broken), 1)) + 0.5, 0, 1)
    images[broken] = np.rint(some * kept).astype(np.uint8).reshape(-1, SIDE_PX, SIDE_PX)


def rolled(images: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    """Return images turned, mirrored and moved around their borders, each batch of 256 alike."""
    moved = images.copy()
    for start in range(0, len(moved), 256):
        some = moved[start : start + 256]
        if rng.random() < 0.5:
            some[:] = some[:, :, ::-1].copy()
        if rng.random() < 0.5:
            some[:] = np.swapaxes(some, 1, 2).copy()
        some[:] = np.roll(some, rng.integers(-6, 7, 2), axis=(1, 2))
    return moved


def lessons(digits: Digits, folder: Path | None, seed: int, *, rejects: bool = True) -> Lessons:
    """Return what the reader learns from.

    Parameters
    ----------
    digits : Digits
        MNIST.
    folder : Path or None
        With ``digits.npz`` and ``not_digits.npz``, and ``printed.npz`` where there is one; None does without letters
        and other hands.
    seed : int
        Of what is generated.
    rejects : bool, default True
        False leaves out all non-digits, to see what learning to reject costs.

    Returns
    -------
    Lessons
        The same for the same seed.

    Raises
    ------
    DigitsError
        If the folder's files are missing or damaged.
    """
    rng = np.random.default_rng([seed, 0])
    plain = digits.train_images
    fine = fine_of_mnist(plain)
    variants, of_variants = make_variants(fine, digits.train_labels, rng)
    own = np.concatenate([fine, variants]), np.concatenate([digits.train_labels, of_variants])
    parts = [(*own, 1)]  # sources, their labels, and how often each comes in an epoch
    if folder is not None:
        written, others = (both.part("train") for both in load_handwriting(folder))
        fine, places = fine_images(written.images)
        parts.append((fine, written.labels[places], TIMES_HANDWRITING))
        if rejects:
            letters = unlike_digits(others)
            fine, places = fine_images(letters.images)
            parts.append((fine, letters.labels[places], TIMES_LETTERS))
            if (folder / PRINTED).exists():
                glyphs = unlike_digits(load_printed(folder / PRINTED))
                fine, places = fine_images(glyphs.images)
                parts.append((fine, glyphs.labels[places], 1))
    if rejects:
        made = make_sources(*own, N_MADE, rng)
        parts.append((made, np.full(len(made), NOT_A_DIGIT, dtype=np.uint8), 1))
    times = np.concatenate([np.full(len(labels), n) for _, labels, n in parts])
    return Lessons(
        sources=np.concatenate([sources for sources, _, _ in parts]),
        labels=np.concatenate([labels for _, labels, _ in parts]),
        which=np.repeat(np.arange(len(times)), times),
        plain=plain,
        whole=make_whole_images(plain, N_WHOLE, rng) if rejects else plain[:0],
        seed=seed,
    )


def unlike_digits(written: Handwriting) -> Handwriting:
    """Return the characters that teach: digits, and what looks like none."""
    return written[~written.looks_like_a_digit & ~np.isin(written.characters, OPEN_DIGITS)]


def fine_of_mnist(images: np.ndarray) -> np.ndarray:
    """Return MNIST's images as sources for deforming, shape (n, 56, 56): twice as fine, by linear interpolation."""
    padded = np.pad(images, ((0, 0), (1, 1), (1, 1)), mode="constant").astype(np.uint16)
    rows = np.empty((len(images), 56, 30), dtype=np.uint16)
    rows[:, 0::2] = 3 * padded[:, 1:-1] + padded[:, :-2]
    rows[:, 1::2] = 3 * padded[:, 1:-1] + padded[:, 2:]
    fine = np.empty((len(images), 56, 56), dtype=np.uint8)
    fine[:, :, 0::2] = (3 * rows[:, :, 1:-1] + rows[:, :, :-2] + 8) >> 4
    fine[:, :, 1::2] = (3 * rows[:, :, 1:-1] + rows[:, :, 2:] + 8) >> 4
    return fine


def with_tuning_digits(digits: Digits, folder: Path | None) -> Digits:
    """Return the digits with those of the writers for tuning as validation digits, as they are and deformed a little.

    There are few such writers. Deformed, their digits stand for hands that nobody lent: docs/decisions/0011.
    """
    if folder is None:
        return digits
    tuning = load_handwriting(folder)[0].part("tune")
    fine, places = fine_images(tuning.images)
    n, rng = len(fine), np.random.default_rng(0)
    images = [deformed(fine, np.arange(n), *none(n))]
    images += [deformed(fine, np.arange(n), draw(n, MILD, rng), draw_fields(n, rng)) for _ in range(N_DEFORMED)]
    labels = np.tile(tuning.labels[places], 1 + N_DEFORMED)
    return replace(digits, validation_images=np.concatenate(images), validation_labels=labels)


def calibrated(network: Network, images: np.ndarray, labels: np.ndarray) -> dict[str, Any]:
    """Return what a model's header says about confidence, measured on digits by the writers for tuning.

    Parameters
    ----------
    network : Network
        The reader.
    images : ndarray of uint8, shape (n, 28, 28)
        Digits from which it has not learned.
    labels : ndarray of int, shape (n,)
        Theirs.

    Returns
    -------
    dict
        What `glassnet.reading.Calibration.from_header` reads. The threshold is the one that accepts 99 % of these
        digits, from 0.5 to 0.95.
    """
    outputs = outputs_of(network, images)
    calibration = fitted(outputs, labels, 0.0)
    confidences = calibration.confidences(outputs)
    at_least = round(float(np.clip(np.quantile(confidences, 1 - DEFAULT_COVERAGE), 0.5, 0.95)), 2)
    buys = choices(confidences, outputs.argmax(axis=1) == labels, tuple(sorted({*THRESHOLDS, at_least})))
    return replace(calibration, at_least=at_least, n=len(labels), choices=buys).header()
