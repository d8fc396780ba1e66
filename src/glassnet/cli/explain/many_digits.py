"""The explanation of many digits: what each asks of some weights and biases, and what becomes of it on average."""

import numpy as np
from rich.markup import escape

from glassnet import nudges
from glassnet.cli.console import out, percent, print_wide
from glassnet.cli.explain import plots
from glassnet.cli.explain.explanation import Explanation, plain
from glassnet.cli.explain.sample import Sample
from glassnet.cli.pictures import plain_table
from glassnet.errors import SettingError

N_SHOWN, N_COLUMNS = 10, 5
N_DISPUTED = 5


def examples(sample: Sample, names: list[str], n_random: int, n_disputed: int | None) -> Explanation:
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
    told = nudges.asks(network, sample.inputs, sample.wanted, tuple(parameters))
    columns = [parameter.name for parameter in told.parameters]
    numbers = sample.numbers | {
        "parameters": columns,
        "indices": plain(sample.indices),
        "labels": plain(sample.labels),
        "table": plain(told.table),
        "means": plain(told.means),
        "gradient": plain(told.gradient),
        "disagreeing": plain(told.disagreeing),
    }

    def show() -> None:
        out.print(f"[bold]What {sample.name} ask[/]: minus the slope of each one's own cost.\n")
        some = slice(N_COLUMNS)
        table = plain_table("digit", *map(escape, columns[some]))
        for label, asked in zip(sample.labels[:N_SHOWN].tolist(), told.table[:N_SHOWN, some].tolist(), strict=False):
            table.add_row(f"a {label}", *(f"{ask:+.2e}" for ask in asked))
        if len(told.table) > N_SHOWN:
            table.add_row(f"{len(told.table) - N_SHOWN:,} more", *("…" for _ in columns[some]))
        table.add_row("[bold]mean[/]", *(f"[bold]{mean:+.2e}[/]" for mean in told.means[some].tolist()))
        table.add_row("gradient", *(f"{slope:+.2e}" for slope in told.gradient[some].tolist()))
        table.add_row("disagree", *(percent(share) for share in told.disagreeing[some].tolist()))
        print_wide(table)
        if len(columns) > N_COLUMNS:
            out.print(f"{len(columns) - N_COLUMNS:,} more columns are in --json and --csv.")
        difference = float(np.abs(told.means + told.gradient).max())
        out.print(
            f"\nThe means are minus the gradient: they differ by {difference:.1e} at the most. "
            "Who disagrees asks for the opposite of the mean."
        )

    rows = (
        (index, label, *asked)
        for index, label, asked in zip(
            sample.indices.tolist(), sample.labels.tolist(), told.table.tolist(), strict=True
        )
    )
    return Explanation(
        numbers, show, ("index", "label", *columns), rows, lambda figure: plots.examples(figure, columns, told)
    )
