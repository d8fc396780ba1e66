"""Expected: what a caller knows of a line before it is read: its digits and signs, a checksum of its number."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, Self

import numpy as np

from glassnet.errors import SettingError
from glassnet.reading.page import Line, Mark
from glassnet.reading.verdict import LEAST_OUTPUT, Calibration, reason_of

DIGIT, SIGNS, GAP = "d", ".,:-/", " "
LONGEST = 100
LEAST_LIKELY, LEAST_LIKELY_SUM = 0.01, 0.05
"""Of a digit that a pattern names, and of all numbers with the right checksum together: what is less likely does not
fit, and is told as it was read. A number may have been written wrongly, too."""
SAME_SIGN, OTHER_SIGN, SIGN_AS_DIGIT, DIGIT_AS_SIGN, UNSEEN_SIGN = 0.97, 0.1, 0.03, 0.05, 0.02
"""How likely a sign is told as itself and as another one; a sign as a 1 or a ``?``; a digit as a sign; one not at all.
Rough figures: they tell ways to lay a pattern on a line apart, and nothing else."""


class Checksum(NamedTuple):
    """A sum over a number's digits that is 0 modulo something if the number is right.

    Parameters
    ----------
    lengths : tuple of int
        How many digits such numbers have; any number from two on, where it is empty.
    modulus : function
        Returns it for a length.
    term : function
        Returns what a digit adds, given its place from the right, from 0 on, the digit, and the length.
    """

    lengths: tuple[int, ...]
    modulus: Callable[[int], int]
    term: Callable[[int, int, int], int]


def luhn_term(place: int, digit: int, _: int) -> int:
    """Return a digit's term in Luhn's sum (ISO/IEC 7812-1): every second digit doubled, and its digits added."""
    return digit if place % 2 == 0 else sum(divmod(2 * digit, 10))


def ean_term(place: int, digit: int, _: int) -> int:
    """Return a digit's term in the sum of GS1's article numbers (EAN, UPC): every second digit three times."""
    return digit if place % 2 == 0 else 3 * digit


def isbn_term(place: int, digit: int, length: int) -> int:
    """Return a digit's term in the sum of a book's number (ISO 2108): of ten digits its place counts, from 1 on."""
    return (place + 1) * digit if length == 10 else ean_term(place, digit, length)


CHECKSUMS = {
    "luhn": Checksum((), lambda _: 10, luhn_term),
    "ean": Checksum((8, 12, 13, 14), lambda _: 10, ean_term),
    "isbn": Checksum((10, 13), lambda length: 11 if length == 10 else 10, isbn_term),
}


@dataclass(frozen=True, slots=True)
class Expected:
    """What each line is expected to say.

    Parameters
    ----------
    pattern : str, default ""
        ``d`` for any digit, a digit for itself, a sign of ``.,:-/``, a space for a gap; any digits, if it is empty.
    checksum : str, default ""
        One of `CHECKSUMS`, that the digits fulfil; of an ISBN of ten digits the last is read only if it is no X.

    Raises
    ------
    SettingError
        If there is nothing to expect, or something that cannot be.
    """

    pattern: str = ""
    checksum: str = ""

    def __post_init__(self) -> None:
        """Refuse what no line can be."""
        strange = sorted(set(self.pattern) - set(DIGIT + SIGNS + GAP + "0123456789"))
        if strange or len(self.pattern) > LONGEST or not (self.pattern or self.checksum):
            raise SettingError(
                f"{str(self)!r} is nothing to expect: write d for any digit, digits for themselves, {' '.join(SIGNS)} "
                f"and spaces, at most {LONGEST}; {', '.join(CHECKSUMS)} for a checksum, or both: luhn:dddd dddd."
            )
        if self.checksum and self.checksum not in CHECKSUMS:
            raise SettingError(f"the checksum must be one of {', '.join(CHECKSUMS)}, not {self.checksum!r}.")
        if self.pattern and not self.n_digits:
            raise SettingError(f"{str(self)!r} expects no digit.")
        lengths = CHECKSUMS[self.checksum].lengths if self.checksum else ()
        if self.pattern and lengths and self.n_digits not in lengths:
            told = " or ".join(map(str, lengths))
            raise SettingError(f"{self.checksum} needs {told} digits; {self.pattern!r} has {self.n_digits}.")

    def __str__(self) -> str:
        """Return it as it is written on the command line."""
        return ":".join(filter(None, [self.checksum, self.pattern]))

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Return what a text says: a pattern, the name of a checksum, or both: ``luhn:dddd dddd dddd dddd``."""
        name, _, pattern = text.partition(":")
        if name in CHECKSUMS:
            return cls(pattern.strip(), name)
        return cls(text.strip())

    @property
    def n_digits(self) -> int:
        """How many digits its pattern has."""
        return sum(sign == DIGIT or sign.isdigit() for sign in self.pattern)

    def fitted(self, line: Line, calibration: Calibration, at_least: float) -> Line:
        """Return a line as it is, if that is what it says.

        Parameters
        ----------
        line : Line
            As it was read.
        calibration : Calibration
            Of the network that read it.
        at_least : float
            The confidence from which on a mark is accepted.

        Returns
        -------
        Line
            With `Line.fits`. One that fits says the digits that are likeliest together, of those that may stand there;
            each mark's confidence is how likely its digit is, given what is expected. One that does not fit is told as
            it was read.
        """
        laid = self.laid_on(line, calibration)
        if laid is None:
            return replace(line, fits=False)
        chances = np.array([chances_of(mark, calibration) for mark, place in laid if is_digit_place(place)])
        return self.told(line, laid, chances, at_least)

    def laid_on(self, line: Line, calibration: Calibration) -> list[tuple[Mark, str]] | None:
        """Return a line's marks, each with the place of the pattern on which it lies best; None if they do not fit."""
        if not self.pattern:
            return [(mark, mark.sign or DIGIT) for mark in line.marks]
        places = self.pattern.replace(GAP, "")
        fits = [[how_well(mark, place, calibration) for place in places] for mark in line.marks]
        unseen = [math.log(UNSEEN_SIGN) if place in SIGNS else -math.inf for place in places]
        # the best way to lay the first places on the first marks, and whether its last place lies on a mark
        best = np.full((len(fits) + 1, len(places) + 1), -math.inf)
        best[0, 0] = 0
        for n_marks in range(len(fits) + 1):
            for n_places in range(1, len(places) + 1):
                skipped = best[n_marks, n_places - 1] + unseen[n_places - 1]
                on_mark = best[n_marks - 1, n_places - 1] + fits[n_marks - 1][n_places - 1] if n_marks else -math.inf
                best[n_marks, n_places] = max(skipped, on_mark)
        if best[-1, -1] == -math.inf:
            return None
        laid, n_marks, n_places = [], len(fits), len(places)
        while n_places:
            if n_marks and best[n_marks, n_places] == best[n_marks - 1, n_places - 1] + fits[n_marks - 1][n_places - 1]:
                laid.append((line.marks[n_marks - 1], places[n_places - 1]))
                n_marks -= 1
            n_places -= 1
        return laid[::-1]

    def told(self, line: Line, laid: Sequence[tuple[Mark, str]], chances: np.ndarray, at_least: float) -> Line:
        """Return a line on which a pattern lies, its digits the likeliest ones with the right checksum."""
        literals = [place for _, place in laid if is_digit_place(place)]
        for row, place in zip(chances, literals, strict=True):
            if place != DIGIT:
                row[np.arange(10) != int(place)] = 0
        if self.checksum:
            checksum, n = CHECKSUMS[self.checksum], len(chances)
            if n < 2 or (checksum.lengths and n not in checksum.lengths):
                return replace(line, fits=False)
            terms = np.array([[checksum.term(n - 1 - place, digit, n) for digit in range(10)] for place in range(n)])
            found = with_sum(chances, terms, checksum.modulus(n))
            if found is None:
                return replace(line, fits=False)
            digits, chances = found
        else:
            chances = chances / chances.sum(axis=1, keepdims=True)
            digits = chances.argmax(axis=1)
        marks, place = [], 0
        for mark, sign in laid:
            if not is_digit_place(sign):
                marks.append(replace(mark, sign=sign))
                continue
            digit, confidence = int(digits[place]), float(chances[place, digits[place]])
            is_sure = confidence >= at_least
            reason = None if is_sure else reason_of(chances[place])
            verdict = replace(mark.verdict, digit=digit if is_sure else None, confidence=confidence, reason=reason)
            marks.append(replace(mark, verdict=verdict, sign=None))
            place += 1
        return replace(line, marks=tuple(marks), starts=self.starts(laid, line), fits=True)

    def starts(self, laid: Sequence[tuple[Mark, str]], line: Line) -> tuple[int, ...]:
        """Return before which marks there is a gap: where the pattern says so, or as it was where there is none."""
        if not self.pattern:
            return line.starts
        # an unseen sign has no mark: each gap stands before the first mark that lies beyond it
        starts, places = [], iter(self.pattern)
        for n_before, (_, sign) in enumerate(laid):
            for place in places:
                if place == GAP and n_before and n_before not in starts:
                    starts.append(n_before)
                elif place == sign:
                    break
        return tuple(starts)


def is_digit_place(place: str) -> bool:
    """Return whether a place of a pattern is a digit's."""
    return place == DIGIT or place.isdigit()


def chances_of(mark: Mark, calibration: Calibration) -> np.ndarray:
    """Return how likely a mark is each digit, shape (10,), if it is one.

    The likeliest is so by its calibrated confidence; the others share the rest as the network's outputs do.
    """
    outputs = mark.verdict.outputs.astype(np.float64)
    confidence = float(calibration.confidences(outputs[None])[0])
    chances = np.maximum(outputs, LEAST_OUTPUT)
    first = int(outputs.argmax())
    chances[first] = 0
    chances *= (1 - confidence) / chances.sum()
    chances[first] = max(confidence, float(chances.max()))
    return chances / chances.sum()


def how_well(mark: Mark, place: str, calibration: Calibration) -> float:
    """Return the logarithm of how likely a mark is what stands at a place of a pattern."""
    if place in SIGNS:
        if mark.sign is not None:
            return math.log(SAME_SIGN if mark.sign == place else OTHER_SIGN)
        return math.log(SIGN_AS_DIGIT) if mark.verdict.digit in (None, 1) else -math.inf
    told = 0.0 if mark.sign is None else math.log(DIGIT_AS_SIGN)
    if place == DIGIT:
        return told
    chance = float(chances_of(mark, calibration)[int(place)])
    return told + math.log(chance) if chance >= LEAST_LIKELY else -math.inf


def with_sum(chances: np.ndarray, terms: np.ndarray, modulus: int) -> tuple[np.ndarray, np.ndarray] | None:
    """Return the likeliest digits whose terms add up to 0, and how likely each digit is given that they do.

    Parameters
    ----------
    chances : ndarray of float64, shape (n, 10)
        How likely each mark is each digit, all marks apart.
    terms : ndarray of int, shape (n, 10)
        What each digit at each place adds.
    modulus : int
        Of the sum.

    Returns
    -------
    tuple of ndarray, or None
        Digits, shape (n,), and chances, shape (n, 10): by dynamic programming over places and sums so far. None if
        such digits are hardly likely.
    """
    n = len(chances)
    sums = (np.arange(modulus)[None, :, None] + terms[:, None, :]) % modulus  # (n, modulus, 10): after each digit
    before = np.zeros((n + 1, modulus))  # how likely the digits before a place add up to each sum
    best, through = np.zeros((n + 1, modulus)), np.zeros((n, modulus, 2), dtype=np.int64)
    before[0, 0] = best[0, 0] = 1
    for place in range(n):
        np.add.at(before[place + 1], sums[place], before[place][:, None] * chances[place])
        for so_far in range(modulus):
            for digit in range(10):
                chance, total = best[place, so_far] * chances[place, digit], sums[place, so_far, digit]
                if chance > best[place + 1, total]:
                    best[place + 1, total], through[place, total] = chance, (so_far, digit)
    if before[n, 0] < LEAST_LIKELY_SUM:
        return None
    after = np.zeros((n + 1, modulus))  # how likely the digits from a place on bring each sum to 0
    after[n, 0] = 1
    for place in reversed(range(n)):
        after[place] = (chances[place] * after[place + 1][sums[place]]).sum(axis=1)
    given = np.array([(before[k][:, None] * chances[k] * after[k + 1][sums[k]]).sum(axis=0) for k in range(n)])
    digits, total = np.zeros(n, dtype=np.int64), 0
    for place in reversed(range(n)):
        total, digits[place] = through[place, total]
    return digits, given / before[n, 0]
