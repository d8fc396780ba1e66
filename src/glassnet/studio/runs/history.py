"""History: a run's costs and moments, kept within bounds however long it lasts."""

from dataclasses import dataclass, field

import numpy as np

from glassnet.network import Network

MOST_COSTS = 400
MOST_MOMENTS = 160
MOST_BYTES = 24 << 20
"""Of a run's networks along the way."""


@dataclass(slots=True)
class CostCurve:
    """The cost of mini-batches, in a bounded number of points: when there are too many, two become one.

    Parameters
    ----------
    moments : list of int
        Steps taken when a point was complete.
    costs : list of float
        Mean cost of the mini-batches of a point, each taken before its step.
    n_each : int
        Mini-batches of a point.
    waiting : list of float
        Mean costs of the mini-batches that do not make a point yet.
    """

    moments: list[int] = field(default_factory=list)
    costs: list[float] = field(default_factory=list)
    n_each: int = 1
    waiting: list[float] = field(default_factory=list)

    def add(self, first_moment: int, costs: np.ndarray) -> None:
        """Add the mean costs of mini-batches, the first of them the step after `first_moment`."""
        values = self.waiting + costs.tolist()
        end = first_moment + len(costs)
        n_points = len(values) // self.n_each
        whole = np.array(values[: n_points * self.n_each]).reshape(n_points, self.n_each)
        first = end - len(values)
        self.costs += whole.mean(axis=1).tolist() if n_points else []
        self.moments += [first + (i + 1) * self.n_each for i in range(n_points)]
        self.waiting = values[n_points * self.n_each :]
        while len(self.costs) > MOST_COSTS:
            self.halve()

    def halve(self) -> None:
        """Make one point of every two."""
        if len(self.costs) % 2:  # the odd one goes back to wait for its partner
            self.waiting = [self.costs.pop()] * self.n_each + self.waiting
            self.moments.pop()
        self.costs = [(a + b) / 2 for a, b in zip(self.costs[::2], self.costs[1::2], strict=True)]
        self.moments = self.moments[1::2]
        self.n_each *= 2


@dataclass(frozen=True, slots=True, eq=False)
class Snapshot:
    """A run at one moment.

    Parameters
    ----------
    moment : int
        Steps taken.
    epoch : float
        Epochs seen.
    cost : float or None
        Mean cost of the epoch's examples so far; None before the first step.
    train_accuracy, test_accuracy : float
        Measured then.
    network : Network
        As it was.
    """

    moment: int
    epoch: float
    cost: float | None
    train_accuracy: float
    test_accuracy: float
    network: Network


@dataclass(slots=True)
class History:
    """The moments that one can slide back to: always the first and the newest, and as many in between as fit.

    Parameters
    ----------
    snapshots : list of Snapshot
        The earliest first.
    """

    snapshots: list[Snapshot] = field(default_factory=list)

    def add(self, snapshot: Snapshot) -> None:
        """Keep a moment; one with the same number of steps is replaced."""
        if self.snapshots and self.snapshots[-1].moment == snapshot.moment:
            self.snapshots.pop()
        self.snapshots.append(snapshot)
        room = max(4, min(MOST_MOMENTS, MOST_BYTES // (4 * snapshot.network.n_parameters)))
        if len(self.snapshots) > room:
            # every second one goes, except the first and the newest
            newest = self.snapshots[-1]
            self.snapshots = [*self.snapshots[:-1:2], newest]

    @property
    def newest(self) -> Snapshot:
        """The last moment kept."""
        return self.snapshots[-1]

    def at(self, moment: int | None) -> Snapshot:
        """Return the moment asked for, or the last one kept before it; None is the newest."""
        if moment is None:
            return self.newest
        earlier = [snapshot for snapshot in self.snapshots if snapshot.moment <= moment]
        return earlier[-1] if earlier else self.snapshots[0]
