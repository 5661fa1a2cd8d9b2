"""The replications of a study side by side, each as little as `observation` keeps of it."""

from collections.abc import Iterable
from dataclasses import replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measure.replication import windows as hours
from sim.measure.replication.intervals import edges
from sim.measure.replication.observation import Missed, Observation
from sim.measure.replication.slices import Slices, slices
from sim.plan import Bool, Float, Lens
from sim.tables import Int64
from sim.units import HOUR


class Replications:
    """Observations as they come.

    What replications that break a promise say about missing agents is added up as they are added.
    """

    def __init__(self, lens: Lens, observations: Iterable[Observation] = ()) -> None:
        self.lens = lens
        self.slices: Slices = slices(lens)
        self.breaking = 0  # replications that break a promise; the next two are of these
        self._observations: list[Observation] = []
        self._missed_effort = np.zeros((len(hours.windows(lens)), len(self.slices.rows("type"))), np.int64)
        self._missed_able: dict[bytes, Int64] = {}
        for observation in observations:
            self.add(observation)

    def add(self, observation: Observation) -> None:
        """Add one more replication."""
        self._observations.append(replace(observation, missed=None))
        if observation.missed is not None:
            self._miss(observation.missed)

    def _miss(self, missed: Missed) -> None:
        self.breaking += 1
        self._missed_effort += missed.effort
        for signature, able in missed.able.items():
            self._missed_able[signature] = self._missed_able.get(signature, 0) + able

    @property
    def size(self) -> int:
        """How many replications there are."""
        return len(self._observations)

    def column(self, name: str, *at: Any) -> NDArray[Any]:
        """A column of the observations, [r, …], as int64 or float64.

        at: the place in each observation to take it from.
        """
        values = self.stacked(name, *at)
        return values.astype(np.float64 if values.dtype.kind == "f" else np.int64, copy=False)

    def stacked(self, name: str, *at: Any) -> NDArray[Any]:
        """A column of the observations, as `column` gives it, in the narrowest type that holds it.

        For what is large and only ever summed.
        """
        return np.stack([np.asarray(getattr(observation, name))[at] for observation in self._observations])

    def hourly(self, name: str) -> Int64:
        """One of HOURLY by replication and hour: [r, u]."""
        zeros = np.zeros(len(self.windows), np.int64)
        return np.stack([observation.hourly.get(name, zeros) for observation in self._observations]).astype(
            np.int64
        )

    def totals(self, name: str) -> NDArray[np.int64]:
        """Cases, or cases in time, of each replication and promise: [r, q]."""
        return np.asarray(
            self.stacked(name, slice(None), slice(None), self.slices.rows("all")[0]).sum(axis=2), np.int64
        )

    @property
    def customers(self) -> list[str]:
        """[r] the digest of the customers of each replication, in hexadecimal."""
        return [observation.customers.hex() for observation in self._observations]

    def total(self, name: str) -> NDArray[Any]:
        """The sum of a column over replications."""
        return np.asarray(
            sum(getattr(observation, name).astype(np.int64) for observation in self._observations)
        )

    def missed_effort(self) -> Float:
        """The mean effort [u, c] ms that came, over the replications that break a promise."""
        return self._missed_effort / max(self.breaking, 1)

    def missed_able(self) -> dict[bytes, Float]:
        """The mean agents on duty [u] by what they can serve, over replications that break a promise."""
        lengths = np.diff(edges(self.lens.horizon, HOUR))
        return {
            signature: self._missed_able[signature] / (lengths * self.breaking)
            for signature in sorted(self._missed_able)
        }

    @cached_property
    def judged(self) -> Bool:
        """Which windows [u] promises judge."""
        return hours.judged_windows(self.lens)

    @cached_property
    def judged_periods(self) -> Bool:
        """Which periods [p] lie in these windows."""
        return hours.judged_periods(self.lens)

    @cached_property
    def hour(self) -> Int64:
        """The local hour of each window [u]."""
        clock = self.lens.clock
        return np.array([clock.hour(int(start)) for start in self.windows], np.int64)

    @cached_property
    def windows(self) -> Int64:
        """The start of each window [u]: whole hours."""
        return hours.windows(self.lens)

    @cached_property
    def periods(self) -> Int64:
        """The start of each period [p]."""
        return hours.periods(self.lens)

    @cached_property
    def day(self) -> NDArray[np.intp]:
        """The local day of each window [u]."""
        return hours.day_of_window(self.lens)

    @cached_property
    def days(self) -> Int64:
        """The start of each local day [d] that a window begins in; the first is the start of the scenario."""
        return self.windows[hours.first_of_day(self.day)]

    def by_day(self, counted: NDArray[Any]) -> NDArray[Any]:
        """Counts [r, u] by local day [r, d]."""
        return hours.by_day(counted, self.day)
