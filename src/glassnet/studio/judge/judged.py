"""Judged: how a network reads the test digits, and what a threshold buys."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from glassnet.digits import Digits
from glassnet.errors import DivergedError
from glassnet.evaluation import Evaluation, calibration_bins, evaluate, expected_calibration_error, traces
from glassnet.rejection import Choice, choices
from glassnet.studio.judge.schema import BinTold, CellTold, ChoiceTold, JudgedPicture, TestJudged
from glassnet.studio.shown.kept import Kept
from glassnet.studio.shown.pictures import in_text
from glassnet.studio.shown.seeing import Held, told

THRESHOLDS = tuple(i / 100 for i in range(101))
MOST_MULTIPLICATIONS = 3e10
"""Of one answer: a network that is too wide for that is shown fewer digits."""
N_MISTAKES = 16
N_IN_CELL = 48


@dataclass(frozen=True, slots=True, eq=False)
class Subject:
    """A network to be judged, and where its results are kept.

    Parameters
    ----------
    held : Held
        The network.
    key : str
        What distinguishes it from all others.
    kept : Kept
        Of all networks.
    digits : Digits
        Whose test digits are taken.
    """

    held: Held
    key: str
    kept: Kept
    digits: Digits


@dataclass(frozen=True, slots=True, eq=False)
class Read:
    """What a network makes of test digits.

    Parameters
    ----------
    evaluation : Evaluation
        Its answers.
    confidences : ndarray of float, shape (n,)
        Calibrated where the network has a calibration, else its largest outputs.
    right : ndarray of bool, shape (n,)
        Whether each is read correctly.
    """

    evaluation: Evaluation
    confidences: np.ndarray
    right: np.ndarray


def confidences_of(held: Held, most: np.ndarray) -> np.ndarray:
    """Return confidences from the largest outputs, shape (n,)."""
    return most if held.calibration is None else held.calibration.confidences(most[:, None])


def own_threshold(held: Held) -> float:
    """Return the threshold that comes with a network; 0 accepts all."""
    return 0.0 if held.calibration is None else held.calibration.at_least


def affordable(held: Held, n: int) -> int:
    """Return how many of n digits a network is shown in one answer."""
    n_weights = sum(weights.size for weights in held.network.weights)
    return max(100, min(n, int(MOST_MULTIPLICATIONS / n_weights)))


def read_of(subject: Subject) -> Read:
    """Return what a network makes of the test digits."""
    held, digits = subject.held, subject.digits

    def make() -> Read:
        n = affordable(held, len(digits.test_images))
        with np.errstate(all="ignore"):  # what is not finite is refused
            evaluation = evaluate(held.network, digits.test_images[:n], digits.test_labels[:n])
        return Read(
            evaluation, confidences_of(held, evaluation.confidences), evaluation.answers == digits.test_labels[:n]
        )

    return subject.kept.take((subject.key, "read"), make)


def answers_to(held: Held, images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the digit with the largest output and the confidence in it, for each image."""
    answers, most = np.empty(len(images), dtype=np.int64), np.empty(len(images))
    with np.errstate(all="ignore"):
        for some, trace in traces(held.network, images):
            answers[some], most[some] = trace.outputs.argmax(axis=1), trace.outputs.max(axis=1)
    if not np.isfinite(most).all():
        raise DivergedError("the network's outputs are not finite numbers: its weights are too large.")
    return answers, confidences_of(held, most)


def most_confident(which: np.ndarray, confidences: np.ndarray, most: int) -> np.ndarray:
    """Return the indices where `which` is true, the most confident first and the earlier of equals."""
    places = np.flatnonzero(which)
    return places[np.argsort(-confidences[places], kind="stable")[:most]]


def pictures_of(
    places: Iterable[int], images: np.ndarray, labels: np.ndarray | None, answers: np.ndarray, confidences: np.ndarray
) -> list[JudgedPicture]:
    """Return some images with what they are taken for."""
    return [
        JudgedPicture(
            index=int(i),
            label=None if labels is None else int(labels[i]),
            answer=int(answers[i]),
            confidence=told(confidences[i]),
            image=in_text(images[i]),
        )
        for i in places
    ]


def choice_told(choice: Choice) -> ChoiceTold:
    """Return what a threshold buys."""
    is_some = not np.isnan(choice.accuracy)
    return ChoiceTold(
        at_least=choice.at_least,
        coverage=told(choice.coverage),
        accuracy=told(choice.accuracy) if is_some else None,
    )


def test_judged(subject: Subject) -> TestJudged:
    """Return how a network reads the test digits."""
    held, digits, read = subject.held, subject.digits, read_of(subject)
    evaluation = read.evaluation
    bins = calibration_bins(read.confidences, read.right)
    *bought, own = choices(read.confidences, read.right, (*THRESHOLDS, own_threshold(held)))
    mistakes = most_confident(~read.right, read.confidences, N_MISTAKES)
    return TestJudged(
        network=held.name,
        rejects=held.calibration is not None,
        n=evaluation.n,
        accuracy=told(evaluation.accuracy),
        cost=told(evaluation.cost),
        confusion=evaluation.confusion.tolist(),
        digit_accuracies=[None if np.isnan(share) else told(share) for share in evaluation.digit_accuracies],
        calibration=[
            BinTold(low=b.low, high=b.high, n=b.n, confidence=told(b.confidence), accuracy=told(b.accuracy))
            for b in bins
        ],
        calibration_error=told(expected_calibration_error(bins)),
        choices=[choice_told(choice) for choice in bought],
        own=choice_told(own),
        mistakes=pictures_of(mistakes, digits.test_images, digits.test_labels, evaluation.answers, read.confidences),
    )


def cell_told(subject: Subject, label: int, answer: int) -> CellTold:
    """Return the digits of a cell of the confusion matrix."""
    digits, read = subject.digits, read_of(subject)
    answers = read.evaluation.answers
    which = (digits.test_labels[: len(answers)] == label) & (answers == answer)
    places = most_confident(which, read.confidences, N_IN_CELL)
    return CellTold(
        network=subject.held.name,
        n=int(which.sum()),
        digits=pictures_of(places, digits.test_images, digits.test_labels, answers, read.confidences),
    )
