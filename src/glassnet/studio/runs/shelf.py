"""Shelf: the folder that runs are kept in, so that a server that is killed loses seconds at most."""

import contextlib
import json
import re
import secrets
import shutil
from dataclasses import asdict
from pathlib import Path

import numpy as np

from glassnet.checkpoint import save_checkpoint, state_in
from glassnet.errors import CheckpointError, SettingError, in_one_sentence
from glassnet.model_file import network_arrays, network_header
from glassnet.studio.runs.classroom import Classroom
from glassnet.studio.runs.course import Course
from glassnet.studio.runs.history import Snapshot
from glassnet.studio.runs.kept import check_same_run, read_about, read_history
from glassnet.studio.runs.learned import Learned
from glassnet.system import patiently
from glassnet.tensor_file import pack, write_whole


class Shelf:
    """The kept runs of one visitor.

    Parameters
    ----------
    folder : Path
        The visitor's own.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def place(self, name: str) -> Path:
        """Return a run's folder; SettingError if that cannot be the name of a run."""
        if len(name) != 8 or not name.isascii() or not name.isalnum():
            raise SettingError(f"there is no run {name!r}.")
        return self.folder / name

    def new_name(self) -> str:
        """Return a name that no run has yet."""
        while self.place(name := secrets.token_hex(4)).exists():
            pass
        return name

    def names(self) -> list[str]:
        """Return the kept runs, the oldest first."""
        if not self.folder.is_dir():
            return []
        named = (entry for entry in self.folder.iterdir() if re.fullmatch("[a-z0-9]{8}", entry.name))
        kept = [entry for entry in named if (entry / "run.json").is_file()]
        return [entry.name for entry in sorted(kept, key=lambda entry: (entry / "run.json").stat().st_mtime)]

    def keep(self, course: Course, whole: bool) -> None:
        """Write a run: always where it stands; its history only if `whole`, since that is most of it."""
        folder = self.place(course.id)
        with course.lock:
            state, settings, curve = course.state, course.settings, asdict(course.curve)
            snapshots = list(course.history.snapshots)
            about = {
                "settings": settings.model_dump(),
                "curve": curve,
                "steps_per_second": course.steps_per_second,
                "sentence": course.sentence,
                "has_failed": course.phase == "failed",
                "is_stopped": course.phase == "stopped",
            }
        folder.mkdir(parents=True, exist_ok=True)
        if whole:
            write_whole(folder / "history.safetensors", history_bytes(snapshots))
        save_checkpoint(state, folder / "run.checkpoint")
        write_whole(folder / "run.json", json.dumps(about).encode())

    def open(self, name: str, classroom: Classroom) -> Course:
        """Return a kept run, paused; CheckpointError with one sentence if it is damaged."""
        folder = self.place(name)
        with in_one_sentence(CheckpointError, f"the run {name} is damaged", "it cannot be read ({why})."):
            about, curve = read_about(folder / "run.json")
            state = state_in(folder / "run.checkpoint")
            history = read_history(folder / "history.safetensors")
            check_same_run(about.settings, state, history)
            history.snapshots = [s for s in history.snapshots if s.moment <= state.descent.n_steps]
            phase = "failed" if about.has_failed else "stopped" if about.is_stopped else "resting"
            course = Course(name, about.settings, classroom, Learned(state, curve, history), self.keep, phase)
            course.steps_per_second, course.sentence = about.steps_per_second, about.sentence
            course.settle(course.learned)  # it may have been killed between two savings of its history
        return course

    def drop(self, name: str) -> None:
        """Throw a run away."""
        place = self.place(name)
        # without this file it is no run any more, whatever else Windows keeps because somebody is reading it
        with contextlib.suppress(OSError):
            patiently(lambda: (place / "run.json").unlink(missing_ok=True))
        shutil.rmtree(place, ignore_errors=True)


def history_bytes(snapshots: list[Snapshot]) -> bytes:
    """Return the moments of a run as a file."""
    arrays: dict[str, np.ndarray] = {}
    for place, snapshot in enumerate(snapshots):
        arrays |= network_arrays(snapshot.network, f"{place}.")
    numbers = ("moment", "epoch", "cost", "train_accuracy", "test_accuracy")
    header = {
        "format": 1,
        "kind": "history",
        **network_header(snapshots[0].network),
        "moments": [{name: getattr(snapshot, name) for name in numbers} for snapshot in snapshots],
    }
    return pack(arrays, header)
