"""The hours, periods and local days of a scenario: which of them are judged, and sums by day."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from sim.measure.replication.intervals import edges
from sim.plan import Bool, Lens
from sim.tables import Int64
from sim.units import HOUR


def windows(lens: Lens) -> Int64:
    """The start of each window [u] ms: whole hours from 0."""
    return edges(lens.horizon, HOUR)[:-1]


def periods(lens: Lens) -> Int64:
    """The start of each period [p] ms."""
    return edges(lens.horizon, lens.period)[:-1]


def judged_windows(lens: Lens) -> Bool:
    """Which windows [u] promises judge: whole hours, even if the first or the last is judged only in part."""
    start, end = lens.judged
    return (windows(lens) + HOUR > start) & (windows(lens) < end)


def in_judged_hours(times: Int64, lens: Lens) -> Bool:
    """Which times [x] lie in the judged windows; -1, never, does not."""
    start, end = lens.judged
    return np.asarray((start // HOUR * HOUR <= times) & (times < -(-end // HOUR) * HOUR))


def judged_periods(lens: Lens) -> Bool:
    """Which periods [p] lie in the judged windows."""
    return judged_windows(lens)[periods(lens) // HOUR]


def day_of_window(lens: Lens) -> NDArray[np.intp]:
    """The local day, a row of lens.days, in which each window [u] begins."""
    return np.searchsorted(lens.days, windows(lens), side="right") - 1


def day_of_period(lens: Lens) -> NDArray[np.intp]:
    """The local day of the window [u] that each period [p] begins in."""
    return day_of_window(lens)[periods(lens) // HOUR]


def by_day(counted: NDArray[Any], day: NDArray[np.intp]) -> NDArray[Any]:
    """Sums of [..., u] by the days that occur in day [u]: [..., d]."""
    return np.asarray(np.add.reduceat(counted, first_of_day(day), axis=-1))


def first_of_day(day: NDArray[np.intp]) -> NDArray[np.intp]:
    """The first place [d] of each day that occurs in day [u], which does not fall."""
    return np.flatnonzero(np.diff(day, prepend=-1))
