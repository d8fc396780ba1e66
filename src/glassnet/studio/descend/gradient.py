"""Gradient: all its numbers as a ranked list in words, and what nudging some of them does."""

import numpy as np

from glassnet.backpropagation import backprop
from glassnet.digits import Digits
from glassnet.errors import SettingError
from glassnet.network import Network, feedforward
from glassnet.nudges import Parameter, mean_cost, nudge_effect, parameter_at, ranked_gradient
from glassnet.nudges.parameters import check_layer, check_parameter
from glassnet.studio.descend.sampling import parameter_told, sample_for
from glassnet.studio.descend.schema import (
    AskGradient,
    AskNudges,
    GradientTold,
    NudgesTold,
    NudgeTold,
    SlopeTold,
)
from glassnet.studio.shown.seeing import Held, parameter_of, told

A_LOT, SOMEWHAT = 1 / 2, 1 / 10
"""Shares of the largest slope at or above which a wish is for a lot, and for more than a little."""


def gradient_of(held: Held, digits: Digits, asked: AskGradient) -> GradientTold:
    """Return a part of the ranked gradient; SettingError if there is no such layer or parameter."""
    network = held.network
    sample, is_fewer = sample_for(held, digits, asked.sample, 4)
    gradients = backprop(network, feedforward(network, sample.inputs), sample.wanted)
    ranked = ranked_gradient(gradients)
    ranks = np.arange(len(ranked.order))
    if asked.layer is not None:
        begin, end = span_of(network, asked.layer)
        ranks = ranks[(ranked.order >= begin) & (ranked.order < end)]
    first = asked.first
    if asked.find is not None:
        wanted = parameter_of(asked.find)
        (found,) = np.nonzero(ranked.order[ranks] == place_in_vector(network, wanted))
        if not len(found):
            raise SettingError(f"{wanted.name} is not of layer {asked.layer}.")
        first = int(found[0]) // asked.count * asked.count
    largest = float(np.abs(ranked.slopes[0]))
    entries = [
        SlopeTold(
            rank=int(rank) + 1,
            parameter=parameter_told(held, parameter_at(network, int(ranked.order[rank]))),
            slope=told(ranked.slopes[rank]),
            share=told(abs(ranked.slopes[rank]) / largest if largest else 0.0),
            wish=wish_in_words(float(ranked.slopes[rank]), largest),
        )
        for rank in ranks[first : first + asked.count]
    ]
    return GradientTold(
        n=len(sample.indices),
        is_fewer=is_fewer,
        n_parameters=network.n_parameters,
        n_listed=len(ranks),
        first=first,
        length=told(ranked.length),
        largest=told(largest),
        cost=told(mean_cost(network, sample.inputs, sample.wanted)),
        layer_sizes=list(network.layer_sizes),
        entries=entries,
    )


def wish_in_words(slope: float, largest: float) -> str:
    """Return what minus the gradient asks of a parameter: against its slope, and by its share of the largest."""
    if slope == 0:
        return "leave as it is"
    share = abs(slope) / largest
    how_much = "a lot" if share >= A_LOT else "somewhat" if share >= SOMEWHAT else "a little"
    return f"{'lower' if slope > 0 else 'raise'} {how_much}"


def span_of(network: Network, layer: int) -> tuple[int, int]:
    """Return where a layer's weights and biases begin and end in the long vector; SettingError if it has none."""
    check_layer(network, layer)
    sizes = [0, *(w.size + b.size for w, b in zip(network.weights, network.biases, strict=True))]  # layer 0 has none
    begin = sum(sizes[:layer])
    return begin, begin + sizes[layer]


def place_in_vector(network: Network, parameter: Parameter) -> int:
    """Return the place of a parameter in the long vector; SettingError if there is no such parameter."""
    check_parameter(network, parameter)
    begin, _ = span_of(network, parameter.layer)
    n_out, n_in = network.weights_into(parameter.layer).shape
    if parameter.source is None:
        return begin + n_out * n_in + parameter.neuron
    return begin + parameter.neuron * n_in + parameter.source


def nudges_of(held: Held, digits: Digits, asked: AskNudges) -> NudgesTold:
    """Return what nudging parameters by the same amount does to the cost, each on its own."""
    sample, is_fewer = sample_for(held, digits, asked.sample, 12)
    effects = [
        nudge_effect(held.network, sample.inputs, sample.wanted, parameter_of(one), asked.amount)
        for one in asked.parameters
    ]
    ratio = None
    if len(effects) == 2 and effects[1].slope:
        ratio = told(abs(effects[0].slope / effects[1].slope))
    return NudgesTold(
        n=len(sample.indices),
        is_fewer=is_fewer,
        nudges=[
            NudgeTold(
                parameter=parameter_told(held, effect.parameter),
                amount=told(effect.amount),
                slope=told(effect.slope),
                cost_before=told(effect.cost_before),
                cost_after=told(effect.cost_after),
                predicted=told(effect.predicted),
                actual=told(effect.actual),
            )
            for effect in effects
        ],
        ratio=ratio,
    )
