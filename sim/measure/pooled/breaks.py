"""Where a promise breaks first, when it is safe again, and which rows make it."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from sim.measure.replication.slices import Slices
from sim.measure.stats.estimate import quantiles, ratio
from sim.measure.stats.verdicts import CASES_LEAST, keeps
from sim.plan import Promise
from sim.tables import NEVER, Int32, Int64
from sim.units import HOUR

CAUSE_LEAST = 0.1  # a cause holds at least so much of the misses
CAUSE_WORSE = 1.2  # times the misses of all together
CAUSES = 3  # are named
ROWS = ("language", "channel", "topic")


@dataclass(frozen=True)
class Break:
    """When a promise breaks first and is safe again; times in ms, -1 never."""

    promise: str
    dimension: str  # "all", or "language", "channel", "topic": the row it is about
    member: str
    broken: int  # start of the first window whose upper bound lies below the share
    # start of the first window from which on every lower bound lies above it; -1 if never broken or never
    # safe
    safe: int
    replications: int  # that break it as a whole; the next three are of these alone, -1 without any
    broken_early: int  # one in ten is first below the share before this,
    broken_median: int  # half of them,
    broken_late: int  # and one in ten after this
    worst: int  # start of the worst window
    worst_end: int
    worst_share: float  # kept in it, pooled
    causes: tuple[tuple[str, str], ...]  # the worst rows in it, such as ("language", "es"), worst first


def first_breaks(promise: Promise, slices: Slices, cases: Int32, in_time: Int32) -> tuple[Break, ...]:
    """Where and when a promise breaks: for all, then for each language, channel and topic with cases enough
    to judge.

    cases, in_time [r, u, v]: those of this promise by event, hour and slice.  Windows are the shortest runs
    of whole hours with at least 50 cases an event on average, from the first hour with a case on; what is
    left at the end joins the last one.  A row with fewer than 50 cases in all is left out.  A row that never
    breaks has its worst window all the same. Of the events that do not keep the promise over all their cases,
    the range tells the first window of each that lies below the share.
    """
    enough = cases.sum(axis=1).mean(axis=0) >= CASES_LEAST  # [v]
    rows = [row for row in slices.rows("all", *ROWS) if enough[row]]
    return tuple(_first_break(promise, slices, row, cases, in_time) for row in rows)


def _first_break(promise: Promise, slices: Slices, row: int, cases: Int32, in_time: Int32) -> Break:
    starts = _windows(cases[:, :, row].sum(axis=0), CASES_LEAST * len(cases))
    under, over = (
        np.add.reduceat(counts[:, :, row], starts, axis=1) for counts in (cases, in_time)
    )  # [r, w]
    kept = ratio(over, under)
    times = np.append(starts * HOUR, NEVER)  # [w+1], the last: never
    broken = int(np.append(kept.upper < promise.share, True).argmax())
    unsafe = np.flatnonzero(~(kept.lower > promise.share))
    safe = int(unsafe[-1]) + 1 if broken < len(starts) else broken
    own = _own_breaks(over, under, promise.share, times)
    worst = int(kept.mean.argmin())
    last = int(np.flatnonzero(cases[:, :, row].sum(axis=0))[-1]) + 1
    hours = slice(int(starts[worst]), int(starts[worst + 1]) if worst + 1 < len(starts) else last)
    return Break(
        promise.name, slices.dimension[row], slices.member[row], int(times[broken]), int(times[safe]), *own,
        hours.start * HOUR, hours.stop * HOUR, float(kept.mean[worst]),
        _causes(slices, cases[:, hours], in_time[:, hours]) if slices.dimension[row] == "all" else (),
    )  # fmt: skip


def _windows(cases: NDArray[np.int64], least: int) -> NDArray[np.intp]:
    """The first hour of each window: the shortest runs of hours with at least so many cases; the last may
    reach on.
    """
    starts: list[int] = []
    held = least
    for hour in np.flatnonzero(cases).tolist():
        if held >= least:
            starts.append(hour)
            held = 0
        held += int(cases[hour])
    return np.array(starts if held >= least else starts[:-1], np.intp)


def _own_breaks(over: Int32, under: Int32, share: float, times: Int64) -> tuple[int, int, int, int]:
    """How many events break by themselves, and when: p10, p50 and p90; over and under [r, w], times [w+1]."""
    whole = ~keeps(over.sum(axis=1), under.sum(axis=1), share)
    if not whole.any():
        return 0, NEVER, NEVER, NEVER
    first = times[(~keeps(over[whole], under[whole], share)).argmax(axis=1)]
    return int(whole.sum()), *(int(time) for time in quantiles(first))  # type: ignore[return-value]  # three


def _causes(slices: Slices, cases: Int32, in_time: Int32) -> tuple[tuple[str, str], ...]:
    """The rows that miss a fifth more than all together and hold a tenth of the misses, worst first, at most
    three.
    """
    under, over = (counts.sum(axis=(0, 1)) for counts in (cases, in_time))  # [v]
    kept = np.divide(over, under, out=np.ones(len(under)), where=under > 0)
    missed, whole = under - over, slices.rows("all")[0]
    worse = 1 - kept > CAUSE_WORSE * (1 - kept[whole])
    rows = [row for row in slices.rows(*ROWS) if worse[row] and missed[row] >= CAUSE_LEAST * missed[whole]]
    return tuple(
        (slices.dimension[row], slices.member[row])
        for row in sorted(rows, key=lambda row: kept[row])[:CAUSES]
    )
