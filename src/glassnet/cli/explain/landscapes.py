"""Explanations of the landscape: the cost over a plane, and the ways down."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import landscape
from glassnet.cli.console import err, out, plural, print_wide, unsigned
from glassnet.cli.explain import plots
from glassnet.cli.explain.explanation import Explanation, check_finite, plain
from glassnet.cli.explain.sample import Sample
from glassnet.cli.pictures import heat_text, plain_table, sparkline
from glassnet.errors import SettingError
from glassnet.landscape import PathStep

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_POINTS = 1001
BATCH = 100
CUSTOMARY_BATCHES = (100, 10, 1)
MARKS = {"full gradient": "o", f"mini-batches of {BATCH}": "x"}


def progress(things: Iterable[Any], n: int, what: str) -> Iterable[Any]:
    """Yield things with a bar on standard error, if that is a terminal."""
    from rich.progress import track

    return track(things, total=n, description=what, console=err, transient=True, disable=not err.is_terminal)


def check_numbers(reach: float | None, points: int, steps: int, learning_rate: float | None) -> None:
    """Refuse numbers that make no picture."""
    if reach is not None and not (np.isfinite(reach) and reach > 0):
        raise SettingError(f"--reach must be a finite number above 0; it is {reach}.")
    if not 2 <= points <= MOST_POINTS:
        raise SettingError(f"--points must be from 2 to {MOST_POINTS}; it is {points}.")
    if steps < 1:
        raise SettingError(f"--steps must be at least 1; it is {steps}.")
    if learning_rate is not None and not (np.isfinite(learning_rate) and learning_rate > 0):
        raise SettingError(f"learning_rate must be a finite number above 0; it is {learning_rate}.")


@dataclass(frozen=True, slots=True, eq=False)
class CostSurface(Explanation):
    """The cost over a plane, and where descents lie on it.

    Parameters
    ----------
    sample : Sample
        The digits.
    along : {"random", "descent"}
        What the directions of the plane are.
    xs, ys : ndarray, shapes (n_columns,) and (n_rows,)
        Distances along them.
    costs : ndarray, shape (n_rows, n_columns)
        There.
    descents : dict of str to list of PathStep
        By their names; none where the directions are random.
    places : dict of str to list of (float, float)
        Where the steps of each lie on the plane.
    """

    sample: Sample
    along: str
    xs: np.ndarray
    ys: np.ndarray
    costs: np.ndarray
    descents: dict[str, list[PathStep]]
    places: dict[str, list[tuple[float, float]]]

    def numbers(self) -> dict[str, Any]:
        """Return every number, as JSON can say it."""
        return self.sample.numbers | {
            "along": self.along,
            "xs": plain(self.xs),
            "ys": plain(self.ys),
            "costs": plain(self.costs),
            "descents": {
                name: {"places": plain(self.places[name]), **plain(landscape.columns_of(way))}
                for name, way in self.descents.items()
            },
        }

    def show(self) -> None:
        """Print the plane with a shade for each cost, and how the descents fare."""
        xs, ys, costs, is_random = self.xs, self.ys, self.costs, self.along == "random"
        what = "two random directions" if is_random else "the two directions in which a descent moved most"
        out.print(f"[bold]The cost over {what}[/], mean of {self.sample.name}.\n")
        marks = {nearest(place, xs, ys): MARKS[name] for name, way in self.places.items() for place in way}
        if is_random:
            marks[nearest((0.0, 0.0), xs, ys)] = "+"
        print_wide(heat_text(costs, out, marks), len(xs))
        lowest = np.unravel_index(int(np.argmin(costs)), costs.shape)
        x, y = xs[lowest[1]], ys[lowest[0]]
        out.print(
            f"\nDark is low, bright is high: {unsigned(costs.min())} at ({x:.3g}, {y:.3g}) to {unsigned(costs.max())}; "
            f"x goes from {xs[0]:.3g} to {xs[-1]:.3g}, y from {ys[0]:.3g} to {ys[-1]:.3g}."
        )
        for name, way in self.descents.items():
            first, last = way[0].cost, way[-1].cost
            out.print(
                f"{MARKS[name]} {name}: from {unsigned(first)} to {unsigned(last)} in {plural(len(way) - 1, 'step')}."
            )
        if is_random:
            out.print("+ is the network.")

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row for each point of the plane."""
        yield "x", "y", "cost"
        for j, y in enumerate(self.ys.tolist()):
            for i, x in enumerate(self.xs.tolist()):
                yield x, y, self.costs[j, i]

    def draw(self, figure: "Figure") -> None:
        """Draw the cost as contours, and the ways down."""
        plots.surface(figure, self.xs, self.ys, self.costs, self.places)


def surface(
    sample: Sample, along: str, reach: float | None, points: int, steps: int, learning_rate: float
) -> CostSurface:
    """Return the cost over a plane through the network: of two random directions, or of a descent from here."""
    check_numbers(reach, points, steps, learning_rate)
    descents: dict[str, list[PathStep]] = {}
    if along == "random":
        origin = sample.network
        plane = (
            landscape.scaled_random_direction(origin, sample.rng),
            landscape.scaled_random_direction(origin, sample.rng),
        )
        width = reach or landscape.REACH_AT_RANDOM
        box = ((-width, width), (-width, width))
    elif along == "descent":
        if reach is not None:
            raise SettingError("--reach is for random directions; the surface of a descent shows the whole of it.")
        if len(sample.indices) <= BATCH:
            raise SettingError(f"--along descent compares all digits with mini-batches of {BATCH}: take more --digits.")
        sizes = dict(zip(MARKS, (None, BATCH), strict=True))
        descents = {name: descended(sample, size, steps, learning_rate, name) for name, size in sizes.items()}
        origin = descents[f"mini-batches of {BATCH}"][-1].network
        plane = landscape.principal_directions([step.network for step in descents[f"mini-batches of {BATCH}"]])
        networks = (step.network for way in descents.values() for step in way)
        box = landscape.box_around(np.array([landscape.place_on(plane, origin, network) for network in networks]))
    else:
        raise SettingError(f"--along is random or descent, not {along}.")
    xs, ys = (np.linspace(low, high, points) for low, high in box)
    rows = landscape.cost_surface(origin, sample.inputs, sample.wanted, plane, (xs, ys))
    costs = np.stack([row.costs for row in progress(rows, points, "Looking around")])  # (n_rows, n_columns)
    check_finite(costs, "try a smaller --reach")
    places = {name: [landscape.place_on(plane, origin, step.network) for step in way] for name, way in descents.items()}
    return CostSurface(sample, along, xs, ys, costs, descents, places)


def nearest(place: tuple[float, float], xs: np.ndarray, ys: np.ndarray) -> tuple[int, int]:
    """Return the row and column of a surface that lie nearest to a place."""
    return int(np.abs(ys - place[1]).argmin()), int(np.abs(xs - place[0]).argmin())


def descended(
    sample: Sample, mini_batch_size: int | None, steps: int, learning_rate: float, name: str
) -> list[PathStep]:
    """Return a descent from the network of a sample, step by step."""
    path = landscape.descent_path(
        sample.network,
        sample.inputs,
        sample.wanted,
        learning_rate=learning_rate,
        mini_batch_size=mini_batch_size,
        n_steps=steps,
        rng=sample.rng,
    )
    way = list(progress(path, steps + 1, f"Going down by {name}"))
    check_finite([(step.cost, step.length) for step in way], "try a smaller --learning-rate")
    return way


@dataclass(frozen=True, slots=True, eq=False)
class Paths(Explanation):
    """Descents from one start, by their names."""

    sample: Sample
    learning_rate: float
    descents: dict[str, list[PathStep]]

    def numbers(self) -> dict[str, Any]:
        """Return every number, as JSON can say it."""
        return self.sample.numbers | {
            "learning_rate": self.learning_rate,
            "descents": {name: plain(landscape.columns_of(way)) for name, way in self.descents.items()},
        }

    def show(self) -> None:
        """Print what each descent comes to, and its cost as a line."""
        n_steps = len(next(iter(self.descents.values()))) - 1  # the first is the start
        out.print(
            f"[bold]{plural(n_steps, 'step')} of learning rate {self.learning_rate:g} from one start[/], "
            f"{self.sample.name}.\n"
        )
        table = plain_table("down by", "cost", "digits used", "seconds", "length", "cosine", "")
        every = [step.cost for way in self.descents.values() for step in way]
        for name, way in self.descents.items():
            last = way[-1]
            table.add_row(
                name,
                f"{unsigned(way[0].cost)} → {unsigned(last.cost)}",
                f"{last.n_examples:,}",
                f"{last.seconds:.4f}",
                unsigned(float(np.mean([step.length for step in way[1:]]))),
                f"{np.mean([step.cosine for step in way[1:]]):+.3f}",
                sparkline([step.cost for step in way], min(every), max(every)),
            )
        print_wide(table)
        out.print(
            "\nThe cost is that of all these digits; lengths and cosines are means over the steps. The cosine is that "
            "of the angle between a step and the steepest way down where it began: 1 is straight down, 0 is level."
        )

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row for each step of each descent."""
        yield ("descent", *landscape.PATH_COLUMNS)
        for name, way in self.descents.items():
            for step in way:
                yield (name, *(getattr(step, column) for column in landscape.PATH_COLUMNS))

    def draw(self, figure: "Figure") -> None:
        """Draw the cost by step and by digits used, and the angles of the steps."""
        plots.paths(figure, self.descents)


def paths(sample: Sample, mini_batch_sizes: list[int] | None, steps: int, learning_rate: float) -> Paths:
    """Return descents from one start: by the full gradient, and by mini-batches of some sizes."""
    check_numbers(None, 2, steps, learning_rate)
    if mini_batch_sizes is None:
        mini_batch_sizes = [size for size in CUSTOMARY_BATCHES if size <= len(sample.indices)]
    for size in mini_batch_sizes:
        if not 1 <= size <= len(sample.indices):
            raise SettingError(f"mini_batch_size must be from 1 to {len(sample.indices)}, the digits; it is {size}.")
    sizes: dict[str, int | None] = {"full gradient": None}
    sizes |= {f"mini-batches of {size}": size for size in mini_batch_sizes}
    descents = {name: descended(sample, size, steps, learning_rate, name) for name, size in sizes.items()}
    return Paths(sample, learning_rate, descents)
