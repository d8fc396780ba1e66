"""Spoilt: how networks read damaged digits, and where digits lie in a layer."""

import numpy as np

from glassnet.digits.damage import DAMAGES
from glassnet.errors import SettingError
from glassnet.layer_map import layer_map
from glassnet.studio.judge.judged import Subject, affordable, answers_to, pictures_of
from glassnet.studio.judge.schema import DamageCurve, DamageJudged, DamageKind, MapTold
from glassnet.studio.shown.seeing import told

N_DAMAGED = 1_000
N_MAPPED = 2_000
WIDEST = 1_200
"""The most neurons of a layer for which the whole sample is mapped; for a wider one, a quarter of it is."""
SEED = 0
"""Of the noise: the same at every amount, only stronger."""


def damaged_answers(subject: Subject, kind: DamageKind, amount: float, n: int) -> tuple[np.ndarray, ...]:
    """Return n spoilt test digits, the answers to them and the confidences."""
    images = DAMAGES[kind].damaged(subject.digits.test_images[:n], amount, np.random.default_rng(SEED))
    return images, *answers_to(subject.held, images)


def damage_judged(subject: Subject, kind: DamageKind, amount: float) -> DamageJudged:
    """Return how a network reads digits that are spoilt by exactly this amount."""
    low, *_, high = DAMAGES[kind].amounts
    if not low <= amount <= high:
        raise SettingError(f"{kind} goes from {low:g} to {high:g}, not to {amount:g}.")
    n = min(affordable(subject.held, N_DAMAGED), len(subject.digits.test_images))
    labels = subject.digits.test_labels[:n]
    images, answers, confidences = damaged_answers(subject, kind, amount, n)
    first_of_each = [int(np.flatnonzero(labels == digit)[0]) for digit in np.unique(labels)]
    return DamageJudged(
        network=subject.held.name,
        kind=kind,
        amount=amount,
        n=n,
        accuracy=told(np.mean(answers == labels)),
        digits=pictures_of(first_of_each, images, labels, answers, confidences),
    )


def damage_curve(subject: Subject, kind: DamageKind) -> DamageCurve:
    """Return a network's accuracy over the amounts of a damage."""
    damage = DAMAGES[kind]
    n = min(affordable(subject.held, N_DAMAGED * len(damage.amounts)) // len(damage.amounts), N_DAMAGED)
    n = min(n, len(subject.digits.test_images))
    labels = subject.digits.test_labels[:n]
    accuracies = [np.mean(damaged_answers(subject, kind, amount, n)[1] == labels) for amount in damage.amounts]
    return DamageCurve(
        network=subject.held.name,
        kind=kind,
        unit=damage.unit,
        none=damage.none,
        n=n,
        amounts=list(damage.amounts),
        accuracies=told(np.array(accuracies)),
    )


def map_told(subject: Subject, layer: int) -> MapTold:
    """Return where test digits lie in a layer."""
    sizes, digits = subject.held.network.layer_sizes, subject.digits
    width = sizes[layer] if layer < len(sizes) else 0
    n = min(affordable(subject.held, N_MAPPED), len(digits.test_images))
    n = n if width <= WIDEST else n // 4
    with np.errstate(all="ignore"):  # what is not finite is refused
        found = layer_map(subject.held.network, digits.test_images[:n], layer)
    x, y = found.plane.places.T
    return MapTold(
        network=subject.held.name,
        layer=layer,
        width=width,
        n=n,
        x=told(x),
        y=told(y),
        shares=told(np.array(found.plane.shares)),
        labels=digits.test_labels[:n].tolist(),
        answers=found.answers.tolist(),
    )
