"""The explanation of a line through the landscape: the cost along it, its slope, and steps down it."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.markup import escape

from glassnet import landscape
from glassnet.backpropagation import Gradients
from glassnet.cli.console import out, print_wide, signed, unsigned
from glassnet.cli.explain import plots
from glassnet.cli.explain.explanation import Explanation, check_finite, plain
from glassnet.cli.explain.landscapes import check_numbers, progress
from glassnet.cli.explain.sample import Sample
from glassnet.cli.pictures import curve, plain_table
from glassnet.errors import SettingError
from glassnet.landscape import SlicePoint
from glassnet.nudges import parameter_named

if TYPE_CHECKING:
    from matplotlib.figure import Figure


def line_of(sample: Sample, parameter: str | None, at_random: bool) -> tuple[str, Gradients, float]:
    """Return a line through the network: what to call it, its direction, how far it is looked at each way."""
    network = sample.network
    if parameter is not None and at_random:
        raise SettingError("--parameter and --random are two directions; choose one.")
    if parameter is not None:
        chosen = parameter_named(network, parameter)
        return chosen.name, landscape.along(chosen, network), landscape.REACH_OF_PARAMETER
    if at_random:
        return "a random direction", landscape.scaled_random_direction(network, sample.rng), landscape.REACH_AT_RANDOM
    down = landscape.downhill(network, sample.inputs, sample.wanted)
    return "minus the gradient (its distance is a learning rate)", down, landscape.reach_downhill(network, down)


@dataclass(frozen=True, slots=True, eq=False)
class CostSlice(Explanation):
    """The cost along a line, and descents along it.

    Parameters
    ----------
    sample : Sample
        The digits.
    name : str
        Of the line.
    reach : float
        How far it is looked at each way.
    line : Slice
        The cost and its slope along it.
    here : Slice
        The same at the network itself.
    learning_rate : float
        Of the descents.
    ways : list of lists of SlicePoint
        The descents.
    """

    sample: Sample
    name: str
    reach: float
    line: landscape.Slice
    here: landscape.Slice
    learning_rate: float
    ways: list[list[SlicePoint]]

    def numbers(self) -> dict[str, Any]:
        """Return every number, as JSON can say it."""
        return self.sample.numbers | {
            "along": self.name,
            "cost_here": float(self.here.costs[0]),
            "slope_here": float(self.here.slopes[0]),
            "distances": plain(self.line.distances),
            "costs": plain(self.line.costs),
            "slopes": plain(self.line.slopes),
            "learning_rate": self.learning_rate,
            "descents": plain(self.ways),
        }

    def show(self) -> None:
        """Print the cost as a curve, and the descents as a table."""
        out.print(f"[bold]The cost along {escape(self.name)}[/], mean of {self.sample.name}.\n")
        picture = curve(self.line.costs.tolist(), logarithmic=False)
        out.print(picture)
        width = max(len(line) for line in picture.plain.splitlines()) - 10
        ruler = [" "] * width
        ruler[(width - 1) // 2] = "▲"
        out.print(" " * 10 + "".join(ruler), highlight=False)
        out.print(f"{'':9}{f'from {-self.reach:.4g}, through the network, to {self.reach:.4g}':^{width}}")
        out.print(f"\nHere it is {self.here.costs[0]:.6f} and its slope is {self.here.slopes[0]:+.6f}.")
        out.print(f"Steps of {self.learning_rate:.4g} times the slope, so that they shrink as it flattens:")
        print_wide(table_of_ways(self.ways))

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row for each place along the line."""
        yield "distance", "cost", "slope"
        columns = (self.line.distances, self.line.costs, self.line.slopes)
        yield from zip(*(column.tolist() for column in columns), strict=True)

    def draw(self, figure: "Figure") -> None:
        """Draw the cost along the line, and the steps down it."""
        plots.slice_along(figure, self.name, self.line, self.ways)


def slice_along(
    sample: Sample,
    parameter: str | None,
    at_random: bool,
    reach: float | None,
    points: int,
    starts: list[float],
    steps: int,
    learning_rate: float | None,
) -> CostSlice:
    """Return the cost along a line, its slope, and descents along it from some starts."""
    check_numbers(reach, points, steps, learning_rate)
    name, direction, customary = line_of(sample, parameter, at_random)
    reach = reach or customary
    distances = np.linspace(-reach, reach, points)
    problem = (sample.network, sample.inputs, sample.wanted, direction)
    looks = [landscape.cost_slice(*problem, np.array([d])) for d in progress(distances, points, "Looking along")]
    costs, slopes = (np.array([getattr(look, field)[0] for look in looks]) for field in ("costs", "slopes"))
    check_finite((costs, slopes), "try a smaller --reach")
    starts = starts or [-reach, reach]
    if not np.isfinite(starts).all():
        raise SettingError(f"--start must be a finite number; it is {', '.join(map(str, starts))}.")
    if learning_rate is None:
        steepness = landscape.cost_slice(*problem, np.array(starts)).slopes
        check_finite(steepness, "try a smaller --start")
        learning_rate = landscape.rate_for(steepness, reach)
    ways = [
        list(landscape.descent_along(*problem, start=start, learning_rate=learning_rate, n_steps=steps))
        for start in progress(starts, len(starts), "Going down")
    ]
    check_finite(
        [(p.distance, p.cost, p.slope) for way in ways for p in way], "try a smaller --start or --learning-rate"
    )
    here = landscape.cost_slice(*problem, np.zeros(1))
    line = landscape.Slice(distances, costs, slopes)
    return CostSlice(sample, name, reach, line, here, learning_rate, ways)


def table_of_ways(ways: list[list[SlicePoint]]) -> Any:
    """Return ways down a slice as a table: where, how high, how steep, step by step."""
    table = plain_table("step", *(title for _ in ways for title in ("at", "cost", "slope")))
    for points in zip(*ways, strict=True):
        cells = [cell for p in points for cell in (signed(p.distance), unsigned(p.cost, 6), signed(p.slope, 6))]
        table.add_row(str(points[0].n_steps), *cells)
    return table
