"""``glassnet train``: learn to read digits, watch it, keep it."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import typer

from glassnet.cli.console import DEFAULT_MODEL, INTERRUPTED, err, print_json, says_errors
from glassnet.cli.options import takes
from glassnet.cli.plan import DEFAULTS, check_places, planned, start_run
from glassnet.errors import GlassnetError


def option(name: str, text: str) -> Any:
    """Return a command-line option whose default is given in the help, but not filled in: a resumed run has its own."""
    default = DEFAULTS[name.strip("-").replace("-", "_")]
    told = "1 - momentum; 0.003 for adamw" if default is None else default
    return typer.Option(name, help=f"{text}  [default: {told}]")


@dataclass(frozen=True, slots=True)
class Given:
    """The options of a run as they were given.

    None stands for an option that was not: a resumed run has its own values, a new one takes the defaults.
    """

    hidden: Annotated[str | None, option("--hidden", "Neurons of each hidden layer, with commas; 0 for none.")] = None
    activation: Annotated[str | None, option("--activation", "Of the hidden layers: sigmoid, tanh or relu.")] = None
    output_activation: Annotated[
        str | None, option("--output-activation", "Of the ten outputs: sigmoid, softmax, tanh or relu.")
    ] = None
    cost: Annotated[
        str | None, option("--cost", "quadratic: sum of (a - y)^2; or cross-entropy (sigmoid or softmax outputs).")
    ] = None
    start: Annotated[
        str | None,
        option("--start", "Start values. scaled: weights N(0, 1/n_in), biases 0; standard-normal: all N(0, 1)."),
    ] = None
    epochs: Annotated[
        int | None,
        option(
            "--epochs",
            "How often every training digit is seen; with --resume more than before, if the schedule is constant.",
        ),
    ] = None
    mini_batch_size: Annotated[
        int | None,
        option(
            "--mini-batch-size",
            "Digits averaged before each step; all of them is full-gradient descent. With few digits take few.",
        ),
    ] = None
    learning_rate: Annotated[
        float | None,
        option(
            "--learning-rate",
            "The step is this times the gradient. 0.1 to 0.3 suit cross-entropy, relu and tanh.",
        ),
    ] = None
    schedule: Annotated[
        str | None,
        option("--schedule", "How the learning rate falls: constant, step or cosine."),
    ] = None
    optimizer: Annotated[str | None, option("--optimizer", "sgd or adamw.")] = None
    momentum: Annotated[float | None, option("--momentum", "Share of the last step that sgd keeps, below 1.")] = None
    l2: Annotated[
        float | None, option("--l2", "Weight of the sum of squared weights in the cost, over the number of digits.")
    ] = None
    weight_decay: Annotated[float | None, option("--weight-decay", "Of adamw.")] = None
    average: Annotated[
        float | None, option("--average", "Keep a running average of the weights, with this share at each step.")
    ] = None
    seed: Annotated[int | None, option("--seed", "Of start values and shuffles: the same seed, the same bytes.")] = None
    engine: Annotated[str | None, option("--engine", "What computes: auto (the fastest), fused or reference.")] = None
    validation: Annotated[
        int | None,
        option("--validation", "Hold out this many training digits and report their accuracy, to choose by."),
    ] = None
    data: Annotated[
        Path | None,
        typer.Option(
            "--data",
            help="Folder of digits: IDX files, or images in 0/ ... 9/; with --recipe reader digits.npz and "
            "not_digits.npz, beside MNIST.  [default: MNIST]",
            readable=False,
        ),
    ] = None
    recipe: Annotated[
        str | None,
        typer.Option("--recipe", help="reader: how the reader that comes with glassnet was trained; takes hours."),
    ] = None

    @property
    def of_the_run(self) -> dict[str, Any]:
        """Those that were given and that the run goes by, by their names."""
        values = {name: getattr(self, name) for name in DEFAULTS}
        return {name: value for name, value in values.items() if value is not None}


@takes(Given)
@says_errors
def train(
    given: Given,
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
            readable=False,
        ),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from --checkpoint, or start if there is none yet.")
    ] = False,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object instead.")] = False,
) -> None:
    """Train a network on digits and save it.

    Without options: the videos' network, 784-16-16-10 sigmoid neurons and 13,002 weights and biases, learns MNIST's
    60,000 digits by stochastic gradient descent on the quadratic cost, in mini-batches of 100, for 30 epochs.

    Ctrl-C, or kill, stops early and saves what was learned so far; if there is a network from an earlier run, beside
    that one as NAME.interrupted.

    For example:

      glassnet train --hidden 100 --epochs 60
      glassnet train --hidden 30 --start standard-normal --mini-batch-size 10 --learning-rate 1.5
      glassnet train --hidden 128 --activation relu --cost cross-entropy --learning-rate 0.1 --validation 10000
      glassnet train --checkpoint run.checkpoint --resume
      glassnet train --recipe reader --data handwriting --checkpoint reader.checkpoint --resume
    """
    check_places(out_file, checkpoint)
    options = planned(given.of_the_run, checkpoint, resume)

    from glassnet.cli.outcome import measured, save, show, summary
    from glassnet.cli.watch import Watched, interrupts_as_wishes, watch
    from glassnet.digits import load_digits

    if options["recipe"]:
        from glassnet.recipes import follow

        with err.status("Preparing digits and non-digits ..."):
            followed = follow(options["recipe"], given.data, options["seed"])
        digits, lessons = followed.digits, followed.lessons
    else:
        digits, lessons = load_digits(given.data), None
        if options["validation"]:
            digits = digits.hold_out(options["validation"])
    n_examples = len(digits.train_images) if lessons is None else lessons.n
    events, history = start_run(options, digits, checkpoint, resume, lessons)
    watched = Watched(history)
    with interrupts_as_wishes() as wishes:
        try:
            watch(events, watched, wishes, options["epochs"], n_examples, shown=not as_json)
        except (GlassnetError, OSError):  # a full disk, a reader of our output that has gone, steps that were too long
            if watched.last is not None:
                saved_as = save(measured(watched.last, watched.history, options, digits, n_examples), digits, out_file)
                err.print(f"What was learned until then is saved as {saved_as}.", markup=False)
            raise
        if watched.last is None:
            err.print("Stopped before anything was learned; nothing was saved.")
            raise typer.Exit(INTERRUPTED)
        outcome = measured(watched.last, watched.history, options, digits, n_examples)
        saved_as = save(outcome, digits, out_file)
    if as_json:
        print_json(summary(outcome, saved_as))
    else:
        show(outcome, digits, saved_as)
    if not outcome.is_finished:
        raise typer.Exit(INTERRUPTED)
