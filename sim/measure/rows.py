"""Rows of the tidy table: estimates of one measure for several rows of one kind."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measure.estimate import Estimate, mean, ratio
from sim.measure.events import Events
from sim.scenario.plan import DIMENSIONS, Float
from sim.tables import NEVER, Int64

SLICES = ("all", *DIMENSIONS, "type")
Sums = NDArray[Any]  # whole numbers or hours, [r, …]


@dataclass(frozen=True)
class Rows:
    """Estimates of one measure for several rows [x] of one kind."""

    measure: str
    unit: str
    promise: str  # "" for none
    by: str
    of: Sequence[str]  # [x]
    time: Int64  # [x] ms, -1 none
    hour: Int64  # [x] local hour, -1 none
    estimate: Estimate  # [x]
    cases: Float  # [x] mean cases (contacts, agent-ms …) an event that it is an average over, NaN for a mean over events


def made(
    measure: str, unit: str, by: str, of: Sequence[str], estimate: Estimate, cases: Float, promise: str = "",
    time: Int64 | None = None, hour: Int64 | None = None,
) -> Rows:  # fmt: skip
    """The rows of a measure; no promise, time or hour unless given."""
    none = np.full(len(of), NEVER, np.int64)
    return Rows(measure, unit, promise, by, of, none if time is None else time, none if hour is None else hour, estimate, cases)


def estimated(over: Sums, under: Sums | None) -> tuple[Estimate, Float]:
    """The estimate of [r, x] sums and what it is an average over; NaN for a mean over events."""
    if under is None:
        return mean(over), np.full(over.shape[1:], np.nan)
    return ratio(over, under), np.asarray(np.mean(under, axis=0))


def dates(events: Events) -> list[str]:
    """The local dates [d] of `Events.days`."""
    return [events.lens.clock.date(int(time)) for time in events.days]
