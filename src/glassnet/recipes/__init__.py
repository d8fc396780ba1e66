"""Recipes: how the networks that come with glassnet were trained, from their data to their settings."""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.errors import SettingError

if TYPE_CHECKING:
    from glassnet.digits import Digits
    from glassnet.recipes.reader import Lessons

READER: dict[str, Any] = {
    "hidden": "1024,1024",
    "activation": "relu",
    "output_activation": "sigmoid",
    "cost": "cross-entropy",
    "epochs": 200,
    "mini_batch_size": 256,
    "learning_rate": 0.001,
    "schedule": "cosine",
    "optimizer": "adamw",
    "weight_decay": 0.02,
    "average": 0.9995,
}
RECIPES: dict[str, dict[str, Any]] = {"reader": READER, "reader-digits-only": READER}
"""Options of ``glassnet train`` for which each recipe has other defaults. "reader-digits-only" is what learning to
reject is measured against: the same without any non-digits."""


@dataclass(frozen=True, slots=True, eq=False)
class Followed:
    """A recipe's material.

    Parameters
    ----------
    digits : Digits
        What to judge by, with what the writers for tuning wrote as `validation_images`; its name, source and licence
        are those of everything that is learned from.
    lessons : Lessons
        What to learn from.
    """

    digits: "Digits"
    lessons: "Lessons"


def options_of(recipe: str) -> dict[str, Any]:
    """Return a recipe's own defaults; SettingError if there is no such recipe."""
    if recipe not in RECIPES:
        raise SettingError(f"there is no recipe {recipe!r}; choose one of {', '.join(RECIPES)}.")
    return RECIPES[recipe]


def follow(recipe: str, folder: Path | None, seed: int) -> Followed:
    """Return what a recipe learns from and is judged by.

    Parameters
    ----------
    recipe : str
        One of `RECIPES`.
    folder : Path or None
        With ``digits.npz`` and ``not_digits.npz``; None does without letters and without other hands than MNIST's.
    seed : int
        Of everything that is drawn at random.

    Returns
    -------
    Followed
        The same for the same seed and folder.

    Raises
    ------
    SettingError
        If there is no such recipe.
    DigitsError
        If the folder's files are missing or damaged.
    """
    from glassnet.digits import load_digits
    from glassnet.recipes.handwriting import LICENCES, SOURCES
    from glassnet.recipes.reader import lessons, with_tuning_digits

    options_of(recipe)
    digits = load_digits()
    rejects = recipe == "reader"
    made = lessons(digits, folder, seed, rejects=rejects)
    parts = ["MNIST"] + (["handwriting"] if folder is not None else []) + (["generated non-digits"] if rejects else [])
    if folder is not None:
        digits = replace(
            with_tuning_digits(digits, folder),
            source=f"{digits.source}; {SOURCES}",
            licence=f"MNIST {digits.licence}; {LICENCES}",
        )
    return Followed(replace(digits, name=", ".join(parts)), made)
