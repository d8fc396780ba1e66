"""The pictures of ``glassnet explain``: what stands in each figure, where, on which axes and in which colours."""

import itertools
import subprocess
import sys
from dataclasses import replace

import numpy as np
import pytest
from matplotlib.colors import to_rgb
from matplotlib.figure import Figure

import glassnet
from glassnet import nudges
from glassnet.cli.explain import plots
from glassnet.cli.explain.example import Example
from glassnet.features import ExcitingDigits, ExcitingInput
from glassnet.landscape import PathStep, Slice, SlicePoint

BLUE, ORANGE, BLACK, WHITE = to_rgb("#005ab5"), to_rgb("#dc5f00"), to_rgb("black"), to_rgb("white")
SIZES = (6, 4, 3)


@pytest.fixture
def figure():
    return Figure(figsize=(8, 6), dpi=150, layout="constrained")


@pytest.fixture
def example(rng, few_digits):
    images = rng.integers(0, 256, (9, 2, 3), dtype=np.uint8)
    labels = np.arange(9, dtype=np.uint8)
    digits = replace(few_digits, train_images=images, train_labels=labels, test_images=images, test_labels=labels)
    network = glassnet.Network.random(SIZES, rng=rng).astype(np.float64)
    inputs = glassnet.as_inputs(images[:1], dtype=np.float64)
    wanted = glassnet.one_hot(np.array([2]), dtype=np.float64, n_classes=3)
    trace = glassnet.feedforward(network, inputs)
    return Example("a drawing", network, images[0], inputs, trace, 2, True, digits, wanted)


def signed(values):
    """Blue for what is above 0, orange for what is not."""
    return [BLUE if value > 0 else ORANGE for value in values]


def bars_of(axes):
    """Return where the bars of some axes begin and how far they go, along both, and their colours."""
    boxes = [(bar.get_x(), bar.get_y(), bar.get_width(), bar.get_height()) for bar in axes.patches]
    return np.array(boxes), [bar.get_facecolor()[:3] for bar in axes.patches]


def assert_line(line, xs, ys, colour, width, marker="None", size=None):
    """Hold a line's places, its colour, and how thick it and its marks are."""
    np.testing.assert_array_equal(line.get_xdata(), xs)
    np.testing.assert_array_equal(line.get_ydata(), ys)
    assert colour is None or to_rgb(line.get_color()) == to_rgb(colour)
    assert (line.get_linewidth(), line.get_marker()) == (width, marker)
    assert size is None or line.get_markersize() == size


def assert_zero_line(line, style="-"):
    """Hold the thin upright line through 0, from the lower to the upper edge."""
    assert_line(line, [0, 0], [0, 1], BLACK, 0.8)
    assert line.get_linestyle() == style


def assert_picture(axes, image, lowest=None, highest=None):
    """Hold an image without ticks, and which numbers are its darkest and its lightest."""
    (shown,) = axes.get_images()
    np.testing.assert_array_equal(shown.get_array(), image)
    assert shown.get_clim() == (image.min() if lowest is None else lowest, image.max() if highest is None else highest)
    assert [*axes.get_xticks(), *axes.get_yticks()] == []
    return shown


def titles(figure):
    return [axes.get_title() for axes in figure.axes]


@pytest.mark.parametrize(
    ("answers", "limits"), [([0.2, 0.9, 0.4], (0, 1)), ([-0.5, 0.1, 0.2], (-0.5, 1)), ([0.5, 1.75, 0.25], (0, 1.75))]
)
def test_outputs(figure, example, answers, limits):
    wishes = np.array([0.5, -0.25, np.nan])
    answers = np.array(answers)
    told = nudges.OutputWishes(answers, np.array([0.0, 0, 1]), answers**2, 1.0, wishes, wishes / 2)
    plots.outputs(figure, example, told)
    picture, bars, arrows = figure.axes
    assert titles(figure) == [f"a drawing: {example.answer}, should be 2", "outputs", "wishes, -dC/da"]
    grid = picture.get_gridspec()
    assert (grid.nrows, grid.ncols, grid.get_width_ratios()) == (1, 3, [1.2, 1, 1])
    assert assert_picture(picture, example.image).get_cmap().name == "gray"
    for axes, values, colours in ((bars, answers, [(0.5,) * 3] * 3), (arrows, [0.5, -0.25, 0.0], signed(wishes))):
        boxes, shown = bars_of(axes)
        np.testing.assert_allclose(boxes[:, 0] + boxes[:, 2], values)
        np.testing.assert_allclose(boxes[:, 1] + boxes[:, 3] / 2, [0, 1, 2])  # a bar's middle is its digit
        assert shown == [pytest.approx(colour) for colour in colours]
        assert axes.get_yticks().tolist() == [0, 1, 2]
        assert axes.yaxis_inverted(), "0 is not on top"
    assert bars.get_xlim() == limits
    assert not bars.lines
    assert_zero_line(*arrows.lines)


@pytest.mark.parametrize(("layer", "j"), [(1, 3), (2, 1)])
def test_neuron(figure, example, layer, j):
    exciting = ExcitingDigits(np.array([7, 2, 5, 1]), np.array([0.9, 0.8, 0.7, 0.61236]))
    best = ExcitingInput(np.array([0.25, 0.5, 0, 0, 0.75, 0.5]), 2.0, 0.87654, np.zeros(1))
    plots.neuron(figure, example, layer, j, exciting, best)
    own = example.network.weights[layer - 1][j]
    above, below = figure.subfigs
    weights, liked = above.axes[:2]
    assert figure.get_suptitle() == f"Neuron {j} of layer {layer}"
    halves = [(half.bbox.y0 / 900, half.bbox.y1 / 900, half.bbox.width) for half in (above, below)]
    assert halves == [(0.5, 1, 1200), (0, 0.5, 1200)]
    assert weights.get_gridspec().get_geometry() == (1, 2)
    assert [weights.get_title(), liked.get_title()] == ["weights", "the best input found: 0.8765"]
    if layer == 1:
        largest = np.abs(own).max()
        colours = assert_picture(weights, own.reshape(2, 3), -largest, largest).get_cmap()
        # black and white would say nothing of signs: orange below 0, white at 0, blue above
        for place, colour in ((0.0, ORANGE), (0.5, WHITE), (1.0, BLUE)):
            assert colours(place)[:3] == pytest.approx(colour, abs=0.01)
        (bar,) = [axes for axes in figure.axes if axes not in (weights, liked, *below.axes)]
        assert bar.get_ylim() == (-largest, largest)
    else:
        boxes, shown = bars_of(weights)
        np.testing.assert_allclose(boxes[:, 1] + boxes[:, 3], own)
        np.testing.assert_allclose(boxes[:, 0] + boxes[:, 2] / 2, range(4))
        assert shown == [pytest.approx(colour) for colour in signed(own)]
        assert weights.get_xlabel() == "neuron of the layer before"
    assert assert_picture(liked, best.inputs.reshape(2, 3), 0, 1).get_cmap().name == "gray"
    assert [axes.get_title() for axes in below.axes] == ["7: 0.9000", "2: 0.8000", "5: 0.7000", "1: 0.6124"]
    assert below.axes[0].get_gridspec().get_geometry() == (1, 4)
    for axes, index in zip(below.axes, exciting.indices, strict=True):
        assert assert_picture(axes, example.digits.test_images[index]).get_cmap().name == "gray"


def test_one_digit_is_enough_for_a_neuron(figure, example):
    exciting = ExcitingDigits(np.array([4]), np.array([0.5]))
    plots.neuron(figure, example, 2, 0, exciting, ExcitingInput(np.zeros(6), 0.0, 0.5, np.zeros(1)))
    assert [axes.get_title() for axes in figure.subfigs[1].axes] == ["4: 0.5000"]


def test_gradient(figure, example):
    ranked = nudges.ranked_gradient(glassnet.backprop(example.network, example.trace, example.wanted))
    plots.gradient(figure, example.network, ranked)
    (axes,) = figure.axes
    assert (axes.get_xscale(), axes.get_yscale()) == ("log", "log")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("rank", "size of the slope")
    assert axes.get_title() == "The gradient, ranked"
    layers = [nudges.parameter_at(example.network, index).layer for index in ranked.order.tolist()]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["into layer 1", "into layer 2"]
    for layer, line in zip((1, 2), axes.lines, strict=True):
        places = np.flatnonzero(np.array(layers) == layer)
        assert_line(line, places + 1, np.abs(ranked.slopes[places]), None, 1.5, ".", 3)
        assert line.get_linestyle() == "None"


def test_a_step(figure):
    before = {"the digit": 0.5, "its mini-batch": 0.25, "the test digits": 0.75}
    network = glassnet.Network((np.ones((2, 3)),), (np.zeros(2),))
    falls = {"the digit alone": 0.4, "its mini-batch": 0.8}
    effects = {
        who: nudges.StepEffect(network, 1.0, before, {name: cost * fall for name, cost in before.items()})
        for who, fall in falls.items()
    }
    plots.step(figure, before, effects)
    assert titles(figure) == [f"cost of {name}" for name in before]
    assert figure.axes[0].get_gridspec().get_geometry() == (1, 3)
    for axes, cost in zip(figure.axes, before.values(), strict=True):
        boxes, colours = bars_of(axes)
        np.testing.assert_allclose(boxes[:, 1] + boxes[:, 3], [cost, 0.4 * cost, 0.8 * cost])
        np.testing.assert_allclose(boxes[:, 0] + boxes[:, 2] / 2, axes.get_xticks())
        assert colours == [pytest.approx((0.6,) * 3), pytest.approx(BLUE), pytest.approx(ORANGE)]
        said = [label.get_text() for label in axes.get_xticklabels()]
        assert said == ["before", "after a step\nfor the\ndigit", "after a step\nfor its\nmini-batch"]
        assert {label.get_fontsize() for label in axes.get_xticklabels()} == {7}
    figure.draw_without_rendering()
    for axes in figure.axes:
        places = [label.get_window_extent() for label in axes.get_xticklabels()]
        assert all(one.x1 <= other.x0 for one, other in itertools.pairwise(places)), "names lie on each other"


@pytest.mark.parametrize(("n", "shown"), [(1, 1), (5, 5), (20, 20), (23, 20)])
def test_examples(figure, rng, n, shown):
    table = rng.standard_normal((7, n)) * 10.0 ** rng.integers(-4, 2, n)
    names = [f"weights[0][{k}, 0]" for k in range(n)]
    means = table.mean(axis=0)
    plots.examples(figure, names, nudges.Asks((), table, means, -means, np.zeros(n)))
    (axes,) = figure.axes
    for place in range(shown):
        dots, line = axes.collections[place], axes.lines[place]
        np.testing.assert_allclose(dots.get_offsets()[:, 0], table[:, place])
        np.testing.assert_allclose(dots.get_offsets()[:, 1], place + np.linspace(-0.3, 0.3, 7))
        assert [tuple(colour[:3]) for colour in dots.get_facecolor()] == signed(table[:, place])
        assert (dots.get_sizes().tolist(), dots.get_linewidths().tolist()) == ([4], [0])
        assert_line(line, [means[place]] * 2, [place - 0.4, place + 0.4], BLACK, 1.5)
    assert (len(axes.collections), len(axes.lines)) == (shown, shown)
    assert axes.get_xscale() == "symlog"
    assert axes.xaxis.get_transform().linthresh == np.median(np.abs(table[:, :shown]))
    assert axes.get_yticks().tolist() == list(range(shown))
    assert [label.get_text() for label in axes.get_yticklabels()] == names[:shown]
    assert axes.get_xlabel() == "what each digit asks for, -dC/dp; black: the mean"
    assert axes.yaxis_inverted()


def test_examples_that_ask_for_nothing_have_an_axis_too(figure):
    plots.examples(figure, ["biases[0][1]"], nudges.Asks((), np.zeros((4, 1)), np.zeros(1), np.zeros(1), np.zeros(1)))
    assert figure.axes[0].xaxis.get_transform().linthresh == 1e-6


@pytest.mark.parametrize("n_ways", [0, 1, 2, 3])
def test_slice(figure, rng, n_ways):
    distances = np.linspace(-2, 2, 9)
    line = Slice(distances, distances**2, 2 * distances)
    ways = [[SlicePoint(k, *place, 0.0) for k, place in enumerate(rng.standard_normal((4, 2)))] for _ in range(n_ways)]
    plots.slice_along(figure, "weights[0][1, 2]", line, ways)
    (axes,) = figure.axes
    curve, *drawn, zero = axes.lines
    assert_line(curve, distances, line.costs, "0.3", 1.5)
    for way, shown, colour in zip(ways, drawn, [BLUE, ORANGE, BLUE][:n_ways], strict=True):
        assert_line(shown, [p.distance for p in way], [p.cost for p in way], colour, 0.8, "o", 4)
        assert shown.get_linestyle() == "-"
    assert_zero_line(zero, ":")
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("distance along weights[0][1, 2]", "cost")


@pytest.mark.parametrize("ways", [{}, {"full gradient": [(0.0, 0.5), (1.0, 0.25)], "mini-batches": [(-1.0, 0.1)] * 3}])
@pytest.mark.parametrize(("lowest", "highest"), [(0.5, 4.0), (0.0, 4.0), (1.0, 1.0)])
def test_surface(figure, rng, ways, lowest, highest):
    xs, ys = np.linspace(-1, 1, 5), np.linspace(-0.5, 0.5, 4)
    costs = rng.uniform(lowest, highest, (4, 5))
    costs[1, 2], costs[2, 3] = lowest, highest
    plots.surface(figure, xs, ys, costs, ways)
    axes, bar = figure.axes
    (contours,) = axes.collections
    assert contours.get_cmap().name == "cividis"
    if 0 < lowest < highest:
        np.testing.assert_allclose(contours.levels, np.geomspace(lowest, highest, 30))
    elif lowest < highest:  # no power reaches 0: evenly spaced, about as many
        assert 20 <= len(contours.levels) <= 32
        np.testing.assert_allclose(np.diff(contours.levels), contours.levels[1] - contours.levels[0])
    assert (axes.get_xlim(), axes.get_ylim()) == ((-1, 1), (-0.5, 0.5))
    assert bar.get_ylabel() == "cost"
    for line, way, colour in zip(axes.lines, ways.values(), (WHITE, ORANGE), strict=False):
        assert_line(line, *np.array(way).T, colour, 1, ".", 4)
    if ways:
        legend = axes.get_legend()
        assert [text.get_text() for text in legend.get_texts()] == list(ways)
        assert [to_rgb(text.get_color()) for text in legend.get_texts()] == [WHITE, WHITE]
        assert legend.get_frame().get_facecolor()[:3] == pytest.approx((0.3,) * 3)
    else:
        assert_line(*axes.lines, [0], [0], WHITE, 1.5, "+", 12)
        assert axes.get_legend() is None
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("along the first direction", "along the second")


def test_paths(figure, rng):
    network = glassnet.Network((np.ones((2, 3)),), (np.zeros(2),))
    descents = {
        name: [PathStep(k, network, *rng.uniform(0.1, 1, 2), size * k, *rng.uniform(0, 1, 2)) for k in range(5)]
        for name, size in {"full gradient": 400, "mini-batches of 50": 50}.items()
    }
    plots.paths(figure, descents)
    by_step, by_digits, angles = figure.axes
    assert by_step.get_gridspec().get_geometry() == (3, 1)
    for place, way in enumerate(descents.values()):
        costs = [step.cost for step in way]
        assert_line(by_step.lines[place], range(5), costs, None, 1.5)
        # the start has used no digit, which a logarithm has no place for, and has no angle
        assert_line(by_digits.lines[place], [step.n_examples for step in way[1:]], costs[1:], None, 1.5, ".")
        assert_line(angles.lines[place], [1, 2, 3, 4], [step.cosine for step in way[1:]], None, 1.5, ".")
    scales = [(axes.get_xscale(), axes.get_yscale()) for axes in figure.axes]
    assert scales == [("linear", "log"), ("log", "log"), ("linear", "linear")]
    assert [axes.get_xlabel() for axes in figure.axes] == ["steps", "digits used", "steps"]
    assert [axes.get_ylabel() for axes in figure.axes] == ["cost", "cost", "cosine with the\nfull gradient"]
    assert angles.get_ylim() == (-1.05, 1.05)
    (legend,) = figure.legends
    assert [text.get_text() for text in legend.get_texts()] == list(descents)
    figure.draw_without_rendering()
    first, second = (text.get_window_extent() for text in legend.get_texts())
    assert first.y0 == second.y0, "they are not beside each other"


WITHOUT_MATPLOTLIB = """
import importlib, pkgutil, sys
sys.modules["matplotlib"] = None  # as where it is not installed
import glassnet.cli
for module in pkgutil.walk_packages(glassnet.cli.__path__, "glassnet.cli."):
    if not module.name.endswith("__main__"):
        importlib.import_module(module.name)
"""


def test_only_who_wants_a_picture_needs_matplotlib():
    result = subprocess.run([sys.executable, "-c", WITHOUT_MATPLOTLIB], capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stderr
