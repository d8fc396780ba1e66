"""Rounding: a network's weights as small whole numbers, so that it fits into a file of so many bytes."""

from dataclasses import dataclass

import numpy as np

from glassnet.errors import ShapeError
from glassnet.evaluation import traces
from glassnet.export.packing import deflated_bytes
from glassnet.network import Network

LARGEST = 127
"""Multiples of a step are kept in one byte each."""
COARSEST = 1.0
"""Step over the spread of a layer's weights, beyond which too little of them is left: about two bits each. The reader
loses 0.03 points of accuracy there; what is coarser is refused."""
DAMPING = 0.01
"""Of the mean square of the inputs, added to each: protects what the examples never show. Chosen, as all of this was,
by the outputs' deviation on training digits that the rounding was not fitted to."""
BLOCK = 64
"""Columns after which what was put off is carried on to all later ones."""
STEP_BITS = 16
"""Of a step's mantissa: a multiple of at most seven bits of it is exact in float32."""
MOST_TRIES = 8
CLOSE_ENOUGH = 0.998
"""Of the bytes there are."""

Feedback = tuple[np.ndarray, np.ndarray]
"""In which order a layer's columns are rounded, and how each is made up for by those after it: `feedback`."""


@dataclass(frozen=True, slots=True, eq=False)
class Rounded:
    """A network whose weights are whole multiples of one step in each layer.

    Parameters
    ----------
    network : Network
        Of float32, which holds all of them exactly.
    integers : tuple of ndarray of int8, shapes (n_out, n_in)
        The weights of each layer are its integers times its step.
    steps : tuple of float
        One for each layer.
    coarseness : float
        Step over the standard deviation of a layer's weights; of the last layer, which is small, the finest that a byte
        holds.
    """

    network: Network
    integers: tuple[np.ndarray, ...]
    steps: tuple[float, ...]
    coarseness: float


def rounded(network: Network, images: np.ndarray, coarseness: float) -> Rounded:
    """Return a network with its weights rounded, each rounding made up for by the weights that come after it.

    Parameters
    ----------
    network : Network
        Of NumPy arrays.
    images : ndarray of uint8, shape (n, height, width)
        Examples of what it will see; not those that it is judged by.
    coarseness : float
        Step over the standard deviation of a layer's weights.

    Returns
    -------
    Rounded
        Its biases, which stay as fine as they were, take what is left to make up for.

    Notes
    -----
    E. Frantar and others, *GPTQ*, 2023: column after column, what a layer's sums lose by rounding one weight is added
    to those that are not yet rounded, as the inputs' second moments tell. Of the reader this leaves a third of the
    outputs' deviation, and takes a third of a second (docs/decisions/0012).
    """
    return rounded_by(network, feedback_of(network, images), coarseness)


def feedback_of(network: Network, images: np.ndarray) -> list[Feedback]:
    """Return the feedback of each layer, from what the images excite in the one before it."""
    moments = [np.zeros((n_in + 1, n_in + 1)) for n_in in network.layer_sizes[:-1]]
    for _, trace in traces(network, images):
        for moment, activations in zip(moments, trace.activations[:-1], strict=True):
            ones = np.ones((len(activations), 1))
            inputs = np.concatenate([activations, ones], axis=1, dtype=np.float64)  # (batch, n_in + 1)
            moment += inputs.T @ inputs
    return [feedback(moment / len(images)) for moment in moments]


def feedback(moments: np.ndarray) -> Feedback:
    """Return the order, shape (n_in,), and the upper Cholesky factor of the inverse of the inputs' second moments.

    First the columns of the strongest inputs, while there are many others to make up for them; at last the bias, whose
    input is 1. Moments and factor have shape (n_in + 1, n_in + 1).
    """
    order = np.argsort(-np.diag(moments)[:-1], kind="stable")
    places = np.append(order, len(order))
    ordered = moments[np.ix_(places, places)]
    ordered[np.diag_indices_from(ordered)] += DAMPING * np.trace(ordered) / len(ordered)
    return order, np.linalg.cholesky(np.linalg.inv(ordered)).T


def rounded_by(network: Network, feedbacks: list[Feedback], coarseness: float) -> Rounded:
    """Return what `rounded` does."""
    integers, steps, weights, biases = [], [], [], []
    last = len(network.weights)
    for layer, (w, b, feedback) in enumerate(zip(network.weights, network.biases, feedbacks, strict=True), 1):
        finest = float(np.abs(w).max()) / LARGEST
        step = short(max(finest, coarseness * float(w.std()) if layer < last else 0.0) or 1.0)
        whole, bias = carried_on(w, b, feedback, step)
        integers.append(whole)
        steps.append(step)
        weights.append((whole * step).astype(np.float32))
        biases.append(bias.astype(np.float32))
    rounded_network = network.with_parameters(tuple(weights), tuple(biases))
    return Rounded(rounded_network, tuple(integers), tuple(steps), coarseness)


def short(step: float) -> float:
    """Return a step rounded to `STEP_BITS` bits."""
    mantissa, exponent = np.frexp(step)
    return float(np.ldexp(np.ceil(np.ldexp(mantissa, STEP_BITS)), int(exponent) - STEP_BITS))


def carried_on(
    weights: np.ndarray, biases: np.ndarray, feedback: Feedback, step: float
) -> tuple[np.ndarray, np.ndarray]:
    """Return one layer's multiples, int8 of shape (n_out, n_in), and its biases with what was left over."""
    order, factor = feedback
    rest = np.concatenate([weights[:, order], biases[:, None]], axis=1, dtype=np.float64)  # (n_out, n_in + 1)
    n_in = weights.shape[1]
    whole = np.empty(weights.shape, dtype=np.int8)
    for start in range(0, n_in, BLOCK):
        end = min(start + BLOCK, n_in)
        errors = np.empty((len(rest), end - start))
        for k in range(start, end):
            multiples = np.rint(rest[:, k] / step).clip(-LARGEST, LARGEST)  # (n_out,)
            whole[:, order[k]] = multiples
            error = (rest[:, k] - multiples * step) / factor[k, k]
            rest[:, k + 1 : end] -= error[:, None] * factor[k, k + 1 : end]
            errors[:, k - start] = error
        rest[:, end:] -= errors @ factor[start:end, end:]
    return whole, rest[:, n_in]


def rounded_to_fit(network: Network, images: np.ndarray, most_bytes: int) -> Rounded:
    """Return a network rounded as finely as that many bytes allow.

    Parameters
    ----------
    network : Network
        Of NumPy arrays.
    images : ndarray of uint8, shape (n, height, width)
        As for `rounded`.
    most_bytes : int
        For all weights and biases, deflated.

    Returns
    -------
    Rounded
        The coarseness follows from the sizes alone: nothing is chosen by how well it does.

    Raises
    ------
    ShapeError
        If it would have to be coarser than `COARSEST`.
    """
    n_weights = sum(w.size for w in network.weights)
    best = None
    if n_weights / 8 < most_bytes:  # a weight takes one bit or more
        feedbacks = feedback_of(network, images)
        coarseness, too_fine, steps = COARSEST, 0.0, ()
        for _ in range(MOST_TRIES):
            tried = rounded_by(network, feedbacks, coarseness)
            size = len(deflated_bytes(tried.network, tried.integers))
            if size <= most_bytes:
                best = tried
            else:
                too_fine = coarseness
            is_close = CLOSE_ENOUGH * most_bytes < size <= most_bytes
            if best is None or is_close or tried.steps == steps:  # the last: a byte holds nothing finer
                break
            steps = tried.steps
            # a step half as wide takes one bit more of each weight
            wanted = coarseness * 2 ** (8 * (size - (1 + CLOSE_ENOUGH) / 2 * most_bytes) / n_weights)
            coarseness = float(np.clip(wanted, 1.001 * too_fine, 0.999 * best.coarseness))
    if best is None:
        raise ShapeError(
            f"this network has {n_weights:,} weights: too many for a page of this size, in which they would be rounded "
            "beyond recognition; take it as a model file."
        )
    return best
