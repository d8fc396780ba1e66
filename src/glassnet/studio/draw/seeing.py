"""One neuron: how it comes to its activation, and what it looks for."""

import numpy as np

from glassnet.activation import ACTIVATIONS
from glassnet.features import exciting_input, most_exciting_digits, weighted_sum
from glassnet.studio.draw.schema import Curve, Likes, NeuronDetail, Term
from glassnet.studio.shown.pictures import Prepared, in_text
from glassnet.studio.shown.seeing import Held, told, traced

N_LARGEST = 10
N_LIKED = 12
MOST_SEARCHED = 2_000
"""Test digits that are searched for those that excite a neuron of a wide network; for small ones all are."""
WIDE = 100_000
"""A network with more weights than this is wide."""


def neuron_detail(held: Held, prepared: Prepared, layer: int, neuron: int) -> NeuronDetail:
    """Return how a neuron comes to its activation; SettingError if there is no such neuron."""
    network = held.network
    trace = traced(held, prepared.image)
    found = weighted_sum(network, trace, layer, neuron)
    rest = found.rest(N_LARGEST)
    name = network.output_activation if layer == len(network.weights) else network.activation
    function = ACTIVATIONS[name]
    # softmax looks at all ten at once; its curve is over this neuron's z, with the others as they are
    zs = trace.z_of(layer)  # (1, n_out)
    reach = max(8.0, 1.2 * abs(found.z))
    x = np.linspace(-reach, reach, 161)
    others = np.repeat(zs, len(x), axis=0)
    others[:, neuron] = x
    activations = function.function(others)[:, neuron]
    only = np.zeros_like(zs)
    only[0, neuron] = 1
    slope = function.pull_back(trace.activations[layer], only)[0, neuron]
    return NeuronDetail(
        layer=layer,
        neuron=neuron,
        n_inputs=len(found.products),
        weights=told(found.weights),
        products=told(found.products),
        largest=[
            Term(
                source=int(k),
                activation=told(found.activations_before[k]),
                weight=told(found.weights[k]),
                product=told(found.products[k]),
            )
            for k in found.order[:N_LARGEST]
        ],
        n_rest=len(rest),
        sum_of_rest=told(rest.sum()),
        weighted_sum=told(found.without_bias),
        bias=told(found.bias),
        threshold=told(found.threshold),
        z=told(found.z),
        activation=told(found.activation),
        slope=told(slope),
        function=name,
        curve=Curve(x=told(x), y=told(activations)),
    )


def likes(held: Held, images: np.ndarray, labels: np.ndarray, layer: int, neuron: int) -> Likes:
    """Return what a neuron looks for: the test digits that excite it most, and the image that would."""
    network = held.network
    n_parameters = sum(w.size for w in network.weights)
    n_steps = 100
    if n_parameters > WIDE:
        images, labels, n_steps = images[:MOST_SEARCHED], labels[:MOST_SEARCHED], 40
        network = network.astype(np.float32)
    found = most_exciting_digits(network, images, layer, neuron, N_LIKED)
    best = exciting_input(network, layer, neuron, n_steps=n_steps)
    return Likes(
        n_searched=len(images),
        indices=found.indices.tolist(),
        labels=labels[found.indices].tolist(),
        activations=told(found.activations),
        images=[in_text(images[place]) for place in found.indices],
        best_image=in_text(np.rint(best.inputs.reshape(28, 28) * 255)),
        best_z=told(best.z),
        best_activation=told(best.activation),
    )
