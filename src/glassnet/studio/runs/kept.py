"""Kept: what lies beside a run's checkpoint on the shelf, every entry of it checked as it is read."""

import itertools
import json
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, ValidationError

from glassnet.checkpoint import MOST, RunState
from glassnet.errors import DamagedError
from glassnet.model_file import network_from
from glassnet.studio.runs.history import MOST_COSTS, MOST_MOMENTS, CostCurve, History, Snapshot
from glassnet.studio.runs.schema import RunSettings
from glassnet.studio.shown.schema import Asked
from glassnet.tensor_file import unpack

LARGEST_BYTES = 1 << 20
"""Of what is told of a run; with as many costs as there can be it takes 20 kB."""
Steps = Annotated[int, Field(ge=0, le=MOST)]
Share = Annotated[float, Field(ge=0, le=1)]
Checked = TypeVar("Checked", bound=Asked)


class KeptCurve(Asked):
    """A run's costs, as `CostCurve` has them."""

    moments: list[Steps] = Field(max_length=MOST_COSTS)
    costs: list[float] = Field(max_length=MOST_COSTS)
    n_each: int = Field(ge=1, le=MOST)
    waiting: list[float]


class KeptRun(Asked):
    """What is told of a run, beyond its numbers."""

    settings: RunSettings
    curve: KeptCurve
    steps_per_second: float = Field(ge=0, le=1000)
    sentence: str
    has_failed: bool
    is_stopped: bool


class KeptMoment(Asked):
    """A moment of a run, without its network."""

    moment: Steps
    epoch: float = Field(ge=0)
    cost: float | None
    train_accuracy: Share
    test_accuracy: Share


class KeptMoments(Asked):
    """All moments that one can slide back to."""

    moments: list[KeptMoment] = Field(max_length=MOST_MOMENTS)


def read_about(path: Path) -> tuple[KeptRun, CostCurve]:
    """Return what is told of a run, and its costs; DamagedError where that cannot be."""
    if path.stat().st_size > LARGEST_BYTES:
        raise DamagedError(f"its {path.name} is too large.")
    about = checked(KeptRun, json.loads(path.read_bytes()), path.name)
    curve = CostCurve(**about.curve.model_dump())
    if len(curve.moments) != len(curve.costs) or not is_rising(curve.moments) or len(curve.waiting) >= curve.n_each:
        raise DamagedError(f"the costs in its {path.name} do not belong together.")
    return about, curve


def read_history(path: Path) -> History:
    """Return the moments in a file; none where there is no file yet; DamagedError where it is something else."""
    if not path.is_file():
        return History()
    arrays, header = unpack(path, "a history")
    moments = checked(KeptMoments, {"moments": header.get("moments")}, path.name).moments
    if not is_rising([moment.moment for moment in moments]):
        raise DamagedError(f"the moments in its {path.name} are not in order.")
    return History(
        [
            Snapshot(**moment.model_dump(), network=network_from(header, arrays, f"{place}."))
            for place, moment in enumerate(moments)
        ]
    )


def check_same_run(settings: RunSettings, state: RunState, history: History) -> None:
    """Refuse parts of different runs; DamagedError."""
    kind = ((784, *settings.hidden, 10), settings.activation, settings.output_activation, settings.cost)
    for network in (state.descent.network, *(snapshot.network for snapshot in history.snapshots)):
        if (network.layer_sizes, network.activation, network.output_activation, network.cost) != kind:
            raise DamagedError("its network is not of the kind that its settings say.")
    if state.n_seen >= settings.n_training:
        raise DamagedError("its position is not within an epoch.")


def checked(kind: type[Checked], told: Any, where: str) -> Checked:
    """Return what a file tells, checked; DamagedError with the first thing that cannot be."""
    try:
        return kind.model_validate(told)
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False, include_context=False)[0]
        place = ".".join(map(str, first["loc"])) or "content"
        raise DamagedError(f"the {place} in its {where} cannot be used ({first['msg']}).") from None


def is_rising(numbers: list[int]) -> bool:
    """Return whether each number is above the one before."""
    return all(a < b for a, b in itertools.pairwise(numbers))
