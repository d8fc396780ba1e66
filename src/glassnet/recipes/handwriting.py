"""Handwriting: digits and other characters by known writers, so that none of them both teaches and judges."""

import json
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import numpy as np

from glassnet.digits.normalise import find_ink, place_ink
from glassnet.digits.npy import read_npz
from glassnet.errors import DigitsError, ImageError, in_one_sentence
from glassnet.recipes.knobs import FINE_BOX_PX, FINE_PX

PARTS = ("train", "tune", "test")
SOURCES = (
    "scans of pen on paper by Swiss and US writers, https://github.com/kensanata/numbers; "
    "pen recordings, UNIPEN train_r01_v07, http://unipen.org, rendered; "
    "Semeion, https://archive.ics.uci.edu/dataset/178; glyphs of free fonts"
)
LICENCES = "scans MIT; UNIPEN, Semeion CC BY 4.0"
PRINTED = "printed.npz"
"""Glyphs that scripts/printed.py renders; the recipe does without them where there are none."""
NOT_A_DIGIT = 255
"""The label of non-digits: every output should be off."""


@dataclass(frozen=True, slots=True, eq=False)
class Handwriting:
    """Characters on paper, and who wrote them.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        Dark ink on light paper, as they were scanned or drawn.
    labels : ndarray of uint8, shape (n,)
        0 to 9, or 255 for non-digits.
    characters : ndarray of str, shape (n,)
        What was written.
    writers, sources : ndarray of str, shape (n,)
        By whom, and from which collection.
    looks_like_a_digit : ndarray of bool, shape (n,)
        An O, an l, an S: nobody could tell them from digits.
    """

    images: np.ndarray
    labels: np.ndarray
    characters: np.ndarray
    writers: np.ndarray
    sources: np.ndarray
    looks_like_a_digit: np.ndarray

    def __getitem__(self, which: np.ndarray) -> "Handwriting":
        """Return some of them."""
        return Handwriting(*(getattr(self, name)[which] for name in self.__slots__))

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self.labels)

    def part(self, name: str) -> "Handwriting":
        """Return what the writers of one part wrote: "train", "tune" or "test"."""
        writers = split()[name]
        return self[np.isin(self.writers, writers)]


def split() -> dict[str, list[str]]:
    """Return the writers who teach, those on whom settings were tuned, and those who only judge."""
    return json.loads((resources.files("glassnet.recipes") / "writers.json").read_text(encoding="utf-8"))


def load_handwriting(folder: str | Path) -> tuple[Handwriting, Handwriting]:
    """Return the digits and the other characters in a folder.

    Parameters
    ----------
    folder : str or Path
        With ``digits.npz`` (images, labels, writer, source) and ``not_digits.npz`` (images, labels, writer,
        looks_like_a_digit).

    Returns
    -------
    tuple of Handwriting
        The digits, and the non-digits.

    Raises
    ------
    DigitsError
        If a file is missing, damaged, or holds something else.
    """
    folder = Path(folder)
    digits = read_arrays(folder / "digits.npz", ("images", "labels", "writer", "source"))
    others = read_arrays(folder / "not_digits.npz", ("images", "labels", "writer", "looks_like_a_digit"))
    n = len(digits["labels"])
    with in_one_sentence(DigitsError, f"cannot read {folder / 'digits.npz'}", "its labels are no digits ({why})."):
        labels = digits["labels"].astype(np.uint8)
    return (
        Handwriting(
            digits["images"],
            labels,
            digits["labels"].astype(str),
            digits["writer"],
            digits["source"],
            np.ones(n, dtype=bool),
        ),
        Handwriting(
            others["images"],
            np.full(len(others["labels"]), NOT_A_DIGIT, dtype=np.uint8),
            others["labels"],
            others["writer"],
            np.full(len(others["labels"]), "unipen"),
            others["looks_like_a_digit"],
        ),
    )


def load_printed(path: Path) -> Handwriting:
    """Return glyphs of fonts, as ``scripts/printed.py`` renders them: digits with their labels, all others with 255.

    Raises
    ------
    DigitsError
        If the file is missing, damaged, or holds something else.
    """
    arrays = read_arrays(path, ("images", "labels", "writer", "looks_like_a_digit"))
    texts = arrays["labels"].astype(str)
    labels = [int(text) if text in set("0123456789") else NOT_A_DIGIT for text in texts]
    return Handwriting(
        arrays["images"],
        np.array(labels, dtype=np.uint8),
        texts,
        arrays["writer"],
        np.full(len(texts), "printed"),
        arrays["looks_like_a_digit"],
    )


def read_arrays(path: Path, names: tuple[str, ...]) -> dict[str, np.ndarray]:
    """Return the arrays of an npz file."""
    if not path.is_file():
        raise DigitsError(f"{path.parent} has no {path.name}.")
    arrays = read_npz(path, names)
    images = arrays["images"]
    if (
        images.dtype != np.uint8
        or images.ndim != 3
        or any(array.shape[:1] != images.shape[:1] for array in arrays.values())
    ):
        raise DigitsError(
            f"{path} must hold images of uint8, shape (n, height, width), and as many of {', '.join(names[1:])}."
        )
    return arrays


def fine_images(images: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return images as sources for deforming, and which of them have any ink.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        Dark ink on light paper or light on dark.

    Returns
    -------
    tuple of ndarray
        uint8, shape (n_inked, 56, 56), the ink in a box of 40 pixels; and the places of those images, shape (n_inked,).
    """
    found, places = [], []
    for place, image in enumerate(images):
        try:
            found.append(place_ink(find_ink(image), side_px=FINE_PX, box_px=FINE_BOX_PX)[0])
            places.append(place)
        except ImageError:
            continue
    return np.stack(found), np.array(places)
