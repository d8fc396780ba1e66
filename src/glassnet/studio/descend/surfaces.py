"""Surfaces: those of one visitor, one being computed at a time, the finished ones in files."""

import contextlib
import threading
from collections import OrderedDict
from pathlib import Path
from typing import Protocol

from pydantic import ValidationError

from glassnet.studio.descend.schema import AskSurface, SurfaceTold
from glassnet.studio.descend.surface import Heard, Surface, check_bounds, fingerprint, start_of
from glassnet.studio.runs.classroom import Classroom
from glassnet.studio.runs.memory import give_back
from glassnet.studio.shown.seeing import Held
from glassnet.studio.visit.visitors import Visitor
from glassnet.tensor_file import write_whole

MOST_KEPT = 6
ROOM = "surfaces"
FOLDER = "landscapes"


class Shown(Protocol):
    """A surface that is being computed, or was."""

    id: str
    state: str
    version: int

    def told(self, heard: Heard | None = None) -> tuple[SurfaceTold, Heard]:
        """Return what is new since then, or everything; and what is known afterwards."""
        ...

    def is_urgent(self, heard: Heard | None) -> bool:
        """Return whether what is new should not wait."""
        ...

    def stop(self) -> None:
        """Let its thread end, if it has one."""
        ...


class Finished:
    """A finished surface from a file.

    Parameters
    ----------
    message : SurfaceTold
        All of it.
    """

    def __init__(self, message: SurfaceTold) -> None:
        self.message = message
        self.id = message.id
        self.state = "finished"
        self.version = 0

    def told(self, heard: Heard | None = None) -> tuple[SurfaceTold, Heard]:
        """Return all of it, whatever is known."""
        return self.message, heard or Heard()

    def is_urgent(self, heard: Heard | None) -> bool:
        """Return True: it is all there."""
        return True

    def stop(self) -> None:
        """Do nothing: it has no thread."""


class Surfaces:
    """The surfaces of one visitor.

    Parameters
    ----------
    folder : Path
        Where finished ones are kept; it need not exist.
    classroom : Classroom
        Digits, and whose turn it is.
    """

    def __init__(self, folder: Path, classroom: Classroom) -> None:
        self.folder = folder
        self.classroom = classroom
        self.making = threading.Lock()
        self.lock = threading.Lock()
        self.known: OrderedDict[str, Shown] = OrderedDict()
        self.open_kept()

    def open_kept(self) -> None:
        """Open what is in the folder, the oldest first; a file that is not ours is skipped."""
        with contextlib.suppress(OSError):
            for path in sorted(self.folder.glob("*.json"), key=lambda path: path.stat().st_mtime)[-MOST_KEPT:]:
                with contextlib.suppress(OSError, ValidationError):
                    message = SurfaceTold.model_validate_json(path.read_bytes())
                    if message.state == "finished" and message.id == path.stem:
                        self.known[message.id] = Finished(message)

    @property
    def is_busy(self) -> bool:
        """Whether one is being computed."""
        with self.lock:
            return any(one.state == "running" for one in self.known.values())

    def of(self, name: str) -> Shown:
        """Return a surface; KeyError with a sentence if there is none."""
        with self.lock:
            if name not in self.known:
                raise KeyError(f"there is no landscape {name}.")
            return self.known[name]

    def begun(self, held: Held, asked: AskSurface, *, only_find: bool = False) -> Shown | None:
        """Return the surface that is asked for: an existing one for the same network and settings, or a new one."""
        network = start_of(held, asked)
        check_bounds(network, asked)
        name = fingerprint(network, asked)
        with self.making:
            with self.lock:
                there = self.known.get(name)
                if there is not None and there.state in ("running", "finished"):
                    self.known.move_to_end(name)
                    return there
                others = list(self.known.values())
            if only_find:
                return there
            for other in others:
                if other.state == "running":
                    other.stop()
            surface = Surface(name, network, asked, self.classroom, self.keep)
            with self.lock:
                self.known[name] = surface
                self.known.move_to_end(name)
            surface.begin()
            self.tidy()
            return surface

    def keep(self, surface: Surface) -> None:
        """Keep a surface that has ended, if it is whole; a disk that has no room for it costs nobody the picture."""
        if surface.state == "finished":
            message, _ = surface.told()
            with contextlib.suppress(OSError):
                self.folder.mkdir(parents=True, exist_ok=True)
                with self.lock:
                    if self.known.get(surface.id) is surface:
                        write_whole(self.folder / f"{surface.id}.json", message.model_dump_json().encode())
        give_back()

    def tidy(self) -> None:
        """Throw away the oldest, as many as there are too many."""
        with self.lock:
            ended = [name for name, one in self.known.items() if one.state != "running"]
            too_many = ended[: max(0, len(self.known) - MOST_KEPT)]
        for name in too_many:
            self.drop(name)

    def stop(self, name: str) -> Shown:
        """Stop a surface; what there is of it stays to be seen."""
        surface = self.of(name)
        surface.stop()
        return surface

    def drop(self, name: str) -> None:
        """Throw a surface away."""
        surface = self.of(name)
        surface.stop()
        with self.lock:
            self.known.pop(name, None)
            (self.folder / f"{name}.json").unlink(missing_ok=True)

    def close(self) -> None:
        """Stop all of them."""
        with self.lock:
            all_of_them = list(self.known.values())
        for surface in all_of_them:
            surface.stop()


def surfaces_of(visitor: Visitor) -> Surfaces:
    """Return a visitor's surfaces."""
    with visitor.making:
        room = visitor.rooms.get(ROOM)
        if not isinstance(room, Surfaces):
            room = visitor.rooms[ROOM] = Surfaces(visitor.shelf.folder / FOLDER, visitor.classroom)
        return room
