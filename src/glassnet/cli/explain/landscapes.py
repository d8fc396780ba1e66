"""Explanations of the landscape: the cost along a line, over a plane, and the ways down."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from rich.markup import escape

from glassnet import landscape
from glassnet.backpropagation import Gradients
from glassnet.cli.console import err, out, plural, print_wide, signed, unsigned
from glassnet.cli.explain import plots
from glassnet.cli.explain.explanation import Explanation, check_finite, plain
from glassnet.cli.explain.sample import Sample
from glassnet.cli.pictures import curve, heat_text, plain_table, sparkline
from glassnet.errors import SettingError
from glassnet.landscape import PathStep, SlicePoint
from glassnet.nudges import parameter_named

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


def slice_along(
    sample: Sample,
    parameter: str | None,
    at_random: bool,
    reach: float | None,
    points: int,
    starts: list[float],
    steps: int,
    learning_rate: float | None,
) -> Explanation:
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
    numbers = sample.numbers | {
        "along": name,
        "cost_here": float(here.costs[0]),
        "slope_here": float(here.slopes[0]),
        "distances": plain(distances),
        "costs": plain(costs),
        "slopes": plain(slopes),
        "learning_rate": learning_rate,
        "descents": plain(ways),
    }

    def show() -> None:
        out.print(f"[bold]The cost along {escape(name)}[/], mean of {sample.name}.\n")
        picture = curve(costs.tolist(), logarithmic=False)
        out.print(picture)
        width = max(len(line) for line in picture.plain.splitlines()) - 10
        ruler = [" "] * width
        ruler[(width - 1) // 2] = "▲"
        out.print(" " * 10 + "".join(ruler), highlight=False)
        out.print(f"{'':9}{f'from {-reach:.4g}, through the network, to {reach:.4g}':^{width}}")
        out.print(f"\nHere it is {here.costs[0]:.6f} and its slope is {here.slopes[0]:+.6f}.")
        out.print(f"Steps of {learning_rate:.4g} times the slope, so that they shrink as it flattens:")
        print_wide(table_of_ways(ways))

    return Explanation(
        numbers,
        show,
        ("distance", "cost", "slope"),
        zip(distances.tolist(), costs.tolist(), slopes.tolist(), strict=True),
        lambda figure: plots.slice_along(figure, name, distances, costs, ways),
    )


def table_of_ways(ways: list[list[SlicePoint]]) -> Any:
    """Return ways down a slice as a table: where, how high, how steep, step by step."""
    table = plain_table("step", *(title for _ in ways for title in ("at", "cost", "slope")))
    for points in zip(*ways, strict=True):
        cells = [cell for p in points for cell in (signed(p.distance), unsigned(p.cost, 6), signed(p.slope, 6))]
        table.add_row(str(points[0].n_steps), *cells)
    return table


def surface(
    sample: Sample, along: str, reach: float | None, points: int, steps: int, learning_rate: float
) -> Explanation:
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
    lowest = np.unravel_index(int(np.argmin(costs)), costs.shape)
    numbers = sample.numbers | {
        "along": along,
        "xs": plain(xs),
        "ys": plain(ys),
        "costs": plain(costs),
        "descents": {
            name: {"places": plain(places[name]), **plain(landscape.columns_of(way))} for name, way in descents.items()
        },
    }

    def show() -> None:
        what = "two random directions" if along == "random" else "the two directions in which a descent moved most"
        out.print(f"[bold]The cost over {what}[/], mean of {sample.name}.\n")
        marks = {nearest(place, xs, ys): MARKS[name] for name, way in places.items() for place in way}
        if along == "random":
            marks[nearest((0.0, 0.0), xs, ys)] = "+"
        print_wide(heat_text(costs, out, marks), points)
        x, y = xs[lowest[1]], ys[lowest[0]]
        out.print(
            f"\nDark is low, bright is high: {unsigned(costs.min())} at ({x:.3g}, {y:.3g}) to {unsigned(costs.max())}; "
            f"x goes from {xs[0]:.3g} to {xs[-1]:.3g}, y from {ys[0]:.3g} to {ys[-1]:.3g}."
        )
        for name, way in descents.items():
            first, last = way[0].cost, way[-1].cost
            out.print(
                f"{MARKS[name]} {name}: from {unsigned(first)} to {unsigned(last)} in {plural(len(way) - 1, 'step')}."
            )
        if along == "random":
            out.print("+ is the network.")

    return Explanation(
        numbers,
        show,
        ("x", "y", "cost"),
        ((x, y, costs[j, i]) for j, y in enumerate(ys.tolist()) for i, x in enumerate(xs.tolist())),
        lambda figure: plots.surface(figure, xs, ys, costs, places),
    )


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


def paths(sample: Sample, mini_batch_sizes: list[int] | None, steps: int, learning_rate: float) -> Explanation:
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
    numbers = sample.numbers | {
        "learning_rate": learning_rate,
        "descents": {name: plain(landscape.columns_of(way)) for name, way in descents.items()},
    }

    def show() -> None:
        out.print(
            f"[bold]{plural(steps, 'step')} of learning rate {learning_rate:g} from one start[/], {sample.name}.\n"
        )
        table = plain_table("down by", "cost", "digits used", "seconds", "length", "cosine", "")
        every = [step.cost for way in descents.values() for step in way]
        for name, way in descents.items():
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

    columns = ("descent", *landscape.PATH_COLUMNS)
    rows = ((name, *(getattr(s, column) for column in columns[1:])) for name, way in descents.items() for s in way)
    return Explanation(numbers, show, columns, rows, lambda figure: plots.paths(figure, descents))
