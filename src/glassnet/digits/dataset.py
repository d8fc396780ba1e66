"""Data sets of digits, and the arrays that a network is fed."""

import math
import re
from dataclasses import dataclass, replace
from importlib import resources
from pathlib import Path
from typing import Any, Self

import numpy as np

from glassnet.digits.folder import N_CLASSES, load_image_folder
from glassnet.digits.idx import header_of, read_idx
from glassnet.errors import DigitsError, SettingError
from glassnet.system import in_threads, resolved

MNIST_SOURCE = "MNIST, Y. LeCun, C. Cortes and C. J. C. Burges, http://yann.lecun.com/exdb/mnist/"
MNIST_LICENCE = "CC BY-SA 3.0"
IDX_NAME = re.compile(r"(train|t10k|test)[-_.](images|labels)[-_.]idx[13][-_.]ubyte(\.gz)?", re.IGNORECASE)
"""The names of the four files, as they are published and as people rename them."""
LARGEST_BYTES = 512 << 20
"""Of a folder's four files together, unpacked: ten times MNIST. What promises more is refused on its header alone."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Digits:
    """Labelled images, in the parts that a network learns from, is tuned on, and is judged by.

    Parameters
    ----------
    train_images, test_images : ndarray of uint8, shape (n, height, width)
        0 is paper, 255 is ink.
    train_labels, test_labels : ndarray of uint8, shape (n,)
        The digits, 0 to 9.
    validation_images, validation_labels : ndarray or None
        Held out from the training digits by `hold_out`; None if none were.
    name : str
        What the data set is called.
    source, licence : str
        Where it is from and on what terms; empty where that is not known.

    Raises
    ------
    DigitsError
        If images and labels do not belong together.
    """

    train_images: np.ndarray
    train_labels: np.ndarray
    test_images: np.ndarray
    test_labels: np.ndarray
    validation_images: np.ndarray | None = None
    validation_labels: np.ndarray | None = None
    name: str = "digits"
    source: str = ""
    licence: str = ""

    def __post_init__(self) -> None:
        """Check that images and labels belong together."""
        for part in ("train", "test") if self.validation_images is None else ("train", "validation", "test"):
            check_labelled(getattr(self, f"{part}_images"), getattr(self, f"{part}_labels"), f"the {part} digits")
        if self.train_images.shape[1:] != self.test_images.shape[1:]:
            raise DigitsError(
                f"the training images are of {self.train_images.shape[1:]} pixels, "
                f"the test images of {self.test_images.shape[1:]}."
            )

    def __repr__(self) -> str:
        """Say how many there are of each part."""
        n_validation = "" if self.validation_images is None else f", {len(self.validation_images):,} for validation"
        n_train, n_test = len(self.train_images), len(self.test_images)
        return f"Digits({self.name}: {n_train:,} to train on{n_validation}, {n_test:,} to test)"

    @property
    def n_inputs(self) -> int:
        """Pixels of an image."""
        return int(np.prod(self.train_images.shape[1:]))

    def hold_out(self, n_validation: int, *, rng: np.random.Generator | None = None) -> Self:
        """Return the same digits with some of the training ones set aside for validation.

        Parameters
        ----------
        n_validation : int
            How many.
        rng : numpy.random.Generator or None, default None
            Draws them at random; None takes the last ones, which for MNIST and 10,000 is the customary split.

        Returns
        -------
        Digits
            With `validation_images` and `validation_labels`, and that many fewer training digits.

        Raises
        ------
        SettingError
            If nothing would be held out, or nothing left to train on.
        """
        n = len(self.train_images)
        if self.validation_images is not None:
            raise SettingError(f"{len(self.validation_images):,} digits have been held out already.")
        if not 0 < n_validation < n:
            raise SettingError(f"cannot hold out {n_validation:,} of {n:,} training digits: at least one must be left.")
        order = np.arange(n) if rng is None else rng.permutation(n)
        kept, held = np.sort(order[: n - n_validation]), np.sort(order[n - n_validation :])
        return replace(
            self,
            train_images=self.train_images[kept],
            train_labels=self.train_labels[kept],
            validation_images=self.train_images[held],
            validation_labels=self.train_labels[held],
        )


def check_labelled(images: np.ndarray, labels: np.ndarray, what: str) -> None:
    """Refuse images and labels that do not belong together."""
    if images.ndim != 3 or images.dtype != np.uint8 or labels.ndim != 1 or labels.dtype != np.uint8:
        raise DigitsError(
            f"{what} must be images of uint8, shape (n, height, width), and labels of uint8, shape (n,); "
            f"these are {images.dtype} {images.shape} and {labels.dtype} {labels.shape}."
        )
    if not images.size or len(images) != len(labels):
        raise DigitsError(
            f"{what} are {len(images):,} images and {len(labels):,} labels; there must be as many of each."
        )
    if labels.max() >= N_CLASSES:
        raise DigitsError(f"{what} have a label {labels.max()}; digits are 0 to 9.")


def load_digits(folder: str | Path | None = None) -> Digits:
    """Return MNIST, which comes with glassnet, or a data set of one's own.

    Parameters
    ----------
    folder : str, Path or None, default None
        None: the bundled MNIST. A folder with the four IDX files of MNIST or Fashion-MNIST, plain or gzip; or a
        folder of images sorted into ``0/`` ... ``9/`` (a sixth of them becomes the test digits), or into
        ``train/0/`` ... and ``test/0/`` ... .

    Returns
    -------
    Digits
        Training and test digits.

    Raises
    ------
    DigitsError
        If there are no such files, or one of them is damaged.
    OSError
        If they cannot be read.

    Examples
    --------
    >>> digits = load_digits()
    >>> digits.train_images.shape, digits.test_labels[:5].tolist()
    ((60000, 28, 28), [7, 2, 1, 0, 4])
    """
    if folder is None:
        with resources.as_file(resources.files("glassnet.digits") / "mnist") as bundled:
            return load_idx_folder(bundled, "MNIST", MNIST_SOURCE, MNIST_LICENCE)
    folder = Path(folder)
    if not folder.is_dir():
        folder.stat()  # says so where there is nothing at all
        raise DigitsError(f"{folder} is a file; name a folder with digits in it.")
    if any(IDX_NAME.fullmatch(entry.name) for entry in folder.iterdir() if entry.is_file()):
        return load_idx_folder(folder, resolved(folder).name)
    return Digits(*load_image_folder(folder), name=resolved(folder).name)


def load_idx_folder(folder: Path, name: str, source: str = "", licence: str = "") -> Digits:
    """Return the data set in the four IDX files of a folder."""
    found: dict[str, Path] = {}
    # where there are both, the plain file comes after its .gz and wins
    for entry in sorted(filter(Path.is_file, folder.iterdir()), key=lambda path: path.suffix != ".gz"):
        if match := IDX_NAME.fullmatch(entry.name):
            part = "train" if match[1].lower() == "train" else "test"
            found[f"{part}_{match[2].lower()}"] = entry
    missing = [part for part in ("train_images", "train_labels", "test_images", "test_labels") if part not in found]
    if missing:
        raise DigitsError(f"{folder} has no IDX file for {' and '.join(missing).replace('_', ' ')}.")
    check_headers(folder, found)
    # unpacking releases the interpreter: all four files take as long as the training images alone
    parts = dict(zip(found, in_threads(read_idx, found.values()), strict=True))
    return Digits(**parts, name=name, source=source, licence=licence)


def check_headers(folder: Path, files: dict[str, Path]) -> None:
    """Refuse files that are no digits or too large, by what their headers promise: a few MB can hold zeros for GB."""
    n_bytes = 0
    for part, path in files.items():
        dtype, shape = header_of(path)
        if dtype != np.uint8:
            raise DigitsError(f"{path} holds numbers of {dtype}; the {part.replace('_', ' ')} must be bytes (uint8).")
        n_bytes += math.prod(shape)
    if n_bytes > LARGEST_BYTES:
        raise DigitsError(
            f"the digits in {folder} take {n_bytes:,} bytes unpacked; at most {LARGEST_BYTES:,} are possible."
        )


def as_inputs(images: np.ndarray, *, dtype: Any = np.float32) -> np.ndarray:
    """Return images as the rows that a network is fed: pixel / 255, from 0 (paper) to 1 (ink).

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width) or (height, width)
        One image counts as a batch of one.
    dtype : dtype, default float32
        float64 to check or to explain.

    Returns
    -------
    ndarray, shape (n, height * width)
        784 wide for MNIST, row by row of the image.

    Raises
    ------
    DigitsError
        If the images are not of uint8 or not two-dimensional.

    Examples
    --------
    >>> as_inputs(np.array([[0, 51], [102, 255]], dtype=np.uint8), dtype=np.float64)
    array([[0. , 0.2, 0.4, 1. ]])
    """
    if images.dtype != np.uint8 or images.ndim not in (2, 3):
        raise DigitsError(
            f"images must be of uint8 with shape (n, height, width) or (height, width), "
            f"not {images.dtype} {images.shape}."
        )
    rows = images.reshape(len(images) if images.ndim == 3 else 1, -1)  # (n, height * width)
    return np.divide(rows, 255, dtype=dtype)


def one_hot(labels: np.ndarray, n_classes: int = N_CLASSES, *, dtype: Any = np.float32) -> np.ndarray:
    """Return the wanted outputs: 1 for the digit, 0 for the others.

    Parameters
    ----------
    labels : ndarray of int, shape (n,)
        From 0 to n_classes - 1.
    n_classes : int, default 10
        Outputs of the network.
    dtype : dtype, default float32
        That of the network.

    Returns
    -------
    ndarray, shape (n, n_classes)
        One row for each label.

    Raises
    ------
    DigitsError
        If a label has no output.

    Examples
    --------
    >>> one_hot(np.array([2, 0]), 3).tolist()
    [[0.0, 0.0, 1.0], [1.0, 0.0, 0.0]]
    """
    labels = np.asarray(labels)
    if labels.size and not 0 <= int(labels.min()) <= int(labels.max()) < n_classes:
        raise DigitsError(f"labels must be from 0 to {n_classes - 1}; these go from {labels.min()} to {labels.max()}.")
    return np.eye(n_classes, dtype=dtype)[labels]
