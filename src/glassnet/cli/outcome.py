"""What came of a run of ``glassnet train``: measured, saved, and shown."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.markup import escape
from rich.table import Table

from glassnet.cli.console import DEFAULT_MODEL, out, percent, plural
from glassnet.cli.pictures import curve, image_row
from glassnet.cli.plan import interrupted_of, previous_of
from glassnet.engines import engine_for
from glassnet.evaluation import Evaluation, accuracy, evaluate
from glassnet.events import EpochEnded
from glassnet.model_file import Model, in_half, model_bytes
from glassnet.system import quoted
from glassnet.tensor_file import write_whole

if TYPE_CHECKING:
    from glassnet.digits import Digits
    from glassnet.events import Event
    from glassnet.network import Network

N_MISREAD_SHOWN = 6


@dataclass(frozen=True, slots=True, eq=False)
class Outcome:
    """What a run ended with.

    Parameters
    ----------
    network : Network
        What was learned.
    options : dict
        Of the run.
    history : list of dict
        What was measured at the end of each epoch.
    evaluation : Evaluation
        Of this very network on the test digits; after an interruption the history's last entry is of an earlier one.
    validation_accuracy : float or None
        Likewise on validation digits.
    n_training : int
        Examples in an epoch.
    epoch : int
        The last one, of which an interrupted run has not seen all.
    seconds : float
        Of the descent.
    is_finished : bool
        Whether all epochs were done.
    """

    network: "Network"
    options: dict[str, Any]
    history: list[dict[str, Any]]
    evaluation: Evaluation
    validation_accuracy: float | None
    n_training: int
    epoch: int
    seconds: float
    is_finished: bool


def measured(
    last: "Event", history: list[dict[str, Any]], options: dict[str, Any], digits: "Digits", n_training: int
) -> Outcome:
    """Return what a run ended with, its last network measured."""
    network = in_half(last.network) if options["recipe"] else last.network
    is_whole_epoch = isinstance(last, EpochEnded)
    validation_accuracy = None
    if digits.validation_images is not None and digits.validation_labels is not None:
        validation_accuracy = accuracy(network, digits.validation_images, digits.validation_labels)
    return Outcome(
        network=network,
        options=options,
        history=history,
        evaluation=evaluate(network, digits.test_images, digits.test_labels),
        validation_accuracy=validation_accuracy,
        n_training=n_training,
        epoch=last.epoch,
        seconds=sum(epoch["seconds"] for epoch in history) + (0.0 if is_whole_epoch else last.seconds),
        is_finished=is_whole_epoch and last.epoch == options["epochs"],
    )


def save(outcome: Outcome, digits: "Digits", path: Path) -> Path:
    """Write the model file and return its name; whatever was there before is kept.

    A finished network takes the place of an earlier one, which is kept as NAME.previous. An unfinished one does not: it
    is saved beside it as NAME.interrupted.
    """
    if path.exists() and not outcome.is_finished:
        path = interrupted_of(path)
    results: dict[str, Any] = {"test_accuracy": outcome.evaluation.accuracy, "test_cost": outcome.evaluation.cost}
    if outcome.validation_accuracy is not None:
        results["validation_accuracy"] = outcome.validation_accuracy
    if outcome.options["recipe"] and digits.validation_images is not None and digits.validation_labels is not None:
        from glassnet.recipes.reader import calibrated

        results["calibration"] = calibrated(outcome.network, digits.validation_images, digits.validation_labels)
    about = {
        "name": digits.name,
        "source": digits.source,
        "licence": digits.licence,
        "n_training": outcome.n_training,
        "n_test": len(digits.test_images),
    }
    training = outcome.options | {"epochs_done": len(outcome.history), "is_finished": outcome.is_finished}
    model = Model(outcome.network, training=training, data=about, results=results)
    data = model_bytes(model, half=bool(outcome.options["recipe"]))
    # running the same once more does not push out the network before it
    if path.exists() and outcome.is_finished and path.read_bytes() != data:
        write_whole(previous_of(path), path.read_bytes())
    write_whole(path, data)
    return path


def summary(outcome: Outcome, path: Path) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    return {
        "layer_sizes": list(outcome.network.layer_sizes),
        "engine": engine_for(outcome.options["engine"], outcome.network),
        "epochs": outcome.history,
        "test_accuracy": outcome.evaluation.accuracy,
        "seconds": outcome.seconds,
        "model": str(path),
    }


def show(outcome: Outcome, digits: "Digits", path: Path) -> None:
    """Print the cost curve, a handful of misread digits, and what to try next."""
    network, result = outcome.network, outcome.evaluation
    if not outcome.is_finished:
        out.print(f"\n[bold]Stopped[/] in epoch {outcome.epoch} of {outcome.options['epochs']}, as you asked.")
    if outcome.history:
        n_epochs = len(outcome.history)
        out.print(f"\n[bold]{network.cost} cost[/] of {plural(n_epochs, 'epoch')}, logarithmic scale")
        out.print(curve([epoch["cost"] for epoch in outcome.history]))
    out.print(
        f"\n[bold]{'-'.join(map(str, network.layer_sizes))}[/] ({network.n_parameters:,} weights and biases) reads "
        f"[bold]{percent(result.accuracy)}[/] of {result.n:,} test digits correctly, "
        f"after {plural(len(outcome.history), 'whole epoch')} and {outcome.seconds:.1f} s of descent."
    )
    if outcome.validation_accuracy is not None:
        out.print(f"Validation digits: {percent(outcome.validation_accuracy)}.")
    show_misread(digits, result)
    out.print(f"\nSaved as [bold]{escape(str(path))}[/]. Now try:")
    is_default = path == DEFAULT_MODEL
    typed = escape(quoted(path))
    table = Table.grid(padding=(0, 3))
    table.add_column(no_wrap=True)
    table.add_row(f"  glassnet studio --model {typed}", "draw on it")
    table.add_row(f"  glassnet evaluate{'' if is_default else f' {typed}'}", "what confuses it?")
    # without --model the reader that comes with glassnet would answer
    table.add_row(f"  glassnet read --digit --model {typed} IMAGE", "a digit of yours?")
    table.add_row("  glassnet train --hidden 100", "a wider network")
    out.print(table)


def show_misread(digits: "Digits", result: Evaluation) -> None:
    """Print the test digits that were misread most confidently."""
    wrong = np.flatnonzero(result.answers != digits.test_labels)
    worst = wrong[np.argsort(-result.confidences[wrong], kind="stable")][:N_MISREAD_SHOWN]
    if not len(worst):
        out.print("\nNot one test digit was misread.")
        return
    height, width = digits.test_images.shape[1:]
    margin = 3 if (height, width) == (28, 28) else 0  # MNIST's digits keep 4 pixels from the rim
    images = [digits.test_images[i, margin : height - margin, margin : width - margin] for i in worst]
    captions = [f"{digits.test_labels[i]}, read as {result.answers[i]} ({result.confidences[i]:.2f})" for i in worst]
    out.print(f"\nIt misreads {len(wrong):,} of them. The ones it is surest of:")
    out.print(image_row(images, captions, out))
