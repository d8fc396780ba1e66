"""The explanation of one neuron: its sum, its avenues, the wishes that meet in it, and what it looks for."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import nudges
from glassnet.cli.console import out, print_wide, signed
from glassnet.cli.explain import plots
from glassnet.cli.explain.example import Example
from glassnet.cli.explain.explanation import TABLE_WIDTH, Explanation, plain
from glassnet.cli.pictures import arrow, captioned, image_text, plain_table, weight_legend, weights_text
from glassnet.features import (
    ExcitingDigits,
    ExcitingInput,
    WeightedSum,
    exciting_input,
    most_exciting_digits,
    weighted_sum,
)
from glassnet.nudges.parameters import check_neuron

if TYPE_CHECKING:
    from matplotlib.figure import Figure

N_TERMS = 8
"""Terms of a sum that are written out; the rest is summed up."""
N_EXCITING = 4
"""Digits that are shown."""


@dataclass(frozen=True, slots=True, eq=False)
class Neuron(Explanation):
    """One neuron: its sum, its avenues, the wishes of it, and what it looks for.

    Parameters
    ----------
    example : Example
        Which digit.
    sum : WeightedSum
        How it comes to its activation.
    avenues : Avenues
        The three ways to change that.
    wishes : ndarray of shape (n_after,) or None
        What each neuron of the next layer wishes of it; None of an output.
    exciting : ExcitingDigits
        The test digits that excite it most.
    best : ExcitingInput
        The input that would.
    """

    example: Example
    sum: WeightedSum
    avenues: nudges.Avenues
    wishes: np.ndarray | None
    exciting: ExcitingDigits
    best: ExcitingInput

    def numbers(self) -> dict[str, Any]:
        """Return every number, as JSON can say it."""
        return self.example.numbers | {
            "neuron": plain(self.avenues),
            "terms": plain(self.sum.products),
            "bias": self.sum.bias,
            "z": self.sum.z,
            "activation": self.sum.activation,
            "wishes_of_the_next_layer": plain(self.wishes),
            "looks_for": {
                "test_indices": plain(self.exciting.indices),
                "labels": plain(self.example.digits.test_labels[self.exciting.indices]),
                "activations": plain(self.exciting.activations),
                "input": plain(self.best.inputs),
                "z": self.best.z,
                "activation": self.best.activation,
            },
        }

    def show(self) -> None:
        """Print all of it, part by part."""
        out.print(self.example.headline)
        self.show_sum()
        self.show_avenues()
        if self.wishes is not None:
            self.show_wishes(self.wishes)
        self.show_what_it_looks_for()

    def show_sum(self) -> None:
        """Print the largest terms of its sum, and what it comes to."""
        found, which = self.sum, f"Neuron {self.avenues.neuron} of layer {self.avenues.layer}"
        out.print(f"\n[bold]{which}[/] sums weight times activation over {len(found.products)} before it:")
        table = plain_table("from", "weight", "activation", "product")
        for k in found.order[:N_TERMS].tolist():
            before = found.activations_before[k]
            table.add_row(str(k), f"{found.weights[k]:+.4f}", f"{before:.4f}", f"{found.products[k]:+.4f}")
        rest = found.rest(N_TERMS)
        if len(rest):
            table.add_row(f"{len(rest)} more", "", "", f"{rest.sum():+.4f}")
        table.add_row("bias", "", "", f"{found.bias:+.4f}")
        table.add_row("[bold]z[/]", "", "", f"[bold]{found.z:+.4f}[/]")
        print_wide(table)
        out.print(
            f"Weight times activation has to pass {found.threshold:.4f}, which is minus the bias, and comes to "
            f"{found.without_bias:.4f}: the activation is {found.activation:.4f}."
        )

    def show_avenues(self) -> None:
        """Print what the example wishes of it, and the three ways to that."""
        avenues = self.avenues
        out.print(f"\n{wish_in_words(self.example, avenues)}")
        ways = plain_table("avenue", "cost falls per unit of length", "largest single nudge")
        largest = {
            "bias": abs(avenues.bias),
            "weights": float(np.abs(avenues.weights).max()),
            "activations": float(np.abs(avenues.activations).max()),
        }
        for name, fall in avenues.fall_per_length.items():
            shown = f"[bold]{name}[/]" if name == avenues.cheapest else name
            ways.add_row(shown, f"{fall:.4f}", f"{largest[name]:.4f}")
        print_wide(ways)

    def show_wishes(self, wishes: np.ndarray) -> None:
        """Print what the neurons of the next layer wish of it."""
        out.print("\nWhat the neurons of the next layer wish of it, which adds up to its wish:")
        largest = float(np.abs(wishes).max())
        table = plain_table("neuron", "wish")
        table.add_column()
        for i, wish in enumerate(wishes.tolist()):
            table.add_row(str(i), f"{wish:+.4f}", arrow(wish, largest))
        table.add_row("[bold]sum[/]", f"[bold]{wishes.sum():+.4f}[/]", "")
        print_wide(table)

    def show_what_it_looks_for(self) -> None:
        """Print its weights as a picture, the input that excites it most, and the digits that do."""
        example, exciting, shape = self.example, self.exciting, self.example.image.shape
        pictures, captions = [], []
        out.print("\n[bold]What it looks for[/]")
        if self.avenues.layer == 1:
            weights = self.sum.weights.reshape(shape)
            pictures.append(weights_text(weights, out))
            captions.append(f"its weights, up to {np.abs(weights).max():.2f}")
            out.print(weight_legend(out))
        ink = np.rint(255 * self.best.inputs.reshape(shape)).astype(np.uint8)
        pictures.append(image_text(ink, out))
        captions.append(f"the best input found: {self.best.activation:.4f}")
        if not exciting.activations.any():
            out.print("No test digit excites it: its activation is 0 for all of them.")
            exciting = ExcitingDigits(exciting.indices[:0], exciting.activations[:0])
        for index, activation in zip(exciting.indices.tolist(), exciting.activations.tolist(), strict=True):
            pictures.append(image_text(example.digits.test_images[index], out))
            captions.append(f"test digit {index}: {activation:.4f}")
        print_wide(captioned(pictures, captions), TABLE_WIDTH)

    def rows(self) -> Iterator[tuple[Any, ...]]:
        """Yield a row for each neuron before it."""
        yield "source", "weight", "activation", "wish_of_weight", "wish_of_activation", "product"
        found, avenues = self.sum, self.avenues
        columns = (found.weights, found.activations_before, avenues.weights, avenues.activations, found.products)
        yield from zip(range(len(found.products)), *(column.tolist() for column in columns), strict=True)

    def draw(self, figure: "Figure") -> None:
        """Draw its weights, the input that excites it most, and the digits that do."""
        plots.neuron(figure, self.example, self.avenues.layer, self.avenues.neuron, self.exciting, self.best)


def neuron(example: Example, layer: int, j: int) -> Neuron:
    """Return one neuron's sum, its avenues, the wishes that meet in it, and what it looks for."""
    network, trace = example.network, example.trace
    check_neuron(network, layer, j)
    avenues = nudges.avenues(network, trace, example.wanted, layer, j)
    is_output = layer == len(network.weights)
    return Neuron(
        example=example,
        sum=weighted_sum(network, trace, layer, j),
        avenues=avenues,
        wishes=None if is_output else nudges.layer_wishes(network, trace, example.wanted, layer).table[:, j],
        exciting=most_exciting_digits(network, example.digits.test_images, layer, j, N_EXCITING),
        best=exciting_input(network, layer, j),
    )


def wish_in_words(example: Example, avenues: nudges.Avenues) -> str:
    """Return what the example wishes of a neuron: of its activation, or where that cannot move alone of z."""
    is_output = avenues.layer == len(example.network.weights)
    of_z = is_output and (example.network.cost == "cross-entropy" or example.network.output_activation == "softmax")
    what, wish = ("its weighted input", avenues.bias) if of_z else ("it", avenues.wish)
    if not wish:
        return "The example wishes nothing of it: the cost does not change with it. The three ways to change it:"
    told = f"The example wishes {what} {'up' if wish > 0 else 'down'} ({signed(wish)})."
    if not any(avenues.fall_per_length.values()):
        return f"{told} No small nudge does that: the neuron is flat here. The three ways:"
    return f"{told} Three ways to do that:"
