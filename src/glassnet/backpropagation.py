"""Backpropagation: from what an output should have been back to what every weight and bias should do about it."""

from dataclasses import dataclass

from glassnet.activation import ACTIVATIONS
from glassnet.arrays import Array, sum_over_examples
from glassnet.cost import cost_named
from glassnet.errors import ShapeError
from glassnet.network import Network, Trace, index_of


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Gradients:
    """How the cost changes with every weight and bias; shaped like the network's parameters.

    Parameters
    ----------
    weights : tuple of Array, shapes (n_out, n_in)
        dC/dW of layer 1, the first hidden one, and so on; with a first axis (batch, ...) where each example's own were
        asked for.
    biases : tuple of Array, shapes (n_out,)
        dC/db; likewise.
    """

    weights: tuple[Array, ...]
    biases: tuple[Array, ...]

    def __repr__(self) -> str:
        """Show the shapes of the weights' gradients."""
        return f"Gradients({', '.join(str(tuple(w.shape)) for w in self.weights)})"


def cost_of_examples(network: Network, trace: Trace, wanted: Array) -> Array:
    """Return the cost of each example: equation (3), (15) or (17), as the network's cost says.

    Parameters
    ----------
    network : Network
        The network that made `trace`.
    trace : Trace
        What `glassnet.feedforward` returned.
    wanted : Array, shape (batch, n_out)
        What the outputs should have been.

    Returns
    -------
    Array, shape (batch,)
        Without regularisation.

    Raises
    ------
    ShapeError
        If `wanted` does not have the shape of the outputs.
    """
    check_wanted(trace, wanted)
    cost = cost_named(network.cost, network.output_activation)
    return cost.of_examples(trace.zs[-1], trace.activations[-1], wanted)


def deltas(network: Network, trace: Trace, wanted: Array) -> tuple[Array, ...]:
    """Return the error of every neuron for every example, dC/dz: equations (5) and (6).

    Parameters
    ----------
    network : Network
        The network that made `trace`.
    trace : Trace
        What `glassnet.feedforward` returned.
    wanted : Array, shape (batch, n_out)
        What the outputs should have been.

    Returns
    -------
    tuple of Array, shapes (batch, n_out)
        One for each of ``trace.zs``: how the cost of each example changes with it.

    Raises
    ------
    ShapeError
        If `wanted` does not have the shape of the outputs.

    Notes
    -----
    3Blue1Brown, *Neural networks*, chapter 4. An earlier neuron reaches the cost by many paths; the matrix product
    sums them.
    """
    return propagated_back(network, trace, output_error(network, trace, wanted))


def deltas_of(network: Network, trace: Trace, wanted: Array, layer: int) -> Array:
    """Return the errors of one layer of neurons, shape (batch, n); layer 1 is the first hidden one."""
    return deltas(network, trace, wanted)[index_of(layer)]


def output_error(network: Network, trace: Trace, wanted: Array) -> Array:
    """Return dC/dz of the last layer, shape (batch, n_out): equation (5), or (16) and (18) where they are exact."""
    check_wanted(trace, wanted)
    cost = cost_named(network.cost, network.output_activation)
    outputs = trace.activations[-1]
    if cost.error is not None:
        return cost.error(outputs, wanted)
    # delta[-1] = dC/da * sigmoid'(z)
    return ACTIVATIONS[network.output_activation].pull_back(outputs, cost.derivative(outputs, wanted))


def propagated_back(network: Network, trace: Trace, delta: Array) -> tuple[Array, ...]:
    """Return the errors of all layers, given that of the last, shape (batch, n_out): equation (6)."""
    backwards = [delta]
    hidden = ACTIVATIONS[network.activation]
    for layer in range(len(network.weights) - 1, 0, -1):  # the hidden ones; weights[layer] lead out of each
        # delta = (delta_after @ W_after) * sigmoid'(z)
        delta = hidden.pull_back(trace.activations[layer], delta @ network.weights[layer])  # (batch, n of layer)
        backwards.append(delta)
    return tuple(backwards[::-1])


def backprop(network: Network, trace: Trace, wanted: Array, *, per_example: bool = False) -> Gradients:
    """Return the gradient of the cost, averaged over the examples: equations (7) and (8).

    Parameters
    ----------
    network : Network
        The network that made `trace`.
    trace : Trace
        What `glassnet.feedforward` returned.
    wanted : Array, shape (batch, n_out)
        What the outputs should have been; `glassnet.one_hot` makes it from labels.
    per_example : bool, default False
        Give each example's own gradients instead of their mean: arrays with a first axis of `batch`, which takes
        batch times as much memory as the network.

    Returns
    -------
    Gradients
        Without regularisation (`glassnet.descent.with_l2` adds it).

    Raises
    ------
    ShapeError
        If `wanted` does not have the shape of the outputs.

    Examples
    --------
    >>> import numpy as np
    >>> from glassnet.network import feedforward
    >>> network = Network((np.array([[1.0]]),), (np.array([0.0]),))
    >>> gradients = backprop(network, feedforward(network, np.array([[0.0]])), np.array([[1.0]]))
    >>> gradients.biases[0].tolist()  # 2 (0.5 - 1) * 0.5 (1 - 0.5)
    [-0.25]
    """
    error = output_error(network, trace, wanted)  # (batch, n_out)
    if per_example:
        errors = propagated_back(network, trace, error)
        # outer(delta, a_before), one for each example
        outer = [d[:, :, None] * a[:, None, :] for d, a in zip(errors, trace.activations, strict=False)]
        return Gradients(tuple(outer), errors)
    # the errors of earlier layers are proportional to the last one's, so it alone needs dividing to make sums means
    errors = propagated_back(network, trace, error / wanted.shape[0])
    return Gradients(
        # dC/dW = mean of outer(delta, a_before)
        tuple([d.T @ a for d, a in zip(errors, trace.activations, strict=False)]),  # (n_out, n_in)
        # dC/db = mean of delta
        tuple([sum_over_examples(d) for d in errors]),  # (n_out,)
    )


def check_wanted(trace: Trace, wanted: Array) -> None:
    """Refuse wanted outputs that do not have the shape of the outputs."""
    outputs = trace.activations[-1]
    if wanted.shape != outputs.shape or not wanted.shape[0]:
        raise ShapeError(
            f"the wanted outputs must have the shape of the outputs, {tuple(outputs.shape)}, and at least one example; "
            f"these have {tuple(wanted.shape)}."
        )
