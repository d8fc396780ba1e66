"""The reference engine: the equations, one mini-batch after the other, on the array library of the network."""

import numpy as np

from glassnet.backpropagation import backprop, cost_of_examples
from glassnet.descent import Descent, advance, l2_cost, mini_batches, with_l2
from glassnet.digits import as_inputs, one_hot
from glassnet.network import Network, Trace, forward
from glassnet.settings import Settings, learning_rate_at

BLOCK = 500
"""Examples that are gathered, and whose costs are computed, at a time. Mini-batch by mini-batch the two together took a
fifth of the time with mini-batches of 10; much larger blocks fall out of the processor's cache."""


class ReferenceEngine:
    """Descends as the equations are written.

    Parameters
    ----------
    images : ndarray of uint8, shape (n, height, width)
        The training digits.
    labels : ndarray of uint8, shape (n,)
        Theirs.
    network : Network
        Of NumPy arrays; it sets the precision and the number of outputs.
    """

    name = "reference"

    def __init__(self, images: np.ndarray, labels: np.ndarray, network: Network) -> None:
        self.inputs = as_inputs(images, dtype=network.dtype)  # (n, n_in)
        self.wanted = one_hot(labels, network.layer_sizes[-1], dtype=network.dtype)  # (n, n_out)

    def descend(
        self, descent: Descent, order: np.ndarray, settings: Settings, n_steps_in_all: int
    ) -> tuple[Descent, np.ndarray]:
        """Return the descent after a run of mini-batches, and each example's cost before its step: see `Engine`."""
        size = settings.mini_batch_size
        costs = []
        # a descent that runs away overflows; the cost shows it, and `train` looks at that
        with np.errstate(over="ignore", invalid="ignore"):
            for block in mini_batches(order, max(1, BLOCK // size) * size):
                descent, block_costs = self.descend_block(descent, block, settings, n_steps_in_all)
                costs.append(block_costs)
        return descent, np.concatenate(costs)

    def descend_block(
        self, descent: Descent, block: np.ndarray, settings: Settings, n_steps_in_all: int
    ) -> tuple[Descent, np.ndarray]:
        """Return the descent after the mini-batches of a block, and the cost of each example before its step."""
        n_training = len(self.inputs)
        inputs, wanted = self.inputs[block], self.wanted[block]  # (n, n_in), (n, n_out)
        size = settings.mini_batch_size
        zs, outputs, penalties = [], [], []
        for first in range(0, len(block), size):
            network, some = descent.network, slice(first, first + size)
            trace = forward(network, inputs[some])
            gradients = backprop(network, trace, wanted[some])
            zs.append(trace.zs[-1])
            outputs.append(trace.activations[-1])
            if settings.l2:
                gradients = with_l2(gradients, network, settings.l2, n_training)
                penalties.append(np.full(len(outputs[-1]), l2_cost(network, settings.l2, n_training)))
            learning_rate = learning_rate_at(settings, descent.n_steps, n_steps_in_all)
            descent = advance(descent, gradients, learning_rate, settings)
        trace = Trace((np.concatenate(zs),), (np.concatenate(outputs),))
        costs = cost_of_examples(descent.network, trace, wanted)  # (n,)
        return descent, costs + np.concatenate(penalties) if penalties else costs
