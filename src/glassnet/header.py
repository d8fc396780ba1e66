"""What a header says about a network: every entry that glassnet itself reads is checked here, once, as it is loaded."""

import reprlib
import sys
from typing import Any

from glassnet.errors import DamagedError

ABOUT = ("training", "data", "results")
"""The parts that say how a network was trained, on what, and how well it does."""
TEXTS = {
    "training": ("origin", "changed_by_hand", "optimizer"),
    "data": ("name", "source", "licence"),
}
AMOUNTS = {"training": ("epochs_done", "mini_batch_size", "learning_rate", "seed")}
SHARES = {"results": ("test_accuracy", "train_accuracy", "validation_accuracy")}
MOST_DIGITS = 10**12
"""The most that a calibration can have been measured on."""


def check_about(header: dict[str, Any]) -> None:
    """Refuse a header in which something else stands where glassnet reads.

    Parameters
    ----------
    header : dict
        With ``training``, ``data`` and ``results``. What is missing or None is not known; what nobody here reads may be
        anything.

    Raises
    ------
    DamagedError
        One sentence without the file's name.
    """
    for part in ABOUT:
        entries = header.get(part, {})
        if not isinstance(entries, dict):
            raise DamagedError(f"its header is damaged: its {part} holds no named entries.")
        for name in TEXTS.get(part, ()):
            if not isinstance(entries.get(name), str | None):
                raise DamagedError(f"its {part}.{name} is {reprlib.repr(entries[name])}; a text is expected.")
        for names, most in ((AMOUNTS, sys.float_info.max), (SHARES, 1)):
            for name in names.get(part, ()):
                if entries.get(name) is not None:
                    number_in(entries, name, f"{part}.", 0, most)
    check_calibration(header.get("results", {}).get("calibration"))


def check_calibration(told: Any) -> None:
    """Refuse what is no calibration, as `glassnet.reading.Calibration` reads it; DamagedError. None is none at all."""
    if told is None:
        return
    where = "results.calibration."
    if not isinstance(told, dict):
        raise DamagedError("its results.calibration holds no named numbers.")
    number_in(told, "slope", where)
    number_in(told, "offset", where)
    number_in(told, "at_least", where, 0, 1)
    choices = told.get("choices", [])
    if not isinstance(choices, list) or not all(isinstance(choice, dict) for choice in choices):
        raise DamagedError(f"its {where}choices are no list of named numbers.")
    if choices:
        number_in(told, "n", where, 0, MOST_DIGITS)
    for place, choice in enumerate(choices):
        for name in ("at_least", "coverage", "accuracy"):
            if name != "accuracy" or choice.get(name) is not None:  # null where nothing was accepted
                number_in(choice, name, f"{where}choices[{place}].", 0, 1)


def number_in(
    entries: dict[str, Any], name: str, where: str, least: float = -sys.float_info.max, most: float = sys.float_info.max
) -> float:
    """Return a number of a header, or refuse what stands in its place.

    Parameters
    ----------
    entries : dict
        A part of the header, or all of it.
    name : str
        Of the number.
    where : str
        What comes before the name in the sentence that refuses it: "results.calibration.".
    least, most : float, default all that a float can be
        Where the number must lie.

    Returns
    -------
    float
        Finite.

    Raises
    ------
    DamagedError
        If there is something else or nothing; the text is one sentence without the file's name.
    """
    value = entries.get(name)
    # true and false are no numbers here; NaN lies nowhere, and some whole numbers are beyond any float
    if isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most:
        return float(value)
    found = f"is {reprlib.repr(value)}" if name in entries else "is missing"
    bounds = f" from {least:g} to {most:g}" if most < sys.float_info.max else ""
    raise DamagedError(f"its {where}{name} {found}; a number{bounds} is expected.")
