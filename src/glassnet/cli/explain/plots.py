"""Explanations as pictures of matplotlib, which hands its figures in."""

from typing import TYPE_CHECKING, Any

import numpy as np

from glassnet import nudges
from glassnet.cli.explain.example import Example
from glassnet.cli.pictures import BLUE, ORANGE
from glassnet.features import ExcitingDigits, ExcitingInput
from glassnet.landscape import PathStep, Slice, SlicePoint
from glassnet.network import Network

if TYPE_CHECKING:
    from matplotlib.figure import Figure

UP, DOWN = (tuple(channel / 255 for channel in colour) for colour in (BLUE, ORANGE))


def signed_colours(values: np.ndarray) -> list[Any]:
    """Return blue for numbers above 0, orange for those below."""
    return [UP if value > 0 else DOWN for value in values]


def outputs(figure: "Figure", example: Example, wishes: nudges.OutputWishes) -> None:
    """Draw the digit, its outputs, and an arrow's length of wish for each."""
    picture, bars, arrows = figure.subplots(1, 3, width_ratios=[1.2, 1, 1])
    picture.imshow(example.image, cmap="gray")
    picture.set(title=f"{example.name}: {example.answer}, should be {example.label}", xticks=[], yticks=[])
    places = np.arange(len(wishes.outputs))
    bars.barh(places, wishes.outputs, color="0.5")
    bars.set(title="outputs", yticks=places, xlim=(min(0, wishes.outputs.min()), max(1, wishes.outputs.max())))
    arrows.barh(places, np.nan_to_num(wishes.wishes), color=signed_colours(wishes.wishes))
    arrows.set(title="wishes, -dC/da", yticks=places)
    arrows.axvline(0, color="black", linewidth=0.8)
    for axes in (bars, arrows):
        axes.invert_yaxis()


def neuron(
    figure: "Figure", example: Example, layer: int, j: int, exciting: ExcitingDigits, best: ExcitingInput
) -> None:
    """Draw a neuron's weights, the input that excites it most, and the digits that do."""
    shape, images = example.image.shape, example.digits.test_images
    top, bottom = np.asarray(figure.subfigures(2, 1))
    weights, liked = top.subplots(1, 2)
    own = example.network.weights_into(layer)[j]
    if layer == 1:
        from matplotlib.colors import LinearSegmentedColormap

        signed = LinearSegmentedColormap.from_list("signed", [DOWN, "white", UP])
        largest = np.abs(own).max()
        shown = weights.imshow(own.reshape(shape), cmap=signed, vmin=-largest, vmax=largest)
        figure.colorbar(shown, ax=weights)
        weights.set(title="weights", xticks=[], yticks=[])
    else:
        weights.bar(np.arange(len(own)), own, color=signed_colours(own))
        weights.set(title="weights", xlabel="neuron of the layer before")
    liked.imshow(best.inputs.reshape(shape), cmap="gray", vmin=0, vmax=1)
    liked.set(title=f"the best input found: {best.activation:.4f}", xticks=[], yticks=[])
    pairs = zip(exciting.indices.tolist(), exciting.activations.tolist(), strict=True)
    panels = bottom.subplots(1, len(exciting.indices), squeeze=False)[0]
    for axes, (index, activation) in zip(panels, pairs, strict=True):
        axes.imshow(images[index], cmap="gray")
        axes.set(title=f"{index}: {activation:.4f}", xticks=[], yticks=[])
    figure.suptitle(f"Neuron {j} of layer {layer}")


def gradient(figure: "Figure", network: Network, ranked: nudges.RankedGradient) -> None:
    """Draw the sizes of the gradient's entries, ranked, a colour for each layer."""
    axes = figure.subplots()
    layers = np.array([nudges.parameter_at(network, index).layer for index in ranked.order.tolist()])
    ranks = np.arange(1, len(layers) + 1)
    for layer in range(1, len(network.layer_sizes)):
        some = layers == layer
        axes.plot(ranks[some], np.abs(ranked.slopes[some]), ".", label=f"into layer {layer}", markersize=3)
    axes.set(xscale="log", yscale="log", xlabel="rank", ylabel="size of the slope", title="The gradient, ranked")
    axes.legend()


def step(figure: "Figure", before: dict[str, float], effects: dict[str, nudges.StepEffect]) -> None:
    """Draw the costs before and after steps."""
    panels = figure.subplots(1, len(before))
    for axes, (name, cost) in zip(panels, before.items(), strict=True):
        costs = [cost, *(effect.costs_after[name] for effect in effects.values())]
        axes.bar(range(len(costs)), costs, color=["0.6", UP, DOWN])
        axes.set(title=f"cost of {name}", xticks=range(len(costs)))
        whose = [who.removesuffix(" alone").replace(" ", "\n") for who in effects]  # a bar has room for a word or two
        axes.set_xticklabels(["before", *(f"after a step\nfor {who}" for who in whose)], fontsize=7)


def examples(figure: "Figure", names: list[str], told: nudges.Asks) -> None:
    """Draw what the examples ask of each parameter, and the mean."""
    axes = figure.subplots()
    n = min(len(names), 20)
    for place in range(n):
        column = told.table[:, place]
        heights = place + np.linspace(-0.3, 0.3, len(column))
        axes.scatter(column, heights, s=4, c=signed_colours(column), linewidths=0)
        axes.plot([told.means[place]] * 2, [place - 0.4, place + 0.4], color="black")
    axes.set(yticks=range(n), xscale="symlog", xlabel="what each digit asks for, -dC/dp; black: the mean")
    linear = float(np.median(np.abs(told.table[:, :n]))) or 1e-6
    axes.set_xscale("symlog", linthresh=linear)
    axes.set_yticklabels(names[:n])
    axes.invert_yaxis()


def slice_along(figure: "Figure", name: str, line: Slice, ways: list[list[SlicePoint]]) -> None:
    """Draw the cost along a line, and the steps down it."""
    axes = figure.subplots()
    axes.plot(line.distances, line.costs, color="0.3")
    for way, colour in zip(ways, [UP, DOWN] * len(ways), strict=False):
        places = ([point.distance for point in way], [point.cost for point in way])
        axes.plot(*places, "o-", color=colour, markersize=4, linewidth=0.8)
    axes.axvline(0, color="black", linewidth=0.8, linestyle=":")
    axes.set(xlabel=f"distance along {name}", ylabel="cost")


def surface(
    figure: "Figure", xs: np.ndarray, ys: np.ndarray, costs: np.ndarray, places: dict[str, list[tuple[float, float]]]
) -> None:
    """Draw the cost over a plane as contours, and the ways down."""
    axes = figure.subplots()
    low, high = float(costs.min()), float(costs.max())
    levels = np.geomspace(low, high, 30) if high > low > 0 else 30
    shown = axes.contourf(xs, ys, costs, levels=levels, cmap="cividis")
    figure.colorbar(shown, ax=axes, label="cost", format="%.3g")
    for (name, way), colour in zip(places.items(), ("white", DOWN), strict=False):
        axes.plot(*np.array(way).T, ".-", color=colour, label=name, markersize=4, linewidth=1)
    if places:
        axes.legend(facecolor="0.3", labelcolor="white")
    else:
        axes.plot(0, 0, "+", color="white", markersize=12)
    axes.set(xlabel="along the first direction", ylabel="along the second")


def paths(figure: "Figure", descents: dict[str, list[PathStep]]) -> None:
    """Draw the cost by step and by digits used, and the angles of the steps."""
    by_step, by_digits, angles = figure.subplots(3, 1)
    for name, way in descents.items():
        costs = [step.cost for step in way]
        by_step.plot([step.n_steps for step in way], costs, label=name)
        by_digits.plot([step.n_examples for step in way[1:]], costs[1:], ".-")
        angles.plot([step.n_steps for step in way[1:]], [step.cosine for step in way[1:]], ".-")
    by_step.set(xlabel="steps", ylabel="cost", yscale="log")
    figure.legend(loc="outside upper center", ncols=len(descents))
    by_digits.set(xlabel="digits used", ylabel="cost", xscale="log", yscale="log")
    angles.set(xlabel="steps", ylabel="cosine with the\nfull gradient", ylim=(-1.05, 1.05))
