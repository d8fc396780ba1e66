"""One neuron: how it comes to its activation, and what it looks for."""

import numpy as np

from glassnet.activation import ACTIVATIONS
from glassnet.errors import SettingError
from glassnet.features import exciting_input, most_exciting_digits
from glassnet.nudges.parameters import check_neuron
from glassnet.studio.draw.schema import Curve, Likes, NeuronDetail, Term
from glassnet.studio.shown.pictures import Prepared, in_text
from glassnet.studio.shown.seeing import Held, told, traced

N_LARGEST = 10
N_LIKED = 12
MOST_SEARCHED = 2_000
"""Test digits that are searched for those that excite a neuron of a wide network; for small ones all are."""
WIDE = 100_000
"""A network with more parameters than this is wide."""


def neuron_detail(held: Held, prepared: Prepared, layer: int, neuron: int) -> NeuronDetail:
    """Return how a neuron comes to its activation; SettingError if there is no such neuron."""
    network = held.network
    check_neuron(network, layer, neuron)
    if layer == 0:
        raise SettingError("layer 0 is the inputs: a pixel adds nothing up.")
    trace = traced(network, prepared.image)
    before = trace.activations_before(layer)[0]  # (n_in,)
    weights = network.weights_into(layer)[neuron]  # (n_in,)
    products = weights * before
    largest = np.argsort(-np.abs(products), kind="stable")[:N_LARGEST]
    rest = np.delete(products, largest)
    bias, z = float(network.biases_of(layer)[neuron]), float(trace.z_of(layer)[0, neuron])
    name = network.output_activation if layer == len(network.weights) else network.activation
    function = ACTIVATIONS[name]
    # softmax looks at all ten at once; its curve is over this neuron's z, with the others as they are
    zs = trace.z_of(layer)  # (1, n_out)
    reach = max(8.0, 1.2 * abs(z))
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
        n_inputs=len(weights),
        weights=told(weights),
        products=told(products),
        largest=[
            Term(
                source=int(k),
                activation=told(before[k]),
                weight=told(weights[k]),
                product=told(products[k]),
            )
            for k in largest
        ],
        n_rest=len(rest),
        sum_of_rest=told(rest.sum()),
        weighted_sum=told(z - bias),
        bias=told(bias),
        threshold=told(-bias),
        z=told(z),
        activation=told(trace.activations[layer][0, neuron]),
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
