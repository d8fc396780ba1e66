"""Many: what many training digits ask of some weights and biases, and which test digits are misread."""

import numpy as np

from glassnet.backpropagation import backprop
from glassnet.digits import Digits, as_inputs
from glassnet.errors import SettingError
from glassnet.network import Network, feedforward
from glassnet.nudges import Parameter, asks, most_disputed, ranked_gradient
from glassnet.nudges.effects import largest_entries
from glassnet.studio.nudge.schema import AskExamples, Column, ExamplesTold, Misread
from glassnet.studio.shown.pictures import in_text
from glassnet.studio.shown.sample import Sample, sample_of
from glassnet.studio.shown.seeing import parameter_of, place_of, told

MOST_WORK = 400_000_000
"""The most digits times parameters that a table is made for: some seconds."""
N_PICTURES = 10
AT_ONCE = 200


def examples_told(network: Network, digits: Digits, asked: AskExamples) -> ExamplesTold:
    """Return the table of what training digits ask, its means, and how many disagree with them."""
    most = max(1, MOST_WORK // network.n_parameters)
    if asked.sample.n > most:
        raise SettingError(f"a network as wide as this one can be asked about {most:,} digits at a time, not more.")
    sample = sample_of(digits, asked.sample)
    columns = columns_of(network, sample, asked)
    found = asks(network, sample.inputs, sample.wanted, columns)
    # most digits ask for next to nothing of a network that has learned them: those that ask for most come first
    order = np.argsort(-np.abs(found.table).max(axis=1), kind="stable")
    indices = sample.indices[order]
    return ExamplesTold(
        indices=indices.tolist(),
        labels=sample.labels[order].tolist(),
        images=[in_text(digits.train_images[index]) for index in indices[:N_PICTURES]],
        columns=[
            Column(
                parameter=place_of(parameter),
                name=parameter.name,
                mean=told(found.means[i]),
                gradient=told(found.gradient[i]),
                disagreeing=told(found.disagreeing[i]),
            )
            for i, parameter in enumerate(columns)
        ],
        table=told(found.table[order]),
    )


def misread(network: Network, digits: Digits, after: int) -> Misread:
    """Return the first test digit after one that a network misreads, going round."""
    n = len(digits.test_labels)
    order = np.roll(np.arange(n), -(after + 1))
    for first in range(0, n, AT_ONCE):
        some = order[first : first + AT_ONCE]
        inputs = as_inputs(digits.test_images[some], dtype=np.float64)
        answers = feedforward(network, inputs).outputs.argmax(axis=1)
        wrong = np.flatnonzero(answers != digits.test_labels[some])
        if len(wrong):
            index = int(some[wrong[0]])
            return Misread(index=index, label=int(digits.test_labels[index]), answer=int(answers[wrong[0]]))
    return Misread(index=None, label=None, answer=None)


def columns_of(network: Network, sample: Sample, asked: AskExamples) -> tuple[Parameter, ...]:
    """Return the parameters of a table: those that were asked for first, then others until there are enough."""
    wanted = [parameter_of(place) for place in asked.parameters]
    if asked.by == "dispute":
        others = most_disputed(network, sample.inputs, sample.wanted, asked.k + len(wanted))
    else:
        gradients = backprop(network, feedforward(network, sample.inputs), sample.wanted)
        entries = largest_entries(network, ranked_gradient(gradients), asked.k + len(wanted))
        others = tuple(parameter for parameter, _ in entries)
    return tuple(dict.fromkeys([*wanted, *others]))[: max(asked.k, len(wanted))]
