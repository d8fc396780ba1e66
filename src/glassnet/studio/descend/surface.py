"""Surface: the cost over a plane with descents on it, computed in a thread, told as it grows, and kept."""

import hashlib
import itertools
import logging
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np

from glassnet import landscape
from glassnet.backpropagation import Gradients
from glassnet.errors import DivergedError, GlassnetError, SettingError
from glassnet.landscape import PathStep
from glassnet.network import Network
from glassnet.nudges import as_vector
from glassnet.nudges.parameters import check_finite
from glassnet.studio.descend.schema import AskSurface, DescentTold, PlaneTold, Spot, SurfaceTold
from glassnet.studio.runs.classroom import Classroom
from glassnet.studio.shown.sample import Sample, sample_of
from glassnet.studio.shown.seeing import Held, told
from glassnet.system import give_way

MOST_DRAWN = 200_000
"""Weights and biases of a network whose landscape is drawn."""
MOST_NUMBERS = 12_000_000
"""Of all networks of all descents, which are held until the plane is known: 96 MB."""
NAP, LATER_NAP = 0.3, 1.0
"""Pauses, as shares of the time that the piece before took; they are left to whoever draws. Once the first rows are
there, nobody waits for the rest as for them."""
MOST_WORK = 3e11
"""Digits times parameters times places: about a minute."""
NARROWEST = 0.85
"""The least share of a surface's longer side that the shorter one may be."""
FIRST_ROWS = 2
"""With this many rows there is something to be seen."""


@dataclass
class Way:
    """A descent as it goes on.

    Parameters
    ----------
    mini_batch_size : int
        0 for the full gradient.
    name : str
        What it is called on the page.
    columns : dict of str to list of float
        What is told of each of its steps, column by column: see `FIELDS`.
    networks : list of Network
        Those on its way, until the plane is known.
    """

    mini_batch_size: int
    name: str
    columns: dict[str, list[float]] = field(default_factory=lambda: {name: [] for name in landscape.PATH_COLUMNS})
    networks: list[Network] = field(default_factory=list)

    def add(self, step: PathStep) -> None:
        """Note a step."""
        for name, column in self.columns.items():
            column.append(getattr(step, name))
        self.networks.append(step.network)


def start_of(held: Held, asked: AskSurface) -> Network:
    """Return where the descents begin: the network in hand, or a new one of its sizes, drawn from N(0, 1)."""
    network = held.network
    if not asked.untrained:
        check_finite(network)
        return network
    return Network.random(
        network.layer_sizes,
        rng=np.random.default_rng(asked.sample.seed),
        start="standard-normal",
        activation=network.activation,
        output_activation=network.output_activation,
        cost=network.cost,
        dtype=np.float64,
    )


def check_bounds(network: Network, asked: AskSurface) -> None:
    """Refuse what would take too long, or too much memory."""
    n_parameters = network.n_parameters
    if n_parameters > MOST_DRAWN:
        raise SettingError(
            f"this network has {n_parameters:,} weights and biases; a landscape is drawn for up to {MOST_DRAWN:,}."
        )
    n_networks = len(asked.mini_batch_sizes) * (asked.n_steps + 1)
    if n_networks * n_parameters > MOST_NUMBERS:
        most = MOST_NUMBERS // (len(asked.mini_batch_sizes) * n_parameters) - 1
        raise SettingError(
            f"those are too many steps for a network of this size: take up to {most:,}, or fewer descents."
        )
    n_rest = sum(w.size for w in network.weights[1:])
    work = asked.sample.n * 6 * n_parameters * n_networks + asked.points**2 * (asked.sample.n * n_rest + n_parameters)
    if work > MOST_WORK:
        raise SettingError("that would take minutes: take fewer digits, or fewer steps.")
    if max(asked.mini_batch_sizes) > asked.sample.n:
        raise SettingError(
            f"mini-batches of {max(asked.mini_batch_sizes):,} need as many digits; there are {asked.sample.n:,}."
        )
    if len(set(asked.mini_batch_sizes)) < len(asked.mini_batch_sizes):
        raise SettingError("each descent is drawn once: give every mini-batch size only once.")


def fingerprint(network: Network, asked: AskSurface) -> str:
    """Return sixteen hexadecimal digits, the same for the same network and settings."""
    digest = hashlib.sha256(as_vector(network).tobytes())
    about = (network.layer_sizes, network.activation, network.output_activation, network.cost)
    digest.update(repr(about).encode() + asked.model_dump_json().encode())
    return digest.hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class Heard:
    """What a listener was told already.

    Parameters
    ----------
    n_steps, n_rows : int
        So many steps of each descent, and so many rows of the surface.
    has_plane : bool
        Whether also the plane.
    """

    n_steps: int = 0
    has_plane: bool = False
    n_rows: int = 0


class Surface:
    """A surface that is being computed in a thread of its own, or was.

    Parameters
    ----------
    name : str
        Its identity, as `fingerprint` returns it.
    network : Network
        Where the descents begin.
    asked : AskSurface
        What was asked for.
    classroom : Classroom
        Digits, and whose turn it is.
    has_ended : callable
        Called by the thread with the surface when it is done, was stopped, or has failed.
    """

    def __init__(
        self,
        name: str,
        network: Network,
        asked: AskSurface,
        classroom: Classroom,
        has_ended: Callable[["Surface"], None],
    ) -> None:
        self.id = name
        self.network = network
        self.asked = asked
        self.classroom = classroom
        self.has_ended = has_ended
        self.lock = threading.RLock()
        self.version = 0
        self.state: str = "running"
        self.sentence = ""
        self.is_stopped = False
        self.ways = [
            Way(size, f"mini-batches of {size}" if size else "full gradient") for size in asked.mini_batch_sizes
        ]
        self.n = asked.sample.n
        self.plane: PlaneTold | None = None
        self.rows: list[list[float]] = []
        self.thread = threading.Thread(target=self.work, name=f"surface {name}", daemon=True)

    def begin(self) -> None:
        """Compute it."""
        self.thread.start()

    def stop(self) -> None:
        """Let the thread end, and wait until it has."""
        self.is_stopped = True
        if self.thread.is_alive() and self.thread is not threading.current_thread():
            self.thread.join(timeout=10)

    def told(self, heard: Heard | None = None) -> tuple[SurfaceTold, Heard]:
        """Return what is new since then, or everything; and what is known afterwards."""
        begins, heard = heard is None, heard or Heard()
        with self.lock:
            costs = np.array(self.rows)
            message = SurfaceTold(
                id=self.id,
                asked=self.asked,
                state=self.state,  # type: ignore[arg-type] - one of the four
                sentence=self.sentence,
                begins=begins,
                share=self.share,
                n=self.n,
                n_parameters=self.network.n_parameters,
                layer_sizes=list(self.network.layer_sizes),
                cost=self.ways[0].columns["cost"][0] if self.ways[0].columns["cost"] else None,
                descents=[descent_told(way, heard.n_steps) for way in self.ways],
                plane=None if heard.has_plane else self.plane,
                first_row=heard.n_rows,
                rows=self.rows[heard.n_rows :],
                lowest=self.spot(costs, np.argmin),
                highest=self.spot(costs, np.argmax),
            )
            # all descents advance together: the shortest column is known of all of them
            n_steps = min(len(way.columns["cost"]) for way in self.ways)
            return message, Heard(n_steps, self.plane is not None, len(self.rows))

    def is_urgent(self, heard: Heard | None) -> bool:
        """Return whether what is new should not wait: the beginning, the first rows, and the end."""
        return heard is None or self.state != "running" or (heard.n_rows == 0 and len(self.rows) >= FIRST_ROWS)

    @property
    def share(self) -> float:
        """How much is done; descents and rows count half each."""
        n_steps = sum(len(way.columns["cost"]) for way in self.ways) / (len(self.ways) * (self.asked.n_steps + 1))
        return (n_steps + len(self.rows) / self.asked.points) / 2

    def spot(self, costs: np.ndarray, extreme: Callable[[np.ndarray], np.intp]) -> Spot | None:
        """Return the lowest or highest point so far."""
        if not costs.size or self.plane is None:
            return None
        row, column = np.unravel_index(int(extreme(costs)), costs.shape)
        return Spot(x=self.plane.xs[int(column)], y=self.plane.ys[int(row)], cost=float(costs[row, column]))

    def touch(self, change: Callable[[], None]) -> None:
        """Change what is told."""
        with self.lock:
            change()
            self.version += 1

    def work(self) -> None:
        """Go down, then look around row by row; whoever else computes gets a turn in between."""
        give_way()
        try:
            began = time.monotonic()
            for change in self.changes():
                self.touch(change)
                nap = LATER_NAP if len(self.rows) > FIRST_ROWS else NAP
                time.sleep(nap * (time.monotonic() - began))
                began = time.monotonic()
                if self.is_stopped:
                    break
            self.end("stopped" if self.is_stopped else "finished")
        except (GlassnetError, MemoryError) as error:
            self.end("failed", str(error) or "there is not enough memory for this.")
        except Exception:  # whatever it was, nobody must be left waiting for a surface without a thread
            logging.getLogger(__name__).exception("surface %s", self.id)
            self.end("failed", "this landscape could not be finished; the server's own log says why.")
        self.has_ended(self)

    def end(self, state: str, sentence: str = "") -> None:
        """Say how it ended; the networks along the way are no longer needed."""
        for way in self.ways:
            way.networks = []

        def change() -> None:
            self.state, self.sentence = state, sentence

        self.touch(change)

    def changes(self) -> Iterator[Callable[[], None]]:
        """Yield what becomes known, piece by piece, each computed in a turn."""
        with self.classroom.turn():
            sample = sample_of(self.classroom.digits, self.asked.sample)
        self.n = len(sample.indices)
        paths = [self.path(way, sample) for way in self.ways]
        for _ in range(self.asked.n_steps + 1):
            for way, path in zip(self.ways, paths, strict=True):
                with self.classroom.turn():
                    step = next(path)
                if not np.isfinite((step.cost, step.length, step.cosine)).all():
                    raise DivergedError(
                        f"the cost is no longer a finite number after {step.n_steps} steps with {way.name}: "
                        "try a smaller learning rate."
                    )
                yield lambda way=way, step=step: way.add(step)
        with self.classroom.turn():
            directions = self.directions(sample)
            plane = self.plane_of(directions)
        yield lambda: setattr(self, "plane", plane)
        xs, ys = np.array(plane.xs), np.array(plane.ys)
        rows = landscape.cost_surface(self.network, sample.inputs, sample.wanted, directions, (xs, ys))
        for _ in range(len(ys)):
            with self.classroom.turn():
                row = next(rows)
            if not np.isfinite(row.costs).all():
                raise DivergedError("the cost is no longer a finite number there: try a smaller learning rate.")
            costs = told(row.costs)
            yield lambda costs=costs: self.rows.append(costs)

    def path(self, way: Way, sample: Sample) -> Iterator[PathStep]:
        """Return one of the descents; each shuffles with a generator of its own, so that they can be told apart."""
        return landscape.descent_path(
            self.network,
            sample.inputs,
            sample.wanted,
            learning_rate=self.asked.learning_rate,
            mini_batch_size=way.mini_batch_size or None,
            n_steps=self.asked.n_steps,
            rng=np.random.default_rng([self.asked.sample.seed, way.mini_batch_size]),
        )

    def directions(self, sample: Sample) -> tuple[Gradients, Gradients]:
        """Return the two directions of the plane, through the start."""
        if self.asked.plane == "random":
            return (
                landscape.scaled_random_direction(self.network, sample.rng),
                landscape.scaled_random_direction(self.network, sample.rng),
            )
        passed = itertools.chain.from_iterable(way.networks[1:] for way in self.ways)
        try:
            return landscape.principal_directions([*passed, self.network])
        except SettingError:
            raise SettingError(
                "the descents lie on one line, which makes no plane: try another learning rate, or the random plane."
            ) from None

    def plane_of(self, directions: tuple[Gradients, Gradients]) -> PlaneTold:
        """Return where to look, and where the descents lie there."""
        places = [
            [landscape.place_on(directions, self.network, network) for network in way.networks] for way in self.ways
        ]
        if self.asked.plane == "random":
            reach = landscape.REACH_AT_RANDOM
            box = ((-reach, reach), (-reach, reach))
        else:
            box = wide_enough(landscape.box_around(np.concatenate([np.array(way) for way in places])))
        xs, ys = (np.linspace(low, high, self.asked.points).tolist() for low, high in box)
        return PlaneTold(xs=xs, ys=ys, places=[told(np.array(way)) for way in places])


def wide_enough(box: tuple[tuple[float, float], tuple[float, float]]) -> tuple[tuple[float, float], ...]:
    """Return a box whose shorter side was made longer on both ends, if it was a mere strip beside the longer one."""
    longest = max(high - low for low, high in box)
    more = [max(0.0, NARROWEST * longest - (high - low)) / 2 for low, high in box]
    return tuple((low - m, high + m) for (low, high), m in zip(box, more, strict=True))


def degrees(cosines: list[float]) -> np.ndarray:
    """Return angles by their cosines, which rounding may have pushed past 1."""
    return np.degrees(np.arccos(np.clip(cosines, -1, 1)))


def descent_told(way: Way, first: int) -> DescentTold:
    """Return a descent from its step `first`."""
    taken = {name: column[1:] for name, column in way.columns.items()}
    new = {name: column[first:] for name, column in way.columns.items()}
    return DescentTold(
        mini_batch_size=way.mini_batch_size,
        name=way.name,
        n_steps=[int(n) for n in new["n_steps"]],
        cost=told(np.array(new["cost"])),
        seconds=told(np.array(new["seconds"])),
        n_examples=[int(n) for n in new["n_examples"]],
        length=told(np.array(new["length"])),
        cosine=told(np.array(new["cosine"])),
        angle=told(degrees(new["cosine"])),
        mean_cosine=told(float(np.mean(taken["cosine"]))) if taken["cosine"] else None,
        mean_angle=told(float(np.mean(degrees(taken["cosine"])))) if taken["cosine"] else None,
        mean_length=told(float(np.mean(taken["length"]))) if taken["length"] else None,
    )
