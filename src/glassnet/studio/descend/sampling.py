"""Sampling: as many of the digits asked for as a network's width allows, and its parameters as they are told."""

from glassnet.digits import Digits
from glassnet.nudges import Parameter
from glassnet.nudges.parameters import check_finite
from glassnet.studio.descend.schema import ParameterTold
from glassnet.studio.shown.sample import AskedSample, Sample, sample_of
from glassnet.studio.shown.seeing import Held, place_of, told

MOST_WORK = 1.5e10
"""Digits times parameters times places looked at, for an answer that somebody waits for: a second or two."""
FEWEST = 20


def sample_for(held: Held, digits: Digits, asked: AskedSample, n_places: int) -> tuple[Sample, bool]:
    """Return digits before a network, fewer where it is wide, and whether they are fewer than asked."""
    check_finite(held.network)
    most = max(FEWEST, int(MOST_WORK / (held.network.n_parameters * n_places)))
    n = min(asked.n, most)
    return sample_of(digits, AskedSample(n=n, seed=asked.seed)), n < asked.n


def parameter_told(held: Held, parameter: Parameter) -> ParameterTold:
    """Return a parameter as it is told."""
    value = told(parameter.of(held.network))
    return ParameterTold(**place_of(parameter).model_dump(), name=parameter.name, value=value)
