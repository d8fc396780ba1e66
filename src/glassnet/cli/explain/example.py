"""The example that ``glassnet explain`` speaks of: a test digit or an image, with the right answer."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from rich.markup import escape

from glassnet.cli.console import open_model
from glassnet.digits import Digits, as_inputs, load_digits, one_hot
from glassnet.digits.image_file import read_grey
from glassnet.digits.normalise import normalise
from glassnet.errors import SettingError
from glassnet.network import Network, Trace, feedforward


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """One digit on its way through a network, in float64.

    Parameters
    ----------
    name : str
        What to call it.
    network : Network
        Of float64.
    image : ndarray of uint8, shape (height, width)
        As the network is shown it.
    inputs : ndarray, shape (1, n_in)
        The same as numbers.
    trace : Trace
        What became of them.
    label : int
        The right answer.
    label_is_known : bool
        Whether somebody gave it; else it is the network's own answer.
    digits : Digits
        The test digits, to compare with.
    wanted : ndarray, shape (1, n_out)
        What the outputs should be.
    """

    name: str
    network: Network
    image: np.ndarray
    inputs: np.ndarray
    trace: Trace
    label: int
    label_is_known: bool
    digits: Digits
    wanted: np.ndarray

    @property
    def answer(self) -> int:
        """The digit whose output is largest."""
        return int(np.argmax(self.trace.outputs[0]))

    @property
    def numbers(self) -> dict[str, Any]:
        """What every explanation of it begins with, for JSON."""
        return {
            "example": self.name,
            "layer_sizes": list(self.network.layer_sizes),
            "label": self.label,
            "label_is_known": self.label_is_known,
            "answer": self.answer,
        }

    @property
    def headline(self) -> str:
        """The line that every explanation begins with."""
        verdict = "rightly" if self.answer == self.label else f"and should be {self.label}"
        if not self.label_is_known:
            verdict = "taken to be right, as no --label says otherwise"
        return f"[bold]{escape(self.name)}[/] is read as [bold]{self.answer}[/], {verdict}."


def chosen_example(
    model: Path, test_index: int | None, image: Path | None, label: int | None, data: Path | None
) -> Example:
    """Return the example that the options name.

    Parameters
    ----------
    model : Path
        The network.
    test_index : int or None
        Of a test digit; None with no image is the first one.
    image : Path or None
        An image of one digit instead.
    label : int or None
        The right answer; None takes the test digit's own, or of an image the network's own answer.
    data : Path or None
        Where the test digits are from; None is MNIST.

    Returns
    -------
    Example
        Fed forward in float64.

    Raises
    ------
    SettingError
        If the options exclude each other, or name what is not there.
    GlassnetError
        If the model, the digits or the image cannot be read.
    """
    if image is not None and test_index is not None:
        raise SettingError("--image and --test-index are two examples; choose one.")
    network = open_model(model).network.astype(np.float64)
    digits = load_digits(data)
    if image is not None:
        name, shown = str(image), normalise(read_grey(image)).image
    else:
        index = test_index or 0
        if not 0 <= index < len(digits.test_images):
            raise SettingError(f"there is no test digit {index}: there are 0 to {len(digits.test_images) - 1}.")
        name, shown = f"test digit {index}", digits.test_images[index]
        label = int(digits.test_labels[index]) if label is None else label
    inputs = as_inputs(shown, dtype=np.float64)
    trace = feedforward(network, inputs)
    known, n_out = label is not None, network.layer_sizes[-1]
    if label is None:
        label = int(np.argmax(trace.outputs[0]))
    if not 0 <= label < n_out:
        raise SettingError(f"the right answer must be from 0 to {n_out - 1}, not {label}.")
    wanted = one_hot(np.array([label]), n_out, dtype=np.float64)
    return Example(name, network, shown, inputs, trace, label, known, digits, wanted)
