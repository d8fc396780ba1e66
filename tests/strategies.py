"""Networks and batches that hypothesis makes up, named by their axes."""

import numpy as np
from hypothesis import strategies as st

import glassnet
from glassnet.activation import ACTIVATIONS
from glassnet.cost import CROSS_ENTROPIES

HIDDEN = [name for name in ACTIVATIONS if name != "softmax"]
KINDS = [
    (activation, output, cost)
    for activation in HIDDEN
    for output in ACTIVATIONS
    for cost in ("quadratic", "cross-entropy")
    if cost == "quadratic" or output in CROSS_ENTROPIES
]


@st.composite
def problems(draw):
    """Return a float64 network, inputs (batch, n_in), wanted outputs (batch, n_out), and the generator behind them."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32)))
    layer_sizes = draw(st.lists(st.integers(1, 6), min_size=2, max_size=5))
    activation, output_activation, cost = draw(st.sampled_from(KINDS))
    network = glassnet.Network.random(
        tuple(layer_sizes),
        rng=rng,
        start=draw(st.sampled_from(["scaled", "standard-normal"])),
        activation=activation,
        output_activation=output_activation,
        cost=cost,
        dtype=np.float64,
    )
    batch = draw(st.integers(1, 5))
    inputs = rng.uniform(0, 1, (batch, layer_sizes[0]))
    wanted = rng.uniform(0, 1, (batch, layer_sizes[-1]))
    return network, inputs, wanted, rng


def away_from_kinks(network, zs):
    """Return whether no weighted input is near 0 where relu has no slope: a nudge across it would measure nonsense."""
    kinds = [network.activation] * (len(zs) - 1) + [network.output_activation]
    return all(abs(z).min() > 0.05 for z, kind in zip(zs, kinds, strict=True) if kind == "relu")
