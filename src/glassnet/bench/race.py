"""The race: every contestant in its own process, laps in turn, medians."""

import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from glassnet.bench.cases import Case
from glassnet.bench.contestants import HOMES, PEERS, is_installed
from glassnet.errors import GlassnetError, SettingError
from glassnet.system import n_processors

THREAD_VARIABLES = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")


class ContestantError(GlassnetError, RuntimeError):
    """A contestant's process ended too early."""


@dataclass(frozen=True, slots=True)
class Lap:
    """One lap of one contestant, told as soon as it is run.

    Parameters
    ----------
    case, contestant : str
        Names.
    threads : int
        How many it was allowed.
    round : int
        From 1.
    seconds : float
        How long it took.
    """

    case: str
    contestant: str
    threads: int
    round: int
    seconds: float


@dataclass(frozen=True, slots=True)
class Result:
    """How a contestant did, at its best number of threads.

    Parameters
    ----------
    case, contestant : str
        Names.
    title, version : str
        For people.
    threads : int
        The number with which its median was lowest.
    seconds : float
        That median.
    laps : tuple of float
        All laps with that number of threads.
    checksum : tuple of float
        What it computed in the last lap, in brief.
    """

    case: str
    contestant: str
    title: str
    version: str
    threads: int
    seconds: float
    laps: tuple[float, ...]
    checksum: tuple[float, ...]


class Racer:
    """A worker process."""

    def __init__(self, contestant: str, case: Case, threads: int) -> None:
        self.contestant, self.case, self.threads = contestant, case, threads
        environment = os.environ | dict.fromkeys(THREAD_VARIABLES, str(threads))
        if contestant == "jax":
            many = "true" if threads > 1 else "false"
            environment["XLA_FLAGS"] = f"--xla_cpu_multi_thread_eigen={many} intra_op_parallelism_threads={threads}"
            environment["JAX_PLATFORMS"] = "cpu"
        self.process = subprocess.Popen(
            [sys.executable, "-m", "glassnet.bench.worker", contestant, case.name, str(threads)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
            env=environment,
        )
        self.laps: list[float] = []
        self.checksum: tuple[float, ...] = ()
        self.about: dict[str, str] = {}

    def answer(self) -> dict:
        """Return the next line of the process."""
        assert self.process.stdout is not None
        line = self.process.stdout.readline()
        if not line:
            raise ContestantError(f"{self.contestant} failed in the race {self.case.name}, which went on without it.")
        return json.loads(line)

    def lap(self, round_: int) -> float:
        """Run a lap."""
        assert self.process.stdin is not None
        self.process.stdin.write(f"{round_}\n")
        self.process.stdin.flush()
        told = self.answer()
        self.laps.append(told["seconds"])
        self.checksum = tuple(told["checksum"])
        return told["seconds"]

    def stop(self) -> None:
        """End the process."""
        self.process.kill()
        self.process.communicate()


def installed() -> tuple[str, ...]:
    """Return the contestants that can take part here, glassnet's engines first."""
    return tuple(name for name in HOMES if is_installed(name))


def threads_of(case: Case) -> tuple[int, ...]:
    """Return the numbers of threads with which everybody is tried."""
    most = n_processors()
    return (1,) if most == 1 or case.task == "read-one" else (1, most)


def race(
    cases: Sequence[Case], contestants: Sequence[str], rounds: int, failures: list[str] | None = None
) -> Iterator[Lap | Result]:
    """Yield the laps of a race as they are run, and after each case the results.

    Parameters
    ----------
    cases : sequence of Case
        What to race.
    contestants : sequence of str
        Names from `installed`.
    rounds : int
        Laps each, after one that warms up; within a round everybody takes a lap, so that a noisy moment of the machine
        hits all alike.
    failures : list of str or None, default None
        Receives a sentence for every contestant that could not run; None raises an error instead.

    Yields
    ------
    Lap or Result
        Results from the fastest to the slowest.

    Raises
    ------
    SettingError
        If there is no such contestant, or there are no rounds.
    ContestantError
        If one could not run and `failures` is None.
    """
    if rounds < 1:
        raise SettingError(f"a race has at least one round, not {rounds}.")
    for name in contestants:
        if name not in HOMES or not is_installed(name):
            raise SettingError(f"there is no {name} here; choose from {', '.join(installed())}.")
    for case in cases:
        racers: list[Racer] = []
        try:
            for name in contestants:
                for threads in threads_of(case):
                    racer = Racer(name, case, threads)
                    try:
                        racer.about = racer.answer()
                        racers.append(racer)
                    except ContestantError as error:
                        racer.stop()
                        if failures is None:
                            raise
                        failures.append(str(error))
            for round_ in range(1, rounds + 1):
                for racer in racers:  # one that fails on the way ends the race: its laps would be missing
                    yield Lap(case.name, racer.contestant, racer.threads, round_, racer.lap(round_))
            yield from results(case, racers)
        finally:
            for racer in racers:
                racer.stop()


def results(case: Case, racers: Sequence[Racer]) -> list[Result]:
    """Return the best of every contestant, the fastest first."""
    best: dict[str, Racer] = {}
    for racer in racers:
        other = best.get(racer.contestant)
        if other is None or median(racer.laps) < median(other.laps):
            best[racer.contestant] = racer
    found = [
        Result(
            case=case.name,
            contestant=name,
            title=racer.about["name"],
            version=racer.about["version"],
            threads=racer.threads,
            seconds=median(racer.laps),
            laps=tuple(racer.laps),
            checksum=racer.checksum,
        )
        for name, racer in best.items()
    ]
    return sorted(found, key=lambda result: result.seconds)


def is_peer(contestant: str) -> bool:
    """Return whether it is not one of glassnet's engines."""
    return contestant in PEERS
