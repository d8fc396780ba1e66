"""What is explained, as options: one digit, or a sample of the training digits."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from glassnet.cli.console import DEFAULT_MODEL

if TYPE_CHECKING:
    from glassnet.cli.explain.example import Example
    from glassnet.cli.explain.sample import Sample

ModelOption = Annotated[Path, typer.Option("--model", help="The network; glassnet train writes it.", readable=False)]
DataOption = Annotated[
    Path | None, typer.Option("--data", help="Folder of digits to take them from.  [default: MNIST]", readable=False)
]
TestIndexOption = Annotated[int | None, typer.Option("--test-index", help="Which test digit.  [default: 0]")]
ImageOption = Annotated[Path | None, typer.Option("--image", help="An image of one digit instead.", readable=False)]
LabelOption = Annotated[
    int | None,
    typer.Option("--label", help="The right answer.  [default: the test digit's; of an image what the network says]"),
]
UntrainedOption = Annotated[
    bool, typer.Option("--untrained", help="Take a new network of the same sizes, drawn from N(0, 1) with --seed.")
]
SeedOption = Annotated[int, typer.Option("--seed", help="Draws the digits, and whatever else is random.")]


def digit_from_options(
    model: ModelOption = DEFAULT_MODEL,
    test_index: TestIndexOption = None,
    image: ImageOption = None,
    label: LabelOption = None,
    data: DataOption = None,
) -> "Example":
    """Return the digit that the options name."""
    from glassnet.cli.explain.example import chosen_example

    return chosen_example(model, test_index, image, label, data)


def sample_from_options(n_customary: int) -> "Callable[..., Sample]":
    """Return the function from options to a sample of the training digits, with a customary number of them."""

    def sample(
        model: ModelOption = DEFAULT_MODEL,
        untrained: UntrainedOption = False,
        digits: Annotated[
            int | None,
            typer.Option("--digits", help=f"How many of the training digits; 0 is all.  [default: {n_customary}]"),
        ] = None,
        seed: SeedOption = 0,
        data: DataOption = None,
    ) -> "Sample":
        from glassnet.cli.explain.sample import chosen_sample

        return chosen_sample(model, untrained, digits, n_customary, seed, data)

    return sample
