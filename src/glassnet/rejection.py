"""Rejection: how well outputs tell digits from non-digits, and what a threshold buys."""

from dataclasses import dataclass

import numpy as np

from glassnet.errors import DigitsError

COVERAGES = (0.95, 0.99)


@dataclass(frozen=True, slots=True)
class Rejection:
    """How well scores tell digits from non-digits.

    Parameters
    ----------
    n_digits, n_others : int
        How many of each.
    false_acceptance : dict of float to float
        For each share of digits that are accepted, the share of non-digits that are accepted too.
    auroc : float
        The chance that a digit has a larger score than a non-digit: 0.5 tells nothing, 1 tells all.
    confident_errors : float
        Share of non-digits whose score is above 0.9.
    """

    n_digits: int
    n_others: int
    false_acceptance: dict[float, float]
    auroc: float
    confident_errors: float


def rejection(digits: np.ndarray, others: np.ndarray, coverages: tuple[float, ...] = COVERAGES) -> Rejection:
    """Return how well scores tell digits from non-digits.

    Parameters
    ----------
    digits : ndarray of float, shape (n_digits,)
        The score of each digit: its largest output, or its confidence.
    others : ndarray of float, shape (n_others,)
        Of each non-digit.
    coverages : tuple of float, default (0.95, 0.99)
        Shares of digits to be accepted.

    Returns
    -------
    Rejection
        Both kinds of mistakes.

    Raises
    ------
    DigitsError
        If either of them is empty.

    Examples
    --------
    >>> result = rejection(np.array([0.9, 0.8, 0.7, 0.99]), np.array([0.1, 0.75, 0.0, 0.95]), (0.75,))
    >>> result.false_acceptance, result.auroc
    ({0.75: 0.25}, 0.75)
    """
    if not len(digits) or not len(others):
        raise DigitsError("to measure rejection, digits and non-digits are needed; one of them is missing.")
    ranked = np.sort(digits)
    false_acceptance = {}
    for coverage in coverages:
        # the largest threshold that still accepts that share of the digits
        threshold = ranked[int(np.floor(round((1 - coverage) * len(ranked), 9)))]
        false_acceptance[coverage] = float(np.mean(others >= threshold))
    # Mann-Whitney: pairs in which the digit wins, ties counted half
    below = np.searchsorted(np.sort(others), digits, side="left")
    not_above = np.searchsorted(np.sort(others), digits, side="right")
    auroc = float((below + not_above).sum() / 2 / (len(digits) * len(others)))
    return Rejection(len(digits), len(others), false_acceptance, auroc, float(np.mean(others > 0.9)))


@dataclass(frozen=True, slots=True)
class Choice:
    """What a threshold buys.

    Parameters
    ----------
    at_least : float
        The confidence at or above which a mark is accepted.
    coverage : float
        Share of digits that are accepted.
    accuracy : float
        Share of those that are right; NaN where none is accepted.
    """

    at_least: float
    coverage: float
    accuracy: float


def choices(confidences: np.ndarray, right: np.ndarray, thresholds: tuple[float, ...]) -> tuple[Choice, ...]:
    """Return what each threshold buys: risk and coverage.

    Parameters
    ----------
    confidences : ndarray of float, shape (n,)
        Of digits.
    right : ndarray of bool, shape (n,)
        Whether each was read correctly.
    thresholds : tuple of float
        Confidences.

    Returns
    -------
    tuple of Choice
        One for each.
    """
    result = []
    for at_least in thresholds:
        accepted = confidences >= at_least
        accuracy = float(np.mean(right[accepted])) if accepted.any() else float("nan")
        result.append(Choice(at_least, float(np.mean(accepted)), accuracy))
    return tuple(result)
