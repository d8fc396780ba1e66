"""Slices: the cost along a line through a network, with ways down it."""

import numpy as np

from glassnet import landscape
from glassnet.backpropagation import Gradients, backprop
from glassnet.digits import Digits
from glassnet.errors import DivergedError
from glassnet.landscape import SlicePoint
from glassnet.network import feedforward
from glassnet.nudges import Parameter, largest_entries, ranked_gradient
from glassnet.studio.descend.sampling import parameter_told, sample_for
from glassnet.studio.descend.schema import AskSlice, SliceTold, WayTold
from glassnet.studio.shown.sample import Sample
from glassnet.studio.shown.seeing import Held, parameter_of, told

STARTS = (-0.8, 0.15, 0.8)
"""Where ways down begin unless told otherwise, in parts of the reach: on either side, and near the network."""


def slice_of(held: Held, digits: Digits, asked: AskSlice) -> SliceTold:
    """Return the cost along a line, and ways down it; DivergedError where numbers overflow."""
    n_starts = len(asked.starts) or len(STARTS)
    sample, is_fewer = sample_for(held, digits, asked.sample, 2 * (asked.points + n_starts * (asked.n_steps + 2)))
    name, direction, parameter, customary = line_of(held, sample, asked)
    reach = asked.reach or customary
    problem = (held.network, sample.inputs, sample.wanted, direction)
    with np.errstate(all="ignore"):
        look = landscape.cost_slice(*problem, np.linspace(-reach, reach, asked.points))
        here = landscape.cost_slice(*problem, np.zeros(1))
        starts = asked.starts or [share * reach for share in STARTS]
        rate = asked.learning_rate
        if rate is None:
            rate = landscape.rate_for(landscape.cost_slice(*problem, np.array(starts)).slopes, reach)
        ways = [
            list(landscape.descent_along(*problem, start=start, learning_rate=rate, n_steps=asked.n_steps))
            for start in starts
        ]
    numbers = [number for way in ways for point in way for number in (point.distance, point.cost, point.slope)]
    if not (np.isfinite(numbers).all() and np.isfinite(look.costs).all() and np.isfinite(look.slopes).all()):
        raise DivergedError(
            "the cost is no longer a finite number there: try a smaller learning rate, or do not look so far."
        )
    return SliceTold(
        along=name,
        parameter=None if parameter is None else parameter_told(held, parameter),
        n=len(sample.indices),
        is_fewer=is_fewer,
        reach=told(reach),
        learning_rate=told(rate),
        cost=told(here.costs[0]),
        slope=told(here.slopes[0]),
        distances=told(look.distances),
        costs=told(look.costs),
        slopes=told(look.slopes),
        ways=[way_told(way) for way in ways],
    )


def line_of(held: Held, sample: Sample, asked: AskSlice) -> tuple[str, Gradients, Parameter | None, float]:
    """Return a line: what to call it, its direction, its parameter if it has one, and how far to look."""
    network = held.network
    if asked.along == "random":
        direction = landscape.scaled_random_direction(network, sample.rng)
        return "a random direction", direction, None, landscape.REACH_AT_RANDOM
    if asked.along == "gradient":
        down = landscape.downhill(network, sample.inputs, sample.wanted)
        return "minus the gradient", down, None, landscape.reach_downhill(network, down)
    if asked.parameter is not None:
        parameter = parameter_of(asked.parameter)
    else:
        gradients = backprop(network, feedforward(network, sample.inputs), sample.wanted)
        ((parameter, _),) = largest_entries(network, ranked_gradient(gradients), 1)
    return parameter.name, landscape.along(parameter, network), parameter, landscape.REACH_OF_PARAMETER


def way_told(way: list[SlicePoint]) -> WayTold:
    """Return a way down as it is told."""
    return WayTold(
        distance=told(np.array([point.distance for point in way])),
        cost=told(np.array([point.cost for point in way])),
        slope=told(np.array([point.slope for point in way])),
    )
