"""Verdicts: a digit and how sure that is, or none and why."""

import math
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from glassnet.header import check_calibration
from glassnet.rejection import Choice

NOTHING = "nothing there"
TOO_LITTLE = "too little ink"
CUT_OFF = "cut off at the edge"
SEVERAL = "more than one mark"
UNLIKE = "unlike any digit"
SIGN = "a sign between digits"
LEAST_OUTPUT = 1e-6
RIVAL = 0.3
"""Share of the largest output at or above which the second is named as well ..."""
LEAST_RIVAL = 0.2
"""... if the largest is at least this."""


@dataclass(frozen=True, slots=True, eq=False)
class Verdict:
    """What a mark is taken for.

    Parameters
    ----------
    digit : int or None
        None if it is rejected.
    confidence : float
        How often a mark with such outputs is the digit whose output is largest, measured on writers that the network
        had not seen: from 0 to 1.
    reason : str or None
        Why it is no digit: "nothing there", "too little ink", "cut off at the edge", "more than one mark", "unlike any
        digit", "a sign between digits", or "a 3 or a 5", the two digits that are about equally likely. None if it is.
    outputs : ndarray of float32, shape (10,)
        The network's; all of them near 0 for a non-digit. A blank image has outputs too.
    """

    digit: int | None
    confidence: float
    reason: str | None
    outputs: np.ndarray


@dataclass(frozen=True, slots=True)
class Calibration:
    """How the largest output becomes a confidence, and how large that must be for a mark to be accepted.

    Parameters
    ----------
    slope, offset : float
        confidence = sigmoid(slope * ln(a / (1 - a)) + offset) for the largest output a (J. Platt, *Probabilistic
        outputs for support vector machines*, 1999), both measured on writers for tuning.
    at_least : float
        The confidence at or above which a mark is accepted.
    n : int, default 0
        Digits on which `choices` were measured.
    choices : tuple of Choice, default ()
        What other thresholds buy; empty where that was not measured.
    """

    slope: float = 1.0
    offset: float = 0.0
    at_least: float = 0.5
    n: int = 0
    choices: tuple[Choice, ...] = ()

    @classmethod
    def from_header(cls, results: dict[str, Any]) -> Self | None:
        """Return the calibration in the results of a model.

        Parameters
        ----------
        results : dict
            `glassnet.Model.results`; `glassnet.load_model` has checked what a file says.

        Returns
        -------
        Calibration or None
            None if there is none: the network was not taught to reject non-digits.

        Raises
        ------
        DamagedError
            If there is something else in its place, in a model that was made and not loaded.
        """
        told = results.get("calibration")
        check_calibration(told)
        if told is None:
            return None
        choices = tuple(choice_from(choice) for choice in told.get("choices", ()))
        numbers = (float(told[name]) for name in ("slope", "offset", "at_least"))
        return cls(*numbers, n=int(told["n"]) if choices else 0, choices=choices)

    def header(self) -> dict[str, Any]:
        """Return what `from_header` reads."""
        return {
            "slope": self.slope,
            "offset": self.offset,
            "at_least": self.at_least,
            "n": self.n,
            "choices": [
                {
                    "at_least": c.at_least,
                    "coverage": c.coverage,
                    "accuracy": None if math.isnan(c.accuracy) else c.accuracy,
                }
                for c in self.choices
            ],
        }

    def confidences(self, outputs: np.ndarray) -> np.ndarray:
        """Return the confidence of each row of outputs, shape (n,)."""
        most = outputs.max(axis=1).astype(np.float64).clip(LEAST_OUTPUT, 1 - LEAST_OUTPUT)
        return 1 / (1 + np.exp(-(self.slope * np.log(most / (1 - most)) + self.offset)))


UNCALIBRATED = Calibration(at_least=0.0)
"""For a network without a calibration: the largest output is taken as it is, and every mark for a digit."""


def choice_from(told: dict[str, Any]) -> Choice:
    """Return one of a header's choices. NaN is null in JSON."""
    accuracy = math.nan if told.get("accuracy") is None else told["accuracy"]
    return Choice(float(told["at_least"]), float(told["coverage"]), float(accuracy))


def fitted(outputs: np.ndarray, labels: np.ndarray, at_least: float) -> Calibration:
    """Return the calibration that fits some answers best: the most likely slope and offset.

    Parameters
    ----------
    outputs : ndarray, shape (n, 10)
        A network's answers to digits that it has not seen.
    labels : ndarray of int, shape (n,)
        What they are.
    at_least : float
        For the calibration.

    Returns
    -------
    Calibration
        By Newton's method on the logarithm of the likelihood.
    """
    most = outputs.max(axis=1).astype(np.float64).clip(LEAST_OUTPUT, 1 - LEAST_OUTPUT)
    features = np.stack([np.log(most / (1 - most)), np.ones(len(most))], axis=1)  # (n, 2)
    is_right = (outputs.argmax(axis=1) == labels).astype(np.float64)
    # Platt's targets: as if one more of each kind had been seen, so that no certainty comes of few mistakes
    n_right = is_right.sum()
    target = np.where(is_right > 0, (n_right + 1) / (n_right + 2), 1 / (len(labels) - n_right + 2))
    parameters = np.array([1.0, 0.0])
    for _ in range(50):
        chances = 1 / (1 + np.exp(-features @ parameters))
        weights = np.maximum(chances * (1 - chances), 1e-9)
        step = np.linalg.solve(
            (features * weights[:, None]).T @ features + 1e-6 * np.eye(2), features.T @ (target - chances)
        )
        parameters = parameters + step
        if np.abs(step).max() < 1e-9:
            break
    return Calibration(float(parameters[0]), float(parameters[1]), at_least)


@dataclass(frozen=True, slots=True, eq=False)
class Verdicts:
    """What many marks are taken for: `Verdict`, column by column.

    Parameters
    ----------
    digits : ndarray of int8, shape (n,)
        -1 for a mark that is rejected.
    confidences : ndarray of float64, shape (n,)
        As in `Verdict`.
    reasons : ndarray of object, shape (n,)
        Texts, or None for what is accepted.
    outputs : ndarray of float32, shape (n, 10)
        The network's.
    """

    digits: np.ndarray
    confidences: np.ndarray
    reasons: np.ndarray
    outputs: np.ndarray

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.digits)

    def __getitem__(self, place: int) -> Verdict:
        """Return one of them."""
        digit = int(self.digits[place])
        return Verdict(
            None if digit < 0 else digit, float(self.confidences[place]), self.reasons[place], self.outputs[place]
        )


def decide(outputs: np.ndarray, calibration: Calibration, at_least: float) -> Verdicts:
    """Return the verdicts on many marks.

    Parameters
    ----------
    outputs : ndarray, shape (n, 10)
        The network's.
    calibration : Calibration
        Makes confidences of them.
    at_least : float
        What a confidence has to be for its mark to be accepted.

    Returns
    -------
    Verdicts
        What is rejected is "unlike any digit", or two digits are about equally likely.
    """
    confidences = calibration.confidences(outputs)
    accepted = confidences >= at_least
    digits = np.where(accepted, outputs.argmax(axis=1), -1).astype(np.int8)
    reasons = np.full(len(outputs), None, dtype=object)
    rejected = np.flatnonzero(~accepted)
    if len(rejected):
        first, second = np.argsort(-outputs[rejected], axis=1, kind="stable")[:, :2].T
        largest, next_one = outputs[rejected, first], outputs[rejected, second]
        reasons[rejected] = UNLIKE
        rivals = np.flatnonzero((largest > LEAST_RIVAL) & (next_one > RIVAL * largest))
        for place in rivals.tolist():
            reasons[rejected[place]] = one_or_other(int(first[place]), int(second[place]))
    return Verdicts(digits, confidences, reasons, outputs)


def reason_of(chances: np.ndarray) -> str:
    """Return why no digit is told of one mark whose digits are so likely, shape (10,)."""
    second, first = np.argsort(chances, kind="stable")[-2:].tolist()
    is_rival = chances[first] > LEAST_RIVAL and chances[second] > RIVAL * chances[first]
    return one_or_other(first, second) if is_rival else UNLIKE


def one_or_other(first: int, second: int) -> str:
    """Return the reason for which two digits are about equally likely."""
    low, high = sorted((first, second))
    return f"a {low} or a {high}"
