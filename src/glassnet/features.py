"""Features: how a neuron comes to its activation, and what it looks for: the digits and the input that excite it."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from glassnet.arrays import minus
from glassnet.backpropagation import propagated_back
from glassnet.errors import SettingError, ShapeError
from glassnet.evaluation import traces
from glassnet.network import Network, Trace, feedforward
from glassnet.nudges.parameters import check_finite, check_neuron


@dataclass(frozen=True, slots=True, eq=False)
class ExcitingDigits:
    """The images that excite a neuron most.

    Parameters
    ----------
    indices : ndarray of int, shape (k,)
        Which images, the most exciting first.
    activations : ndarray, shape (k,)
        How much they do.
    """

    indices: np.ndarray
    activations: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class ExcitingInput:
    """The input in [0, 1] that excites a neuron most, as far as gradient ascent finds it.

    Parameters
    ----------
    inputs : ndarray, shape (n_in,)
        From 0 to 1.
    z : float
        The neuron's weighted input there.
    activation : float
        What becomes of it.
    z_on_the_way : ndarray, shape (n_steps + 1,)
        Before the first step and after each.
    """

    inputs: np.ndarray
    z: float
    activation: float
    z_on_the_way: np.ndarray


@dataclass(frozen=True, slots=True, eq=False)
class WeightedSum:
    """How a neuron comes to its activation for one example: equations (1) and (2), term by term.

    Parameters
    ----------
    weights, activations_before : ndarray, shape (n_in,)
        What is multiplied.
    products : ndarray, shape (n_in,)
        Weight times activation, for every neuron before.
    order : ndarray of int, shape (n_in,)
        The neurons before by the size of their products, the largest first; of equals the earlier.
    bias : float
        Is added to the sum of the products.
    z : float
        The weighted input that it comes to.
    activation : float
        What becomes of it.
    """

    weights: np.ndarray
    activations_before: np.ndarray
    products: np.ndarray
    order: np.ndarray
    bias: float
    z: float
    activation: float

    @property
    def without_bias(self) -> float:
        """The sum of all products."""
        return self.z - self.bias

    @property
    def threshold(self) -> float:
        """Minus the bias: what the sum of the products has to pass for z to be above 0."""
        return minus(self.bias)

    def rest(self, k: int) -> np.ndarray:
        """Return the products that are not among the k largest, shape (n_in - k,)."""
        return np.delete(self.products, self.order[:k])


def weighted_sum(network: Network, trace: Trace, layer: int, neuron: int) -> WeightedSum:
    """Return how a neuron comes to its activation, term by term: equations (1) and (2).

    Parameters
    ----------
    network : Network
        Of NumPy arrays, in float64 where numbers are to be shown.
    trace : Trace
        Of one example.
    layer : int
        1, the first hidden one, to the outputs' layer.
    neuron : int
        Which one of it.

    Returns
    -------
    WeightedSum
        The products, their order by size, bias, z and activation.

    Raises
    ------
    SettingError
        If there is no such neuron, or it is an input.
    ShapeError
        If it is not one example.

    Examples
    --------
    >>> network = Network((np.array([[2.0, -1.0, 0.5]]),), (np.array([0.5]),))
    >>> found = weighted_sum(network, feedforward(network, np.array([[1.0, 4.0, 1.0]])), 1, 0)
    >>> found.products.tolist(), found.order.tolist(), found.rest(2).tolist(), found.threshold, found.z
    ([2.0, -4.0, 0.5], [1, 0, 2], [0.5], -0.5, -1.0)
    """
    check_neuron(network, layer, neuron)
    if layer == 0:
        raise SettingError("layer 0 is the inputs: a pixel adds nothing up.")
    n_examples = trace.outputs.shape[0]
    if n_examples != 1:
        raise ShapeError(f"a neuron's sum is that of one example; these are {n_examples}.")
    weights, before = network.weights_into(layer)[neuron], trace.activations_before(layer)[0]
    products = weights * before
    return WeightedSum(
        weights=weights,
        activations_before=before,
        products=products,
        order=np.argsort(-np.abs(products), kind="stable"),
        bias=float(network.biases_of(layer)[neuron]),
        z=float(trace.z_of(layer)[0, neuron]),
        activation=float(trace.activations[layer][0, neuron]),
    )


def most_exciting_digits(network: Network, images: np.ndarray, layer: int, neuron: int, k: int) -> ExcitingDigits:
    """Return the images to which a neuron answers with the largest activations.

    Parameters
    ----------
    network : Network
        Of NumPy arrays.
    images : ndarray of uint8, shape (n, height, width)
        Any number; they are taken a few thousand at a time.
    layer : int
        1, the first hidden one, to the outputs' layer.
    neuron : int
        Which one of it.
    k : int
        How many; at most as many as there are.

    Returns
    -------
    ExcitingDigits
        The most exciting first; of equals the earlier.

    Raises
    ------
    SettingError
        If there is no such neuron, it is an input, or `k` is below 1.
    DivergedError
        If the network's numbers are not finite.
    ShapeError
        If the images do not fit the network.
    """
    check_excitable(network, layer, neuron)
    if k < 1:
        raise SettingError(f"choose at least one digit, not {k}.")
    activations = np.empty(len(images), dtype=network.dtype)
    for some, trace in traces(network, images):
        activations[some] = trace.activations[layer][:, neuron]
    order = np.argsort(-activations, kind="stable")[:k]
    return ExcitingDigits(order, activations[order])


def exciting_input(
    network: Network, layer: int, neuron: int, *, n_steps: int = 100, largest_step: float = 0.1
) -> ExcitingInput:
    """Return the input in [0, 1] that excites a neuron most, by gradient ascent through the network: equation (39).

    Parameters
    ----------
    network : Network
        Of NumPy arrays, in float64 where numbers are to be shown.
    layer : int
        1, the first hidden one, to the outputs' layer.
    neuron : int
        Which one of it.
    n_steps : int, default 100
        The ascent starts at empty paper, 0 everywhere. (From 0.5 it ended lower for most neurons that were tried.)
    largest_step : float, default 0.1
        How far an input moves in a step at first, less and less towards the end; it stays in [0, 1].

    Returns
    -------
    ExcitingInput
        The best that was met on two ways: one on which every input moves by as much, one on which it moves in
        proportion to its slope. For a neuron of the first layer that is the best there is: 1 where its weight
        is above 0 and 0 elsewhere.

    Raises
    ------
    SettingError
        If there is no such neuron, it is an input, or a number is not above 0.
    DivergedError
        If the network's numbers are not finite.

    Notes
    -----
    What is raised is the weighted input: a saturated activation has no slope left to climb. D. Erhan, Y. Bengio,
    A. Courville and P. Vincent, *Visualizing higher-layer features of a deep network*, 2009.
    """
    check_excitable(network, layer, neuron)
    if n_steps < 1 or not largest_step > 0:
        raise SettingError(f"n_steps and largest_step must be above 0; they are {n_steps} and {largest_step}.")
    rates = largest_step * np.linspace(1, 0, n_steps, endpoint=False)  # (n_steps,)
    ascents = [ascent(network, layer, neuron, rates, moves) for moves in (np.sign, in_proportion)]
    return max(ascents, key=lambda found: found.z)


def ascent(
    network: Network, layer: int, neuron: int, rates: np.ndarray, moves: Callable[[np.ndarray], np.ndarray]
) -> ExcitingInput:
    """Return the best input on one way up from empty paper, whose steps are `rates` times `moves` of the slopes."""
    inputs = np.zeros((1, network.layer_sizes[0]), dtype=network.dtype)
    z, slopes = z_and_slopes(network, inputs, layer, neuron)
    best, best_z, on_the_way = inputs, z, [z]
    for rate in rates.tolist():
        inputs = np.clip(inputs + rate * moves(slopes), 0, 1)
        z, slopes = z_and_slopes(network, inputs, layer, neuron)
        on_the_way.append(z)
        if z > best_z:
            best, best_z = inputs, z
    activation = feedforward(network, best).activations[layer][0, neuron]
    return ExcitingInput(best[0], best_z, float(activation), np.array(on_the_way))


def in_proportion(slopes: np.ndarray) -> np.ndarray:
    """Return slopes with the largest one made 1 or -1."""
    largest = np.abs(slopes).max()
    return slopes / largest if largest else slopes


def z_and_slopes(network: Network, inputs: np.ndarray, layer: int, neuron: int) -> tuple[float, np.ndarray]:
    """Return a neuron's weighted input and how it changes with each input, shape (1, n_in): equation (39)."""
    trace = feedforward(network, inputs)
    error = np.zeros_like(trace.z_of(layer))
    error[0, neuron] = 1  # dz/dz of the neuron itself; backpropagation carries it back to the pixels
    below = network.with_parameters(network.weights[:layer], network.biases[:layer])
    deltas = propagated_back(below, trace, error)
    return float(trace.z_of(layer)[0, neuron]), deltas[0] @ network.weights[0]


def check_excitable(network: Network, layer: int, neuron: int) -> None:
    """Refuse what is no neuron, and inputs, which look for nothing."""
    check_finite(network)
    check_neuron(network, layer, neuron)
    if layer == 0:
        raise SettingError("layer 0 is the inputs: a pixel looks for nothing but itself.")
