"""The network: layers of neurons, and what becomes of an image on its way through them."""

import itertools
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from glassnet.activation import ACTIVATIONS, activation_named
from glassnet.arrays import Array, namespace
from glassnet.cost import cost_named
from glassnet.errors import SettingError, ShapeError

START_VALUES = ("scaled", "standard-normal")
LARGEST_NETWORK = 500_000_000
"""Weights and biases that `Network.random` makes at most: 2 GB in float32."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Network:
    """A value: the weights and biases of every layer, and what its neurons do with them.

    Parameters
    ----------
    weights : tuple of Array, shapes (n_out, n_in)
        Of layer 1, the first hidden one, and so on: entry [j, k] runs to neuron j from neuron k of the layer before.
        Layer 0 is the inputs, which have none: ``weights[0]`` are those of layer 1, as `weights_into` looks up.
    biases : tuple of Array, shapes (n_out,)
        Likewise; entry [j] belongs to neuron j.
    activation : {"sigmoid", "tanh", "relu"}
        Of the hidden layers.
    output_activation : {"sigmoid", "tanh", "relu", "softmax"}
        Of the last layer.
    cost : {"quadratic", "cross-entropy"}
        What its training lowers; cross-entropy needs sigmoid or softmax outputs.

    Raises
    ------
    ShapeError
        If the shapes do not fit together.
    SettingError
        If an activation or cost is unknown, or the two exclude each other.

    Notes
    -----
    Layers and the index order of weights are those of 3Blue1Brown's *Neural networks*, chapters 1 and 4.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]
    activation: str = "sigmoid"
    output_activation: str = "sigmoid"
    cost: str = "quadratic"

    def __post_init__(self) -> None:
        """Check that the layers fit together."""
        activation_named(self.activation, last_layer=False)
        activation_named(self.output_activation, last_layer=True)
        cost_named(self.cost, self.output_activation)
        if not self.weights or len(self.weights) != len(self.biases):
            raise ShapeError(
                f"a network needs one array of biases for each of weights, and at least one of each; "
                f"these are {len(self.weights)} and {len(self.biases)}."
            )
        n_before = None  # whatever the first weights take is the number of inputs
        for index, (w, b) in enumerate(zip(self.weights, self.biases, strict=True)):
            if w.ndim != 2 or tuple(b.shape) != (w.shape[0],) or 0 in w.shape:
                raise ShapeError(
                    f"weights[{index}] must have shape (n_out, n_in) and biases[{index}] shape (n_out,); "
                    f"these have {tuple(w.shape)} and {tuple(b.shape)}."
                )
            if n_before not in (None, w.shape[1]):
                raise ShapeError(
                    f"weights[{index}] take {w.shape[1]} activations, but layer {index} has {n_before} neurons."
                )
            n_before = w.shape[0]

    @classmethod
    def random(
        cls,
        layer_sizes: tuple[int, ...],
        *,
        rng: np.random.Generator,
        start: str = "scaled",
        activation: str = "sigmoid",
        output_activation: str = "sigmoid",
        cost: str = "quadratic",
        dtype: Any = np.float32,
    ) -> Self:
        """Return a network that has learned nothing yet.

        Parameters
        ----------
        layer_sizes : tuple of int
            Neurons per layer from the inputs to the outputs; the videos' network is (784, 16, 16, 10).
        rng : numpy.random.Generator
            Where the start values come from.
        start : {"scaled", "standard-normal"}, default "scaled"
            "scaled": weights from N(0, 1 / n_in) and biases 0, so that sigmoids start where they are steep;
            "standard-normal": weights and biases from N(0, 1), as in the videos. Equation (26).
        activation, output_activation, cost : str
            As for `Network`.
        dtype : dtype, default float32
            float32 is what training uses; take float64 to check or to explain.

        Returns
        -------
        Network
            Of NumPy arrays.

        Raises
        ------
        SettingError
            If a size or the start is not possible.

        Examples
        --------
        >>> network = Network.random((784, 16, 16, 10), rng=np.random.default_rng(0))
        >>> network.layer_sizes, network.n_parameters
        ((784, 16, 16, 10), 13002)
        """
        sizes = tuple(int(size) for size in layer_sizes)
        if len(sizes) < 2 or min(sizes) < 1:
            raise SettingError(f"a network needs two or more layers of one or more neurons each, not {sizes}.")
        n_parameters = sum(n_out * (n_in + 1) for n_in, n_out in itertools.pairwise(sizes))
        if n_parameters > LARGEST_NETWORK:
            raise SettingError(
                f"layers of {', '.join(map(str, sizes))} neurons have {n_parameters:,} weights and biases; "
                f"at most {LARGEST_NETWORK:,} are possible."
            )
        if start not in START_VALUES:
            raise SettingError(f"there are no start values {start!r}; choose one of {', '.join(START_VALUES)}.")
        weights, biases = [], []
        for n_in, n_out in itertools.pairwise(sizes):
            drawn = rng.standard_normal((n_out, n_in))  # (n_out, n_in)
            weights.append((drawn / np.sqrt(n_in) if start == "scaled" else drawn).astype(dtype))
            biases.append((np.zeros(n_out) if start == "scaled" else rng.standard_normal(n_out)).astype(dtype))
        return cls(tuple(weights), tuple(biases), activation, output_activation, cost)

    def __repr__(self) -> str:
        """Say what it is; thirteen thousand numbers would say less."""
        sizes = "-".join(map(str, self.layer_sizes))
        return f"Network({sizes}, {self.activation}, {self.output_activation} outputs, {self.cost} cost, {self.dtype})"

    @property
    def layer_sizes(self) -> tuple[int, ...]:
        """Neurons per layer, inputs first."""
        return (self.weights[0].shape[1], *(w.shape[0] for w in self.weights))

    def weights_into(self, layer: int) -> Array:
        """Return the weights that lead into a layer of neurons, shape (n_out, n_in); layer 0 is the inputs."""
        return self.weights[index_of(layer)]

    def biases_of(self, layer: int) -> Array:
        """Return the biases of a layer of neurons, shape (n_out,)."""
        return self.biases[index_of(layer)]

    @property
    def n_parameters(self) -> int:
        """How many weights and biases there are in all."""
        return sum(n_out * (n_in + 1) for n_in, n_out in zip(self.layer_sizes, self.layer_sizes[1:], strict=False))

    @property
    def dtype(self) -> Any:
        """The floating-point type of the parameters."""
        return self.weights[0].dtype

    @property
    def is_finite(self) -> bool:
        """Whether every weight and bias is a finite number."""
        xp = namespace(self.weights[0])
        return all(bool(xp.all(xp.isfinite(p))) for p in (*self.weights, *self.biases))

    def with_parameters(self, weights: tuple[Array, ...], biases: tuple[Array, ...]) -> Self:
        """Return the same kind of network with other weights and biases of the same shapes.

        Parameters
        ----------
        weights, biases : tuple of Array
            Shaped as this network's own. Not checked: a descent does this a thousand times a second.

        Returns
        -------
        Network
            A new value; this one stays as it is.
        """
        network = object.__new__(type(self))
        assign = object.__setattr__
        assign(network, "weights", weights)
        assign(network, "biases", biases)
        assign(network, "activation", self.activation)
        assign(network, "output_activation", self.output_activation)
        assign(network, "cost", self.cost)
        return network

    def astype(self, dtype: Any) -> Self:
        """Return the same network with parameters of another floating-point type.

        Parameters
        ----------
        dtype : dtype
            float32 or float64 of the parameters' own array library. float64 is exact.

        Returns
        -------
        Network
            A new value.
        """
        xp = namespace(self.weights[0])
        return self.with_parameters(
            tuple(xp.astype(w, dtype) for w in self.weights), tuple(xp.astype(b, dtype) for b in self.biases)
        )


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Trace:
    """Everything that happened on the way through a network: nothing is overwritten, so all of it can be shown.

    Parameters
    ----------
    zs : tuple of Array, shapes (batch, n_out)
        The weighted inputs of layer 1, the first hidden one, and so on; `z_of` looks one up.
    activations : tuple of Array, shapes (batch, n)
        ``activations[0]`` are the inputs, ``activations[l]`` those of layer l.
    """

    zs: tuple[Array, ...]
    activations: tuple[Array, ...]

    def __repr__(self) -> str:
        """Say how many examples went through which layers."""
        sizes = "-".join(str(a.shape[-1]) for a in self.activations)
        return f"Trace({self.activations[0].shape[0]} examples through {sizes})"

    @property
    def outputs(self) -> Array:
        """The activations of the last layer, shape (batch, n_out)."""
        return self.activations[-1]

    def z_of(self, layer: int) -> Array:
        """Return the weighted inputs of a layer of neurons, shape (batch, n_out); layer 1 is the first hidden one."""
        return self.zs[index_of(layer)]

    def activations_before(self, layer: int) -> Array:
        """Return the activations that go into a layer of neurons, shape (batch, n_in): those of the layer before."""
        return self.activations[index_of(layer)]


def index_of(layer: int) -> int:
    """Return the place of a layer's array in a tuple of weights, biases, weighted inputs or errors.

    Layers count from 0, the inputs, which have none of these: such tuples begin with layer 1.

    Parameters
    ----------
    layer : int
        From 1.

    Returns
    -------
    int
        From 0.

    Raises
    ------
    SettingError
        If it is the inputs' layer.
    """
    if layer < 1:
        raise SettingError("layer 0 is the inputs: they have no weights, biases or weighted inputs.")
    return layer - 1


def feedforward(network: Network, inputs: Array) -> Trace:
    """Return what becomes of a batch of inputs, layer by layer: equations (1) and (2).

    Parameters
    ----------
    network : Network
        Any network.
    inputs : Array, shape (batch, n_in)
        One example a row; images as `glassnet.as_inputs` makes them.

    Returns
    -------
    Trace
        Weighted inputs and activations of every layer.

    Raises
    ------
    ShapeError
        If the inputs are not rows as wide as the network's first layer.

    Examples
    --------
    >>> network = Network((np.array([[2.0, -1.0]]),), (np.array([0.5]),))
    >>> trace = feedforward(network, np.array([[1.0, 1.0]]))
    >>> trace.zs[0].tolist(), trace.activations[1].round(4).tolist()
    ([[1.5]], [[0.8176]])
    """
    if inputs.ndim != 2 or inputs.shape[1] != network.weights[0].shape[1]:
        raise ShapeError(
            f"inputs must have shape (batch, {network.weights[0].shape[1]}), one example a row; "
            f"these have {tuple(inputs.shape)}."
        )
    with np.errstate(over="ignore"):  # of exp in the sigmoid: 1 / (1 + infinity) is the 0 that it should be
        return forward(network, inputs)


def forward(network: Network, inputs: Array) -> Trace:
    """Return what `feedforward` does, for a descent that has made sure of shapes and warnings: (1) and (2)."""
    hidden = ACTIVATIONS[network.activation].function
    last = len(network.weights)
    zs, activations = [], [inputs]
    for layer, (w, b) in enumerate(zip(network.weights, network.biases, strict=True), 1):
        # z = a_before @ W.T + b
        z = activations[-1] @ w.T + b  # (batch, n_out)
        zs.append(z)
        # a = sigmoid(z)
        activations.append(hidden(z) if layer < last else ACTIVATIONS[network.output_activation].function(z))
    return Trace(tuple(zs), tuple(activations))
