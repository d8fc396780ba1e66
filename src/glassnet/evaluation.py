"""How good a network is: accuracy, confusions, cost and calibration on digits that it did not learn from."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from glassnet.backpropagation import cost_of_examples
from glassnet.digits import as_inputs, one_hot
from glassnet.errors import DigitsError, DivergedError
from glassnet.network import Network, Trace, feedforward

CHUNK = 2_000
"""Examples that are fed forward at a time: this bounds the memory, and fits a processor's cache."""


@dataclass(frozen=True, slots=True)
class CalibrationBin:
    """The examples whose largest output lay in one tenth of [0, 1].

    Parameters
    ----------
    low, high : float
        The tenth.
    n : int
        Examples in it.
    confidence : float
        Mean of their largest outputs; 0 where n is 0.
    accuracy : float
        Share of them that is right; 0 where n is 0.
    """

    low: float
    high: float
    n: int
    confidence: float
    accuracy: float


@dataclass(frozen=True, slots=True)
class Evaluation:
    """What a network makes of labelled digits.

    Parameters
    ----------
    n : int
        How many there were.
    accuracy : float
        Share whose largest output is that of the label.
    cost : float
        Mean cost of an example, without regularisation.
    confusion : ndarray of int, shape (n_classes, n_classes)
        ``confusion[label, answer]`` counts examples.
    calibration : tuple of CalibrationBin
        Ten of them.
    calibration_error : float
        Expected calibration error, equation (25).
    answers : ndarray of int, shape (n,)
        The digit with the largest output, for each example.
    confidences : ndarray of float, shape (n,)
        That output itself, as the network gave it.
    """

    n: int
    accuracy: float
    cost: float
    confusion: np.ndarray
    calibration: tuple[CalibrationBin, ...]
    calibration_error: float
    answers: np.ndarray
    confidences: np.ndarray

    @property
    def digit_accuracies(self) -> np.ndarray:
        """Share that is right for each label, shape (n_classes,); NaN for a label that did not occur."""
        of_label = self.confusion.sum(axis=1)  # (n_classes,)
        right = np.diag(self.confusion).astype(float)
        return np.divide(right, of_label, out=np.full(len(right), np.nan), where=of_label > 0)


def traces(network: Network, images: np.ndarray) -> Iterator[tuple[slice, Trace]]:
    """Yield what the network makes of the images, a few thousand at a time.

    Parameters
    ----------
    network : Network
        Any network that has as many inputs as the images have pixels.
    images : ndarray of uint8, shape (n, height, width)
        Any number of them.

    Yields
    ------
    tuple of slice and Trace
        Which images, and what became of them.
    """
    for first in range(0, len(images), CHUNK):
        some = slice(first, min(first + CHUNK, len(images)))
        yield some, feedforward(network, as_inputs(images[some], dtype=network.dtype))


def accuracy(network: Network, images: np.ndarray, labels: np.ndarray) -> float:
    """Return the share of images whose largest output is that of their label.

    Parameters
    ----------
    network : Network
        Of NumPy arrays.
    images : ndarray of uint8, shape (n, height, width)
        At least one.
    labels : ndarray of int, shape (n,)
        Their digits.

    Returns
    -------
    float
        From 0 to 1.
    """
    right = 0
    for some, trace in traces(network, images):
        right += int(np.count_nonzero(np.argmax(trace.outputs, axis=1) == labels[some]))
    return right / len(images)


def evaluate(network: Network, images: np.ndarray, labels: np.ndarray) -> Evaluation:
    """Return everything there is to say about a network's answers to labelled digits.

    Parameters
    ----------
    network : Network
        Of NumPy arrays.
    images : ndarray of uint8, shape (n, height, width)
        At least one.
    labels : ndarray of int, shape (n,)
        Their digits.

    Returns
    -------
    Evaluation
        Computed in the network's own precision.

    Raises
    ------
    DivergedError
        If an output is not a finite number.
    DigitsError
        If there are no images, or a label for which the network has no output.

    Notes
    -----
    The confidence of an answer is its output, uncalibrated: what the videos read off the brightest neuron.
    """
    n_classes = network.layer_sizes[-1]
    if not len(images):
        raise DigitsError("there are no digits to evaluate on.")
    if int(labels.max()) >= n_classes:
        raise DigitsError(f"a label is {int(labels.max())}, but the network has outputs for 0 to {n_classes - 1} only.")
    answers = np.empty(len(images), dtype=np.int64)
    confidences = np.empty(len(images))
    cost = 0.0
    for some, trace in traces(network, images):
        answers[some] = np.argmax(trace.outputs, axis=1)
        confidences[some] = np.max(trace.outputs, axis=1)
        wanted = one_hot(labels[some], n_classes, dtype=network.dtype)
        if not np.isfinite(trace.outputs).all():
            raise DivergedError("the network's outputs are not finite numbers: its weights are too large.")
        cost += float(np.sum(cost_of_examples(network, trace, wanted), dtype=np.float64))
    confusion = np.zeros((n_classes, n_classes), dtype=np.int64)
    np.add.at(confusion, (labels, answers), 1)
    right = answers == labels
    bins = calibration_bins(confidences, right)
    return Evaluation(
        n=len(images),
        accuracy=float(np.mean(right)),
        cost=cost / len(images),
        confusion=confusion,
        calibration=bins,
        calibration_error=expected_calibration_error(bins),
        answers=answers,
        confidences=confidences,
    )


def calibration_bins(confidences: np.ndarray, right: np.ndarray, n_bins: int = 10) -> tuple[CalibrationBin, ...]:
    """Return how often answers were right, by how sure the network was: equation (25).

    Parameters
    ----------
    confidences : ndarray of float, shape (n,)
        From 0 to 1; what lies outside counts towards the nearest bin.
    right : ndarray of bool, shape (n,)
        Whether each answer was right.
    n_bins : int, default 10
        Equal parts of [0, 1].

    Returns
    -------
    tuple of CalibrationBin
        From the least to the most confident.
    """
    which = np.minimum((np.clip(confidences, 0, 1) * n_bins).astype(int), n_bins - 1)  # (n,)
    counts = np.bincount(which, minlength=n_bins)
    divisor = np.maximum(counts, 1)
    mean_confidence = np.bincount(which, weights=confidences, minlength=n_bins) / divisor
    share_right = np.bincount(which, weights=right, minlength=n_bins) / divisor
    return tuple(
        CalibrationBin(i / n_bins, (i + 1) / n_bins, int(counts[i]), float(mean_confidence[i]), float(share_right[i]))
        for i in range(n_bins)
    )


def expected_calibration_error(bins: tuple[CalibrationBin, ...]) -> float:
    """Return how far confidence and accuracy lie apart, the bins weighted by their examples: equation (25).

    Parameters
    ----------
    bins : tuple of CalibrationBin
        With at least one example in all.

    Returns
    -------
    float
        From 0 to 1.
    """
    # ECE = sum over the bins of n_bin / n * |accuracy - confidence|
    return sum(b.n * abs(b.accuracy - b.confidence) for b in bins) / sum(b.n for b in bins)
