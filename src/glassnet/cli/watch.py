"""Watching a run: a bar that moves on a terminal, a line for each epoch elsewhere, and Ctrl-C."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from glassnet.cli.console import err, out, percent
from glassnet.system import heeded_interrupts

if TYPE_CHECKING:
    from glassnet.events import EpochEnded, Event


@dataclass(slots=True)
class Watched:
    """What has been seen of a run so far; it stays when the run ends in an error.

    Parameters
    ----------
    history : list of dict
        Measured at the end of each epoch, including those before a run was resumed.
    last : Event or None
        The newest.
    """

    history: list[dict[str, Any]]
    last: "Event | None" = None


@contextmanager
def interrupts_as_wishes() -> Iterator[list[bool]]:
    """Turn Ctrl-C into a wish that is looked at between events, until all is saved; only a third one interrupts.

    The same goes for ``kill``, the way to end a run in the background: a shell makes that ignore Ctrl-C, and it does.
    """
    wishes: list[bool] = []

    def wish(number: int, frame: Any) -> None:
        wishes.append(True)
        if len(wishes) == 2:
            err.print("Stopping and saving; once more gives up what was learned.")
        if len(wishes) == 3:
            raise KeyboardInterrupt

    before = {number: signal.signal(number, wish) for number in heeded_interrupts()}
    try:
        yield wishes
    finally:
        # one wish has been heard: a Ctrl-C in the last moments would only change the exit code
        for number, handler in before.items():
            signal.signal(number, signal.SIG_IGN if wishes else handler or signal.SIG_DFL)


def watch(
    events: "Iterator[Event]", watched: Watched, wishes: list[bool], epochs: int, n_training: int, *, shown: bool
) -> None:
    """Show all events of a run and keep them in `watched`; a wish ends it early."""
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

    from glassnet.events import EpochEnded, record_of

    text = TextColumn("{task.fields[cost]}  {task.fields[accuracy]}")
    columns = (TextColumn("{task.description}"), BarColumn(), text, TimeElapsedColumn(), TextColumn("left"))
    columns = (*columns, TimeRemainingColumn())
    bar = Progress(*columns, console=err, transient=shown, disable=not err.is_terminal, auto_refresh=err.moves)
    with bar:
        label = f"epoch {len(watched.history) + 1} of {epochs}"
        task = bar.add_task(label, total=epochs * n_training, cost="", accuracy="")
        for event in events:
            watched.last = event
            done = (event.epoch - 1) * n_training + event.n_seen
            label = f"epoch {event.epoch} of {epochs}"
            bar.update(task, completed=done, description=label, cost=f"cost {event.cost:.4f}")
            if isinstance(event, EpochEnded):
                if event.epoch > len(watched.history):  # a run that had already ended tells its last epoch once more
                    watched.history.append(record_of(event))
                bar.update(task, accuracy=accuracy_text(event))
                if shown and not err.is_terminal:
                    out.print(epoch_line(event, epochs))
            if wishes:
                break
    close = getattr(events, "close", None)
    if close is not None:
        close()  # a checkpoint is brought up to date


def accuracy_text(event: "EpochEnded") -> str:
    """Return the accuracy that is shown while learning: on validation digits where there are some."""
    if event.validation_accuracy is None:
        return f"test {percent(event.test_accuracy)}"
    return f"validation {percent(event.validation_accuracy)}"


def epoch_line(event: "EpochEnded", epochs: int) -> str:
    """Return an epoch's line for a log."""
    return (
        f"epoch {event.epoch:>{len(str(epochs))}} of {epochs}   cost {event.cost:.4f}   "
        f"{accuracy_text(event)}   {event.seconds:.2f} s"
    )
