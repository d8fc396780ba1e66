"""Watching: what a page is told of a run, as it is or as it was."""

import numpy as np

from glassnet.engines import outputs_of
from glassnet.errors import SettingError
from glassnet.studio.learn.schema import Checked, RunNews, WeightPictures
from glassnet.studio.runs.course import Course
from glassnet.studio.runs.health import Checkup, checkup_of, troubles
from glassnet.studio.runs.history import History
from glassnet.studio.runs.schema import LayerHealth
from glassnet.studio.shown.kept import Kept
from glassnet.studio.shown.pictures import in_text
from glassnet.studio.shown.seeing import told

MOST_PICTURES = 64
N_CHECKED = 60


def news_of(course: Course, checkups: Kept) -> RunNews:
    """Return everything that is new of a run."""
    with course.lock:
        run, settings, learned, speed = course.told(), course.settings, course.learned, course.steps_per_second
        costs, moments, n_each = course.costs_told(), course.moments_told(), learned.curve.n_each
        history = History(list(learned.history.snapshots))
    found = Checkup([], 0.0, 0.0, 0.0)  # nothing can be measured of a network that leapt too far
    if history.newest.network.is_finite:
        found = checkup_of(course, learned, history.newest, checkups)
    return RunNews(
        run=run,
        learning_rate=settings.learning_rate,
        mini_batch_size=settings.mini_batch_size,
        steps_per_second=speed,
        costs=costs,
        mini_batches_per_point=n_each,
        moments=moments,
        layers=found.layers,
        troubles=troubles(settings, history, found, has_failed=run.state == "failed"),
    )


def health_of(course: Course, moment: int | None, checkups: Kept) -> list[LayerHealth]:
    """Return how each layer fared at a moment."""
    with course.lock:
        learned, snapshot = course.learned, course.history.at(moment)
    return checkup_of(course, learned, snapshot, checkups).layers


def weight_pictures(course: Course, layer: int, moment: int | None) -> WeightPictures:
    """Return the weights of a layer at a moment as pictures; SettingError if there is no such layer."""
    with course.lock:
        snapshot = course.history.at(moment)
    if not 1 <= layer <= len(snapshot.network.weights):
        raise SettingError(f"there is no layer {layer}: this network has layers 1 to {len(snapshot.network.weights)}.")
    weights = snapshot.network.weights_into(layer)[:MOST_PICTURES]
    scale = float(np.abs(weights).max()) or 1.0
    return WeightPictures(
        moment=snapshot.moment,
        layer=layer,
        neurons=list(range(len(weights))),
        n_inputs=weights.shape[1],
        scale=scale,
        pictures=[in_text(row) for row in np.rint(128 + 127 * weights / scale)],
    )


def checked(course: Course, moment: int | None) -> Checked:
    """Return some test digits and what a network made of them at a moment."""
    with course.lock:
        snapshot = course.history.at(moment)
    digits = course.classroom.digits
    with np.errstate(all="ignore"):
        outputs = outputs_of(snapshot.network, digits.test_images[:N_CHECKED])
    return Checked(
        moment=snapshot.moment,
        indices=list(range(N_CHECKED)),
        labels=digits.test_labels[:N_CHECKED].tolist(),
        answers=outputs.argmax(axis=1).tolist(),
        outputs=told(np.nan_to_num(outputs.max(axis=1))),
        images=[in_text(image) for image in digits.test_images[:N_CHECKED]],
    )
