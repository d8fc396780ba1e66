"""``glassnet explain``: backpropagation with its numbers, on one digit, on many, and as a landscape."""

from typing import TYPE_CHECKING, Annotated

import typer

from glassnet.cli.explain.command import explains
from glassnet.cli.explain.subjects import digit_from_options, sample_from_options

if TYPE_CHECKING:
    from glassnet.cli.explain.example import Example
    from glassnet.cli.explain.explanation import Explanation
    from glassnet.cli.explain.sample import Sample

HELP = """Explain what a network makes of digits, and what it would have to change.

Every number comes from the network itself, in float64. Layers count from 0, the inputs; neurons count from 0. A weight
or bias is of the layer of its neuron: those of layer 1, weights[0] and biases[0] in the code, lead into it.

For example:

  glassnet explain outputs --test-index 8
  glassnet explain neuron 2 5 --test-index 8
  glassnet explain weight 1 3 400 --image seven.png --label 7
  glassnet explain examples --digits 1000
  glassnet explain surface --along descent --png surface.png
"""
app = typer.Typer()

LayerArgument = Annotated[int, typer.Argument(help="1 is the first hidden layer.")]
NeuronArgument = Annotated[int, typer.Argument(help="From 0.")]
ParameterOption = Annotated[
    list[str] | None,
    typer.Option("--parameter", help='By name, as "weights[2][3, 7]" or "biases[2][3]"; give it again for more.'),
]
ReachOption = Annotated[
    float | None, typer.Option("--reach", help="How far to look both ways.  [default: fits what is shown]")
]
StepsOption = Annotated[int, typer.Option("--steps", help="Steps of each descent.")]
PathRateOption = Annotated[float, typer.Option("--learning-rate", help="Of every step.")]


@app.command()
@explains(digit_from_options)
def outputs(example: "Example") -> "Explanation":
    """Show what one digit wishes its outputs to do.

    Up or down and how much, with the cost term by term.
    """
    from glassnet.cli.explain.one_digit import outputs

    return outputs(example)


@app.command()
@explains(digit_from_options)
def neuron(example: "Example", layer: LayerArgument, neuron: NeuronArgument) -> "Explanation":
    """Show one neuron: its sum, its wishes, what it looks for.

    Its sum with the numbers in it, the three avenues by which it can change, what the neurons after it wish of it,
    its weights as a picture, the digits that excite it most and the input that would.
    """
    from glassnet.cli.explain.one_neuron import neuron as explained

    return explained(example, layer, neuron)


@app.command()
@explains(digit_from_options)
def weight(
    example: "Example",
    layer: LayerArgument,
    neuron: NeuronArgument,
    source: Annotated[
        int | None, typer.Argument(help="The neuron or pixel of the layer before that it comes from; none is the bias.")
    ] = None,
) -> "Explanation":
    """Show the chain rule of one weight or bias.

    Its factors, their product, every path to the cost, and the slope as it is measured beside it.
    """
    from glassnet.cli.explain.one_digit import weight

    return weight(example, layer, neuron, source)


@app.command()
@explains(digit_from_options)
def gradient(
    example: "Example",
    top: Annotated[int, typer.Option("--top", help="How many of the largest entries.")] = 10,
    amount: Annotated[float, typer.Option("--amount", help="How far each is nudged, to see what it does.")] = 0.01,
) -> "Explanation":
    """Show the gradient as a ranked list of nudges.

    What a nudge of each weight and bias does to the cost: predicted, and measured.
    """
    from glassnet.cli.explain.one_digit import gradient

    return gradient(example, top, amount)


@app.command()
@explains(digit_from_options)
def step(
    example: "Example",
    learning_rate: Annotated[float, typer.Option("--learning-rate", help="Step per gradient.")] = 1.0,
    mini_batch_size: Annotated[
        int, typer.Option("--mini-batch-size", help="Digits of the mini-batch that the example joins.")
    ] = 10,
    seed: Annotated[int, typer.Option("--seed", help="Draws the others of the mini-batch.")] = 0,
) -> "Explanation":
    """Take the step, and see whom it helps.

    One step for the digit alone, one for a mini-batch with it: what each does to the cost of both, and of the test
    digits.
    """
    from glassnet.cli.explain.one_digit import step

    return step(example, learning_rate, mini_batch_size, seed)


@app.command()
@explains(sample_from_options(100))
def examples(
    sample: "Sample",
    parameter: ParameterOption = None,
    at_random: Annotated[int, typer.Option("--random", help="So many weights and biases drawn at random.")] = 0,
    disputed: Annotated[
        int | None, typer.Option("--disputed", help="So many about which the digits agree least.  [default: 5]")
    ] = None,
) -> "Explanation":
    """Show what many digits ask of some weights.

    A table of digits and weights or biases; the averages are minus the gradient.
    """
    from glassnet.cli.explain.many_digits import examples

    return examples(sample, parameter or [], at_random, disputed)


@app.command(name="slice")
@explains(sample_from_options(10_000))
def cost_slice(
    sample: "Sample",
    parameter: Annotated[
        str | None,
        typer.Option("--parameter", help='Along one, as "weights[2][3, 7]".  [default: down the gradient]'),
    ] = None,
    at_random: Annotated[bool, typer.Option("--random", help="Along a random direction.")] = False,
    reach: ReachOption = None,
    points: Annotated[int, typer.Option("--points", help="How many.")] = 41,
    start: Annotated[
        list[float] | None,
        typer.Option("--start", help="Where to begin a descent along the line; again for more.  [default: both ends]"),
    ] = None,
    steps: Annotated[int, typer.Option("--steps", help="Steps of it, each as long as the slope says.")] = 10,
    learning_rate: Annotated[
        float | None, typer.Option("--learning-rate", help="Step per slope.  [default: fits the line]")
    ] = None,
) -> "Explanation":
    """Show the cost along one line, and steps down it.

    With its slope everywhere; the steps are in proportion to it, so that they shrink as it flattens.
    """
    from glassnet.cli.explain.slices import slice_along

    return slice_along(sample, parameter, at_random, reach, points, start or [], steps, learning_rate)


@app.command()
@explains(sample_from_options(10_000))
def surface(
    sample: "Sample",
    along: Annotated[
        str, typer.Option("--along", help="random directions, or those of a descent from here: random | descent.")
    ] = "random",
    reach: ReachOption = None,
    points: Annotated[int, typer.Option("--points", help="Each way; 41 is 41 x 41.")] = 41,
    steps: StepsOption = 40,
    learning_rate: PathRateOption = 1.0,
) -> "Explanation":
    """Show the cost over a plane, as a landscape.

    With --along descent the plane is that in which a descent moves most, and two ways down are drawn on it.
    """
    from glassnet.cli.explain.landscapes import surface

    return surface(sample, along, reach, points, steps, learning_rate)


@app.command()
@explains(sample_from_options(10_000))
def paths(
    sample: "Sample",
    mini_batch_size: Annotated[
        list[int] | None,
        typer.Option("--mini-batch-size", help="Of a descent; give it again for more.  [default: 100, 10 and 1]"),
    ] = None,
    steps: StepsOption = 20,
    learning_rate: PathRateOption = 1.0,
) -> "Explanation":
    """Compare ways down from one start.

    By the full gradient and by mini-batches: cost, time, digits used, and the angle of each step to the steepest way.
    """
    from glassnet.cli.explain.landscapes import paths

    return paths(sample, mini_batch_size, steps, learning_rate)
