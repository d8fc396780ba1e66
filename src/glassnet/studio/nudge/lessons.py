"""Lessons: steps taken for one example, and what they cost elsewhere, as they are told to the page."""

from dataclasses import dataclass

import numpy as np

from glassnet.digits import Digits
from glassnet.evaluation import Evaluation, evaluate
from glassnet.network import Network
from glassnet.nudges import as_vector, largest_moves, mean_cost, teach
from glassnet.nudges.teaching import Lesson as Taught
from glassnet.studio.nudge.schema import AskLesson, Changed, LessonTold, Move, Standing
from glassnet.studio.nudge.wishes import Lesson
from glassnet.studio.shown.pictures import in_text
from glassnet.studio.shown.sample import Sample, sample_of
from glassnet.studio.shown.seeing import place_of, told

N_MOVES = 12
N_CHANGED = 12
MOST_PICTURES = 64


@dataclass(frozen=True, slots=True, eq=False)
class Looked:
    """A network on its example, the digits beside it, and the test digits.

    Parameters
    ----------
    outputs : ndarray, shape (10,)
        For the example.
    cost : float
        Of the example.
    cost_beside : float or None
        Mean of the digits beside it.
    tested : Evaluation
        On the test digits.
    """

    outputs: np.ndarray
    cost: float
    cost_beside: float | None
    tested: Evaluation


def taught(lesson: Lesson, asked: AskLesson, digits: Digits) -> tuple[Taught, Sample | None]:
    """Return what the steps that are asked for make of the network, and the digits learned beside it."""
    sample = None if asked.beside is None else sample_of(digits, asked.beside)
    beside = None if sample is None else (sample.inputs, sample.wanted)
    found = teach(
        lesson.network,
        lesson.inputs,
        lesson.wanted,
        learning_rate=asked.learning_rate,
        n_steps=asked.n_steps,
        beside=beside,
    )
    return found, sample


def lesson_told(lesson: Lesson, asked: AskLesson, digits: Digits) -> LessonTold:
    """Return what a lesson does to its example, to the digits beside it and to the test digits."""
    found, sample = taught(lesson, asked, digits)
    before = looked(lesson.network, found, 0, sample, digits)
    after = looked(found.network, found, -1, sample, digits)
    first = found.network.weights[0] - lesson.network.weights[0]  # (n_hidden, 784)
    scale = float(np.abs(first).max())
    right = [look.tested.answers == digits.test_labels for look in (before, after)]
    mended, broken = np.flatnonzero(~right[0] & right[1]), np.flatnonzero(right[0] & ~right[1])

    def changed(index: int) -> Changed:
        return Changed(
            index=index,
            label=int(digits.test_labels[index]),
            before=int(before.tested.answers[index]),
            after=int(after.tested.answers[index]),
            image=in_text(digits.test_images[index]),
        )

    return LessonTold(
        before=standing(before),
        after=standing(after),
        costs=told(found.costs),
        length=told(found.length),
        moves=[
            Move(
                parameter=place_of(parameter),
                name=parameter.name,
                before=told(parameter.of(lesson.network)),
                after=told(parameter.of(found.network)),
            )
            for parameter in largest_moves(lesson.network, found.network, N_MOVES)
        ],
        layer_lengths=layer_lengths(lesson.network, found.network),
        change_scale=told(scale),
        changes=[in_text(row) for row in np.rint(128 + 127 * first[:MOST_PICTURES] / (scale or 1.0))],
        n_test=len(digits.test_labels),
        n_mended=len(mended),
        n_broken=len(broken),
        mended=[changed(index) for index in mended[:N_CHANGED].tolist()],
        broken=[changed(index) for index in broken[:N_CHANGED].tolist()],
    )


def looked(network: Network, found: Taught, when: int, sample: Sample | None, digits: Digits) -> Looked:
    """Return a network looked at: the one before the lesson is `when` 0, the one after it -1."""
    return Looked(
        outputs=found.outputs[when],
        cost=float(found.costs[when]),
        cost_beside=None if sample is None else mean_cost(network, sample.inputs, sample.wanted),
        tested=evaluate(network, digits.test_images, digits.test_labels),
    )


def standing(look: Looked) -> Standing:
    """Return how a network stands, as it is told."""
    return Standing(
        outputs=told(look.outputs),
        answer=int(look.outputs.argmax()),
        cost=told(look.cost),
        cost_beside=None if look.cost_beside is None else told(look.cost_beside),
        test_cost=told(look.tested.cost),
        test_accuracy=told(look.tested.accuracy),
        digit_accuracies=told(look.tested.digit_accuracies),
    )


def layer_lengths(before: Network, after: Network) -> list[float]:
    """Return how far each layer's weights and biases moved."""
    lengths = []
    for layer in range(1, len(before.layer_sizes)):
        one, other = (
            network.with_parameters((network.weights_into(layer),), (network.biases_of(layer),))
            for network in (before, after)
        )
        lengths.append(told(float(np.linalg.norm(as_vector(other) - as_vector(one)))))
    return lengths
