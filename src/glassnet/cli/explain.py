"""``glassnet explain``: backpropagation on one digit, with its numbers."""

from pathlib import Path
from typing import Annotated

import typer

from glassnet.cli.console import DEFAULT_MODEL, print_json, says_errors

HELP = """Explain what a network makes of one digit, and what it would have to change.

Every number comes from the network itself, in float64. Layers count from 0, the inputs; neurons count from 0.

For example:

  glassnet explain outputs --test-index 8
  glassnet explain neuron 2 5 --test-index 8
  glassnet explain weight 0 3 400 --image seven.png --label 7
  glassnet explain gradient --test-index 8 --json
"""
app = typer.Typer()

ModelOption = Annotated[Path, typer.Option("--model", help="The network; glassnet train writes it.", readable=False)]
TestIndexOption = Annotated[int | None, typer.Option("--test-index", help="Which test digit.  [default: 0]")]
ImageOption = Annotated[Path | None, typer.Option("--image", help="An image of one digit instead.", readable=False)]
LabelOption = Annotated[int | None, typer.Option("--label", help="The right answer; a test digit has its own.")]
DataOption = Annotated[
    Path | None,
    typer.Option("--data", help="Folder of digits to take the test digit from.  [default: MNIST]", readable=False),
]
JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object with every number instead.")]
LayerArgument = Annotated[int, typer.Argument(help="1 is the first hidden layer.")]
NeuronArgument = Annotated[int, typer.Argument(help="From 0.")]


@app.command()
@says_errors
def outputs(
    model: ModelOption = DEFAULT_MODEL,
    test_index: TestIndexOption = None,
    image: ImageOption = None,
    label: LabelOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show what the digit wishes its ten outputs to do: up or down, how much, and the cost term by term."""
    from glassnet.cli import explanations
    from glassnet.cli.example import chosen_example

    example = chosen_example(model, test_index, image, label, data)
    told = explanations.outputs(example)
    print_json(told.numbers) if as_json else told.show()


@app.command()
@says_errors
def neuron(
    layer: LayerArgument,
    neuron: NeuronArgument,
    model: ModelOption = DEFAULT_MODEL,
    test_index: TestIndexOption = None,
    image: ImageOption = None,
    label: LabelOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show one neuron: its sum with the numbers in it, its three avenues, and who wishes what of it."""
    from glassnet.cli import explanations
    from glassnet.cli.example import chosen_example

    example = chosen_example(model, test_index, image, label, data)
    told = explanations.neuron(example, layer, neuron)
    print_json(told.numbers) if as_json else told.show()


@app.command()
@says_errors
def weight(
    layer: Annotated[int, typer.Argument(help="0 leads out of the inputs: weights[LAYER][NEURON, SOURCE].")],
    neuron: NeuronArgument,
    source: Annotated[
        int | None, typer.Argument(help="The neuron or pixel that it comes from; none is the bias.")
    ] = None,
    model: ModelOption = DEFAULT_MODEL,
    test_index: TestIndexOption = None,
    image: ImageOption = None,
    label: LabelOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the chain rule of one weight or bias: its factors, their product, all paths, and a measurement beside it."""
    from glassnet.cli import explanations
    from glassnet.cli.example import chosen_example

    example = chosen_example(model, test_index, image, label, data)
    told = explanations.weight(example, layer, neuron, source)
    print_json(told.numbers) if as_json else told.show()


@app.command()
@says_errors
def gradient(
    top: Annotated[int, typer.Option("--top", help="How many of the largest entries.")] = 10,
    amount: Annotated[float, typer.Option("--amount", help="How far each is nudged, to see what it does.")] = 0.01,
    model: ModelOption = DEFAULT_MODEL,
    test_index: TestIndexOption = None,
    image: ImageOption = None,
    label: LabelOption = None,
    data: DataOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show the gradient as a ranked list, and what a nudge of each weight does: predicted, and measured."""
    from glassnet.cli import explanations
    from glassnet.cli.example import chosen_example

    example = chosen_example(model, test_index, image, label, data)
    told = explanations.gradient(example, top, amount)
    print_json(told.numbers) if as_json else told.show()
