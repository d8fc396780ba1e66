"""Reading: from a picture of a digit to what the network makes of it."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from glassnet.digits import as_inputs
from glassnet.digits.image_file import read_grey
from glassnet.digits.normalise import SIDE_PX, Normalised, normalise
from glassnet.errors import DivergedError, ShapeError
from glassnet.network import Network, Trace, feedforward

N_INPUTS = SIDE_PX * SIDE_PX


@dataclass(frozen=True, slots=True, eq=False)
class Reading:
    """What a network makes of one picture.

    Parameters
    ----------
    digit : int
        The one whose output is largest.
    outputs : ndarray of float64, shape (n_out,)
        The activations of the last layer.
    normalised : Normalised
        What the network was shown, and how it came from the picture.
    trace : Trace
        All that happened on the way, a batch of one, in float64.
    """

    digit: int
    outputs: np.ndarray
    normalised: Normalised
    trace: Trace


def read_digit(network: Network, image: np.ndarray | str | Path | bytes) -> Reading:
    """Return what a network reads in a picture of one digit.

    Parameters
    ----------
    network : Network
        With 784 inputs.
    image : ndarray of uint8, shape (height, width), or str, Path or bytes
        Shades of grey, or an image file or its content; dark ink or light, of any size, anywhere in the picture.

    Returns
    -------
    Reading
        Computed in float64.

    Raises
    ------
    ImageError
        If it is not an image, or there is no ink in it.
    DivergedError
        If an output is not a finite number.
    ShapeError
        If the network does not have 784 inputs.
    OSError
        If the file cannot be read.
    """
    if network.layer_sizes[0] != N_INPUTS:
        raise ShapeError(f"to read pictures a network needs {N_INPUTS} inputs; this one has {network.layer_sizes[0]}.")
    grey = image if isinstance(image, np.ndarray) else read_grey(image)
    normalised = normalise(grey)
    trace = feedforward(network.astype(np.float64), as_inputs(normalised.image, dtype=np.float64))
    outputs = trace.outputs[0]  # (n_out,)
    if not np.isfinite(outputs).all():
        raise DivergedError("the network's outputs are not finite numbers: its weights are too large.")
    return Reading(int(np.argmax(outputs)), outputs, normalised, trace)
