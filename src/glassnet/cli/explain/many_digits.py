"""The explanation of many digits: what each asks of some weights and biases, and what becomes of it on average."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.markup import escape

from glassnet import nudges
from glassnet.cli.console import out, percent, print_wide
from glassnet.cli.explain import plots
from glassnet.cli.explain.explanation import Explanation, plain
from glassnet.cli.explain.sample import Sample
from glassnet.cli.pictures import plain_table
from glassnet.errors import SettingError

if TYPE_CHECKING:
    from matplotlib.figure import Figure

N_SHOWN, N_COLUMNS = 10, 5
N_DISPUTED = 5


@dataclass(frozen=True, slots=True, eq=False)
class Examples(Explanation):
    """What each digit of a sample asks of some weights and biases."""

    sample: Sample
    asks: nudges.Asks

    @property
    def names(self) -> list[str]:
        """Of the weights and biases."""
        return [parameter.name for parameter in self.asks.parameters]

    def numbers(self) -> dict[str, Any]:
        """Return every number, as JSON can say it."""
        return self.sample.numbers | {
            "parameters": self.names,
            "indices": plain(self.sample.indices),
            "labels": plain(self.sample.labels),
            "table": plain(self.asks.table),
            "means": plain(self.asks.means),
            "gradient": plain(self.asks.gradient),
            "disagreeing": plain(self.asks.disagreeing),
        }

    def show(self) -> None:
        """Print what the first digits ask of the first weights, and what it comes to."""
        asks, labels, some = self.asks, self.sample.labels, slice(N_COLUMNS)
        out.print(f"[bold]What {self.sample.name} ask[/]: minus the slope of each one's own cost.\n")
        table = plain_table("digit", *map(escape, self.names[some]))
        for label, asked in zip(labels[:N_SHOWN].tolist(), asks.table[:N_SHOWN, some].tolist(), strict=False):
            table.add_row(f"a {label}", *(f"{ask:+.2e}" for ask in asked))
        if len(asks.table) > N_SHOWN:
            table.add_row(f"{len(asks.table) - N_SHOWN:,} more", *("…" for _ in self.names[some]))
        table.add_row("[bold]mean[/]", *(f"[bold]{mean:+.2e}[/]" for mean in asks.means[some].tolist()))
        table.add_row("gradient", *(f"{slope:+.2e}" for slope in asks.gradient[some].tolist()))
        table.add_row("disagree", *(percent(share) for share in asks.disagreeing[some].tolist()))
        print_wide(table)
        if len(self.names) > N_COLUMNS:
            out.print(f"{len(self.names) - N_COLUMNS:,} more columns are in --json and --csv.")
        difference = float(np.abs(asks.means + asks.gradient).max())
        out.print(
            f"\nThe means are minus the gradient: they differ by {difference:.1e} at most. "
            "Those who disagree ask for the opposite of the mean."
        )

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row for each digit."""
        yield ("index", "label", *self.names)
        columns = (self.sample.indices.tolist(), self.sample.labels.tolist(), self.asks.table.tolist())
        for index, label, asked in zip(*columns, strict=True):
            yield (index, label, *asked)

    def draw(self, figure: "Figure") -> None:
        """Draw what is asked of each parameter, and the mean."""
        plots.examples(figure, self.names, self.asks)


def examples(sample: Sample, names: list[str], n_random: int, n_disputed: int | None) -> Examples:
    """Return what each digit of a sample asks of chosen weights and biases."""
    network = sample.network
    if n_disputed is None:
        n_disputed = 0 if names or n_random else N_DISPUTED
    if not (0 <= n_random <= network.n_parameters and 0 <= n_disputed <= network.n_parameters):
        raise SettingError(f"--random and --disputed must be from 0 to {network.n_parameters}.")
    parameters = [nudges.parameter_named(network, name) for name in names]
    drawn = sample.rng.choice(network.n_parameters, n_random, replace=False)
    parameters += [nudges.parameter_at(network, index) for index in drawn.tolist()]
    if n_disputed:
        parameters += nudges.most_disputed(network, sample.inputs, sample.wanted, n_disputed)
    return Examples(sample, nudges.asks(network, sample.inputs, sample.wanted, tuple(parameters)))
