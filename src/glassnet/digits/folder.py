"""Folders of images, sorted into 0/ ... 9/, as a data set of one's own."""

from pathlib import Path

import numpy as np

from glassnet.digits.image_file import read_grey
from glassnet.digits.normalise import SIDE_PX, normalise
from glassnet.errors import DigitsError, ImageError

N_CLASSES = 10
TEST_SHARE = 6
"""One digit in this many becomes a test digit if the folder has no test part of its own; in MNIST one in seven."""


def load_image_folder(folder: Path) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Return the images and labels in a folder.

    Parameters
    ----------
    folder : Path
        With ``0/`` ... ``9/``, or with ``train/`` and ``test/`` that hold those. Files whose name begins with a dot
        are skipped. An image of 28 x 28 pixels with a dark rim is taken as it is; any other is normalised.

    Returns
    -------
    tuple of ndarray
        Training images and labels, test images and labels, as `Digits` has them. Without a test part in the folder,
        every sixth image of each digit, by the order of their names, is a test digit. The training digits are shuffled,
        so that the last ones, which a validation split takes, are of every kind.

    Raises
    ------
    DigitsError
        If there are no digits, too few to set some aside, or a file that is not an image of a digit.
    OSError
        If they cannot be read.
    """
    if (folder / "train").is_dir() and (folder / "test").is_dir():
        return *shuffled(*read_classes(folder / "train")), *read_classes(folder / "test")
    images, labels = read_classes(folder)
    place = np.concatenate([np.arange(count) for count in np.bincount(labels, minlength=N_CLASSES)])
    is_test = place % TEST_SHARE == TEST_SHARE - 1
    if not is_test.any():
        raise DigitsError(
            f"{folder} has {len(images)} images; at least {TEST_SHARE} of one digit are needed, the sixth to test with."
        )
    return *shuffled(images[~is_test], labels[~is_test]), images[is_test], labels[is_test]


def shuffled(images: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return training digits in an order that is always the same and has nothing to do with their labels."""
    order = np.random.default_rng(0).permutation(len(labels))
    return images[order], labels[order]


def read_classes(folder: Path) -> tuple[np.ndarray, np.ndarray]:
    """Return images, shape (n, 28, 28), and labels, shape (n,), of the folders 0/ ... 9/, in the order of names."""
    images, labels = [], []
    for label in range(N_CLASSES):
        of_digit = folder / str(label)
        for path in sorted(of_digit.iterdir()) if of_digit.is_dir() else ():
            if not path.name.startswith("."):
                images.append(read_digit_image(path))
                labels.append(label)
    if not images:
        raise DigitsError(f"{folder} holds no digits: neither MNIST's four IDX files nor folders 0 to 9 with images.")
    return np.stack(images), np.array(labels, dtype=np.uint8)


def read_digit_image(path: Path) -> np.ndarray:
    """Return one image as the network is to see it, shape (28, 28)."""
    try:
        grey = read_grey(path)
        rim = np.concatenate([grey[0], grey[-1], grey[:, 0], grey[:, -1]])
        if grey.shape == (SIDE_PX, SIDE_PX) and np.median(rim) == 0:
            return grey
        return normalise(grey).image
    except ImageError as error:
        sentence = str(error)
        raise DigitsError(sentence if str(path) in sentence else f"{path}: {sentence}") from None
