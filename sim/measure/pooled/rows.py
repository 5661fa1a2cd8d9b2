"""Rows of the tidy table: one measure, for several rows by one dimension, in every replication."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measure.pooled.replications import Replications
from sim.measure.stats.estimate import Estimate, mean, ratio
from sim.measures import Measure
from sim.plan import Float
from sim.tables import NEVER, Int64

Sums = NDArray[Any]  # whole numbers, hours or money, [r, …]


@dataclass(frozen=True, eq=False)
class Rows:
    """One measure for several rows [x] by one dimension, in each replication r."""

    measure: str
    unit: str
    promise: str  # "" for none
    dimension: str
    member: Sequence[str]  # [x]
    time: Int64  # [x] ms, -1 none
    hour: Int64  # [x] local hour, -1 none
    over: Sums  # [r, x]
    under: Sums | None  # [r, x]; None: `over` is the value of each replication
    weight: Float | None = None  # [x] mean cases a replication behind such a value, if it is an average

    @cached_property
    def estimate(self) -> Estimate:
        """The estimate of each row over replications."""
        return mean(self.over) if self.under is None else ratio(self.over, self.under)

    @property
    def cases(self) -> Float:
        """[x] the mean cases (contacts, agent-ms …) a replication that the row is an average over.

        NaN for a mean over replications.
        """
        if self.weight is not None:
            return self.weight
        return (
            np.full(len(self.member), np.nan)
            if self.under is None
            else np.asarray(np.mean(self.under, axis=0))
        )


def rows_of(
    measure: Measure,
    dimension: str,
    member: Sequence[str],
    over: Sums,
    under: Sums | None,
    promise: str = "",
    time: Int64 | None = None,
    hour: Int64 | None = None,
    weight: Float | None = None,
) -> Rows:
    """The rows of a measure; no promise, time, hour or weight unless given."""
    none = np.full(len(member), NEVER, np.int64)
    return Rows(
        measure.name,
        measure.unit,
        promise,
        dimension,
        member,
        none if time is None else time,
        none if hour is None else hour,
        over,
        under,
        weight,
    )


def dates(replications: Replications) -> list[str]:
    """The local dates [d] of `Replications.days`."""
    return [replications.lens.clock.date(int(time)) for time in replications.days]
