"""Chain: how a weight reaches the cost, factor by factor and path by path, as it is told to the page."""

import numpy as np

from glassnet.backpropagation import backprop, deltas_of
from glassnet.nudges import Parameter, activation_chain_rule, chain_rule, output_wishes
from glassnet.nudges.parameters import check_layer, check_neuron
from glassnet.nudges.wishes import slopes_of_layer
from glassnet.studio.nudge.schema import AskChainRule, ChainRuleTold, Factor, NodeTold, PathTold
from glassnet.studio.nudge.wishes import Lesson, finite
from glassnet.studio.shown.seeing import parameter_of, place_of, told

MOST_PATHS = 16


def chain_rule_told(lesson: Lesson, asked: AskChainRule) -> ChainRuleTold:
    """Return the chain rule of a weight or bias; if none is asked for, of the weight with the largest slope."""
    network = lesson.network
    parameter = steepest_weight(lesson, asked.within) if asked.parameter is None else parameter_of(asked.parameter)
    found = chain_rule(network, lesson.inputs, lesson.wanted, parameter)
    return ChainRuleTold(
        parameter=place_of(parameter),
        name=found.name,
        value=told(found.value),
        factors=[Factor(name=name, value=told(value)) for name, value in found.factors],
        product=told(found.product),
        measured=told(found.measured),
        learning_rate=asked.learning_rate,
        after=told(found.value - asked.learning_rate * found.product),
        node=node_told(lesson, parameter.layer, parameter.neuron),
    )


def steepest_weight(lesson: Lesson, within: int | None) -> Parameter:
    """Return the weight whose slope is largest, of one layer or of all; SettingError if there is no such layer."""
    if within is not None:
        check_layer(lesson.network, within)
    slopes = dict(enumerate(backprop(lesson.network, lesson.trace, lesson.wanted).weights, 1))  # by layers
    layer = within or max(slopes, key=lambda one: float(np.abs(slopes[one]).max()))
    neuron, source = np.unravel_index(int(np.abs(slopes[layer]).argmax()), slopes[layer].shape)
    return Parameter(layer, int(neuron), int(source))


def node_told(lesson: Lesson, layer: int, neuron: int) -> NodeTold:
    """Return a neuron on the way to the cost, with the paths that lead on from it; SettingError if it is not there."""
    network, trace, wanted = lesson.network, lesson.trace, lesson.wanted
    check_neuron(network, layer, neuron)
    slopes = slopes_of_layer(network, trace, layer)
    is_output = layer == len(network.weights)
    if is_output:
        slope, paths = -output_wishes(network, trace, wanted).wishes[neuron], ()
    else:
        found = activation_chain_rule(network, lesson.inputs, wanted, layer, neuron)
        slope, paths = found.product, found.paths
    some = sorted(paths, key=lambda path: -abs(path.product))[:MOST_PATHS]
    rest = [path for path in paths if path not in some]
    return NodeTold(
        layer=layer,
        neuron=neuron,
        z=told(trace.z_of(layer)[0, neuron]),
        activation=told(trace.activations[layer][0, neuron]),
        da_dz=None if slopes is None else told(slopes[neuron]),
        dC_da=finite(np.array([slope]))[0],
        dC_dz=told(deltas_of(network, trace, wanted, layer)[0, neuron]),
        wanted=told(wanted[0, neuron]) if is_output else None,
        paths=[
            PathTold(through=p.through, dz_da=told(p.dz_da), dC_dz=told(p.dC_dz), product=told(p.product)) for p in some
        ],
        n_rest=len(rest),
        sum_of_rest=told(float(sum(path.product for path in rest))),
    )
