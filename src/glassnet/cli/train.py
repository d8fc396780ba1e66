"""``glassnet train``: learn to read digits, watch it, keep it."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from glassnet.cli.console import DEFAULT_MODEL, INTERRUPTED, err, out, percent, print_json, says_errors
from glassnet.errors import CheckpointError, SettingError

if TYPE_CHECKING:
    from glassnet.digits import Digits
    from glassnet.network import Network
    from glassnet.training import EpochEnded, Event

DEFAULTS: dict[str, Any] = {
    "hidden": "16,16",
    "activation": "sigmoid",
    "output_activation": "sigmoid",
    "cost": "quadratic",
    "start": "scaled",
    "epochs": 30,
    "mini_batch_size": 100,
    "learning_rate": 1.0,
    "schedule": "constant",
    "optimizer": "sgd",
    "momentum": 0.0,
    "l2": 0.0,
    "weight_decay": 0.0,
    "average": 0.0,
    "seed": 0,
    "engine": "auto",
    "validation": 0,
}
"""What `train` does where nothing else is said; a resumed run takes its own from the checkpoint instead."""
SETTINGS = (
    "epochs mini_batch_size learning_rate schedule optimizer momentum l2 weight_decay average".split()  # noqa: SIM905
)
N_MISREAD_SHOWN = 6
REFRESH_SECONDS = 0.1


def option(name: str, text: str) -> Any:
    """Return a command-line option whose default is told in the help, but not filled in: a resumed run has its own."""
    default = DEFAULTS[name.strip("-").replace("-", "_")]
    return typer.Option(name, help=text, show_default=str(default))


@says_errors
def train(
    hidden: Annotated[str | None, option("--hidden", "Neurons of each hidden layer, with commas; 0 for none.")] = None,
    activation: Annotated[str | None, option("--activation", "Of the hidden layers: sigmoid, tanh or relu.")] = None,
    output_activation: Annotated[
        str | None, option("--output-activation", "Of the ten outputs: sigmoid, softmax, tanh or relu.")
    ] = None,
    cost: Annotated[
        str | None, option("--cost", "quadratic: sum of (a - y)^2; or cross-entropy (sigmoid or softmax outputs).")
    ] = None,
    start: Annotated[
        str | None,
        option("--start", "Start values. scaled: weights N(0, 1/n_in), biases 0; standard-normal: all N(0, 1)."),
    ] = None,
    epochs: Annotated[int | None, option("--epochs", "How often every training digit is seen.")] = None,
    mini_batch_size: Annotated[
        int | None, option("--mini-batch-size", "Digits averaged before each step; 60000 is full-gradient descent.")
    ] = None,
    learning_rate: Annotated[
        float | None,
        option(
            "--learning-rate",
            "The step is this times the gradient. 0.1 to 0.3 suit cross-entropy, relu, tanh and momentum 0.9; "
            "0.003 suits adamw.",
        ),
    ] = None,
    schedule: Annotated[
        str | None, option("--schedule", "How the learning rate falls: constant, step or cosine.")
    ] = None,
    optimizer: Annotated[str | None, option("--optimizer", "sgd or adamw.")] = None,
    momentum: Annotated[float | None, option("--momentum", "Share of the last step that sgd keeps, below 1.")] = None,
    l2: Annotated[
        float | None, option("--l2", "Weight of the sum of squared weights in the cost, over the number of digits.")
    ] = None,
    weight_decay: Annotated[float | None, option("--weight-decay", "Of adamw.")] = None,
    average: Annotated[
        float | None, option("--average", "Keep a running average of the weights, with this share at each step.")
    ] = None,
    seed: Annotated[
        int | None, option("--seed", "Of start values and shuffles: the same seed, the same bytes.")
    ] = None,
    engine: Annotated[str | None, option("--engine", "What computes: auto or reference.")] = None,
    validation: Annotated[
        int | None, option("--validation", "Hold out so many training digits and report their accuracy, to choose by.")
    ] = None,
    data: Annotated[
        Path | None,
        typer.Option(
            "--data", help="Folder of digits: IDX files, or images in 0/ ... 9/.", show_default="MNIST", readable=False
        ),
    ] = None,
    out_file: Annotated[
        Path,
        typer.Option(
            "--out", help="Where the network is saved; an earlier one is kept as NAME.previous.", readable=False
        ),
    ] = DEFAULT_MODEL,
    checkpoint: Annotated[
        Path | None,
        typer.Option(
            "--checkpoint",
            help="Keep the whole run in this file, to go on from if it is killed.",
            show_default="none",
            readable=False,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from --checkpoint, or start where there is none yet.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Train a network on digits and save it.

    Without options: the videos' network, 784-16-16-10 sigmoid neurons and 13,002 weights and biases, learns MNIST's
    60,000 digits by stochastic gradient descent on the quadratic cost, in mini-batches of 100, for 30 epochs.

    Ctrl-C stops early and saves what was learned so far.

    Examples
    --------
      glassnet train --hidden 100 --epochs 60
      glassnet train --hidden 30 --start standard-normal --mini-batch-size 10 --learning-rate 1.5
      glassnet train --hidden 128 --activation relu --cost cross-entropy --learning-rate 0.1 --validation 10000
      glassnet train --checkpoint run.checkpoint --resume
    """
    given = {name: value for name, value in locals().items() if name in DEFAULTS and value is not None}
    check_writable(out_file)
    if checkpoint is not None:
        check_writable(checkpoint)
    options = planned(given, checkpoint, resume, data)

    from glassnet.digits import load_digits

    digits = load_digits(data)
    if options["validation"]:
        digits = digits.hold_out(options["validation"])
    events = start_run(options, digits, checkpoint, resume, data)
    history, last, interrupted = watch(events, options, digits, shown=not as_json)
    if resume and checkpoint is not None:
        from glassnet.checkpoint import load_checkpoint

        history = list(load_checkpoint(checkpoint).history)
    if last is None:
        err.print("Stopped before anything was learned; nothing was saved.")
        raise typer.Exit(INTERRUPTED)
    save(last, history, options, digits, out_file)
    if as_json:
        print_json(summary(last, history, options, out_file))
    else:
        show_result(last, history, digits, out_file)
    if interrupted:
        raise typer.Exit(INTERRUPTED)


def planned(given: dict[str, Any], checkpoint: Path | None, resume: bool, data: Path | None) -> dict[str, Any]:
    """Return the options of this run: those given, those of the checkpoint, or the defaults."""
    if resume and checkpoint is None:
        raise SettingError("--resume needs --checkpoint FILE, the file to go on from.")
    if checkpoint is None or not checkpoint.exists():
        if resume:
            err.print(f"There is no {checkpoint} yet: starting from the beginning.")
        return DEFAULTS | given
    from glassnet.checkpoint import load_checkpoint

    state = load_checkpoint(checkpoint)
    if not resume:
        raise SettingError(
            f"{checkpoint} holds a run that is {len(state.history)} of {state.settings.epochs} epochs old; "
            f"go on with it by --resume, or name another file."
        )
    kept = state.notes.get("options")
    if not isinstance(kept, dict) or kept.keys() != DEFAULTS.keys():
        raise CheckpointError(f"cannot go on from {checkpoint}: it was not written by glassnet train.")
    for name, value in given.items():
        if kept[name] != value:
            raise SettingError(
                f"{checkpoint} was made with --{name.replace('_', '-')} {kept[name]}, and cannot go on with {value}."
            )
    if state.notes.get("data") != (None if data is None else str(data.resolve())):
        raise SettingError(f"{checkpoint} was made with --data {state.notes.get('data') or 'of MNIST'}; give the same.")
    return kept


def hidden_sizes(hidden: str) -> tuple[int, ...]:
    """Return the sizes that ``--hidden`` names."""
    if hidden.strip() in ("", "0"):
        return ()
    try:
        sizes = tuple(int(part) for part in hidden.split(","))
    except ValueError:
        sizes = (0,)
    if min(sizes) < 1:
        raise SettingError(f"--hidden takes numbers of neurons with commas between them, as in 16,16; not {hidden!r}.")
    return sizes


def check_writable(path: Path) -> None:
    """Refuse a place for a result before hours are spent on it."""
    import os

    if path.is_dir():
        raise SettingError(f"{path} is a folder; name a file in it.")
    if not path.parent.is_dir():
        raise SettingError(f"there is no folder {path.parent} to save {path.name} in.")
    if not os.access(path.parent, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise SettingError(f"{path} cannot be written: permission denied.")
    if path.exists():
        from glassnet.tensor_file import is_own_file

        if not is_own_file(path):
            raise SettingError(f"{path} is there and was not written by glassnet: it is left alone; name another file.")


def start_run(
    options: dict[str, Any], digits: "Digits", checkpoint: Path | None, resume: bool, data: Path | None
) -> "Iterator[Event]":
    """Return the events of a new run, or of the rest of an old one."""
    import numpy as np

    from glassnet import training
    from glassnet.network import Network

    if resume and checkpoint is not None and checkpoint.exists():
        return training.resume(checkpoint, digits, engine=options["engine"], progress_seconds=REFRESH_SECONDS)
    if options["seed"] < 0:
        raise SettingError(f"--seed must not be negative, and is {options['seed']}.")
    rng = np.random.default_rng(options["seed"])
    network = Network.random(
        (digits.n_inputs, *hidden_sizes(options["hidden"]), 10),
        rng=rng,
        **{name: options[name] for name in ("start", "activation", "output_activation", "cost")},
    )
    return training.train(
        network,
        digits,
        rng=rng,
        engine=options["engine"],
        checkpoint=checkpoint,
        progress_seconds=REFRESH_SECONDS,
        notes={"options": options, "data": None if data is None else str(data.resolve())},
        **{name: options[name] for name in SETTINGS},
    )


@contextmanager
def stop_on_interrupt() -> Iterator[list[bool]]:
    """Turn the first Ctrl-C into a wish that is looked at between events; a second one interrupts as usual."""
    wishes: list[bool] = []

    def wish(number: int, frame: Any) -> None:
        wishes.append(True)
        signal.signal(signal.SIGINT, signal.default_int_handler)

    before = signal.signal(signal.SIGINT, wish)
    try:
        yield wishes
    finally:
        signal.signal(signal.SIGINT, before)


def watch(
    events: "Iterator[Event]", options: dict[str, Any], digits: "Digits", *, shown: bool
) -> "tuple[list[dict[str, Any]], Event | None, bool]":
    """Return the history, the last event, and whether it was stopped, having shown all of them."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from glassnet.training import EpochEnded, record_of

    n_training = len(digits.train_images)
    history: list[dict[str, Any]] = []
    last = None
    text = "{task.fields[cost]}  {task.fields[accuracy]}"
    columns = (TextColumn("{task.description}"), BarColumn(), TextColumn(text), TimeElapsedColumn())
    bar = Progress(*columns, TextColumn("left"), TimeRemainingColumn(), console=err, transient=shown)
    with stop_on_interrupt() as wishes, bar:
        total = options["epochs"] * n_training
        task = bar.add_task(f"epoch 1 of {options['epochs']}", total=total, cost="", accuracy="")
        bar.disable = not err.is_terminal
        for event in events:
            last = event
            if isinstance(event, EpochEnded):
                history.append(record_of(event))
                done = event.epoch * n_training
                bar.update(task, accuracy=f"{part_of(event)} {percent(accuracy_of(event))}")
                if shown and not err.is_terminal:
                    out.print(epoch_line(event, options["epochs"]))
            else:
                done = (event.epoch - 1) * n_training + event.n_seen
            label = f"epoch {event.epoch} of {options['epochs']}"
            bar.update(task, completed=done, description=label, cost=f"cost {event.cost:.4f}")
            if wishes:
                break
    close = getattr(events, "close", None)
    if close is not None:
        close()  # a checkpoint is brought up to date
    finished = isinstance(last, EpochEnded) and last.epoch == options["epochs"]
    return history, last, bool(wishes) and not finished


def part_of(event: "EpochEnded") -> str:
    """Return the name of the digits whose accuracy is shown: validation digits where there are some."""
    return "test" if event.validation_accuracy is None else "validation"


def accuracy_of(event: "EpochEnded") -> float:
    """Return the accuracy that is shown while learning."""
    return event.test_accuracy if event.validation_accuracy is None else event.validation_accuracy


def epoch_line(event: "EpochEnded", epochs: int) -> str:
    """Return an epoch's line for a log."""
    return (
        f"epoch {event.epoch:>{len(str(epochs))}} of {epochs}   cost {event.cost:.4f}   "
        f"{part_of(event)} {percent(accuracy_of(event))}   {event.seconds:.2f} s"
    )


def save(last: "Event", history: list[dict[str, Any]], options: dict[str, Any], digits: "Digits", path: Path) -> None:
    """Write the model file; an earlier model of that name is kept beside it."""
    from glassnet.model_file import Model, save_model
    from glassnet.tensor_file import write_whole

    if path.exists():
        write_whole(path.with_name(f"{path.name}.previous"), path.read_bytes())
    measured = ("cost", "test_accuracy", "validation_accuracy")
    results = {name: history[-1][name] for name in measured if history and history[-1][name] is not None}
    about = {
        "name": digits.name,
        "source": digits.source,
        "licence": digits.licence,
        "n_training": len(digits.train_images),
        "n_test": len(digits.test_images),
    }
    training = options | {"epochs_done": len(history)}
    save_model(Model(last.network, training=training, data=about, results=results), path)


def summary(last: "Event", history: list[dict[str, Any]], options: dict[str, Any], path: Path) -> dict[str, Any]:
    """Return what ``--json`` prints."""
    return {
        "layer_sizes": list(last.network.layer_sizes),
        "engine": "reference" if options["engine"] == "auto" else options["engine"],
        "epochs": history,
        "test_accuracy": history[-1]["test_accuracy"] if history else None,
        "seconds": sum(epoch["seconds"] for epoch in history),
        "model": str(path),
    }


def show_result(last: "Event", history: list[dict[str, Any]], digits: "Digits", path: Path) -> None:
    """Print the cost curve, a handful of misread digits, and what to try next."""
    from rich.table import Table

    from glassnet.cli.pictures import curve
    from glassnet.evaluation import evaluate

    network = last.network
    sizes = "-".join(map(str, network.layer_sizes))
    if history:
        costs = [epoch["cost"] for epoch in history]
        out.print(f"\n[bold]{network.cost} cost[/] of epochs 1 to {len(history)}, logarithmic scale")
        out.print(curve(costs))
    result = evaluate(network, digits.test_images, digits.test_labels)
    seconds = sum(epoch["seconds"] for epoch in history)
    out.print(
        f"\n[bold]{sizes}[/] ({network.n_parameters:,} weights and biases) reads "
        f"[bold]{percent(result.accuracy)}[/] of {result.n:,} test digits rightly, "
        f"after {len(history)} epochs and {seconds:.1f} s of descent."
    )
    if digits.validation_images is not None and history:
        out.print(f"Validation digits: {percent(history[-1]['validation_accuracy'])}.")
    show_misread(network, digits, result)
    out.print(f"\nSaved as [bold]{path}[/]. Now try:")
    given = path != DEFAULT_MODEL
    table = Table.grid(padding=(0, 3))
    table.add_row(f"  glassnet evaluate{f' {path}' if given else ''}", "what does it take for what?")
    table.add_row(f"  glassnet read{f' --model {path}' if given else ''} IMAGE", "read a digit from an image of yours")
    table.add_row("  glassnet train --hidden 100", "a wider network")
    out.print(table)


def show_misread(network: "Network", digits: "Digits", result: Any) -> None:
    """Print the test digits that were misread most confidently."""
    import numpy as np

    from glassnet.cli.pictures import image_row

    wrong = np.flatnonzero(result.answers != digits.test_labels)
    worst = wrong[np.argsort(-result.confidences[wrong], kind="stable")][:N_MISREAD_SHOWN]
    if not len(worst):
        out.print("\nNot one test digit was misread.")
        return
    margin = 3 if digits.test_images.shape[1:] == (28, 28) else 0  # MNIST's digits keep 4 pixels from the rim
    height, width = digits.test_images.shape[1:]
    images = [digits.test_images[i, margin : height - margin, margin : width - margin] for i in worst]
    captions = [f"{digits.test_labels[i]}, read as {result.answers[i]} ({result.confidences[i]:.2f})" for i in worst]
    out.print(f"\nIt misreads {len(wrong):,} of them. The ones it is surest of:")
    out.print(image_row(images, captions, out))
