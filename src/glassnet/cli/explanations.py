"""Explanations: the numbers of an example's backpropagation, for JSON and as tables and pictures."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from glassnet import nudges
from glassnet.backpropagation import backprop
from glassnet.cli.console import out, print_wide
from glassnet.cli.example import Example
from glassnet.cli.pictures import arrow, image_text, plain_table
from glassnet.errors import SettingError
from glassnet.nudges import Parameter
from glassnet.nudges.parameters import check_neuron

TABLE_WIDTH = 84
N_TERMS = 8
"""Terms of a sum that are written out; the rest is summed up."""


@dataclass(frozen=True, slots=True, eq=False)
class Explanation:
    """What there is to say, twice.

    Parameters
    ----------
    numbers : dict
        Every number, as JSON can say it.
    show : callable
        Prints the same for people.
    """

    numbers: dict[str, Any]
    show: Callable[[], None]


def plain(value: Any) -> Any:
    """Return a frozen value's fields as JSON can say them; what is not finite is None."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: plain(getattr(value, name)) for name in value.__dataclass_fields__}
    if isinstance(value, np.ndarray):
        return plain(value.tolist())
    if isinstance(value, dict):
        return {name: plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [plain(entry) for entry in value]
    if isinstance(value, float | np.floating):
        return float(value) if np.isfinite(value) else None
    return value.item() if isinstance(value, np.generic) else value


def about(example: Example) -> dict[str, Any]:
    """Return what every explanation begins with."""
    return {
        "example": example.name,
        "layer_sizes": list(example.network.layer_sizes),
        "label": example.label,
        "answer": example.answer,
    }


def headline(example: Example) -> str:
    """Return the line that every explanation begins with."""
    verdict = "rightly" if example.answer == example.label else f"and should be {example.label}"
    return f"[bold]{escape(example.name)}[/] is read as [bold]{example.answer}[/], {verdict}."


def outputs(example: Example) -> Explanation:
    """Return what the example wishes its outputs to do."""
    wishes = nudges.output_wishes(example.network, example.trace, example.wanted)

    def show() -> None:
        largest = float(np.abs(wishes.wishes[np.isfinite(wishes.wishes)]).max(initial=0.0))
        table = plain_table("digit", "output", "wanted", "cost", "wish")
        table.add_column()
        for j, wish in enumerate(wishes.wishes.tolist()):
            table.add_row(
                f"[bold]{j}[/]" if j == example.label else str(j),
                f"{wishes.outputs[j]:.4f}",
                f"{wishes.wanted[j]:.0f}",
                f"{wishes.costs[j]:.4f}",
                f"{wish:+.4f}",
                arrow(wish, largest),
            )
        out.print(headline(example))
        side_by_side = Table.grid(padding=(0, 3))
        side_by_side.add_row(image_text(example.image, out), table)
        print_wide(side_by_side, TABLE_WIDTH)
        out.print(
            f"\nThe cost of this example is [bold]{wishes.cost:.4f}[/], the sum of its {len(wishes.costs)} terms. "
            f"A wish is minus the slope of the cost: where it is large, a nudge of that output counts most."
        )

    return Explanation(about(example) | plain(wishes), show)


def neuron(example: Example, layer: int, j: int) -> Explanation:
    """Return one neuron's sum, its avenues, and the wishes that meet in it."""
    network, trace = example.network, example.trace
    check_neuron(network, layer, j)
    avenues = nudges.avenues(network, trace, example.wanted, layer, j)
    terms = avenues.weights_now * avenues.activations_before  # (n_in,)
    bias, z = float(network.biases[layer - 1][j]), float(trace.zs[layer - 1][0, j])
    activation = float(trace.activations[layer][0, j])
    of_it = None
    if layer < len(network.weights):
        of_it = nudges.layer_wishes(network, trace, example.wanted, layer).table[:, j]
    numbers = about(example) | {
        "neuron": plain(avenues),
        "terms": plain(terms),
        "bias": bias,
        "z": z,
        "activation": activation,
        "wishes_of_the_next_layer": plain(of_it),
    }

    def show() -> None:
        out.print(headline(example))
        out.print(f"\n[bold]Neuron {j} of layer {layer}[/] sums weight times activation over {len(terms)} before it:")
        order = np.argsort(-np.abs(terms), kind="stable")
        table = plain_table("from", "weight", "activation", "product")
        for k in order[:N_TERMS].tolist():
            before = avenues.activations_before[k]
            table.add_row(str(k), f"{avenues.weights_now[k]:+.4f}", f"{before:.4f}", f"{terms[k]:+.4f}")
        rest = order[N_TERMS:]
        if len(rest):
            table.add_row(f"{len(rest)} more", "", "", f"{terms[rest].sum():+.4f}")
        table.add_row("bias", "", "", f"{bias:+.4f}")
        table.add_row("[bold]z[/]", "", "", f"[bold]{z:+.4f}[/]")
        print_wide(table, TABLE_WIDTH)
        out.print(
            f"Weight times activation has to pass {-bias:.4f}, which is minus the bias, and comes to {z - bias:.4f}: "
            f"the activation is {activation:.4f}."
        )
        direction = "up" if avenues.wish > 0 else "down"
        out.print(f"\nThe example wishes it {direction} ({avenues.wish:+.4f}). Three ways to do that:")
        ways = plain_table("avenue", "cost falls per unit of length", "largest single nudge")
        largest = {
            "bias": abs(avenues.bias),
            "weights": float(np.abs(avenues.weights).max()),
            "activations": float(np.abs(avenues.activations).max()),
        }
        for name, fall in avenues.fall_per_length.items():
            shown = f"[bold]{name}[/]" if name == avenues.cheapest else name
            ways.add_row(shown, f"{fall:.4f}", f"{largest[name]:.4f}")
        print_wide(ways, TABLE_WIDTH)
        if of_it is not None:
            out.print("\nWhat the neurons of the next layer wish of it, which adds up to its wish:")
            top = float(np.abs(of_it).max())
            wishes = plain_table("neuron", "wish")
            wishes.add_column()
            for i, wish in enumerate(of_it.tolist()):
                wishes.add_row(str(i), f"{wish:+.4f}", arrow(wish, top))
            wishes.add_row("[bold]sum[/]", f"[bold]{of_it.sum():+.4f}[/]", "")
            print_wide(wishes, TABLE_WIDTH)

    return Explanation(numbers, show)


def weight(example: Example, layer: int, j: int, source: int | None) -> Explanation:
    """Return the chain rule of one weight or bias."""
    rule = nudges.chain_rule(example.network, example.inputs, example.wanted, Parameter(layer, j, source))

    def show() -> None:
        out.print(headline(example))
        letter = "b" if source is None else "w"
        out.print(f"\n[bold]{escape(rule.name)}[/] is {rule.value:+.6f}. How the cost of this example changes with it:")
        table = Table.grid(padding=(0, 2))
        for name, factor in rule.factors:
            table.add_row(f"  {name}", f"{factor:+.6e}")
        table.add_row(f"  [bold]dC/d{letter}[/]", f"[bold]{rule.product:+.6e}[/]", "the product")
        table.add_row("  measured", f"{rule.measured:+.6e}", "from the cost alone, nudged both ways")
        out.print(table)
        if rule.paths:
            out.print(f"\nThe activation in the middle reaches the cost by {len(rule.paths)} paths:")
            paths = plain_table("through", "dz/da (weight)", "dC/dz", "product")
            for path in rule.paths:
                paths.add_row(str(path.through), f"{path.dz_da:+.4f}", f"{path.dC_dz:+.4e}", f"{path.product:+.4e}")
            paths.add_row("[bold]dC/da[/]", "", "", f"[bold]{sum(path.product for path in rule.paths):+.4e}[/]")
            print_wide(paths, TABLE_WIDTH)

    return Explanation(about(example) | plain(rule), show)


def gradient(example: Example, top: int, amount: float) -> Explanation:
    """Return the largest entries of the gradient and what nudging each does."""
    if top < 1 or not np.isfinite(amount):
        raise SettingError(f"--top must be at least 1 and --amount a finite number; they are {top} and {amount}.")
    network = example.network
    ranked = nudges.ranked_gradient(backprop(network, example.trace, example.wanted))
    entries = nudges.largest_entries(network, ranked, top)
    effects = [nudges.nudge_effect(network, example.inputs, example.wanted, p, amount) for p, _ in entries]
    numbers = about(example) | {
        "length": ranked.length,
        "order": plain(ranked.order),
        "slopes": plain(ranked.slopes),
        "nudges": [plain(effect) | {"name": effect.parameter.name} for effect in effects],
    }

    def show() -> None:
        out.print(headline(example))
        out.print(
            f"\nThe gradient of its cost has {len(ranked.slopes):,} entries and the length {ranked.length:.4f}. "
            f"The largest, and what a nudge by {amount:+g} does to the cost:"
        )
        table = plain_table("weight or bias", "slope", "so", "predicted", "actual")
        largest = abs(ranked.slopes[0])
        for effect in effects:
            wish = Text(f"{arrow(-effect.slope, largest, 6)} {'raise' if effect.slope < 0 else 'lower'}")
            changes = (f"{effect.predicted:+.6f}", f"{effect.actual:+.6f}")
            table.add_row(escape(effect.parameter.name), f"{effect.slope:+.4f}", wish, *changes)
        print_wide(table, TABLE_WIDTH)

    return Explanation(numbers, show)
