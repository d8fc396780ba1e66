"""What a run of ``glassnet train`` will be: its options, those of a checkpoint, and where its files may go."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from glassnet.cli.console import err
from glassnet.errors import CheckpointError, SettingError
from glassnet.system import is_same_place, resolved

if TYPE_CHECKING:
    from glassnet.digits import Digits
    from glassnet.events import Event
    from glassnet.training import FreshExamples

DEFAULTS: dict[str, Any] = {
    "hidden": "16,16",
    "activation": "sigmoid",
    "output_activation": "sigmoid",
    "cost": "quadratic",
    "start": "scaled",
    "epochs": 30,
    "mini_batch_size": 100,
    "learning_rate": None,
    "schedule": "constant",
    "optimizer": "sgd",
    "momentum": 0.0,
    "l2": 0.0,
    "weight_decay": 0.0,
    "average": 0.0,
    "seed": 0,
    "engine": "auto",
    "validation": 0,
    "recipe": None,
}
"""What `train` does unless told otherwise; a resumed run takes its own from the checkpoint instead."""
NETWORK = ("start", "activation", "output_activation", "cost")
SETTINGS = (
    "epochs",
    "mini_batch_size",
    "learning_rate",
    "schedule",
    "optimizer",
    "momentum",
    "l2",
    "weight_decay",
    "average",
)
REFRESH_SECONDS = 0.1


def planned(given: dict[str, Any], checkpoint: Path | None, resume: bool) -> dict[str, Any]:
    """Return the options of this run: those given, those of the checkpoint, or the defaults."""
    if resume and checkpoint is None:
        raise SettingError("--resume needs --checkpoint FILE, the file to go on from.")
    for name in ("seed", "validation"):
        if given.get(name, 0) < 0:
            raise SettingError(f"--{name} must not be negative, but is {given[name]}.")
    if "hidden" in given:
        given = given | {"hidden": ",".join(map(str, hidden_sizes(given["hidden"]))) or "0"}
    if checkpoint is None or not checkpoint.exists():
        if resume:
            err.print(f"There is no {checkpoint} yet: starting from the beginning.", markup=False)
        return settled(DEFAULTS | own_defaults(given) | given)
    from glassnet.checkpoint import load_checkpoint

    state = load_checkpoint(checkpoint)
    if not resume:
        raise SettingError(
            f"{checkpoint} holds a run that has done {len(state.history)} of {state.settings.epochs} epochs; "
            f"continue it with --resume, or name another file."
        )
    kept = state.notes.get("options")
    if not isinstance(kept, dict) or not all(could_be(name, value) for name, value in kept.items()):
        raise CheckpointError(f"cannot go on from {checkpoint}: it was not written by glassnet train.")
    kept = DEFAULTS | kept  # an older version may not have known every option
    for name, value in given.items():
        if kept[name] != value and name != "epochs":
            raise SettingError(
                f"{checkpoint} was made with --{name.replace('_', '-')} {kept[name]}, and cannot go on with {value}."
            )
    return kept | given


def could_be(name: str, value: Any) -> bool:
    """Return whether a value in a checkpoint can be that of an option; an unknown option may have any."""
    if name not in DEFAULTS:
        return True
    if DEFAULTS[name] is None:
        return value is None or isinstance(value, str if name == "recipe" else int | float)
    return isinstance(value, int | float if isinstance(DEFAULTS[name], float) else type(DEFAULTS[name]))


def own_defaults(given: dict[str, Any]) -> dict[str, Any]:
    """Return what the recipe does unless told otherwise."""
    if "recipe" not in given:
        return {}
    if given.get("validation"):
        raise SettingError("--validation and --recipe do not go together: a recipe has validation digits of its own.")
    from glassnet.recipes import options_of

    return options_of(given["recipe"])


def settled(options: dict[str, Any]) -> dict[str, Any]:
    """Return the options with the learning rate that None stands for, all of them checked."""
    from glassnet.settings import Settings

    settings = Settings(**{name: options[name] for name in SETTINGS})
    return options | {"learning_rate": settings.learning_rate}


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


def check_places(out_file: Path, checkpoint: Path | None) -> None:
    """Refuse places for results before hours are spent on them."""
    check_writable(out_file)
    for beside in (previous_of(out_file), interrupted_of(out_file)):
        check_writable(beside)
    if checkpoint is not None:
        check_writable(checkpoint)
        places = (out_file, previous_of(out_file), interrupted_of(out_file))
        if any(is_same_place(checkpoint, place) for place in places):
            raise SettingError(
                f"--checkpoint {checkpoint} is where --out {out_file} keeps a network: "
                f"the one would overwrite the other."
            )


def previous_of(path: Path) -> Path:
    """Return where an earlier network is kept."""
    return path.with_name(f"{path.name}.previous")


def interrupted_of(path: Path) -> Path:
    """Return where an unfinished network goes when there is a finished one."""
    return path.with_name(f"{path.name}.interrupted")


def check_writable(path: Path) -> None:
    """Refuse a place where a file cannot be written, or where there is something that is not ours."""
    if path.is_dir():
        raise SettingError(f"{path} is a folder; name a file in it.")
    folder = resolved(path).parent
    if not folder.is_dir():
        raise SettingError(f"there is no folder {folder} to save {path.name} in.")
    if path.exists() and not path.is_file():
        raise SettingError(f"{path} exists and is not a file: it is left alone; name another one.")
    if not os.access(folder, os.W_OK) or (path.exists() and not os.access(path, os.W_OK)):
        raise SettingError(f"{path} cannot be written: permission denied.")
    if path.exists():
        from glassnet.tensor_file import is_own_file

        if not is_own_file(path):
            raise SettingError(f"{path} exists and was not written by glassnet: it is left alone; name another file.")


def start_run(
    options: dict[str, Any],
    digits: "Digits",
    checkpoint: Path | None,
    resume: bool,
    fresh: "FreshExamples | None" = None,
) -> "tuple[Iterator[Event], list[dict[str, Any]]]":
    """Return the events of a new run, or of the rest of an old one, and the history so far."""
    import numpy as np

    from glassnet import training
    from glassnet.checkpoint import load_checkpoint
    from glassnet.network import Network

    if resume and checkpoint is not None and checkpoint.exists():
        events = training.resume(
            checkpoint,
            digits,
            epochs=options["epochs"],
            engine=options["engine"],
            progress_seconds=REFRESH_SECONDS,
            notes={"options": options},
            fresh=fresh,
        )
        return events, list(load_checkpoint(checkpoint).history)
    rng = np.random.default_rng(options["seed"])
    network = Network.random(
        (digits.n_inputs, *hidden_sizes(options["hidden"]), 10),
        rng=rng,
        **{name: options[name] for name in NETWORK},
    )
    events = training.train(
        network,
        digits,
        rng=rng,
        engine=options["engine"],
        checkpoint=checkpoint,
        progress_seconds=REFRESH_SECONDS,
        notes={"options": options},
        fresh=fresh,
        **{name: options[name] for name in SETTINGS},
    )
    return events, []
