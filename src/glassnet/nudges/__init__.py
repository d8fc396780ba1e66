"""Nudges: backpropagation as chapter 3 tells it, with the numbers of a real network and real digits."""

from glassnet.nudges.chain_rule import ChainRule, Path, activation_chain_rule, chain_rule
from glassnet.nudges.effects import (
    NudgeEffect,
    RankedGradient,
    StepEffect,
    largest_entries,
    mean_cost,
    nudge_effect,
    ranked_gradient,
    step_effect,
)
from glassnet.nudges.examples import Asks, asks, disagreement, most_disputed
from glassnet.nudges.parameters import Parameter, as_vector, nudged, parameter_at, parameter_named, with_values
from glassnet.nudges.teaching import Lesson, largest_moves, teach
from glassnet.nudges.wishes import Avenues, LayerWishes, OutputWishes, avenues, layer_wishes, output_wishes

__all__ = [
    "Asks",
    "Avenues",
    "ChainRule",
    "LayerWishes",
    "Lesson",
    "NudgeEffect",
    "OutputWishes",
    "Parameter",
    "Path",
    "RankedGradient",
    "StepEffect",
    "activation_chain_rule",
    "as_vector",
    "asks",
    "avenues",
    "chain_rule",
    "disagreement",
    "largest_entries",
    "largest_moves",
    "layer_wishes",
    "mean_cost",
    "most_disputed",
    "nudge_effect",
    "nudged",
    "output_wishes",
    "parameter_at",
    "parameter_named",
    "ranked_gradient",
    "step_effect",
    "teach",
    "with_values",
]
