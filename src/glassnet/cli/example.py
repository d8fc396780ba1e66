"""The example that ``glassnet explain`` speaks of: a test digit or an image, with the right answer."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glassnet.cli.console import open_model
from glassnet.digits import as_inputs, load_digits, one_hot
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
    wanted : ndarray, shape (1, n_out)
        What the outputs should be.
    """

    name: str
    network: Network
    image: np.ndarray
    inputs: np.ndarray
    trace: Trace
    label: int
    wanted: np.ndarray

    @property
    def answer(self) -> int:
        """The digit whose output is largest."""
        return int(np.argmax(self.trace.outputs[0]))


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
        The right answer; None takes the test digit's own.
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
    if image is not None and label is None:
        raise SettingError("what is wrong can only be said when the right answer is known: give it with --label.")
    network = open_model(model).network.astype(np.float64)
    if image is not None:
        name, shown = str(image), normalise(read_grey(image)).image
    else:
        digits = load_digits(data)
        index = test_index or 0
        if not 0 <= index < len(digits.test_images):
            raise SettingError(f"there is no test digit {index}: there are 0 to {len(digits.test_images) - 1}.")
        name, shown = f"test digit {index}", digits.test_images[index]
        label = int(digits.test_labels[index]) if label is None else label
    n_out = network.layer_sizes[-1]
    if label is None or not 0 <= label < n_out:
        raise SettingError(f"the right answer must be from 0 to {n_out - 1}, not {label}.")
    inputs = as_inputs(shown, dtype=np.float64)
    wanted = one_hot(np.array([label]), n_out, dtype=np.float64)
    return Example(name, network, shown, inputs, feedforward(network, inputs), label, wanted)
