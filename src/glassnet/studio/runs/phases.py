"""Phases: what a run can be doing, and what leads from one phase to another."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

Phase = Literal["resting", "running", "stopped", "finished", "failed"]
"""It rests before its first step and whenever it is paused; it is stopped where its visitor took it to be done, before
its last epoch, and finished after that."""
Action = Literal["start", "pause", "example", "mini_batch", "epoch", "stop", "again"]
"""What a visitor can tell a run to do."""
Event = Action | Literal["spent", "done", "longer", "broken"]
"""What can happen to a run: an action; or it has taken the steps that it was told to take, or done its last epoch, or
been given more of them, or it cannot go on."""
State = Literal["ready", "running", "paused", "finished", "failed"]
"""A phase as the page has it."""


@dataclass(frozen=True, slots=True, eq=False)
class Budget:
    """How far a run may go before it pauses: on and on, or one step, or to the end of the epoch.

    Each wish has a budget of its own, so that a run can tell whether there is a newer wish.

    Parameters
    ----------
    mini_batch_size : int or None, default None
        Examples of a mini-batch; None as the run's settings have it.
    is_one_step : bool, default False
        Whether to take one step only.
    to_epoch_end : bool, default False
        Whether to pause when the epoch ends.
    """

    mini_batch_size: int | None = None
    is_one_step: bool = False
    to_epoch_end: bool = False


BUDGETS: dict[Action, Callable[[], Budget]] = {
    "start": Budget,
    "example": lambda: Budget(mini_batch_size=1, is_one_step=True),
    "mini_batch": lambda: Budget(is_one_step=True),
    "epoch": lambda: Budget(to_epoch_end=True),
}
"""What lets a run go on, and how far each time."""

ON: dict[Event, Phase] = dict.fromkeys(BUDGETS, "running")
TRANSITIONS: dict[Phase, dict[Event, Phase]] = {
    "resting": {**ON, "stop": "stopped", "again": "resting", "done": "finished", "broken": "failed"},
    "running": {
        **ON,
        "pause": "resting",
        "stop": "stopped",
        "again": "resting",
        "spent": "resting",
        "done": "finished",
        "broken": "failed",
    },
    "stopped": {**ON, "pause": "resting", "again": "resting", "done": "finished", "broken": "failed"},
    "finished": {"again": "resting", "longer": "resting"},
    "failed": {"again": "resting"},
}
"""Where an event leads; one that is not in a phase's row changes nothing. What rests or is stopped can still be done or
break: the steps that were on their way when its visitor spoke are the last ones, or leap too far."""


def as_told(phase: Phase, n_steps: int) -> State:
    """Return a phase as the page has it, which tells what was stopped from what is finished by its epochs."""
    if phase == "resting":
        return "paused" if n_steps else "ready"
    return "finished" if phase == "stopped" else phase
