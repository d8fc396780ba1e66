"""Checkpoints: all of a training run in one file, so that a killed run can go on as if nothing had happened."""

import hashlib
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from glassnet.backpropagation import Gradients
from glassnet.descent import Descent, start
from glassnet.digits import Digits
from glassnet.errors import CheckpointError, DamagedError, in_one_sentence
from glassnet.events import RECORDED
from glassnet.header import number_in
from glassnet.model_file import network_arrays, network_from, network_header
from glassnet.network import Network
from glassnet.settings import Settings
from glassnet.tensor_file import pack, unpack, write_whole

FORMAT = 1
MOST = 2**53
"""The most examples or steps that are counted: a float holds every whole number up to here."""
BIT_GENERATORS = ("MT19937", "PCG64", "PCG64DXSM", "Philox", "SFC64")
BOUNDS = {"test_accuracy": (0, 1), "validation_accuracy": (0, 1), "seconds": (0, MOST)}
"""Of what is recorded of an epoch."""
PLACES = {"MT19937": ("state", "pos", 624), "Philox": ("", "buffer_pos", 4)}
"""Where these say how much of their numbers is used up, and the most that is. NumPy takes a place beyond them as it is,
and reads whatever lies there in memory."""


@dataclass(frozen=True, slots=True)
class RunState:
    """A training run between two mini-batches: a value that holds all that the rest of the run depends on.

    Parameters
    ----------
    settings : Settings
        How it descends.
    descent : Descent
        Parameters, moments, running average, steps taken.
    rng_state : dict
        State of the random numbers at the start of the current epoch, before its shuffle.
    history : tuple of dict
        What was measured at the end of each epoch so far: epoch, cost, test_accuracy, validation_accuracy, seconds.
    n_seen : int
        Examples of the current epoch that have been learned from.
    cost_sum : float
        Sum of their costs.
    seconds : float
        The time that their descent took.
    digits_hash : str
        Of the digits it learns from and is judged by; empty where the run keeps no checkpoint.
    notes : dict
        Whatever the caller wants to find again; not used here.
    """

    settings: Settings
    descent: Descent
    rng_state: dict[str, Any]
    history: tuple[dict[str, Any], ...] = ()
    n_seen: int = 0
    cost_sum: float = 0.0
    seconds: float = 0.0
    digits_hash: str = ""
    notes: dict[str, Any] = field(default_factory=dict)


def hash_digits(digits: Digits) -> str:
    """Return the SHA-256 of all images and labels of a data set, in hexadecimal.

    Parameters
    ----------
    digits : Digits
        Training, validation and test digits all count.

    Returns
    -------
    str
        64 characters.
    """
    digest = hashlib.sha256()
    for part in ("train", "validation", "test"):
        for kind in ("images", "labels"):
            array = getattr(digits, f"{part}_{kind}")
            digest.update(f"{part} {kind} {None if array is None else array.shape}".encode())
            if array is not None:
                digest.update(np.ascontiguousarray(array).data)
    return digest.hexdigest()


def restored_rng(state: dict[str, Any]) -> np.random.Generator:
    """Return a generator that goes on from a state.

    Parameters
    ----------
    state : dict
        What `rng.bit_generator.state` was.

    Returns
    -------
    numpy.random.Generator
        A new one.

    Raises
    ------
    DamagedError
        If it is the state of no generator that NumPy has.
    """
    name = state.get("bit_generator")
    if name not in BIT_GENERATORS:
        raise DamagedError("its random state is damaged.")
    with in_one_sentence(DamagedError, otherwise="its random state is damaged ({why})."):
        rng = np.random.Generator(getattr(np.random, name)(0))
        if name in PLACES:
            part, key, most = PLACES[name]
            number_in(state[part] if part else state, key, "rng_state.", 0, most)
        rng.bit_generator.state = state
        return rng


def save_checkpoint(state: RunState, path: str | Path) -> None:
    """Write a run's state, whole or not at all.

    Parameters
    ----------
    state : RunState
        What to write.
    path : str or Path
        Where to; an earlier checkpoint of that name is replaced.

    Raises
    ------
    OSError
        If it cannot be written.
    """
    descent = state.descent
    arrays = network_arrays(descent.network)
    for i, moment in enumerate(descent.moments):
        arrays |= {f"moments.{i}.weights.{index}": array for index, array in enumerate(moment.weights)}
        arrays |= {f"moments.{i}.biases.{index}": array for index, array in enumerate(moment.biases)}
    if descent.average is not None:
        arrays |= network_arrays(descent.average, "average.")
    header = {
        "format": FORMAT,
        "kind": "checkpoint",
        **network_header(descent.network),
        "settings": asdict(state.settings),
        "n_steps": descent.n_steps,
        "rng_state": encodable(state.rng_state),
        "history": list(state.history),
        "n_seen": state.n_seen,
        "cost_sum": state.cost_sum,
        "seconds": state.seconds,
        "digits_hash": state.digits_hash,
        "notes": state.notes,
    }
    write_whole(Path(path), pack(arrays, header))


def encodable(value: Any) -> Any:
    """Return a random state as JSON can hold it: arrays and NumPy's numbers (of MT19937 and others) as Python's own."""
    if isinstance(value, dict):
        return {key: encodable(entry) for key, entry in value.items()}
    return value.tolist() if isinstance(value, np.ndarray | np.generic) else value


def load_checkpoint(path: str | Path) -> RunState:
    """Return the run in a checkpoint, every part of it checked.

    Parameters
    ----------
    path : str or Path
        A file that `save_checkpoint` wrote.

    Returns
    -------
    RunState
        Ready to be resumed.

    Raises
    ------
    CheckpointError
        If the file is not a checkpoint or is damaged.
    OSError
        If it cannot be read.
    """
    with in_one_sentence(CheckpointError, f"cannot go on from {path}"):
        return state_in(Path(path))


def state_in(path: Path) -> RunState:
    """Return the run in a checkpoint, as `load_checkpoint` does; DamagedError, which does not name the file."""
    with in_one_sentence(DamagedError, otherwise="its header is damaged ({why})."):
        arrays, header = unpack(path, "a checkpoint")
        if header.get("kind") != "checkpoint" or header.get("format") != FORMAT:
            raise DamagedError(
                f"it is not a checkpoint of format {FORMAT} but {header.get('kind') or 'something else'}."
            )
        settings = Settings(**header["settings"])
        network = network_from(header, arrays)
        fresh = start(network, settings)
        moments = tuple(gradients_from(network, arrays, f"moments.{i}.") for i in range(len(fresh.moments)))
        average = network_from(header, arrays, "average.") if fresh.average is not None else None
        if arrays:
            raise DamagedError(f"it has arrays that it should not have: {', '.join(sorted(arrays)[:3])}.")
        restored_rng(header["rng_state"])
        state = RunState(
            settings=settings,
            descent=Descent(network, moments, average, int(number_in(header, "n_steps", "", 0, MOST))),
            rng_state=header["rng_state"],
            history=tuple(epoch_from(epoch, place) for place, epoch in enumerate(header["history"])),
            n_seen=int(number_in(header, "n_seen", "", 0, MOST)),
            cost_sum=number_in(header, "cost_sum", ""),
            seconds=number_in(header, "seconds", "", 0, MOST),
            digits_hash=str(header["digits_hash"]),
            notes=dict(header["notes"]),
        )
        if len(state.history) > settings.epochs:
            raise DamagedError("its position is not within the run.")
        return state


def epoch_from(told: dict[str, Any], place: int) -> dict[str, Any]:
    """Return what was measured at the end of the epoch in this place; DamagedError where it is not."""
    where = f"history[{place}]."
    numbers = {
        name: number_in(told, name, where, *BOUNDS.get(name, ()))
        for name in RECORDED
        if name != "validation_accuracy" or told.get(name) is not None  # None where no digits were held out
    }
    if numbers["epoch"] != place + 1:
        raise DamagedError("its history is not in order.")
    return dict.fromkeys(RECORDED) | numbers | {"epoch": place + 1}


def gradients_from(network: Network, arrays: dict[str, np.ndarray], prefix: str) -> Gradients:
    """Return arrays shaped like the network's parameters, taken out of `arrays`; DamagedError where they are not."""
    same_shapes = network_from(network_header(network), arrays, prefix)
    return Gradients(same_shapes.weights, same_shapes.biases)
