"""The explanation of one neuron: its sum, its avenues, the wishes that meet in it, and what it looks for."""

import numpy as np

from glassnet import nudges
from glassnet.cli.console import out, print_wide, signed
from glassnet.cli.explain import plots
from glassnet.cli.explain.example import Example
from glassnet.cli.explain.explanation import TABLE_WIDTH, Explanation, plain
from glassnet.cli.pictures import arrow, captioned, image_text, plain_table, weight_legend, weights_text
from glassnet.features import ExcitingDigits, ExcitingInput, exciting_input, most_exciting_digits, weighted_sum
from glassnet.nudges.parameters import check_neuron

N_TERMS = 8
"""Terms of a sum that are written out; the rest is summed up."""
N_EXCITING = 4
"""Digits that are shown."""


def neuron(example: Example, layer: int, j: int) -> Explanation:
    """Return one neuron's sum, its avenues, and the wishes that meet in it."""
    network, trace = example.network, example.trace
    check_neuron(network, layer, j)
    avenues = nudges.avenues(network, trace, example.wanted, layer, j)
    found = weighted_sum(network, trace, layer, j)
    of_it = None
    if layer < len(network.weights):
        of_it = nudges.layer_wishes(network, trace, example.wanted, layer).table[:, j]
    exciting = most_exciting_digits(network, example.digits.test_images, layer, j, N_EXCITING)
    best = exciting_input(network, layer, j)
    shape = example.image.shape
    weights = network.weights[0][j].reshape(shape) if layer == 1 else None
    numbers = example.numbers | {
        "neuron": plain(avenues),
        "terms": plain(found.products),
        "bias": found.bias,
        "z": found.z,
        "activation": found.activation,
        "wishes_of_the_next_layer": plain(of_it),
        "looks_for": {
            "test_indices": plain(exciting.indices),
            "labels": plain(example.digits.test_labels[exciting.indices]),
            "activations": plain(exciting.activations),
            "input": plain(best.inputs),
            "z": best.z,
            "activation": best.activation,
        },
    }

    def show() -> None:
        out.print(example.headline)
        out.print(
            f"\n[bold]Neuron {j} of layer {layer}[/] sums weight times activation over {len(found.products)} before it:"
        )
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
        out.print(f"\n{wish_in_words(example, avenues)}")
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
        if of_it is not None:
            out.print("\nWhat the neurons of the next layer wish of it, which adds up to its wish:")
            top = float(np.abs(of_it).max())
            wishes = plain_table("neuron", "wish")
            wishes.add_column()
            for i, wish in enumerate(of_it.tolist()):
                wishes.add_row(str(i), f"{wish:+.4f}", arrow(wish, top))
            wishes.add_row("[bold]sum[/]", f"[bold]{of_it.sum():+.4f}[/]", "")
            print_wide(wishes)

        show_what_it_looks_for(example, weights, exciting, best)

    names = ("weights_now", "activations_before", "weights", "activations")
    products = found.products.tolist()
    columns = (range(len(products)), *(getattr(avenues, name).tolist() for name in names), products)
    return Explanation(
        numbers=numbers,
        show=show,
        columns=("source", "weight", "activation", "wish_of_weight", "wish_of_activation", "product"),
        rows=zip(*columns, strict=True),
        draw=lambda figure: plots.neuron(figure, example, layer, j, exciting, best),
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


def show_what_it_looks_for(
    example: Example, weights: np.ndarray | None, exciting: ExcitingDigits, best: ExcitingInput
) -> None:
    """Print a neuron's weights as a picture, the digits that excite it most, and the input that would."""
    shape = example.image.shape
    pictures, captions = [], []
    if weights is not None:
        pictures.append(weights_text(weights, out))
        captions.append(f"its weights, up to {np.abs(weights).max():.2f}")
    ink = np.rint(255 * best.inputs.reshape(shape)).astype(np.uint8)
    pictures.append(image_text(ink, out))
    captions.append(f"the best input found: {best.activation:.4f}")
    out.print("\n[bold]What it looks for[/]")
    if weights is not None:
        out.print(weight_legend(out))
    if not exciting.activations.any():
        out.print("No test digit excites it: its activation is 0 for all of them.")
        exciting = ExcitingDigits(exciting.indices[:0], exciting.activations[:0])
    for index, activation in zip(exciting.indices.tolist(), exciting.activations.tolist(), strict=True):
        pictures.append(image_text(example.digits.test_images[index], out))
        captions.append(f"test digit {index}: {activation:.4f}")
    print_wide(captioned(pictures, captions), TABLE_WIDTH)
