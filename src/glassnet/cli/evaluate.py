"""``glassnet evaluate``: how good a network is, and which digits it confuses."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from rich.markup import escape

from glassnet.cli.console import DEFAULT_MODEL, open_model, out, percent, print_json, print_wide, says_errors

if TYPE_CHECKING:
    from glassnet.evaluation import Evaluation
    from glassnet.model_file import Model

TABLE_WIDTH = 76


@says_errors
def evaluate(
    model: Annotated[
        Path,
        typer.Argument(
            help="The network that glassnet train saved; or reader or videos, which come with glassnet.", readable=False
        ),
    ] = DEFAULT_MODEL,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", help="Folder of digits: IDX files, or images in 0/ ... 9/.  [default: MNIST]", readable=False
        ),
    ] = None,
    not_digits: Annotated[
        list[Path] | None,
        typer.Option(
            "--not-digits",
            help="Non-digits, to measure rejection: folder of images, IDX, .npy or .npz file; give it again for more.",
            readable=False,
        ),
    ] = None,
    pages: Annotated[
        Path | None,
        typer.Option("--pages", help="A folder of pages with labels.csv (file, numbers), to be read.", readable=False),
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Evaluate a network on test digits that it did not learn from.

    Shows the accuracy, which digits are taken for which (confusion matrix), the accuracy of each digit, the mean cost,
    and the calibration: how often an answer is right, by how bright its output is. On request it also shows which
    other things are taken for digits, and how whole pages are read.

    For example:

      glassnet evaluate
      glassnet evaluate glassnet.safetensors --json
      glassnet evaluate --data fashion-mnist/
      glassnet evaluate reader --not-digits letters/ --not-digits t10k-images-idx3-ubyte.gz
      glassnet evaluate reader --pages forms/
    """
    from glassnet.cli.judged import judged
    from glassnet.digits import load_digits
    from glassnet.evaluation import evaluate as evaluated
    from glassnet.training import check_fits

    loaded = open_model(model)
    digits = load_digits(data)
    check_fits(loaded.network, digits)
    result = evaluated(loaded.network, digits.test_images, digits.test_labels)
    more = judged(loaded, digits, not_digits or [], pages)
    if as_json:
        print_json(summary(result, model, loaded, digits.name) | (more.summary() if more else {}))
    else:
        show(result, model, loaded, digits.name)
        if more:
            more.show()


def summary(result: "Evaluation", path: Path, model: "Model", data: str) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    return {
        "model": str(path),
        "layer_sizes": list(model.network.layer_sizes),
        "data": data,
        "n": result.n,
        "accuracy": result.accuracy,
        "cost": result.cost,
        "digit_accuracies": [None if share != share else share for share in result.digit_accuracies.tolist()],
        "confusion": result.confusion.tolist(),
        "calibration_error": result.calibration_error,
        "calibration": [
            {"low": b.low, "high": b.high, "n": b.n, "confidence": b.confidence, "accuracy": b.accuracy}
            for b in result.calibration
        ],
    }


def show(result: "Evaluation", path: Path, model: "Model", data: str) -> None:
    """Print the tables."""
    from glassnet.cli.pictures import bar, plain_table

    network = model.network
    out.print(
        f"[bold]{escape(str(path))}[/], {'-'.join(map(str, network.layer_sizes))}, "
        f"on {result.n:,} test digits of {escape(data)}\n\n"
        f"accuracy   [bold]{percent(result.accuracy)}[/]\n"
        f"mean cost  {result.cost:.4f} ({network.cost})\n"
    )
    digits = [str(digit) for digit in range(len(result.confusion))]
    table = plain_table("digit", *(f"as {digit}" for digit in digits), "right")
    shares = result.digit_accuracies
    for label, counts in enumerate(result.confusion.tolist()):
        cells = [
            f"[bold]{n}[/]" if answer == label else str(n) if n else "[dim]·[/]" for answer, n in enumerate(counts)
        ]
        right = percent(shares[label]) if shares[label] == shares[label] else "none"
        table.add_row(f"{label}", *cells, right)
    out.print("Which digits are taken for which: a row for each digit, a column for each answer.")
    print_wide(table, TABLE_WIDTH)
    out.print(
        f"\nCalibration: how often the brightest output is right, by where it lies. Off by "
        f"{percent(result.calibration_error)} on average (expected calibration error)."
    )
    table = plain_table("output", "digits", "mean output", "right")
    table.add_column()
    for b in result.calibration:
        if b.n:
            table.add_row(
                f"{b.low:.1f} to {b.high:.1f}", f"{b.n:,}", f"{b.confidence:.3f}", f"{b.accuracy:.3f}", bar(b.accuracy)
            )
    print_wide(table, TABLE_WIDTH)
